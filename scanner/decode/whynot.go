package decode

// sighting is what was found of codes in a picture, read or not.
type sighting struct {
	evidence evidence
	rowHits  int        // rows at half size that look like a symbol of some kind
	tries    int        // groups that were looked at
	grids    int        // groups whose timing patterns were there
	sharp    int        // finder patterns whose sides were found, of one group
	module   float64    // the size of that group's modules, in pixels
	around   [4]float32 // where its code must lie: left, top, right, bottom
	light    int32      // the shade of its light modules, times 256
	faint    bool       // its timing patterns are fainter than its finder patterns
}

// note remembers the group of which most is seen.
func (s *sighting) note(c *corners) {
	n := c.sharp()
	if n <= s.sharp {
		return
	}
	s.sharp, s.module = n, c.size
	s.light = brightest
	for _, k := range [3]*square{&c.tl, &c.tr, &c.bl} {
		if k.sharp {
			s.light = min(s.light, k.light)
		}
	}
	tl, tr, bl := c.tl.centre, c.tr.centre, c.bl.centre
	switch {
	case c.tl.missing:
		d := bl.minus(tr)
		tl = point{(tr.x + bl.x - d.y) / 2, (tr.y + bl.y + d.x) / 2}
	case c.tr.missing:
		tr = point{tl.x + bl.y - tl.y, tl.y - bl.x + tl.x}
	case c.bl.missing:
		bl = point{tl.x - tr.y + tl.y, tl.y + tr.x - tl.x}
	}
	br := tr.plus(bl.minus(tl), 1)
	s.around = [4]float32{
		min(tl.x, tr.x, bl.x, br.x), min(tl.y, tr.y, bl.y, br.y),
		max(tl.x, tr.x, bl.x, br.x), max(tl.y, tr.y, bl.y, br.y),
	}
}

// isCut says whether a part of the code lies outside of a picture. The sighting
// ends in the middle of the finder patterns.
func (s *sighting) isCut(l *Luma) bool {
	edge := float32(3 * s.module)
	return s.around[0] < edge || s.around[1] < edge ||
		s.around[2] > float32(l.W)-edge || s.around[3] > float32(l.H)-edge
}

// The bounds of what is taken for a reason.
const (
	dimBelow    = 20  // of 128: the brightest parts are darker
	brightAbove = 115 // of 128: the darkest parts are brighter
	glareAbove  = 250 // of 256: the mean of a block that shows nothing but light
	glarePart   = 10  // of a code under glare one block in so many is such a one
	farBelow    = 2.2 // pixels to a module
	closePart   = 5   // of the picture's height: a finder pattern of a code too close
	symbolHits  = 250 // rows that look like a symbol of some kind
	contrastMin = 40  // of 256: an edge's
	steepMin    = 35  // of 100: the part of a sharp edge between two pixels
	edgesMin    = 40  // to judge by
	sharpPart   = 8   // in a sharp picture at least one edge in so many is sharp
)

// whyNot says why a picture gave no code, by what the looks have left.
func (q *qrReader) whyNot() Reason {
	if q.made < 2 || q.levels[1].W < blockSize || q.levels[1].H < blockSize {
		return Nothing
	}
	half := q.levels[1]
	blocks := q.measured(1)
	if q.seen.sharp >= 2 {
		return q.whyNotThis()
	}
	dark, bright := blocks.extent()
	switch {
	case bright < dimBelow:
		return TooDim
	case dark > brightAbove:
		return TooBright
	}
	edges, sharp := steps(half)
	switch {
	case edges >= edgesMin && sharp*sharpPart < edges:
		return Blurred
	case q.seen.rowHits >= symbolHits:
		return NotQR
	}
	return Nothing
}

// whyNotThis says why a code could not be read of which finder patterns were seen.
func (q *qrReader) whyNotThis() Reason {
	s, picture := &q.seen, &q.levels[0]
	switch {
	case s.isCut(picture) && 7*s.module*closePart > float64(min(picture.W, picture.H)):
		return TooClose
	case s.isCut(picture):
		return CutOff
	case s.light < glareAbove<<8 && q.glareIn(s.around):
		return Glare
	case s.module < farBelow:
		return TooFar
	case s.faint:
		return Blurred
	}
	return Damaged
}

// glareIn says whether a part of the picture, in its pixels, is so bright that
// nothing is seen there.
func (q *qrReader) glareIn(around [4]float32) bool {
	const block = 2 * blockSize // the blocks are of half size
	b := &q.binary[1]
	x0, y0 := max(int(around[0])/block, 0), max(int(around[1])/block, 0)
	x1, y1 := min(int(around[2])/block, b.bw-1), min(int(around[3])/block, b.bh-1)
	n, blind := 0, 0
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			n++
			if b.mean[y*b.bw+x] >= glareAbove {
				blind++
			}
		}
	}
	return n > 0 && blind*glarePart >= n
}

// extent gives the shades, of 128, that all but a fiftieth of the blocks reach.
func (b *binarizer) extent() (dark, bright int) {
	var lows, highs [128]int
	for i, lo := range b.lo {
		lows[lo]++
		highs[b.hi[i]]++
	}
	few := len(b.lo) / 50
	bright = 127
	for sum := lows[0]; sum <= few && dark < 127; sum += lows[dark] {
		dark++
	}
	for sum := highs[127]; sum <= few && bright > 0; sum += highs[bright] {
		bright--
	}
	return dark, bright
}

// steps counts the edges in some of the rows, and those of them that are sharp.
func steps(l Luma) (edges, sharp int) {
	const span, every = 8, 16
	for y := every / 2; y < l.H; y += every {
		row := l.row(y)
		for x := 0; x+span < len(row); x += span / 2 {
			whole := abs(int32(row[x+span]) - int32(row[x]))
			if whole < contrastMin {
				continue
			}
			edges++
			for k := x; k < x+span; k++ {
				if abs(int32(row[k+1])-int32(row[k]))*100 >= whole*steepMin {
					sharp++
					break
				}
			}
		}
	}
	return edges, sharp
}
