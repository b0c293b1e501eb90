// Package decode reads QR codes and Code 128 from pictures. It knows pixels and
// symbols; it does not know cameras, or what a code means. Of a QR code all up to the
// repaired bytes is its own, and gozxing makes text of those.
package decode

import (
	"image"
	"slices"
)

// Symbology names a kind of symbol.
type Symbology string

// The symbologies that are read.
const (
	QRCode  Symbology = "QR_CODE"
	Code128 Symbology = "CODE_128"
)

// Reason says why a picture gave no code. It is a value, so that a screen can turn
// it into a hint. Take an unknown one for Nothing.
type Reason string

// The reasons.
const (
	Found     Reason = ""
	Nothing   Reason = "nothing_there"
	TooDim    Reason = "too_dim"    // even the brightest parts are dark
	TooBright Reason = "too_bright" // even the darkest parts are bright
	Glare     Reason = "glare"      // a QR code is there, with light on it that blinds
	TooClose  Reason = "too_close"  // a QR code is there, and larger than the picture
	TooFar    Reason = "too_far"    // a QR code is there, with too few pixels to it
	Blurred   Reason = "blurred"    // edges are there, but none is sharp
	CutOff    Reason = "cut_off"    // a part of a QR code lies outside of the picture
	NotQR     Reason = "not_a_qr"   // something like a symbol is there, of another kind
	Damaged   Reason = "damaged"    // a QR code is there, but can't be read
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
	bars  *lineReader
}

// New makes a decoder.
func New() *Decoder {
	return &Decoder{codes: newQRReader(), bars: newLineReader()}
}

// ForPayers makes a decoder for a till: of bars, whose check digit is weak, it takes
// only what can be a payer code, 16 to 24 digits.
func ForPayers() *Decoder {
	d := New()
	d.bars.shortest, d.bars.longest = 16, 24
	return d
}

// Decode reads a picture. It does not change or keep it, and what was read before does
// not matter.
func (d *Decoder) Decode(luma Luma) Result {
	d.codes.joint.forget()
	return d.decode(luma, false)
}

// DecodeNext reads the next frame of a camera. A QR code that none of several frames
// in a row shows well enough may be read by all of them together.
func (d *Decoder) DecodeNext(luma Luma) Result {
	return d.decode(luma, true)
}

func (d *Decoder) decode(luma Luma, isNext bool) Result {
	d.codes.joint.begin(isNext)
	if !luma.isPicture() {
		return Result{Reason: Nothing}
	}
	if codes := d.codes.read(luma, nil); len(codes) > 0 {
		return Result{Codes: codes}
	}
	if codes := d.bars.read(luma, d.codes.level(1)); len(codes) > 0 {
		return Result{Codes: slices.Clone(codes)}
	}
	return Result{Reason: d.codes.whyNot()}
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
