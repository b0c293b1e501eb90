package mjpeg

import (
	"bytes"
	"encoding/binary"
)

// fastBits is how many bits are looked up at once. Nearly all coefficients of a
// photo, code and value together, are shorter.
const fastBits = 10

// table reads one Huffman code.
type table struct {
	spec   []byte // it was built from: 16 counts, then the symbols
	values bool   // the symbols are a run and a size, as of AC coefficients

	// fast holds by the next bits: in its low byte how many of them are used, in
	// the second the symbol, in the upper half the coefficient's value when it was
	// in the bits as well. 0 means that the code is longer.
	fast    [1 << fastBits]uint32
	maxCode [18]int32 // the largest code of a length, left-aligned to 16 bits; -1: none
	first   [17]int32 // what to add to a code to have its symbol's place
	symbols [256]byte
}

// build makes the table, unless it is the one already: most cameras send the same
// with each frame. It says whether the code is one.
func (t *table) build(spec []byte, values bool) bool {
	if t.spec != nil && t.values == values && bytes.Equal(t.spec, spec) {
		return true
	}
	t.spec, t.values = append(t.spec[:0], spec...), values
	clear(t.fast[:])
	code, place := int32(0), int32(0)
	copy(t.symbols[:], spec[16:])
	for length := 1; length <= 16; length++ {
		n := int32(spec[length-1])
		t.first[length] = place - code
		for range n {
			if code >= 1<<length {
				t.spec = t.spec[:0]
				return false
			}
			if length <= fastBits {
				t.enter(uint32(code), length, t.symbols[place])
			}
			code++
			place++
		}
		t.maxCode[length] = -1
		if n > 0 {
			t.maxCode[length] = (code - 1) << (16 - length)
		}
		code <<= 1
	}
	return true
}

// enter fills all places of fast that begin with a code.
func (t *table) enter(code uint32, length int, symbol byte) {
	spare := fastBits - length
	size := int(symbol & 15)
	for tail := range uint32(1) << spare {
		e := uint32(symbol)<<8 | uint32(length)
		if t.values && size > 0 && size <= spare {
			v := extended(tail>>(spare-size), size)
			e = uint32(v)<<16 | uint32(symbol)<<8 | uint32(length+size)
		}
		t.fast[code<<spare|tail] = e
	}
}

// extended is the value of the size bits that follow a code: those that begin with
// 0 are below zero.
func extended(bits uint32, size int) int32 {
	if bits < 1<<(size-1) {
		return int32(bits) - 1<<size + 1
	}
	return int32(bits)
}

// long finds a code that is longer than fastBits in the first 16 of the next bits;
// used is 0 if there is none.
func (t *table) long(next uint32) (symbol byte, used int) {
	for length := fastBits + 1; length <= 16; length++ {
		if m := t.maxCode[length]; m >= 0 && int32(next>>(16-length)) <= m>>(16-length) {
			return t.symbols[(int32(next>>(16-length))+t.first[length])&255], length
		}
	}
	return 0, 0
}

// bits are read from one segment, whose stuffing was taken out.
type bits struct {
	buf []byte
	at  int    // of the next byte; beyond the end there are zeros
	acc uint64 // the next bits, the first one on top
	n   int    // how many of them are sure
}

// fill gives at least 56 sure bits near the end of a segment, where eight bytes at
// once can't be had.
func (b *bits) fill() {
	for b.n <= 56 {
		if b.at < len(b.buf) {
			b.acc |= uint64(b.buf[b.at]) << (56 - b.n)
		}
		b.at++
		b.n += 8
	}
}

// overrun says whether more bits were taken than there are.
func (b *bits) overrun() bool { return b.at*8-b.n > len(b.buf)*8 }

// symbol reads one code, and ok is false where there is none. It leaves at least 16
// sure bits.
func (b *bits) symbol(t *table) (symbol byte, ok bool) {
	if b.n < 32 {
		b.more()
	}
	e := t.fast[b.acc>>(64-fastBits)]
	if e != 0 {
		used := int(e & 0xFF)
		b.acc <<= used
		b.n -= used
		return byte(e >> 8), true
	}
	symbol, used := t.long(uint32(b.acc >> 48))
	b.acc <<= used
	b.n -= used
	return symbol, used > 0
}

// more fills up to 56 sure bits or more. What lies below them in acc are the true
// next bits too, so that the same byte may be put there again.
func (b *bits) more() {
	if b.at+8 > len(b.buf) {
		b.fill()
		return
	}
	b.acc |= binary.BigEndian.Uint64(b.buf[b.at:]) >> b.n
	b.at += (63 - b.n) >> 3
	b.n |= 56
}

// value reads the bits of a coefficient of a size from 1 to 15.
func (b *bits) value(size int) int32 {
	v := extended(uint32(b.acc>>(64-size)), size)
	b.acc <<= size
	b.n -= size
	return v
}
