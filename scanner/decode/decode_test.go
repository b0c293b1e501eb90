package decode

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// payerCodes have the shapes that customers show.
var payerCodes = []string{
	"134567890123456789", "2812345678901234", "301234567890123456789012",
	"6236098835899996543", "0123456789012345678",
	"hQVDUFYwMWFYTwigAAADMwEBAVcTYpJhA1hEQzVkHSIQIBAAABiAH180AQBjM58mCFaLEtnaC9l/nycBgJ8QEQcA" +
		"AQOgAAABCDM5OTk5OTk5nzYCAAGCAgAAnzcE6gZYyA==",
}

// drawn makes a picture of a symbol, with the quiet zone around it.
func drawn(t testing.TB, symbology Symbology, text string) *image.Gray {
	t.Helper()
	var matrix *gozxing.BitMatrix
	var err error
	if symbology == QRCode {
		matrix, err = qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 240, 240, nil)
	} else {
		matrix, err = oned.NewCode128Writer().Encode(text, gozxing.BarcodeFormat_CODE_128, 560, 120, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	const margin = 40
	img := image.NewGray(image.Rect(0, 0, matrix.GetWidth()+2*margin, matrix.GetHeight()+2*margin))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for y := range matrix.GetHeight() {
		for x := range matrix.GetWidth() {
			if matrix.Get(x, y) {
				img.SetGray(x+margin, y+margin, color.Gray{})
			}
		}
	}
	return img
}

func inverted(img *image.Gray) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = 255 - v
	}
	return out
}

func turned(img *image.Gray) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			out.SetGray(h-1-y, x, img.GrayAt(x, y))
		}
	}
	return out
}

func TestEveryPayerCodeIsReadHoweverItIsHeld(t *testing.T) {
	d := New()
	for _, text := range payerCodes {
		for _, symbology := range []Symbology{QRCode, Code128} {
			if symbology == Code128 && len(text) > 24 {
				continue // payloads are shown as QR alone
			}
			img := drawn(t, symbology, text)
			for name, view := range map[string]*image.Gray{
				"straight": img, "inverted": inverted(img), "a quarter": turned(img),
				"upside down":   turned(turned(img)),
				"three":         turned(turned(turned(img))),
				"turned, white": inverted(turned(img)),
			} {
				r := d.Decode(FromImage(view))
				if len(r.Codes) != 1 || r.Codes[0].Text != text || r.Codes[0].Symbology != symbology {
					t.Errorf("%s %s %.24s: got %+v", symbology, name, text, r)
				}
			}
		}
	}
}

func TestASymbolWithoutTextIsNoCode(t *testing.T) {
	const module, margin, height = 3, 60, 80
	widths := []int{ // of bars and spaces in turn
		2, 1, 1, 2, 1, 4, // start B
		2, 2, 2, 1, 2, 2, // the checksum of nothing: 104 modulo 103
		2, 3, 3, 1, 1, 1, 2, // stop
	}
	img := image.NewGray(image.Rect(0, 0, 35*module+2*margin, height))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	x := margin
	for i, w := range widths {
		if i%2 == 0 {
			bar := image.Rect(x, 0, x+w*module, height)
			draw.Draw(img, bar, image.Black, image.Point{}, draw.Src)
		}
		x += w * module
	}
	if r := New().Decode(FromImage(img)); len(r.Codes) != 0 || r.Reason != Nothing {
		t.Errorf("want %q, got %+v", Nothing, r)
	}
}

func TestCornersLieOnTheSymbol(t *testing.T) {
	img := drawn(t, QRCode, payerCodes[0])
	qr := New().Decode(FromImage(img)).Codes[0]
	if len(qr.Corners) != 4 {
		t.Fatalf("want 4 corners, got %v", qr.Corners)
	}
	tl, tr, br, bl := qr.Corners[0], qr.Corners[1], qr.Corners[2], qr.Corners[3]
	if !(tl[0] < tr[0] && bl[0] < br[0] && tl[1] < bl[1] && tr[1] < br[1]) {
		t.Errorf("want them clockwise from the top left, got %v", qr.Corners)
	}
	for name, view := range map[string]*image.Gray{"straight": drawn(t, Code128, payerCodes[0]),
		"turned": turned(drawn(t, Code128, payerCodes[0]))} {
		bars := New().Decode(FromImage(view)).Codes[0]
		if len(bars.Corners) != 2 {
			t.Fatalf("%s: want 2 ends, got %v", name, bars.Corners)
		}
		for _, p := range bars.Corners {
			if !image.Pt(p[0], p[1]).In(view.Rect) {
				t.Errorf("%s: %v lies outside of the picture", name, p)
			}
		}
	}
}

func TestAPictureWithoutACodeSaysWhyNot(t *testing.T) {
	flat := func(v byte) Luma {
		return Luma{bytes.Repeat([]byte{v}, 200*200), 200, 200, 200}
	}
	damaged := drawn(t, QRCode, payerCodes[0])
	for y := 140; y < 250; y++ { // away from the finder patterns
		for x := 140; x < 250; x++ {
			damaged.SetGray(x, y, color.Gray{Y: 255})
		}
	}
	for name, tt := range map[string]struct {
		luma Luma
		want Reason
	}{
		"grey":     {flat(128), Nothing},
		"black":    {flat(5), TooDim},
		"white":    {flat(250), TooBright},
		"damaged":  {FromImage(damaged), Damaged},
		"empty":    {Luma{}, Nothing},
		"too few":  {Luma{make([]byte, 10), 10, 10, 10}, Nothing},
		"negative": {Luma{make([]byte, 100), -10, 10, 10}, Nothing},
		"one dot":  {Luma{[]byte{128}, 1, 1, 1}, Nothing},
	} {
		if r := New().Decode(tt.luma); r.Reason != tt.want || len(r.Codes) != 0 {
			t.Errorf("%s: want %q, got %+v", name, tt.want, r)
		}
	}
}

func TestPNGAndJPEGAreReadAndOthersAreNot(t *testing.T) {
	img := drawn(t, QRCode, payerCodes[0])
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, img), jpeg.Encode(&asJPEG, img, nil)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"png": asPNG.Bytes(), "jpeg": asJPEG.Bytes()} {
		read, err := ReadImage(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if r := New().Decode(FromImage(read)); len(r.Codes) != 1 || r.Codes[0].Text != payerCodes[0] {
			t.Errorf("%s: got %+v", name, r)
		}
		if _, err := ReadImage(bytes.NewReader(text[:len(text)/2])); err == nil {
			t.Errorf("%s: half a picture was read", name)
		}
	}
	if _, err := ReadImage(strings.NewReader("GIF89a")); err == nil {
		t.Error("what is no PNG and no JPEG was read")
	}
	_, err := ReadImage(bytes.NewReader(make([]byte, ImageBytesMax+1)))
	if !errors.Is(err, ErrImageSize) {
		t.Errorf("want ErrImageSize, got %v", err)
	}
	var huge bytes.Buffer
	if err := png.Encode(&huge, image.NewGray(image.Rect(0, 0, 10_000, 5001))); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadImage(&huge); !errors.Is(err, ErrImageSize) {
		t.Errorf("want ErrImageSize, got %v", err)
	}
}

func TestColoursAndTransparencyBecomeGrey(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	img.Set(0, 0, color.NRGBA{R: 255, G: 255, B: 255, A: 255})
	img.Set(1, 0, color.NRGBA{A: 255})
	img.Set(2, 0, color.NRGBA{}) // transparent: white paper
	if got := FromImage(img).Pix; got[0] < 250 || got[1] > 5 || got[2] < 250 {
		t.Errorf("want white, black, white, got %v", got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(drawn(f, QRCode, "1").Pix, uint8(100), uint8(0))
	f.Fuzz(func(t *testing.T, pix []byte, width, gap uint8) {
		w, stride := int(width), int(width)+int(gap)
		if w == 0 || len(pix) < stride {
			return
		}
		h := min(len(pix)/stride, 200)
		r := New().Decode(Luma{pix, stride, w, h})
		if (len(r.Codes) == 0) == (r.Reason == Found) {
			t.Errorf("neither code nor reason: %+v", r)
		}
	})
}

func FuzzReadImage(f *testing.F) {
	small := image.NewGray(image.Rect(0, 0, 21, 21))
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, small), jpeg.Encode(&asJPEG, small, nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(asPNG.Bytes())
	f.Add(asJPEG.Bytes())
	f.Add([]byte("GIF89a"))
	f.Fuzz(func(t *testing.T, file []byte) {
		img, err := ReadImage(bytes.NewReader(file))
		if err != nil || img.Bounds().Dx()*img.Bounds().Dy() > 1<<16 {
			return // a large picture takes too long for a fuzz run
		}
		luma := FromImage(img)
		if luma.W != img.Bounds().Dx() || luma.H != img.Bounds().Dy() {
			t.Errorf("%v became %d by %d", img.Bounds(), luma.W, luma.H)
		}
		New().Decode(luma)
	})
}
