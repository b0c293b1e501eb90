// Package hwsim is a board in memory, for a terminal that stands on none. It
// knows the last signal and nothing else.
package hwsim

import (
	"sync/atomic"

	"saoma/terminal/hw"
)

// Board remembers the signal it shows. Any goroutine may use it.
type Board struct{ signal atomic.Uint32 }

var _ hw.Board = (*Board)(nil)

// Show never fails.
func (b *Board) Show(s hw.Signal) error {
	b.signal.Store(uint32(s))
	return nil
}

// Signal is what the board shows.
func (b *Board) Signal() hw.Signal { return hw.Signal(b.signal.Load()) }

// Halt turns everything off.
func (b *Board) Halt() error { return b.Show(hw.Idle) }
