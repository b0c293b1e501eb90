// Package raster turns a page into dots: text in a pack of pre-drawn glyphs, QR
// codes and Code 128. It knows fonts and dots; it knows no device, and not what
// the page is about.
package raster

import (
	_ "embed" // the font pack
	"encoding/binary"
	"fmt"
	"slices"
)

// slipFont is Noto Sans Mono CJK SC at 24 dots; OFL.txt is its licence, fontgen
// makes it. Numbers are big endian.
//
//	"SLIPFNT1"
//	count of ranges (4)
//	per range: first and last character, width in dots, offset of its first glyph (4 each)
//	glyphs: 24 rows each, most significant bit left, 1 = black
//
//go:embed slipfont.bin
var slipFont []byte

const (
	fontMagic   = "SLIPFNT1"
	glyphHeight = 24
	halfWidth   = 12
	fullWidth   = 24
)

// span is a range of neighbouring characters of one width.
type span struct {
	first, last rune
	width       int // dots
	offset      int // of the first glyph, in Font.dots
}

// Font gives glyphs. It does not change, so any goroutine may use it.
type Font struct {
	spans []span
	dots  []byte
}

// SlipFont reads the embedded pack. It copies no glyph.
func SlipFont() (*Font, error) { return readFont(slipFont) }

func readFont(pack []byte) (*Font, error) {
	head := len(fontMagic) + 4
	if len(pack) < head || string(pack[:len(fontMagic)]) != fontMagic {
		return nil, fmt.Errorf("font pack: not of version %q", fontMagic)
	}
	count := int(binary.BigEndian.Uint32(pack[len(fontMagic):]))
	if count > (len(pack)-head)/16 {
		return nil, fmt.Errorf("font pack: %d ranges do not fit", count)
	}
	f := &Font{dots: pack[head+16*count:]}
	for i := range count {
		at := pack[head+16*i:]
		number := func(i int) int { return int(binary.BigEndian.Uint32(at[4*i:])) }
		s := span{rune(number(0)), rune(number(1)), number(2), number(3)}
		size := (int(s.last-s.first) + 1) * glyphSize(s.width)
		if s.last < s.first || s.width != halfWidth && s.width != fullWidth ||
			s.offset < 0 || s.offset+size > len(f.dots) ||
			i > 0 && s.first <= f.spans[i-1].last {
			return nil, fmt.Errorf("font pack: range %d is damaged", i)
		}
		f.spans = append(f.spans, s)
	}
	return f, nil
}

func glyphSize(width int) int { return glyphHeight * ((width + 7) / 8) }

// glyph is a character as dots.
type glyph struct {
	width int
	rows  []byte // (width+7)/8 bytes for each of 24 rows
}

// glyph gives a character, or a visible box and false when the pack lacks it.
func (f *Font) glyph(c rune) (glyph, bool) {
	i, found := slices.BinarySearchFunc(f.spans, c, func(s span, c rune) int {
		switch {
		case s.last < c:
			return -1
		case s.first > c:
			return 1
		}
		return 0
	})
	if !found {
		return box(), false
	}
	s := f.spans[i]
	size := glyphSize(s.width)
	at := s.offset + int(c-s.first)*size
	return glyph{s.width, f.dots[at : at+size]}, true
}

// box stands for a character that can't be printed: never a blank.
func box() glyph {
	rows := make([]byte, glyphSize(fullWidth))
	for y := 2; y < glyphHeight-2; y++ {
		row := rows[3*y : 3*y+3]
		if y == 2 || y == glyphHeight-3 {
			row[0], row[1], row[2] = 0x3F, 0xFF, 0xFC
		} else {
			row[0], row[2] = 0x20, 0x04
		}
	}
	return glyph{fullWidth, rows}
}

// width gives the dots that a text takes in one line.
func (f *Font) width(text string) int {
	sum := 0
	for _, c := range text {
		g, _ := f.glyph(c)
		sum += g.width
	}
	return sum
}

// wrap cuts a text into lines of at most width dots, at a space where one is
// near, else anywhere: Chinese has none.
func (f *Font) wrap(text string, width int) []string {
	var lines []string
	line, room, space := []rune{}, width, -1
	for _, c := range text {
		g, _ := f.glyph(c)
		if g.width > room {
			rest := []rune{}
			if space > len(line)/2 && c != ' ' {
				rest = append(rest, line[space+1:]...)
				line = line[:space]
			}
			lines = append(lines, string(line))
			line, space = rest, -1
			room = width - f.width(string(rest))
			if c == ' ' {
				continue
			}
		}
		if c == ' ' {
			space = len(line)
		}
		line = append(line, c)
		room -= g.width
	}
	return append(lines, string(line))
}
