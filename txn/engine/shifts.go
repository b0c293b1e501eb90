package engine

import (
	"context"

	"saoma/terminal/txn"
)

// Shifts gives copies of the core's shifts, the newest first; the running one is
// the one without an end.
func (c *Core) Shifts() []txn.Shift { return c.state.Shifts() }

// Shifts gives the running shift, if there is one, and those of before, the newest
// first.
func (e *Engine) Shifts(ctx context.Context) ([]txn.Shift, error) {
	var shifts []txn.Shift
	err := e.ask(ctx, nil, func(c *Core) { shifts = c.Shifts() })
	return shifts, err
}
