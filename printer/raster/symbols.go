package raster

import (
	"errors"
	"fmt"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"saoma/terminal/printer"
)

// The measures of symbols, in dots.
const (
	qrSide      = 176 // about; 22 mm
	qrModuleMax = 8
	qrQuiet     = 4 // modules
	barsHigh    = 64
	barsGap     = 8 // above and below
)

// qr draws a QR code of error correction level M in the middle. Digits are packed
// as digits: the 28 of an order number fit version 1.
func (d *drawing) qr(text string) error {
	if text == "" {
		return errors.New("draw QR code: there is nothing to draw")
	}
	code, err := encoder.Encoder_encode(text, decoder.ErrorCorrectionLevel_M, nil)
	if err != nil {
		return fmt.Errorf("draw QR code: %w", err)
	}
	m := code.GetMatrix()
	modules := m.GetWidth()
	size := min(qrModuleMax, max(qrSide/modules, printer.DotsPerRow/(modules+2*qrQuiet)/2))
	left, quiet := (printer.DotsPerRow-modules*size)/2, qrQuiet*size
	if size < 1 || left < quiet {
		return fmt.Errorf("draw QR code: %d modules do not fit the paper", modules)
	}
	y := d.feed(modules*size+2*quiet) + quiet
	for row := range modules {
		for col := range modules {
			if m.Get(col, row) == 1 {
				d.fill(left+col*size, y+row*size, size, size)
			}
		}
	}
	return nil
}

// bars draws a Code 128 in the middle. 28 digits take 189 modules, 378 of 384
// dots: the blank margins of the paper are then its quiet zone.
func (d *drawing) bars(text string) error {
	// The library's writer panics on what it can't encode: look first.
	for _, c := range text {
		if c < ' ' || c > '~' {
			return fmt.Errorf("draw Code 128: %q can't be drawn", c)
		}
	}
	if text == "" || len(text) > 80 {
		return fmt.Errorf("draw Code 128: %d characters are not within 1 to 80", len(text))
	}
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 0}
	m, err := oned.NewCode128Writer().Encode(text, gozxing.BarcodeFormat_CODE_128, 1, 1, hints)
	if err != nil {
		return fmt.Errorf("draw Code 128: %w", err)
	}
	modules := m.GetWidth()
	size := printer.DotsPerRow / modules
	if size < 1 {
		return fmt.Errorf("draw Code 128: %d modules do not fit the paper", modules)
	}
	size = min(size, 3)
	left := (printer.DotsPerRow - modules*size) / 2
	y := d.feed(barsHigh+2*barsGap) + barsGap
	for col := range modules {
		if m.Get(col, 0) {
			d.fill(left+col*size, y, size, barsHigh)
		}
	}
	return nil
}
