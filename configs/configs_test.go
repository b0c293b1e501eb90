package configs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

func TestTheShippedConfigsHaveNoFault(t *testing.T) {
	for _, shipped := range []func() (string, []byte){Default, Demo} {
		name, text := shipped()
		if _, err := Parse(name, text); err != nil {
			t.Errorf("%v", err)
		}
	}
}

// uncommented is terminal.toml with every default written out.
func uncommented(t *testing.T) []byte {
	t.Helper()
	_, text := Default()
	all := without(string(text), "# A rule that an acquirer", "# Lights of the board")
	all = without(all, "# A scanner that types", "[printer]")
	return regexp.MustCompile(`(?m)^#(\w+ *=)`).ReplaceAll([]byte(all), []byte("$1"))
}

// without cuts a block of examples out.
func without(text, from, to string) string {
	head, rest, _ := strings.Cut(text, from)
	_, tail, _ := strings.Cut(rest, to)
	return head + to + tail
}

func TestTheShippedConfigStatesEveryKeyAndItsDefault(t *testing.T) {
	_, text := Default()
	silent, err := Parse("silent", text)
	if err != nil {
		t.Fatal(err)
	}
	loud, err := Parse("loud", uncommented(t))
	if err != nil {
		t.Fatal(err)
	}
	loud.Scanners[0].Name = silent.Scanners[0].Name // its default is the path
	if loud.Scanners[0].Profile != "generic" {
		t.Error("no profile is stated")
	}
	for i := range loud.Codes.Families {
		loud.Codes.Families[i].Soft = silent.Codes.Families[i].Soft
	}
	loud.Codes.CPMPreference = silent.Codes.CPMPreference // an empty list, or none
	loud.Acquirer.Allinpay.PresentHosts = silent.Acquirer.Allinpay.PresentHosts
	loud.Acquirer.Allinpay.BillHosts = silent.Acquirer.Allinpay.BillHosts
	if !reflect.DeepEqual(silent, loud) {
		t.Errorf("the comments state other defaults:\n%+v\n%+v\n%+v\n%+v", silent, loud,
			silent.Acquirer.Allinpay, loud.Acquirer.Allinpay)
	}
	for _, key := range allKeys(reflect.TypeFor[Config](), "") {
		word := key[strings.LastIndex(key, ".")+1:]
		if !regexp.MustCompile(`(?m)^#?` + word + ` *=|^\[+(\w+\.)?` + word + `[.\]]`).Match(text) {
			t.Errorf("terminal.toml does not name %s", key)
		}
	}
}

func allKeys(t reflect.Type, prefix string) []string {
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		key := prefix + f.Tag.Get("toml")
		keys = append(keys, key)
		e := f.Type
		for e.Kind() == reflect.Slice || e.Kind() == reflect.Pointer {
			e = e.Elem()
		}
		if e.Kind() == reflect.Struct {
			keys = append(keys, allKeys(e, key+".")...)
		}
	}
	return keys
}

// with changes one line of the shipped config, by its beginning.
func with(t *testing.T, changes ...string) []byte {
	t.Helper()
	_, text := Default()
	all := strings.Split(string(text), "\n")
	for i := 0; i < len(changes); i += 2 {
		found := false
		for j, line := range all {
			if !found && strings.HasPrefix(line, changes[i]) {
				all[j], found = changes[i+1], true
			}
		}
		if !found {
			t.Fatalf("no line begins with %q", changes[i])
		}
	}
	return []byte(strings.Join(all, "\n"))
}

func lineOf(text []byte, part string) int {
	before, _, ok := strings.Cut(string(text), part)
	if !ok {
		return -1
	}
	return strings.Count(before, "\n") + 1
}

func TestACameraNeedsItsPathOnly(t *testing.T) {
	cfg, err := Parse("t.toml", withScanners(t,
		"[[scanner]]\nkind = \"camera\"\npath = \"/dev/v4l/by-path/x\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s := cfg.Scanners[0]; s.Width != 1280 || s.Height != 720 || s.FPS != 30 || s.Format != "auto" ||
		s.Exposure != "steady" || s.PowerLineHz != 50 {
		t.Errorf("got %+v", s)
	}
	for text, want := range map[string]int32{"45": 45, "-3": -3} {
		if n, ok := Number(text); !ok || n != want {
			t.Errorf("%s: got %d, %t", text, n, ok)
		}
	}
	if _, ok := Number("auto"); ok {
		t.Error("auto is no number")
	}
}

func TestAFaultHasItsKeyItsLineAndWhatIsAllowed(t *testing.T) {
	for _, tt := range []struct {
		line, becomes string
		key, want     string
	}{
		{"version", "version = 2", "version", "version = 1"},
		{"id ", `id = "123"`, "terminal.id", "8 digits"},
		{"merchant_name ", `merchant_name = ""`, "terminal.merchant_name", "40 printable"},
		{"merchant_name ", `merchant_name = "a\u0007b"`, "terminal.merchant_name", "40 printable"},
		{"#listen", `listen = "0.0.0.0:8080"`, "terminal.listen", "loopback"},
		{"#listen", `listen = "nonsense"`, "terminal.listen", "loopback"},
		{"#language ", `language = "fr"`, "terminal.language", "zh-CN, en"},
		{"#max_amount_fen", `max_amount_fen = 0`, "terminal.max_amount_fen", "1 to"},
		{"latitude", `latitude = "north"`, "terminal.latitude", "+31.221345"},
		{"#baud", "baud = 14400", "scanner[0].baud", "1200 2400"},
		{"#framing", `framing = "crl"`, "scanner[0].framing", "crlf"},
		{"path", `path = "ttyS0"`, "scanner[0].path", "/dev/"},
		{"#kind       = \"serial\"", `kind = "webcam"`, "scanner[0].kind", "serial, hid, hidpos, camera"},
		{"#kind       = \"none\"", `kind = "file"`, "printer.dir", "directory"},
		{"#copies", `copies = ["both"]`, "printer.copies", "merchant, customer"},
		{"base_url", `base_url = "http://vsp.allinpay.com/apiweb"`, "acquirer.allinpay.base_url", "https"},
		{"cusid", `cusid = "x"`, "acquirer.allinpay.cusid", "15 digits"},
		{"private_key_file", "", "acquirer.allinpay.private_key_file", "PEM"},
		{"#sign ", `sign = "MD5"`, "acquirer.allinpay.sign", "RSA, SM2"},
		{"#pay_window_s", "pay_window_s = 20", "timing.pay_window_s", "30 to 180"},
		{"#unknown_len", "unknown_len = [24, 16]", "codes.unknown_len", "smaller first"},
		{"re  ", `re = '\d+'`, "codes.family[0].re", "^"},
		{"re  ", `re = '^($'`, "codes.family[0].re", "regular expression"},
		{"#level", `level = "loud"`, "log.level", "debug"},
	} {
		text := with(t, tt.line, tt.becomes)
		_, err := Parse("t.toml", text)
		var faults Faults
		if !errors.As(err, &faults) || len(faults) != 1 {
			t.Errorf("%s: want one fault, got %v", tt.becomes, err)
			continue
		}
		f := faults[0]
		line := lineOf(text, "\n"+tt.becomes) + 1
		if tt.becomes == "" {
			line = lineOf(text, "[acquirer.allinpay]")
		}
		if tt.key == "printer.dir" {
			line = lineOf(text, "[printer]")
		}
		if f.Key != tt.key || f.Line != line || !strings.Contains(f.String(), tt.want) {
			t.Errorf("%s: want %s in line %d with %q, got %s", tt.becomes, tt.key, line, tt.want, f)
		}
	}
}

func TestEveryFaultIsToldAtOnceInTheOrderOfTheFile(t *testing.T) {
	text := with(t,
		"id ", `id = "x"`,
		"#language", `langauge = "en"`,
		"#baud", `baud = "fast"`,
		"#framing", "framing = 7",
		"base_url", `base_url = "ftp://x"`,
		"#first_query_s", "first_query_s = 99",
		"#level", `level = "loud"`)
	_, err := Parse("t.toml", text)
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var keys []string
	for i, f := range faults {
		keys = append(keys, f.Key)
		if i > 0 && f.Line < faults[i-1].Line {
			t.Error("not in the order of the file")
		}
	}
	want := "terminal.id terminal.langauge scanner[0].baud scanner[0].framing " +
		"acquirer.allinpay.base_url timing.first_query_s log.level"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("want %s\n got %s\n%v", want, got, err)
	}
	if !strings.Contains(err.Error(), "did you mean language?") {
		t.Errorf("no help with the typing error: %v", err)
	}
}

func TestWhatIsNotTOMLHasItsLine(t *testing.T) {
	for text, line := range map[string]int{
		"version = 1\n[terminal\n": 2, "version = \n": 1, "version = 1\nversion = 1\n": 2,
		"\n\nx = 'a\n": 3,
	} {
		_, err := Parse("t.toml", []byte(text))
		var faults Faults
		if !errors.As(err, &faults) || faults[0].Line != line {
			t.Errorf("%q: want line %d, got %v", text, line, err)
		}
	}
}

func TestAnEmptyFileNamesWhatIsMissing(t *testing.T) {
	_, err := Parse("t.toml", nil)
	for _, key := range []string{"version", "terminal.id", "terminal.merchant_id", "acquirer.allinpay",
		"codes.family"} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
}

func TestNoFileIsAnotherErrorThanAWrongOne(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "none.toml")); !errors.Is(err, ErrNoConfig) {
		t.Errorf("want ErrNoConfig, got %v", err)
	}
	path := filepath.Join(dir, "wrong.toml")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var faults Faults
	if _, err := Load(path); !errors.As(err, &faults) || errors.Is(err, ErrNoConfig) {
		t.Errorf("want Faults, got %v", err)
	}
}

func TestAKeyForAllToReadIsAFault(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, mode := range map[string]os.FileMode{"open.key": 0o644, "own.key": 0o600, "pub.pem": 0o644} {
		if err := os.WriteFile(path(name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	check := func(key string) error {
		text := with(t, "private_key_file", fmt.Sprintf("private_key_file = %q", path(key)),
			"acquirer_public_key_file", fmt.Sprintf("acquirer_public_key_file = %q", path("pub.pem")))
		c, err := Parse("t.toml", text)
		if err != nil {
			t.Fatal(err)
		}
		return c.CheckFiles("t.toml", text)
	}
	if err := check("own.key"); err != nil {
		t.Error(err)
	}
	if err := check("open.key"); err == nil || !strings.Contains(err.Error(), "chmod 0600") {
		t.Errorf("want to be told to chmod 0600, got %v", err)
	}
	if err := check("none.key"); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("want that it is missing, got %v", err)
	}
}

// mutate damages a text as people and disks do.
func mutate(rng *rand.Rand, text []byte) []byte {
	m := append([]byte(nil), text...)
	for range 1 + rng.IntN(5) {
		if len(m) == 0 {
			return m
		}
		i := rng.IntN(len(m))
		switch rng.IntN(5) {
		case 0:
			m[i] = byte(rng.IntN(256))
		case 1:
			m = append(m[:i], m[min(len(m), i+1+rng.IntN(20)):]...)
		case 2:
			m = append(m[:i], append([]byte("\"'[]=\n#"), m[i:]...)...)
		case 3:
			m = m[:i+1]
		default:
			j := rng.IntN(len(m))
			m[i], m[j] = m[j], m[i]
		}
	}
	return m
}

func TestNoDamagedConfigBreaksTheReader(t *testing.T) {
	_, text := Default()
	for seed := range uint64(2000) {
		damaged := mutate(rand.New(rand.NewPCG(seed, 1)), text)
		wellFormed(t, damaged)
	}
}

// wellFormed wants a config, or faults whose lines are in the file.
func wellFormed(t *testing.T, text []byte) {
	t.Helper()
	c, err := Parse("t.toml", text)
	var faults Faults
	if (c == nil) == (err == nil) || err != nil && !errors.As(err, &faults) {
		t.Fatalf("neither config nor faults: %v", err)
	}
	for _, f := range faults {
		if f.Line < 1 || f.Line > strings.Count(string(text), "\n")+1 || f.Problem == "" {
			t.Fatalf("no fault of this file: %s", f)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, shipped := range []func() (string, []byte){Default, Demo} {
		_, text := shipped()
		f.Add(text)
	}
	f.Fuzz(wellFormed)
}
