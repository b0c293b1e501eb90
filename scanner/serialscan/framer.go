package serialscan

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"

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

// framer cuts a stream of bytes into codes. It knows no device and no clock.
type framer struct {
	framing  Framing
	prefix   []byte
	line     []byte
	overlong bool
	noise    int64 // lines dropped: not text, or without their end
}

// code is one line: text, or the news that it was too long.
type code struct {
	text     string
	overlong bool
}

// feed takes bytes and gives the codes that they end.
func (f *framer) feed(data []byte) []code {
	var codes []code
	for _, b := range data {
		if !f.ends(b) {
			f.keep(b)
			continue
		}
		if c, ok := f.cut(); ok {
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
	if len(bytes.TrimFunc(f.line, junk)) > 0 {
		f.noise++ // its terminator never came: it would damage the next code
	}
	f.line = f.line[:0]
	return code{}, false
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

// takeNoise gives the lines dropped since it was last called.
func (f *framer) takeNoise() int64 {
	n := f.noise
	f.noise = 0
	return n
}

func (f *framer) keep(b byte) {
	if len(f.line) >= scanner.ScanMax+len(f.prefix)+2 {
		f.overlong = true
		return
	}
	f.line = append(f.line, b)
}

// cut ends the line. Control characters and broken bytes around it are dropped,
// as a bad contact makes them; a line with such in the middle is noise.
func (f *framer) cut() (code, bool) {
	line, overlong := bytes.TrimFunc(f.line, junk), f.overlong
	f.line, f.overlong = f.line[:0], false
	line = bytes.TrimPrefix(line, f.prefix)
	switch {
	case overlong || len(line) > scanner.ScanMax:
		return code{overlong: true}, true
	case len(line) == 0:
		return code{}, false
	case bytes.ContainsFunc(line, junk):
		f.noise++
		return code{}, false
	}
	return code{text: string(line)}, true
}

// junk is what stands in no code. A byte that is not UTF-8 comes as RuneError.
func junk(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }
