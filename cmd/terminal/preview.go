package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"strings"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/scanner/camera"
	"saoma/terminal/scanner/decode"
)

const (
	// previewEvery is the time between two pictures of text: a serial console shows
	// some four in a second.
	previewEvery = 250 * time.Millisecond
	// previewSkip is how many frames a camera gets to find its exposure.
	previewSkip = 10
	// The size of the text: it fits 80 by 24 with the line below it.
	artColumns, artRows = 78, 21
)

// preview shows what a camera sees: once in a PNG file, or as text until ctx ends.
func (d *doctor) preview(ctx context.Context, w io.Writer, file, which string) error {
	s, err := d.cameraNamed(which)
	if err != nil {
		return err
	}
	if file == "-" {
		return d.watch(ctx, w, s)
	}
	ctx, cancel := context.WithTimeout(ctx, doctorMax)
	defer cancel()
	var text bytes.Buffer
	var line string
	frames := 0
	_, err = d.look(ctx, s, func(src *camera.Source, f camera.Frame) error {
		if frames++; frames < previewSkip {
			return nil
		}
		line = describe(src.State(), f)
		l := f.Luma
		img := &image.Gray{Pix: l.Pix, Stride: l.Stride, Rect: image.Rect(0, 0, l.W, l.H)}
		if err := png.Encode(&text, img); err != nil {
			return err
		}
		return errSeen
	})
	if !errors.Is(err, errSeen) {
		return fmt.Errorf("camera %s: %w", s.Name, err)
	}
	// The picture may hold a payer code: for the technician's eyes only.
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s: %s\n", file, line)
	return err
}

func (d *doctor) cameraNamed(which string) (configs.Scanner, error) {
	for _, s := range d.cfg.Scanners {
		if s.Kind == "camera" && (which == "" || s.Name == which) {
			return s, nil
		}
	}
	if which != "" {
		return configs.Scanner{}, fmt.Errorf("the config has no camera called %q", which)
	}
	return configs.Scanner{}, errors.New(`the config has no scanner with kind = "camera"`)
}

// watch shows one picture of text after the other.
func (d *doctor) watch(ctx context.Context, w io.Writer, s configs.Scanner) error {
	var shown time.Time
	_, err := d.look(ctx, s, func(src *camera.Source, f camera.Frame) error {
		if time.Since(shown) < previewEvery {
			return nil
		}
		shown = time.Now()
		const home = "\x1b[H\x1b[J"
		_, err := fmt.Fprintf(w, "%s%s%.*s\n", home, art(f.Luma, artColumns, artRows), 2*artColumns,
			describe(src.State(), f))
		return err
	})
	if ctx.Err() != nil {
		return nil // a person has seen enough
	}
	return fmt.Errorf("camera %s: %w", s.Name, err)
}

// bayer spreads shades over neighbours, so that black and white show grey.
var bayer = [4][4]int{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}

// art draws a picture of half blocks: two dots above each other in each place.
func art(l decode.Luma, columns, rows int) string {
	// The picture keeps its shape: dots are square.
	dotsW, dotsH := columns, 2*rows
	if l.W*dotsH > l.H*dotsW {
		dotsH = max(2, l.H*dotsW/l.W)
	} else {
		dotsW = max(1, l.W*dotsH/l.H)
	}
	bright := func(x, y int) int {
		if y >= dotsH || mean(l, x, y, dotsW, dotsH) <= bayer[y%4][x%4]*16+8 {
			return 0
		}
		return 1
	}
	var text strings.Builder
	for y := 0; y < dotsH; y += 2 {
		for x := range dotsW {
			text.WriteString([]string{" ", "▀", "▄", "█"}[bright(x, y)+2*bright(x, y+1)])
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// mean is the shade of one dot of many.
func mean(l decode.Luma, x, y, dotsW, dotsH int) int {
	x0, x1 := x*l.W/dotsW, max((x+1)*l.W/dotsW, x*l.W/dotsW+1)
	y0, y1 := y*l.H/dotsH, max((y+1)*l.H/dotsH, y*l.H/dotsH+1)
	sum := 0
	for _, at := range []int{y0, y1 - 1, (y0 + y1) / 2} {
		for _, v := range l.Pix[at*l.Stride+x0 : at*l.Stride+x1] {
			sum += int(v)
		}
	}
	return sum / (3 * (x1 - x0))
}
