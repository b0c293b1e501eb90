package decode

import "math"

// corners are the three finder patterns of a code that is being read.
type corners struct {
	tl, tr, bl square
	size       float64 // of a module, in pixels
	contrast   int32
	bent       bool // a bent grid suits them better than a flat one
}

// likelyBelow is the score of a group that is rarely one by chance.
const likelyBelow = 0.3

// sharp counts the corners whose sides were found.
func (c *corners) sharp() (n int) {
	for _, s := range [3]*square{&c.tl, &c.tr, &c.bl} {
		if s.sharp {
			n++
		}
	}
	return n
}

// fitMin is how well the modules of the finder patterns must fit, of 1.
const fitMin = 0.25

// fit says whether the finder patterns that were seen are there, module by module.
func (c *corners) fit(v *view, g *grid) bool {
	far := float64(g.dim - 7)
	var sum, n float32
	for _, k := range [3]struct {
		s    *square
		u, v float64
	}{{&c.tl, 0, 0}, {&c.tr, far, 0}, {&c.bl, 0, far}} {
		if !k.s.missing {
			sum += g.finderFit(v, k.u, k.v)
			n++
		}
	}
	return sum > fitMin*n
}

// complete places the corner that is missing.
func (c *corners) complete(g *grid) {
	far := float64(g.dim) - 3.5
	for _, k := range [3]struct {
		s    *square
		u, v float64
	}{{&c.tl, 3.5, 3.5}, {&c.tr, far, 3.5}, {&c.bl, 3.5, far}} {
		if k.s.missing {
			k.s.centre = g.to(k.u, k.v)
		}
	}
}

// centres are the symbol's corners as Code has them.
func (c *corners) centres() [][2]int {
	tl, tr, bl := c.tl.centre, c.tr.centre, c.bl.centre
	br := tr.plus(bl.minus(tl), 1)
	var out [][2]int
	for _, p := range []point{tl, tr, br, bl} {
		out = append(out, [2]int{int(math.Floor(float64(p.x))), int(math.Floor(float64(p.y)))})
	}
	return out
}

// estimate says how many modules the symbol has on a side, about.
func (c *corners) estimate() (float64, bool) {
	top := c.tr.centre.minus(c.tl.centre).length() / math.Sqrt(c.tl.u.length()*c.tr.u.length())
	left := c.bl.centre.minus(c.tl.centre).length() / math.Sqrt(c.tl.v.length()*c.bl.v.length())
	if !(top < 1.6*left && left < 1.6*top) {
		return 0, false
	}
	modules := (top+left)/2 + 7
	return modules, modules > 16 && modules < dimMax+12
}

// timingMin is how well the timing patterns must alternate, of 1.
const timingMin = 0.45

// timingSure is how well they alternate when a grid needs no better.
const timingSure = 0.85

// lay lays a grid of so many modules over the corners, and over more places of the
// symbol if they are known.
func (c *corners) lay(dim int, more []match) (grid, bool) {
	if c.bent {
		return bentGrid(&c.tl, &c.tr, &c.bl, dim, more)
	}
	return flatGrid(&c.tl, &c.tr, &c.bl, dim, more)
}

// bestGrid lays grids of the versions that the symbol may have, flat and bent, and
// gives the one whose timing patterns are there.
func (c *corners) bestGrid(v *view, estimate float64) (int, grid, bool) {
	middle := int(math.Round((estimate - 17) / 4))
	reach := 1 + int(estimate)/50
	var best grid
	number, most := 0, float32(-1)
	bent := false
	for _, c.bent = range [2]bool{false, true} {
		for n := max(middle-reach, 1); n <= min(middle+reach, versionsMax); n++ {
			g, ok := c.lay(17+4*n, nil)
			if !ok {
				continue
			}
			t := g.timing(v, c.contrast)
			if t < timingMin {
				continue
			}
			// Few modules may alternate by chance: the size has its say as well.
			t -= float32(1.5 * math.Abs(float64(g.dim)-estimate) / estimate)
			if t > most {
				best, number, most = g, n, t
				bent = c.bent
			}
		}
		if most > timingSure || c.sharp() < 3 {
			break
		}
	}
	c.bent = bent
	return number, best, number > 0
}
