package mjpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"
	"time"
)

// scene is a picture with all that a frame of a phone has: slopes, edges, noise.
func scene(seed uint64, edges bool) picture { return noisy(seed, edges, 8) }

func noisy(seed uint64, edges bool, amplitude float64) picture {
	r := rand.New(rand.NewPCG(seed, 1))
	var noise [64 * 64]float64
	for i := range noise {
		noise[i] = (r.Float64()*2 - 1) * amplitude
	}
	module := 5 + r.IntN(9)
	return func(part, x, y int) float64 {
		if part > 0 {
			return float64(64 + (x*part+y)%128)
		}
		v := float64(60+(x/2+y/3)%120) + noise[y%64*64+x%64]
		if edges && x > 40 && y > 30 && (x/module*7+y/module*13+x*y/(module*module*97))%5 < 2 {
			v = 20
		}
		return v
	}
}

// differs compares a picture with the mean of each four pixels of what the standard
// library makes of the same bytes: the mean and the largest difference.
func differs(t *testing.T, text []byte, got Picture) (mean float64, largest int) {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var pix []byte
	var stride int
	switch img := img.(type) {
	case *image.YCbCr:
		pix, stride = img.Y, img.YStride
	case *image.Gray:
		pix, stride = img.Pix, img.Stride
	}
	b := img.Bounds()
	if got.W != b.Dx()/2 || got.H != b.Dy()/2 {
		t.Fatalf("want %d by %d, got %d by %d", b.Dx()/2, b.Dy()/2, got.W, got.H)
	}
	sum := 0
	for y := range got.H {
		for x := range got.W {
			at := 2*y*stride + 2*x
			want := (int(pix[at]) + int(pix[at+1]) + int(pix[at+stride]) + int(pix[at+stride+1]) + 2) / 4
			d := int(got.Pix[y*got.Stride+x]) - want
			sum += max(d, -d)
			largest = max(largest, d, -d)
		}
	}
	return float64(sum) / float64(got.W*got.H), largest
}

func TestHalfSizeLumaIsTheMeanOfFourPixels(t *testing.T) {
	var d Decoder // one for all: each frame may differ from the last
	for _, tt := range []struct {
		name     string
		sampling [2]int
		colours  int
		interval int
	}{
		{"4:2:0", [2]int{2, 2}, 3, 0}, {"4:2:2", [2]int{2, 1}, 3, 0}, {"4:4:4", [2]int{1, 1}, 3, 0},
		{"4:4:0", [2]int{1, 2}, 3, 0}, {"grey", [2]int{1, 1}, 1, 0}, {"grey, 2x2", [2]int{2, 2}, 1, 0},
		{"4:2:0 with restarts", [2]int{2, 2}, 3, 3}, {"4:2:2 with a restart each", [2]int{2, 1}, 3, 1},
		{"grey with restarts", [2]int{1, 1}, 1, 7},
	} {
		for seed, size := range [][2]int{{160, 120}, {161, 119}, {17, 33}, {2, 2}, {200, 16}} {
			for _, quality := range []int{10, 50, 75, 95, 100} {
				e := encoder{sampling: tt.sampling, colours: tt.colours, interval: tt.interval}
				text := e.encode(size[0], size[1], quality, scene(uint64(seed), false))
				got, err := d.Decode(text)
				if err != nil {
					t.Errorf("%s %v q%d: %v", tt.name, size, quality, err)
					continue
				}
				mean, largest := differs(t, text, got)
				if mean > 0.5 && size[0] > 2 || largest > 2 {
					t.Errorf("%s %v q%d: the mean differs by %.2f, a pixel by %d",
						tt.name, size, quality, mean, largest)
				}
			}
		}
	}
}

// At hard edges the full decoder cuts off what is beyond black and white before the
// mean is taken, and this one after it.
func TestHardEdgesDifferLittle(t *testing.T) {
	var d Decoder
	for seed := range uint64(20) {
		for _, quality := range []int{20, 60, 90} {
			e := encoder{sampling: [2]int{2, 1}, colours: 3}
			text := e.encode(320, 240, quality, scene(seed, true))
			got, err := d.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			if mean, largest := differs(t, text, got); mean > 0.6 || largest > 24 {
				t.Errorf("seed %d q%d: the mean differs by %.2f, a pixel by %d", seed, quality, mean, largest)
			}
		}
	}
}

func TestFramesWithoutHuffmanTablesUseTheStandardOnes(t *testing.T) {
	e := encoder{sampling: [2]int{2, 1}, colours: 3}
	full := e.encode(160, 120, 75, scene(1, true))
	e.noTables = true
	bare := e.encode(160, 120, 75, scene(1, true))
	if bytes.Contains(bare, []byte{0xFF, markDHT}) {
		t.Fatal("the frame has tables")
	}
	var d, other Decoder
	want, err := d.Decode(full)
	if err != nil {
		t.Fatal(err)
	}
	got, err := other.Decode(bare)
	if err != nil || !bytes.Equal(want.Pix, got.Pix) {
		t.Errorf("want the same picture, got %v", err)
	}
	if got, err = d.Decode(bare); err != nil || !bytes.Equal(want.Pix, got.Pix) {
		t.Errorf("after a frame with tables: want the same picture, got %v", err)
	}
}

func TestTablesOfOneFrameAreNotTheNextOnes(t *testing.T) {
	// A table that no bare frame may use: it reads every code another way.
	strange := bytes.Clone(standardAC[0])
	strange[16], strange[17] = strange[17], strange[16]
	e := encoder{sampling: [2]int{1, 1}, colours: 1, noTables: true}
	bare := e.encode(64, 64, 75, scene(1, true))
	var d Decoder
	want, err := d.Decode(bare)
	if err != nil {
		t.Fatal(err)
	}
	clean := bytes.Clone(want.Pix)
	e.segmentBefore(&bare, append([]byte{0x10}, strange...))
	_, _ = d.Decode(bare)
	e.noTables = true
	got, err := d.Decode(e.encode(64, 64, 75, scene(1, true)))
	if err != nil || !bytes.Equal(got.Pix, clean) {
		t.Errorf("the strange table was used: %v", err)
	}
}

// segmentBefore puts a table in front of a frame.
func (e *encoder) segmentBefore(frame *[]byte, table []byte) {
	with := encoder{out: []byte{0xFF, markSOI}}
	with.segment(markDHT, table)
	*frame = append(with.out, (*frame)[2:]...)
}

func TestWhatTheStandardLibraryWritesIsRead(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 322, 242), image.YCbCrSubsampleRatio420)
	s := scene(3, true)
	for y := range 242 {
		for x := range 322 {
			img.Y[img.YOffset(x, y)] = uint8(min(max(s(0, x, y), 0), 255))
		}
	}
	var text bytes.Buffer
	if err := jpeg.Encode(&text, img, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	var d Decoder
	got, err := d.Decode(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if mean, largest := differs(t, text.Bytes(), got); mean > 0.6 || largest > 24 {
		t.Errorf("the mean differs by %.2f, a pixel by %d", mean, largest)
	}
}

func TestABrokenFrameIsAnErrorAndTheNextOneIsRead(t *testing.T) {
	e := encoder{sampling: [2]int{2, 2}, colours: 3, interval: 4}
	good := e.encode(160, 120, 75, scene(1, true))
	sof := bytes.Index(good, []byte{0xFF, markSOF0})
	changed := func(at int, b ...byte) []byte {
		text := bytes.Clone(good)
		copy(text[at:], b)
		return text
	}
	var d Decoder
	for _, tt := range []struct {
		name string
		text []byte
		want error
	}{
		{"nothing", nil, ErrNotJPEG},
		{"a PNG", []byte("\x89PNG\r\n\x1a\n"), ErrNotJPEG},
		{"its beginning only", good[:2], ErrNotJPEG},
		{"half of it", good[:len(good)/2], ErrTruncated},
		{"a restart is missing", good[:bytes.Index(good, []byte{0xFF, markRST0 + 2})], ErrDamaged},
		{"no data", good[:bytes.Index(good, []byte{0xFF, markSOS})], ErrTruncated},
		{"progressive", changed(sof+1, 0xC2), ErrUnsupported},
		{"12 bits", changed(sof+4, 12), ErrUnsupported},
		{"no pixels", changed(sof+5, 0, 0), ErrSize},
		{"too many pixels", changed(sof+5, 0xFF, 0xFF, 0xFF, 0xFF), ErrSize},
		{"four parts", changed(sof+9, 4), ErrHeader},
		{"sampling 0", changed(sof+11, 0), ErrHeader},
		{"another restart", bytes.Replace(good, []byte{0xFF, markRST0 + 1}, []byte{0xFF, markRST0 + 3}, 1), ErrDamaged},
		{"no end", good[:len(good)-2], nil},
		{"more behind it", append(bytes.Clone(good), 0, 0, 0), nil},
	} {
		if _, err := d.Decode(tt.text); !errors.Is(err, tt.want) {
			t.Errorf("%s: want %v, got %v", tt.name, tt.want, err)
		}
		if _, err := d.Decode(good); err != nil {
			t.Fatalf("after %s: %v", tt.name, err)
		}
	}
	e.interval = 0
	whole := e.encode(160, 120, 75, scene(1, true))
	if _, err := d.Decode(whole[:len(whole)/2]); !errors.Is(err, ErrTruncated) {
		t.Errorf("half without restarts: want %v, got %v", ErrTruncated, err)
	}
}

func TestAFrameCostsNoAllocation(t *testing.T) {
	e := encoder{sampling: [2]int{2, 1}, colours: 3, interval: 5}
	text := e.encode(320, 240, 75, scene(1, true))
	var d Decoder
	if n := testing.AllocsPerRun(20, func() {
		if _, err := d.Decode(text); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("want none, got %v", n)
	}
}

func FuzzDecode(f *testing.F) {
	for i, sampling := range [][2]int{{1, 1}, {2, 1}, {2, 2}} {
		e := encoder{sampling: sampling, colours: 3, interval: i, noTables: i == 1}
		f.Add(e.encode(40, 24, 60, scene(uint64(i), true)))
	}
	e := encoder{sampling: [2]int{1, 1}, colours: 1}
	f.Add(e.encode(16, 16, 100, scene(9, false)))
	var d Decoder
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := d.Decode(text)
		if err != nil {
			return
		}
		if p.W < 1 || p.H < 1 || p.Stride < p.W || len(p.Pix) < (p.H-1)*p.Stride+p.W {
			t.Errorf("%d by %d in lines of %d and %d bytes", p.W, p.H, p.Stride, len(p.Pix))
		}
	})
}

// BenchmarkDecode runs the standard library on the same frames in turn: what counts
// is the ratio, and on a machine with other work the fastest run of each.
func BenchmarkDecode(b *testing.B) {
	for _, sampling := range [][2]int{{2, 2}, {2, 1}} {
		for _, quality := range []int{50, 75} {
			e := encoder{sampling: sampling, colours: 3}
			text := e.encode(1280, 720, quality, noisy(5, true, 4))
			b.Run(fmt.Sprintf("4:2:%d-q%d-%dkB", 2*(2-sampling[1]), quality, len(text)>>10), func(b *testing.B) {
				var d Decoder
				ours, theirs := time.Hour, time.Hour
				for b.Loop() {
					began := time.Now()
					if _, err := d.Decode(text); err != nil {
						b.Fatal(err)
					}
					ours = min(ours, time.Since(began))
					began = time.Now()
					if _, err := jpeg.Decode(bytes.NewReader(text)); err != nil {
						b.Fatal(err)
					}
					theirs = min(theirs, time.Since(began))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(ours.Seconds()*1000, "ms-ours")
				b.ReportMetric(theirs.Seconds()*1000, "ms-image/jpeg")
			})
		}
	}
}
