package decode

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"

	"saoma/terminal/scanner/decode/screens"
)

// halfOf is the mean of two by two pixels.
func halfOf(l Luma) Luma {
	h := Luma{W: l.W / 2, H: l.H / 2, Stride: l.W / 2}
	h.Pix = make([]byte, h.W*h.H)
	for y := range h.H {
		for x := range h.W {
			at := 2*y*l.Stride + 2*x
			h.Pix[y*h.W+x] = byte((int(l.Pix[at]) + int(l.Pix[at+1]) +
				int(l.Pix[at+l.Stride]) + int(l.Pix[at+l.Stride+1]) + 2) / 4)
		}
	}
	return h
}

// barsOf gives the modules of a sequence of values; the checksum is added.
func barsOf(values ...uint8) []bool {
	sum := int(values[0])
	for i, v := range values {
		sum += i * int(v)
	}
	var modules []bool
	for _, v := range append(append([]uint8{}, values...), uint8(sum%mod128), stop128) {
		for i, w := range bars128[v] {
			for range w {
				modules = append(modules, i%2 == 0)
			}
		}
	}
	return append(modules, true, true)
}

// turnedBars draws modules of so many pixels into a frame, turned by an angle.
func turnedBars(modules []bool, pixels, degrees float64, dark, light byte) Luma {
	l := Luma{make([]byte, 1280*720), 1280, 1280, 720}
	c, s := math.Cos(degrees*math.Pi/180), math.Sin(degrees*math.Pi/180)
	for y := range l.H {
		for x := range l.W {
			shade := light
			const parts = 3
			sum := 0
			for k := range parts * parts {
				dx := float64(x) - 640 + (float64(k%parts)+0.5)/parts - 0.5
				dy := float64(y) - 360 + (float64(k/parts)+0.5)/parts - 0.5
				u := (dx*c+dy*s)/pixels + float64(len(modules))/2
				v := -dx*s + dy*c
				if v > -45 && v < 45 && u >= 0 && int(u) < len(modules) && modules[int(u)] {
					sum++
				}
			}
			l.Pix[y*l.Stride+x] = byte((int(dark)*sum + int(shade)*(parts*parts-sum)) / (parts * parts))
		}
	}
	return l
}

// readOne wants exactly one text, or none.
func readOne(t *testing.T, r *lineReader, l Luma, what, want string) {
	t.Helper()
	codes := r.read(l, halfOf(l))
	got := ""
	for _, c := range codes {
		got += c.Text
	}
	if got != want {
		t.Errorf("%s: want %q, got %q", what, want, got)
	}
}

func written(t testing.TB, text string) []bool {
	t.Helper()
	m, err := oned.NewCode128Writer().Encode(text, gozxing.BarcodeFormat_CODE_128, 1, 1,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 0})
	if err != nil {
		t.Fatal(err)
	}
	modules := make([]bool, m.GetWidth())
	for i := range modules {
		modules[i] = m.Get(i, 0)
	}
	return modules
}

func TestBarsAreReadAtEveryAngle(t *testing.T) {
	r := newLineReader()
	for degrees := 0; degrees < 360; degrees += 5 {
		text := payerCodes[degrees/5%5]
		modules := written(t, text)
		l := turnedBars(modules, 3.1, float64(degrees), 20, 230)
		readOne(t, r, l, fmt.Sprint(degrees, " degrees"), text)
		l = turnedBars(modules, 2.4, float64(degrees)+2.5, 220, 40)
		readOne(t, r, l, fmt.Sprint(degrees, " degrees and a half of 5, inverted"), text)
	}
}

func TestEverySubsetSaysWhatTheReferenceWrote(t *testing.T) {
	r := newLineReader()
	for _, text := range []string{
		"0123456789", "12345", "abcXYZ", "ABC123456def", "A1B2C3", "~|{}`_^", "\tTAB\nEND",
		"PAY-2026/11", "00000000000000000", "x1234567890y",
	} {
		readOne(t, r, turnedBars(written(t, text), 3, 11, 0, 255), text, text)
	}
}

func TestShiftsAndFunctionsMeanWhatTheStandardSays(t *testing.T) {
	r := newLineReader()
	for _, tt := range []struct {
		what, want string
		values     []uint8
	}{
		{"shift to A for one", "a\x01b", []uint8{startB, 65, shift128, 65, 66}},
		{"shift to B for one", "AaB", []uint8{startA, 33, shift128, 65, 34}},
		{"A, then B, then C", "\x01a42", []uint8{startA, 65, toB128, 65, toC128, 42}},
		{"C, then A", "42\x01", []uint8{startC, 42, toA128, 65}},
		{"a function 1 is no text", "1234", []uint8{startC, fnc1, 12, 34}},
		{"one function 4 lifts one letter", "\u00e1b", []uint8{startB, 100, 65, 66}},
		{"two lift all", "\u00e1\u00e2", []uint8{startB, 100, 100, 65, 66}},
		{"and two more end it", "\u00e1b", []uint8{startB, 100, 100, 65, 100, 100, 66}},
		{"in A it is another value", "\u00c1", []uint8{startA, 101, 33}},
	} {
		readOne(t, r, turnedBars(barsOf(tt.values...), 3, 0, 0, 255), tt.what, tt.want)
	}
}

func TestNothingIsReadThatHasNoText(t *testing.T) {
	r := newLineReader()
	for what, values := range map[string][]uint8{
		"nothing":       {startB},
		"function only": {startC, fnc1},
		"a lone shift":  {startB, 33, shift128},
		"start inside":  {startB, 33, startC, 12},
	} {
		readOne(t, r, turnedBars(barsOf(values...), 3, 0, 0, 255), what, "")
	}
}

// Each symbol in turn becomes another, and the checksum stays: nothing may be read.
func TestAWrongChecksumIsNeverRead(t *testing.T) {
	r := newLineReader()
	chance := rand.New(rand.NewPCG(7, 7))
	right := []uint8{startC, 13, 45, 67, 89, 1, 23, 45, 67, 89}
	sum := int(startC)
	for i, v := range right {
		sum += i * int(v)
	}
	right = append(right, uint8(sum%mod128))
	for i := 1; i < len(right); i++ {
		values := append([]uint8{}, right...)
		for values[i] == right[i] {
			values[i] = uint8(chance.IntN(100))
		}
		var modules []bool
		for _, v := range append(values, stop128) {
			for k, w := range bars128[v] {
				for range w {
					modules = append(modules, k%2 == 0)
				}
			}
		}
		l := turnedBars(append(modules, true, true), 3, float64(i*9), 0, 255)
		readOne(t, r, l, fmt.Sprintf("symbol %d is %d instead of %d", i, values[i], right[i]), "")
	}
}

func TestOnlyThePayersShapeCountsWhenItIsAskedFor(t *testing.T) {
	r := newLineReader()
	r.shortest, r.longest = 16, 24
	for _, tt := range []struct {
		what, want string
		modules    []bool
	}{
		{"18 digits", payerCodes[0], written(t, payerCodes[0])},
		{"19 digits", payerCodes[3], written(t, payerCodes[3])},
		{"15 digits", "", written(t, payerCodes[0][:15])},
		{"26 digits", "", written(t, payerCodes[2]+"12")},
		{"letters", "", written(t, "ABCDEFGHIJKLMNOPQ")},
		{"goods by GS1", "", barsOf(startC, fnc1, 1, 23, 45, 67, 89, 1, 23, 45, 67)},
	} {
		readOne(t, r, turnedBars(tt.modules, 2.6, 3, 10, 240), tt.what, tt.want)
	}
}

// One line is not enough: what stands on one line of pixels only may be chance.
func TestOneLineAloneIsNotBelieved(t *testing.T) {
	modules := written(t, payerCodes[0])
	l := Luma{make([]byte, 1280*720), 1280, 1280, 720}
	for i := range l.Pix {
		l.Pix[i] = 200
	}
	for x := range len(modules) * 4 {
		if modules[x/4] {
			l.Pix[360*1280+200+x] = 10
		}
	}
	readOne(t, newLineReader(), l, "one row of pixels", "")
}

func TestTwoReadingsOfOneLineAreOne(t *testing.T) {
	r := newLineReader()
	say := func(off float32) bool {
		seq := &r.votes[r.voted].reading.seq
		*seq = sequence{n: 3}
		copy(seq.values[:], []uint8{startC, 12, 14})
		r.off = off
		_, ok := r.vote()
		return ok
	}
	for _, tt := range []struct {
		off  float32
		want bool
	}{{5, false}, {5, false}, {7, false}, {6, false}, {12, true}} {
		if got := say(tt.off); got != tt.want {
			t.Errorf("a line %v pixels off the middle: want it to settle the text: %v, got %v", tt.off, tt.want, got)
		}
	}
}

func TestTwoCodesInOneFrameAreBothRead(t *testing.T) {
	l := turnedBars(written(t, payerCodes[0]), 2.5, 0, 0, 255)
	other := turnedBars(written(t, payerCodes[1]), 2.5, 0, 0, 255)
	copy(l.Pix[:200*1280], other.Pix[260*1280:460*1280])
	got := map[string]bool{}
	for _, c := range newLineReader().read(l, halfOf(l)) {
		got[c.Text] = true
	}
	if len(got) != 2 || !got[payerCodes[0]] || !got[payerCodes[1]] {
		t.Errorf("want %q and %q, got %v", payerCodes[0], payerCodes[1], got)
	}
}

func TestEndsOfBarsLieOnThem(t *testing.T) {
	modules := written(t, payerCodes[0])
	for _, degrees := range []float64{0, 40, 90, 200} {
		l := turnedBars(modules, 3, degrees, 0, 255)
		codes := newLineReader().read(l, halfOf(l))
		if len(codes) != 1 || len(codes[0].Corners) != 2 {
			t.Fatalf("%v degrees: want a code with 2 ends, got %v", degrees, codes)
		}
		for i, end := range codes[0].Corners {
			dx, dy := float64(end[0]-640), float64(end[1]-360)
			along := dx*math.Cos(degrees*math.Pi/180) + dy*math.Sin(degrees*math.Pi/180)
			want := (float64(i) - 0.5) * 3 * float64(len(modules))
			if math.Abs(along-want) > 8 {
				t.Errorf("%v degrees, end %d: want it at %.0f along the bars, got %.0f", degrees, i, want, along)
			}
		}
	}
}

// The seeded frames: nothing wrong is read in any, and most of the clean ones are read.
func TestNoFrameIsReadWrong(t *testing.T) {
	seeds := uint64(2)
	if testing.Short() {
		seeds = 1
	}
	any, payers := newLineReader(), newLineReader()
	payers.shortest, payers.longest = 16, 24
	draw := screens.NewRenderer()
	for seed := range seeds {
		for i, f := range screens.All(1000 + seed) {
			if testing.Short() && i%4 != 0 {
				continue
			}
			l := Luma{draw.Draw(f), screens.W, screens.W, screens.H}
			half := halfOf(l)
			for _, r := range []*lineReader{any, payers} {
				read := false
				for _, c := range r.read(l, half) {
					read = true
					if !strings.Contains(strings.Join(f.Want, " "), c.Text) || len(c.Text) < 16 {
						t.Errorf("seed %d, frame %d, %s %d: want one of %q, got %q",
							1000+seed, i, f.Class, f.Strength, f.Want, c.Text)
					}
				}
				if f.Class == "rotation" && f.Symbol == screens.Bars && !read {
					t.Errorf("seed %d, frame %d, %s %d: nothing was read", 1000+seed, i, f.Class, f.Strength)
				}
			}
		}
	}
}

func TestAFrameWithoutBarsAllocatesNothing(t *testing.T) {
	r := newLineReader()
	draw := screens.NewRenderer()
	for _, f := range screens.All(5) {
		if f.Symbol != screens.None || f.Strength != 2 {
			continue
		}
		l := Luma{draw.Draw(f), screens.W, screens.W, screens.H}
		half := halfOf(l)
		r.read(l, half) // makes the map of this size
		if n := testing.AllocsPerRun(2, func() { r.read(l, half) }); n != 0 {
			t.Errorf("%s: want no allocation, got %v", f.Class, n)
		}
	}
}

func TestPicturesOfAnySizeAreSurvived(t *testing.T) {
	r := newLineReader()
	for _, size := range []image.Point{{0, 0}, {1, 1}, {2, 1}, {17, 16}, {18, 17}, {33, 40}, {640, 9}, {9, 640}, {1281, 721}} {
		l := Luma{make([]byte, size.X*size.Y), size.X, size.X, size.Y}
		for i := range l.Pix {
			l.Pix[i] = byte(i * 37 >> 1)
		}
		r.read(l, halfOf(l))
	}
}

func FuzzLineReader(f *testing.F) {
	l := turnedBars(written(f, "1234"), 2, 0, 0, 255)
	crop := make([]byte, 0, 200*40)
	for y := 340; y < 380; y++ {
		crop = append(crop, l.Pix[y*1280+540:y*1280+740]...)
	}
	f.Add(crop, uint8(200))
	f.Add([]byte("a line of text, as long as it is"), uint8(4))
	r := newLineReader() // what it read before must not matter
	f.Fuzz(func(t *testing.T, pix []byte, width uint8) {
		if width == 0 || len(pix) > 1<<16 {
			return
		}
		w := int(width)
		l := Luma{pix, w, w, len(pix) / w}
		for _, c := range r.read(l, halfOf(l)) {
			if c.Text == "" || c.Symbology != Code128 || len(c.Corners) != 2 {
				t.Errorf("want a text and two ends, got %+v", c)
			}
		}
	})
}
