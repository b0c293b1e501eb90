package allinpay

import (
	"context"
	"time"

	"saoma/terminal/txn"
)

// Numbers of our own for the two ways of undoing: the order's and a letter, so
// that a repeated reversal is the same reversal. Orders have digits only.
const (
	cancelSuffix = "C"
	refundSuffix = "R"
)

// Reverse undoes an order whatever its state; see acquirer.Acquirer. It goes
//
//	close --> query --> reversed: closed, declined or cancelled before
//	               |--> not found
//	               '--> paid --> cancel (same Beijing day) or refund --> query
//
// Close comes first and needs no state: an unpaid order is closed at once, which
// leaves the payer the least time, and a paid one refuses it. What the closing and
// the undoing answer is not believed by itself: a query has to confirm it. One call
// sends at most seven requests; whatever stays open is unknown, and the caller
// comes again.
func (c *Client) Reverse(ctx context.Context, e txn.Reverse) txn.Result {
	if !numberForm.MatchString(string(e.Order)) {
		return txn.Result{Text: "the order number is not 1 to 31 letters or digits"}
	}
	closed := c.result(askClose, wanted{order: e.Order},
		c.call(ctx, pathClose, params{"oldreqsn": string(e.Order)}))
	if wayIsBarred(closed) {
		return unsettled(closed)
	}
	return c.afterClose(ctx, e, c.query(ctx, wanted{e.Order, e.Amount}, ""))
}

func (c *Client) afterClose(ctx context.Context, e txn.Reverse, order txn.Result) txn.Result {
	switch order.Outcome {
	case txn.OutcomeApproved:
		return c.undoPaid(ctx, e, order)
	case txn.OutcomeReversed, txn.OutcomeDeclined:
		return undone(order)
	case txn.OutcomeNotFound:
		return order
	}
	return unsettled(order)
}

// undoPaid gives back what an order moved. It never refunds while a cancel may
// still have effect.
func (c *Client) undoPaid(ctx context.Context, e txn.Reverse, paid txn.Result) txn.Result {
	cancel := wanted{e.Order + cancelSuffix, e.Amount}
	refused := true // on another day, once a query finds no cancel, none can come
	if c.sameDay(paid, e) {
		answer := c.undo(ctx, pathCancel, cancel, e.Order, paid.AcquirerRef)
		if wayIsBarred(answer) {
			return unsettled(answer)
		}
		refused = answer.Outcome == txn.OutcomeDeclined
		order := c.query(ctx, wanted{e.Order, e.Amount}, "")
		if order.Outcome != txn.OutcomeApproved {
			return settled(order)
		}
	}
	// Some states of a cancel show only under its own number.
	switch cancelled := c.query(ctx, cancel, ""); {
	case cancelled.Outcome == txn.OutcomeApproved:
		return undone(paid)
	case cancelled.Outcome == txn.OutcomeDeclined,
		cancelled.Outcome == txn.OutcomeNotFound && refused:
		return c.refundAll(ctx, e, paid)
	default:
		return unsettled(cancelled)
	}
}

func (c *Client) refundAll(ctx context.Context, e txn.Reverse, paid txn.Result) txn.Result {
	refund := wanted{e.Order + refundSuffix, e.Amount}
	answer := c.undo(ctx, pathRefund, refund, e.Order, paid.AcquirerRef)
	if wayIsBarred(answer) {
		return unsettled(answer)
	}
	if made := c.query(ctx, refund, ""); made.Outcome != txn.OutcomeApproved {
		return unsettled(made)
	}
	return undone(paid)
}

// settled reads a query's answer after a cancel: done, or to be asked again.
func settled(order txn.Result) txn.Result {
	if order.Outcome == txn.OutcomeReversed {
		return undone(order)
	}
	return unsettled(order)
}

// sameDay says whether Allinpay may still cancel: until midnight in Beijing. A
// wrong clock costs a refused cancel, then a refund; or a refund that was not needed.
func (c *Client) sameDay(paid txn.Result, e txn.Reverse) bool {
	at := paid.PaidAt
	if at.IsZero() {
		at = e.OpenedAt
	}
	day := func(t time.Time) string { return t.In(txn.Beijing()).Format(time.DateOnly) }
	return day(at) == day(c.cfg.Now())
}

// wayIsBarred says that the next request would meet the same obstacle.
func wayIsBarred(r txn.Result) bool { return r.Layer != txn.LayerNone && r.Layer != txn.LayerBank }

// undone turns an authenticated answer about the order into the word that ends the
// reversal.
func undone(order txn.Result) txn.Result {
	order.Outcome = txn.OutcomeReversed
	return order
}

// unsettled is an answer that ends nothing: the caller reverses again. It keeps why,
// but not the number of a cancel or refund, which is not the order's.
func unsettled(r txn.Result) txn.Result {
	return txn.Result{
		Authentic: r.Authentic, Code: r.Code, Text: r.Text, Layer: r.Layer, Alarm: r.Alarm,
	}
}
