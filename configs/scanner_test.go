package configs

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// withScanners puts blocks in the place of the shipped one.
func withScanners(t *testing.T, blocks string) []byte {
	t.Helper()
	_, text := Default()
	return []byte(without(string(text), "# A scanner on a serial line", "# A scanner that types") + "\n" + blocks)
}

func TestTheBlocksOfScannersOnUSBStateTheirDefaults(t *testing.T) {
	_, text := Default()
	_, block, _ := strings.Cut(string(text), "# A scanner that types")
	block, _, _ = strings.Cut(block, "[printer]")
	block = regexp.MustCompile(`(?m)^#([\w[]+)`).ReplaceAllString(block, "$1")
	_, block, _ = strings.Cut(block, "\n[[")
	loud, err := Parse("loud", withScanners(t, "[["+block))
	if err != nil {
		t.Fatal(err)
	}
	silent, err := Parse("silent", withScanners(t, "[[scanner]]\nkind = \"hid\"\nusb = \"0c2e:0b61\"\n"+
		"[[scanner]]\nkind = \"hidpos\"\nusb = \"0c2e:0b67\"\n"+
		"[[scanner]]\nkind = \"camera\"\npath = \"/dev/v4l/by-path/platform-usb-0:1.3:1.0-video-index0\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(silent.Scanners, loud.Scanners) {
		t.Errorf("the comments state other defaults:\n%+v\n%+v", silent.Scanners, loud.Scanners)
	}
}

func TestAFaultOfAScannerHasItsKeyItsLineAndItsCure(t *testing.T) {
	const serial, hid, hidpos = "[[scanner]]\npath = \"/dev/x\"\n", "[[scanner]]\nkind = \"hid\"\nusb = \"0c2e:0b61\"\n",
		"[[scanner]]\nkind = \"hidpos\"\nphys = \"x\"\n"
	const nowhere = "[[scanner]]\nkind = \"camera\"\n"
	const camera = nowhere + "path = \"/dev/v4l/by-path/x\"\n"
	for _, tt := range []struct{ block, line, key, want string }{
		{"[[scanner]]\n", `kind = "usb"`, "kind", "serial, hid, hidpos"},
		{serial, `profile = "acme"`, "profile", "cipherlab, datalogic, generic, honeywell, zebra"},
		{serial, "data_bits = 9", "data_bits", "7 to 8"},
		{serial, `parity = "mark"`, "parity", "none, odd, even"},
		{serial, "stop_bits = 3", "stop_bits", "1 to 2"},
		{serial, "idle_gap_ms = 50", "idle_gap_ms", "100 to 2000"},
		{serial, `start_order = '\x1'`, "start_order", `'\x16T\r'`},
		{serial, `stop_order = '\q'`, "stop_order", `'\x16T\r'`},
		{serial, `refuse_order = "` + strings.Repeat("x", 65) + `"`, "refuse_order", "64 bytes"},
		{serial, `layout = "us"`, "layout", "take it out"},
		{serial, `usb = "0c2e:0b61"`, "usb", "take it out"},
		{hid, `layout = "dvorak"`, "layout", "be, ch, de"},
		{hid, `alt_codes = "oem"`, "alt_codes", "unicode, gbk"},
		{hid, "idle_gap_ms = 10", "idle_gap_ms", "20 to 2000"},
		{hid, `suffix = "\n"`, "suffix", "printable"},
		{hid, `path = "event0"`, "path", "/dev/"},
		{hid, "baud = 9600", "baud", "take it out; the keys of this kind"},
		{hidpos, `usb = "c2e:b61"`, "usb", "0c2e:0b61"},
		{hidpos, `layout = "us"`, "layout", "take it out"},
		{nowhere, `path = "video0"`, "path", "/dev/"},
		{camera, "width = 100", "width", "160 to 4096"},
		{camera, "height = 5000", "height", "120 to 4096"},
		{camera, "fps = 200", "fps", "1 to 120"},
		{camera, `format = "rgb"`, "format", "auto, grey, nv12, yuyv, mjpeg"},
		{camera, `exposure = "slow"`, "exposure", `"steady", "auto", or a number in quotes from 1`},
		{camera, `exposure = 50`, "exposure", "text in quotes"},
		{camera, `gain = "auto"`, "gain", `"leave", or a number`},
		{camera, `focus = "-1"`, "focus", "from 0"},
		{camera, `brightness = "70000"`, "brightness", "65536"},
		{camera, "power_line_hz = 55", "power_line_hz", "50, 60"},
		{camera, "baud = 9600", "baud", "take it out; the keys of this kind"},
		{hid + hid, `name = "0c2e:0b61"`, "name", "a name of its own"},
	} {
		text := withScanners(t, tt.block+tt.line+"\n")
		_, err := Parse("t.toml", text)
		var faults Faults
		if !errors.As(err, &faults) || len(faults) != 1 {
			t.Errorf("%s: want one fault, got %v", tt.line, err)
			continue
		}
		f := faults[0]
		if !strings.HasSuffix(f.Key, "."+tt.key) || f.Line != lineOf(text, "\n"+tt.line)+1 ||
			!strings.Contains(f.String(), tt.want) {
			t.Errorf("%s: want line %d and %q, got %s", tt.line, lineOf(text, "\n"+tt.line)+1, tt.want, f)
		}
	}
	for _, block := range []string{"[[scanner]]\nkind = \"hid\"\n", "[[scanner]]\nkind = \"hidpos\"\n"} {
		if _, err := Parse("t.toml", withScanners(t, block)); err == nil ||
			!strings.Contains(err.Error(), "at least one of path, usb, phys and device_name") {
			t.Errorf("%s: got %v", block, err)
		}
	}
	if _, err := Parse("t.toml", withScanners(t, "[[scanner]]\n")); err == nil ||
		!strings.Contains(err.Error(), "scanner[0].path: is missing") {
		t.Errorf("got %v", err)
	}
}

func TestAProfileSetsWhatTheFileLeavesOut(t *testing.T) {
	c, err := Parse("t.toml", withScanners(t, "[[scanner]]\npath = \"/dev/x\"\nprofile = \"honeywell\"\n"+
		"baud = 115200\nstop_order = \"U\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := c.Scanners[0]
	if s.StartOrder != `\x16T\r` || s.StopOrder != "U" || s.Baud != 115200 || s.Framing != "auto" {
		t.Errorf("got %+v", s)
	}
	for name, p := range serialProfiles {
		for _, order := range []string{p.StartOrder, p.StopOrder, p.RefuseOrder} {
			if _, err := Unescape(order); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestAnOrderIsBytes(t *testing.T) {
	for order, want := range map[string]string{
		"": "", "E": "E", `\x16T\r`: "\x16T\r", `\\\n\t\xff`: "\\\n\t\xff", `#@////\r`: "#@////\r",
	} {
		if got, err := Unescape(order); err != nil || got != want {
			t.Errorf("%s: want %q, got %q, %v", order, want, got, err)
		}
	}
	for _, order := range []string{`\`, `\x`, `\x1`, `\xzz`, `\q`, `\x+1`} {
		if got, err := Unescape(order); err == nil {
			t.Errorf("%s: got %q", order, got)
		}
	}
}

func FuzzUnescape(f *testing.F) {
	f.Add(`\x16T\r`)
	f.Add(`\\\`)
	f.Fuzz(func(t *testing.T, order string) {
		if got, err := Unescape(order); err == nil && len(got) > orderMax || err != nil && got != "" {
			t.Errorf("%q: got %q, %v", order, got, err)
		}
	})
}
