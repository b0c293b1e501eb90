package decode

import "math"

// pairsMax bounds the pairs of finder patterns that are looked at in one look.
const pairsMax = 2

// readPairs reads codes of which only two finder patterns are seen: the third is
// under glare, a thumb, or outside of the picture.
func (q *qrReader) readPairs(codes []Code) []Code {
	f := q.finders.found[:q.finders.n]
	var pairs [pairsMax][2]int
	n := 0
	for i := range f {
		for j := i + 1; j < len(f); j++ {
			if !alike(f[i], f[j]) || f[i].seen < 2 || f[j].seen < 2 ||
				max(f[i].module, f[j].module) > 1.3*min(f[i].module, f[j].module) {
				continue
			}
			if n == pairsMax {
				return codes // so many are rather a pattern of something else
			}
			pairs[n] = [2]int{i, j}
			n++
		}
	}
	for _, p := range pairs[:n] {
		if code, ok := q.readPair(f[p[0]], f[p[1]]); ok {
			return append(codes, code)
		}
	}
	return codes
}

// readPair tries which two of the three corners a pair may be.
func (q *qrReader) readPair(a, b finder) (Code, bool) {
	for range 2 {
		a, b = b, a
		along := point{b.x - a.x, b.y - a.y}
		back := point{-along.x, -along.y}
		across := point{(along.y - along.x) / 2, (-along.x - along.y) / 2}
		for _, guess := range [3]struct {
			missing int
			u, v    point // from the top left corner to the others
		}{
			{2, along, point{-along.y, along.x}},    // a top left, b top right
			{1, point{back.y, -back.x}, back},       // a bottom left, b top left
			{0, across, point{-across.y, across.x}}, // a top right, b bottom left
		} {
			if code, ok := q.readGuess(a, b, guess.missing, guess.u, guess.v); ok {
				return code, true
			}
		}
	}
	return Code{}, false
}

// readGuess reads a code of which one corner is missing: 0 the top left, 1 the top
// right, 2 the bottom left one.
func (q *qrReader) readGuess(a, b finder, missing int, u, v point) (Code, bool) {
	far := float32(u.length())
	turn := float32(math.Max(math.Abs(float64(u.x)), math.Abs(float64(u.y)))) / far
	size := (a.module + b.module) / 2 * turn
	sight := q.viewFor(float64(size), a.dark == 0)
	du, dv := point{u.x * size / far, u.y * size / far}, point{v.x * size / far, v.y * size / far}
	first := sight.lookAt(point{a.x, a.y}, du, dv)
	if !first.sharp {
		return Code{}, false
	}
	second := sight.lookAt(point{b.x, b.y}, du, dv)
	if !second.sharp {
		return Code{}, false
	}
	lost := square{missing: true}
	c := corners{size: float64(size), contrast: (first.light - first.dark + second.light - second.dark) / 2}
	switch missing {
	case 0:
		c.tl, c.tr, c.bl = lost, first, second
	case 1:
		c.tl, c.tr, c.bl = second, lost, first
	default:
		c.tl, c.tr, c.bl = first, second, lost
	}
	modules := second.centre.minus(first.centre).length()
	if missing == 0 {
		modules /= math.Sqrt2
	}
	modules = modules/math.Sqrt(math.Sqrt(first.u.length()*second.u.length()*first.v.length()*second.v.length())) + 7
	if modules < 16 || modules > dimMax+12 {
		return Code{}, false
	}
	return q.readCorners(&sight, &c, modules)
}
