// Package camera reads codes from a video device. It knows when to look, which
// frames are worth a look, and how to keep a bright phone from blinding the
// camera. It does not know the kernel's calls (v4l2), how a code is found in a
// picture (decode), or what a code means.
package camera

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/scanner/decode"
)

// The times of a camera.
const (
	// silenceMax is how long a camera may give no sound frame before it counts as gone.
	silenceMax = 2 * time.Second
	// presenceEvery is how often a camera at rest is looked for.
	presenceEvery = time.Second
	// repeatEvery is how often a code that stays in view is told again: often enough
	// for scanner.GateWindow, so that a second device that reads it is no news.
	repeatEvery = time.Second
)

// The bounds of a config.
const (
	WidthMin, WidthMax   = 160, 4096
	HeightMin, HeightMax = 120, 4096
	RateMin, RateMax     = 1, 120
)

// Config is one camera.
type Config struct {
	Name          string
	Path          string // best one of /dev/v4l/by-path, which is the same after replugging
	Width, Height int    // pixels, from WidthMin and HeightMin
	Rate          int    // frames per second
	Format        Format
	Controls      Controls
	Always        bool        // it looks also while no code is awaited: to try it out
	Kernel        v4l2.Kernel // nil: this machine's

	// Saw is called with each frame that was looked at, in Run's goroutine; the
	// pixels are lent until it returns. It may be nil.
	Saw func(Frame)
}

// Frame is one picture and what was found in it.
type Frame struct {
	Luma    decode.Luma
	Result  decode.Result
	Convert time.Duration // from the device's format to luma
	Decode  time.Duration
}

// State is what is known of a camera.
type State struct {
	Card    string      // what it calls itself
	Format  v4l2.Format // as granted
	Rate    float64     // as granted, frames per second; 0: it does not say
	Frames  int64       // looked at since New
	Dropped int64       // older ones that were passed over
	Broken  int64       // ones without a sound picture
	Notes   []string    // settings that the camera did not take as they are configured
	Reason  decode.Reason
}

// reader finds codes in pictures: decode.Decoder.
type reader interface {
	Decode(decode.Luma) decode.Result
}

// Source is a camera that looks for codes.
type Source struct {
	cfg    Config
	reader reader
	eye    eye
	told   map[string]time.Time // codes in view, and when they were last told
	wanted *wanted

	mu    sync.Mutex
	state State
}

var _ scanner.Source = (*Source)(nil)

// New checks a config. The device need not be there yet.
func New(cfg Config) (*Source, error) {
	if cfg.Kernel == nil {
		cfg.Kernel = v4l2.Linux()
	}
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(cfg.Path == "", "no path")
	fault(cfg.Width < WidthMin || cfg.Width > WidthMax,
		"a width of %d is not %d to %d", cfg.Width, WidthMin, WidthMax)
	fault(cfg.Height < HeightMin || cfg.Height > HeightMax,
		"a height of %d is not %d to %d", cfg.Height, HeightMin, HeightMax)
	fault(cfg.Rate < RateMin || cfg.Rate > RateMax,
		"%d frames per second are not %d to %d", cfg.Rate, RateMin, RateMax)
	fault(len(cfg.Format.candidates()) == 0, "%q is not a format", string(cfg.Format))
	faults = append(faults, cfg.Controls.check())
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("camera %s: %w", cfg.Name, err)
	}
	return &Source{cfg: cfg, reader: decode.ForPayers(), told: map[string]time.Time{},
		wanted: newWanted(cfg.Always)}, nil
}

// Name is the config's.
func (s *Source) Name() string { return s.cfg.Name }

// Await says whether a code is awaited from now on: the camera is open only then.
// Any goroutine may call it, also while the camera is away.
func (s *Source) Await(waiting bool) {
	s.change(func(st *State) { st.Reason = "" }) // of another phone
	s.wanted.set(waiting || s.cfg.Always)
}

// Refuse does nothing: a camera can't say that a code was refused.
func (*Source) Refuse() {}

// State says what is known of the camera. Any goroutine may call it.
func (s *Source) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Hint says why there is no code, while one is looked for; see scanner.Hinter.
func (s *Source) Hint() string {
	if looks, _ := s.wanted.now(); !looks {
		return ""
	}
	return string(s.State().Reason)
}

// change changes the state that others see.
func (s *Source) change(do func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do(&s.state)
}

// Run looks while a code is awaited (none is before the first Await), until ctx ends or the camera is gone. While
// none is, the device is closed. Before it returns, the device is closed too: a
// camera that is plugged in while an old descriptor is open gets another name.
func (s *Source) Run(ctx context.Context, out chan<- scanner.Scan, ready func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.probe(); err != nil {
		return err
	}
	ready()
	for {
		if err := s.rest(ctx); err != nil {
			return err
		}
		if err := s.look(ctx, out); err != nil {
			return err
		}
	}
}

// probe opens the camera for a moment, to say at once what is wrong with it.
func (s *Source) probe() (err error) {
	dev, err := v4l2.Open(s.cfg.Kernel, s.cfg.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	can, err := dev.Capability()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", s.cfg.Path, err)
	case can.MultiPlanar && !can.Captures:
		return fmt.Errorf("%s (%s): it gives pictures in several planes only, which is not "+
			"read here; use the camera's other node", s.cfg.Path, can.Card)
	case !can.Captures || !can.Streams:
		return fmt.Errorf("%s (%s): it gives no pictures; use the camera's other node",
			s.cfg.Path, can.Card)
	}
	s.change(func(st *State) { st.Card = can.Card })
	return nil
}

// rest waits until a code is awaited. A camera that is unplugged meanwhile is told.
func (s *Source) rest(ctx context.Context) error {
	timer := time.NewTimer(presenceEvery)
	defer timer.Stop()
	for {
		on, changed := s.wanted.now()
		if on {
			return ctx.Err()
		}
		select {
		case <-changed:
		case <-timer.C:
			if !s.cfg.Kernel.Present(s.cfg.Path) {
				return fmt.Errorf("%s: unplugged", s.cfg.Path)
			}
			timer.Reset(presenceEvery)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// news says whether a code has to be told: it is new in view, or it is time to say
// that it still is. It forgets those out of view.
func (s *Source) news(text string, now time.Time) bool {
	for code, at := range s.told {
		if now.Sub(at).Abs() > scanner.GateWindow {
			delete(s.told, code)
		}
	}
	at, known := s.told[text]
	if known && now.Sub(at) < repeatEvery {
		return false
	}
	if !known && len(s.told) >= scanner.GateMax {
		clear(s.told)
	}
	s.told[text] = now
	return true
}

// aim says what was read, in the words of scanners that send it.
var aim = map[decode.Symbology]string{decode.QRCode: "]Q1", decode.Code128: "]C0"}

// tell sends what was found in one frame.
func (s *Source) tell(ctx context.Context, out chan<- scanner.Scan, codes []decode.Code) error {
	now := time.Now()
	for _, c := range codes {
		if !s.news(c.Text, now) {
			continue
		}
		scan := scanner.Seen(aim[c.Symbology]+c.Text, s.cfg.Name, now)
		select {
		case out <- scan:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
