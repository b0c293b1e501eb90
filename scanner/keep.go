package scanner

import (
	"context"
	"log/slog"
	"time"
)

// retryPause is the rest before a device that is gone is looked for again. A
// scanner that is plugged in works within a second.
const retryPause = 400 * time.Millisecond

// Status is a device as a screen shows it.
type Status struct {
	Name  string
	Here  bool
	Cause string // why it is not
}

// Keep runs a source until ctx ends, again and again. told hears, in this goroutine,
// when the device comes or goes, and when the cause of its absence changes. While
// it stays away for the same cause, nothing is told or logged again.
func Keep(ctx context.Context, log *slog.Logger, src Source, out chan<- Scan, told func(Status)) {
	lastCause := ""
	for {
		err := src.Run(ctx, out, func() {
			log.Info("scanner is here", "part", src.Name())
			lastCause = ""
			told(Status{Name: src.Name(), Here: true})
		})
		if ctx.Err() != nil {
			return
		}
		cause := "it ended"
		if err != nil {
			cause = err.Error()
		}
		if cause != lastCause {
			log.Warn("scanner is gone", "part", src.Name(), "err", cause)
			told(Status{Name: src.Name(), Cause: cause})
			lastCause = cause
		}
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
			return
		}
	}
}
