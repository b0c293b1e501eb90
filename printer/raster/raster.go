package raster

import (
	"fmt"

	"saoma/terminal/printer"
)

// The measures of a slip, in dots.
const (
	lineGap  = 6 // between lines of text: a pitch of 30
	ruleRows = 16
	ruleStep = 9  // one dot in nine: 43 black dots in a row, one group of the head
	pairGap  = 12 // between a label and its value
)

// Draw turns a page into dots. The error says what in it can't be drawn.
func Draw(font *Font, page printer.Page) (*Bitmap, error) {
	d := drawing{font: font}
	for i, block := range page.Blocks {
		if err := d.block(block); err != nil {
			return nil, fmt.Errorf("block %d: %w", i+1, err)
		}
		if d.Rows() > RowsMax {
			return nil, fmt.Errorf("block %d: the slip is longer than %d rows", i+1, RowsMax)
		}
	}
	return &d.Bitmap, nil
}

// drawing is a page on which something is being drawn.
type drawing struct {
	Bitmap
	font *Font
}

func (d *drawing) block(block printer.Block) error {
	switch b := block.(type) {
	case printer.Text:
		d.paragraph(b.Text, b.Align, scaleOf(b.Double))
	case printer.Pair:
		d.pair(b)
	case printer.Rule:
		y := d.feed(ruleRows)
		for x := 0; x < printer.DotsPerRow; x += ruleStep {
			d.fill(x, y+ruleRows/2-lineGap/2, 1, 1)
		}
	case printer.Feed:
		if b.Rows < 0 || b.Rows > RowsMax {
			return fmt.Errorf("a feed of %d rows is not within 0 to %d", b.Rows, RowsMax)
		}
		d.feed(b.Rows)
	case printer.QR:
		return d.qr(b.Text)
	case printer.Bars:
		return d.bars(b.Text)
	default:
		return fmt.Errorf("%T is not known", block)
	}
	return nil
}

func scaleOf(double bool) int {
	if double {
		return 2
	}
	return 1
}

// paragraph draws a text line by line.
func (d *drawing) paragraph(text string, align printer.Align, scale int) {
	for _, line := range d.font.wrap(text, printer.DotsPerRow/scale) {
		x := 0
		switch blank := printer.DotsPerRow - scale*d.font.width(line); align {
		case printer.Centre:
			x = blank / 2
		case printer.Right:
			x = blank
		}
		d.line(line, x, d.feed(glyphHeight*scale+lineGap), scale)
	}
}

// pair draws a label and its value in one line, or in two when they don't fit.
func (d *drawing) pair(p printer.Pair) {
	scale := scaleOf(p.Double)
	label, value := d.font.width(p.Label), scale*d.font.width(p.Value)
	if label+pairGap+value > printer.DotsPerRow {
		d.paragraph(p.Label, printer.Left, 1)
		d.paragraph(p.Value, printer.Right, scale)
		return
	}
	y := d.feed(glyphHeight*scale + lineGap)
	d.line(p.Label, 0, y+glyphHeight*(scale-1), 1)
	d.line(p.Value, printer.DotsPerRow-value, y, scale)
}

// line draws one line of text from a dot.
func (d *drawing) line(text string, x, y, scale int) {
	for _, c := range text {
		g, ok := d.font.glyph(c)
		if !ok {
			d.Missing++
		}
		stride := (g.width + 7) / 8
		for row := range glyphHeight {
			for col := range g.width {
				if g.rows[row*stride+col/8]&(0x80>>(col%8)) != 0 {
					d.fill(x+col*scale, y+row*scale, scale, scale)
				}
			}
		}
		x += g.width * scale
	}
}
