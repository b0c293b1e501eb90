package decode

import "math"

// Where blur or small modules melt neighbouring bars together, edges lie. shaper
// compares the brightness of a whole symbol with what each pattern would look like
// through the same blur.

const (
	perModule = 3 // samples of a shape
	shapeLen  = 11 * perModule
	blursN    = 5
	valuesN   = 107
)

// blurs are standard deviations in modules.
var blurs = [blursN]float64{0.3, 0.45, 0.6, 0.75, 0.92}

// shape is a pattern's brightness, mean 0 and length 1, dark negative.
type shape [shapeLen]float32

type shaper struct {
	shapes [blursN][valuesN]shape
	got    shape
}

// How well a symbol has to look like its pattern, and unlike the next best.
const (
	alikeMin   = 0.88
	unlikeness = 1.5 // the next best misses that many times as much
	driftGain  = 0.35
)

func (s *shaper) init() {
	for b, sigma := range blurs {
		for v := range valuesN {
			s.shapes[b][v].draw(bars128[v], sigma)
		}
	}
}

// draw blurs a pattern. What lies beside it is white before, black after, for at least
// a module, and unknown further away.
func (s *shape) draw(widths [6]uint8, sigma float64) {
	// The brightness is a sum of steps, one at each edge.
	edges := [9]float64{-1.5, 0}
	rise := [9]float64{0.5, -1}
	at, n := 0.0, 2
	for i, w := range widths {
		at += float64(w)
		edges[n], rise[n] = at, 1
		if i%2 == 1 {
			rise[n] = -1
		}
		n++
	}
	edges[n], rise[n] = at+1.5, 0.5
	for i := range s {
		x := (float64(i) + 0.5) / perModule
		sum := 0.0
		for k, e := range edges {
			sum += rise[k] * (1 + math.Erf((x-e)/(sigma*math.Sqrt2))) / 2
		}
		s[i] = float32(sum)
	}
	s.normalise()
}

// normalise gives false when there is nothing but noise.
func (s *shape) normalise() bool {
	mean := float32(0)
	for _, v := range s {
		mean += v
	}
	mean /= shapeLen
	sum := float32(0)
	for i := range s {
		s[i] -= mean
		sum += s[i] * s[i]
	}
	if sum < 1e-6 {
		return false
	}
	k := 1 / float32(math.Sqrt(float64(sum)))
	for i := range s {
		s[i] *= k
	}
	return true
}

func (s *shape) dot(o *shape) float32 {
	var a, b, c float32
	for i := 0; i < shapeLen; i += 3 {
		a += s[i] * o[i]
		b += s[i+1] * o[i+1]
		c += s[i+2] * o[i+2]
	}
	return a + b + c
}

// track is where the reading of a line has come to, in samples.
type track struct {
	at, module float32 // module is negative when reading backwards
	sign       float32 // -1 when inverted
	blur       int
}

// look takes the shape of the symbol that begins at a place.
func (s *shaper) look(p *profile, t *track, at, module float32) bool {
	last := at + 11*module
	if min(at, last) < 0 || max(at, last) >= float32(p.n-1) {
		return false
	}
	step := module / perModule
	x := at + step/2
	for i := range s.got {
		k := int(x)
		f := x - float32(k)
		a, b := float32(p.v[k]), float32(p.v[k+1])
		s.got[i] = (a + (b-a)*f) * t.sign
		x += step
	}
	return s.got.normalise()
}

// roughly is how alike a start has to be where one is only guessed, and fitly where
// all places near by were tried.
const (
	roughly = 0.74
	fitly   = 0.86
)

// begin looks for a start near a place, and settles module and blur. It gives the
// value, or -1.
func (s *shaper) begin(p *profile, t *track) int {
	at, module := t.at, t.module
	best, value, by := float32(roughly), -1, float32(1)
	for _, wide := range [3]float32{0.94, 1, 1.06} {
		if s.look(p, t, at, module*wide) {
			if d, v, _ := s.bestStart(2); d > best {
				best, value, by = d, v, wide
			}
		}
	}
	if value < 0 {
		return -1
	}
	module *= by
	best, value = fitly, -1
	for _, wide := range [5]float32{0.95, 0.975, 1, 1.025, 1.05} {
		for _, off := range [3]float32{-0.25, 0, 0.25} {
			from := at + off*module
			if !s.look(p, t, from, module*wide) {
				continue
			}
			if d, v, b := s.bestStart(1); d > best {
				best, value = d, v
				t.at, t.module, t.blur = from, module*wide, b
			}
		}
	}
	return value
}

// bestStart compares with the three starts, at every so manieth blur.
func (s *shaper) bestStart(every int) (best float32, value, blur int) {
	best = -1
	for b := 0; b < blursN; b += every {
		for v := startA; v <= startC; v++ {
			if d := s.got.dot(&s.shapes[b][v]); d > best {
				best, value, blur = d, v, b
			}
		}
	}
	return best, value, blur
}

// next reads one symbol and goes on behind it. It gives -1 when nothing is near
// enough. early symbols may lie further from where they are looked for.
func (s *shaper) next(p *profile, t *track, early bool) int {
	offs := [5]float32{0, 0.25, -0.25, 0.5, -0.5}
	n := 3
	if early {
		n = 5
	}
	best, second, value, shift := float32(-1), float32(-1), -1, float32(0)
	for _, off := range offs[:n] {
		if !s.look(p, t, t.at+off*t.module, t.module) {
			continue
		}
		top, next, v := s.nearest(t.blur)
		switch {
		case top > best && v == value:
			best, second, shift = top, max(next, second), off
		case top > best:
			best, second, value, shift = top, max(next, best), v, off
		case v != value:
			second = max(second, top)
		default:
			second = max(second, next)
		}
	}
	if value < 0 || best < alikeMin || 1-second < (1-best)*unlikeness {
		return -1
	}
	shift = s.settle(p, t, value, shift)
	t.at += (shift + 11) * t.module
	t.module *= 1 + shift*driftGain/11
	return value
}

// nearest gives how alike the best pattern is, the next best, and which is best.
func (s *shaper) nearest(blur int) (top, next float32, value int) {
	top, next = -1, -1
	of := &s.shapes[blur]
	for v := range of {
		d := s.got.dot(&of[v])
		if d > top {
			top, next, value = d, top, v
		} else if d > next {
			next = d
		}
	}
	return top, next, value
}

// settle finds the best place of a known symbol, by a parabola.
func (s *shaper) settle(p *profile, t *track, value int, shift float32) float32 {
	const by = 0.2
	var d [3]float32
	for i := range d {
		off := shift + by*float32(i-1)
		if !s.look(p, t, t.at+off*t.module, t.module) {
			return shift
		}
		d[i] = s.got.dot(&s.shapes[t.blur][value])
	}
	curve := d[0] - 2*d[1] + d[2]
	if curve >= 0 {
		return shift
	}
	return shift + by*min(max((d[0]-d[2])/(2*curve), -1.5), 1.5)
}

// read follows a line from a start to its stop.
func (s *shaper) read(p *profile, t track, out *reading) bool {
	seq := &out.seq
	seq.n = 0
	from := t.at
	first := s.begin(p, &t)
	if first < 0 {
		return false
	}
	module := t.module
	seq.values[0], seq.n = uint8(first), 1
	t.at += 11 * t.module
	for seq.n < symbols {
		v := s.next(p, &t, seq.n < 3)
		out.progress = max(out.progress, seq.n)
		if v < 0 || t.module/module > 1.5 || t.module/module < 0.67 {
			return false
		}
		if v == stop128 {
			clear(seq.values[seq.n:])
			out.begin, out.end = from, t.at+2*t.module
			out.backwards, out.inverted = t.module < 0, t.sign < 0
			return seq.adds()
		}
		if v >= startA {
			return false
		}
		seq.values[seq.n] = uint8(v)
		seq.n++
	}
	return false
}
