package main

import (
	"sync/atomic"
	"time"

	"saoma/terminal/txn/engine"
)

// bookClock is the clock, or, when that can't be right, the time that the books know.
type bookClock struct{ books atomic.Pointer[engine.Engine] }

func (c *bookClock) now() time.Time {
	now := time.Now()
	if e := c.books.Load(); e != nil {
		return e.View().Clock.Believe(now)
	}
	return now
}
