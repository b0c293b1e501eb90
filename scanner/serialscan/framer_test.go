package serialscan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"saoma/terminal/scanner"
)

// frames cuts input; "|" stands for a silence.
func frames(framing Framing, prefix, input string) (got []string, noise int64) {
	f := framer{framing: framing, prefix: []byte(prefix)}
	tell := func(c code) {
		switch {
		case c.complaint == endlessSentence:
			return
		case c.complaint != "":
			noise++
			return
		case scanner.Seen(c.read, "", time.Time{}).Overlong || c.overlong:
			c.read = "OVERLONG"
		}
		got = append(got, c.read)
	}
	for i, part := range strings.Split(input, "|") {
		if i > 0 {
			if c, ok := f.silence(); ok {
				tell(c)
			}
		}
		for _, c := range f.feed([]byte(part)) {
			tell(c)
		}
	}
	return got, noise
}

func TestLinesAreCutAsTheFramingSays(t *testing.T) {
	over := strings.Repeat("1", scanner.ScanMax+1)
	for _, tt := range []struct {
		name    string
		framing Framing
		prefix  string
		input   string
		want    string
		noise   int64
	}{
		{"CR", CR, "", "a\rb\r", "a b", 0},
		{"LF", LF, "", "a\nb\n", "a b", 0},
		{"CR LF", CRLF, "", "a\r\nb\r\n", "a b", 0},
		{"auto takes each", Auto, "", "a\rb\nc\r\nd|", "a b c d", 0},
		{"silence alone", None, "", "ab|cd|", "ab cd", 0},
		{"no terminator, no silence yet", Auto, "", "abc", "", 0},
		{"empty lines are nothing", Auto, "", "\r\n\r\n||", "", 0},
		{"a code without its CR is not glued to the next", CR, "", "12|34\r", "34", 1},
		{"the LF after each CR is no noise", CR, "", "12\r\n|34\r\n|", "12 34", 0},
		{"AIM identifier stays", Auto, "", "]C0134\r", "]C0134", 0},
		{"prefix is taken off", Auto, "#", "#134\r134\r", "134 134", 0},
		{"spaces inside stay", Auto, "", " a b \r", " a b ", 0},
		{"Chinese in a merchant code", Auto, "", "最佳运输\r", "最佳运输", 0},
		{"NUL before and after", Auto, "", "\x00\x00134\x00\r", "134", 0},
		{"broken bytes before", Auto, "", "\xff\xfe134\r", "134", 0},
		{"noise inside is no code", Auto, "", "1\x0034\r134\r", "134", 1},
		{"broken bytes inside are no code", Auto, "", "1\xff4\r134\r", "134", 1},
		{"noise alone", Auto, "", "\x00\xff\r|\x01|", "", 0},
		{"overlong, then a code", Auto, "", over + "\r134\r", "OVERLONG 134", 0},
		{"overlong without an end", CR, "", over + over + "|134\r", "OVERLONG 134", 0},
		{"the longest", Auto, "", over[1:] + "\r", over[1:], 0},
	} {
		got, noise := frames(tt.framing, tt.prefix, tt.input)
		if fmt.Sprint(got) != "["+tt.want+"]" || noise != tt.noise {
			t.Errorf("%s: want [%.60s] and noise %d, got %.60s and %d", tt.name, tt.want, tt.noise,
				fmt.Sprint(got), noise)
		}
	}
}

func FuzzFramer(f *testing.F) {
	for _, framing := range []Framing{Auto, CR, LF, CRLF, None} {
		f.Add(string(framing), "a\rb\nc\r\n|\x00\xff|", uint8(3))
	}
	f.Fuzz(func(t *testing.T, framing, input string, cut uint8) {
		if Framing(framing).check() != nil {
			return
		}
		fr := framer{framing: Framing(framing)}
		var codes []code
		for len(input) > 0 {
			n := min(int(cut)+1, len(input))
			codes = append(codes, fr.feed([]byte(input[:n]))...)
			input = input[n:]
		}
		if c, ok := fr.silence(); ok {
			codes = append(codes, c)
		}
		for _, c := range codes {
			_, whole := scanner.Clean([]byte(c.read))
			if (c.overlong || c.complaint != "") == (c.read != "") || len(c.read) > lineMax || !whole {
				t.Errorf("a bad code: %q", c.read)
			}
		}
		if len(fr.line) != 0 {
			t.Error("silence left something behind")
		}
	})
}
