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

// buffers is how many frames the driver may have under way: one is looked at, one
// is filled, and two are there for the time that a look takes.
const buffers = 4

// look opens the camera and looks until no code is awaited any more (then it
// returns nil), ctx ends, or the camera is in trouble.
func (s *Source) look(ctx context.Context, out chan<- scanner.Scan) (err error) {
	dev, err := v4l2.Open(s.cfg.Kernel, s.cfg.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	looking, stop := context.WithCancel(ctx)
	var waking sync.WaitGroup
	waking.Go(func() { s.wakeWhenDone(looking, stop, dev) })
	defer waking.Wait()
	defer stop()
	clear(s.told) // a code that is in view when a look begins is news
	l := looker{Source: s, dev: dev}
	if err := l.start(); err != nil {
		return fmt.Errorf("%s: %w", s.cfg.Path, err)
	}
	if err := l.frames(looking, out); err != nil && looking.Err() == nil {
		return fmt.Errorf("%s: %w", s.cfg.Path, err)
	}
	return ctx.Err()
}

// wakeWhenDone ends the look once no code is awaited, and wakes whoever waits for
// a frame when it has ended.
func (s *Source) wakeWhenDone(looking context.Context, stop func(), dev *v4l2.Device) {
	defer dev.Wake()
	defer stop()
	for {
		on, changed := s.wanted.now()
		if !on {
			return
		}
		select {
		case <-changed:
		case <-looking.Done():
			return
		}
	}
}

// looker is one look through an open camera.
type looker struct {
	*Source
	dev      *v4l2.Device
	format   v4l2.Format
	exposure exposure
	sound    time.Time // when the last sound frame came
	broken   int       // frames since then
}

// start agrees on everything with the camera and lets it stream.
func (l *looker) start() error {
	var err error
	if l.format, err = negotiate(l.dev, l.cfg); err != nil {
		return err
	}
	rate, err := l.dev.SetRate(l.cfg.Rate)
	if err != nil {
		rate = 0 // it has no rate to set, and runs at its own
	}
	notes := l.cfg.Controls.apply(l.dev)
	l.exposure = newExposure(l.dev, l.cfg)
	l.change(func(st *State) { st.Format, st.Rate, st.Notes = l.format, rate, notes })
	l.sound = time.Now()
	return l.dev.Start(buffers)
}

// frames looks at each newest frame.
func (l *looker) frames(ctx context.Context, out chan<- scanner.Scan) error {
	for {
		event, err := l.dev.Wait(silenceMax - time.Since(l.sound))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("poll: %w", err)
		}
		newest, memory, ok, err := l.newest()
		switch {
		case err != nil:
			return err
		case ok:
			if err := l.at(ctx, out, newest, memory); err != nil {
				return err
			}
		case event == v4l2.Trouble:
			return errors.New("the camera has stopped")
		}
		if time.Since(l.sound) >= silenceMax {
			return l.silent()
		}
	}
}

// silent says what a camera without sound frames did instead.
func (l *looker) silent() error {
	if l.broken > 0 {
		return fmt.Errorf("in %s it gave %d broken frames and no sound one: look at its cable, "+
			"or choose another format", silenceMax, l.broken)
	}
	return fmt.Errorf("in %s it gave no frame", silenceMax)
}

// newest takes all frames that are there, and gives the older ones back at once.
func (l *looker) newest() (newest v4l2.Buffer, memory []byte, found bool, err error) {
	for {
		v, m, ok, err := l.dev.Dequeue()
		if err != nil || !ok {
			return newest, memory, found, err
		}
		if found {
			if err := l.dev.Queue(newest.Index); err != nil {
				return v, nil, false, err
			}
			l.change(func(st *State) { st.Dropped++ })
		}
		newest, memory, found = v, m, true
	}
}

// at looks at one frame, and gives its buffer back before it waits for anybody.
func (l *looker) at(ctx context.Context, out chan<- scanner.Scan, v v4l2.Buffer, memory []byte) error {
	found, why := l.decode(v, memory)
	if err := l.dev.Queue(v.Index); err != nil {
		return err
	}
	if why != nil {
		l.broken++
		l.change(func(st *State) { st.Broken++ })
		return nil
	}
	l.sound, l.broken = time.Now(), 0
	l.change(func(st *State) { st.Frames, st.Reason = st.Frames+1, found.Reason })
	return l.tell(ctx, out, found.Codes)
}

// decode finds the codes of one frame; the error says why it is no picture.
func (l *looker) decode(v v4l2.Buffer, memory []byte) (decode.Result, error) {
	if v.Flags&v4l2.FlagError != 0 {
		return decode.Result{}, errors.New("the driver calls it broken")
	}
	began := time.Now()
	luma, err := l.eye.see(l.format, memory[:v.BytesUsed])
	if err != nil {
		return decode.Result{}, err
	}
	seen := time.Now()
	found := l.reader.Decode(luma)
	if l.cfg.Saw != nil {
		l.cfg.Saw(Frame{Luma: luma, Result: found, Convert: seen.Sub(began), Decode: time.Since(seen)})
	}
	l.exposure.adjust(l.dev, meter(luma))
	return found, nil
}
