// Package serialscan reads codes from a scanner on a serial line, through
// tarm/serial. It knows the line and how that library behaves on it; it does not
// know what a code means.
package serialscan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tarm/serial"
	"golang.org/x/sys/unix"

	"saoma/terminal/scanner"
)

// readTimeout is how long one read waits for a byte. The library counts in tenths
// of a second, and without a timeout a blocked read would outlive Close.
const readTimeout = 100 * time.Millisecond

// bauds are the rates of scanners that the library can set. It has no 14400 and
// no 28800.
var bauds = [...]int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200}

// Config is one scanner.
type Config struct {
	Name    string
	Path    string // best one that stays the same after replugging
	Baud    int    // one of 1200 doubled up to 38400, 57600, 115200
	Framing Framing
	IdleGap time.Duration // the silence that ends a code, 100 ms or more
	Prefix  string        // sent by the scanner before each code, taken off
}

// Source is a scanner on a serial line.
type Source struct {
	cfg   Config
	noise atomic.Int64
}

var _ scanner.Source = (*Source)(nil)

// New checks a config. The device need not be there yet.
func New(cfg Config) (*Source, error) {
	var faults []error
	if cfg.Path == "" {
		faults = append(faults, errors.New("no path"))
	}
	if cfg.IdleGap < readTimeout {
		faults = append(faults, fmt.Errorf("an idle gap of %s is shorter than %s",
			cfg.IdleGap, readTimeout))
	}
	if !slices.Contains(bauds[:], cfg.Baud) {
		faults = append(faults, fmt.Errorf("%d baud is not one of %v", cfg.Baud, bauds))
	}
	faults = append(faults, cfg.Framing.check())
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("scanner %s: %w", cfg.Name, err)
	}
	return &Source{cfg: cfg}, nil
}

// Name is the config's.
func (s *Source) Name() string { return s.cfg.Name }

// Noise counts the lines that were dropped since New: not text, or without their
// end. A number that grows tells of a bad cable or a wrong rate. Any goroutine may
// call it.
func (s *Source) Noise() int64 { return s.noise.Load() }

// Run reads until ctx ends or the device is gone. Before it returns, the device
// is closed: a scanner that is plugged in while an old descriptor is open comes
// back under another name.
func (s *Source) Run(ctx context.Context, out chan<- scanner.Scan, ready func()) (err error) {
	port, err := open(s.cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, port.Close()) }()
	ready()
	frames := framer{framing: s.cfg.Framing, prefix: []byte(s.cfg.Prefix)}
	buffer := make([]byte, 1024)
	lastByte := time.Now()
	for ctx.Err() == nil {
		began := time.Now()
		n, err := port.Read(buffer)
		now := time.Now()
		if gone(n, err, now.Sub(began)) {
			return fmt.Errorf("%s: unplugged: %w", s.cfg.Path, err)
		}
		codes := frames.feed(buffer[:n])
		if n > 0 {
			lastByte = now
		} else if now.Sub(lastByte) >= s.cfg.IdleGap {
			if c, ok := frames.silence(); ok {
				codes = append(codes, c)
			}
		}
		s.noise.Add(frames.takeNoise())
		for _, c := range codes {
			if err := s.send(ctx, out, c, now); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (s *Source) send(ctx context.Context, out chan<- scanner.Scan, c code, now time.Time) error {
	scan := scanner.Scan{Overlong: c.overlong, Source: s.cfg.Name, At: now}
	if !c.overlong {
		scan.Text = scanner.NewText(c.text)
	}
	select {
	case out <- scan:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gone tells a device that is unplugged from one that is silent: the library says
// EOF for both, but only silence takes its time.
func gone(n int, err error, took time.Duration) bool {
	switch {
	case err == nil || n > 0:
		return false
	case errors.Is(err, io.EOF):
		return took < readTimeout/2
	}
	return true
}

// port is an open line and the lock on it.
type port struct {
	*serial.Port
	lock *os.File
}

// open is the only place that opens a line. A second open of the same one would be
// let through, and two readers would get half a code each: hence the lock.
func open(cfg Config) (*port, error) {
	fd, err := unix.Open(cfg.Path, unix.O_RDONLY|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Path, err)
	}
	lock := os.NewFile(uintptr(fd), cfg.Path)
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is used by another program: %w", cfg.Path, err),
			lock.Close())
	}
	p, err := serial.OpenPort(&serial.Config{Name: cfg.Path, Baud: cfg.Baud, ReadTimeout: readTimeout})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s at %d baud: %w", cfg.Path, cfg.Baud, err), lock.Close())
	}
	return &port{p, lock}, nil
}

// Close gives the line free.
func (p *port) Close() error { return errors.Join(p.Port.Close(), p.lock.Close()) }
