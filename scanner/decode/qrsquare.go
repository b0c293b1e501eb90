package decode

import "math"

// view is a picture as one code needs it: at a size that suits its modules, and
// with dark and light exchanged when the code is inverted.
type view struct {
	luma     Luma
	scale    float32 // pixels of the whole picture to one of this
	inverted bool
}

// brightest is the brightest shade that view.at gives.
const brightest = 255 << 8

// at gives the shade at a pixel of the whole picture, times 256.
func (v *view) at(p point) int32 {
	shade := v.luma.at(p.x/v.scale, p.y/v.scale)
	if v.inverted {
		return brightest - shade
	}
	return shade
}

// square is a finder pattern whose sides were looked at.
type square struct {
	centre  point
	u, v    point    // what one module is along the symbol's rows and columns
	corners [4]point // the ring's outer corners, clockwise from the symbol's top left
	sharp   bool     // whether the corners are known
	missing bool     // not seen at all
	light   int32    // the shades of light and dark near it
	dark    int32
}

func (p point) plus(d point, times float32) point {
	return point{p.x + times*d.x, p.y + times*d.y}
}

func (p point) minus(o point) point { return point{p.x - o.x, p.y - o.y} }

func (p point) length() float64 { return math.Hypot(float64(p.x), float64(p.y)) }

// side is one side of the ring, as a line in modules from the centre: at a place k
// along it, it lies at far + slope*k.
type side struct{ far, slope float32 }

// lookAt finds the sides of a finder pattern, by rays from its middle outward, and
// then once more with the directions that the first look gave.
func (v *view) lookAt(centre, du, dv point) square {
	s := square{centre: centre, u: du, v: dv}
	for range 2 {
		right, ok1 := v.sideOf(&s, s.u, s.v)
		left, ok2 := v.sideOf(&s, point{-s.u.x, -s.u.y}, s.v)
		bottom, ok3 := v.sideOf(&s, s.v, s.u)
		top, ok4 := v.sideOf(&s, point{-s.v.x, -s.v.y}, s.u)
		if !ok1 || !ok2 || !ok3 || !ok4 {
			s.sharp = false
			return s
		}
		left, top = side{-left.far, -left.slope}, side{-top.far, -top.slope}
		s.corners = [4]point{
			s.meet(left, top), s.meet(right, top), s.meet(right, bottom), s.meet(left, bottom),
		}
		s.settle()
	}
	return s
}

// meet gives the point where a side that runs along the columns meets one that runs
// along the rows.
func (s *square) meet(upright, level side) point {
	a := (upright.far + upright.slope*level.far) / (1 - upright.slope*level.slope)
	b := level.far + level.slope*a
	return s.centre.plus(s.u, a).plus(s.v, b)
}

// settle takes the directions and the centre from the corners.
func (s *square) settle() {
	c := &s.corners
	top, bottom := c[1].minus(c[0]), c[2].minus(c[3])
	left, right := c[3].minus(c[0]), c[2].minus(c[1])
	s.u = point{(top.x + bottom.x) / 14, (top.y + bottom.y) / 14}
	s.v = point{(left.x + right.x) / 14, (left.y + right.y) / 14}
	// The diagonals meet in the centre, however it is looked at.
	d1, d2 := c[2].minus(c[0]), c[3].minus(c[1])
	across := d1.x*d2.y - d1.y*d2.x
	if across == 0 {
		return
	}
	between := c[1].minus(c[0])
	t := (between.x*d2.y - between.y*d2.x) / across
	s.centre = c[0].plus(d1, t)
	s.sharp = true
}

// sideOf sends five rays to one side and lays a line through where they end.
func (v *view) sideOf(s *square, out, along point) (side, bool) {
	var places, ends [5]float32
	n := 0
	for _, k := range [5]float32{-3, -1, 0, 1, 3} {
		solid := k == 3 || k == -3
		if t, ok := v.ray(s, s.centre.plus(along, k), out, solid); ok {
			places[n], ends[n] = k, t
			n++
		}
	}
	for n >= 3 {
		line := lineThrough(places[:n], ends[:n])
		worst, most := 0, float32(0)
		for i := range n {
			off := ends[i] - line.far - line.slope*places[i]
			if off < 0 {
				off = -off
			}
			if off > most {
				worst, most = i, off
			}
		}
		if most < 0.35 {
			return line, line.far > 2 && line.far < 6 && near(line.slope, 0.6)
		}
		n--
		places[worst], ends[worst] = places[n], ends[n]
	}
	return side{}, false
}

func lineThrough(places, ends []float32) side {
	var n, x, y, xx, xy float32
	for i, k := range places {
		n++
		x += k
		y += ends[i]
		xx += k * k
		xy += k * ends[i]
	}
	slope := float32(0)
	if d := n*xx - x*x; d > 0 {
		slope = (n*xy - x*y) / d
	}
	return side{(y - slope*x) / n, slope}
}

// The rays have this many steps to a module, and this many steps.
const (
	raySteps  = 8
	rayLength = 46
)

// ray follows the shades from a point outward and gives the distance, in modules, of
// the ring's outer edge: the third change of colour, or on a ray that stays in the
// ring the first.
func (v *view) ray(s *square, from, out point, solid bool) (float32, bool) {
	var shades [rayLength]int32
	lo, hi := int32(brightest), int32(0)
	for k := range shades {
		p := from.plus(out, float32(k)/raySteps)
		if !v.luma.holds(p.x/v.scale, p.y/v.scale) {
			shades[k] = brightest // a picture may end with the symbol
			continue
		}
		shade := v.at(p)
		shades[k] = shade
		if k <= 4*raySteps+4 {
			lo, hi = min(lo, shade), max(hi, shade)
		}
	}
	if hi-lo < 12<<8 {
		return 0, false
	}
	s.light, s.dark = max(s.light, hi), lo
	middle := (lo + hi) / 2
	if shades[0] >= middle {
		return 0, false
	}
	changes, dark := 0, true
	var edges [3]float32
	for k := 1; k < rayLength; k++ {
		if (shades[k] < middle) == dark {
			continue
		}
		dark = !dark
		step := float32(middle-shades[k-1]) / float32(shades[k]-shades[k-1])
		edges[changes] = (float32(k-1) + step) / raySteps
		changes++
		if solid {
			return edges[0], edges[0] > 2.4
		}
		if changes == 3 {
			inner, outer := edges[1]-edges[0], edges[2]-edges[1]
			square := edges[0]
			return edges[2], square > inner*0.7 && inner < outer*3.5 && outer < inner*3.5
		}
	}
	return 0, false
}
