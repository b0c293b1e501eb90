package decode

import (
	"math"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// codesMax bounds the codes of one picture.
const codesMax = 4

// qrReader finds and reads QR codes, from coarse to fine. Its buffers are used
// again, so that a picture without a code allocates nothing.
type qrReader struct {
	levels  [3]Luma // the picture, its half and its quarter
	buffers [3][]byte
	made    int // how many of the levels are
	binary  binarizer
	finders finders
	triples triples
	modules modules
	words   codewords
	layouts [versionsMax + 1]*layout
	used    [findersMax]bool
	seen    sighting
}

// sighting is what was found of codes in a picture, read or not.
type sighting struct {
	finders  int
	grids    int // groups of three whose timing patterns were there
	rowHits  int
	smallest float32 // modules, in pixels
}

func newQRReader() *qrReader {
	return &qrReader{words: codewords{field: newField()}}
}

// look is one way to look for finder patterns.
type look struct {
	level int // 0: all pixels, 1: half, 2: a quarter
	how   thresholds
	step  int // rows
}

// looks are tried in this order.
var looks = [...]look{
	{1, byMean, 1}, {2, byMean, 1}, {0, byMean, 1},
	{1, byMiddle, 1}, {0, byMiddle, 1}, {1, byWhole, 1}, {2, byMiddle, 1}, {0, byWhole, 1},
}

// read gives the codes in a picture.
func (q *qrReader) read(l Luma, codes []Code) []Code {
	q.levels[0], q.made = l, 1
	q.seen = sighting{}
	for _, k := range looks {
		if !q.find(k) {
			continue
		}
		if codes = q.readGroups(codes); len(codes) > 0 {
			break
		}
	}
	return codes
}

// find looks for finder patterns, and gives them in pixels of the whole picture.
func (q *qrReader) find(k look) bool {
	l := q.level(k.level)
	if l.W < 21 || l.H < 21 {
		return false
	}
	q.binary.measure(l)
	q.finders.search(q.binary.binarize(l, k.how), k.step)
	scale := float32(int(1) << k.level)
	found := q.finders.found[:q.finders.n]
	for i := range found {
		f := &found[i]
		f.x, f.y, f.module = f.x*scale, f.y*scale, f.module*scale
	}
	q.seen.finders = max(q.seen.finders, q.finders.n)
	q.seen.rowHits = max(q.seen.rowHits, q.finders.rowHits)
	q.triples.group(found)
	return q.triples.n > 0
}

// level gives the picture at one of its sizes, and makes it when it is wanted first.
func (q *qrReader) level(n int) Luma {
	for ; q.made <= n; q.made++ {
		q.levels[q.made], q.buffers[q.made] = halve(q.levels[q.made-1], q.buffers[q.made])
	}
	return q.levels[n]
}

// readGroups reads what the groups of finder patterns are.
func (q *qrReader) readGroups(codes []Code) []Code {
	clear(q.used[:])
	for _, t := range q.triples.list[:q.triples.n] {
		if q.used[t.tl] || q.used[t.tr] || q.used[t.bl] {
			continue
		}
		code, ok := q.readGroup(t)
		if !ok {
			continue
		}
		q.used[t.tl], q.used[t.tr], q.used[t.bl] = true, true, true
		if codes = append(codes, code); len(codes) == codesMax {
			break
		}
	}
	return codes
}

// corners are the three finder patterns of a code that is being read.
type corners struct {
	tl, tr, bl square
	size       float64 // of a module, in pixels
	contrast   int32
}

// readGroup reads one code.
func (q *qrReader) readGroup(t triple) (Code, bool) {
	v, c := q.lookAtCorners(t)
	estimate, ok := c.estimate()
	if !ok {
		return Code{}, false
	}
	number, g, ok := c.bestGrid(&v, estimate)
	if !ok {
		return Code{}, false
	}
	q.seen.grids++
	text, ok := q.readGrid(&v, &c, number, g)
	if !ok {
		return Code{}, false
	}
	return Code{Text: text, Symbology: QRCode, Corners: c.centres()}, true
}

// viewFor gives the picture at the size that suits modules of so many pixels.
func (q *qrReader) viewFor(size float64, inverted bool) view {
	n := 0
	if size >= 5 {
		n = 1
	}
	if size >= 12 {
		n = 2
	}
	return view{luma: q.level(n), scale: float32(int(1) << n), inverted: inverted}
}

// lookAtCorners looks at the three finder patterns of a group.
func (q *qrReader) lookAtCorners(t triple) (view, corners) {
	f := &q.finders.found
	tl, tr, bl := f[t.tl], f[t.tr], f[t.bl]
	u, du := direction(tl, tr)
	v, dv := direction(tl, bl)
	turn := float32(math.Max(math.Abs(float64(u.x)), math.Abs(float64(u.y))) / du)
	size := (tl.module + tr.module + bl.module) / 3 * turn
	sight := q.viewFor(float64(size), tl.dark == 0)
	look := func(k finder) square {
		a, b := k.module*turn/float32(du), k.module*turn/float32(dv)
		return sight.lookAt(point{k.x, k.y}, point{u.x * a, u.y * a}, point{v.x * b, v.y * b})
	}
	c := corners{tl: look(tl), tr: look(tr), bl: look(bl), size: float64(size)}
	for _, s := range []*square{&c.tl, &c.tr, &c.bl} {
		c.contrast += (s.light - s.dark) / 3
	}
	c.contrast = max(c.contrast, 8<<8)
	return sight, c
}

func direction(from, to finder) (d point, length float64) {
	d = point{to.x - from.x, to.y - from.y}
	return d, d.length()
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

// bestGrid lays grids of the versions that the symbol may have and gives the one
// whose timing patterns are there.
func (c *corners) bestGrid(v *view, estimate float64) (int, grid, bool) {
	middle := int(math.Round((estimate - 17) / 4))
	reach := 1 + int(estimate)/50
	var best grid
	number, most := 0, float32(0.25)
	for n := max(middle-reach, 1); n <= min(middle+reach, versionsMax); n++ {
		g, ok := gridOf(&c.tl, &c.tr, &c.bl, 17+4*n)
		if !ok {
			continue
		}
		if t := g.timing(v, c.contrast); t > most {
			best, number, most = g, n, t
		}
	}
	return number, best, number > 0
}

// layout gives what a version looks like.
func (q *qrReader) layout(number int) *layout {
	if q.layouts[number] == nil {
		q.layouts[number] = newLayout(number)
	}
	return q.layouts[number]
}

// readGrid reads a symbol whose modules are about where a grid has them.
func (q *qrReader) readGrid(v *view, c *corners, number int, g grid) (string, bool) {
	l := q.layout(number)
	g = q.align(v, c, l, g)
	m := &q.modules
	for range 4 {
		m.take(v, &g)
		m.sharpen(0, 0)
		m.decide(4)
		if m.refine(v, &g) < 0.04 {
			break
		}
	}
	if m.fixedFit() < 100 {
		return "", false
	}
	if number >= 7 {
		if said, score := m.versionAs(); said != number && score > 190 {
			if g, ok := gridOf(&c.tl, &c.tr, &c.bl, 17+4*said); ok && q.seen.grids < 50 {
				q.seen.grids += 50 // once, or two versions could call each other for ever
				return q.readGrid(v, c, said, g)
			}
		}
	}
	return q.readModules(l)
}

// align looks for the alignment patterns, from the near ones to the far ones, and
// lays the grid over them too.
func (q *qrReader) align(v *view, c *corners, l *layout, g grid) grid {
	if len(l.centres) == 0 {
		return g
	}
	last := l.centres[len(l.centres)-1]
	u, w := float64(last[0])+0.5, float64(last[1])+0.5
	reach := 3.5
	if l.dim > 40 {
		reach = 5
	}
	fu, fv, ok := g.alignment(v, u, w, reach, c.contrast)
	if !ok {
		return g
	}
	p := g.to(fu, fv)
	more := [1]match{{u, w, float64(p.x), float64(p.y), 4}}
	if fitted, ok := fitGrid(&c.tl, &c.tr, &c.bl, l.dim, more[:]); ok {
		return fitted
	}
	return g
}

// readModules tries to make sense of the modules, at first as they are, and then as
// blur, motion and uneven light may have changed them.
func (q *qrReader) readModules(l *layout) (string, bool) {
	m := &q.modules
	for _, way := range [...]struct {
		across, down int32
		reach        int // 0: one threshold for all
	}{{0, 0, 4}, {3, 3, 4}, {2, 2, 0}, {6, 0, 4}, {0, 6, 4}, {5, 5, 3}, {1, 1, 8}} {
		m.sharpen(way.across, way.down)
		if way.reach == 0 {
			m.decideByWhole()
		} else {
			m.decide(way.reach)
		}
		for _, f := range m.formats() {
			if f.score < 110 {
				continue
			}
			if text, ok := q.readAs(l, f); ok {
				return text, true
			}
		}
	}
	return "", false
}

// readAs reads the modules by one format.
func (q *qrReader) readAs(l *layout, f format) (string, bool) {
	level, err := decoder.ErrorCorrectionLevel_ForBits(f.level)
	if err != nil {
		return "", false
	}
	q.words.take(&q.modules, l, f)
	if !q.words.repair(l, level) {
		return "", false
	}
	text, err := q.words.text(l, level)
	return text, err == nil && text != ""
}
