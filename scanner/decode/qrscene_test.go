package decode

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// scene is a code as a camera sees it, on a grey counter.
type scene struct {
	text     string
	w, h     int
	module   float64 // pixels
	x, y     float64 // the code's middle, in the picture; 0 for the picture's own
	turn     float64 // degrees
	tilt     float64 // degrees, about the picture's upright
	inverted bool
	mirrored bool
	black    float64
	white    float64 // 0 for 230
	blur     int     // pixels that are mixed, along rows and columns
	noise    float64
	spot     float64 // the radius of glare, in modules
	spotX    float64 // where it is, of the code's side; 0 for a half
}

// modulesOf gives the symbol without a margin.
func modulesOf(t testing.TB, text string) *gozxing.BitMatrix {
	t.Helper()
	matrix, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 1, 1,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 0})
	if err != nil {
		t.Fatal(err)
	}
	return matrix
}

// draw gives the picture. Each pixel is the mean of four points.
func (s scene) draw(t testing.TB) Luma {
	t.Helper()
	matrix := modulesOf(t, s.text)
	if s.white == 0 {
		s.white = 230
	}
	if s.spotX == 0 {
		s.spotX = 0.5
	}
	if s.x == 0 {
		s.x, s.y = float64(s.w)/2, float64(s.h)/2
	}
	l := Luma{make([]byte, s.w*s.h), s.w, s.w, s.h}
	chance := rand.New(rand.NewPCG(1, 2))
	for y := range s.h {
		for x := range s.w {
			var sum float64
			for _, d := range [4][2]float64{{0.25, 0.25}, {0.75, 0.25}, {0.25, 0.75}, {0.75, 0.75}} {
				sum += s.shade(matrix, float64(x)+d[0], float64(y)+d[1])
			}
			v := sum/4 + s.noise*chance.NormFloat64()
			l.Pix[y*s.w+x] = byte(min(max(v, 0), 255))
		}
	}
	for range 3 {
		l = s.soften(l)
	}
	return l
}

// shade gives what one point of the picture shows.
func (s scene) shade(matrix *gozxing.BitMatrix, x, y float64) float64 {
	x, y = x-s.x, y-s.y
	if s.tilt != 0 { // from the picture to the tilted plane, seen from two heights off
		sin, cos := math.Sincos(s.tilt * math.Pi / 180)
		away := 2 * float64(s.h)
		k := away / (away*cos - x*sin)
		x, y = x*k, y*(1+x*k*sin/away)
	}
	sin, cos := math.Sincos(s.turn * math.Pi / 180)
	side := float64(matrix.GetWidth())
	u := (x*cos+y*sin)/s.module + side/2
	v := (y*cos-x*sin)/s.module + side/2
	if s.mirrored {
		u, v = v, u
	}
	if math.Hypot(u-side*s.spotX, v-side*0.7) < s.spot {
		return 255
	}
	const margin = 4
	dark := false
	switch {
	case u < -margin || v < -margin || u >= side+margin || v >= side+margin:
		return (s.black + s.white) / 2
	case u >= 0 && v >= 0 && u < side && v < side:
		dark = matrix.Get(int(u), int(v))
	}
	if dark != s.inverted {
		return s.black
	}
	return s.white
}

// soften mixes neighbours.
func (s scene) soften(l Luma) Luma {
	if s.blur == 0 {
		return l
	}
	for _, step := range [2]int{1, l.W} {
		out := make([]byte, len(l.Pix))
		for i := range l.Pix {
			sum, n := 0, 0
			for k := -s.blur; k <= s.blur; k++ {
				if j := i + k*step; j >= 0 && j < len(l.Pix) {
					sum += int(l.Pix[j])
					n++
				}
			}
			out[i] = byte(sum / n)
		}
		l.Pix = out
	}
	return l
}

func wantText(t *testing.T, r Result, text, name string) {
	t.Helper()
	if len(r.Codes) != 1 || r.Codes[0].Text != text || r.Codes[0].Symbology != QRCode {
		t.Errorf("%s: want %.24s, got %+v", name, text, r)
	}
}
