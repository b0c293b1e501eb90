package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"saoma/terminal/scanner/decode"
)

// decoded is the machine-readable line of decode.
type decoded struct {
	File   string        `json:"file"`
	Codes  []decode.Code `json:"codes"`
	Reason decode.Reason `json:"reason"`
	MS     float64       `json:"ms"`
	Error  string        `json:"error,omitempty"`
}

// decodeImages reads codes from pictures. One that can't be opened is told, and
// the others are read all the same.
func decodeImages(_ context.Context, io streams, args []string) error {
	flags := newFlags("decode")
	asJSON := flags.Bool("json", false, "one JSON object for each picture")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return &usageError{"decode needs at least one IMAGE"}
	}
	d := decode.New()
	out := json.NewEncoder(io.out)
	out.SetEscapeHTML(false)
	var faults []error
	for _, name := range flags.Args() {
		line, err := decodeFile(d, name)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			line.Error = err.Error()
		}
		switch {
		case *asJSON:
			err = out.Encode(line)
		case err == nil:
			err = printDecoded(io, line)
		default:
			err = nil // told at the end
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(faults...)
}

func decodeFile(d *decode.Decoder, name string) (decoded, error) {
	line := decoded{File: name, Codes: []decode.Code{}}
	f, err := os.Open(name)
	if err != nil {
		return line, err
	}
	defer func() { _ = f.Close() }()
	img, err := decode.ReadImage(f)
	if err != nil {
		return line, err
	}
	luma := decode.FromImage(img)
	began := time.Now()
	r := d.Decode(luma)
	line.MS = float64(time.Since(began).Microseconds()) / 1000
	line.Codes, line.Reason = append(line.Codes, r.Codes...), r.Reason
	return line, nil
}

func printDecoded(io streams, line decoded) error {
	if len(line.Codes) == 0 {
		_, err := fmt.Fprintf(io.out, "%s\tno code: %s\t%.1f ms\n", line.File, line.Reason, line.MS)
		return err
	}
	for _, c := range line.Codes {
		if _, err := fmt.Fprintf(io.out, "%s\t%s\t%s\t%.1f ms\n", line.File, c.Symbology, c.Text,
			line.MS); err != nil {
			return err
		}
	}
	return nil
}
