// Command fontgen makes the font pack of package raster from Noto Sans Mono CJK.
// It is run by hand when the pack has to change:
//
//	go run ./printer/raster/fontgen NotoSansCJK-Regular.ttc printer/raster/slipfont.bin
//
// Drawing outlines on the terminal would cost a font file of 19 MB and 40 µs for
// each glyph. It knows the pack's format as raster reads it, and nothing else.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"maps"
	"os"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/simplifiedchinese"
)

const (
	family    = "Noto Sans Mono CJK SC"
	height    = 24  // dots of a glyph; half-width ones are 12 wide
	baseline  = 21  // dots from the top
	threshold = 110 // of 255: how much of a dot must be covered
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: fontgen NotoSansCJK-Regular.ttc slipfont.bin")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "fontgen:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	face, err := openFace(from)
	if err != nil {
		return err
	}
	var index, dots bytes.Buffer
	count := uint32(0)
	for _, r := range ranges(characters()) {
		for _, v := range []uint32{uint32(r.first), uint32(r.last), uint32(r.width), uint32(dots.Len())} {
			_ = binary.Write(&index, binary.BigEndian, v)
		}
		for c := r.first; c <= r.last; c++ {
			dots.Write(draw(face, c, r.width))
		}
		count++
	}
	var pack bytes.Buffer
	pack.WriteString("SLIPFNT1")
	_ = binary.Write(&pack, binary.BigEndian, count)
	pack.Write(index.Bytes())
	pack.Write(dots.Bytes())
	return os.WriteFile(to, pack.Bytes(), 0o644)
}

func openFace(path string) (font.Face, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all, err := opentype.ParseCollection(text)
	if err != nil {
		return nil, err
	}
	for i := range all.NumFonts() {
		f, err := all.Font(i)
		if err != nil {
			return nil, err
		}
		if name, err := f.Name(nil, sfnt.NameIDFull); err == nil && name == family {
			return opentype.NewFace(f, &opentype.FaceOptions{Size: height, DPI: 72,
				Hinting: font.HintingFull})
		}
	}
	return nil, fmt.Errorf("%s is not in %s", family, path)
}

// characters gives the width in dots of each character of the pack: printable
// ASCII and Latin-1 half, the symbols of GB 2312 and full-width forms and all
// ideographs of GB 18030-2022 level 1 full.
func characters() map[rune]int {
	widths := map[rune]int{}
	add := func(first, last rune, width int) {
		for c := first; c <= last; c++ {
			widths[c] = width
		}
	}
	decoder := simplifiedchinese.GBK.NewDecoder()
	for row := byte(0xA1); row <= 0xA9; row++ {
		for cell := byte(0xA1); cell <= 0xFE; cell++ {
			if text, err := decoder.Bytes([]byte{row, cell}); err == nil {
				if c := []rune(string(text))[0]; c != 0xFFFD {
					widths[c] = 24
				}
			}
		}
	}
	add(0x3000, 0x3017, 24) // CJK punctuation
	add(0xFF01, 0xFF5E, 24) // full-width forms
	add(0xFFE0, 0xFFE5, 24)
	add(0x3400, 0x4DB5, 24) // Extension A
	add(0x4E00, 0x9FEF, 24) // URO, and what GB 18030-2022 added to it
	add(0x20, 0x7E, 12)
	add(0xA1, 0xFF, 12)
	widths[0x20AC] = 12 // euro
	return widths
}

type span struct {
	first, last rune
	width       int
}

// ranges joins neighbours of the same width.
func ranges(widths map[rune]int) []span {
	var spans []span
	for _, c := range slices.Sorted(maps.Keys(widths)) {
		if n := len(spans); n > 0 && spans[n-1].last == c-1 && spans[n-1].width == widths[c] {
			spans[n-1].last = c
			continue
		}
		spans = append(spans, span{c, c, widths[c]})
	}
	return spans
}

// draw gives the rows of a glyph, most significant bit left, 1 = black. A
// character that the font lacks gives an empty glyph; raster's test would see it.
func draw(face font.Face, c rune, width int) []byte {
	stride := (width + 7) / 8
	rows := make([]byte, stride*height)
	cell := image.NewAlpha(image.Rect(0, 0, width, height))
	advance, ok := face.GlyphAdvance(c)
	if !ok {
		return rows
	}
	left := (fixed.I(width) - advance) / 2
	d := font.Drawer{Dst: cell, Src: image.NewUniform(color.Alpha{A: 255}), Face: face,
		Dot: fixed.Point26_6{X: left, Y: fixed.I(baseline)}}
	d.DrawString(string(c))
	for y := range height {
		for x := range width {
			if cell.AlphaAt(x, y).A > threshold {
				rows[y*stride+x/8] |= 0x80 >> (x % 8)
			}
		}
	}
	return rows
}
