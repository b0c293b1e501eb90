package decode

// The limits of what is joined.
const (
	jointFramesMax = 12 // frames whose modules are added up
	jointIdleMax   = 6  // frames without the symbol after which it is forgotten
)

// joint adds up the modules of one symbol over several frames. A module under glare
// or noise in one is seen in another; the symbol's own grid brings them together.
type joint struct {
	wanted bool // in this frame, and not done yet
	dim    int
	soft   []int32
	frames int
	idle   int
}

// begin starts a frame. What was joined is kept while its symbol stays in view.
func (j *joint) begin(wanted bool) {
	j.wanted = wanted
	if j.idle++; j.idle > jointIdleMax || j.frames >= jointFramesMax {
		j.forget()
	}
}

func (j *joint) forget() { j.dim, j.frames = 0, 0 }

// add adds the modules of a symbol that could not be read, and puts the mean of all
// frames in their place. It says whether there was more than one frame.
func (j *joint) add(m *modules) bool {
	n := m.dim * m.dim
	if j.dim != m.dim {
		j.dim, j.frames = m.dim, 0
		j.soft = grown(j.soft, n)
		clear(j.soft)
	}
	j.wanted = false // a frame counts once
	j.frames++
	j.idle = 0
	for i, s := range m.soft[:n] {
		j.soft[i] += s
		m.soft[i] = j.soft[i] / int32(j.frames)
	}
	return j.frames > 1
}

// readJoint reads a symbol together with what earlier frames have seen of it.
func (q *qrReader) readJoint(l *layout) (string, bool) {
	if !q.joint.wanted {
		return "", false
	}
	q.modules.sharpen(1, 1)
	q.modules.decide(4)
	if !q.joint.add(&q.modules) {
		return "", false
	}
	text, ok := q.readSoft(l)
	if ok {
		q.joint.forget()
	}
	return text, ok
}
