package hidscan

import (
	"bytes"
	"fmt"
	"unicode"

	"saoma/terminal/scanner"
)

// The keys that do something else than give a character.
const (
	keyTab        = 15
	keyEnter      = 28
	keyLeftCtrl   = 29
	keyLeftShift  = 42
	keyRightShift = 54
	keyLeftAlt    = 56
	keySpace      = 57
	keyCapsLock   = 58
	keyKPEnter    = 96
	keyRightCtrl  = 97
	keyRightAlt   = 100
)

// keypad is what the keypad gives. Its keys are digits here whether num lock is on
// or not: a scanner that uses them means digits.
var keypad = map[uint16]rune{
	71: '7', 72: '8', 73: '9', 75: '4', 76: '5', 77: '6', 79: '1', 80: '2', 81: '3', 82: '0',
	74: '-', 78: '+', 83: '.', 55: '*', 98: '/', 117: '=', 121: ',',
}

// Why something was dropped, and what can be done about it.
const (
	tornSentence = "keys came faster than they were read, and a code was dropped: " +
		"have the scanner type more slowly"
	begunSentence  = "a code had begun before the scanner was opened, and was dropped: scan again"
	noiseSentence  = "what came was no text, and was dropped: scan again"
	layoutSentence = "a code had keys that mean nothing in the layout %s, and was dropped: " +
		"set the layout that the scanner is set to"
)

// code is what a device has sent from one end to the next: a text, the news that it
// was too long, or a sentence about why it was dropped.
type code struct {
	read      string
	overlong  bool
	complaint string
}

// keyboard makes codes of events. It knows no device and no clock.
type keyboard struct {
	layout         layout
	altGr          bool // the right Alt key makes other characters
	prefix, suffix []byte
	gbk            bool

	held keySet
	caps bool

	// What is typed and has not ended yet.
	text     []byte
	dead     rune   // a dead key that waits for its letter
	alt      string // a number that is typed with Alt held
	overlong bool
	dropped  string // why it is no code; what comes until its end is dropped, too
}

// feed takes events and gives the codes that they end. lost means that the kernel
// had to drop events: after that the keys that are held must be set anew.
func (k *keyboard) feed(events []event) (codes []code, lost bool) {
	skipping := false
	for _, e := range events {
		switch {
		case e.kind == evSyn && e.code == synDropped:
			skipping, lost = true, true
			k.drop(tornSentence)
		case e.kind == evSyn && e.code == synReport:
			skipping = false
		case e.kind != evKey || skipping:
		case k.key(e):
			if c, ok := k.end(); ok {
				codes = append(codes, c)
			}
		}
	}
	return codes, lost
}

// hold sets the keys that are held. A key for characters among them, when the device
// has just been opened, belongs to a code whose beginning is lost.
func (k *keyboard) hold(held keySet, opened bool) {
	k.held = held
	for key := range k.layout.chars {
		if opened && held.has(key) {
			k.drop(begunSentence)
		}
	}
}

// half says whether something was typed that has not ended yet.
func (k *keyboard) half() bool {
	return len(k.text) > 0 || k.dead != 0 || k.alt != "" || k.overlong || k.dropped != ""
}

// end ends what was typed: at a key that does, or after a silence.
func (k *keyboard) end() (code, bool) {
	k.settle("")
	if k.alt != "" {
		k.drop(noiseSentence) // its last character never came
	}
	text, overlong, dropped := k.text, k.overlong, k.dropped
	k.text, k.alt, k.overlong, k.dropped = k.text[:0], "", false, ""
	read, whole := scanner.Clean(text)
	read = bytes.TrimPrefix(bytes.TrimSuffix(read, k.suffix), k.prefix)
	switch {
	case dropped != "":
		return code{complaint: dropped}, true
	case overlong:
		return code{overlong: true}, true
	case !whole:
		return code{complaint: noiseSentence}, true
	}
	return code{read: string(read)}, len(read) > 0
}

// key takes one event of a key. True ends the code.
func (k *keyboard) key(e event) bool {
	switch e.value {
	case pressed:
		k.held.set(e.code, true)
		return k.press(e.code)
	case released:
		k.held.set(e.code, false)
		return k.release(e.code)
	}
	return false // a repeat: the scanner is slow, or its key is stuck
}

func (k *keyboard) press(key uint16) bool {
	switch {
	case key == keyEnter || key == keyKPEnter || key == keyTab:
		return true
	case key == keyCapsLock:
		k.caps = !k.caps
		return false
	case k.holdsAlt():
		k.pressWithAlt(key)
		return false
	}
	if char := keypad[key]; char != 0 {
		return k.settle(string(char))
	}
	char, known := k.layout.of(key, k.level(), k.caps)
	ctrl := k.held.has(keyLeftCtrl) || k.held.has(keyRightCtrl)
	switch {
	case !known: // a function key, an arrow, a key of the shop's own: no text
		return false
	case ctrl && !k.holdsAltGr():
		char = control(char)
	}
	if char == 0 {
		k.drop(fmt.Sprintf(layoutSentence, k.layout.name))
		return false
	}
	if _, dead := accents[char]; dead {
		done := k.settle("")
		k.dead = char
		return done
	}
	return k.settle(string(char))
}

// pressWithAlt collects a number. Any other key with Alt is an order to a program,
// which stands in no code.
func (k *keyboard) pressWithAlt(key uint16) {
	digit := keypad[key]
	_, text := k.layout.chars[key]
	switch {
	case digit >= '0' && digit <= '9' && len(k.alt) < altDigitsMax:
		k.alt += string(digit)
	case digit != 0 || text:
		k.drop(noiseSentence)
	}
}

// release ends a number that was typed with Alt held.
func (k *keyboard) release(key uint16) bool {
	if k.alt == "" || key != keyLeftAlt && key != keyRightAlt || k.holdsAlt() {
		return false
	}
	char, ok := altCode(k.alt, k.gbk)
	k.alt = ""
	if !ok {
		k.drop(noiseSentence)
		return false
	}
	return k.settle(string(char))
}

// settle adds what was typed, after what a dead key before it makes of it. True ends
// the code.
func (k *keyboard) settle(typed string) bool {
	if dead := k.dead; dead != 0 {
		k.dead = 0
		if typed == "" {
			typed = string(accents[dead].alone)
		} else {
			typed = accented(dead, []rune(typed)[0])
		}
	}
	switch typed {
	case "\r", "\n", "\t":
		return true
	}
	if len(k.text)+len(typed) > textMax+len(k.prefix)+len(k.suffix) {
		k.overlong = true
		return false
	}
	k.text = append(k.text, typed...)
	return len(k.suffix) > 0 && bytes.HasSuffix(k.text, k.suffix)
}

// textMax is how much is kept of what is typed, bytes: a whole scan, its AIM
// identifier, and some junk around it.
const textMax = scanner.ScanMax + 16

// drop makes what is typed no code, up to its end. The first reason is told.
func (k *keyboard) drop(why string) {
	if k.dropped == "" {
		k.dropped = why
	}
	k.text, k.dead, k.alt = k.text[:0], 0, ""
}

func (k *keyboard) level() int {
	level := plain
	if k.held.has(keyLeftShift) || k.held.has(keyRightShift) {
		level = shifted
	}
	if k.holdsAltGr() {
		level += altGr
	}
	return level
}

// holdsAltGr takes Ctrl with Alt for AltGr, as Windows does.
func (k *keyboard) holdsAltGr() bool {
	ctrl := k.held.has(keyLeftCtrl) || k.held.has(keyRightCtrl)
	return k.altGr && (k.held.has(keyRightAlt) || ctrl && k.held.has(keyLeftAlt))
}

func (k *keyboard) holdsAlt() bool {
	return !k.holdsAltGr() && (k.held.has(keyLeftAlt) || k.held.has(keyRightAlt))
}

// control is the control character that a key gives with Ctrl, 0 for none.
func control(char rune) rune {
	if upper := unicode.ToUpper(char); upper > '@' && upper <= '_' {
		return upper - '@'
	}
	return 0
}
