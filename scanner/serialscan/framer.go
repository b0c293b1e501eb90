package serialscan

import (
	"bytes"
	"fmt"

	"saoma/terminal/scanner"
)

// Framing is what ends a code.
type Framing string

// The framings. Each also takes a long silence for an end, so that a code without
// its terminator is not glued to the next one.
const (
	Auto Framing = "auto" // CR, LF, or both
	CR   Framing = "cr"
	LF   Framing = "lf"
	CRLF Framing = "crlf"
	None Framing = "none" // silence alone
)

func (f Framing) check() error {
	switch f {
	case Auto, CR, LF, CRLF, None:
		return nil
	}
	return fmt.Errorf("framing %q is not one of auto, cr, lf, crlf, none", string(f))
}

// Why a line was dropped, and what can be done about it.
const (
	noiseSentence = "a line was no text, and was dropped: check the rate, data bits and parity, " +
		"and the cable"
	halfSentence = "a line ended in silence without its terminator, and was dropped: " +
		"check that framing fits the suffix that the scanner is set to"
	endlessSentence = "a line is longer than any code: check framing and the rate"
)

// lineMax is how much is kept of a line besides a prefix, bytes: a whole scan, its
// AIM identifier, and some junk around it.
const lineMax = scanner.ScanMax + 16

// framer cuts a stream of bytes into codes. It knows no device and no clock.
type framer struct {
	framing  Framing
	prefix   []byte
	line     []byte
	overlong bool
}

// code is one line: a text, the news that it was too long, or a sentence about why it
// was dropped.
type code struct {
	read      string
	overlong  bool
	complaint string
}

// feed takes bytes and gives the codes that they end.
func (f *framer) feed(data []byte) []code {
	var codes []code
	for _, b := range data {
		if f.ends(b) {
			if c, ok := f.cut(); ok {
				codes = append(codes, c)
			}
		} else if c, ok := f.keep(b); ok {
			codes = append(codes, c)
		}
	}
	return codes
}

// silence is a gap that ends a code, or what is left of a damaged one.
func (f *framer) silence() (code, bool) {
	if f.framing == None || f.framing == Auto || f.overlong {
		return f.cut()
	}
	left, _ := scanner.Clean(f.line)
	f.line = f.line[:0]
	return code{complaint: halfSentence}, len(left) > 0 // it would damage the next code
}

// ends says whether a byte ends the line. In CR LF it is the LF; the CR before it
// is trimmed away with all other control characters.
func (f *framer) ends(b byte) bool {
	switch f.framing {
	case Auto:
		return b == '\r' || b == '\n'
	case CR:
		return b == '\r'
	case LF, CRLF:
		return b == '\n'
	}
	return false
}

// keep adds a byte to the line. A line without an end is told of once.
func (f *framer) keep(b byte) (code, bool) {
	if len(f.line) < lineMax+len(f.prefix) {
		f.line = append(f.line, b)
		return code{}, false
	}
	first := !f.overlong
	f.overlong = true
	return code{complaint: endlessSentence}, first
}

// cut ends the line.
func (f *framer) cut() (code, bool) {
	line, overlong := f.line, f.overlong
	f.line, f.overlong = f.line[:0], false
	read, whole := scanner.Clean(line)
	read = bytes.TrimPrefix(read, f.prefix)
	switch {
	case overlong:
		return code{overlong: true}, true
	case !whole:
		return code{complaint: noiseSentence}, true
	}
	return code{read: string(read)}, len(read) > 0
}
