package decode

import (
	"math"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// The limits of the work for one picture.
const (
	triesMax      = 12 // groups that are looked at in a frame when none is a likely one
	triesMaxSmall = 40 // the same for a small picture
	gridsMax      = 12 // grids whose modules are looked at
)

// codesMax bounds the codes of one picture.
const codesMax = 4

// qrReader finds and reads QR codes, from coarse to fine. Its buffers are used
// again, so that a picture without a code allocates nothing.
type qrReader struct {
	levels  [3]Luma // the picture, its half and its quarter
	buffers [3][]byte
	made    int          // how many of the levels are
	binary  [3]binarizer // of each level, measured when it is wanted first
	known   [3]bool
	finders finders
	sparse  sparse
	joint   joint
	triples triples
	modules modules
	words   codewords
	layouts [versionsMax + 1]*layout
	used    [findersMax]bool
	tried   triedGroups
	seen    sighting
}

func newQRReader() *qrReader {
	return &qrReader{words: codewords{field: newField()}}
}

// look is one way to look for finder patterns.
type look struct {
	level int // 0: all pixels, 1: half, 2: a quarter
	how   thresholds
	when  evidence // what must be there for it
}

// evidence is what speaks for a code in the picture.
type evidence int

const (
	none   evidence = iota
	hint            // finder patterns that do not make up a group
	likely          // a group that lies as the corners of a code do
)

// looks are tried in this order. What needs no evidence is what a frame without a
// code costs.
var looks = [...]look{
	{1, byMean, none}, {2, byMean, none}, {2, byMiddle, none},
	{1, byMiddle, hint}, {0, byMean, likely},
	{1, byWhole, likely}, {0, byMiddle, likely}, {0, byWhole, likely},
}

// smallPicture is the size, in pixels, up to which all looks cost less than the first
// ones of a camera's frame, and are tried without evidence.
const smallPicture = 420_000

// read gives the codes in a picture.
func (q *qrReader) read(l Luma, codes []Code) []Code {
	q.levels[0], q.made = l, 1
	q.known = [3]bool{}
	q.seen = sighting{}
	q.tried.n = 0
	for i, k := range looks {
		if k.when > q.seen.evidence && l.W*l.H > smallPicture {
			continue
		}
		if q.find(k) {
			codes = q.readGroups(codes)
		}
		if len(codes) == 0 && q.triples.pairs > 0 && k.when < likely {
			codes = q.readPairs(codes)
		}
		if len(codes) == 0 && i == 0 && l.W*l.H > smallPicture && q.findSmall() {
			codes = q.readGroups(codes)
		}
		if len(codes) > 0 {
			return codes
		}
	}
	if l.W*l.H <= smallPicture && l.W >= blockSize && l.H >= blockSize {
		if code, ok := q.readPure(); ok {
			codes = append(codes, code)
		}
	}
	return codes
}

// find looks for finder patterns, and gives them in pixels of the whole picture.
func (q *qrReader) find(k look) bool {
	l := q.level(k.level)
	step := 1
	if k.level < 2 && l.W*l.H > 100_000 {
		step = 2
	}
	q.finders.n, q.triples.n = 0, 0
	if l.W < 21 || l.H < 21 {
		return false
	}
	q.finders.search(q.measured(k.level).binarize(l, k.how), step)
	q.seen.rowHits = max(q.seen.rowHits, q.finders.rowHits)
	return q.group(float32(int(1) << k.level))
}

// measured gives what tells dark from light in the picture at one of its sizes.
func (q *qrReader) measured(level int) *binarizer {
	b := &q.binary[level]
	if !q.known[level] {
		b.measure(q.level(level))
		q.known[level] = true
	}
	return b
}

// group turns what was found into pixels of the whole picture and into groups.
func (q *qrReader) group(scale float32) bool {
	found := q.finders.found[:q.finders.n]
	for i := range found {
		f := &found[i]
		f.x, f.y, f.module = f.x*scale, f.y*scale, f.module*scale
	}
	found = mostSeen(found)
	q.finders.n = len(found)
	q.triples.group(found)
	if q.triples.pairs > 0 {
		q.seen.evidence = max(q.seen.evidence, hint)
	}
	return q.triples.n > 0
}

// findSmall looks for small finder patterns, after a look at half size. Few modules of a
// small code lie in a block, so that their mean says little, and the middle between the
// darkest and the brightest is the better threshold.
func (q *qrReader) findSmall() bool {
	q.binary[1].limitByMiddle()
	q.sparse.begin(q.levels[0], &q.binary[1])
	q.finders.searchSparse(&q.sparse)
	return q.group(1)
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
	tries := triesMax
	if q.levels[0].W*q.levels[0].H <= smallPicture {
		tries = triesMaxSmall
	}
	for _, t := range q.triples.list[:q.triples.n] {
		if q.seen.tries >= tries && q.seen.evidence < likely {
			break
		}
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

// readGroup reads one code.
func (q *qrReader) readGroup(t triple) (Code, bool) {
	f := &q.finders.found
	if q.tried.before(f[t.tl], f[t.tr], f[t.bl]) {
		return Code{}, false
	}
	q.seen.tries++
	v, c := q.lookAtCorners(t)
	if c.sharp() == 3 {
		q.tried.remember(f[t.tl], f[t.tr], f[t.bl])
	}
	estimate, ok := c.estimate()
	if !ok || c.sharp() == 0 && t.score > likelyBelow {
		return Code{}, false
	}
	if t.score < likelyBelow && c.sharp() >= 2 {
		q.seen.evidence = likely
	}
	return q.readCorners(&v, &c, estimate)
}

// readCorners reads the code that has about so many modules between its corners.
func (q *qrReader) readCorners(v *view, c *corners, estimate float64) (Code, bool) {
	q.seen.note(c)
	number, g, ok := c.bestGrid(v, estimate)
	if !ok {
		return Code{}, false
	}
	if q.seen.grids >= gridsMax || !c.fit(v, &g) {
		return Code{}, false
	}
	q.seen.grids++
	q.seen.faint = g.isFaint(v, c.contrast)
	text, ok := q.readGrid(v, c, number, g)
	if !ok {
		return Code{}, false
	}
	c.complete(&g)
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

// layout gives what a version looks like.
func (q *qrReader) layout(number int) *layout {
	if q.layouts[number] == nil {
		q.layouts[number] = newLayout(number)
	}
	return q.layouts[number]
}

// refinesMax bounds how often a grid is moved.
const refinesMax = 4

// readGrid reads a symbol whose modules are about where a grid has them.
func (q *qrReader) readGrid(v *view, c *corners, number int, g grid) (string, bool) {
	l := q.layout(number)
	q.settle(v, c, l, &g)
	if said, ok := q.modules.otherVersion(number); ok {
		if laid, ok := c.lay(17+4*said, nil); ok {
			l, g = q.layout(said), laid
			q.settle(v, c, l, &g)
		}
	}
	if q.modules.fixedFit() < fixedFitMin {
		return "", false
	}
	return q.readModules(l)
}

// fixedFitMin is how well the patterns that every symbol has must be seen, of 256.
const fixedFitMin = 60

// settle moves a grid to where the symbol's modules are, and takes these.
func (q *qrReader) settle(v *view, c *corners, l *layout, g *grid) {
	*g = q.align(v, c, l, *g)
	m := &q.modules
	for range refinesMax {
		m.take(v, g, false)
		m.sharpen(0, 0)
		m.decide(4)
		if m.refine(v, g) < 0.05 {
			break
		}
	}
	m.take(v, g, true)
	m.sharpen(0, 0)
	m.decide(4)
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
	if fitted, ok := c.lay(l.dim, more[:]); ok {
		return fitted
	}
	return g
}

// formatMin is how well a symbol's format must be seen, of 256.
const formatMin = 110

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
		if text, ok := q.readSoft(l); ok {
			return text, true
		}
	}
	return q.readJoint(l)
}

// readSoft reads the modules by the formats that they may have.
func (q *qrReader) readSoft(l *layout) (string, bool) {
	formats := q.modules.formats()
	for _, f := range formats {
		if f.score < formatMin || f.score < formats[0].score-formatMin/4 {
			break
		}
		if text, ok := q.readAs(l, f); ok {
			return text, true
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
