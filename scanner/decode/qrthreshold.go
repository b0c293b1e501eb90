package decode

import "encoding/binary"

// The neighbourhoods of a block, as distances in blocks.
const (
	nearby = 2  // whose mean is the threshold
	around = 10 // whose mean is the threshold of a flat surface
)

// binarize tells dark from light in a picture that was measured.
func (b *binarizer) binarize(l Luma, how thresholds) *bitPlane {
	switch how {
	case byMean:
		b.limitByMean()
	case byMiddle:
		b.limitByMiddle()
	case byWhole:
		limit := otsu(l)
		for i := range b.limit {
			b.limit[i] = limit
		}
	}
	b.pack(l)
	return &b.bits
}

// integrate sums up the means, from the top left.
func (b *binarizer) integrate() {
	w := b.bw + 1
	b.sums = grown(b.sums, w*(b.bh+1))
	clear(b.sums[:w])
	for y := range b.bh {
		above, row := b.sums[y*w:(y+1)*w], b.sums[(y+1)*w:(y+2)*w]
		row[0] = 0
		var sum int32
		for x, v := range b.mean[y*b.bw : (y+1)*b.bw] {
			sum += int32(v)
			row[x+1] = above[x+1] + sum
		}
	}
}

// meanOf gives the mean of a block's neighbourhood, of 256 shades.
func (b *binarizer) meanOf(x, y, reach int) int32 {
	x0, x1 := max(x-reach, 0), min(x+reach+1, b.bw)
	y0, y1 := max(y-reach, 0), min(y+reach+1, b.bh)
	w := b.bw + 1
	sum := b.sums[y1*w+x1] - b.sums[y0*w+x1] - b.sums[y1*w+x0] + b.sums[y0*w+x0]
	return sum / int32((x1-x0)*(y1-y0))
}

// spread gives each block the darkest and brightest shade of the blocks around it,
// eight blocks at a time.
func (b *binarizer) spread() {
	n := (b.bw+7)&^7 + 16
	b.rowLo, b.rowHi = grown(b.rowLo, n), grown(b.rowHi, n)
	for y := range b.bh {
		up, at, down := max(y-1, 0)*b.bw, y*b.bw, min(y+1, b.bh-1)*b.bw
		extremes(b.rowLo[1:], b.lo[up:up+b.bw], b.lo[at:at+b.bw], b.lo[down:down+b.bw], leastOf)
		extremes(b.rowHi[1:], b.hi[up:up+b.bw], b.hi[at:at+b.bw], b.hi[down:down+b.bw], mostOf)
		for _, row := range [2][]uint8{b.rowLo, b.rowHi} { // the ends count twice
			row[0], row[b.bw+1] = row[1], row[b.bw]
		}
		extremes(b.lows[at:at+b.bw], b.rowLo, b.rowLo[1:], b.rowLo[2:], leastOf)
		extremes(b.highs[at:at+b.bw], b.rowHi, b.rowHi[1:], b.rowHi[2:], mostOf)
	}
}

// extremes joins three rows into one, as long as it or the first of them is.
func extremes(dst, a, b, c []uint8, join func(a, b uint64) uint64) {
	n := min(len(dst), len(a), len(b), len(c))
	x := 0
	for ; x+8 <= n; x += 8 {
		v := join(binary.LittleEndian.Uint64(a[x:]), binary.LittleEndian.Uint64(b[x:]))
		binary.LittleEndian.PutUint64(dst[x:], join(v, binary.LittleEndian.Uint64(c[x:])))
	}
	for ; x < n; x++ {
		v := join(uint64(a[x]), uint64(b[x]))
		dst[x] = uint8(join(v, uint64(c[x])))
	}
}

// limitByMean takes the mean of the neighbourhood. On a flat surface that would
// make a pattern of the noise; what lies farther off says then what it is.
func (b *binarizer) limitByMean() {
	for y := range b.bh {
		for x := range b.bw {
			i := y*b.bw + x
			b.limit[i] = b.calm[i]
			if b.highs[i]-b.lows[i] >= b.flat {
				b.limit[i] = uint8(b.meanOf(x, y, nearby) >> 1)
			}
		}
	}
}

// listen takes the noise from the quietest blocks, and what a flat surface then is.
func (b *binarizer) listen() {
	var count [128]int
	for i, hi := range b.hi {
		count[hi-b.lo[i]]++
	}
	const quiet = 10 // one block in so many
	noise, seen := uint8(0), count[0]
	for seen <= len(b.hi)/quiet && noise < noiseMax {
		noise++
		seen += count[noise]
	}
	b.noise = max(noise+noise/4, noiseMin)
	b.flat = max(2*noise, flatBelow) // nine blocks reach farther than the quietest one
}

// settle takes the thresholds of what is flat, once for all ways to look.
func (b *binarizer) settle() {
	for y := range b.bh {
		for x := range b.bw {
			if i := y*b.bw + x; b.highs[i]-b.lows[i] < b.flat {
				b.calm[i] = b.limitOfFlat(x, y)
			}
		}
	}
}

// limitOfFlat is a little below the mean, so that what is as bright as all around
// counts as light. The wide neighbourhood says whether it is, unless the light only
// fades.
func (b *binarizer) limitOfFlat(x, y int) uint8 {
	const fades = 24 // of 256 shades
	local, wide := b.meanOf(x, y, 1), b.meanOf(x, y, around)
	if abs(local-wide) < fades {
		wide = local
	}
	return uint8(max(wide>>1-int32(b.noise), 1))
}

// limitByMiddle takes what lies half-way between dark and bright.
func (b *binarizer) limitByMiddle() {
	for y := range b.bh {
		up, down := max(y-1, 0)*b.bw, min(y+1, b.bh-1)*b.bw
		for x := range b.bw {
			i := y*b.bw + x
			left, right := max(x-1, 0), min(x+1, b.bw-1)
			// The corners of the neighbourhood have seen all of it.
			lo := min(b.lows[up+left], b.lows[up+right], b.lows[down+left], b.lows[down+right])
			hi := max(b.highs[up+left], b.highs[up+right], b.highs[down+left], b.highs[down+right])
			if hi-lo >= b.flat {
				b.limit[i] = uint8((int(lo) + int(hi)) / 2)
			} else {
				b.limit[i] = b.calm[i]
			}
		}
	}
}

// pack compares eight pixels at a time with the threshold of their block.
func (b *binarizer) pack(l Luma) {
	b.bits.w, b.bits.h = l.W, l.H
	b.bits.stride = (l.W + 63) / 64
	b.bits.words = grown(b.bits.words, b.bits.stride*l.H)
	b.plain = grown(b.plain, b.bits.stride)
	for y := range l.H {
		limits := b.limit[y/blockSize*b.bw : (y/blockSize+1)*b.bw]
		if y%blockSize == 0 {
			b.findPlain(y / blockSize)
		}
		packRow(b.bits.words[y*b.bits.stride:(y+1)*b.bits.stride], l.row(y), limits, b.plain)
	}
}

// findPlain finds the words of which all pixels are light, in one row of blocks: most
// of a picture is a surface, and need not be looked at again.
func (b *binarizer) findPlain(y int) {
	lows, limits := b.lo[y*b.bw:(y+1)*b.bw], b.limit[y*b.bw:(y+1)*b.bw]
	for i := range b.plain {
		b.plain[i] = true
		for k := i * 8; k < min(i*8+8, b.bw); k++ {
			if lows[k] < limits[k] {
				b.plain[i] = false
				break
			}
		}
	}
}

// packRow makes the words of one row. Those that are plain are known to be light.
func packRow(words []uint64, row []byte, limits []uint8, plain []bool) {
	for i := range words {
		if plain[i] {
			words[i] = 0
			continue
		}
		var word uint64
		block := i * 8
		n := min(8, len(row)/blockSize-block)
		for k := range n {
			pix := binary.LittleEndian.Uint64(row[(block+k)*blockSize:])
			limit := uint64(limits[block+k]) * eachByte
			light := (pix>>1&sevenBits | highBits) - limit
			dark := ^light & highBits >> 7
			word |= dark * 0x0102040810204080 >> 56 << (k * 8)
		}
		words[i] = word
	}
	for x := len(row) &^ (blockSize - 1); x < len(row); x++ {
		if words[x>>6] &^= 1 << (x & 63); row[x]>>1 < limits[x/blockSize] {
			words[x>>6] |= 1 << (x & 63)
		}
	}
}

// otsu gives the threshold, of 128 shades, that best parts all pixels into two kinds.
func otsu(l Luma) uint8 {
	var count [128]int
	for y := range l.H {
		for _, v := range l.row(y) {
			count[v>>1]++
		}
	}
	total, sum := l.W*l.H, 0
	for v, n := range count {
		sum += v * n
	}
	var best float64
	limit := uint8(64)
	darker, darkerSum := 0, 0
	for v, n := range count {
		darker += n
		darkerSum += v * n
		if darker == 0 || darker == total {
			continue
		}
		apart := float64(darkerSum)/float64(darker) - float64(sum-darkerSum)/float64(total-darker)
		if part := float64(darker) * float64(total-darker) * apart * apart; part > best {
			best, limit = part, uint8(v+1)
		}
	}
	return limit
}
