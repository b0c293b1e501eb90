package hidscan

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func newTestKeyboard(t testing.TB, name string) *keyboard {
	t.Helper()
	l, ok := newLayout(name)
	if !ok {
		t.Fatalf("there is no layout %s", name)
	}
	return &keyboard{layout: l, altGr: l.hasAltGr()}
}

// typed gives what a keyboard reads of events and a silence, as words.
func typed(k *keyboard, events []event) string {
	codes, _ := k.feed(events)
	if k.half() {
		if c, ok := k.end(); ok {
			codes = append(codes, c)
		}
	}
	var words []string
	for _, c := range codes {
		switch {
		case c.complaint != "":
			words = append(words, "DROPPED")
		case c.overlong:
			words = append(words, "OVERLONG")
		default:
			words = append(words, c.read)
		}
	}
	return strings.Join(words, "|")
}

// vectors are the texts of payment codes of all kinds.
func vectors(t *testing.T) []string {
	t.Helper()
	file, err := os.ReadFile("testdata/codes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Input string }
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, v := range all {
		texts = append(texts, v.Input)
	}
	if len(texts) < 90 {
		t.Fatalf("only %d vectors", len(texts))
	}
	return texts
}

func TestEveryPaymentCodeComesThroughEveryLayoutHoweverItIsTyped(t *testing.T) {
	texts := vectors(t)
	if len(Layouts()) < 10 {
		t.Errorf("only %d layouts", len(Layouts()))
	}
	for _, name := range Layouts() {
		for way, set := range map[string]func(*typist){
			"keys":            func(*typist) {},
			"caps lock on":    func(ty *typist) { ty.capsOn = true },
			"keypad":          func(ty *typist) { ty.keypad = true },
			"Alt and numbers": func(ty *typist) { ty.altCode = true },
			"Ctrl and Alt":    func(ty *typist) { ty.useCtrl = true },
		} {
			ty := newTypist(t, name)
			set(ty)
			k := newTestKeyboard(t, name)
			for _, text := range texts {
				want := strings.TrimRight(text, "\r\n")
				if got := typed(k, ty.text(text)); got != want { // a silence ends it
					t.Errorf("%s, %s: want %q, got %q", name, way, want, got)
				}
				if got := typed(k, ty.ended(text)); got != want {
					t.Errorf("%s, %s, Enter: want %q, got %q", name, way, want, got)
				}
			}
			if k.caps || k.held != (keySet{}) {
				t.Errorf("%s, %s: keys stick", name, way)
			}
		}
	}
}

func TestEveryLayoutHasEveryCharacterOfASCII(t *testing.T) {
	for _, name := range Layouts() {
		ty := newTypist(t, name)
		k := newTestKeyboard(t, name)
		for char := '!'; char <= '~'; char++ {
			if got := typed(k, ty.text("1"+string(char)+"1")); got != "1"+string(char)+"1" {
				t.Errorf("%s: want %q, got %q", name, char, got)
			}
		}
		byNumber := 0
		for char := '!'; char <= '~'; char++ {
			_, _, key := ty.find(char)
			for dead, accent := range accents {
				if _, _, ok := ty.find(dead); ok && accent.alone == char {
					key = true
				}
			}
			if !key {
				byNumber++
			}
		}
		if byNumber > 3 { // Italy has no braces of its own on some keyboards
			t.Errorf("%s: %d characters have no key", name, byNumber)
		}
	}
}

// What people know of their keyboards, by the code of the key.
func TestKeysGiveWhatTheirCapsSay(t *testing.T) {
	for _, tt := range []struct {
		layout string
		key    uint16
		level  int
		want   rune
	}{
		{"us", 3, shifted, '@'}, {"us", 43, plain, '\\'}, {"uk", 3, shifted, '"'}, {"uk", 40, shifted, '@'},
		{"uk", 43, plain, '#'}, {"de", 21, plain, 'z'}, {"de", 44, plain, 'y'}, {"de", 16, altGr, '@'},
		{"de", 8, shifted, '/'}, {"de", 12, altGr, '\\'}, {"fr", 16, plain, 'a'}, {"fr", 2, plain, '&'},
		{"fr", 2, shifted, '1'}, {"fr", 11, altGr, '@'}, {"fr", 39, plain, 'm'}, {"be", 3, altGr, '@'},
		{"be", 13, plain, '-'}, {"es", 39, plain, 'ñ'}, {"es", 53, plain, '-'}, {"es", 8, shifted, '/'},
		{"it", 39, altGr, '@'}, {"it", 53, plain, '-'}, {"it", 26, altGrShifted, '{'},
		{"pt-br", 89, plain, '/'}, {"pt-br", 53, plain, ';'}, {"pt-br", 27, plain, '['},
		{"jp", 26, plain, '@'}, {"jp", 40, plain, ':'}, {"jp", 12, shifted, '='}, {"jp", 89, shifted, '_'},
		{"ch", 3, altGr, '@'}, {"ch", 21, plain, 'z'}, {"se", 3, altGr, '@'}, {"se", 53, shifted, '_'},
		{"tr", 23, plain, 'ı'}, {"tr", 40, plain, 'i'}, {"tr", 16, altGr, '@'}, {"tr", 52, plain, 'ç'},
	} {
		l, _ := newLayout(tt.layout)
		if got, _ := l.of(tt.key, tt.level, false); got != tt.want {
			t.Errorf("%s, key %d, level %d: want %c, got %c", tt.layout, tt.key, tt.level, tt.want, got)
		}
	}
}

func TestAWrongLayoutGivesAnotherTextAndNeverPartsOfIt(t *testing.T) {
	ty := newTypist(t, "fr")
	k := newTestKeyboard(t, "us")
	if got := typed(k, ty.ended("134567890123456789")); got != "!#$%^&*()!@#$%^&*(" {
		t.Errorf("got %s", got) // every key is there: the classifier sees that it is no code
	}
	ty = newTypist(t, "de")
	if got := typed(k, ty.ended("a@b")); got != "DROPPED" { // AltGr means nothing in the US
		t.Errorf("got %s", got)
	}
}

func TestWhatEndsACode(t *testing.T) {
	for name, tt := range map[string]struct {
		suffix string
		end    func(*typist)
	}{
		"Enter":                  {"", func(ty *typist) { ty.tap(keyEnter) }},
		"Enter of the keypad":    {"", func(ty *typist) { ty.tap(keyKPEnter) }},
		"Tab":                    {"", func(ty *typist) { ty.tap(keyTab) }},
		"Ctrl and M":             {"", func(ty *typist) { ty.tap(50, keyRightCtrl) }},
		"Alt and 13":             {"", func(ty *typist) { ty.tapAltCode("13") }},
		"a suffix":               {"#", func(ty *typist) { ty.char('#') }},
		"a suffix of characters": {"$.", func(ty *typist) { ty.char('$'); ty.char('.') }},
	} {
		ty := newTypist(t, "us")
		k := newTestKeyboard(t, "us")
		k.suffix, k.prefix = []byte(tt.suffix), []byte("%")
		var events []event
		for _, text := range []string{"%123", "456"} {
			events = append(events, ty.text(text)...)
			n := len(ty.events)
			tt.end(ty)
			events = append(events, ty.events[n:]...)
		}
		codes, _ := k.feed(events)
		if len(codes) != 2 || codes[0].read != "123" || codes[1].read != "456" || k.half() {
			t.Errorf("%s: got %+v", name, codes)
		}
	}
}

func TestNumbersTypedWithAlt(t *testing.T) {
	for _, tt := range []struct {
		digits string
		gbk    bool
		want   string
	}{
		{"65", false, "A"}, {"065", false, "A"}, {"0065", false, "A"},
		{"130", false, "é"}, {"0233", false, "é"}, {"0128", false, "€"}, {"128", false, "Ç"},
		{"20140", false, "京"}, {"128512", false, "😀"},
		{"48809", true, "京"}, {"49279", true, "DROPPED"}, {"0233", true, "DROPPED"},
		{"55296", false, "DROPPED"}, {"99999999", false, "DROPPED"}, {"0129", false, "DROPPED"},
		{"123456789", false, "DROPPED"}, // longer than any
	} {
		k := newTestKeyboard(t, "us")
		k.gbk = tt.gbk
		ty := newTypist(t, "us")
		ty.tapAltCode(tt.digits)
		if got := typed(k, ty.events); got != tt.want {
			t.Errorf("%s: want %s, got %s", tt.digits, tt.want, got)
		}
	}
}

func TestWhatIsNoTextIsNoPartOfACode(t *testing.T) {
	us := func(do func(ty *typist)) []event {
		ty := newTypist(t, "us")
		do(ty)
		return ty.events
	}
	for name, tt := range map[string]struct {
		events []event
		want   string
	}{
		"a repeat":         {[]event{{evKey, 2, 1}, {evKey, 2, 2}, {evKey, 2, 2}, {evKey, 2, 0}}, "1"},
		"a function key":   {us(func(ty *typist) { ty.char('1'); ty.tap(59); ty.char('2') }), "12"},
		"a key of no name": {[]event{{evKey, 767, 1}, {evKey, 9999, 1}, {evKey, 2, 1}}, "1"},
		"Alt and a letter": {us(func(ty *typist) { ty.char('1'); ty.tap(33, keyLeftAlt); ty.char('2') }), "DROPPED"},
		"a bell inside":    {us(func(ty *typist) { ty.char('1'); ty.tap(34, keyLeftCtrl); ty.char('2') }), "DROPPED"},
		"a bell before":    {us(func(ty *typist) { ty.tap(34, keyLeftCtrl); ty.char('2') }), "2"},
		"Ctrl and a digit": {us(func(ty *typist) { ty.tap(2, keyLeftCtrl); ty.char('2') }), "DROPPED"},
		"Alt that stays":   {us(func(ty *typist) { ty.key(keyLeftAlt, pressed); ty.tap(79) }), "DROPPED"},
		"Enter alone":      {us(func(ty *typist) { ty.tap(keyEnter); ty.tap(keyEnter) }), ""},
		"a light":          {[]event{{evLED, ledCaps, 1}, {evKey, 30, 1}}, "a"},
		"other kinds":      {[]event{{3, 2, 1}, {2, 30, 1}, {evKey, 30, 1}}, "a"},
	} {
		if got := typed(newTestKeyboard(t, "us"), tt.events); got != tt.want {
			t.Errorf("%s: want %q, got %q", name, tt.want, got)
		}
	}
}

func TestDeadKeysWaitForTheirLetter(t *testing.T) {
	de := newTypist(t, "de")
	for _, tt := range []struct {
		taps func()
		want string
	}{
		{func() { de.tapChar('ˆ'); de.tapChar('a') }, "â"},
		{func() { de.tapChar('ˆ'); de.tapChar(' ') }, "^"},
		{func() { de.tapChar('ˆ'); de.tapChar('1') }, "^1"},
		{func() { de.tapChar('ˆ'); de.tapChar('ˆ') }, "^^"},
		{func() { de.tapChar('ˋ') }, "`"}, // a silence ends it
		{func() { de.tapChar('ˆ'); de.tap(keyEnter) }, "^"},
	} {
		de.events = nil
		tt.taps()
		if got := typed(newTestKeyboard(t, "de"), de.events); got != tt.want {
			t.Errorf("want %s, got %s", tt.want, got)
		}
	}
}

func TestWhatTheKernelDroppedIsNoCodeAndTheNextOneIs(t *testing.T) {
	ty := newTypist(t, "us")
	half := slices.Clone(ty.text("13456"))
	k := newTestKeyboard(t, "us")
	torn := slices.Concat(half, []event{{evSyn, synDropped, 0}, {evKey, 3, 1}, {evSyn, synReport, 0}},
		ty.ended("6789")) // its rest
	codes, lost := k.feed(torn)
	if !lost || len(codes) != 1 || codes[0].complaint != tornSentence {
		t.Fatalf("want it dropped, got %+v, lost %t", codes, lost)
	}
	k.hold(keySet{}, false)
	if got := typed(k, ty.ended("134567890123456789")); got != "134567890123456789" {
		t.Errorf("the next code: got %s", got)
	}
	// The end itself was dropped, too: a silence ends what is torn.
	k.feed(torn[:len(torn)-2*3])
	if got := typed(k, nil); got != "DROPPED" {
		t.Errorf("got %s", got)
	}
	// A shift key that was let go while nobody looked does not stick.
	k.feed([]event{{evKey, keyLeftShift, 1}, {evSyn, synDropped, 0}, {evSyn, synReport, 0}})
	k.hold(keySet{}, false)
	typed(k, nil)
	if got := typed(k, ty.ended("a1")); got != "a1" {
		t.Errorf("got %s", got)
	}
}

func TestKeysThatAreHeldWhenItIsOpened(t *testing.T) {
	ty := newTypist(t, "us")
	k := newTestKeyboard(t, "us")
	var held keySet
	held.set(keyLeftShift, true)
	k.hold(held, true)
	if got := typed(k, []event{{evKey, 30, 1}, {evKey, 30, 0}, {evKey, keyLeftShift, 0}, {evKey, 30, 1}}); got != "Aa" {
		t.Errorf("got %s", got)
	}
	held = keySet{}
	held.set(30, true)
	k.hold(held, true) // in the middle of a code
	if got := typed(k, ty.ended("345")); got != "DROPPED" {
		t.Errorf("half a code: got %s", got)
	}
	if got := typed(k, ty.ended("345")); got != "345" {
		t.Errorf("got %s", got)
	}
}

func TestATextWithoutAnEndIsOneOverlongScanAndTakesNoMoreMemory(t *testing.T) {
	ty := newTypist(t, "us")
	k := newTestKeyboard(t, "us")
	for range 100 {
		if codes, _ := k.feed(ty.text(strings.Repeat("1", 1000))); len(codes) > 0 {
			t.Fatalf("got %d codes", len(codes))
		}
	}
	if cap(k.text) > 4*textMax {
		t.Errorf("it keeps %d bytes", cap(k.text))
	}
	if got := typed(k, ty.ended("")); got != "OVERLONG" {
		t.Errorf("got %.20s", got)
	}
	if got := typed(k, ty.ended("134")); got != "134" {
		t.Errorf("got %s", got)
	}
}

func TestEventsOfBothSizesAreRead(t *testing.T) {
	want := []event{{evKey, 30, 1}, {evSyn, synReport, 0}, {evKey, 30, -1}, {evSyn, synDropped, 1 << 30}}
	for _, word := range []int{4, 8} {
		var p []byte
		for _, e := range want {
			p = appendEvent(p, e, word)
		}
		if len(p) != len(want)*map[int]int{4: 16, 8: 24}[word] {
			t.Errorf("%d bytes", len(p))
		}
		got, err := readEvents(p, word)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("want %v, got %v, %v", want, got, err)
		}
		if _, err := readEvents(p[:len(p)-1], word); err == nil {
			t.Error("half an event was taken")
		}
	}
}

func FuzzKeyboard(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5}, "us")
	f.Add([]byte{30, 58, 30, 42, 30, 100, 16}, "de")
	f.Fuzz(func(t *testing.T, keys []byte, name string) {
		l, ok := newLayout(name)
		if !ok {
			return
		}
		k := &keyboard{layout: l, altGr: l.hasAltGr(), suffix: []byte("#")}
		var codes []code
		for i, key := range keys {
			e := event{evKey, uint16(key & 0x7f), int32(key >> 7)}
			if i%17 == 16 {
				e = event{evSyn, uint16(key & 3), 0}
			}
			more, _ := k.feed([]event{e})
			codes = append(codes, more...)
		}
		if c, ok := k.end(); ok {
			codes = append(codes, c)
		}
		if k.half() {
			t.Error("something is left")
		}
		for _, c := range codes {
			if len(c.read) > textMax || !utf8.ValidString(c.read) || strings.ContainsFunc(c.read, unicode.IsControl) {
				t.Errorf("a bad code: %q", c.read)
			}
			if strings.Contains(fmt.Sprint(c.complaint), c.read) && c.read != "" {
				t.Error("a complaint repeats the code")
			}
		}
	})
}
