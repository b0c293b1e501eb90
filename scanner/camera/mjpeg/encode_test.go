package mjpeg

import (
	"encoding/binary"
	"math"
	mathbits "math/bits"
)

// encoder writes baseline JPEG as cameras do and image/jpeg does not: with any
// sampling, with restarts, without Huffman tables. It is slow and plain.
type encoder struct {
	out      []byte
	acc      uint64
	n        int
	quant    [64]uint16
	codes    [2][2]map[byte][2]int // dc and ac, luma and colour: code and length
	sampling [2]int
	colours  int // parts of the picture: 1 or 3
	interval int
	noTables bool
}

// picture gives the samples of part 0, 1 or 2 anywhere.
type picture func(part, x, y int) float64

func (e *encoder) encode(w, h, quality int, p picture) []byte {
	e.out, e.acc, e.n = []byte{0xFF, markSOI}, 0, 0
	scale := 5000 / quality
	if quality >= 50 {
		scale = 200 - 2*quality
	}
	var table []byte
	for k := range e.quant {
		// Coarser with the frequency, as the tables in use are.
		q := min(max(((10+2*k)*scale+50)/100, 1), 255)
		e.quant[k] = uint16(q)
		table = append(table, byte(q))
	}
	e.segment(markDQT, append([]byte{0}, table...))
	e.header(w, h)
	for id := range 2 {
		e.codes[0][id], e.codes[1][id] = codesOf(standardDC[id]), codesOf(standardAC[id])
		if !e.noTables {
			e.segment(markDHT, append([]byte{byte(id)}, standardDC[id]...))
			e.segment(markDHT, append([]byte{0x10 | byte(id)}, standardAC[id]...))
		}
	}
	if e.interval > 0 {
		e.segment(markDRI, binary.BigEndian.AppendUint16(nil, uint16(e.interval)))
	}
	e.mcus(w, h, p)
	e.flush()
	return append(e.out, 0xFF, markEOI)
}

func (e *encoder) segment(marker byte, body []byte) {
	e.out = append(e.out, 0xFF, marker)
	e.out = binary.BigEndian.AppendUint16(e.out, uint16(len(body)+2))
	e.out = append(e.out, body...)
}

func (e *encoder) header(w, h int) {
	b := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), byte(e.colours)}
	for i := range e.colours {
		s := byte(0x11)
		if i == 0 {
			s = byte(e.sampling[0]<<4 | e.sampling[1])
		}
		b = append(b, byte(i+1), s, 0)
	}
	e.segment(markSOF0, b)
}

func (e *encoder) mcus(w, h int, p picture) {
	b := []byte{byte(e.colours)}
	for i := range e.colours {
		b = append(b, byte(i+1), byte(min(i, 1)*0x11))
	}
	e.segment(markSOS, append(b, 0, 63, 0))
	sh, sv := e.sampling[0], e.sampling[1]
	if e.colours == 1 {
		sh, sv = 1, 1
	}
	var last [3]int
	count := 0
	for y := 0; y < h; y += 8 * sv {
		for x := 0; x < w; x += 8 * sh {
			if e.interval > 0 && count > 0 && count%e.interval == 0 {
				e.flush()
				e.out = append(e.out, 0xFF, markRST0+byte((count/e.interval-1)&7))
				last = [3]int{}
			}
			count++
			for i := range sh * sv {
				last[0] = e.block(0, last[0], func(bx, by int) float64 {
					return p(0, min(x+i%sh*8+bx, w-1), min(y+i/sh*8+by, h-1))
				})
			}
			for part := 1; part < e.colours; part++ {
				last[part] = e.block(1, last[part], func(bx, by int) float64 { return p(part, x+bx*sh, y+by*sv) })
			}
		}
	}
}

// cosines are the eight-point transform.
var cosines = func() (c [8][8]float64) {
	for u := range c {
		for x := range c[u] {
			c[u][x] = math.Cos(float64((2*x+1)*u)*math.Pi/16) / 2
			if u == 0 {
				c[u][x] /= math.Sqrt2
			}
		}
	}
	return c
}()

// block writes one block and gives its DC for the next.
func (e *encoder) block(id, last int, at func(x, y int) float64) int {
	var rows, sums [8][8]float64
	for y := range 8 {
		for x := range 8 {
			v := at(x, y) - 128
			for u := range 8 {
				rows[y][u] += v * cosines[u][x]
			}
		}
	}
	for y := range 8 {
		for v := range 8 {
			for u := range 8 {
				sums[v][u] += rows[y][u] * cosines[v][y]
			}
		}
	}
	var coefficients [64]int
	for k, natural := range zigzag {
		coefficients[k] = int(math.Round(sums[natural/8][natural%8] / float64(e.quant[k])))
	}
	e.put(e.codes[0][id], 0, coefficients[0]-last)
	run := 0
	for _, v := range coefficients[1:] {
		if v == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			e.bits(e.codes[1][id][0xF0])
		}
		e.put(e.codes[1][id], run, v)
		run = 0
	}
	if run > 0 {
		e.bits(e.codes[1][id][0])
	}
	return coefficients[0]
}

func (e *encoder) put(codes map[byte][2]int, run, v int) {
	size := mathbits.Len(uint(max(v, -v)))
	e.bits(codes[byte(run<<4|size)])
	if v < 0 {
		v += 1<<size - 1
	}
	e.bits([2]int{v, size})
}

func (e *encoder) bits(code [2]int) {
	e.acc = e.acc<<code[1] | uint64(code[0])
	for e.n += code[1]; e.n >= 8; e.n -= 8 {
		b := byte(e.acc >> (e.n - 8))
		e.out = append(e.out, b)
		if b == 0xFF {
			e.out = append(e.out, 0)
		}
	}
}

func (e *encoder) flush() {
	if e.n > 0 {
		e.bits([2]int{1<<(8-e.n) - 1, 8 - e.n})
	}
}

func codesOf(spec []byte) map[byte][2]int {
	all := map[byte][2]int{}
	code, place := 0, 16
	for length := 1; length <= 16; length++ {
		for range spec[length-1] {
			all[spec[place]] = [2]int{code, length}
			code++
			place++
		}
		code <<= 1
	}
	return all
}
