package configs

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// fileMax is the largest config, bytes.
const fileMax = 1 << 20

// faultsMax bounds the faults of one file.
const faultsMax = 200

//go:embed demo.toml terminal.toml
var shipped embed.FS

// Demo gives the text of the demo's config.
func Demo() (name string, text []byte) { return shippedFile("demo.toml") }

// Default gives the text of the config that is shipped.
func Default() (name string, text []byte) { return shippedFile("terminal.toml") }

func shippedFile(name string) (string, []byte) {
	text, err := shipped.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return name, text
}

// Load reads a file. The error is ErrNoConfig, Faults, or what the disk said.
func Load(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoConfig, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read config: %w", err)
	}
	return Parse(path, text)
}

// Parse reads the text of a file. The error is Faults. Whether the files that it
// names exist is left to CheckFiles.
func Parse(name string, text []byte) (*Config, error) {
	if len(text) > fileMax {
		return nil, Faults{{File: name, Line: 1,
			Problem: fmt.Sprintf("the file has more than %d bytes", fileMax)}}
	}
	at, fault := indexLines(text)
	if fault != nil {
		fault.File = name
		return nil, Faults{*fault} // not TOML: what follows can't be judged
	}
	config, faults := decode(name, text, at)
	config.fill()
	check := checker{file: name, at: at, bad: map[string]bool{}}
	for _, f := range faults {
		check.bad[f.Key] = true // one fault is enough for one key
	}
	check.all(config)
	faults = append(faults, check.faults...)
	if len(faults) > 0 {
		return nil, faults.inOrder()
	}
	return config, nil
}

// decode reads TOML. The library stops at the first value of a wrong type; so
// that all are told at once, its line is blanked and the text is read again.
func decode(name string, text []byte, at lines) (*Config, Faults) {
	var faults Faults
	for {
		config := defaults()
		d := toml.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		err := d.Decode(&config)
		var strict *toml.StrictMissingError
		var wrong *toml.DecodeError
		switch {
		case err == nil:
			return &config, faults
		case errors.As(err, &strict):
			return &config, append(faults, unknownKeys(name, strict, at)...)
		case errors.As(err, &wrong):
			line, _ := wrong.Position()
			faults = append(faults, Fault{File: name, Line: line, Key: at.key(line),
				Problem: "the value is of the wrong kind", Want: kindWanted(wrong)})
			blanked, ok := blank(text, line)
			if !ok || len(faults) == faultsMax {
				return &config, faults
			}
			text = blanked
		default:
			return &config, append(faults, Fault{File: name, Line: 1, Problem: err.Error()})
		}
	}
}

// kindWanted says what may stand there, from the library's words.
func kindWanted(e *toml.DecodeError) string {
	_, kind, _ := strings.Cut(e.Error(), "of type ")
	switch strings.TrimLeft(kind, "[]") {
	case "int", "int64":
		return "a whole number"
	case "string":
		return `text in quotes`
	case "bool":
		return "true or false"
	}
	return strings.TrimPrefix(e.Error(), "toml: ")
}

// blank empties a line; false if it is empty already.
func blank(text []byte, line int) ([]byte, bool) {
	lines := bytes.Split(text, []byte("\n"))
	if line < 1 || line > len(lines) || len(lines[line-1]) == 0 {
		return nil, false
	}
	lines[line-1] = nil
	return bytes.Join(lines, []byte("\n")), true
}

func unknownKeys(name string, strict *toml.StrictMissingError, at lines) Faults {
	var faults Faults
	for _, e := range strict.Errors {
		line, _ := e.Position()
		key := e.Key()
		f := Fault{File: name, Line: line, Key: at.key(line), Problem: "there is no such key"}
		if near := nearest(key[len(key)-1], keysOf(key[:len(key)-1])); near != "" {
			f.Want = fmt.Sprintf("did you mean %s?", near)
		}
		faults = append(faults, f)
	}
	return faults
}

// keysOf lists the keys that may stand in a table.
func keysOf(table []string) []string {
	t := reflect.TypeFor[Config]()
	for _, name := range table {
		i := 0
		for i < t.NumField() && t.Field(i).Tag.Get("toml") != name {
			i++
		}
		if i == t.NumField() {
			return nil
		}
		t = t.Field(i).Type
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return nil
		}
	}
	var keys []string
	for i := range t.NumField() {
		keys = append(keys, t.Field(i).Tag.Get("toml"))
	}
	return keys
}
