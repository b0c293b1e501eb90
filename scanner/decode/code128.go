package decode

import "math"

// lineReader reads Code 128 at any angle. It looks for places where edges agree, reads
// lines across them, and believes what two lines say alike. It keeps its buffers, so
// one goroutine may use it.
type lineReader struct {
	// With shortest set, only texts of that many to longest digits count, as payer
	// codes have them. Without, whatever two lines say counts.
	shortest, longest int

	areas lineMap
	line  profile
	other profile
	match matcher
	shape shaper
	joint sideBySide
	votes [votesMax]vote
	voted int
	// Of the search by shapes: tries that are left for this frame, and the symbols in a
	// row that were read of a region.
	budget, progress int
	spare            int     // lines that are left for regions that look like bars
	likely           track   // the start of those; from the region's middle
	off              float32 // of the line that is read
	codes            []Code
}

// vote is what one line said.
type vote struct {
	reading reading
	ends    [2][2]int
	off     float32 // how far the line lies beside the region's middle
}

const (
	votesMax   = 16 // lines of a region that are listened to
	linesApart = 3  // pixels between two that count as two: nearer ones see the same
)

func newLineReader() *lineReader {
	r := &lineReader{codes: make([]Code, 0, regionsMax)}
	r.match.init()
	r.shape.init()
	return r
}

// read gives the codes in a picture. half is the same at half the size. What it
// gives is overwritten by the next call.
func (r *lineReader) read(l, half Luma) []Code {
	r.codes = r.codes[:0]
	r.areas.find(half)
	areas := r.areas.regions[:r.areas.count]
	r.spare = spareMax
	for i := range areas {
		areas[i].straighten(&l)
		if code, ok := r.readEdges(&l, &areas[i]); ok && !r.has(code) {
			r.codes = append(r.codes, code)
		}
	}
	if len(r.codes) > 0 {
		return r.codes
	}
	r.budget = budgetMax
	for _, promising := range [2]bool{true, false} {
		for i := range areas {
			if areas[i].promising() != promising || !promising && !areas[i].bar {
				continue // a line of text, or a QR code
			}
			if code, ok := r.readShapes(&l, &areas[i]); ok {
				r.codes = append(r.codes, code)
				return r.codes
			}
		}
	}
	return r.codes
}

func (r *lineReader) has(code Code) bool {
	for _, c := range r.codes {
		if c.Text == code.Text {
			return true
		}
	}
	return false
}

// vote counts the newest reading, and gives the code when an earlier one agrees.
func (r *lineReader) vote() (Code, bool) {
	v := &r.votes[r.voted]
	if !r.plausible(&v.reading.seq) {
		return Code{}, false
	}
	v.ends = [2][2]int{r.line.place(v.reading.begin), r.line.place(v.reading.end)}
	v.off = r.off
	for i := range r.voted {
		apart := r.votes[i].off - v.off
		if max(apart, -apart) >= linesApart && r.votes[i].reading.seq.equal(&v.reading.seq) {
			return v.code()
		}
	}
	r.voted = min(r.voted+1, votesMax-1)
	return Code{}, false
}

// plausible says whether a reading has the shape that is looked for.
func (r *lineReader) plausible(s *sequence) bool {
	if r.shortest == 0 {
		return true
	}
	n := s.digits()
	return n >= r.shortest && n <= r.longest
}

func (v *vote) code() (Code, bool) {
	var buf [2 * symbols]byte
	latin, ok := v.reading.seq.text(buf[:0])
	if !ok {
		return Code{}, false
	}
	runes := make([]rune, len(latin))
	for i, c := range latin {
		runes[i] = rune(c)
	}
	return Code{Text: string(runes), Symbology: Code128,
		Corners: [][2]int{v.ends[0], v.ends[1]}}, true
}

// place gives the pixel of a sample.
func (p *profile) place(sample float32) [2]int {
	return [2]int{int(p.x + sample*p.sx + 0.5), int(p.y + sample*p.sy + 0.5)}
}

// straighten turns the bars of a region to the direction that its pixels have: its
// blocks know it by a few degrees only.
func (a *region) straighten(l *Luma) {
	const along, across = 96, 10
	xx, xy := float32(0), float32(0) // the doubled angle
	for i := range across {
		s := a.tall * 0.8 * (float32(i)/(across-1)*2 - 1)
		for k := range along {
			t := a.half * (float32(k)/(along-1)*2 - 1)
			x, y := int(a.cx+t*a.dx+s*a.bx), int(a.cy+t*a.dy+s*a.by)
			if x < 2 || y < 2 || x >= l.W-2 || y >= l.H-2 {
				continue
			}
			at := y*l.Stride + x
			up, down := l.Pix[at-l.Stride-1:], l.Pix[at+l.Stride-1:]
			mid := l.Pix[at-1:]
			gx := int(up[2]) + 2*int(mid[2]) + int(down[2]) - int(up[0]) - 2*int(mid[0]) - int(down[0])
			gy := int(down[0]) + 2*int(down[1]) + int(down[2]) - int(up[0]) - 2*int(up[1]) - int(up[2])
			xx += float32(gx*gx - gy*gy)
			xy += float32(2 * gx * gy)
		}
	}
	if math.Abs(float64(xx))+math.Abs(float64(xy)) < 1 {
		return
	}
	bx, by := a.across(unit(xx, xy))
	if bx*a.bx+by*a.by < 0.9 {
		return
	}
	a.bx, a.by = bx, by
	if !a.leans {
		a.dx, a.dy = by, -bx
	}
}
