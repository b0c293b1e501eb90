package hidscan

import (
	"maps"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The keys that a layout says something of, row by row, by their codes. The last
// row begins with the key beside the left shift, and ends with two that only
// Brazilian and Japanese keyboards have.
var keyRows = [...][]uint16{
	{41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13},
	{16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27},
	{30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43},
	{86, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 89, 124},
}

// The levels of a layout: which of the shift keys are held.
const (
	plain = iota
	shifted
	altGr
	altGrShifted
	levels
)

// sketch is a layout as people draw it: the rows of each level, a space for a key
// that gives nothing. A dead key, which gives nothing until the next one, stands as
// the accent that it looks like; see accents.
type sketch struct {
	plain, shifted, altGr, altGrShifted [len(keyRows)]string

	// shiftLock: caps lock shifts the row of digits, too.
	shiftLock bool
}

// sketches are the layouts that scanners offer for Windows, by the names of the
// config. A scanner that is set to China, Korea or Russia types as in the US.
var sketches = map[string]sketch{
	"us": {
		plain:   [...]string{"`1234567890-=", "qwertyuiop[]", `asdfghjkl;'\`, `\zxcvbnm,./`},
		shifted: [...]string{"~!@#$%^&*()_+", "QWERTYUIOP{}", `ASDFGHJKL:"|`, `|ZXCVBNM<>?`},
	},
	"uk": {
		plain:   [...]string{"`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", `\zxcvbnm,./`},
		shifted: [...]string{`¬!"£$%^&*()_+`, "QWERTYUIOP{}", "ASDFGHJKL:@~", `|ZXCVBNM<>?`},
		altGr:   [...]string{"¦   €", "  é   úíó", "á", ""},
	},
	"de": {
		plain:   [...]string{"ˆ1234567890ßˊ", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"},
		shifted: [...]string{`°!"§$%&/()=?ˋ`, "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"},
		altGr:   [...]string{`  ²³   {[]}\`, "@ €        ~", "", "|      µ"},
	},
	"ch": {
		plain:   [...]string{"§1234567890'ˆ", "qwertzuiopü¨", "asdfghjklöä$", "<yxcvbnm,.-"},
		shifted: [...]string{`°+"*ç%&/()=?ˋ`, "QWERTZUIOPè!", "ASDFGHJKLéà£", ">YXCVBNM;:_"},
		altGr:   [...]string{" ¦@#°§¬|¢  ˊ˜", "  €       []", "          {}", `\`},
	},
	"fr": {
		plain:   [...]string{`²&é"'(-è_çà)=`, "azertyuiopˆ$", "qsdfghjklmù*", "<wxcvbn,;:!"},
		shifted: [...]string{" 1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"},
		altGr:   [...]string{`  ˜#{[|ˋ\^@]}`, "  €        ¤", "", ""}, shiftLock: true,
	},
	"be": {
		plain:     [...]string{`²&é"'(§è!çà)-`, "azertyuiopˆ$", "qsdfghjklmùµ", "<wxcvbn,;:="},
		shifted:   [...]string{"³1234567890°_", "AZERTYUIOP¨*", "QSDFGHJKLM%£", ">WXCVBN?./+"},
		altGr:     [...]string{" |@#{[^  {}", "  €       []", "          ˊˋ", `\         ˜`},
		shiftLock: true,
	},
	"es": {
		plain:   [...]string{"º1234567890'¡", "qwertyuiopˋ+", "asdfghjklñˊç", "<zxcvbnm,.-"},
		shifted: [...]string{`ª!"·$%&/()=?¿`, "QWERTYUIOPˆ*", "ASDFGHJKLÑ¨Ç", ">ZXCVBNM;:_"},
		altGr:   [...]string{`\|@#˜€¬`, "  €       []", "          {}", ""},
	},
	"it": {
		plain:        [...]string{`\1234567890'ì`, "qwertyuiopè+", "asdfghjklòàù", "<zxcvbnm,.-"},
		shifted:      [...]string{`|!"£$%&/()=?^`, "QWERTYUIOPé*", "ASDFGHJKLç°§", ">ZXCVBNM;:_"},
		altGr:        [...]string{"     €     `~", "  €       []", "         @#", ""},
		altGrShifted: [...]string{"", "          {}", "", ""},
	},
	"pt-br": {
		plain:   [...]string{"'1234567890-=", "qwertyuiopˊ[", "asdfghjklç˜]", `\zxcvbnm,.;/`},
		shifted: [...]string{`"!@#$%¨&*()_+`, "QWERTYUIOPˋ{", "ASDFGHJKLÇˆ}", "|ZXCVBNM<>:?"},
		altGr:   [...]string{" ¹²³£¢¬     §", "/?°        ª", "           º", "           °"},
	},
	"jp": {
		plain:   [...]string{" 1234567890-^", "qwertyuiop@[", "asdfghjkl;:]", ` zxcvbnm,./\\`},
		shifted: [...]string{" !\"#$%&'() =~", "QWERTYUIOP`{", "ASDFGHJKL+*}", " ZXCVBNM<>?_|"},
	},
	"se": {
		plain:   [...]string{"§1234567890+ˊ", "qwertyuiopå¨", "asdfghjklöä'", "<zxcvbnm,.-"},
		shifted: [...]string{`½!"#¤%&/()=?ˋ`, "QWERTYUIOPÅˆ", "ASDFGHJKLÖÄ*", ">ZXCVBNM;:_"},
		altGr:   [...]string{`  @£$€ {[]}\`, "  €        ˜", "", "|      µ"},
	},
	"tr": {
		plain:   [...]string{`"1234567890*-`, "qwertyuıopğü", "asdfghjklşi,", "<zxcvbnmöç."},
		shifted: [...]string{"é!'ˆ+%&/()=?_", "QWERTYUIOPĞÜ", "ASDFGHJKLŞİ;", ">ZXCVBNMÖÇ:"},
		altGr:   [...]string{`<>£#$½ {[]}\|`, "@ €        ˜", "æß       ˊ ˋ", "|"},
	},
}

// accents are the dead keys: what one gives before a space, and what it puts on a
// letter.
var accents = map[rune]struct{ alone, combining rune }{
	'ˆ': {'^', 0x302}, '˜': {'~', 0x303}, 'ˋ': {'`', 0x300}, 'ˊ': {'´', 0x301}, '¨': {'¨', 0x308},
}

// Layouts are the names of the layouts, in order.
func Layouts() []string { return slices.Sorted(maps.Keys(sketches)) }

// layout says what each key gives, by level; 0 for nothing.
type layout struct {
	name  string
	chars map[uint16][levels]rune
	lock  bool
}

func newLayout(name string) (layout, bool) {
	s, ok := sketches[name]
	l := layout{name: name, chars: map[uint16][levels]rune{}, lock: s.shiftLock}
	for level, rows := range [levels][len(keyRows)]string{s.plain, s.shifted, s.altGr, s.altGrShifted} {
		for i, row := range rows {
			for j, char := range []rune(row) {
				if char != ' ' {
					chars := l.chars[keyRows[i][j]]
					chars[level] = char
					l.chars[keyRows[i][j]] = chars
				}
			}
		}
	}
	l.chars[keySpace] = [levels]rune{' ', ' ', ' ', ' '}
	return l, ok
}

// of gives what a key gives, 0 for nothing. known is false for one that is no key
// for characters.
func (l layout) of(key uint16, level int, caps bool) (char rune, known bool) {
	chars, known := l.chars[key]
	if caps && level < altGr && (isCase(chars[plain], chars[shifted]) || l.lock && isDigitKey(key)) {
		level = shifted - level
	}
	return chars[level], known
}

// hasAltGr says whether the right Alt key makes other characters.
func (l layout) hasAltGr() bool {
	for _, chars := range l.chars {
		if chars[altGr] != 0 && chars[altGr] != ' ' {
			return true
		}
	}
	return false
}

// isCase says whether two characters are one letter. In Turkish i and ı are two.
func isCase(lower, upper rune) bool {
	return lower != upper && (unicode.ToUpper(lower) == upper || lower == 'i' && upper == 'İ')
}

func isDigitKey(key uint16) bool { return key >= 2 && key <= 11 }

// accented puts the accent of a dead key on the next character; without a letter
// that takes it, both stand side by side.
func accented(dead, char rune) string {
	accent := accents[dead]
	if char == ' ' {
		return string(accent.alone)
	}
	one := norm.NFC.String(string([]rune{char, accent.combining}))
	if utf8.RuneCountInString(one) == 1 {
		return one
	}
	return string([]rune{accent.alone, char})
}
