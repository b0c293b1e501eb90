package decode

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The frames of BenchmarkQRFrames are as a counter's camera gives them.
const (
	frameW, frameH = 1280, 720
	framesPerKind  = 12
	frameRounds    = 7 // the shortest counts: the machine has other things to do as well
)

// sights are what a camera sees, drawn by chance.
var sights = []struct {
	name string
	draw func(b *testing.B, chance *rand.Rand) Luma
}{
	{"empty", func(_ *testing.B, c *rand.Rand) Luma { return counter(c) }},
	{"hands", hands},
	{"text", func(_ *testing.B, c *rand.Rand) Luma { return held(c, textPage(c), 40) }},
	{"stripes", func(_ *testing.B, c *rand.Rand) Luma { return held(c, stripes(c), 12) }},
	{"EAN-13", func(_ *testing.B, c *rand.Rand) Luma { return held(c, goods(c), 60) }},
	{"noise", func(_ *testing.B, c *rand.Rand) Luma { return grainy(counter(c), c, 10+80*c.Float64()) }},
	{"clean QR", func(b *testing.B, c *rand.Rand) Luma {
		return scene{text: payerCodes[c.IntN(len(payerCodes))], w: frameW, h: frameH,
			module: 6 + 6*c.Float64(), turn: 10 * c.NormFloat64(), black: 25, noise: 2}.draw(b)
	}},
}

// BenchmarkQRFrames looks for QR codes alone, and says what a frame of each kind takes
// in the median and at the worst.
func BenchmarkQRFrames(b *testing.B) {
	for _, sight := range sights {
		b.Run(sight.name, func(b *testing.B) {
			chance := rand.New(rand.NewPCG(11, 12))
			var frames []Luma
			for range framesPerKind {
				frames = append(frames, sight.draw(b, chance))
			}
			q := newQRReader()
			took := slices.Repeat([]time.Duration{time.Hour}, len(frames))
			b.ReportAllocs()
			for b.Loop() {
				for i, l := range frames {
					for range frameRounds {
						began := time.Now()
						if len(q.read(l, nil)) == 0 {
							q.whyNot()
						}
						took[i] = min(took[i], time.Since(began))
					}
				}
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "median-ms")
			b.ReportMetric(took[len(took)-1].Seconds()*1000, "worst-ms")
		})
	}
}

func blank(w, h int, shade byte) Luma {
	return Luma{slices.Repeat([]byte{shade}, w*h), w, w, h}
}

func (l Luma) fill(x, y, w, h int, shade byte) {
	for ; h > 0; h, y = h-1, y+1 {
		for k := max(x, 0); k < min(x+w, l.W) && y >= 0 && y < l.H; k++ {
			l.row(y)[k] = shade
		}
	}
}

// counter is a surface on which the light fades.
func counter(c *rand.Rand) Luma {
	l := blank(frameW, frameH, 0)
	base, dx, dy := 60+100*c.Float64(), 60*(c.Float64()-0.5), 60*(c.Float64()-0.5)
	for y := range l.H {
		for x := range l.W {
			l.Pix[y*l.W+x] = byte(base + dx*float64(x)/frameW + dy*float64(y)/frameH)
		}
	}
	return grainy(l, c, 2)
}

func grainy(l Luma, c *rand.Rand, sigma float64) Luma {
	for i, v := range l.Pix {
		l.Pix[i] = byte(min(max(float64(v)+sigma*c.NormFloat64(), 0), 255))
	}
	return l
}

func hands(_ *testing.B, c *rand.Rand) Luma {
	l := counter(c)
	for range 6 {
		cx, cy := frameW*c.Float64(), frameH*c.Float64()
		rx, ry, shade := 40+160*c.Float64(), 60+160*c.Float64(), 110+80*c.Float64()
		for y := range l.H {
			for x := range l.W {
				off := math.Hypot((float64(x)-cx)/rx, (float64(y)-cy)/ry)
				rim := min(max(8*(1-off), 0), 1)
				at := &l.Pix[y*l.W+x]
				*at = byte(float64(*at)*(1-rim) + shade*rim)
			}
		}
	}
	return grainy(l, c, 2)
}

// write fills a box with lines of something like letters.
func (l Luma) write(c *rand.Rand, x0, y0, w, h, dot int, shade byte) {
	for y := y0; y+7*dot < y0+h; y += 11 * dot {
		for x := x0; x+5*dot < x0+w; x += 6 * dot {
			glyph := c.Uint64()
			for i := range 35 {
				if glyph&7 != 0 && glyph>>(i+3)&1 == 1 {
					l.fill(x+i%5*dot, y+i/5*dot, dot, dot, shade)
				}
			}
		}
	}
}

func textPage(c *rand.Rand) Luma {
	l := blank(700, 640, 235)
	l.write(c, 20, 20, l.W-40, l.H-40, 1+c.IntN(4), 40)
	return l
}

func stripes(c *rand.Rand) Luma {
	l := blank(1100, 640, 220)
	size := 1 + c.IntN(8)
	for x := 0; x < l.W; {
		bar := size * (1 + c.IntN(4))
		l.fill(x, 0, bar, l.H, 25)
		x += bar + size*(1+c.IntN(4))
	}
	return l
}

// goods have bars in which each digit is two bars and two spaces of 7 modules.
func goods(c *rand.Rand) Luma {
	l := blank(700, 600, 190)
	l.write(c, 20, 20, 660, 200, 2, 90)
	l.fill(100, 230, 500, 300, 250)
	module := 2 + c.IntN(3)
	x := 120
	for range 12 {
		rest := 7
		for k := range 4 {
			w := rest
			if k < 3 {
				w = 1 + c.IntN(rest-3+k)
			}
			rest -= w
			if k%2 == 1 {
				l.fill(x, 250, w*module, 230, 15)
			}
			x += w * module
		}
	}
	l.write(c, 120, 490, 400, 30, 2, 15)
	return l
}

// held puts a picture into a frame, turned by up to so many degrees.
func held(c *rand.Rand, page Luma, turn float64) Luma {
	l := counter(c)
	sin, cos := math.Sincos((2*c.Float64() - 1) * turn * math.Pi / 180)
	scale := 1 / (0.7 + 0.7*c.Float64())
	for y := range l.H {
		for x := range l.W {
			dx, dy := scale*float64(x-l.W/2), scale*float64(y-l.H/2)
			u, v := dx*cos+dy*sin+float64(page.W)/2, dy*cos-dx*sin+float64(page.H)/2
			if page.holds(float32(u), float32(v)) {
				l.Pix[y*l.W+x] = byte(page.at(float32(u), float32(v)) >> 8)
			}
		}
	}
	return grainy(l, c, 2)
}
