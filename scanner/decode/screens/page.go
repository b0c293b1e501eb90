package screens

// The phone's picture, in its own pixels: a bezel around a page with a card on it.
const (
	phoneW, phoneH = 540, 1100
	bezel          = 16
	cardTop        = 230
	qrSide         = 300
	barsW, barsH   = 400, 90
)

// plane is a picture in shades of grey.
type plane struct {
	pix  []byte
	w, h int
}

func (p *plane) size(w, h int) {
	if cap(p.pix) < w*h {
		p.pix = make([]byte, w*h)
	}
	p.pix, p.w, p.h = p.pix[:w*h], w, h
}

// at gives the shade between four pixels, at a place in 65536ths; -1 outside.
func (p *plane) at(u, v int) int {
	x, y := u>>16, v>>16
	if uint(x) >= uint(p.w-1) || uint(y) >= uint(p.h-1) {
		return -1
	}
	i := y*p.w + x
	q := p.pix[i : i+p.w+2]
	fu, fv := u>>8&255, v>>8&255
	top := int(q[0])*(256-fu) + int(q[1])*fu
	low := int(q[p.w])*(256-fu) + int(q[p.w+1])*fu
	return (top*(256-fv) + low*fv) >> 16
}

func (p *plane) fill(x, y, w, h int, shade byte) {
	x1, y1 := min(x+w, p.w), min(y+h, p.h)
	x, y = max(x, 0), max(y, 0)
	if x >= x1 {
		return
	}
	for ; y < y1; y++ {
		row := p.pix[y*p.w+x : y*p.w+x1]
		for i := range row {
			row[i] = shade
		}
	}
}

// center gives the middle of the symbol that the frame is about.
func (s *scene) center() (x, y float64) {
	switch s.symbol {
	case Bars:
		return phoneW / 2, cardTop + 60 + barsH/2
	case Both:
		return phoneW / 2, cardTop + 60 + barsH + 50 + qrSide/2
	}
	return phoneW / 2, cardTop + 60 + qrSide/2
}

// drawPage draws the phone with the wallet's page.
func (r *Renderer) drawPage(s *scene) {
	p := &r.page
	p.size(phoneW, phoneH)
	paper, ink, head := byte(235), byte(60), byte(90+s.chance.IntN(70))
	if s.dark {
		paper, ink, head = 30, 190, 45
	}
	p.fill(0, 0, phoneW, phoneH, 8) // the bezel
	p.fill(bezel, bezel, phoneW-2*bezel, phoneH-2*bezel, paper)
	p.fill(bezel, bezel, phoneW-2*bezel, 150, head)
	s.scribble(p, box{40, 50, 300, 60}, 3, 250)
	card := box{bezel + 24, cardTop, phoneW - 2*bezel - 48, 480}
	if s.symbol == Both {
		card.h += 80
	}
	light, dark := byte(255), byte(0)
	if s.inverted {
		light, dark = 18, 245
	}
	p.fill(card.x, card.y, card.w, card.h, light)
	y := cardTop + 60
	if s.symbol != QR {
		s.drawBars(p, y, light, dark)
		y += barsH + 50
	}
	if s.symbol != Bars {
		s.drawQR(p, y, light, dark)
		y += qrSide + 30
	}
	s.scribble(p, box{card.x + 120, y, 200, 40}, 1, dark/2+ink/2)
	s.scribble(p, box{40, card.y + card.h + 40, phoneW - 80, 240}, 2, ink)
}

type box struct{ x, y, w, h int }

// scribble fills a box with lines of what looks like text.
func (s *scene) scribble(p *plane, b box, dot int, shade byte) {
	for y := b.y; y+9*dot < b.y+b.h; y += 14 * dot {
		for x := b.x; x+6*dot < b.x+b.w; x += 7 * dot {
			glyph := s.chance.Uint64()
			if glyph&7 == 0 {
				continue // a space between words
			}
			for i := range 40 {
				if glyph>>(i+3)&1 == 1 {
					p.fill(x+i%5*dot, y+i/5*dot, dot, dot, shade)
				}
			}
		}
	}
}

func (s *scene) drawQR(p *plane, top int, light, dark byte) {
	m := s.matrix()
	n := m.GetWidth()
	left := (phoneW - qrSide) / 2
	if s.quiet > 0 {
		q := int(s.quiet * qrSide / float64(n))
		p.fill(left-q-30, top-q-30, qrSide+2*q+60, qrSide+2*q+60, dark/2+light/4)
		p.fill(left-q, top-q, qrSide+2*q, qrSide+2*q, light)
	}
	for y := range n {
		for x := range n {
			if m.Get(x, y) == 1 {
				x0, y0 := x*qrSide/n, y*qrSide/n
				p.fill(left+x0, top+y0, (x+1)*qrSide/n-x0, (y+1)*qrSide/n-y0, dark)
			}
		}
	}
	if s.logo && len(s.qr) < 30 {
		const side = qrSide / 5
		x, y := (phoneW-side)/2, top+(qrSide-side)/2
		p.fill(x-5, y-5, side+10, side+10, light)
		p.fill(x, y, side, side, 110)
		p.fill(x+14, y+10, 12, 32, 240)
		p.fill(x+34, y+22, 16, 26, 240)
	}
}

func (s *scene) drawBars(p *plane, top int, light, dark byte) {
	modules := s.modules()
	left := (phoneW - barsW) / 2
	if s.quiet > 0 {
		q := int(s.quiet*barsW/float64(len(modules)) + 0.5)
		p.fill(left-q-40, top-10, 40, barsH+20, dark/2+light/4)
		p.fill(left+barsW+q, top-10, 40, barsH+20, dark/2+light/4)
	}
	p.bars(modules, box{left, top, barsW, barsH}, light, dark)
	s.scribble(p, box{left + 60, top + barsH + 10, barsW - 120, 24}, 2, dark)
}

// bars draws modules into a box. A column that two of them share gets some of both.
func (p *plane) bars(modules []bool, b box, light, dark byte) {
	per := float64(len(modules)) / float64(b.w)
	for x := range b.w {
		sum := 0.0
		const parts = 8
		for k := range parts {
			at := int((float64(x) + (float64(k)+0.5)/parts) * per)
			if at < len(modules) && modules[at] {
				sum++
			}
		}
		shade := float64(light) + (float64(dark)-float64(light))*sum/parts
		p.fill(b.x+x, b.y, 1, b.h, byte(shade))
	}
}

// shrink halves the picture until it is not much finer than the frame, and says how
// often.
func (r *Renderer) shrink(scale float64) int {
	level := 0
	from := &r.page
	for ; level < len(r.mips) && scale < 0.75; level++ {
		to := &r.mips[level]
		to.size(from.w/2, from.h/2)
		for y := range to.h {
			a := from.pix[2*y*from.w:][:2*to.w]
			b := from.pix[(2*y+1)*from.w:][:2*to.w]
			row := to.pix[y*to.w:][:to.w]
			for x := range row {
				row[x] = byte((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) / 4)
			}
		}
		from, scale = to, scale*2
	}
	return level
}
