// Package serialscan reads codes from a scanner on a serial line, through
// tarm/serial. It knows the line and how that library behaves on it; it does not
// know what a code means.
package serialscan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/tarm/serial"

	"saoma/terminal/scanner"
)

// readTimeout is how long one read waits for a byte. The library counts in tenths
// of a second, and without a timeout a blocked read would outlive Close.
const readTimeout = 100 * time.Millisecond

// bauds are the rates of scanners that the library can set. It has no 14400 and
// no 28800.
var bauds = [...]int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200}

// parities are the kinds of parity, as the library names them.
var parities = map[string]serial.Parity{"none": serial.ParityNone, "odd": serial.ParityOdd,
	"even": serial.ParityEven}

// OrderMax is the longest order to a scanner, bytes.
const OrderMax = 64

// Config is one scanner.
type Config struct {
	Name     string
	Path     string // best one that stays the same after replugging
	Baud     int    // one of 1200 doubled up to 38400, 57600, 115200
	DataBits int    // 7 or 8
	Parity   string // none, odd or even
	StopBits int    // 1 or 2
	Framing  Framing
	IdleGap  time.Duration // the silence that ends a code, 100 ms or more
	Prefix   string        // sent by the scanner before each code, taken off
	Orders   Orders
}

// Orders are the bytes that tell the scanner something, "" for those that it does
// not know.
type Orders struct {
	Start  string // a code is awaited: look for it
	Stop   string // no code is awaited any more
	Refuse string // the code that it has read was refused: beep
}

// Source is a scanner on a serial line.
type Source struct {
	scanner.Complaints

	cfg Config

	mu      sync.Mutex
	waiting bool
	port    *port // nil while the device is away
}

var (
	_ scanner.Source     = (*Source)(nil)
	_ scanner.Complainer = (*Source)(nil)
	_ scanner.Prompter   = (*Source)(nil)
)

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
	if cfg.DataBits != 7 && cfg.DataBits != 8 {
		faults = append(faults, fmt.Errorf("%d data bits are not 7 or 8", cfg.DataBits))
	}
	if parities[cfg.Parity] == 0 {
		faults = append(faults, fmt.Errorf("parity %q is not one of none, odd, even", cfg.Parity))
	}
	if cfg.StopBits != 1 && cfg.StopBits != 2 {
		faults = append(faults, fmt.Errorf("%d stop bits are not 1 or 2", cfg.StopBits))
	}
	if max(len(cfg.Orders.Start), len(cfg.Orders.Stop), len(cfg.Orders.Refuse)) > OrderMax {
		faults = append(faults, fmt.Errorf("an order has more than %d bytes", OrderMax))
	}
	faults = append(faults, cfg.Framing.check())
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("scanner %s: %w", cfg.Name, err)
	}
	return &Source{cfg: cfg}, nil
}

// Name is the config's.
func (s *Source) Name() string { return s.cfg.Name }

// Run reads until ctx ends or the device is gone. Before it returns, the device
// is closed: a scanner that is plugged in while an old descriptor is open comes
// back under another name.
func (s *Source) Run(ctx context.Context, out chan<- scanner.Scan, ready func()) (err error) {
	port, err := open(s.cfg)
	if err != nil {
		return err
	}
	s.attach(port)
	defer func() { err = errors.Join(err, s.detach()) }()
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
		for _, c := range codes {
			if err := s.send(ctx, out, c, now); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (s *Source) send(ctx context.Context, out chan<- scanner.Scan, c code, now time.Time) error {
	if c.complaint != "" {
		s.Add(c.complaint)
		return nil
	}
	scan := scanner.Scan{Overlong: true, Source: s.cfg.Name, At: now}
	if !c.overlong {
		scan = scanner.Seen(c.read, s.cfg.Name, now)
		s.Clear()
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
