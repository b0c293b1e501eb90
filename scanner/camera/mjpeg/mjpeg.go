// Package mjpeg reads the luma of a camera's JPEG frames at half the size, and only
// that: each pixel is the mean of four of the full picture, which is what a reader
// of codes starts from anyway. It knows baseline JPEG with 8 bits; it does not know
// colours, progressive pictures, or cameras.
//
// The mean is not taken of the pixels. Of an eight-point cosine transform the means
// of neighbours are a four-point transform, whose coefficient u is made of the
// coefficients u and 8-u: see weights. So a block costs the transform of a quarter
// of its pixels, and colour costs its bits only.
package mjpeg

import (
	"bytes"
	"errors"
)

// The errors. A frame that gives one is to be dropped; the next is read all the same.
var (
	ErrNotJPEG     = errors.New("not a JPEG picture")
	ErrHeader      = errors.New("the JPEG's header is damaged")
	ErrUnsupported = errors.New("a kind of JPEG that is not read: only baseline with 8 bits is")
	ErrSize        = errors.New("the JPEG has no pixels, or too many")
	ErrTruncated   = errors.New("the JPEG ends too early")
	ErrDamaged     = errors.New("the JPEG's data are damaged")
)

// PixelsMax is how many pixels a full picture may have.
const PixelsMax = 4096 * 4096

// Picture is luma at half the size. A last line or column that has no partner in the
// full picture is left out.
type Picture struct {
	Pix    []byte
	Stride int
	W, H   int
}

// Decoder reads frames. It keeps its memory between them, so that a camera's next
// frame costs no allocation. One goroutine may use it. The zero value is ready.
type Decoder struct {
	quant     [4][64]uint16 // in zigzag order
	hasQuant  [4]bool
	weights   weights // of the luma's quantisation
	dc, ac    [4]table
	dcIs      [4]bool // given in this frame
	acIs      [4]bool
	width     int
	height    int
	parts     [4]part // the first is luma
	partCount int
	interval  int // MCUs from one restart to the next, 0: none

	rest   []byte // of the frame, not read yet
	bits   bits
	packed []byte // one segment without its stuffing
	pix    []byte
}

// part is one component of the picture.
type part struct {
	id     byte
	h, v   int // blocks in an MCU
	quant  byte
	dc, ac byte // tables
	last   int32
}

// The markers.
const (
	markSOF0 = 0xC0
	markSOF1 = 0xC1
	markDHT  = 0xC4
	markRST0 = 0xD0
	markRST7 = 0xD7
	markSOI  = 0xD8
	markEOI  = 0xD9
	markSOS  = 0xDA
	markDQT  = 0xDB
	markDRI  = 0xDD
	markTEM  = 0x01
)

// Decode reads one frame. The picture is lent until the next call. Whatever follows
// the picture is not looked at.
func (d *Decoder) Decode(frame []byte) (Picture, error) {
	if len(frame) < 4 || frame[0] != 0xFF || frame[1] != markSOI {
		return Picture{}, ErrNotJPEG
	}
	d.rest = frame[2:]
	d.width, d.partCount, d.interval = 0, 0, 0
	d.hasQuant, d.dcIs, d.acIs = [4]bool{}, [4]bool{}, [4]bool{}
	for {
		marker, body, err := d.segment()
		if err != nil {
			return Picture{}, err
		}
		switch marker {
		case markSOF0, markSOF1:
			err = d.frameHeader(body)
		case markDHT:
			err = d.huffmanTables(body)
		case markDQT:
			err = d.quantTables(body)
		case markDRI:
			if len(body) != 2 {
				return Picture{}, ErrHeader
			}
			d.interval = int(body[0])<<8 | int(body[1])
		case markSOS:
			return d.scan(body)
		case markEOI:
			return Picture{}, ErrTruncated
		default:
			// C4, C8 and CC are no frames; the other Cx are frames of other kinds.
			if marker > markSOF1 && marker <= 0xCF && marker != 0xC8 && marker != 0xCC {
				return Picture{}, ErrUnsupported
			}
		}
		if err != nil {
			return Picture{}, err
		}
	}
}

// segment takes the next marker and what belongs to it.
func (d *Decoder) segment() (marker byte, body []byte, err error) {
	at := bytes.IndexByte(d.rest, 0xFF)
	for at >= 0 && at < len(d.rest) && d.rest[at] == 0xFF { // any number of them
		at++
	}
	if at < 0 || at >= len(d.rest) {
		return 0, nil, ErrTruncated
	}
	marker = d.rest[at]
	d.rest = d.rest[at+1:]
	if marker == markTEM || marker == markEOI || marker >= markRST0 && marker <= markRST7 {
		return marker, nil, nil
	}
	if len(d.rest) < 2 {
		return 0, nil, ErrTruncated
	}
	n := int(d.rest[0])<<8 | int(d.rest[1])
	if n < 2 {
		return 0, nil, ErrHeader
	}
	if n > len(d.rest) {
		return 0, nil, ErrTruncated
	}
	body, d.rest = d.rest[2:n], d.rest[n:]
	return marker, body, nil
}

func (d *Decoder) frameHeader(b []byte) error {
	if d.partCount > 0 || len(b) < 6 {
		return ErrHeader
	}
	if b[0] != 8 {
		return ErrUnsupported
	}
	d.height, d.width = int(b[1])<<8|int(b[2]), int(b[3])<<8|int(b[4])
	if d.width < 2 || d.height < 2 || int64(d.width)*int64(d.height) > PixelsMax {
		return ErrSize
	}
	n := int(b[5])
	if len(b) != 6+3*n {
		return ErrHeader
	}
	if n != 1 && n != 3 {
		return ErrUnsupported
	}
	for i := range n {
		c := b[6+3*i:]
		p := part{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15), quant: c[2]}
		if p.h < 1 || p.h > 4 || p.v < 1 || p.v > 4 || p.quant > 3 {
			return ErrHeader
		}
		if i > 0 && (p.h > d.parts[0].h || p.v > d.parts[0].v) {
			return ErrUnsupported // luma that is coarser than colour
		}
		d.parts[i] = p
	}
	d.partCount = n
	return nil
}

func (d *Decoder) quantTables(b []byte) error {
	for len(b) > 0 {
		wide, id := b[0]>>4, b[0]&15
		size := 64 << wide
		if wide > 1 || id > 3 || len(b) < 1+size {
			return ErrHeader
		}
		b = b[1:]
		for k := range d.quant[id] {
			if wide == 1 {
				d.quant[id][k] = uint16(b[2*k])<<8 | uint16(b[2*k+1])
			} else {
				d.quant[id][k] = uint16(b[k])
			}
		}
		d.hasQuant[id] = true
		b = b[size:]
	}
	return nil
}

func (d *Decoder) huffmanTables(b []byte) error {
	for len(b) > 0 {
		class, id := b[0]>>4, b[0]&15
		if class > 1 || id > 3 || len(b) < 17 {
			return ErrHeader
		}
		symbols := 0
		for _, n := range b[1:17] {
			symbols += int(n)
		}
		if symbols > 256 || len(b) < 17+symbols {
			return ErrHeader
		}
		tables, given := &d.dc, &d.dcIs
		if class == 1 {
			tables, given = &d.ac, &d.acIs
		}
		if !tables[id].build(b[1:17+symbols], class == 1) {
			return ErrHeader
		}
		given[id] = true
		b = b[17+symbols:]
	}
	return nil
}
