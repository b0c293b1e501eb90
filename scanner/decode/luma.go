package decode

import "encoding/binary"

// Luma is one picture in shades of grey: a byte for each pixel, 0 for black.
type Luma struct {
	Pix    []byte
	Stride int // bytes from one row to the next
	W, H   int
}

// isPicture says whether all pixels are really there.
func (l Luma) isPicture() bool {
	return l.W > 0 && l.H > 0 && l.Stride >= l.W &&
		len(l.Pix) >= l.W && (len(l.Pix)-l.W)/l.Stride >= l.H-1
}

// row gives the pixels of one row.
func (l Luma) row(y int) []byte {
	return l.Pix[y*l.Stride : y*l.Stride+l.W : y*l.Stride+l.W]
}

// at gives the shade at a point, between the pixels by their distance, times 256.
// A pixel's own shade stands at its middle: (0.5, 0.5) is the first pixel's.
// Points outside have the shade of the edge.
func (l *Luma) at(x, y float32) int32 {
	fx, fy := int(x*16)-8, int(y*16)-8
	fx = min(max(fx, 0), (l.W-1)*16)
	fy = min(max(fy, 0), (l.H-1)*16)
	x0, y0 := fx>>4, fy>>4
	ax, ay := int32(fx&15), int32(fy&15)
	top := l.Pix[y0*l.Stride+x0:]
	right, below := 0, 0
	if ax != 0 {
		right = 1
	}
	if ay != 0 {
		below = l.Stride
	}
	a := int32(top[0])*(16-ax) + int32(top[right])*ax
	b := int32(top[below])*(16-ax) + int32(top[below+right])*ax
	return a*(16-ay) + b*ay
}

// holds says whether a point lies in the picture.
func (l *Luma) holds(x, y float32) bool {
	return x >= 0 && y >= 0 && x < float32(l.W) && y < float32(l.H)
}

// The lanes of a 64-bit word that is used as a vector: of bytes, and of 16 bits.
const (
	lowBytes  = 0x00FF00FF00FF00FF
	lowPairs  = 0x0000FFFF0000FFFF
	eachByte  = 0x0101010101010101
	highBits  = 0x8080808080808080
	sevenBits = 0x7F7F7F7F7F7F7F7F
	eachLane  = 0x0001000100010001
)

// halve makes a picture of half the size, each pixel the mean of four, in a buffer
// that is used again. It takes eight pixels at a time.
func halve(src Luma, buffer []byte) (Luma, []byte) {
	w, h := src.W/2, src.H/2
	stride := (w + 7) &^ 7
	if need := stride * h; cap(buffer) < need {
		buffer = make([]byte, need)
	} else {
		buffer = buffer[:need]
	}
	for y := range h {
		above := src.row(2 * y)
		below := src.row(2*y + 1)
		halveRows(buffer[y*stride:y*stride+w], above, below)
	}
	return Luma{buffer, stride, w, h}, buffer
}

func halveRows(dst, above, below []byte) {
	x := 0
	for ; x+8 <= len(dst); x += 8 {
		a, b := above[2*x:2*x+16], below[2*x:2*x+16]
		first := meanOfPairs(binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(b))
		second := meanOfPairs(binary.LittleEndian.Uint64(a[8:]), binary.LittleEndian.Uint64(b[8:]))
		binary.LittleEndian.PutUint64(dst[x:], first|second<<32)
	}
	for ; x < len(dst); x++ {
		sum := int(above[2*x]) + int(above[2*x+1]) + int(below[2*x]) + int(below[2*x+1])
		dst[x] = byte((sum + 2) >> 2)
	}
}

// meanOfPairs makes four pixels of two rows of eight.
func meanOfPairs(a, b uint64) uint64 {
	sum := a&lowBytes + a>>8&lowBytes + b&lowBytes + b>>8&lowBytes + 2*eachLane
	sum = sum >> 2 & lowBytes
	sum = (sum | sum>>8) & lowPairs
	return (sum | sum>>16) & 0xFFFFFFFF
}
