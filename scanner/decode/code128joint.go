package decode

// Glare, dirt and moire seldom cover a symbol over the whole height of the bars. It
// reads several lines side by side, symbol by symbol: what one does not see, others do.
// Every symbol has to be seen alike on two lines at least.

const (
	jointLines = 9
	jointVotes = 2
)

type sideBySide struct {
	lines  [jointLines]profile
	tracks [jointLines]track
	next   [jointLines]track
	values [jointLines]int
	use    [jointLines]bool
}

// read follows a start that lies at a place from the middle of each line.
func (j *sideBySide) read(s *shaper, area *region, start track, out *reading) (*profile, bool) {
	seq := &out.seq
	seq.n = 0
	for k := range j.lines {
		if !j.use[k] {
			continue
		}
		p := &j.lines[k]
		from, to := p.reach(area)
		t := start
		t.at += (from + to) / 2
		j.tracks[k], j.next[k] = t, t
		j.values[k] = s.begin(p, &j.next[k])
		j.next[k].at += 11 * j.next[k].module
	}
	first := j.agree(seq)
	if first < 0 {
		return nil, false
	}
	p := &j.lines[first]
	out.begin = j.tracks[first].at - 11*j.tracks[first].module
	for seq.n < symbols {
		for k := range j.lines {
			if j.use[k] {
				j.next[k] = j.tracks[k]
				j.values[k] = s.next(&j.lines[k], &j.next[k], true)
			}
		}
		k := j.agree(seq)
		if k < 0 {
			return nil, false
		}
		if last := seq.values[seq.n-1]; last == stop128 {
			seq.n--
			clear(seq.values[seq.n:])
			t := &j.tracks[first]
			out.end = t.at + 2*t.module
			out.backwards, out.inverted = t.module < 0, t.sign < 0
			return p, seq.adds()
		} else if last >= startA && seq.n > 1 {
			return nil, false
		}
	}
	return nil, false
}

// agree adds the value that most lines saw, and gives one of them, or -1. The others go
// on as far as those did.
func (j *sideBySide) agree(seq *sequence) int {
	best, votes, rest, line := -1, 0, 0, -1
	for k, v := range j.values {
		if !j.use[k] || v < 0 {
			continue
		}
		n := 0
		for i, w := range j.values {
			if j.use[i] && w == v {
				n++
			}
		}
		if n > votes {
			best, votes, line = v, n, k
		}
	}
	for k, v := range j.values {
		if j.use[k] && v >= 0 && v != best {
			rest++
		}
	}
	if best < 0 || votes < jointVotes || votes <= 2*rest {
		return -1
	}
	seq.values[seq.n] = uint8(best)
	seq.n++
	var moved, module float32
	for k, v := range j.values {
		if j.use[k] && v == best {
			moved += j.next[k].at - j.tracks[k].at
			module += j.next[k].module
		}
	}
	moved, module = moved/float32(votes), module/float32(votes)
	for k, v := range j.values {
		if v == best {
			j.tracks[k] = j.next[k]
		} else {
			j.tracks[k].at += moved
			j.tracks[k].module = module
			j.tracks[k].blur = j.tracks[line].blur
		}
	}
	return line
}

// readJoint tries the start that got furthest on any line of a region.
func (r *lineReader) readJoint(l *Luma, area *region) (Code, bool) {
	const far = 34 // pixels; in a taller region are other things beside the bars
	reach, middle := area.tall*0.85, float32(0)
	if reach > far {
		reach = far
		middle = min(max(area.off, -area.tall+far), area.tall-far)
	}
	rows := min(max(int(reach/5), 3), 7)
	for k := range r.joint.lines {
		off := middle + (float32(k)-(jointLines-1)/2)/((jointLines-1)/2)*reach
		if reach < linesApart*(jointLines-1)/2 && k%2 == 1 {
			r.joint.use[k] = false // too near to its neighbours to see anything else
			continue
		}
		r.joint.use[k] = r.joint.lines[k].sample(l, area, off, area.step(), rows)
	}
	v := &r.votes[0]
	p, ok := r.joint.read(&r.shape, area, r.likely, &v.reading)
	if !ok || !r.plausible(&v.reading.seq) {
		return Code{}, false
	}
	v.ends = [2][2]int{p.place(v.reading.begin), p.place(v.reading.end)}
	return v.code()
}
