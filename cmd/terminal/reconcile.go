package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/recon"
)

// billTimeout bounds the fetching of a day's bill.
const billTimeout = 2 * time.Minute

// reconcile compares the books of a Beijing day with the acquirer's bill; see
// ui.Options.
func (t *terminal) reconcile(ctx context.Context, day time.Time) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, billTimeout)
	defer cancel()
	sales, err := t.engine.SalesOn(ctx, day)
	if err != nil {
		return nil, err
	}
	report, err := recon.Join(t.cfg.Terminal.ID, day, sales, t.acquirer.Bill(ctx, day))
	var said *acquirer.BillError
	if errors.As(err, &said) {
		return nil, fmt.Errorf("the acquirer gave no bill of that day: %w", err)
	}
	return report, err
}
