package screens

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// scene is a frame's whole description: the page, where the phone is held, and what
// light, lens and sensor do.
type scene struct {
	chance *rand.Rand
	symbol Symbol
	qr     string
	bars   string

	dark, logo, inverted bool
	quiet                float64 // modules of white around the symbol, if > 0
	pose                 pose
	edge                 float64 // share of the symbol outside of the frame
	edgeQuiet            float64 // modules between the symbol and the frame's edge, if > 0
	edgeSide             int     // 1: right or bottom by the symbol, 2: the corner

	soften         float64 // Gaussian blur of the lens, modules
	motion         float64 // modules
	motionAt       float64 // radians
	black, white   float64 // what the page's black and white become, 0 to 255 and beyond
	bloom          float64 // share of light that spreads, 0 to 1
	spots          int
	spotSize       float64 // pixels
	streak         bool
	moire, beat    float64 // depth 0 to 1, and cycles per pixel beside the sensor's own
	noise          float64 // standard deviation, in steps of 255
	jpeg           int     // quality, 0 for none
	barrel, bend   float64
	module, extent float64 // pixels in the frame
}

// newScene is what an ordinary customer shows.
func newScene(f Frame) *scene {
	c := rand.New(rand.NewPCG(f.seed, f.seed^0x9e3779b97f4a7c15))
	s := &scene{chance: c, symbol: f.Symbol, dark: c.IntN(3) == 0, logo: c.IntN(3) != 0,
		black: 12 + 25*c.Float64(), white: 200 + 45*c.Float64(), noise: 1 + 2*c.Float64()}
	s.qr, s.bars = s.codes()
	s.pose = pose{turn: (c.Float64() - 0.5) * 0.2, x: W/2 + 160*(c.Float64()-0.5),
		y: H/2 + 60*(c.Float64()-0.5)}
	switch f.Symbol {
	case Bars:
		s.extent = (2.4 + 1.8*c.Float64()) * float64(s.count())
	case Both:
		s.extent = 200 + 110*c.Float64()
	default:
		s.extent = 220 + 220*c.Float64()
	}
	return s
}

// texts are what a reader may read.
func (s *scene) texts() []string {
	switch {
	case s.symbol == QR:
		return []string{s.qr}
	case s.symbol == Bars:
		return []string{s.bars}
	case s.qr == s.bars:
		return []string{s.qr}
	}
	return []string{s.qr, s.bars}
}

//go:embed testdata/payment-code-vectors.json
var vectorsFile []byte

// vectors are published or made-up payer codes, by what they are.
var vectors = sync.OnceValue(func() map[string][]string {
	var rows []struct{ Input, Expected string }
	if err := json.Unmarshal(vectorsFile, &rows); err != nil {
		panic(fmt.Sprintf("testdata/payment-code-vectors.json: %v", err))
	}
	byKind := map[string][]string{}
	for _, row := range rows {
		kind, _, _ := strings.Cut(row.Expected, " ")
		byKind[kind] = append(byKind[kind], row.Input)
	}
	return byKind
})

// codes chooses what the QR and the bars say.
func (s *scene) codes() (qr, bars string) {
	digits := func(prefix string, n int) string {
		b := []byte(prefix)
		for len(b) < n {
			b = append(b, byte('0'+s.chance.IntN(10)))
		}
		return string(b)
	}
	one := func(kind string) string {
		of := vectors()[kind]
		return of[s.chance.IntN(len(of))]
	}
	switch s.chance.IntN(10) {
	case 0, 1:
		qr = digits(fmt.Sprint(10+s.chance.IntN(6)), 18) // WeChat
	case 2, 3:
		qr = digits(fmt.Sprint(25+s.chance.IntN(6)), 18) // Alipay
	case 4:
		qr = digits("28", []int{16, 17, 20, 24}[s.chance.IntN(4)])
	case 5:
		qr = digits("62", 19)
	case 6:
		qr = digits("01", 19) // digital RMB
	case 7:
		return one("CPM_EMV/UNIONPAY"), digits("62", 19)
	case 8:
		qr = one("WECHAT")
	default:
		qr = one("ALIPAY")
	}
	bars = qr
	if s.symbol == Bars && s.chance.IntN(2) == 0 {
		bars = digits(fmt.Sprint(10+s.chance.IntN(6)), 18)
	}
	return qr, bars
}

// matrix encodes the QR. A code with a logo in it needs more correction.
func (s *scene) matrix() *encoder.ByteMatrix {
	level := decoder.ErrorCorrectionLevel_M
	if s.logo && len(s.qr) < 30 {
		level = decoder.ErrorCorrectionLevel_H
	}
	code, err := encoder.Encoder_encode(s.qr, level, nil)
	if err != nil {
		panic(fmt.Sprintf("encode a QR of %d characters: %v", len(s.qr), err))
	}
	return code.GetMatrix()
}

// modules encodes the bars, true for black.
func (s *scene) modules() []bool { return encodeBars(s.bars) }

func encodeBars(text string) []bool {
	m, err := oned.NewCode128Writer().Encode(text, gozxing.BarcodeFormat_CODE_128, 1, 1,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 0})
	if err != nil {
		panic(fmt.Sprintf("encode a Code 128 of %d characters: %v", len(text), err))
	}
	modules := make([]bool, m.GetWidth())
	for i := range modules {
		modules[i] = m.Get(i, 0)
	}
	return modules
}

// place turns sizes in modules into pixels, and holds the phone where the fault is.
func (s *scene) place() {
	if s.symbol == None {
		s.module, s.pose.scale = 4, 1
		return
	}
	reference := float64(barsW)
	if s.symbol != Bars {
		reference = qrSide
	}
	n := s.count()
	s.module = s.extent / float64(n)
	s.pose.scale = s.extent / reference
	s.pose.centerX, s.pose.centerY = s.center()
	s.pushOut()
}

// count gives how many modules the symbol is wide.
func (s *scene) count() int {
	if s.symbol != Bars {
		return s.matrix().GetWidth()
	}
	return len(s.modules())
}

// pushOut moves the phone to the frame's edge, so that the symbol is cut off or loses
// its quiet zone.
func (s *scene) pushOut() {
	if s.edge == 0 && s.edgeQuiet == 0 {
		return
	}
	half := s.extent / 2
	out := s.edge*s.extent - s.edgeQuiet*s.module
	if s.symbol == Bars && s.edge > 0 {
		half = barsH / 2 * s.pose.scale
		out = s.edge * 2 * half
		s.pose.turn, s.pose.y = 0, H-half+out
		return
	}
	s.pose.turn = 0
	if s.edgeSide == 2 {
		s.pose.turn = math.Pi / 4
		s.pose.y = H - half*math.Sqrt2 + 2*out
		return
	}
	s.pose.x = W - half + out
}
