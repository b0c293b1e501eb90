package camera

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/camera/camerasim"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/scanner/decode"
)

// A code comes into view at any moment between two frames, and a look takes as long
// as a hard one does.
func TestACodeInViewIsAScanWithinTwoFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const frame = time.Second / 30
		sim := greyCamera()
		s := source(t, sim, nil)
		s.reader = &pageReader{takes: 8 * time.Millisecond}
		ctx, cancel := context.WithCancel(t.Context())
		out, ended := make(chan scanner.Scan), make(chan error, 1)
		go func() { ended <- s.Run(ctx, out, func() {}) }()
		time.Sleep(time.Second)
		var took []time.Duration
		for i := range 200 {
			time.Sleep(200*time.Millisecond + time.Duration(i)*frame/200)
			began := time.Now()
			sim.Show(page(uint32(i), string(rune('A'+i%26))+string(rune('A'+i/26))+"4567890123456789"))
			scan := <-out
			took = append(took, scan.At.Sub(began))
			sim.Show(camerasim.Picture{})
		}
		slices.Sort(took)
		median, worst := took[len(took)/2], took[len(took)-1]
		t.Logf("median %s, worst %s", median, worst)
		if median > 2*frame || worst > 3*frame {
			t.Errorf("a frame lasts %s; the median is %s, the worst %s", frame, median, worst)
		}
		cancel()
		<-ended
	})
}

// drawn is a frame with a QR code in it.
func drawn(t *testing.T, text string) camerasim.Picture {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 360, 360, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := camerasim.Picture{Pix: bytes.Repeat([]byte{225}, 640*480), W: 640, H: 480}
	for y := range m.GetHeight() {
		for x := range m.GetWidth() {
			if m.Get(x, y) {
				p.Pix[(y+60)*640+x+140] = 25
			}
		}
	}
	return p
}

func asJPEG(p camerasim.Picture) []byte {
	var text bytes.Buffer
	img := &image.Gray{Pix: p.Pix, Stride: p.W, Rect: image.Rect(0, 0, p.W, p.H)}
	if jpeg.Encode(&text, img, &jpeg.Options{Quality: 75}) != nil {
		return nil
	}
	return text.Bytes()
}

func TestAQRCodeIsReadFromEachFormat(t *testing.T) {
	const code = "134567890123456789"
	for _, format := range []v4l2.FourCC{v4l2.Grey, v4l2.NV12, v4l2.YUYV, v4l2.MJPEG} {
		sim := camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{format}, Encode: asJPEG, Padding: 8})
		sim.Show(drawn(t, code))
		cfg := config(sim)
		cfg.Width, cfg.Height = 640, 480
		var seen decode.Luma
		cfg.Saw = func(f Frame) { seen = f.Luma }
		s, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		out, ended := make(chan scanner.Scan), make(chan error, 1)
		go func() { ended <- s.Run(ctx, out, func() {}) }()
		select {
		case scan := <-out:
			if scan.Text.Reveal() != code {
				t.Errorf("%s: got %.40q", format, scan.Text.Reveal())
			}
		case err := <-ended:
			t.Fatalf("%s: %v", format, err)
		}
		cancel()
		<-ended
		want := 640
		if format == v4l2.MJPEG {
			want = 320
		}
		if seen.W != want {
			t.Errorf("%s: the decoder saw %d pixels in a line, want %d", format, seen.W, want)
		}
	}
}
