// Package hidscan reads codes from scanners on USB that need no serial line: those
// that type like a keyboard, through evdev, and those of the point-of-sale class of
// HID (usage page 0x8C), through hidraw. It knows the kernel's two interfaces,
// keyboard layouts and report descriptors; it does not know what a code means.
package hidscan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"saoma/terminal/scanner"
)

// The shortest and longest silence that may end a code.
const (
	IdleGapMin = 20 * time.Millisecond
	IdleGapMax = 2 * time.Second
)

// WedgeConfig is one scanner that types.
type WedgeConfig struct {
	Name    string
	Device  Selector
	Layout  string        // one of Layouts: the one that the scanner is set to
	IdleGap time.Duration // the silence that ends a code without Enter
	Prefix  string        // sent by the scanner before each code, taken off
	Suffix  string        // what ends a code besides Enter and Tab, taken off
	GBK     bool          // Alt and a number above 255 is GBK, not Unicode
}

// Wedge is a scanner that types. While it is open nobody else gets its keys: not the
// page, not the console.
type Wedge struct {
	scanner.Complaints

	cfg    WedgeConfig
	kernel inputs
}

var (
	_ scanner.Source     = (*Wedge)(nil)
	_ scanner.Complainer = (*Wedge)(nil)
)

// NewWedge checks a config. The device need not be there yet.
func NewWedge(cfg WedgeConfig) (*Wedge, error) {
	faults := []error{cfg.Device.check()}
	if _, ok := newLayout(cfg.Layout); !ok {
		faults = append(faults, fmt.Errorf("layout %q is not one of %s", cfg.Layout,
			strings.Join(Layouts(), ", ")))
	}
	if cfg.IdleGap < IdleGapMin || cfg.IdleGap > IdleGapMax {
		faults = append(faults, fmt.Errorf("an idle gap of %s is not within %s and %s", cfg.IdleGap,
			IdleGapMin, IdleGapMax))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("scanner %s: %w", cfg.Name, err)
	}
	return &Wedge{cfg: cfg, kernel: evdev{}}, nil
}

// Name is the config's.
func (w *Wedge) Name() string { return w.cfg.Name }

// Run grabs the device and reads until ctx ends or the device is gone. The grab ends
// with the run.
func (w *Wedge) Run(ctx context.Context, out chan<- scanner.Scan, ready func()) (err error) {
	file, err := find(w.kernel, w.cfg.Device, w.types)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := w.kernel.grab(file); err != nil {
		return fmt.Errorf("%s is used by another program: %w", file.Name(), err)
	}
	k := w.keyboard()
	if err := w.resync(k, file, true); err != nil {
		return err
	}
	ready()
	from := newReader(ctx, file)
	defer from.stop()
	buffer := make([]byte, 64*eventLen(wordLen))
	for {
		wait := time.Duration(0)
		if k.half() {
			wait = w.cfg.IdleGap
		}
		n, err := from.read(buffer, wait)
		if err != nil {
			return err
		}
		codes, err := w.take(k, file, buffer[:n])
		if err != nil {
			return err
		}
		if err := send(ctx, out, w.cfg.Name, codes, &w.Complaints); err != nil {
			return err
		}
	}
}

// take makes codes of what was read; of nothing, when a silence was.
func (w *Wedge) take(k *keyboard, file *os.File, p []byte) ([]code, error) {
	if len(p) == 0 {
		if c, ok := k.end(); ok {
			return []code{c}, nil
		}
		return nil, nil
	}
	events, err := readEvents(p, wordLen)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	caps := k.caps
	codes, lost := k.feed(events)
	if lost {
		return codes, w.resync(k, file, false)
	}
	if k.caps != caps {
		w.kernel.light(file, k.caps)
	}
	return codes, nil
}

// resync asks the kernel which keys are held. Caps lock is off then, and shown so: a
// scanner may look at the light to know what it has to type.
func (w *Wedge) resync(k *keyboard, file *os.File, opened bool) error {
	held, err := w.kernel.held(file)
	if err != nil {
		return fmt.Errorf("%s: which keys are held: %w", file.Name(), err)
	}
	k.hold(held, opened)
	k.caps = false
	w.kernel.light(file, false)
	return nil
}

func (w *Wedge) keyboard() *keyboard {
	l, _ := newLayout(w.cfg.Layout) // checked by NewWedge
	return &keyboard{layout: l, altGr: l.hasAltGr(), prefix: []byte(w.cfg.Prefix),
		suffix: []byte(w.cfg.Suffix), gbk: w.cfg.GBK}
}

// types says whether a device has the keys of digits. A scanner often has several
// faces, of which just one types.
func (w *Wedge) types(file *os.File) error {
	keys, err := w.kernel.keys(file)
	if err != nil {
		return err
	}
	for key := uint16(2); key <= 11; key++ {
		if !keys.has(key) {
			return errors.New("has no keys for digits: it is another part of the scanner, or no scanner")
		}
	}
	return nil
}

// send sends codes on, and keeps what is to be complained of.
func send(ctx context.Context, out chan<- scanner.Scan, name string, codes []code,
	complaints *scanner.Complaints) error {
	for _, c := range codes {
		if c.complaint != "" {
			complaints.Add(c.complaint)
			continue
		}
		scan := scanner.Scan{Overlong: true, Source: name, At: time.Now()}
		if !c.overlong {
			scan = scanner.Seen(c.read, name, scan.At)
			complaints.Clear()
		}
		select {
		case out <- scan:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
