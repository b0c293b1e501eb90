// Package decode reads QR codes and Code 128 from pictures, by gozxing. It knows
// pixels and symbols; it does not know cameras, or what a code means.
package decode

import (
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Symbology names a kind of symbol.
type Symbology string

// The symbologies that are read.
const (
	QRCode  Symbology = "QR_CODE"
	Code128 Symbology = "CODE_128"
)

// Reason says why a picture gave no code. It is a value, so that a screen can turn
// it into a hint. More reasons will come; take an unknown one for Nothing.
type Reason string

// The reasons.
const (
	Found     Reason = ""
	Nothing   Reason = "nothing_there"
	TooDim    Reason = "too_dim"    // even the brightest parts are dark
	TooBright Reason = "too_bright" // even the darkest parts are bright
	Damaged   Reason = "damaged"    // a symbol is there, but can't be read
)

// Code is one symbol that was read.
type Code struct {
	Text      string    `json:"text"`
	Symbology Symbology `json:"symbology"`
	// Corners are pixels, x and y. QR: 4, clockwise from the symbol's own top left:
	// the centres of the finder patterns, and the fourth of that parallelogram.
	// Code 128: the 2 ends of the line that was read.
	Corners [][2]int `json:"corners"`
}

// Result is what one picture gave: codes, or the reason why not.
type Result struct {
	Codes  []Code
	Reason Reason
}

// Decoder reads pictures. It keeps state between them, so one goroutine may use it.
type Decoder struct {
	codes *qrReader
	qr    gozxing.Reader
	bars  gozxing.Reader
}

// New makes a decoder.
func New() *Decoder {
	return &Decoder{codes: newQRReader(), qr: qrcode.NewQRCodeReader(), bars: oned.NewCode128Reader()}
}

// attempt is one way to look at a picture.
type attempt struct {
	symbology Symbology
	inverted  bool
	turned    bool // by a quarter
}

// attempts are tried in this order: what is met most often comes first.
var attempts = [...]attempt{
	{QRCode, false, false},
	{Code128, false, false},
	{Code128, false, true},
	{QRCode, true, false},
	{Code128, true, false},
	{Code128, true, true},
}

// Decode reads a picture. It does not change or keep it.
func (d *Decoder) Decode(luma Luma) Result {
	if !luma.isPicture() {
		return Result{Reason: Nothing}
	}
	if codes := d.codes.read(luma, nil); len(codes) > 0 {
		return Result{Codes: codes}
	}
	damaged := false
	for _, a := range attempts {
		code, err := d.try(luma, a)
		if err == nil {
			return Result{Codes: []Code{code}}
		}
		// Finding nothing is no news; finding a symbol that does not add up is.
		_, nothing := err.(gozxing.NotFoundException)
		damaged = damaged || !nothing && a.symbology == QRCode
	}
	if damaged {
		return Result{Reason: Damaged}
	}
	return Result{Reason: light(luma)}
}

// try looks once. A picture may be made by anybody, so a panic of the library is
// an error as well.
func (d *Decoder) try(luma Luma, a attempt) (code Code, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("gozxing: %v", p)
		}
	}()
	pix, w, h := a.plane(luma)
	source, err := gozxing.NewPlanarYUVLuminanceSource(pix, w, h, 0, 0, w, h, false)
	if err != nil {
		return Code{}, err
	}
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
	if err != nil {
		return Code{}, err
	}
	reader := d.qr
	if a.symbology == Code128 {
		reader = d.bars
	}
	defer reader.Reset()
	result, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_TRY_HARDER: true,
	})
	if err != nil {
		return Code{}, err
	}
	text := a.text(result.GetText())
	if text == "" {
		return Code{}, gozxing.NewNotFoundException("a symbol without text")
	}
	return Code{Text: text, Symbology: a.symbology,
		Corners: a.corners(result.GetResultPoints(), luma.H)}, nil
}

// text makes UTF-8 of what the library gives: of Code 128 it is Latin-1, one byte
// for each character.
func (a attempt) text(read string) string {
	if a.symbology != Code128 {
		return read
	}
	runes := make([]rune, len(read))
	for i := range len(read) {
		runes[i] = rune(read[i])
	}
	return string(runes)
}

// plane gives the pixels as this attempt wants them, without gaps between rows.
func (a attempt) plane(luma Luma) (pix []byte, w, h int) {
	pix = make([]byte, luma.W*luma.H)
	var flip byte
	if a.inverted {
		flip = 0xFF
	}
	for y := range luma.H {
		row := luma.Pix[y*luma.Stride : y*luma.Stride+luma.W]
		for x, v := range row {
			if a.turned {
				pix[x*luma.H+luma.H-1-y] = v ^ flip
			} else {
				pix[y*luma.W+x] = v ^ flip
			}
		}
	}
	if a.turned {
		return pix, luma.H, luma.W
	}
	return pix, luma.W, luma.H
}

// corners turns the library's points into corners of the picture.
func (a attempt) corners(points []gozxing.ResultPoint, height int) [][2]int {
	at := func(p gozxing.ResultPoint) [2]int {
		x, y := int(p.GetX()+0.5), int(p.GetY()+0.5)
		if a.turned {
			return [2]int{y, height - 1 - x}
		}
		return [2]int{x, y}
	}
	if a.symbology == QRCode && len(points) >= 3 {
		// Bottom left, top left, top right: the centres of the finder patterns.
		bl, tl, tr := at(points[0]), at(points[1]), at(points[2])
		br := [2]int{bl[0] + tr[0] - tl[0], bl[1] + tr[1] - tl[1]}
		return [][2]int{tl, tr, br, bl}
	}
	var ends [][2]int
	for _, p := range points {
		ends = append(ends, at(p))
	}
	return ends
}

// The bounds of a picture that light is to blame for. A code needs some contrast.
const (
	dimBelow    = 40  // of 255: the brightest hundredth is darker
	brightAbove = 230 // of 255: the darkest hundredth is brighter
)

// light says whether a picture without a code was too dark or too bright for one.
func light(luma Luma) Reason {
	var count [256]int
	for y := range luma.H {
		for _, v := range luma.Pix[y*luma.Stride : y*luma.Stride+luma.W] {
			count[v]++
		}
	}
	hundredth := luma.W * luma.H / 100
	darkest, brightest := 0, 255
	for sum := count[0]; sum <= hundredth && darkest < 255; sum += count[darkest] {
		darkest++
	}
	for sum := count[255]; sum <= hundredth && brightest > 0; sum += count[brightest] {
		brightest--
	}
	switch {
	case brightest < dimBelow:
		return TooDim
	case darkest > brightAbove:
		return TooBright
	}
	return Nothing
}

// FromImage takes the shades of grey out of a picture. A *image.Gray or
// *image.YCbCr is not copied.
func FromImage(img image.Image) Luma {
	b := img.Bounds()
	switch img := img.(type) {
	case *image.Gray:
		return Luma{img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], img.Stride, b.Dx(), b.Dy()}
	case *image.YCbCr:
		return Luma{img.Y[img.YOffset(b.Min.X, b.Min.Y):], img.YStride, b.Dx(), b.Dy()}
	}
	luma := Luma{make([]byte, b.Dx()*b.Dy()), b.Dx(), b.Dx(), b.Dy()}
	for y := range luma.H {
		for x := range luma.W {
			r, g, bl, a := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
			white := 0xFFFF - a // what is transparent shows white paper
			luma.Pix[y*luma.W+x] = byte((299*(r+white) + 587*(g+white) + 114*(bl+white)) / 1000 >> 8)
		}
	}
	return luma
}
