package camera

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"saoma/terminal/scanner/camera/v4l2"
)

func TestTheCheapestFormatThatIsFastAndLargeEnoughIsTaken(t *testing.T) {
	at := func(pixels v4l2.FourCC, w, h int, rate float64) offer {
		return offer{v4l2.Format{Pixels: pixels, Width: w, Height: h}, rate}
	}
	cfg := Config{Width: 1280, Height: 720, Rate: 30}
	for _, tt := range []struct {
		name   string
		offers []offer // the cheapest first
		want   v4l2.FourCC
	}{
		{"all the same", []offer{at(v4l2.Grey, 1280, 720, 30), at(v4l2.YUYV, 1280, 720, 30),
			at(v4l2.MJPEG, 1280, 720, 30)}, v4l2.Grey},
		{"USB 2", []offer{at(v4l2.YUYV, 1280, 720, 10), at(v4l2.MJPEG, 1280, 720, 30)}, v4l2.MJPEG},
		{"nearly as fast", []offer{at(v4l2.YUYV, 1280, 720, 25), at(v4l2.MJPEG, 1280, 720, 30)}, v4l2.YUYV},
		{"rates are not told", []offer{at(v4l2.NV12, 1280, 720, 0), at(v4l2.MJPEG, 1280, 720, 0)}, v4l2.NV12},
		{"too small", []offer{at(v4l2.Grey, 640, 480, 60), at(v4l2.MJPEG, 1280, 720, 30)}, v4l2.MJPEG},
		{"larger does not help", []offer{at(v4l2.Grey, 1280, 720, 30), at(v4l2.MJPEG, 1920, 1080, 60)}, v4l2.Grey},
		{"a little of both", []offer{at(v4l2.YUYV, 640, 480, 30), at(v4l2.MJPEG, 1280, 720, 5)}, v4l2.YUYV},
	} {
		if got := best(tt.offers, cfg); got.format.Pixels != tt.want {
			t.Errorf("%s: want %s, got %s", tt.name, tt.want, got.format.Pixels)
		}
	}
}

func TestADriverThatPromisesTooSmallFramesIsRefused(t *testing.T) {
	for _, f := range []v4l2.Format{
		{Pixels: v4l2.Grey, Width: 64, Height: 64, BytesPerLine: 32, SizeImage: 1 << 20},
		{Pixels: v4l2.YUYV, Width: 64, Height: 64, BytesPerLine: 64, SizeImage: 1 << 20},
		{Pixels: v4l2.YUYV, Width: 63, Height: 64, BytesPerLine: 128, SizeImage: 1 << 20},
		{Pixels: v4l2.NV12, Width: 64, Height: 64, BytesPerLine: 64, SizeImage: 64*64 - 1},
	} {
		if fits(f) == nil {
			t.Errorf("%+v was believed", f)
		}
	}
	if err := fits(v4l2.Format{Pixels: v4l2.NV12, Width: 64, Height: 64, BytesPerLine: 64, SizeImage: 64 * 64}); err != nil {
		t.Error(err)
	}
}

func TestEverySecondByteIsTaken(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 7, 8, 9, 64, 1279, 1280} {
		from, to := make([]byte, 2*n), make([]byte, n)
		for i := range from {
			from[i] = byte(r.Uint32())
		}
		everySecond(to, from)
		for i := range to {
			if to[i] != from[2*i] {
				t.Fatalf("of %d: want %d at %d, got %d", n, from[2*i], i, to[i])
			}
		}
	}
}

func TestOnlyYUYVIsCopied(t *testing.T) {
	var e eye
	frame := make([]byte, 64*64*2)
	for _, tt := range []struct {
		pixels v4l2.FourCC
		line   int
		copied bool
	}{{v4l2.Grey, 64, false}, {v4l2.NV12, 80, false}, {v4l2.YUYV, 128, true}} {
		l, err := e.see(v4l2.Format{Pixels: tt.pixels, Width: 64, Height: 64, BytesPerLine: tt.line}, frame)
		if err != nil {
			t.Fatal(err)
		}
		if copied := &l.Pix[0] != &frame[0]; copied != tt.copied {
			t.Errorf("%s: copied %t", tt.pixels, copied)
		}
	}
}

func BenchmarkYUYVToLuma720p(b *testing.B) {
	var e eye
	f := v4l2.Format{Pixels: v4l2.YUYV, Width: 1280, Height: 720, BytesPerLine: 2560}
	frame := make([]byte, 1280*720*2)
	for i := range len(frame) / 8 {
		binary.NativeEndian.PutUint64(frame[8*i:], rand.Uint64())
	}
	b.ReportAllocs()
	fastest := time.Hour // the machine may have other work
	for b.Loop() {
		began := time.Now()
		if _, err := e.see(f, frame); err != nil {
			b.Fatal(err)
		}
		fastest = min(fastest, time.Since(began))
	}
	b.ReportMetric(fastest.Seconds()*1000, "ms-fastest")
}

func TestALookCostsNoAllocation(t *testing.T) {
	frame := make([]byte, 320*240*2)
	for _, pixels := range []v4l2.FourCC{v4l2.Grey, v4l2.NV12, v4l2.YUYV} {
		var e eye
		f := v4l2.Format{Pixels: pixels, Width: 320, Height: 240, BytesPerLine: 640}
		if n := testing.AllocsPerRun(20, func() {
			l, err := e.see(f, frame)
			if err != nil {
				t.Fatal(err)
			}
			meter(l)
		}); n != 0 {
			t.Errorf("%s: want none, got %v", pixels, n)
		}
	}
}
