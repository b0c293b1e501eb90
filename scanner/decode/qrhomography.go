package decode

import "math"

// point is a place, in pixels of the whole picture or in modules of a symbol.
type point struct{ x, y float32 }

// homography takes modules of a flat symbol to pixels: the symbol's own corner is
// (0, 0), and the first module's middle (0.5, 0.5).
type homography [8]float64

// to gives the pixel of a place in the symbol.
func (h *homography) to(u, v float64) (x, y float64) {
	w := 1 / (h[6]*u + h[7]*v + 1)
	return (h[0]*u + h[1]*v + h[2]) * w, (h[3]*u + h[4]*v + h[5]) * w
}

// match is a place in the symbol whose pixel is known.
type match struct {
	u, v, x, y float64
	weight     float64
}

// fitHomography finds the homography that suits the matches best. Four are needed;
// with three it is affine.
func fitHomography(matches []match, side float64) (homography, bool) {
	// Near the origin and of size one, so that the sums keep their digits.
	cx, cy, size := matches[0].x, matches[0].y, 1.0
	for _, m := range matches {
		size = math.Max(size, math.Max(math.Abs(m.x-cx), math.Abs(m.y-cy)))
	}
	var e equations
	for _, m := range matches {
		u, v := m.u/side, m.v/side
		x, y := (m.x-cx)/size, (m.y-cy)/size
		e.add([8]float64{u, v, 1, 0, 0, 0, -u * x, -v * x}, x, m.weight)
		e.add([8]float64{0, 0, 0, u, v, 1, -u * y, -v * y}, y, m.weight)
	}
	// A whiff of flatness decides what the matches leave open.
	e.sums[6][6] += 1e-4
	e.sums[7][7] += 1e-4
	n, ok := e.solve(8)
	if !ok {
		return homography{}, false
	}
	h := homography{n[0] * size, n[1] * size, n[2] * size, n[3] * size, n[4] * size, n[5] * size, n[6], n[7]}
	h[0], h[1], h[2] = h[0]+cx*n[6], h[1]+cx*n[7], h[2]+cx
	h[3], h[4], h[5] = h[3]+cy*n[6], h[4]+cy*n[7], h[5]+cy
	for _, k := range []int{0, 1, 3, 4, 6, 7} {
		h[k] /= side
	}
	// The far corner must lie in front of the eye as well.
	if far := (h[6]+h[7])*side + 1; far < 0.2 || h[6]*side+1 < 0.2 || h[7]*side+1 < 0.2 {
		return h, false
	}
	return h, true
}

// equations are the normal equations of a least-squares fit of eight values or less.
type equations struct {
	sums  [8][8]float64
	right [8]float64
}

// add wants row times the values to be want.
func (e *equations) add(row [8]float64, want, weight float64) {
	for i, a := range row {
		if a == 0 {
			continue
		}
		a *= weight
		for j := i; j < 8; j++ {
			e.sums[i][j] += a * row[j]
		}
		e.right[i] += a * want
	}
}

// solve gives the first n values, by Gauss's elimination with pivots.
func (e *equations) solve(n int) ([8]float64, bool) {
	a, r := e.sums, e.right
	for i := range n {
		for j := range i {
			a[i][j] = a[j][i]
		}
	}
	for i := range n {
		pivot := i
		for k := i + 1; k < n; k++ {
			if math.Abs(a[k][i]) > math.Abs(a[pivot][i]) {
				pivot = k
			}
		}
		if math.Abs(a[pivot][i]) < 1e-12 {
			return r, false
		}
		a[i], a[pivot] = a[pivot], a[i]
		r[i], r[pivot] = r[pivot], r[i]
		for k := i + 1; k < n; k++ {
			f := a[k][i] / a[i][i]
			for j := i; j < n; j++ {
				a[k][j] -= f * a[i][j]
			}
			r[k] -= f * r[i]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			r[i] -= a[i][j] * r[j]
		}
		r[i] /= a[i][i]
	}
	return r, true
}
