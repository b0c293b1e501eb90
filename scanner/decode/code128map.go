package decode

import (
	"encoding/binary"
	"math"
)

// A bar code is a place where for a long way all edges run in one direction. lineMap
// finds such places at half size: it knows blocks, not bars.

const (
	blockSide = 8 // pixels at half size
	// What a block needs to count: the mean difference between neighbours along its
	// direction, and how much larger that is than across.
	magnitudeMin = 20
	alignedMin   = 5 // blocks in a row; the smallest code that can be read has 9
	gapMax       = 4 // blocks without edges between two with some: a wide bar, near by
	regionsMax   = 8
)

// block is what the edges in a block agree on. x and y are the cosine and sine of
// twice the direction in which brightness changes, times how much.
type block struct {
	x, y int16
	size int16 // 0: no direction
	used bool
}

// region is a part of the picture where edges agree, in pixels at full size.
type region struct {
	cx, cy     float32 // its middle
	dx, dy     float32 // unit vector of the line to read, across the bars
	bx, by     float32 // unit vector along the bars
	leans      bool    // the two are not at a right angle
	half, tall float32 // half of its length along d, and half of its height along b
	score      int
	progress   int     // symbols in a row that were read on any line of it
	likely     track   // where they begin, from the middle of the region
	off        float32 // and how far beside the middle that line lies
	bar        bool    // lines through it are many-edged and look alike
	bars       int     // edges that the line in the middle has within the region
}

type lineMap struct {
	w, h    int
	blocks  []block
	regions [regionsMax]region
	count   int
}

// find fills regions from a picture at half size, best first.
func (m *lineMap) find(half Luma) {
	m.measure(half)
	m.count = 0
	for by := range m.h {
		for bx := range m.w {
			b := &m.blocks[by*m.w+bx]
			if b.size != 0 && !b.used {
				m.try(bx, by)
			}
		}
	}
}

// measure sums, for each block, the differences between a pixel and its neighbours in
// four directions, eight pixels at a time, on every second row.
func (m *lineMap) measure(half Luma) {
	m.w, m.h = max((half.W-1)/blockSide, 0), half.H/blockSide
	if n := m.w * m.h; cap(m.blocks) < n {
		m.blocks = make([]block, n)
	} else {
		m.blocks = m.blocks[:n]
	}
	for by := range m.h {
		row := m.blocks[by*m.w : (by+1)*m.w]
		top := by * blockSide * half.Stride
		for bx := range row {
			row[bx] = measureBlock(half.Pix[top+bx*blockSide:], half.Stride)
		}
	}
}

const (
	lowSeven  = 0x7f7f7f7f7f7f7f7f
	topBits   = 0x8080808080808080
	evenBytes = 0x00ff00ff00ff00ff
	sumLanes  = 0x0001000100010001
)

func measureBlock(pix []byte, stride int) block {
	var across, down, fall, rise uint64
	last := (blockSide-1)*stride + blockSide + 1
	pix = pix[:last]
	for at := 0; at+stride+blockSide < last; at += 2 * stride {
		a := binary.LittleEndian.Uint64(pix[at:]) >> 1 & lowSeven
		b := binary.LittleEndian.Uint64(pix[at+1:]) >> 1 & lowSeven
		c := binary.LittleEndian.Uint64(pix[at+stride:]) >> 1 & lowSeven
		d := binary.LittleEndian.Uint64(pix[at+stride+1:]) >> 1 & lowSeven
		across += pairs(apart(a, b))
		down += pairs(apart(a, c))
		fall += pairs(apart(a, d))
		rise += pairs(apart(b, c))
	}
	e0, e90 := int(across*sumLanes>>48), int(down*sumLanes>>48)
	// A diagonal neighbour is further away.
	e45, e135 := int(fall*sumLanes>>48)*181>>8, int(rise*sumLanes>>48)*181>>8
	x, y := e0-e90, e45-e135
	size := length(x, y)
	if size < magnitudeMin || size*9 < e0+e90+e45+e135 {
		return block{}
	}
	return block{x: int16(x), y: int16(y), size: int16(size)}
}

// apart gives the distances between eight numbers of seven bits.
func apart(a, b uint64) uint64 {
	t := (a | topBits) - b
	less := ^t & topBits
	ones := less >> 7
	return (t & lowSeven) ^ (less - ones) + ones
}

// pairs adds neighbouring bytes, so that sums have 16 bits.
func pairs(v uint64) uint64 { return v&evenBytes + v>>8&evenBytes }

// length is within 4 % of the vector's.
func length(x, y int) int {
	x, y = max(x, -x), max(y, -y)
	return max(x, y) + min(x, y)*3/8
}

// along says whether a block's direction is within about 17 degrees of the vector's.
func (b *block) along(x, y float32) bool {
	return b.size != 0 && float32(b.x)*x+float32(b.y)*y > 0.8*float32(b.size)
}

// near is a looser along: about 30 degrees.
func (b *block) near(x, y float32) bool {
	return b.size != 0 && float32(b.x)*x+float32(b.y)*y > 0.45*float32(b.size)
}

// at gives the block at a place counted in blocks, nil outside.
func (m *lineMap) at(x, y float32) *block {
	bx, by := int(x), int(y)
	if x < 0 || y < 0 || bx >= m.w || by >= m.h {
		return nil
	}
	return &m.blocks[by*m.w+bx]
}

// run is what a walk through the map has met.
type run struct {
	x, y    float32 // sum of the blocks' vectors
	met     int     // blocks that agree
	ax, ay  float32 // the last of them
	reached float32 // how far away it is, in blocks
}

// try walks from a block both ways in the direction of its edges' change, and keeps
// the region when enough blocks agree.
func (m *lineMap) try(bx, by int) {
	b := &m.blocks[by*m.w+bx]
	b.used = true
	x, y := float32(b.x), float32(b.y)
	px, py := float32(bx)+0.5, float32(by)+0.5
	ahead := m.walk(px, py, x, y, 1)
	back := m.walk(px, py, x, y, -1)
	met := ahead.met + back.met + 1
	span := ahead.reached + back.reached + 1
	if met < alignedMin || float32(met) < 0.5*span {
		return
	}
	x, y = unit(x+ahead.x+back.x, y+ahead.y+back.y)
	r := region{cx: (ahead.ax + back.ax) / 2, cy: (ahead.ay + back.ay) / 2, score: met}
	// In perspective the bars are a fan: the way through them is an arc, and the line
	// to read its chord.
	r.dx, r.dy = unit(ahead.ax-back.ax, ahead.ay-back.ay)
	r.bx, r.by = r.across(x, y)
	span = (ahead.ax-back.ax)*r.dx + (ahead.ay-back.ay)*r.dy + 1
	m.height(&r, x, y, span)
	span = m.extend(&r, x, y, span)
	lean := m.height(&r, x, y, span)
	m.useUp(&r, x, y, span)
	m.keep(r.full(span))
	if lean < leanMin && lean > -leanMin {
		return
	}
	// The middles lie on a line of their own: that of a code that is seen askew, or of
	// one and of what is near it. Both lines are worth a try.
	r.leans = true
	for range 2 {
		r.dx, r.dy = unit(r.dx+lean*r.bx, r.dy+lean*r.by)
		span = m.extend(&r, x, y, 0)
		lean = m.height(&r, x, y, span)
	}
	m.useUp(&r, x, y, span)
	m.keep(r.full(span))
}

// full turns blocks into pixels at full size.
func (r region) full(span float32) region {
	const full = 2 * blockSide
	r.cx, r.cy, r.half, r.tall = r.cx*full, r.cy*full, span/2*full, r.tall*full
	return r
}

// leanMin is how far the line through the bars' middles may be from the right angle to
// them before it counts, as a slope.
const leanMin = 0.12

// across gives the direction of the bars where edges change along half the angle of
// (x, y): a quarter turn from the line.
func (r *region) across(x, y float32) (bx, by float32) {
	gx, gy := halfAngle(x, y)
	if gx*r.dx+gy*r.dy < 0 {
		gx, gy = -gx, -gy
	}
	return -gy, gx
}

// extend goes along the line to both ends, and gives the span between them, or the
// one before when that is longer.
func (m *lineMap) extend(r *region, x, y, before float32) float32 {
	var reached [2]float32
	for side, sign := range [2]float32{1, -1} {
		ux, uy := x, y
		for step := float32(1); step <= reached[side]+gapMax; step++ {
			b := m.at(r.cx+sign*step*r.dx, r.cy+sign*step*r.dy)
			if b == nil {
				break
			}
			if b.along(ux, uy) {
				k := 1 / float32(b.size)
				ux, uy = unit(4*ux+float32(b.x)*k, 4*uy+float32(b.y)*k)
				reached[side] = step
			}
		}
	}
	if reached[0]+reached[1]+1 <= before {
		return before
	}
	t := (reached[0] - reached[1]) / 2
	r.cx, r.cy = r.cx+t*r.dx, r.cy+t*r.dy
	return reached[0] + reached[1] + 1
}

// walk goes from block to block, one side length at a time, and follows their
// direction where it changes slowly.
func (m *lineMap) walk(px, py, x, y, sign float32) run {
	r := run{ax: px, ay: py}
	ux, uy := unit(x, y)
	dx, dy := halfAngle(ux, uy)
	for step, gap := float32(1), 0; gap <= gapMax; step++ {
		px, py = px+sign*dx, py+sign*dy
		b := m.at(px, py)
		if b == nil {
			break
		}
		if !b.along(ux, uy) {
			gap++
			if gap > 1 && r.met == 0 {
				break // most blocks of text end here
			}
			continue
		}
		gap = 0
		b.used = true
		r.x, r.y, r.met = r.x+float32(b.x), r.y+float32(b.y), r.met+1
		r.ax, r.ay, r.reached = px, py, step
		const inertia = 4
		k := 1 / float32(b.size)
		ux, uy = unit(inertia*ux+float32(b.x)*k, inertia*uy+float32(b.y)*k)
		nx, ny := halfAngle(ux, uy)
		if nx*dx+ny*dy < 0 {
			nx, ny = -nx, -ny
		}
		dx, dy = nx, ny
	}
	return r
}

// height goes along the bars from some places, moves the region to the middle of what
// it finds, and gives the slope of the line through those middles.
func (m *lineMap) height(r *region, x, y, span float32) (lean float32) {
	const places = 7
	var ups, downs [places]float32
	var n, sumT, sumM, sumTT, sumTM float32
	for i := range ups {
		t := (float32(i) - (places-1)/2) / places * span
		px, py := r.cx+t*r.dx, r.cy+t*r.dy
		vx, vy := x, y
		if b := m.at(px, py); b != nil && b.near(x, y) {
			vx, vy = unit(float32(b.x), float32(b.y))
		}
		bx, by := r.across(vx, vy)
		ups[i] = m.climb(px, py, bx, by, vx, vy)
		downs[i] = m.climb(px, py, -bx, -by, vx, vy)
		if mid := (ups[i] - downs[i]) / 2; ups[i]+downs[i] > 1 {
			n, sumT, sumM, sumTT, sumTM = n+1, sumT+t, sumM+mid, sumTT+t*t, sumTM+t*mid
		}
	}
	u, d := upper(ups), upper(downs)
	if n >= 4 && u+d >= 3 {
		lean = (n*sumTM - sumT*sumM) / max(n*sumTT-sumT*sumT, 1)
		mid := (sumM - lean*sumT) / n
		r.cx, r.cy = r.cx+mid*r.bx, r.cy+mid*r.by
	} else {
		r.cx, r.cy = r.cx+(u-d)/2*r.bx, r.cy+(u-d)/2*r.by
	}
	r.tall = (u+d)/2 + 0.5
	return lean
}

// useUp marks the blocks of a region, so that none begins a region again.
func (m *lineMap) useUp(r *region, x, y, span float32) {
	for s := -r.tall - 1; s <= r.tall+1; s++ {
		for t := -span/2 - 1; t <= span/2+1; t++ {
			if b := m.at(r.cx+t*r.dx+s*r.bx, r.cy+t*r.dy+s*r.by); b != nil && b.near(x, y) {
				b.used = true
			}
		}
	}
}

func (m *lineMap) climb(px, py, dx, dy, x, y float32) float32 {
	reached := float32(0)
	for step := float32(1); step <= reached+2; step++ {
		b := m.at(px+step*dx, py+step*dy)
		if b != nil && b.along(x, y) {
			reached = step
		}
	}
	return reached
}

// upper gives a value that few of them exceed.
func upper(of [7]float32) float32 {
	for i := 1; i < len(of); i++ {
		for j := i; j > 0 && of[j] < of[j-1]; j-- {
			of[j], of[j-1] = of[j-1], of[j]
		}
	}
	return of[4]
}

// keep puts a region among the best.
func (m *lineMap) keep(r region) {
	i := m.count
	if i == regionsMax {
		if m.regions[i-1].score >= r.score {
			return
		}
		i--
	} else {
		m.count++
	}
	for ; i > 0 && m.regions[i-1].score < r.score; i-- {
		m.regions[i] = m.regions[i-1]
	}
	m.regions[i] = r
}

func unit(x, y float32) (float32, float32) {
	n := float32(math.Sqrt(float64(x*x + y*y)))
	if n == 0 {
		return 1, 0
	}
	return x / n, y / n
}

// halfAngle gives the direction of half the angle of a unit vector.
func halfAngle(x, y float32) (float32, float32) {
	c := float32(math.Sqrt(float64(max(1+x, 0) / 2)))
	if c < 1e-3 {
		return 0, 1
	}
	return c, y / (2 * c)
}
