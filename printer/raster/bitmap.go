package raster

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"

	"saoma/terminal/printer"
)

// rowBytes is one row of dots: 48 bytes.
const rowBytes = printer.DotsPerRow / 8

// RowsMax is the longest slip, dot rows: a metre of paper.
const RowsMax = 8000

// Bitmap is a page as dots, one bit each, most significant bit left, 1 = black.
type Bitmap struct {
	Bits    []byte // 48 bytes for each row
	Missing int    // characters that the font lacks; a box is printed for each
}

// Rows is the length of the page in dot rows of 1/8 mm.
func (b *Bitmap) Rows() int { return len(b.Bits) / rowBytes }

// Black says whether a dot is black. Outside of the page nothing is.
func (b *Bitmap) Black(x, y int) bool {
	return x >= 0 && x < printer.DotsPerRow && y >= 0 && y < b.Rows() &&
		b.Bits[y*rowBytes+x/8]&(0x80>>(x%8)) != 0
}

// feed adds blank rows and gives the first of them.
func (b *Bitmap) feed(rows int) (y int) {
	y = b.Rows()
	b.Bits = append(b.Bits, make([]byte, rows*rowBytes)...)
	return y
}

// fill makes a rectangle black; what lies outside of the paper is cut off.
func (b *Bitmap) fill(x, y, w, h int) {
	for row := y; row < y+h; row++ {
		for col := max(x, 0); col < min(x+w, printer.DotsPerRow); col++ {
			b.Bits[row*rowBytes+col/8] |= 0x80 >> (col % 8)
		}
	}
}

// Image shows the page as paper would, without a copy.
func (b *Bitmap) Image() image.Image { return paper{b} }

// paper is a page as a picture of two colours.
type paper struct{ *Bitmap }

var paperColours = color.Palette{color.White, color.Black}

func (p paper) ColorModel() color.Model { return paperColours }

func (p paper) Bounds() image.Rectangle {
	return image.Rect(0, 0, printer.DotsPerRow, p.Rows())
}

func (p paper) ColorIndexAt(x, y int) uint8 {
	if p.Black(x, y) {
		return 1
	}
	return 0
}

func (p paper) At(x, y int) color.Color { return paperColours[p.ColorIndexAt(x, y)] }

// WritePNG writes the page as a picture of one bit for each dot.
func (b *Bitmap) WritePNG(w io.Writer) error {
	if err := png.Encode(w, b.Image()); err != nil {
		return fmt.Errorf("write slip picture: %w", err)
	}
	return nil
}
