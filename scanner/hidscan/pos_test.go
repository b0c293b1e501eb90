package hidscan

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/scannertest"
)

// counted is a descriptor as widespread scanners have it: a byte count, the AIM
// identifier in one field of three, 56 bytes of data, two bytes of the maker's, the
// flag in the lowest bit of the last byte; then a report of orders to the scanner.
// A keyboard stands before it, as in scanners that are both.
var counted = slices.Concat(keyboardDescriptor, []byte{
	0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, // page, scanner, application
	0x09, 0x12, 0xa1, 0x02, 0x85, 0x02, // scanned data, logical, report 2
	0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01, // 0 to 255, one of 8 bits
	0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // byte count
	0x95, 0x03, 0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // identifier
	0x95, 0x38, 0x09, 0xfe, 0x82, 0x02, 0x01, // 56 of data, buffered
	0x06, 0x66, 0xff, 0x95, 0x02, 0x09, 0x04, 0x09, 0x00, 0x81, 0x02, // the maker's
	0x05, 0x8c, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x09, 0xff, 0x81, 0x02, // flags
	0xc0,
	0x09, 0x14, 0xa1, 0x02, 0x85, 0x04, 0x95, 0x08, // orders, report 4
	0x09, 0x00, 0x09, 0x5f, 0x09, 0x60, 0x09, 0x00, 0x09, 0x00, 0x09, 0x85, 0x09, 0x86, 0x91, 0x86,
	0xc0, 0xc0,
})

var keyboardDescriptor = []byte{
	0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x85, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15, 0x00,
	0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x75, 0x08, 0x95, 0x01, 0x81, 0x03,
	0x95, 0x06, 0x26, 0xff, 0x00, 0x19, 0x00, 0x29, 0xff, 0x81, 0x00, 0xc0,
}

// simple has no numbers, no byte count, each identifier by itself, push and pop, a
// long item, a usage with its page, and padding.
var simple = []byte{
	0x06, 0x8c, 0x00, 0x09, 0x02, 0xa1, 0x01, 0xfe, 0x03, 0xf0, 1, 2, 3,
	0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01,
	0x09, 0xfb, 0x81, 0x02, 0x09, 0xfc, 0x81, 0x02, 0x09, 0xfd, 0x81, 0x02,
	0xa4, 0x05, 0x01, 0x95, 0x1c, 0x0b, 0xfe, 0x00, 0x8c, 0x00, 0x81, 0x02, 0xb4,
	0x75, 0x07, 0x81, 0x03, 0x75, 0x01, 0x09, 0xff, 0x81, 0x02, 0xc0,
}

// shape makes reports of a text as a scanner does.
type shape struct {
	text   []byte
	size   int // of the data in one report
	report func(aim string, part []byte, more bool) []byte
}

var shapes = map[string]shape{
	"counted": {counted, 56, func(aim string, part []byte, more bool) []byte {
		r := make([]byte, 64)
		r[0], r[1] = 2, byte(len(part))
		copy(r[2:5], aim)
		copy(r[5:61], part)
		r[61], r[62] = 'j', 0xff // the maker's own
		if more {
			r[63] = 1
		}
		return r
	}},
	"simple": {simple, 28, func(aim string, part []byte, more bool) []byte {
		r := make([]byte, 32)
		copy(r, aim)
		copy(r[3:31], part)
		if more {
			r[31] = 0x80
		}
		return r
	}},
}

func (s shape) reports(aim, text string) (all [][]byte) {
	parts := slices.Collect(slices.Chunk([]byte(text), s.size))
	for i, part := range parts {
		all = append(all, s.report(aim, part, i < len(parts)-1))
	}
	return all
}

func (s shape) joiner(t testing.TB) *joiner {
	t.Helper()
	d, err := parseDescriptor(s.text)
	if err != nil {
		t.Fatal(err)
	}
	reports, err := d.scanReports()
	if err != nil {
		t.Fatal(err)
	}
	return &joiner{reports: reports}
}

func TestEveryPaymentCodeComesThroughReports(t *testing.T) {
	for name, s := range shapes {
		j := s.joiner(t)
		for _, text := range vectors(t) {
			for _, aim := range []string{"]Q1", ""} {
				if strings.HasPrefix(text, "]C0") && aim != "" {
					continue // an identifier of its own
				}
				var got []code
				for _, report := range s.reports(aim, text) {
					got = append(got, j.feed(report)...)
				}
				want := aim + strings.TrimRight(text, "\r\n")
				if text == "" {
					if len(got) != 0 {
						t.Errorf("%s: got %+v of nothing", name, got)
					}
				} else if len(got) != 1 || got[0].read != want {
					t.Errorf("%s: want %q, got %+v", name, want, got)
				}
			}
		}
	}
}

func TestABrokenSequenceOfReportsIsDropped(t *testing.T) {
	for name, s := range shapes {
		long := s.reports("]Q1", strings.Repeat("1", 3*s.size))
		next := s.reports("]C0", payerCode)
		for _, tt := range []struct {
			what    string
			reports [][]byte
			want    string
		}{
			{"the last part is lost", [][]byte{long[0], next[0]}, "DROPPED ]C0" + payerCode},
			{"silence", [][]byte{long[0], nil, next[0]}, "DROPPED ]C0" + payerCode},
			{"a short part", [][]byte{long[0], long[1][:9], long[2], next[0]}, "DROPPED ]C0" + payerCode},
			{"a short report alone", [][]byte{next[0][:9], next[0]}, "DROPPED ]C0" + payerCode},
			{"noise within", [][]byte{s.report("", []byte("13\x0045"), false), next[0]}, "DROPPED ]C0" + payerCode},
			{"noise around", [][]byte{s.report("", []byte("\x0013\r"), false)}, "13"},
			{"no UTF-8", [][]byte{s.report("", []byte("1\xff3"), false)}, "DROPPED"},
			{"an identifier that is none", [][]byte{s.report("xyz", []byte("13"), false)}, "13"},
			{"an identifier in the data, too", s.reports("]C0", "]C013"), "]C013"},
			{"nothing", [][]byte{s.report("]Q1", nil, false), {}, {9, 9}, next[0]}, "]C0" + payerCode},
		} {
			if name == "simple" && tt.what == "nothing" {
				continue // its reports have no numbers: these would be short ones
			}
			j := s.joiner(t)
			var got []string
			for _, r := range tt.reports {
				codes := j.feed(r)
				if r == nil {
					codes = j.silence()
				}
				for _, c := range codes {
					if c.complaint != "" {
						c.read = "DROPPED"
					}
					got = append(got, c.read)
				}
			}
			if g := strings.Join(got, " "); g != tt.want {
				t.Errorf("%s, %s: want %s, got %s", name, tt.what, tt.want, g)
			}
		}
	}
}

func TestAnEndlessCodeInReportsIsOneOverlongScanAndTakesNoMoreMemory(t *testing.T) {
	s := shapes["counted"]
	j := s.joiner(t)
	for range 10_000 {
		if got := j.feed(s.report("]Q1", bytes.Repeat([]byte("1"), 56), true)); len(got) > 0 {
			t.Fatalf("got %+v", got)
		}
	}
	if cap(j.text) > 4*textMax {
		t.Errorf("it keeps %d bytes", cap(j.text))
	}
	if got := j.feed(s.report("]Q1", nil, false)); len(got) != 1 || !got[0].overlong {
		t.Errorf("got %+v", got)
	}
}

func TestABadDescriptorIsRefusedWithItsPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		text []byte
		want string
	}{
		"cut off":        {[]byte{0x05, 0x8c, 0x26, 0xff}, "byte 2: it ends in an item"},
		"long, cut off":  {[]byte{0xfe}, "ends in an item"},
		"long, too long": {[]byte{0xfe, 9, 0, 1}, "ends in an item"},
		"no end":         {[]byte{0xa1, 0x01}, "no end"},
		"end of none":    {[]byte{0xc0}, "end of no collection"},
		"report 0":       {[]byte{0x85, 0x00}, "no number of a report"},
		"pop of none":    {[]byte{0xb4}, "pop without"},
		"pushes":         {bytes.Repeat([]byte{0xa4}, 17), "pushes"},
		"nesting":        {bytes.Repeat([]byte{0xa1, 1}, 33), "collections"},
		"huge":           {[]byte{0x75, 0xff, 0x96, 0xff, 0xff, 0x81, 0x02}, "longer than"},
		"huge in sum": {append([]byte{0x75, 0x20, 0x96, 0x00, 0x02}, bytes.Repeat([]byte{0x81, 0x02}, 3)...),
			"longer than"},
		"usages":  {bytes.Repeat([]byte{0x09, 1}, 257), "usages"},
		"fields":  {[]byte{0x19, 0, 0x2a, 0xff, 0xff, 0x75, 1, 0x96, 0, 0x10, 0x81, 2}, "fields"},
		"too big": {make([]byte, 4097), "at most 4096"},
	} {
		if _, err := parseDescriptor(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: want %q, got %v", name, tt.want, err)
		}
	}
	d, err := parseDescriptor(keyboardDescriptor)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.scanReports(); err == nil || !strings.Contains(err.Error(), "HID POS") {
		t.Errorf("a keyboard is a scanner: %v", err)
	}
}

func FuzzDescriptor(f *testing.F) {
	f.Add(counted, []byte{2, 3, ']', 'Q', '1', '1', '2', '3'})
	f.Add(simple, bytes.Repeat([]byte{'1'}, 32))
	f.Add(keyboardDescriptor, []byte{1})
	f.Fuzz(func(t *testing.T, text, report []byte) {
		d, err := parseDescriptor(text)
		if err != nil {
			return
		}
		for _, usage := range []uint32{usageInitiate, usageErrorBeep} {
			d.order(usage)
		}
		reports, err := d.scanReports()
		if err != nil {
			return
		}
		j := joiner{reports: reports}
		codes := append(j.feed(report), j.feed(report)...)
		codes = append(codes, j.silence()...)
		for _, c := range codes {
			if _, whole := scanner.Clean([]byte(c.read)); !whole || len(c.read) > textMax+3 {
				t.Errorf("a bad code: %q", c.read)
			}
		}
		if j.begun {
			t.Error("something is left")
		}
	})
}

func TestABadSelectionIsRefused(t *testing.T) {
	if _, err := NewPOS(POSConfig{Device: Selector{USB: "c2e:b61"}}); err == nil {
		t.Error("a bad usb was taken")
	}
}

func newTestPOS(t *testing.T, d *desk, device Selector) *POS {
	t.Helper()
	s, err := NewPOS(POSConfig{Name: "pos", Device: device})
	if err != nil {
		t.Fatal(err)
	}
	s.kernel = d
	return s
}

// plugPOS lays a scanner on the desk, and gives how it shows a code.
func plugPOS(t *testing.T, d *desk, path string, s shape) (*toy, func(string)) {
	y := d.plug(t, path, scannerID)
	y.text = s.text
	return y, func(code string) {
		for _, report := range s.reports("", code) {
			y.write(report)
		}
	}
}

func TestAScannerOfThePointOfSaleClassKeepsTheContract(t *testing.T) {
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) {
			scannertest.Suite(t, func(t *testing.T) (scanner.Source, func(string)) {
				d := newDesk()
				_, show := plugPOS(t, d, "/dev/hidraw0", s)
				return newTestPOS(t, d, Selector{USB: "0c2e:0b61"}), show
			})
		})
	}
}

func TestTheFaceThatSendsDecodedDataIsFound(t *testing.T) {
	d := newDesk()
	d.plug(t, "/dev/hidraw0", scannerID).text = keyboardDescriptor
	d.plug(t, "/dev/hidraw1", scannerID).text = []byte{0x05}
	_, show := plugPOS(t, d, "/dev/hidraw2", shapes["counted"])
	r := scannertest.Run(t, newTestPOS(t, d, Selector{USB: "0c2e:0b61"}))
	show(payerCode)
	r.Want(payerCode)
	_ = r.Stop()
	d.unplug("/dev/hidraw2")
	err := scannertest.Begin(t, newTestPOS(t, d, Selector{USB: "0c2e:0b61"})).Ended()
	for _, want := range []string{"no device fits usb 0c2e:0b61", "set to HID POS", "hidraw1: report descriptor"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestAScannerIsToldWhenACodeIsAwaitedAndThatOneWasRefused(t *testing.T) {
	d := newDesk()
	src := newTestPOS(t, d, Selector{USB: "0c2e:0b61"})
	src.Await(true) // before it is here
	y, show := plugPOS(t, d, "/dev/hidraw0", shapes["counted"])
	r := scannertest.Run(t, src)
	wantOrder := func(bit byte) {
		t.Helper()
		if got := y.told(); !bytes.Equal(got, []byte{4, 1 << bit}) {
			t.Errorf("want bit %d of report 4, got %x", bit, got)
		}
	}
	wantOrder(2)
	show(payerCode)
	r.Want(payerCode)
	src.Refuse()
	wantOrder(5)
	src.Await(false)
	wantOrder(1)
	src.Await(true)
	wantOrder(2)
	_ = r.Stop()
	wantOrder(1) // it does not go on looking when nobody reads
	src.Refuse() // nor does it matter that it is closed
	if src.Complaint() != "" {
		t.Error(src.Complaint())
	}
}

func TestAScannerOfThePointOfSaleClassLeavesNothingBehindWhenItIsUnplugged(t *testing.T) {
	d := newDesk()
	src := newTestPOS(t, d, Selector{Path: "/dev/input/event0"})
	cycles(t, d, src, func() func() {
		_, show := plugPOS(t, d, "/dev/input/event0", shapes["counted"])
		return func() { show(payerCode) }
	})
}
