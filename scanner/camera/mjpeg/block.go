package mjpeg

import (
	"encoding/binary"
	"math"
)

// The precision of the transform, bits after the point.
const (
	weightBits = 11
	cosBits    = 10
)

// weights say for each coefficient of a block, in zigzag order, where in the 4x4
// transform it goes and with which factor.
//
// The mean of the pixels 2x and 2x+1 of cos((2x+1)uπ/16) is cos((2x+1)uπ/8)·cos(uπ/16).
// For u = 4 that is zero, and beyond, cos((2x+1)(8-u)π/8) = -cos((2x+1)uπ/8): the
// coefficient 8-u adds to u, with the other sign.
type weights struct {
	quant [64]uint16 // they were made of
	of    [64]weight
}

type weight struct {
	factor int32 // in weightBits
	at     uint32
}

var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27,
	20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58,
	59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// fold is where coefficient u of eight goes among four, and with which factor. The
// factors that the four-point transform needs for its even part are in it.
func fold(u int) (to int, factor float64) {
	factor = math.Cos(float64(u) * math.Pi / 16)
	switch {
	case u == 4:
		return 0, 0
	case u > 4:
		u, factor = 8-u, -factor
	}
	if u == 0 || u == 2 {
		factor *= math.Sqrt2 / 2
	}
	return u, factor
}

// set makes the weights for a table of quantisation, unless they are there.
func (w *weights) set(quant *[64]uint16) {
	if w.quant == *quant {
		return
	}
	w.quant = *quant
	for k, natural := range zigzag {
		u, across := fold(int(natural % 8))
		v, down := fold(int(natural / 8))
		factor := across * down / 4 * float64(quant[k])
		w.of[k] = weight{int32(math.Round(factor * (1 << weightBits))), uint32(v*4 + u)}
	}
}

// block reads one block of luma and writes its 4x4 pixels; false means that the data
// are damaged.
func (d *Decoder) block(dc, ac *table, pix []byte, stride int) bool {
	b := &d.bits
	size, ok := b.symbol(dc)
	if !ok || size > 11 {
		return false
	}
	p := &d.parts[0]
	if size > 0 {
		p.last += b.value(int(size))
	}
	var sums [16]int32
	sums[0] = p.last * d.weights.of[0].factor
	acc, n := b.acc, b.n
	flat := true
	for k := 1; k < 64; k++ {
		if n < 32 {
			if b.at+8 <= len(b.buf) {
				acc |= binary.BigEndian.Uint64(b.buf[b.at:]) >> (n & 63)
				b.at += (63 - n) >> 3
				n |= 56
			} else {
				b.acc, b.n = acc, n
				b.fill()
				acc, n = b.acc, b.n
			}
		}
		e := ac.fast[acc>>(64-fastBits)]
		v := int32(e) >> 16
		if v != 0 {
			acc <<= e & 63
			n -= int(e & 63)
			k += int(e >> 12 & 15)
		} else {
			b.acc, b.n = acc, n
			run, value, ok := b.coefficient(ac)
			acc, n = b.acc, b.n
			if !ok {
				return false
			}
			if run < 0 {
				break
			}
			k, v = k+run, value
		}
		if k > 63 {
			return false
		}
		w := &d.weights.of[k&63]
		sums[w.at&15] += v * w.factor
		flat = false
	}
	b.acc, b.n = acc, n
	if flat {
		fill(pix, stride, sums[0])
	} else {
		transform(pix, stride, &sums)
	}
	return true
}

// coefficient reads a coefficient whose code or value is long. A run below zero is
// the end of the block; a run of 15 with the value 0 is sixteen zeros.
func (b *bits) coefficient(ac *table) (run int, value int32, ok bool) {
	symbol, ok := b.symbol(ac)
	size := int(symbol & 15)
	run = int(symbol >> 4)
	switch {
	case !ok:
		return 0, 0, false
	case size > 0:
		return run, b.value(size), true
	case run == 15:
		return 15, 0, true
	}
	return -1, 0, run == 0
}

// half is what is added before the point is cut off: a half, and the level shift.
const half = 128<<weightBits + 1<<(weightBits-1)

// fill writes a block of one shade.
func fill(pix []byte, stride int, dc int32) {
	four := uint32(shade(dc+half)) * 0x01010101
	for y := range 4 {
		binary.LittleEndian.PutUint32(pix[y*stride:], four)
	}
}

// shade cuts off the point and what is beyond black and white.
func shade(v int32) uint8 {
	v >>= weightBits
	if uint32(v) > 255 {
		return uint8(^(v >> 31)) // all ones above, none below
	}
	return uint8(v)
}

// The cosines of π/8 and 3π/8.
const (
	cos1 = 946 // 0.92388 in cosBits
	cos3 = 392 // 0.38268
)

// transform is the inverse four-point transform in both directions.
func transform(pix []byte, stride int, s *[16]int32) {
	for x := range 4 {
		g0, g1, g2, g3 := s[x], s[4+x], s[8+x], s[12+x]
		t := (g1*cos1 + g3*cos3) >> cosBits
		u := (g1*cos3 - g3*cos1) >> cosBits
		s[x], s[4+x], s[8+x], s[12+x] = g0+g2+t, g0-g2+u, g0-g2-u, g0+g2-t
	}
	for y := range 4 {
		row := s[4*y : 4*y+4 : 4*y+4]
		g0, g1, g2, g3 := row[0]+half, row[1], row[2], row[3]
		t := (g1*cos1 + g3*cos3) >> cosBits
		u := (g1*cos3 - g3*cos1) >> cosBits
		four := uint32(shade(g0+g2+t)) | uint32(shade(g0-g2+u))<<8 |
			uint32(shade(g0-g2-u))<<16 | uint32(shade(g0+g2-t))<<24
		binary.LittleEndian.PutUint32(pix[y*stride:], four)
	}
}
