package decode

// bend is how a symbol is bent, as a polynomial of a place in it: what is to be
// added to the place, in modules.
type bend [6]float64

func (b *bend) at(u, v float64) float64 {
	return b[0] + b[1]*u + b[2]*v + b[3]*u*u + b[4]*u*v + b[5]*v*v
}

// grid says where each module of a symbol lies in the picture.
type grid struct {
	h      homography
	du, dv bend // what is flat in the homography but not in the world
	dim    int  // modules on a side
}

// to gives the pixel of a place in the symbol, in modules.
func (g *grid) to(u, v float64) point {
	side := float64(g.dim)
	a, b := u/side, v/side
	x, y := g.h.to(u+g.du.at(a, b), v+g.dv.at(a, b))
	return point{float32(x), float32(y)}
}

// gridOf lays a grid of so many modules over three finder patterns, and the
// alignment pattern if there is one.
func gridOf(tl, tr, bl *square, dim int) (grid, bool) {
	return fitGrid(tl, tr, bl, dim, nil)
}

func fitGrid(tl, tr, bl *square, dim int, more []match) (grid, bool) {
	var buffer [3*5 + alignmentsMax]match
	matches := buffer[:0]
	far := float64(dim - 7)
	matches = addSquare(matches, tl, 0, 0)
	matches = addSquare(matches, tr, far, 0)
	matches = addSquare(matches, bl, 0, far)
	matches = append(matches, more...)
	h, ok := fitHomography(matches, float64(dim))
	return grid{h: h, dim: dim}, ok
}

// addSquare adds the centre and the corners of a finder pattern at its place.
func addSquare(matches []match, s *square, u, v float64) []match {
	matches = append(matches, match{u + 3.5, v + 3.5, float64(s.centre.x), float64(s.centre.y), 2})
	if !s.sharp {
		return matches
	}
	for i, at := range [4][2]float64{{0, 0}, {7, 0}, {7, 7}, {0, 7}} {
		c := s.corners[i]
		matches = append(matches, match{u + at[0], v + at[1], float64(c.x), float64(c.y), 1})
	}
	return matches
}

// timing says how well the two timing patterns alternate: 1 as they should, 0 not at
// all. It is the cheapest proof that three patterns are one code of this size.
func (g *grid) timing(v *view, contrast int32) float32 {
	var sum int32
	for i := 8; i <= g.dim-9; i++ {
		at := float64(i) + 0.5
		shade := v.at(g.to(at, 6.5)) + v.at(g.to(6.5, at))
		if i%2 == 0 { // dark
			shade = -shade
		}
		if i == 8 || i == g.dim-9 { // dark ones are one more
			shade /= 2
		}
		sum += shade
	}
	return float32(sum) / float32(int32(g.dim-17)*contrast)
}

// alignment looks for the alignment pattern whose middle should lie at a place of
// the symbol, and gives the place where it is, in modules.
func (g *grid) alignment(v *view, u0, v0, reach float64, contrast int32) (u, w float64, ok bool) {
	best := contrast * 2 / 5
	for step := 0.5; step >= 0.125; step /= 2 {
		u1, v1 := u0, v0
		if ok {
			u1, v1, reach = u, w, step
		} else if step < 0.5 {
			return 0, 0, false
		}
		for dv := -reach; dv <= reach; dv += step {
			for du := -reach; du <= reach; du += step {
				if s := g.ringAt(v, u1+du, v1+dv); s > best {
					best, u, w, ok = s, u1+du, v1+dv, true
				}
			}
		}
	}
	return u, w, ok
}

// ringAt says how much a place looks like an alignment pattern: how much brighter
// the light ring is than the dark ring and the middle.
func (g *grid) ringAt(v *view, u, w float64) int32 {
	c := g.to(u, w)
	du, dv := g.to(u+1, w).minus(c), g.to(u, w+1).minus(c)
	middle := v.at(c)
	var light, dark int32
	for j := float32(-1); j <= 1; j++ {
		for i := float32(-1); i <= 1; i++ {
			if i != 0 || j != 0 {
				light += v.at(c.plus(du, i).plus(dv, j))
			}
		}
	}
	light /= 8
	if light <= middle {
		return 0
	}
	for i := float32(-2); i < 2; i++ {
		dark += v.at(c.plus(du, i).plus(dv, -2)) + v.at(c.plus(du, 2).plus(dv, i)) +
			v.at(c.plus(du, -i).plus(dv, 2)) + v.at(c.plus(du, -2).plus(dv, -i))
	}
	dark /= 16
	return min(light-dark, (2*light-dark-middle)/2)
}
