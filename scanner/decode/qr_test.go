package decode

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
)

func TestEveryPayerCodeIsReadAtEveryAngle(t *testing.T) {
	d := New()
	for _, text := range payerCodes {
		for turn := 0; turn < 360; turn += 15 {
			s := scene{text: text, w: 400, h: 400, module: 5.3, turn: float64(turn), black: 20,
				inverted: turn%2 == 1, mirrored: turn%60 == 45}
			wantText(t, d.Decode(s.draw(t)), text, fmt.Sprint(turn, " degrees"))
		}
	}
}

func TestEveryPayerCodeIsReadAtEverySize(t *testing.T) {
	d := New()
	for _, text := range payerCodes {
		side := float64(modulesOf(t, text).GetWidth()) + 9
		for _, module := range []float64{2, 3, 4.7, 8, 12.5, 19} {
			size := int(side * module)
			if size > 900 {
				continue
			}
			s := scene{text: text, w: size, h: size, module: module, turn: 3, black: 20}
			wantText(t, d.Decode(s.draw(t)), text, fmt.Sprint("modules of ", module, " pixels"))
		}
	}
}

func TestACodeIsReadInACamerasFrame(t *testing.T) {
	d := New()
	text := payerCodes[5]
	for name, s := range map[string]scene{
		"small":       {module: 2.4, x: 300, y: 500, turn: 4},
		"large":       {module: 11},
		"tilted":      {module: 8, tilt: 45},
		"tilted on":   {module: 8, tilt: -45, turn: 30},
		"inverted":    {module: 7, inverted: true, turn: -20},
		"mirrored":    {module: 7, mirrored: true},
		"pale":        {module: 7, black: 90, white: 120, noise: 2},
		"dark":        {module: 7, black: 4, white: 30, noise: 1},
		"noisy":       {module: 7, noise: 25},
		"blurred":     {module: 7, blur: 3},
		"under glare": {module: 8, spot: 6},
		"cut":         {module: 8, x: 1280 - 8*21 + 20, y: 360},
	} {
		s.text, s.w, s.h = text, 1280, 720
		if s.black == 0 {
			s.black = 25
		}
		wantText(t, d.Decode(s.draw(t)), text, name)
	}
}

func TestTwoCodesInAFrameAreBothRead(t *testing.T) {
	left := scene{text: payerCodes[0], w: 640, h: 480, module: 6, x: 150, y: 240, black: 20}.draw(t)
	right := scene{text: payerCodes[2], w: 640, h: 480, module: 6, x: 480, y: 240, black: 20}.draw(t)
	for y := range left.H {
		copy(left.row(y)[320:], right.row(y)[320:])
	}
	var texts []string
	for _, c := range New().Decode(left).Codes {
		texts = append(texts, c.Text)
	}
	slices.Sort(texts)
	if want := []string{payerCodes[0], payerCodes[2]}; !slices.Equal(texts, want) {
		t.Errorf("want %v, got %v", want, texts)
	}
}

func TestAFrameWithoutACodeSaysWhyNot(t *testing.T) {
	text := payerCodes[5]
	for name, tt := range map[string]struct {
		s    scene
		want Reason
	}{
		"nothing":   {scene{module: 8, black: 128, white: 128, noise: 2}, Nothing},
		"too dim":   {scene{module: 8, black: 8, white: 14, noise: 1}, TooDim},
		"too close": {scene{module: 22, black: 20, x: 700, y: 500}, TooClose},
		"cut off":   {scene{module: 9, black: 20, x: 1280 - 9*12, y: 360}, CutOff},
		"blurred":   {scene{module: 8, black: 20, blur: 7}, Blurred},
		"glare":     {scene{module: 9, black: 20, white: 200, spot: 14}, Glare},
	} {
		tt.s.text, tt.s.w, tt.s.h = text, 1280, 720
		if r := New().Decode(tt.s.draw(t)); r.Reason != tt.want || len(r.Codes) > 0 {
			t.Errorf("%s: want %q, got %+v", name, tt.want, r)
		}
	}
}

func TestASmallCodeThatIsNotReadIsTooFar(t *testing.T) {
	l := scene{text: payerCodes[5], w: 1280, h: 720, module: 2, black: 20, noise: 2}.draw(t)
	for y := 345; y < 395; y++ { // a thumb
		for x := 625; x < 675; x++ {
			l.Pix[y*l.Stride+x] = 125
		}
	}
	if r := New().Decode(l); r.Reason != TooFar || len(r.Codes) > 0 {
		t.Errorf("want %q, got %+v", TooFar, r)
	}
}

func TestFramesThatCannotBeReadAloneAreReadTogether(t *testing.T) {
	var frames []Luma
	for i, at := range []float64{0.3, 0.65} {
		frames = append(frames, scene{text: payerCodes[5], w: 400, h: 400, module: 9, black: 20,
			spot: 8, spotX: at, turn: float64(i)}.draw(t))
	}
	d := New()
	for _, l := range frames {
		if r := d.Decode(l); len(r.Codes) > 0 {
			t.Fatalf("a frame is read alone: %+v", r)
		}
	}
	if r := d.DecodeNext(frames[0]); len(r.Codes) > 0 {
		t.Errorf("the first frame has nothing before it, got %+v", r)
	}
	wantText(t, d.DecodeNext(frames[1]), payerCodes[5], "together")
}

func TestBarsOfGoodsAreNotAQR(t *testing.T) {
	l := scene{text: "1", w: 1280, h: 720, module: 1, x: -100, y: -100, black: 60}.draw(t)
	chance := rand.New(rand.NewPCG(3, 3))
	for x := 300; x < 900; {
		bar, gap := 4*(1+chance.IntN(3)), 4*(1+chance.IntN(3))
		for y := 100; y < 640; y++ {
			for k := x; k < min(x+bar, 900); k++ {
				l.Pix[y*l.Stride+k] = 10
			}
		}
		x += bar + gap
	}
	q := newQRReader()
	if codes := q.read(l, nil); len(codes) > 0 || q.whyNot() != NotQR {
		t.Errorf("want %q, got %q and %v", NotQR, q.whyNot(), codes)
	}
}

func TestAFrameWithoutACodeAllocatesNothing(t *testing.T) {
	frames := []Luma{
		scene{text: "1", w: 1280, h: 720, module: 1, x: -100, y: -100, noise: 3}.draw(t),
		scene{text: payerCodes[5], w: 1280, h: 720, module: 8, black: 20, spot: 20}.draw(t),
		noise(1280, 720, 1),
	}
	q := newQRReader()
	for i, l := range frames {
		q.read(l, nil)
		if n := testing.AllocsPerRun(3, func() {
			if len(q.read(l, nil)) > 0 {
				t.Errorf("frame %d has a code", i)
			}
			q.whyNot()
		}); n != 0 {
			t.Errorf("frame %d: want no allocation, got %v", i, n)
		}
	}
}

// noise is what chance makes, in dots of some size.
func noise(w, h int, seed uint64) Luma {
	chance := rand.New(rand.NewPCG(seed, 9))
	dot := 1 + chance.IntN(6)
	l := Luma{make([]byte, w*h), w, w, h}
	for y := range h {
		for x := range w {
			if y%dot == 0 && x%dot == 0 {
				l.Pix[y*w+x] = byte(chance.Uint32())
			} else {
				l.Pix[y*w+x] = l.Pix[y/dot*dot*w+x/dot*dot]
			}
		}
	}
	return l
}

func TestNoiseIsNeverACode(t *testing.T) {
	frames := 2500
	if testing.Short() {
		frames = 400
	}
	q := newQRReader()
	for seed := range uint64(frames) {
		if codes := q.read(noise(160, 120, seed), nil); len(codes) > 0 {
			t.Errorf("seed %d: %+v", seed, codes)
		}
	}
}

func TestTheSameFrameGivesTheSameResult(t *testing.T) {
	l := scene{text: payerCodes[5], w: 640, h: 480, module: 5, black: 20, noise: 20, turn: 10}.draw(t)
	used := New()
	for seed := range uint64(5) { // what came before must not matter
		used.Decode(noise(300+int(seed)*77, 200, seed))
		if got, want := used.Decode(l), New().Decode(l); !reflect.DeepEqual(got, want) {
			t.Errorf("want %+v, got %+v", want, got)
		}
	}
}

func TestAPictureOfAnySizeIsLookedAt(t *testing.T) {
	d := New()
	for _, size := range [][2]int{{0, 0}, {0, 5}, {1, 500}, {500, 1}, {7, 7}, {20, 21}, {21, 21},
		{42, 42}, {43, 47}, {63, 65}, {129, 1000}} {
		for gap := range 2 {
			stride := size[0] + gap*3
			l := Luma{make([]byte, max(stride*size[1]-gap*3, 0)), stride, size[0], size[1]}
			for i := range l.Pix {
				l.Pix[i] = byte(i * i)
			}
			if r := d.Decode(l); len(r.Codes) > 0 || r.Reason == Found {
				t.Errorf("%v: got %+v", size, r)
			}
		}
	}
}

func TestReedSolomonRepairsWhatTheReferenceDoes(t *testing.T) {
	chance := rand.New(rand.NewPCG(5, 6))
	f := newField()
	reference := reedsolomon.NewReedSolomonDecoder(reedsolomon.GenericGF_QR_CODE_FIELD_256)
	encoder := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_QR_CODE_FIELD_256)
	for range 3000 {
		check := 2 + chance.IntN(29)
		n := check + 1 + chance.IntN(120)
		word := make([]int, n)
		for i := range n - check {
			word[i] = chance.IntN(256)
		}
		if err := encoder.Encode(word, check); err != nil {
			t.Fatal(err)
		}
		broken := slices.Clone(word)
		for range chance.IntN(check) {
			broken[chance.IntN(n)] = chance.IntN(256)
		}
		block := make([]uint8, n)
		for i, v := range broken {
			block[i] = uint8(v)
		}
		_, ok := f.correct(block, check, nil, 0)
		err := reference.Decode(broken, check)
		// With an odd number the reference repairs one more byte than it has proof for.
		if ok && err != nil || !ok && err == nil && check%2 == 0 {
			t.Fatalf("%d of %d: %v, and the reference says %v", check, n, ok, err)
		}
		for i := range block {
			if ok && int(block[i]) != broken[i] {
				t.Fatalf("byte %d: want %d, got %d", i, broken[i], block[i])
			}
		}
	}
}

func TestReedSolomonRepairsLostBytes(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 8))
	f := newField()
	encoder := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_QR_CODE_FIELD_256)
	for range 2000 {
		check := 4 + chance.IntN(27)
		n := check + 1 + chance.IntN(100)
		word := make([]int, n)
		for i := range n - check {
			word[i] = chance.IntN(256)
		}
		if err := encoder.Encode(word, check); err != nil {
			t.Fatal(err)
		}
		want, block := make([]uint8, n), make([]uint8, n)
		for i, v := range word {
			want[i], block[i] = uint8(v), uint8(v)
		}
		lost := chance.Perm(n)[:chance.IntN(check)]
		wrong := chance.Perm(n)[:(check-len(lost))/2]
		for _, i := range append(slices.Clone(lost), wrong...) {
			block[i] = uint8(chance.Uint32())
		}
		if _, ok := f.correct(block, check, lost, 0); !ok || !slices.Equal(block, want) {
			t.Fatalf("%d check bytes, %d lost, %d wrong: not repaired", check, len(lost), len(wrong))
		}
	}
}

func TestEightPixelsAtATimeAreAsGoodAsOne(t *testing.T) {
	for seed := range uint64(20) {
		l := noise(90+int(seed), 61, seed)
		half, _ := halve(l, nil)
		for y := range half.H {
			for x := range half.W {
				sum := 2
				for _, v := range []byte{l.row(2 * y)[2*x], l.row(2 * y)[2*x+1],
					l.row(2*y + 1)[2*x], l.row(2*y + 1)[2*x+1]} {
					sum += int(v)
				}
				if got := half.row(y)[x]; int(got) != sum/4 {
					t.Fatalf("half of (%d, %d): want %d, got %d", x, y, sum/4, got)
				}
			}
		}
		var b binarizer
		b.measure(l)
		bits := b.binarize(l, byMean)
		for y := range l.H {
			for x := range l.W {
				want := l.row(y)[x]>>1 < b.limit[y/blockSize*b.bw+x/blockSize]
				if got := bits.dark(x, y) == 1; got != want {
					t.Fatalf("(%d, %d): want %v, got %v", x, y, want, got)
				}
			}
		}
		checkBlock(t, &b, l)
	}
}

func checkBlock(t *testing.T, b *binarizer, l Luma) {
	t.Helper()
	sum, lo, hi := 0, byte(255), byte(0)
	for y := range blockSize {
		for _, v := range l.row(y + blockSize)[2*blockSize : 3*blockSize] {
			sum += int(v)
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	at := b.bw + 2
	if abs(int32(b.mean[at])-int32(sum/64)) > 1 || b.lo[at] != lo>>1 || b.hi[at] != hi>>1 {
		t.Errorf("want %d, %d, %d, got %d, %d, %d", sum/64, lo>>1, hi>>1, b.mean[at], b.lo[at], b.hi[at])
	}
}
