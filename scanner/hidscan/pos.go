package hidscan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"saoma/terminal/scanner"
)

// continuedMax is how long the next part of a long code may take. A scanner sends
// them back to back, as fast as it is polled.
const continuedMax = 500 * time.Millisecond

// POSConfig is one scanner of the point-of-sale class.
type POSConfig struct {
	Name   string
	Device Selector
}

// POS is a scanner of the point-of-sale class of HID: it sends what it has read as
// bytes, and no layout comes in between.
type POS struct {
	scanner.Complaints

	cfg    POSConfig
	kernel raws

	mu      sync.Mutex
	waiting bool
	file    *os.File // nil while the device is away
	can     descriptor
}

var (
	_ scanner.Source     = (*POS)(nil)
	_ scanner.Complainer = (*POS)(nil)
	_ scanner.Prompter   = (*POS)(nil)
)

// NewPOS checks a config. The device need not be there yet.
func NewPOS(cfg POSConfig) (*POS, error) {
	if err := cfg.Device.check(); err != nil {
		return nil, fmt.Errorf("scanner %s: %w", cfg.Name, err)
	}
	return &POS{cfg: cfg, kernel: hidraw{}}, nil
}

// Name is the config's.
func (s *POS) Name() string { return s.cfg.Name }

// Run reads until ctx ends or the device is gone.
func (s *POS) Run(ctx context.Context, out chan<- scanner.Scan, ready func()) (err error) {
	var can descriptor
	var reports []scanReport
	file, err := find(s.kernel, s.cfg.Device, func(file *os.File) (err error) {
		can, reports, err = s.look(file)
		return err
	})
	if err != nil {
		return err
	}
	s.attach(file, can)
	defer func() { err = errors.Join(err, s.detach()) }()
	ready()
	from := newReader(ctx, file)
	defer from.stop()
	j := joiner{reports: reports}
	buffer := make([]byte, descriptorMax)
	for {
		wait := time.Duration(0)
		if j.begun {
			wait = continuedMax
		}
		n, err := from.read(buffer, wait)
		if err != nil {
			return err
		}
		codes := j.feed(buffer[:n])
		if n == 0 {
			codes = j.silence()
		}
		if err := send(ctx, out, s.cfg.Name, codes, &s.Complaints); err != nil {
			return err
		}
	}
}

// look asks a device what it sends; an error if that is not scanned data.
func (s *POS) look(file *os.File) (descriptor, []scanReport, error) {
	text, err := s.kernel.descriptor(file)
	if err != nil {
		return descriptor{}, nil, err
	}
	can, err := parseDescriptor(text)
	if err != nil {
		return descriptor{}, nil, err
	}
	reports, err := can.scanReports()
	return can, reports, err
}

func (s *POS) attach(file *os.File, can descriptor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file, s.can = file, can
	if s.waiting {
		s.order(usageInitiate)
	}
}

// detach closes the device; a scanner that looks for a code stops that.
func (s *POS) detach() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting {
		s.order(usagePreventRead)
	}
	file := s.file
	s.file = nil
	return file.Close()
}

// Await tells the scanner to look for a code, or to stop, if it can be told.
func (s *POS) Await(waiting bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = waiting
	if waiting {
		s.order(usageInitiate)
	} else {
		s.order(usagePreventRead)
	}
}

// Refuse lets the scanner sound its beep for errors.
func (s *POS) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order(usageErrorBeep)
}

// order tells the scanner something: a wish, as many can't be told. The file does
// not block, so neither does this. mu is held.
func (s *POS) order(usage uint32) {
	report, ok := s.can.order(usage)
	if s.file == nil || !ok {
		return
	}
	if err := write(s.file, report); err != nil {
		s.Add("the scanner takes no orders: " + err.Error())
	}
}
