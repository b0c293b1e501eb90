package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/scanner"
	"saoma/terminal/scanner/camera"
)

const (
	// scannerMax is how long a scanner may take to be ready and, a camera, to see.
	scannerMax = 4 * time.Second
	// framesEnough show that a camera works.
	framesEnough = 5
)

// scanner opens a scanner as the terminal does.
func (d *doctor) scanner(ctx context.Context, s configs.Scanner) finding {
	f := finding{Check: "scanner", Name: s.Name, State: healthy}
	if d.busy {
		f.State, f.Text = skipped, "the running terminal has it; its page shows how it is"
		return f
	}
	ctx, cancel := context.WithTimeout(ctx, scannerMax)
	defer cancel()
	var text string
	var err error
	if s.Kind == "camera" {
		text, err = d.camera(ctx, s)
	} else {
		text, err = isReady(ctx, cancel, s)
	}
	f.Text = text
	if err != nil {
		f.State, f.Text = trouble, err.Error()
		f.Cure = "is it plugged in, and does path name it? The links below /dev/serial/by-path and " +
			"/dev/v4l/by-path are what is there"
	}
	return f
}

// isReady runs a source until it says that it is ready.
func isReady(ctx context.Context, stop func(), s configs.Scanner) (string, error) {
	src, err := scannerSource(s)
	if err != nil {
		return "", err
	}
	var ready atomic.Bool
	err = src.Run(ctx, make(chan scanner.Scan), func() { ready.Store(true); stop() })
	if !ready.Load() {
		return "", err
	}
	return "it is there and can be opened", nil
}

// errSeen ends a look that has seen enough.
var errSeen = errors.New("seen enough")

// look runs a camera and hands each frame to saw, until saw returns an error.
func (d *doctor) look(ctx context.Context, s configs.Scanner, saw func(*camera.Source, camera.Frame) error) (
	*camera.Source, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	cfg := cameraConfig(s)
	cfg.Always, cfg.Kernel = true, d.kernel
	var src *camera.Source
	cfg.Saw = func(f camera.Frame) {
		if err := saw(src, f); err != nil {
			stop(err)
		}
	}
	src, err := camera.New(cfg)
	if err != nil {
		return nil, err
	}
	out := make(chan scanner.Scan)
	done := make(chan struct{})
	go func() { // what it reads is nobody's business here
		for {
			select {
			case <-out:
			case <-done:
				return
			}
		}
	}()
	err = src.Run(ctx, out, func() {})
	close(done)
	if cause := context.Cause(ctx); cause != nil && ctx.Err() != nil {
		err = cause
	}
	return src, err
}

// camera looks at a few frames and says what they are like.
func (d *doctor) camera(ctx context.Context, s configs.Scanner) (string, error) {
	frames := 0
	var last camera.Frame
	src, err := d.look(ctx, s, func(_ *camera.Source, f camera.Frame) error {
		last = f
		if frames++; frames >= framesEnough {
			return errSeen
		}
		return nil
	})
	switch {
	case src == nil:
		return "", err
	case errors.Is(err, context.DeadlineExceeded):
		return "", fmt.Errorf("%d frames came in %s", frames, scannerMax)
	case !errors.Is(err, errSeen):
		return "", err
	}
	return describe(src.State(), last), nil
}

// describe is one line on a camera and its last frame. What a code says is not in it.
func describe(st camera.State, f camera.Frame) string {
	words := []string{fmt.Sprintf("%s: %s, %d by %d", st.Card, st.Format.Pixels, st.Format.Width, st.Format.Height)}
	if st.Rate > 0 {
		words = append(words, fmt.Sprintf("%.0f frames per second", st.Rate))
	}
	words = append(words, fmt.Sprintf("%d broken", st.Broken), fmt.Sprintf("luma in %.1f ms, decoded in %.1f ms",
		milliseconds(f.Convert), milliseconds(f.Decode)))
	for _, c := range f.Result.Codes {
		words = append(words, fmt.Sprintf("a code of %d characters is in view (%s)", len(c.Text), c.Symbology))
	}
	if len(f.Result.Codes) == 0 {
		words = append(words, "no code: "+strings.ReplaceAll(string(f.Result.Reason), "_", " "))
	}
	return strings.Join(append(words, st.Notes...), "; ")
}
