package mjpeg

import (
	"bytes"
	"encoding/binary"
)

// scan reads the picture's data.
func (d *Decoder) scan(b []byte) (Picture, error) {
	if d.partCount == 0 || len(b) < 1 || len(b) != 4+2*int(b[0]) {
		return Picture{}, ErrHeader
	}
	n := int(b[0])
	if n != d.partCount && n != 1 || b[1+2*n] != 0 || b[2+2*n] != 63 || b[3+2*n] != 0 {
		return Picture{}, ErrUnsupported
	}
	for i := range n {
		p := &d.parts[i]
		if b[1+2*i] != p.id {
			return Picture{}, ErrUnsupported // colour before luma
		}
		p.dc, p.ac, p.last = b[2+2*i]>>4, b[2+2*i]&15, 0
		if !d.useTables(p.dc, p.ac) {
			return Picture{}, ErrHeader
		}
	}
	if !d.hasQuant[d.parts[0].quant] {
		return Picture{}, ErrHeader
	}
	d.weights.set(&d.quant[d.parts[0].quant])
	m := d.layout(n)
	if err := d.segments(m); err != nil {
		return Picture{}, err
	}
	return Picture{Pix: d.pix, Stride: m.stride, W: d.width / 2, H: d.height / 2}, nil
}

// useTables puts the standard tables where the frame has brought none: cameras leave
// them out.
func (d *Decoder) useTables(dc, ac byte) bool {
	if dc > 3 || ac > 3 || !d.dcIs[dc] && dc > 1 || !d.acIs[ac] && ac > 1 {
		return false
	}
	ok := true
	if !d.dcIs[dc] {
		ok = d.dc[dc].build(standardDC[dc], false)
	}
	if !d.acIs[ac] {
		ok = d.ac[ac].build(standardAC[ac], true) && ok
	}
	return ok
}

// mosaic is how blocks lie in the picture.
type mosaic struct {
	parts      int // that are in the scan
	wide, high int // MCUs
	h, v       int // luma blocks in each
	stride     int
}

// layout measures the picture and makes room for it. A scan of luma alone is not
// padded to whole MCUs of all parts.
func (d *Decoder) layout(parts int) mosaic {
	m := mosaic{parts: parts, h: 1, v: 1}
	if parts > 1 {
		m.h, m.v = d.parts[0].h, d.parts[0].v
	}
	m.wide = (d.width + 8*m.h - 1) / (8 * m.h)
	m.high = (d.height + 8*m.v - 1) / (8 * m.v)
	m.stride = m.wide * m.h * 4
	need := m.stride * m.high * m.v * 4
	if cap(d.pix) < need {
		d.pix = make([]byte, need)
	}
	d.pix = d.pix[:need]
	return m
}

// segments reads one segment after the other, from restart to restart.
func (d *Decoder) segments(m mosaic) error {
	all := m.wide * m.high
	each := all
	if d.interval > 0 {
		each = d.interval
	}
	for first, number := 0, 0; first < all; first, number = first+each, number+1 {
		if first > 0 && !d.restart(number-1) {
			return ErrDamaged
		}
		d.unstuff()
		for i := range d.parts {
			d.parts[i].last = 0
		}
		if err := d.mcus(m, first, min(first+each, all)); err != nil {
			return err
		}
	}
	return nil
}

// restart takes the marker between two segments, which are numbered round and
// round: a wrong one means that a part of the frame was lost.
func (d *Decoder) restart(number int) bool {
	for len(d.rest) > 2 && d.rest[0] == 0xFF && d.rest[1] == 0xFF {
		d.rest = d.rest[1:]
	}
	if len(d.rest) < 2 || d.rest[0] != 0xFF || d.rest[1] != markRST0+byte(number&7) {
		return false
	}
	d.rest = d.rest[2:]
	return true
}

// unstuff copies the bytes up to the next marker, without the zero that follows
// each FF among them.
func (d *Decoder) unstuff() {
	d.packed = d.packed[:0]
	for {
		at := bytes.IndexByte(d.rest, 0xFF)
		if at < 0 || at+1 >= len(d.rest) {
			if at < 0 {
				at = len(d.rest)
			}
			d.packed = append(d.packed, d.rest[:at]...)
			d.rest = nil
			break
		}
		if d.rest[at+1] != 0 {
			d.packed = append(d.packed, d.rest[:at]...)
			d.rest = d.rest[at:]
			break
		}
		d.packed = append(d.packed, d.rest[:at+1]...)
		d.rest = d.rest[at+2:]
	}
	d.bits = bits{buf: d.packed}
}

// mcus reads MCUs by their numbers.
func (d *Decoder) mcus(m mosaic, from, to int) error {
	luma := &d.parts[0]
	dc, ac := &d.dc[luma.dc], &d.ac[luma.ac]
	x, y := from%m.wide, from/m.wide
	for range to - from {
		at := y*m.v*4*m.stride + x*m.h*4
		for v := range m.v {
			for h := range m.h {
				if !d.block(dc, ac, d.pix[at+v*4*m.stride+h*4:], m.stride) {
					return d.wrong()
				}
			}
		}
		for i := 1; i < m.parts; i++ {
			p := &d.parts[i]
			for range p.h * p.v {
				if !d.bits.skip(&d.dc[p.dc], &d.ac[p.ac]) {
					return d.wrong()
				}
			}
		}
		if d.bits.overrun() {
			return ErrTruncated
		}
		if x++; x == m.wide {
			x, y = 0, y+1
		}
	}
	return nil
}

func (d *Decoder) wrong() error {
	if d.bits.overrun() {
		return ErrTruncated
	}
	return ErrDamaged
}

// skip reads a block of colour and forgets it.
func (b *bits) skip(dc, ac *table) bool {
	size, ok := b.symbol(dc)
	if !ok || size > 11 {
		return false
	}
	b.acc <<= size
	b.n -= int(size)
	acc, n := b.acc, b.n
	k := 1
	for k < 64 {
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
		if e>>16 != 0 {
			acc <<= e & 63
			n -= int(e & 63)
			k += int(e>>12&15) + 1
			continue
		}
		b.acc, b.n = acc, n
		symbol, ok := b.symbol(ac)
		if !ok {
			return false
		}
		size, run := int(symbol&15), int(symbol>>4)
		b.acc <<= size
		b.n -= size
		acc, n = b.acc, b.n
		if size == 0 && run != 15 {
			b.acc, b.n = acc, n
			return run == 0
		}
		k += run + 1
	}
	b.acc, b.n = acc, n
	return k == 64
}
