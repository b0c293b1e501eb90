package decode

// How a region's lines are read by shapes: where a start may be, the likeliest first.

// bands are where and how broad the lines are that are read by shapes: off the middle
// and broad, as shares of the height.
var bands = [...]struct{ off, broad float32 }{
	{0, 0.15}, {0.4, 0.15}, {-0.4, 0.15},
	{0.2, 0.3}, {-0.2, 0.3}, {0.5, 0.7}, {-0.5, 0.7}, {0.65, 0.1}, {-0.65, 0.1}, {0.1, 0.05}, {-0.1, 0.05},
}

// readShapes reads what has no clear edges.
func (r *lineReader) readShapes(l *Luma, area *region) (Code, bool) {
	r.voted, r.progress, r.likely = 0, area.progress, area.likely
	if r.progress >= progressGood {
		if code, ok := r.readJoint(l, area); ok {
			return code, true
		}
	}
	before := max(r.progress, progressGood-1)
	for i, band := range bands {
		if r.budget <= 0 || i >= linesAlways && r.progress < 2 {
			break
		}
		rows := min(max(int(band.broad*area.tall), 3), broadMax)
		r.off = band.off * area.tall
		if !r.line.sample(l, area, r.off, area.step(), rows) {
			continue
		}
		r.line.findEdges(30)
		if r.line.edgeN < barsMin {
			continue
		}
		if code, ok := r.readBand(area); ok {
			return code, true
		}
	}
	if r.progress > before {
		return r.readJoint(l, area)
	}
	return Code{}, false
}

// readBand tries the places where the symbol may begin, the likeliest first.
func (r *lineReader) readBand(area *region) (Code, bool) {
	if r.likely.module != 0 {
		// Where another line of the region got furthest.
		t := r.likely
		from, to := r.line.reach(area)
		t.at += (from + to) / 2
		if code, ok := r.follow(area, t); ok {
			return code, true
		}
	}
	for _, backwards := range [2]bool{false, true} {
		r.match.take(&r.line, backwards)
		if code, ok := r.readEnds(area, backwards); ok {
			return code, true
		}
	}
	for _, backwards := range [2]bool{false, true} {
		if r.progress >= progressGood {
			break
		}
		r.match.take(&r.line, backwards)
		if code, ok := r.readStarts(area, backwards); ok {
			return code, true
		}
	}
	return Code{}, false
}

// promising regions have been read in part.
func (a *region) promising() bool { return a.progress >= progressGood }

// progressGood is how many symbols in a row are hardly chance.
const progressGood = 4

// readStarts follows whatever looks like a start in the first half of the region; it
// needs no clear bars after it.
func (r *lineReader) readStarts(area *region, backwards bool) (Code, bool) {
	from, to := r.line.reach(area)
	middle := (from + to) / 2
	for i := 0; i+6*symbolMin+7 <= r.match.n; i++ {
		t := r.match.track(&r.line, i, backwards)
		if (t.at > middle) != backwards {
			break
		}
		if r.match.maybeStart(i) {
			if code, ok := r.follow(area, t); ok {
				return code, true
			}
		}
	}
	return Code{}, false
}

// readEnds guesses that the symbol is what lies between two quiet zones, with any
// modules that its length allows.
func (r *lineReader) readEnds(area *region, backwards bool) (Code, bool) {
	first, last := r.line.dense()
	end := r.line.edges[last]
	if backwards {
		first, last = r.line.edgeN-1-last, r.line.edgeN-1-first
		end = r.line.edges[r.line.edgeN-1-last]
	}
	for i := first; i < min(first+endsMax, last) && i+6 <= r.match.n; i++ {
		t := r.match.track(&r.line, i, backwards)
		for _, modules := range moduleCounts {
			t.module = (end - t.at) / modules
			if code, ok := r.follow(area, t); ok {
				return code, true
			}
		}
	}
	return Code{}, false
}

// endsMax is how many edges at the end of a dense stretch may be those of a start.
const endsMax = 2

// moduleCounts are lengths of symbols from 12 digits to 24 and some, as far apart as a
// start finds its module by itself.
var moduleCounts = [...]float32{138, 118, 161, 101, 188}

// note keeps where reading got furthest.
func (a *region) note(p *profile, t track, progress int, off float32) {
	from, to := p.reach(a)
	t.at -= (from + to) / 2
	a.progress, a.likely, a.off = progress, t, off
}

func (r *lineReader) follow(area *region, t track) (Code, bool) {
	v := &r.votes[r.voted]
	if r.budget--; r.budget < 0 {
		return Code{}, false
	}
	v.reading.progress = 0
	read := r.shape.read(&r.line, t, &v.reading)
	if v.reading.progress > r.progress {
		area.note(&r.line, t, v.reading.progress, r.off)
		r.progress, r.likely = area.progress, area.likely
	}
	if !read {
		return Code{}, false
	}
	return r.vote()
}

// track makes the beginning of a track of six widths that may be a start.
func (m *matcher) track(p *profile, i int, backwards bool) track {
	w := m.widths[i : i+6]
	t := track{module: (w[0] + w[1] + w[2] + w[3] + w[4] + w[5]) / 11, sign: 1}
	edge := i
	if backwards {
		edge, t.module = p.edgeN-1-i, -t.module
	}
	t.at = p.edges[edge]
	element := edge // the first element of the symbol lies behind this edge
	if backwards {
		element--
	}
	if p.lowAtOne != (element%2 == 0) {
		t.sign = -1
	}
	return t
}
