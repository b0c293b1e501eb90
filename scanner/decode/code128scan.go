package decode

import "math"

// profileMax is how many samples a scan line has at most.
const profileMax = 1536

// profile is the brightness along a line across the bars: the sum of several lines
// beside each other, 16 to a shade.
type profile struct {
	v        [profileMax]int32
	n        int
	x, y     float32 // where sample 0 lies
	sx, sy   float32 // from one sample to the next
	edges    [profileMax]float32
	edgeN    int
	lowAtOne bool // the element after edge 0 is dark
	// The line ends at the picture's edge, and what is cut there counts as an element:
	// a bar may be left of which nothing else is seen.
	cutLow, cutHigh bool
}

// sample takes rows lines along a region, the middle one at off pixels beside its
// axis. It gives false when too little lies in the picture.
func (p *profile) sample(l *Luma, r *region, off, step float32, rows int) bool {
	reach := r.half + 3*blockSide + r.half/5
	cx, cy := r.cx+off*r.bx, r.cy+off*r.by
	spread := float32(rows-1) / 2
	lo, hi := -reach, reach
	for _, s := range [2]float32{-spread, spread} {
		lo, hi = within(cx+s*r.bx, r.dx, lo, hi, float32(l.W-2))
		lo, hi = within(cy+s*r.by, r.dy, lo, hi, float32(l.H-2))
	}
	p.cutLow, p.cutHigh = lo > -reach, hi < reach
	p.sx, p.sy = r.dx*step, r.dy*step
	p.n = min(int((hi-lo)/step), profileMax)
	if p.n < 40 {
		p.n = 0
		return false
	}
	p.x, p.y = cx+lo*r.dx, cy+lo*r.dy
	clear(p.v[:p.n])
	for i := range rows {
		s := float32(i) - spread
		p.addRow(l, p.x+s*r.bx, p.y+s*r.by)
	}
	for i := range p.v[:p.n] {
		p.v[i] = p.v[i] * 16 / int32(rows) >> 8
	}
	return true
}

// within shortens a stretch lo to hi along d so that it stays between 0 and limit.
func within(at, d, lo, hi, limit float32) (float32, float32) {
	if d > -1e-4 && d < 1e-4 {
		if at < 0.01 || at > limit-0.01 {
			return 0, 0
		}
		return lo, hi
	}
	a, b := (0.01-at)/d, (limit-0.01-at)/d
	if a > b {
		a, b = b, a
	}
	return max(lo, a), min(hi, b)
}

// addRow adds one line, between the pixels by their shares.
func (p *profile) addRow(l *Luma, x, y float32) {
	u, v := int(x*65536), int(y*65536)
	du, dv := int(p.sx*65536), int(p.sy*65536)
	stride := l.Stride
	for i := range p.v[:p.n] {
		at := v>>16*stride + u>>16
		q := l.Pix[at : at+stride+2]
		fu, fv := u>>8&255, v>>8&255
		top := int(q[0])<<8 + (int(q[1])-int(q[0]))*fu
		low := int(q[stride])<<8 + (int(q[stride+1])-int(q[stride]))*fu
		p.v[i] += int32(top + (low-top)*fv>>8)
		u, v = u+du, v+dv
	}
}

// cell is the stretch that a local contrast is taken of.
const cell = 32

// findEdges looks for places between a high and a low. A swing counts when it is at
// least share 256ths of the contrast near by: what is less is noise.
func (p *profile) findEdges(share int32) {
	var swing [profileMax/cell + 1]int32
	cells := (p.n + cell - 1) / cell
	for c := range cells {
		// With half of its neighbours, so that a wide bar has contrast too.
		lo, hi := p.v[c*cell], p.v[c*cell]
		for _, v := range p.v[max(c*cell-cell/2, 0):min((c+1)*cell+cell/2, p.n)] {
			lo, hi = min(lo, v), max(hi, v)
		}
		swing[c] = max((hi-lo)*share>>8, 32)
	}
	p.edgeN = 0
	high, low := 0, 0 // the extremes since the last turn
	rising := 0       // 1 up, -1 down, 0 not yet known
	from := 0         // the last extreme that was left behind
	for i := 1; i < p.n; i++ {
		v := p.v[i]
		if v > p.v[high] {
			high = i
		}
		if v < p.v[low] {
			low = i
		}
		need := swing[i/cell]
		switch {
		case rising >= 0 && p.v[high]-v > need:
			if rising > 0 {
				p.edge(from, high)
			}
			from, rising, low = high, -1, i
		case rising <= 0 && v-p.v[low] > need:
			if rising < 0 {
				p.edge(from, low)
			}
			from, rising, high = low, 1, i
		}
	}
	if rising > 0 {
		p.edge(from, high)
	} else if rising < 0 {
		p.edge(from, low)
	}
	if p.cutHigh && p.edgeN > 0 && p.edgeN < profileMax {
		p.edges[p.edgeN] = float32(p.n - 1)
		p.edgeN++
	}
}

// edge puts an edge where the line crosses the middle between two extremes.
func (p *profile) edge(from, to int) {
	a, b := p.v[from], p.v[to]
	mid := (a + b) / 2
	if p.edgeN == 0 {
		p.lowAtOne = b < a
		if p.cutLow {
			p.lowAtOne = !p.lowAtOne
			p.edges[0] = 0
			p.edgeN = 1
		}
	}
	// The crossings nearest to either end: their mean is robust on a noisy slope.
	i := from
	for i < to && (p.v[i+1] < mid) == (a < mid) {
		i++
	}
	j := to
	for j > from && (p.v[j-1] < mid) == (b < mid) {
		j--
	}
	first := float32(i) + share(p.v[i], p.v[min(i+1, to)], mid)
	last := float32(j) - share(p.v[j], p.v[max(j-1, from)], mid)
	p.edges[p.edgeN] = (first + last) / 2
	p.edgeN++
}

// share says where between two samples the line crosses mid.
func share(a, b, mid int32) float32 {
	if a == b {
		return 0
	}
	return min(max(float32(mid-a)/float32(b-a), 0), 1)
}

// alike is the correlation of two lines within a region, when one is shifted by so many
// samples.
func (p *profile) alike(o *profile, area *region, shift float32) float32 {
	from, to := p.reach(area)
	ofrom, _ := o.reach(area)
	i, j := max(int(from), 0), int(ofrom+shift)
	if from < 0 {
		j -= int(from)
	}
	if j < 0 {
		i, j = i-j, 0
	}
	n := min(int(to)-i, p.n-i, o.n-j)
	if n < 40 {
		return 0
	}
	var a, b, aa, bb, ab float32
	count := float32(0)
	for k := 0; k < n; k += 2 {
		x, y := float32(p.v[i+k]), float32(o.v[j+k])
		a, b, aa, bb, ab = a+x, b+y, aa+x*x, bb+y*y, ab+x*y
		count++
	}
	va, vb := aa-a*a/count, bb-b*b/count
	if va <= 0 || vb <= 0 {
		return 0
	}
	return (ab - a*b/count) / float32(math.Sqrt(float64(va)*float64(vb)))
}

// dense gives the first and last edge of the longest stretch without a gap that is
// wider than any within a symbol.
func (p *profile) dense() (first, last int) {
	last = p.edgeN - 1
	for last-first > 2 {
		// Four modules are two and a bit times the mean; blur hides an edge or two.
		const times = 3.2
		most, at := times*(p.edges[last]-p.edges[first])/float32(last-first), -1
		for i := first; i < last; i++ {
			if gap := p.edges[i+1] - p.edges[i]; gap > most {
				most, at = gap, i
			}
		}
		switch {
		case at < 0:
			return first, last
		case at-first > last-at-1:
			last = at
		default:
			first = at + 1
		}
	}
	return first, max(last, first)
}
