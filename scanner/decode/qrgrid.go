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

// flatGrid lays a grid of so many modules over three finder patterns, and over more
// places of the symbol if they are known.
func flatGrid(tl, tr, bl *square, dim int, more []match) (grid, bool) {
	var buffer [3*5 + 1]match
	matches := addSquares(buffer[:0], tl, tr, bl, dim)
	h, ok := fitHomography(append(matches, more...), float64(dim))
	return grid{h: h, dim: dim}, ok
}

// bentGrid does the same for a symbol on something round: the sides of the finder
// patterns say how it is bent.
func bentGrid(tl, tr, bl *square, dim int, more []match) (grid, bool) {
	var buffer [3*5 + 1]match
	far := float64(dim) - 3.5
	centres := append(buffer[:0],
		match{3.5, 3.5, float64(tl.centre.x), float64(tl.centre.y), 1},
		match{far, 3.5, float64(tr.centre.x), float64(tr.centre.y), 1},
		match{3.5, far, float64(bl.centre.x), float64(bl.centre.y), 1})
	h, ok := fitHomography(centres, float64(dim))
	g := grid{h: h, dim: dim}
	if !ok {
		return g, false
	}
	g.bendTo(append(addSquares(buffer[:0], tl, tr, bl, dim), more...))
	return g, true
}

// bendTo bends the grid so that it suits the matches. The homography is affine.
func (g *grid) bendTo(matches []match) {
	side := float64(g.dim)
	det := g.h[0]*g.h[4] - g.h[1]*g.h[3]
	if det == 0 {
		return
	}
	var across, down equations
	for _, m := range matches {
		x, y := m.x-g.h[2], m.y-g.h[5]
		u, v := (x*g.h[4]-y*g.h[1])/det, (y*g.h[0]-x*g.h[3])/det
		terms := termsAt(m.u/side, m.v/side)
		across.add(terms, u-m.u, m.weight)
		down.add(terms, v-m.v, m.weight)
	}
	for k := range 6 {
		across.sums[k][k] += 1e-4
		down.sums[k][k] += 1e-4
	}
	du, ok1 := across.solve(6)
	dv, ok2 := down.solve(6)
	if ok1 && ok2 {
		g.du, g.dv = bend(du[:6]), bend(dv[:6])
	}
}

func addSquares(matches []match, tl, tr, bl *square, dim int) []match {
	far := float64(dim - 7)
	matches = addSquare(matches, tl, 0, 0)
	matches = addSquare(matches, tr, far, 0)
	return addSquare(matches, bl, 0, far)
}

// addSquare adds the centre and the corners of a finder pattern at its place.
func addSquare(matches []match, s *square, u, v float64) []match {
	if s.missing {
		return matches
	}
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
// all. It is the cheapest proof that three patterns are one code of this size. Blur
// makes them faint, so it is their order that counts: whether each module differs
// from its two neighbours to the side that it should.
func (g *grid) timing(v *view, contrast int32) float32 {
	row, all1 := g.timingOf(v, true)
	column, all2 := g.timingOf(v, false)
	if all1+all2 < int32(g.dim-17)*contrast/16 {
		return 0
	}
	return (row + column) / 2
}

// isFaint says whether the timing patterns have less than half of a contrast.
func (g *grid) isFaint(v *view, contrast int32) bool {
	_, row := g.timingOf(v, true)
	_, column := g.timingOf(v, false)
	return row+column < int32(g.dim-17)*contrast
}

// timingOf looks at one of the timing patterns. It also gives the sum of all
// differences.
func (g *grid) timingOf(v *view, isRow bool) (float32, int32) {
	var right, all, before, last int32
	for i := 7; i <= g.dim-8; i++ {
		u, w := float64(i)+0.5, 6.5
		if !isRow {
			u, w = w, u
		}
		shade := v.at(g.to(u, w))
		if i >= 9 {
			d := before + shade - 2*last // more than 0 when the middle one is dark
			if (i-1)%2 != 0 {
				d = -d
			}
			right += d
			all += abs(d)
		}
		before, last = last, shade
	}
	return float32(right) / float32(max(all, 1)), all / 2
}

// finderFit says how well the modules of a finder pattern are dark and light as they
// should be: 1 if all are. u and w are its first module's corner.
func (g *grid) finderFit(v *view, u, w float64) float32 {
	var shades [7][7]int32
	var dark, light int32
	for y := range 7 {
		for x := range 7 {
			s := v.at(g.to(u+float64(x)+0.5, w+float64(y)+0.5))
			shades[y][x] = s
			if isFinderLight(x, y) {
				light += s / 16
			} else {
				dark += s / 33
			}
		}
	}
	middle := (dark + light) / 2
	var fits, all int32
	for y := range 7 {
		for x := range 7 {
			d := middle - shades[y][x]
			all += abs(d)
			if isFinderLight(x, y) {
				d = -d
			}
			fits += d
		}
	}
	return float32(fits) / float32(max(all, 1))
}

// isFinderLight says whether a module of a finder pattern is in its light ring.
func isFinderLight(x, y int) bool {
	return max(abs(int32(x-3)), abs(int32(y-3))) == 2
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
