package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"saoma/terminal/scanner/decode"
)

// decoded is the machine-readable line of decode.
type decoded struct {
	File   string        `json:"file"`
	Codes  []decode.Code `json:"codes"`
	Reason decode.Reason `json:"reason"`
	MS     float64       `json:"ms"` // of the decoder; with -bench the median
	P95    float64       `json:"p95_ms,omitempty"`
	Runs   int           `json:"runs,omitempty"`
	Error  string        `json:"error,omitempty"`

	stages stages
}

// stages are how long each step took, milliseconds.
type stages struct{ read, luma float64 }

// benchMax is the most repetitions of one picture.
const benchMax = 100_000

// decodeOptions are the flags of decode.
type decodeOptions struct {
	json  bool
	bench int
	raw   size
}

// decodeImages reads codes from pictures. One that can't be opened is told, and
// the others are read all the same.
func decodeImages(ctx context.Context, io streams, args []string) error {
	o, names, err := decodeArgs(args)
	if err != nil {
		return err
	}
	pictures, faults := findPictures(names, o.raw)
	d := decode.New()
	out := json.NewEncoder(io.out)
	out.SetEscapeHTML(false)
	var all []float64
	for _, p := range pictures {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		line, took, err := decodePicture(ctx, d, p, o)
		all = append(all, took...)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", p.name, err))
			line.Error = err.Error()
		}
		switch {
		case o.json:
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
	if o.bench > 0 && !o.json && len(all) > 0 {
		median, p95 := spread(all)
		_, err = fmt.Fprintf(io.out, "all %d\tmedian %.2f ms\tp95 %.2f ms\n", len(pictures), median, p95)
	}
	return errors.Join(append(faults, err)...)
}

func decodeArgs(args []string) (o decodeOptions, names []string, err error) {
	flags := newFlags("decode")
	flags.BoolVar(&o.json, "json", false, "one JSON object for each picture")
	flags.IntVar(&o.bench, "bench", 0, "decode each picture so often, for median and p95")
	raw := flags.String("raw", "", "the files are luma of WIDTHxHEIGHT pixels, a byte each")
	if err := parseFlags(flags, args); err != nil {
		return o, nil, err
	}
	if flags.NArg() == 0 {
		return o, nil, &usageError{"decode needs at least one IMAGE or folder"}
	}
	if o.bench < 0 || o.bench > benchMax {
		return o, nil, &usageError{fmt.Sprintf("-bench takes 1 to %d", benchMax)}
	}
	if *raw != "" {
		var ok bool
		if o.raw, ok = parseSize(*raw); !ok {
			return o, nil, &usageError{fmt.Sprintf("-raw takes WIDTHxHEIGHT such as 1280x720, not %q", *raw)}
		}
	}
	return o, flags.Args(), nil
}

// decodePicture reads one picture, as often as it is asked to.
func decodePicture(ctx context.Context, d *decode.Decoder, p pictureFile, o decodeOptions) (
	line decoded, took []float64, err error) {
	line = decoded{File: p.name, Codes: []decode.Code{}}
	luma, stages, err := p.open()
	if err != nil {
		return line, nil, err
	}
	line.stages = stages
	for range max(1, o.bench) {
		began := time.Now()
		r := d.Decode(luma)
		took = append(took, milliseconds(time.Since(began)))
		line.Codes, line.Reason = append([]decode.Code{}, r.Codes...), r.Reason
		if ctx.Err() != nil {
			break
		}
	}
	line.MS = took[0]
	if o.bench > 0 {
		line.MS, line.P95 = spread(took)
		line.Runs = len(took)
	}
	return line, took, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// spread gives the median and the value that 95 of 100 don't exceed.
func spread(all []float64) (median, p95 float64) {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)-1)/2], sorted[(len(sorted)*95+99)/100-1]
}

func printDecoded(io streams, line decoded) error {
	took := fmt.Sprintf("read %.1f, luma %.1f, decode %.2f ms", line.stages.read, line.stages.luma, line.MS)
	if line.Runs > 0 {
		took = fmt.Sprintf("decode: median %.2f, p95 %.2f ms of %d", line.MS, line.P95, line.Runs)
	}
	if len(line.Codes) == 0 {
		_, err := fmt.Fprintf(io.out, "%s\tno code: %s\t%s\n", line.File, line.Reason, took)
		return err
	}
	for _, c := range line.Codes {
		if _, err := fmt.Fprintf(io.out, "%s\t%s\t%s\t%s\t%s\n", line.File, c.Symbology, c.Text,
			corners(c.Corners), took); err != nil {
			return err
		}
	}
	return nil
}

// corners are shown as 10,20 30,20 …
func corners(all [][2]int) string {
	words := make([]string, len(all))
	for i, c := range all {
		words[i] = fmt.Sprintf("%d,%d", c[0], c[1])
	}
	return strings.Join(words, " ")
}
