package decode

// matcher reads symbols off the edges of a profile.
type matcher struct {
	widths [profileMax]float32
	n      int
	// Where the start lies from which reading got furthest, and which way.
	bestAt     int
	bestBack   bool
	barsWeight float32 // how much the width of all bars counts
	// The same patterns from edge to the next edge of the same kind: bars that have
	// grown or shrunk do not change those.
	steps [107][6]float32
}

// How far, squared and in modules, widths may be from a pattern, and how much nearer
// than the next best they have to be.
const (
	farMax      = 1.1
	farStart    = 0.9
	nearerBy    = 0.35
	nearerTimes = 1.6
	unevenMax   = 0.22 // by which one symbol may be longer than its neighbour
)

func (m *matcher) init() {
	for v, widths := range bars128 {
		for i := range 4 {
			m.steps[v][i] = float32(widths[i] + widths[i+1])
		}
		m.steps[v][4] = float32(widths[0] + widths[2] + widths[4])
	}
}

// reading is a sequence and where on the profile it lies.
type reading struct {
	seq        sequence
	begin, end float32 // samples
	backwards  bool
	inverted   bool
	progress   int // symbols that were read, also when it came to nothing
}

// read looks for a whole symbol in the profile's edges, in both directions.
func (m *matcher) read(p *profile, out *reading) bool {
	best := 0
	for _, backwards := range [2]bool{false, true} {
		m.take(p, backwards)
		for i := 0; i+6*symbolMin+7 <= m.n; i++ {
			if !m.maybeStart(i) {
				continue
			}
			out.progress = 0
			if end := m.follow(i, &out.seq, &out.progress); end > 0 && out.seq.adds() {
				out.backwards = backwards
				out.locate(p, i, end)
				return true
			}
			if out.progress > best {
				best, m.bestAt, m.bestBack = out.progress, i, backwards
			}
		}
	}
	out.progress = best
	return false
}

// take turns edges into widths.
func (m *matcher) take(p *profile, backwards bool) {
	m.n = max(p.edgeN-1, 0)
	for i := range m.n {
		w := p.edges[i+1] - p.edges[i]
		if backwards {
			m.widths[m.n-1-i] = w
		} else {
			m.widths[i] = w
		}
	}
}

// locate notes where element i begins and element end begins.
func (r *reading) locate(p *profile, i, end int) {
	if r.backwards {
		i, end = p.edgeN-1-i, p.edgeN-1-end
	}
	r.begin, r.end = p.edges[i], p.edges[end]
	dark := p.lowAtOne == (min(i, end)%2 == 0)
	r.inverted = !dark
}

// maybeStart is a quick look: all three starts have 2, 1, 1 modules and then 12
// together with 5 more.
func (m *matcher) maybeStart(i int) bool {
	w := m.widths[i : i+6]
	sum := w[0] + w[1] + w[2] + w[3] + w[4] + w[5]
	module := sum / 11
	return w[0]+w[1] > 2.2*module && w[0]+w[1] < 3.8*module &&
		w[1]+w[2] > 1.2*module && w[1]+w[2] < 2.8*module && w[1] < 2.2*module
}

// match gives the nearest pattern for six widths, how far away it is and how far the
// next.
func (m *matcher) match(w []float32) (value int, far, next float32) {
	w = w[:6]
	sum := w[0] + w[1] + w[2] + w[3] + w[4] + w[5]
	k := 11 / sum
	s0, s1, s2, s3 := (w[0]+w[1])*k, (w[1]+w[2])*k, (w[2]+w[3])*k, (w[3]+w[4])*k
	bars := (w[0] + w[2] + w[4]) * k
	far, next = 100, 100
	for v := range m.steps {
		t := &m.steps[v]
		a, b, c, d, e := s0-t[0], s1-t[1], s2-t[2], s3-t[3], bars-t[4]
		dist := a*a + b*b + c*c + d*d + e*e*m.barsWeight
		if dist < far {
			far, next, value = dist, far, v
		} else if dist < next {
			next = dist
		}
	}
	return value, far, next
}

// follow reads from a start to the stop; it gives the element after the stop, 0 when
// it gets lost.
func (m *matcher) follow(i int, seq *sequence, progress *int) int {
	var before float32
	seq.n = 0
	for ; i+6 <= m.n; i += 6 {
		w := m.widths[i : i+6]
		length := w[0] + w[1] + w[2] + w[3] + w[4] + w[5]
		if before > 0 && (length > before*(1+unevenMax) || length < before*(1-unevenMax)) {
			return 0
		}
		value, far, next := m.match(w)
		if seq.n == 0 && (value < startA || value == stop128 || far > farStart) {
			return 0
		}
		if far > farMax || next < far*nearerTimes+nearerBy {
			return 0
		}
		if value == stop128 {
			// Its last bar has two modules, too.
			if i+7 > m.n || seq.n < symbolMin {
				return 0
			}
			last := m.widths[i+6] * 11 / length
			if last < 0.7 || last > 3.2 {
				return 0
			}
			clear(seq.values[seq.n:])
			return i + 7
		}
		if seq.n == symbols || seq.n > 0 && value >= startA {
			return 0
		}
		seq.values[seq.n] = uint8(value)
		seq.n++
		*progress = seq.n
		before = length
	}
	return 0
}
