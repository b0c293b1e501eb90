package scanner

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Clean takes what a device has sent for one code. Control characters and broken
// bytes around it are dropped, as a bad contact makes them; whole is false for one
// with such in its middle, which is no code.
func Clean(sent []byte) (read []byte, whole bool) {
	read = bytes.TrimFunc(sent, isJunk)
	return read, !bytes.ContainsFunc(read, isJunk)
}

// isJunk is what stands in no code. A byte that is not UTF-8 comes as RuneError.
func isJunk(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }
