package hidscan

import (
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// altDigitsMax is the longest number that is typed with Alt held: 1114111 is the
// last character there is, and a zero may stand before it.
const altDigitsMax = 8

// altCode is the character that a number stands for when it is typed on the keypad
// with Alt held, as Windows has it: below 256 the old DOS table, or with a zero
// before it the Windows table. What is above depends on the program there: most take
// Unicode, Chinese ones take the two bytes of GBK. false: there is no such character.
func altCode(digits string, gbk bool) (char rune, ok bool) {
	n, err := strconv.ParseUint(digits, 10, 32)
	switch {
	case err != nil || n > utf8.MaxRune:
		return 0, false
	case n < utf8.RuneSelf:
		return rune(n), true
	case n > 0xff && gbk:
		return decoded(simplifiedchinese.GBK, []byte{byte(n >> 8), byte(n)})
	case n > 0xff:
		return rune(n), utf8.ValidRune(rune(n))
	case gbk:
		return 0, false // half a character
	case digits[0] == '0':
		return decoded(charmap.Windows1252, []byte{byte(n)})
	}
	return decoded(charmap.CodePage437, []byte{byte(n)})
}

// decoded gives the one character that bytes stand for in a table.
func decoded(table encoding.Encoding, bytes []byte) (rune, bool) {
	text, err := table.NewDecoder().Bytes(bytes)
	if err != nil {
		return 0, false
	}
	char, size := utf8.DecodeRune(text)
	return char, size == len(text) && char != utf8.RuneError
}
