package configs

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Scanner is one device that reads codes. Which keys count depends on its kind.
type Scanner struct {
	Name string `toml:"name"`
	Kind string `toml:"kind"`
	Path string `toml:"path"`

	// How a device on USB is found; see kinds hid and hidpos.
	USB        string `toml:"usb"`
	Phys       string `toml:"phys"`
	DeviceName string `toml:"device_name"`

	// Of what comes as a stream of characters: kinds serial and hid.
	IdleGapMS int    `toml:"idle_gap_ms"`
	Prefix    string `toml:"prefix"`

	// Of kind serial.
	Profile     string `toml:"profile"`
	Baud        int    `toml:"baud"`
	DataBits    int    `toml:"data_bits"`
	Parity      string `toml:"parity"`
	StopBits    int    `toml:"stop_bits"`
	Framing     string `toml:"framing"`
	StartOrder  string `toml:"start_order"`
	StopOrder   string `toml:"stop_order"`
	RefuseOrder string `toml:"refuse_order"`

	// Of kind hid.
	Layout   string `toml:"layout"`
	Suffix   string `toml:"suffix"`
	AltCodes string `toml:"alt_codes"`

	// Of kind camera.
	Width       int    `toml:"width"`
	Height      int    `toml:"height"`
	FPS         int    `toml:"fps"`
	Format      string `toml:"format"`
	Exposure    string `toml:"exposure"`
	Gain        string `toml:"gain"`
	Focus       string `toml:"focus"`
	Brightness  string `toml:"brightness"`
	PowerLineHz int    `toml:"power_line_hz"`
}

// IdleGap is the silence that ends a code without a terminator.
func (s Scanner) IdleGap() time.Duration { return time.Duration(s.IdleGapMS) * time.Millisecond }

// keysOfKind are the keys that mean something for each kind, besides name and kind.
var keysOfKind = map[string][]string{
	"serial": {"path", "profile", "baud", "data_bits", "parity", "stop_bits", "framing", "idle_gap_ms",
		"prefix", "start_order", "stop_order", "refuse_order"},
	"hid": {"path", "usb", "phys", "device_name", "layout", "idle_gap_ms", "prefix", "suffix",
		"alt_codes"},
	"hidpos": {"path", "usb", "phys", "device_name"},
	"camera": {"path", "width", "height", "fps", "format", "exposure", "gain", "focus", "brightness",
		"power_line_hz"},
}

// fill sets the defaults of the scanner's kind.
func (s *Scanner) fill() {
	orElse(&s.Kind, "serial")
	for _, name := range []string{s.Path, s.DeviceName, s.USB, s.Phys} {
		orElse(&s.Name, name)
	}
	switch s.Kind {
	case "serial":
		orElse(&s.Profile, "generic")
		orElse(&s.Baud, 9600)
		orElse(&s.DataBits, 8)
		orElse(&s.Parity, "none")
		orElse(&s.StopBits, 1)
		orElse(&s.Framing, "auto")
		orElse(&s.IdleGapMS, 150)
		s.fillProfile()
	case "hid":
		orElse(&s.Layout, "us")
		orElse(&s.AltCodes, "unicode")
		orElse(&s.IdleGapMS, 100)
	case "camera":
		s.fillCamera()
	}
}

// bauds are the rates that tarm/serial can set on Linux.
var bauds = []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200}

// layouts are those that scanners offer and that are known here.
var layouts = []string{"be", "ch", "de", "es", "fr", "it", "jp", "pt-br", "se", "tr", "uk", "us"}

var usbForm = regexp.MustCompile(`^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$`)

func (c *checker) scanners(all []Scanner) {
	named := map[string]string{}
	for i, s := range all {
		key := fmt.Sprintf("scanner[%d]", i)
		c.scanner(key, s)
		if other := named[s.Name]; other != "" && s.Name != "" {
			c.fault(key+".name", "a name of its own", "%q is the name of %s, too", s.Name, other)
		}
		named[s.Name] = key
	}
}

func (c *checker) scanner(key string, s Scanner) {
	c.oneOf(key+".kind", s.Kind, "serial", "hid", "hidpos", "camera")
	c.foreign(key, s.Kind)
	if s.Path != "" && !strings.HasPrefix(s.Path, "/") {
		c.fault(key+".path", "a path such as /dev/serial/by-path/…", "%q is not a device", s.Path)
	}
	switch s.Kind {
	case "serial":
		c.serial(key, s)
	case "hid":
		c.selection(key, s)
		c.oneOf(key+".layout", s.Layout, layouts...)
		c.oneOf(key+".alt_codes", s.AltCodes, "unicode", "gbk")
		c.within(key+".idle_gap_ms", int64(s.IdleGapMS), 20, 2000)
		c.affix(key+".prefix", s.Prefix)
		c.affix(key+".suffix", s.Suffix)
	case "hidpos":
		c.selection(key, s)
	case "camera":
		c.camera(key, s)
	}
}

// foreign tells of keys that mean nothing for a kind.
func (c *checker) foreign(at, kind string) {
	own, known := keysOfKind[kind]
	t := reflect.TypeFor[Scanner]()
	for i := range t.NumField() {
		key := t.Field(i).Tag.Get("toml")
		if _, stands := c.at[at+"."+key]; !stands || !known || key == "name" || key == "kind" ||
			slices.Contains(own, key) {
			continue
		}
		c.fault(at+"."+key, "take it out; the keys of this kind: name, "+strings.Join(own, ", "),
			"means nothing for kind %q", kind)
	}
}

func (c *checker) serial(key string, s Scanner) {
	if s.Path == "" {
		c.fault(key+".path", "a path such as /dev/serial/by-path/…", "is missing")
	}
	c.oneOf(key+".profile", s.Profile, Profiles()...)
	if !slices.Contains(bauds, s.Baud) {
		c.fault(key+".baud", "allowed: "+strings.Trim(fmt.Sprint(bauds), "[]"),
			"%d is not a rate", s.Baud)
	}
	c.within(key+".data_bits", int64(s.DataBits), 7, 8)
	c.oneOf(key+".parity", s.Parity, "none", "odd", "even")
	c.within(key+".stop_bits", int64(s.StopBits), 1, 2)
	c.oneOf(key+".framing", s.Framing, "auto", "cr", "lf", "crlf", "none")
	c.within(key+".idle_gap_ms", int64(s.IdleGapMS), 100, 2000)
	c.affix(key+".prefix", s.Prefix)
	for name, order := range map[string]string{"start_order": s.StartOrder, "stop_order": s.StopOrder,
		"refuse_order": s.RefuseOrder} {
		if _, err := Unescape(order); err != nil {
			c.fault(key+"."+name, `at most 64 bytes such as '\x16T\r'`, "%v", err)
		}
	}
}

// selection wants a device of USB to be told from all others.
func (c *checker) selection(key string, s Scanner) {
	if s.Path == "" && s.USB == "" && s.Phys == "" && s.DeviceName == "" {
		c.fault(key+".path", "at least one of path, usb, phys and device_name",
			"nothing says which device it is")
	}
	if s.USB != "" && !usbForm.MatchString(s.USB) {
		c.fault(key+".usb", "vendor:product, such as 0c2e:0b61", "%q is not that", s.USB)
	}
}

// affix is what a scanner sends around each code.
func (c *checker) affix(key, value string) {
	if len(value) > 16 || strings.ContainsFunc(value, unicode.IsControl) {
		c.fault(key, "at most 16 printable characters", "%q is not that", value)
	}
}
