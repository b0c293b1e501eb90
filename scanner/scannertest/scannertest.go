// Package scannertest is the suite that every source of scans must pass. The
// words of the promise stand at scanner.Source.
package scannertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"saoma/terminal/scanner"
)

// Patience is how long the suite waits for what must come.
const Patience = 10 * time.Second

// Start gives a source whose device is here, and a way to show it a code.
type Start func(t *testing.T) (src scanner.Source, show func(code string))

// Suite runs against sources of one kind.
func Suite(t *testing.T, start Start) {
	t.Run("what is shown is sent, in order", func(t *testing.T) {
		src, show := start(t)
		r := Run(t, src)
		for _, code := range []string{"134567890123456789", "x", "6236098835899996543"} {
			show(code)
			r.Want(code)
		}
		r.Stop()
	})
	t.Run("an overlong code is told, and the next one is read", func(t *testing.T) {
		src, show := start(t)
		r := Run(t, src)
		show(long(scanner.ScanMax + 1))
		if s := r.Next(); !s.Overlong || s.Text.Reveal() != "" {
			t.Errorf("want overlong without text, got %t with %d bytes",
				s.Overlong, len(s.Text.Reveal()))
		}
		show(long(scanner.ScanMax))
		r.Want(long(scanner.ScanMax))
		r.Stop()
	})
	t.Run("it ends with its context, and can be run again", func(t *testing.T) {
		src, show := start(t)
		for range 3 {
			r := Run(t, src)
			show("134567890123456789")
			r.Want("134567890123456789")
			if err := r.Stop(); !errors.Is(err, context.Canceled) {
				t.Fatalf("want the context's error, got %v", err)
			}
		}
	})
	t.Run("it ends with its context also when nobody takes the scan", func(t *testing.T) {
		src, show := start(t)
		r := Run(t, src)
		show("134567890123456789")
		_ = r.Stop()
	})
	t.Run("a context that has ended is obeyed", func(t *testing.T) {
		src, _ := start(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := src.Run(ctx, nil, func() {}); !errors.Is(err, context.Canceled) {
			t.Errorf("want the context's error, got %v", err)
		}
	})
}

func long(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = '0' + byte(i%10)
	}
	return string(text)
}

// Running is a source at work.
type Running struct {
	t      *testing.T
	out    chan scanner.Scan
	cancel context.CancelFunc
	ended  chan error
	ready  chan struct{}
}

// Run starts a source and waits until it is ready.
func Run(t *testing.T, src scanner.Source) *Running {
	t.Helper()
	r := Begin(t, src)
	select {
	case <-r.ready:
	case err := <-r.ended:
		t.Fatalf("it ended instead of getting ready: %v", err)
	case <-time.After(Patience):
		t.Fatal("it does not get ready")
	}
	return r
}

// Begin starts a source.
func Begin(t *testing.T, src scanner.Source) *Running {
	ctx, cancel := context.WithCancel(t.Context())
	r := &Running{t: t, out: make(chan scanner.Scan), cancel: cancel,
		ended: make(chan error, 1), ready: make(chan struct{}, 1)}
	go func() { r.ended <- src.Run(ctx, r.out, func() { r.ready <- struct{}{} }) }()
	t.Cleanup(cancel)
	return r
}

// Next gives the next scan.
func (r *Running) Next() scanner.Scan {
	r.t.Helper()
	select {
	case s := <-r.out:
		return s
	case err := <-r.ended:
		r.ended <- err
		r.t.Fatalf("it ended: %v", err)
	case <-time.After(Patience):
		r.t.Fatal("no scan came")
	}
	return scanner.Scan{}
}

// Want wants the next scan to be a code.
func (r *Running) Want(code string) {
	r.t.Helper()
	if s := r.Next(); s.Text.Reveal() != code || s.Overlong || s.Source == "" || s.At.IsZero() {
		r.t.Fatalf("want %.40q, got %.40q (overlong %t)", code, s.Text.Reveal(), s.Overlong)
	}
}

// Stop ends the source and gives its error.
func (r *Running) Stop() error {
	r.t.Helper()
	r.cancel()
	return r.Ended()
}

// Ended waits for the source to end by itself, and wants nothing to be sent after.
func (r *Running) Ended() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		select {
		case <-r.out:
			r.t.Error("a scan was sent after Run had returned")
		default:
		}
		return err
	case <-time.After(Patience):
		r.t.Fatal("it does not end")
	}
	return nil
}
