package hidscan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// typist types as a scanner does that is set to a layout: it finds the keys of a
// text and makes the events of a keyboard, with the reports and scan codes between.
type typist struct {
	t      *testing.T
	layout layout
	keys   []uint16
	events []event

	capsOn  bool // the scanner has caps lock on, and shifts accordingly
	keypad  bool // digits come from the keypad
	altCode bool // everything comes as Alt and a number
	useCtrl bool // AltGr comes as Ctrl and Alt
}

func newTypist(t *testing.T, name string) *typist {
	t.Helper()
	l, ok := newLayout(name)
	if !ok {
		t.Fatalf("there is no layout %s", name)
	}
	return &typist{t: t, layout: l, keys: slices.Sorted(maps.Keys(l.chars))}
}

func (ty *typist) key(code uint16, value int32) {
	ty.events = append(ty.events, event{4, 4, int32(code)}, event{evKey, code, value},
		event{evSyn, synReport, 0})
}

func (ty *typist) tap(code uint16, held ...uint16) {
	for _, h := range held {
		ty.key(h, pressed)
	}
	ty.key(code, pressed)
	ty.key(code, released)
	slices.Reverse(held)
	for _, h := range held {
		ty.key(h, released)
	}
}

// find gives the key and level of a character.
func (ty *typist) find(char rune) (key uint16, level int, ok bool) {
	for _, key := range ty.keys {
		for level := range levels {
			if c, _ := ty.layout.of(key, level, ty.capsOn); c == char {
				return key, level, true
			}
		}
	}
	return 0, 0, false
}

func (ty *typist) tapChar(char rune) bool {
	key, level, ok := ty.find(char)
	if !ok {
		return false
	}
	var held []uint16
	if level >= altGr && ty.useCtrl {
		held = append(held, keyLeftCtrl, keyLeftAlt)
	} else if level >= altGr {
		held = append(held, keyRightAlt)
	}
	if level%altGr == shifted {
		held = append(held, keyRightShift)
	}
	ty.tap(key, held...)
	return true
}

func (ty *typist) tapAltCode(number string) {
	ty.key(keyLeftAlt, pressed)
	for _, digit := range number {
		ty.tap(keypadKey(digit))
	}
	ty.key(keyLeftAlt, released)
}

func keypadKey(char rune) uint16 {
	for key, c := range keypad {
		if c == char {
			return key
		}
	}
	panic(fmt.Sprintf("%q is not on the keypad", char))
}

func (ty *typist) char(char rune) {
	switch {
	case ty.altCode:
		ty.tapAltCode("0" + strconv.Itoa(int(char)))
		return
	case ty.keypad && char >= '0' && char <= '9':
		ty.tap(keypadKey(char))
		return
	case char == '\r':
		ty.tap(keyEnter)
		return
	case char == '\n':
		ty.tap(36, keyLeftCtrl) // Ctrl with J, as scanners map control characters
		return
	case accents[char].alone == 0 && ty.tapChar(char): // ¨ alone is always dead
		return
	}
	for dead, accent := range accents {
		if accent.alone == char && ty.tapChar(dead) && ty.tapChar(' ') {
			return
		}
		parts := []rune(norm.NFD.String(string(char)))
		if len(parts) == 2 && parts[1] == accent.combining && ty.tapChar(dead) && ty.tapChar(parts[0]) {
			return
		}
	}
	ty.tapAltCode(strconv.Itoa(int(char))) // Unicode
}

// text gives the events of a text, without an end.
func (ty *typist) text(text string) []event {
	ty.events = nil
	if ty.capsOn {
		ty.tap(keyCapsLock)
	}
	for _, char := range text {
		ty.char(char)
	}
	if ty.capsOn {
		ty.tap(keyCapsLock)
	}
	return ty.events
}

// ended gives the events of a text and Enter.
func (ty *typist) ended(text string) []event {
	events := ty.text(text)
	ty.tap(keyEnter)
	return slices.Concat(events, ty.events[len(events):])
}
