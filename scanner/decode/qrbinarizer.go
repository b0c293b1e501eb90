package decode

import "encoding/binary"

// bitPlane is a picture of dark and light, a bit for each pixel, set for dark.
type bitPlane struct {
	words  []uint64
	stride int // words from one row to the next
	w, h   int
}

// dark is 1 where the pixel is dark. The caller stays inside.
func (b *bitPlane) dark(x, y int) uint64 {
	return b.words[y*b.stride+x>>6] >> (x & 63) & 1
}

// blockSize is the side of a block of pixels that share a threshold.
const blockSize = 8

// The noise that is believed, as the range of shades in a block, of 128.
const (
	noiseMin = 4
	noiseMax = 40
)

// flatBelow is the range of shades in a neighbourhood of blocks, of 128, below
// which it is taken to be one surface with noise.
const flatBelow = 10

// thresholds names a way to tell dark from light.
type thresholds int

const (
	byMean   thresholds = iota // the mean of a neighbourhood
	byMiddle                   // half-way between its darkest and its brightest
	byWhole                    // one for the whole picture
)

// binarizer tells dark from light, by blocks. Its buffers are used again.
type binarizer struct {
	mean, lo, hi []uint8 // of each block; lo and hi of 128 shades
	limit        []uint8 // the threshold of each block, of 128 shades
	calm         []uint8 // the threshold of a block that is flat
	lows, highs  []uint8 // lo and hi of the block and those beside it
	rowLo, rowHi []uint8
	sums         []int32 // the integral of mean, with a row and a column of zeros
	bw, bh       int
	plain        []bool // words of a row of blocks that are light
	noise, flat  uint8  // how far below the mean noise reaches, and what is flat
	bits         bitPlane
}

// measure takes what the blocks have: their mean, darkest and brightest shades.
// The picture is at least one block wide and high.
func (b *binarizer) measure(l Luma) {
	b.bw, b.bh = (l.W+blockSize-1)/blockSize, (l.H+blockSize-1)/blockSize
	n := b.bw * b.bh
	for _, s := range []*[]uint8{&b.mean, &b.lo, &b.hi, &b.limit, &b.calm, &b.lows, &b.highs} {
		*s = grown(*s, n)
	}
	for by := range l.H / blockSize {
		rows := l.Pix[by*blockSize*l.Stride:]
		at := by * b.bw
		for bx := range l.W / blockSize {
			b.mean[at+bx], b.lo[at+bx], b.hi[at+bx] = blockOf(rows[bx*blockSize:], l.Stride)
		}
		if l.W%blockSize != 0 { // a part of a block is like its neighbour
			last := at + b.bw - 1
			b.mean[last], b.lo[last], b.hi[last] = b.mean[last-1], b.lo[last-1], b.hi[last-1]
		}
	}
	if l.H%blockSize != 0 {
		last := (b.bh - 1) * b.bw
		copy(b.mean[last:last+b.bw], b.mean[last-b.bw:])
		copy(b.lo[last:last+b.bw], b.lo[last-b.bw:])
		copy(b.hi[last:last+b.bw], b.hi[last-b.bw:])
	}
	b.integrate()
	b.spread()
	b.listen()
	b.settle()
}

// grown gives a slice of n values; what they are is left open.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// blockOf measures one block, two rows of eight pixels at a time. All that it gives is
// of 128 shades but the mean, which is twice that.
func blockOf(pix []byte, stride int) (mean, lo, hi uint8) {
	pix = pix[: 7*stride+8 : 7*stride+8]
	var sum, high uint64
	low := uint64(sevenBits)
	for y := 0; y < blockSize; y += 2 {
		a := binary.LittleEndian.Uint64(pix[y*stride:]) >> 1 & sevenBits
		b := binary.LittleEndian.Uint64(pix[(y+1)*stride:]) >> 1 & sevenBits
		both := a + b
		sum += both&lowBytes + both>>8&lowBytes
		more := excess(a, b)
		low = leastOf(low, a-more)
		high = mostOf(high, b+more)
	}
	low = leastOf(low, low>>32)
	low = leastOf(low, low>>16)
	low = leastOf(low, low>>8)
	high = mostOf(high, high>>32)
	high = mostOf(high, high>>16)
	high = mostOf(high, high>>8)
	return uint8(sum * eachLane >> 48 >> 5), uint8(low), uint8(high)
}

// excess compares eight values of seven bits: it gives how much more the first ones
// are, or 0 where they are not.
func excess(a, b uint64) uint64 {
	more := a | highBits - b
	over := more & highBits
	return more & (over - over>>7)
}

// leastOf and mostOf give the less and the more of eight values of seven bits.
func leastOf(a, b uint64) uint64 { return a - excess(a, b) }

func mostOf(a, b uint64) uint64 { return b + excess(a, b) }
