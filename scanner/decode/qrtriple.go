package decode

import (
	"math"
	"slices"
)

// triplesMax bounds the groups of finder patterns that are looked at in a picture.
const triplesMax = 10

// scoreMax is where a group is no square any more, however it is looked at.
const scoreMax = 1.6

// triple is three finder patterns that may be the corners of one code. Their points
// are pixels of the whole picture.
type triple struct {
	tl, tr, bl int // in the list of finders
	score      float32
}

// triples holds the likeliest groups, the best first.
type triples struct {
	list  [triplesMax]triple
	n     int
	pairs int // of patterns that may belong to one code, in groups or not
}

// groupedMax bounds the patterns that groups are made of: the number of groups grows
// with its third power. A page of text has many patterns that one row alone has seen.
const groupedMax = 20

// mostSeen puts the patterns first that most rows have seen, and gives those that
// groups are made of.
func mostSeen(f []finder) []finder {
	if len(f) <= groupedMax {
		return f
	}
	slices.SortStableFunc(f, func(a, b finder) int { return b.seen - a.seen })
	return f[:groupedMax]
}

// group finds the groups of three among the finders.
func (t *triples) group(f []finder) {
	t.n, t.pairs = 0, 0
	for i := range f {
		for j := i + 1; j < len(f); j++ {
			if !alike(f[i], f[j]) {
				continue
			}
			t.pairs++
			for k := j + 1; k < len(f); k++ {
				if alike(f[i], f[k]) && alike(f[j], f[k]) {
					t.add(f, i, j, k)
				}
			}
		}
	}
}

// alike says whether two patterns may belong to one code.
func alike(a, b finder) bool {
	const ratio = 2.2 // of their sizes, by perspective
	if a.dark != b.dark || a.module > ratio*b.module || b.module > ratio*a.module {
		return false
	}
	apart := max(a.x-b.x, b.x-a.x, a.y-b.y, b.y-a.y)
	return apart > 6*min(a.module, b.module) && apart < 190*max(a.module, b.module)
}

// add weighs three patterns, with each of them as the corner that the others are
// beside, and keeps them if they are likelier than what is there.
func (t *triples) add(f []finder, i, j, k int) {
	for range 3 {
		i, j, k = j, k, i
		tr, bl := j, k
		ux, uy := f[tr].x-f[i].x, f[tr].y-f[i].y
		vx, vy := f[bl].x-f[i].x, f[bl].y-f[i].y
		if ux*vy-uy*vx < 0 { // clockwise, as the symbol is
			tr, bl = bl, tr
			ux, uy, vx, vy = vx, vy, ux, uy
		}
		if score, ok := weigh(f[i], f[tr], f[bl]); ok {
			t.keep(triple{i, tr, bl, score})
		}
	}
}

// weigh says how far three patterns are from a square's corners: less is better.
func weigh(tl, tr, bl finder) (float32, bool) {
	const cosineMax, legsMax = 0.55, 2
	ux, uy := float64(tr.x-tl.x), float64(tr.y-tl.y)
	vx, vy := float64(bl.x-tl.x), float64(bl.y-tl.y)
	// Most groups of a page of text are no corner, and the squares say so.
	across, uu, vv := ux*vx+uy*vy, ux*ux+uy*uy, vx*vx+vy*vy
	if across*across > cosineMax*cosineMax*uu*vv || uu > legsMax*legsMax*vv || vv > legsMax*legsMax*uu {
		return 0, false
	}
	top, left := math.Sqrt(uu), math.Sqrt(vv)
	cosine := math.Abs(across) / (top * left)
	legs := max(top/left, left/top)
	// A run along a row is longer than the pattern's side when the code is turned.
	turn := max(math.Abs(ux), math.Abs(uy)) / top
	size := float64(tl.module+tr.module+bl.module) / 3 * turn
	if modules := (top + left) / 2 / size; modules < 10 || modules > 200 {
		return 0, false
	}
	big := max(tl.module, tr.module, bl.module)
	small := min(tl.module, tr.module, bl.module)
	score := 1.2*cosine + (legs - 1) + 0.8*float64(big/small-1)
	for _, f := range []finder{tl, tr, bl} {
		if f.seen == 1 {
			score += 0.15 // one row alone went through it
		}
	}
	return float32(score), score < scoreMax
}

// keep puts a triple in its place.
func (t *triples) keep(one triple) {
	at := t.n
	if t.n < triplesMax {
		t.n++
	} else if at--; t.list[at].score <= one.score {
		return
	}
	for ; at > 0 && t.list[at-1].score > one.score; at-- {
		t.list[at] = t.list[at-1]
	}
	t.list[at] = one
}

// triedMax bounds the groups of one picture that are remembered.
const triedMax = 64

// triedGroups remembers which groups were looked at in a picture: another threshold
// that finds the same ones won't read them either.
type triedGroups struct {
	list [triedMax][3]point
	n    int
}

// before says whether a group was looked at already.
func (t *triedGroups) before(tl, tr, bl finder) bool {
	reach := tl.module / 2
	for _, k := range t.list[:t.n] {
		if near(k[0].x-tl.x, reach) && near(k[0].y-tl.y, reach) &&
			near(k[1].x-tr.x, reach) && near(k[1].y-tr.y, reach) &&
			near(k[2].x-bl.x, reach) && near(k[2].y-bl.y, reach) {
			return true
		}
	}
	return false
}

// remember a group whose sides were all found: where it was seen does not matter then.
func (t *triedGroups) remember(tl, tr, bl finder) {
	if t.n < triedMax {
		t.list[t.n] = [3]point{{tl.x, tl.y}, {tr.x, tr.y}, {bl.x, bl.y}}
		t.n++
	}
}
