// Package scannersim is a scanner that is shown codes by the program: the demo's.
// It knows no device.
package scannersim

import (
	"context"
	"errors"
	"time"

	"saoma/terminal/scanner"
)

// waitMax is how long Show waits for a terminal that does not look.
const waitMax = time.Second

// ErrNotLooking means that nobody runs the source.
var ErrNotLooking = errors.New("the terminal does not look at this scanner")

// Source is a scanner without a device. Its methods may be called from any goroutine.
type Source struct {
	name  string
	shown chan string
}

var _ scanner.Source = (*Source)(nil)

// New makes a source by a name for screens.
func New(name string) *Source { return &Source{name, make(chan string)} }

// Name is what New was given.
func (s *Source) Name() string { return s.name }

// Show holds a code before the scanner: with an AIM identifier, if one is wanted.
// It returns once the source has seen it.
func (s *Source) Show(code string) error {
	select {
	case s.shown <- code:
		return nil
	case <-time.After(waitMax):
		return ErrNotLooking
	}
}

// Run sends what is shown until ctx ends.
func (s *Source) Run(ctx context.Context, out chan<- scanner.Scan, ready func()) error {
	ready()
	for {
		var code string
		select {
		case code = <-s.shown:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case out <- scanner.Seen(code, s.name, time.Now()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
