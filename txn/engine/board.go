package engine

import (
	"context"
	"sync"

	"saoma/terminal/txn"
)

// board is where the newest view hangs for everybody to see.
type board struct {
	mu      sync.Mutex
	newest  txn.View
	changed chan struct{} // closed when newest is replaced by another revision
}

func newBoard() *board {
	return &board{
		newest: txn.View{InDoubt: []txn.Sale{}, Recent: []txn.Sale{}, Hand: []txn.Sale{},
			Settling: []txn.Batch{}},
		changed: make(chan struct{}),
	}
}

func (b *board) show(v txn.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	news := v.Revision != b.newest.Revision
	b.newest = v
	if news {
		close(b.changed)
		b.changed = make(chan struct{})
	}
}

// look gives the newest view, and what closes when there is a newer one.
func (b *board) look() (txn.View, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.newest, b.changed
}

func (b *board) watch(ctx context.Context, views chan<- txn.View) {
	defer close(views)
	for {
		v, changed := b.look()
		select {
		case views <- v:
		case <-ctx.Done():
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
