package screens

import "math"

// sights are the classes of frames without a code.
var sights = []struct {
	class string
	draw  func(r *Renderer, s *scene, strength int)
}{
	{"empty", func(*Renderer, *scene, int) {}},
	{"hands", hands},
	{"text", textPage},
	{"ean13", goods},
	{"cloth", cloth},
	{"static", func(_ *Renderer, s *scene, n int) { s.noise = pick(n, 15, 30, 60, 100) }},
	{"stripes", stripes},
	{"page", pageWithoutCode},
}

// background is a counter: a slow change of light, some of it.
func (r *Renderer) background(s *scene) {
	const cell = 80
	var knots [H/cell + 2][W/cell + 2]int
	base := 60 + s.chance.IntN(110)
	for y := range knots {
		for x := range knots[y] {
			knots[y][x] = base + s.chance.IntN(40)
		}
	}
	for y := range H {
		a, b, fy := &knots[y/cell], &knots[y/cell+1], y%cell
		row := r.pix[y*W : (y+1)*W]
		for k := range W / cell {
			left := (a[k]*(cell-fy) + b[k]*fy) * 65536 / cell
			right := (a[k+1]*(cell-fy) + b[k+1]*fy) * 65536 / cell
			d := (right - left) / cell
			for x := k * cell; x < (k+1)*cell; x++ {
				row[x] = byte(left >> 16)
				left += d
			}
		}
	}
}

// blob is an ellipse with a soft rim.
func (r *Renderer) blob(cx, cy, rx, ry float64, shade int) {
	for y := max(int(cy-ry), 0); y < min(int(cy+ry), H); y++ {
		dy := (float64(y) - cy) / ry
		half := rx * math.Sqrt(1-min(dy*dy, 1))
		for x := max(int(cx-half), 0); x < min(int(cx+half), W); x++ {
			dx := (float64(x) - cx) / rx
			rim := min(1, 4*(1-dx*dx-dy*dy))
			at := &r.pix[y*W+x]
			*at = byte(float64(*at)*(1-rim) + rim*float64(shade))
		}
	}
}

func hands(r *Renderer, s *scene, n int) {
	c := s.chance
	x, y := W*c.Float64(), H*c.Float64()
	r.blob(x, y, 220, 180, 150)
	for i := range 3 + n {
		r.blob(x+float64(i-2)*90, y-170-40*c.Float64(), 38, 160, 150+c.IntN(40))
	}
}

// hold shows the picture that was drawn into the page as if it was a phone.
func (r *Renderer) hold(s *scene, turn float64) {
	s.pose.scale = 0.8 + 0.6*s.chance.Float64()
	s.pose.turn = (s.chance.Float64() - 0.5) * turn
	s.pose.centerX, s.pose.centerY = phoneW/2, phoneH/2
	r.project(s, s.pose.matrix(), phoneW, phoneH)
}

func textPage(r *Renderer, s *scene, n int) {
	r.page.size(phoneW, phoneH)
	r.page.fill(0, 0, phoneW, phoneH, 235)
	dot := 1 + n%3
	s.scribble(&r.page, box{20, 20, phoneW - 40, phoneH - 40}, dot, 40)
	r.hold(s, float64(n)*0.8)
}

// goods is a package with a barcode that is no payer code.
func goods(r *Renderer, s *scene, n int) {
	r.page.size(phoneW, phoneH)
	r.page.fill(0, 0, phoneW, phoneH, 190)
	s.scribble(&r.page, box{30, 30, phoneW - 60, 400}, 2+n%2, 90)
	r.page.fill(90, phoneH/2-20, 360, 200, 250)
	r.page.bars(s.ean13(), box{130, phoneH / 2, 280, 140}, 250, 10)
	s.scribble(&r.page, box{130, phoneH/2 + 145, 280, 30}, 2, 10)
	r.hold(s, float64(n)*0.8)
}

// ean13 makes the modules of a goods barcode with random digits.
func (s *scene) ean13() []bool {
	left := [10]uint8{0x0d, 0x19, 0x13, 0x3d, 0x23, 0x31, 0x2f, 0x3b, 0x37, 0x0b}
	var out []bool
	put := func(bits uint8, n int) {
		for i := n - 1; i >= 0; i-- {
			out = append(out, bits>>i&1 == 1)
		}
	}
	put(0b101, 3)
	for range 6 {
		put(left[s.chance.IntN(10)], 7)
	}
	put(0b01010, 5)
	for range 6 {
		put(^left[s.chance.IntN(10)]&0x7f, 7)
	}
	put(0b101, 3)
	return out
}

func cloth(r *Renderer, s *scene, n int) {
	size := 6 + s.chance.IntN(10*n)
	angle := s.chance.Float64() * math.Pi
	c, sn := fix(math.Cos(angle)/float64(size)), fix(math.Sin(angle)/float64(size))
	light, dark := byte(160+s.chance.IntN(60)), byte(40+s.chance.IntN(60))
	for y := range H {
		u, v := y*sn, y*c
		row := r.pix[y*W : (y+1)*W]
		for x := range row {
			if (u>>16^v>>16)&1 == 0 {
				row[x] = light
			} else {
				row[x] = dark
			}
			u, v = u+c, v-sn
		}
	}
}

// stripes are a shirt or a blind: lines of any width, as a Code 128 has them.
func stripes(r *Renderer, s *scene, n int) {
	r.page.size(phoneW, phoneH)
	shade := byte(20)
	for x := 0; x < phoneW; {
		w := (1 + s.chance.IntN(4)) * (1 + n)
		r.page.fill(x, 0, w, phoneH, shade)
		x, shade = x+w, 240-shade
	}
	r.hold(s, 6)
}

func pageWithoutCode(r *Renderer, s *scene, n int) {
	r.page.size(phoneW, phoneH)
	r.page.fill(0, 0, phoneW, phoneH, 8)
	r.page.fill(bezel, bezel, phoneW-2*bezel, phoneH-2*bezel, 235)
	for i := range 5 * n {
		x, y := 40+i%4*120, 200+i/4*150
		r.page.fill(x, y, 80, 80, byte(60+s.chance.IntN(150)))
		s.scribble(&r.page, box{x, y + 90, 90, 24}, 2, 60)
	}
	r.hold(s, float64(n)*0.5)
}
