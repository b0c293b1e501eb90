package decode

import "math/bits"

// findersMax bounds the finder patterns that are kept of one picture.
const findersMax = 64

// finder is what may be the finder pattern of a QR code: a square in a ring.
type finder struct {
	x, y   float32 // the centre, in pixels of the plane that it was found in
	module float32 // the size of a module, along rows and columns
	seen   int     // how many rows went through its middle
	dark   uint64  // 1 when the square is dark, 0 when the code is inverted
}

// finders looks for finder patterns by the lengths of runs.
type finders struct {
	edges []int32 // where a row changes its colour
	found [findersMax]finder
	n     int
	// barUntil has for each column the row up to which it is known to be in a bar: a
	// shirt's stripes look like a finder pattern in each of many rows.
	barUntil []int32
	// rowHits counts the runs in rows that looked like one: a cheap sign of
	// something like a code.
	rowHits int
	rows    *sparse // where the rows come from when not all are there
}

// search looks in every step-th row, for dark squares and light ones.
func (f *finders) search(b *bitPlane, step int) {
	f.begin(b.w)
	for y := step / 2; y < b.h; y += step {
		f.searchRow(b, y)
	}
}

// begin starts with a plane of some width.
func (f *finders) begin(w int) {
	f.n, f.rowHits = 0, 0
	f.edges = grown(f.edges, w+2)
	f.barUntil = grown(f.barUntil, w)
	clear(f.barUntil)
}

func (f *finders) searchRow(b *bitPlane, y int) {
	edges := f.edges[:b.w+2]
	n, first := edgesOf(b, y, edges)
	if n < 6 || b.w > 200 && n > b.w*2/7 {
		return // no five runs, or noise
	}
	r0, r1 := edges[1]-edges[0], edges[2]-edges[1]
	r2, r3 := edges[3]-edges[2], edges[4]-edges[3]
	for i := 5; i < n; i++ {
		r4 := edges[i] - edges[i-1]
		if r2 > r1 && r2 > r3 && isFinder(r0, r1, r2, r3, r4) {
			f.rowHits++
			if f.rows != nil {
				reach := int(edges[i] - edges[i-5])
				if reach > 7*smallModule || !f.rows.stands(y, edges[i-4:i-1]) {
					r0, r1, r2, r3 = r1, r2, r3, r4
					continue
				}
				f.rows.make(y, reach)
			}
			middle := (edges[i-3] + edges[i-2]) / 2
			f.check(b, int(middle), y, edges[i]-edges[i-5], first^uint64(i+1)&1)
		}
		r0, r1, r2, r3 = r1, r2, r3, r4
	}
}

// edgesOf lists where a row changes its colour, with its two ends, and says whether
// it begins dark.
func edgesOf(b *bitPlane, y int, edges []int32) (n int, first uint64) {
	row := b.words[y*b.stride : (y+1)*b.stride]
	first = row[0] & 1
	carry := first
	edges[0] = 0
	n = 1
	for i, word := range row {
		changes := word ^ (word<<1 | carry)
		carry = word >> 63
		for changes != 0 {
			edges[n] = int32(i*64 + bits.TrailingZeros64(changes))
			n++
			changes &= changes - 1
		}
	}
	if int(edges[n-1]) >= b.w { // the unused end of the last word
		n--
	}
	edges[n] = int32(b.w)
	return n + 1, first
}

// isFinder says whether five runs may be 1:1:3:1:1. It looks at pairs of runs: blur
// and a threshold that is off make all dark runs longer by the same, and pairs don't
// change.
func isFinder(a, b, c, d, e int32) bool {
	sum := a + b + c + d + e
	if sum < 7 {
		return false
	}
	slack := sum/2 + 6
	return abs(7*(a+b)-2*sum) <= slack && abs(7*(d+e)-2*sum) <= slack &&
		abs(7*(b+c)-4*sum) <= slack && abs(7*(c+d)-4*sum) <= slack
}

func abs(v int32) int32 {
	if v < 0 {
		return -v
	}
	return v
}

// check looks at a place from above, from the side and along the diagonals. reach is
// how long the five runs of its row are.
func (f *finders) check(b *bitPlane, x, y int, reach int32, colour uint64) {
	for i := range f.n {
		k := &f.found[i]
		if k.dark == colour && near(float32(x)-k.x, 1.5*k.module) && near(float32(y)-k.y, 1.5*k.module) {
			k.seen++
			return
		}
	}
	if f.n == findersMax || f.barUntil[x] > int32(y) || b.dark(x, y) != colour {
		return
	}
	column, ok := b.cross(x, y, 0, 1, 2*reach)
	if !ok {
		if column.isBar(reach) {
			f.barUntil[x] = int32(y) + column.from
		}
		return
	}
	cy := y + column.shift()
	row, ok := b.cross(x, cy, 1, 0, 2*reach)
	if !ok {
		return
	}
	cx := x + row.shift()
	if b.dark(cx, cy) != colour || row.sum() > 4*column.sum() || column.sum() > 4*row.sum() {
		return
	}
	_, falling := b.cross(cx, cy, 1, 1, 2*reach)
	_, rising := b.cross(cx, cy, 1, -1, 2*reach)
	if !falling && !rising {
		return
	}
	f.found[f.n] = finder{
		x: float32(cx) + 0.5, y: float32(cy) + 0.5,
		module: float32(row.sum()+column.sum()) / 14, seen: 1, dark: colour,
	}
	f.n++
}

func near(d, reach float32) bool { return d <= reach && d >= -reach }

// runs are the lengths of five runs through the middle of a finder pattern. The
// middle one is in two parts, before the point and from the point on.
type runs struct {
	outer0, inner0, before, from, inner1, outer1 int32
}

func (r runs) sum() int32 {
	return r.outer0 + r.inner0 + r.before + r.from + r.inner1 + r.outer1
}

// isBar says whether the middle is longer than a finder pattern as wide as reach has
// it: then that's so in all rows of the run.
func (r runs) isBar(reach int32) bool { return r.from+r.before >= 2*reach }

// shift is how far the middle lies from the point.
func (r runs) shift() int {
	whole := r.from + r.inner1 + r.outer1 - (r.before + r.inner0 + r.outer0)
	square := r.from - r.before
	return int(whole+square) / 4
}

// cross measures the runs through a point along one direction, and says whether
// they are those of a finder pattern.
// No run is longer than the limit.
func (b *bitPlane) cross(x, y, dx, dy int, limit int32) (runs, bool) {
	var r runs
	colour := b.dark(x, y)
	ax, ay, bx, by := x, y, x-dx, y-dy
	r.from = b.run(&ax, &ay, dx, dy, colour, limit)
	r.before = b.run(&bx, &by, -dx, -dy, colour, limit)
	if r.from == limit || r.before == limit {
		return r, false
	}
	limit = min(limit, 2*(r.from+r.before)+2)
	r.inner1 = b.run(&ax, &ay, dx, dy, colour^1, limit)
	r.inner0 = b.run(&bx, &by, -dx, -dy, colour^1, limit)
	r.outer1 = b.run(&ax, &ay, dx, dy, colour, limit)
	r.outer0 = b.run(&bx, &by, -dx, -dy, colour, limit)
	if r.inner0 == 0 || r.inner1 == 0 || r.outer0 == 0 || r.outer1 == 0 {
		return r, false
	}
	middle := r.before + r.from
	return r, middle > r.inner0 && middle > r.inner1 &&
		isFinder(r.outer0, r.inner0, middle, r.inner1, r.outer1)
}

// run counts the pixels of one colour from a point on, and moves the point behind
// them. At the picture's end it stops.
func (b *bitPlane) run(x, y *int, dx, dy int, colour uint64, limit int32) int32 {
	var n int32
	for n < limit && uint(*x) < uint(b.w) && uint(*y) < uint(b.h) && b.dark(*x, *y) == colour {
		n++
		*x += dx
		*y += dy
	}
	return n
}
