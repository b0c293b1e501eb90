package camera

import "sync"

// wanted says whether to look. Its methods may be called from any goroutine.
type wanted struct {
	mu      sync.Mutex
	on      bool
	changed chan struct{}
}

func newWanted(on bool) *wanted { return &wanted{on: on, changed: make(chan struct{})} }

// set says whether to look from now on.
func (w *wanted) set(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on == on {
		return
	}
	w.on = on
	close(w.changed)
	w.changed = make(chan struct{})
}

// now says whether to look, and gives a channel that is closed when that changes.
func (w *wanted) now() (on bool, changed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.on, w.changed
}
