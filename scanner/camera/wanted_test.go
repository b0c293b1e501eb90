package camera

import "testing"

func TestWhoeverLooksHearsThatACodeIsAwaited(t *testing.T) {
	w := newWanted(false)
	on, changed := w.now()
	if on {
		t.Error("nothing is awaited yet")
	}
	w.set(false) // no change
	select {
	case <-changed:
		t.Error("nothing has changed")
	default:
	}
	w.set(true)
	<-changed
	if on, changed = w.now(); !on {
		t.Error("want a code awaited")
	}
	w.set(true)
	w.set(false)
	<-changed
	if on, _ = w.now(); on {
		t.Error("nothing is awaited any more")
	}
}
