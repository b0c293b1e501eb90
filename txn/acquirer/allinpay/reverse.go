package allinpay

import (
	"context"
	"time"

	"saoma/terminal/txn"
)

// cancelSuffix makes a cancel's own number: the order's and a letter, so that a
// repeated reversal is the same reversal. Orders have digits only.
const cancelSuffix = "C"

// Reverse undoes an order whatever its state; see acquirer.Acquirer. It goes
//
//	close --> query --> reversed: closed, declined or cancelled before
//	               |--> not found
//	               '--> paid --> cancel --> query --> reversed
//	                                             '--> too late: approved
//
// Close comes first and needs no state: an unpaid order is closed at once, which
// leaves the payer the least time, and a paid one refuses it. What the closing and
// the cancel answer is not believed by itself: a query has to confirm it. Allinpay
// cancels until midnight in Beijing; after that no cancel is sent. One call sends at
// most five requests; whatever stays open is unknown, and the caller comes again.
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

// undoPaid cancels what an order moved. It says that it is too late only when no
// cancel can have effect any more: neither one that is on its way, nor one that was
// carried out and does not show yet. A refund beside it would find the money gone.
func (c *Client) undoPaid(ctx context.Context, e txn.Reverse, paid txn.Result) txn.Result {
	cancel := wanted{e.Order + cancelSuffix, e.Amount}
	midnight, now := endOfDay(paid, e), c.cfg.Now()
	if now.Before(midnight) {
		answer := c.undo(ctx, pathCancel, cancel, e.Order, paid.AcquirerRef)
		if wayIsBarred(answer) {
			return unsettled(answer)
		}
		order := c.query(ctx, wanted{e.Order, e.Amount}, "")
		if order.Outcome != txn.OutcomeApproved {
			return settled(order)
		}
	}
	// Some states of a cancel show only under its own number.
	switch cancelled := c.query(ctx, cancel, ""); {
	case cancelled.Outcome == txn.OutcomeApproved:
		return undone(paid)
	case cancelled.Outcome == txn.OutcomeDeclined: // and its number is used up
		return paid
	case cancelled.Outcome == txn.OutcomeNotFound && !now.Before(midnight.Add(messageLife)):
		// None has come until midnight, and what was on its way then is refused.
		return paid
	default:
		return unsettled(cancelled)
	}
}

// settled reads a query's answer after a cancel: done, or to be asked again.
func settled(order txn.Result) txn.Result {
	if order.Outcome == txn.OutcomeReversed {
		return undone(order)
	}
	return unsettled(order)
}

// endOfDay is until when Allinpay may cancel: midnight in Beijing. With a wrong clock
// the acquirer refuses a cancel that comes too late, or one is not sent that was
// possible: that costs a refund, and no money.
func endOfDay(paid txn.Result, e txn.Reverse) time.Time {
	at := paid.PaidAt
	if at.IsZero() {
		at = e.OpenedAt
	}
	y, m, d := at.In(txn.Beijing()).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, txn.Beijing())
}

// wayIsBarred says that the next request would meet the same obstacle, or that we
// were asked to leave the host alone.
func wayIsBarred(r txn.Result) bool {
	return r.Layer != txn.LayerNone && r.Layer != txn.LayerBank || r.RetryAfter > 0
}

// undone turns an authenticated answer about the order into the word that ends the
// reversal.
func undone(order txn.Result) txn.Result {
	order.Outcome = txn.OutcomeReversed
	return order
}

// unsettled is an answer that ends nothing: the caller reverses again. It keeps why,
// but not the number of a cancel, which is not the order's.
func unsettled(r txn.Result) txn.Result {
	return txn.Result{
		Authentic: r.Authentic, Code: r.Code, Text: r.Text, Layer: r.Layer, Alarm: r.Alarm,
		RetryAfter: r.RetryAfter,
	}
}
