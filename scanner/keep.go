package scanner

import (
	"context"
	"log/slog"
	"time"
)

// retryPause is the rest before a device that is gone is looked for again. A
// scanner that is plugged in works within a second, also without news of it.
const retryPause = 400 * time.Millisecond

// After news of a device it is looked for more often: the kernel tells of it before
// its stable path is there.
const (
	hurryPause = 50 * time.Millisecond
	hurryTime  = time.Second
)

// Status is a device as a screen shows it.
type Status struct {
	Name  string
	Here  bool
	Cause string // why it is not
}

// Keeper keeps sources running. Its fields don't change once it works.
type Keeper struct {
	Log   *slog.Logger
	Plugs *Plugs // nil: a device is looked for by the clock alone
	Out   chan<- Scan

	// Told hears, in Keep's goroutine, when the device comes or goes, and when the
	// cause of its absence changes. While it stays away for the same cause, nothing
	// is told or logged again.
	Told func(Status)
}

// Keep runs a source until ctx ends, again and again.
func (k Keeper) Keep(ctx context.Context, src Source) {
	lastCause := ""
	var hurry time.Time // until when
	for {
		news := k.Plugs.News() // asked for before the try, so that none is missed in it
		err := src.Run(ctx, k.Out, func() {
			k.Log.Info("scanner is here", "part", src.Name())
			lastCause = ""
			k.Told(Status{Name: src.Name(), Here: true})
		})
		if ctx.Err() != nil {
			return
		}
		cause := "it ended"
		if err != nil {
			cause = err.Error()
		}
		if cause != lastCause {
			k.Log.Warn("scanner is gone", "part", src.Name(), "err", cause)
			k.Told(Status{Name: src.Name(), Cause: cause})
			lastCause = cause
		}
		pause := retryPause
		if time.Now().Before(hurry) {
			pause = hurryPause
		}
		select {
		case <-news:
			hurry = time.Now().Add(hurryTime)
			if !rest(ctx, hurryPause) { // a burst of news is one
				return
			}
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// rest waits; false if ctx ended meanwhile.
func rest(ctx context.Context, pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}
