package decode

// readPure reads a picture that is nothing but a symbol: each module one pixel or some
// whole number of them, upright, with or without a margin. So small a symbol has no
// finder patterns that differ from its other modules by more than chance.
func (q *qrReader) readPure() (Code, bool) {
	l := q.levels[0]
	x0, y0, side := q.pureSquare(l)
	if side == 0 {
		return Code{}, false
	}
	module := q.binary[0].bits.firstRun(x0, y0) / 7
	if module == 0 || side%module != 0 {
		return Code{}, false
	}
	dim := side / module
	if dim < 21 || dim > dimMax || (dim-17)%4 != 0 {
		return Code{}, false
	}
	size := float64(module)
	g := grid{h: homography{size, 0, float64(x0), 0, size, float64(y0)}, dim: dim}
	v := view{luma: l, scale: 1}
	m := &q.modules
	m.take(&v, &g, false)
	m.sharpen(0, 0)
	m.decideByWhole()
	if m.fixedFit() < fixedFitMin {
		return Code{}, false
	}
	text, ok := q.readModules(q.layout((dim - 17) / 4))
	if !ok {
		return Code{}, false
	}
	far := float64(dim) - 3.5
	c := corners{tl: square{centre: g.to(3.5, 3.5)}, tr: square{centre: g.to(far, 3.5)},
		bl: square{centre: g.to(3.5, far)}}
	return Code{Text: text, Symbology: QRCode, Corners: c.centres()}, true
}

// pureSquare gives the square that holds all dark pixels, if it is one.
func (q *qrReader) pureSquare(l Luma) (x, y, side int) {
	bits := q.measured(0).binarize(l, byWhole)
	x0, y0, x1, y1 := l.W, l.H, -1, -1
	for y := range l.H {
		for x := range l.W {
			if bits.dark(x, y) == 1 {
				x0, x1 = min(x0, x), max(x1, x)
				y0, y1 = min(y0, y), y
			}
		}
	}
	if x1-x0 != y1-y0 || x1 < 0 {
		return 0, 0, 0
	}
	return x0, y0, x1 - x0 + 1
}

// firstRun is how many pixels of a row are dark from one on.
func (b *bitPlane) firstRun(x, y int) int {
	n := 0
	for x+n < b.w && b.dark(x+n, y) == 1 {
		n++
	}
	return n
}
