package decode

// How a region's lines are read by the places of their edges: which lines, and when to
// stop.

// ways to take edges: the share of the contrast near by that makes a swing, in 256ths,
// and how much the width of all bars of a symbol counts. Overexposure eats from those.
var ways = [...]struct {
	share int32
	bars  float32
}{{64, 0.15}, {36, 0.15}, {36, 0.05}}

// offsets are where lines are read, as shares of the height from the middle.
var offsets = [...]float32{0, 0.4, -0.4, 0.7, -0.7, 0.2, -0.2, 0.55, -0.55, 0.85, -0.85}

const (
	spareMax    = 16  // lines of a frame beyond those
	linesAlways = 3   // lines of a region, also when none so far looked like a code
	barsMin     = 24  // edges in a region; four digits have 43, but blur takes some
	broadMax    = 32  // lines that are read as one
	barsShape   = 36  // edges that a region needs to be read by shapes, which costs more
	tallShape   = 12  // and half of its height in pixels
	budgetMax   = 120 // places in a frame where a start is guessed and tried by its shape
)

// tallMuch is a height at which more than bars must be in a region, as with moire; then
// lines lie so many pixels apart that two cross the bars wherever they are.
const (
	tallMuch  = 100
	tallLines = 17
	tallStep  = 40
)

// lines and offset are how many lines are read, and how far from the middle each lies.
func (a *region) lines() int {
	if a.tall < tallMuch {
		return len(offsets)
	}
	return min(2*int(a.tall/tallStep)+1, tallLines)
}

func (a *region) offset(i int) float32 {
	if a.tall < tallMuch {
		return offsets[i] * a.tall
	}
	if i%2 == 0 {
		return float32(i/2) * tallStep
	}
	return -float32(i/2+1) * tallStep
}

// step is the distance of samples in pixels: small codes need more of them.
func (a *region) step() float32 {
	switch {
	case a.half < 200:
		return 0.5
	case a.half < 300:
		return 0.75
	}
	return 1
}

// readEdges reads by the places of edges, which is quick and sure where they are clear.
func (r *lineReader) readEdges(l *Luma, area *region) (Code, bool) {
	r.voted = 0
	progress := 0
	for i := range area.lines() {
		if i == linesAlways {
			area.bar = area.bars >= barsShape && area.tall >= tallShape && r.sameAlong(l, area)
		}
		if i >= linesAlways {
			if progress < 2 && !area.bar && area.tall < tallMuch || r.spare == 0 {
				break
			}
			r.spare--
		}
		rows := 3
		if i >= linesAlways && (progress >= 2 || area.bar) {
			rows = max(min(int(area.tall/4), 9), 3)
		}
		r.off = area.offset(i)
		if !r.line.sample(l, area, r.off, area.step(), rows) {
			continue
		}
		for k, way := range ways {
			r.match.barsWeight = way.bars
			if k == 0 || way.share != ways[k-1].share {
				r.line.findEdges(way.share)
			}
			if i < linesAlways {
				first, last := r.line.dense()
				area.bars = max(area.bars, last-first+1)
				if last-first+1 < barsMin {
					continue
				}
			}
			v := &r.votes[r.voted]
			if r.match.read(&r.line, &v.reading) {
				progress = max(progress, v.reading.seq.n)
				if code, ok := r.vote(); ok {
					return code, true
				}
				break
			}
			if v.reading.progress > progress {
				progress = v.reading.progress
				r.match.take(&r.line, r.match.bestBack)
				t := r.match.track(&r.line, r.match.bestAt, r.match.bestBack)
				area.note(&r.line, t, progress, r.off)
			}
			if progress < 2 && i > 0 {
				break
			}
		}
	}
	return Code{}, false
}

// reach gives the samples where the region begins and ends.
func (p *profile) reach(area *region) (from, to float32) {
	step := area.step()
	middle := ((area.cx-p.x)*area.dx + (area.cy-p.y)*area.dy) / step
	return middle - area.half/step, middle + area.half/step
}

// sameAlong says whether lines of a region, well apart, look alike: bars do. One side
// may already be beyond the bars. By how much one has to be shifted says, better than
// the pixels, which way the bars run.
func (r *lineReader) sameAlong(l *Luma, area *region) bool {
	const apart, alike, shiftMax = 0.35, 0.5, 8
	if !r.line.sample(l, area, 0, area.step(), 3) {
		return false
	}
	best, slope := float32(alike), float32(0)
	for _, off := range [2]float32{apart * area.tall, -apart * area.tall} {
		if !r.other.sample(l, area, off, area.step(), 3) {
			continue
		}
		for shift := float32(-shiftMax); shift <= shiftMax; shift++ {
			if c := r.line.alike(&r.other, area, shift); c > best {
				best, slope = c, shift*area.step()/off
			}
		}
	}
	if best == alike {
		return false
	}
	area.bx, area.by = unit(area.bx+slope*area.dx, area.by+slope*area.dy)
	if !area.leans {
		area.dx, area.dy = area.by, -area.bx
	}
	return true
}
