package allinpay

import (
	"context"

	"saoma/terminal/txn"
)

// Refund gives back money of an approved order; see acquirer.Acquirer. It asks what
// became of the refund where the answer itself does not say: when the acquirer knows
// the number already, or tells no amount.
func (c *Client) Refund(ctx context.Context, e txn.Refund) txn.Result {
	switch {
	case !numberForm.MatchString(string(e.Order)) || e.Order == e.Of:
		return refuse("the refund number is not 1 to 31 letters or digits of its own")
	case e.Amount < 1 || e.Amount > txn.AmountMax || e.Whole > 0 && e.Amount > e.Whole:
		return refuse("the amount is out of range")
	}
	want := wanted{e.Order, e.Amount}
	res := c.undo(ctx, pathRefund, want, e.Of, e.AcquirerRef)
	known := res.Code == statusDone || res.Code == statusDuplicate
	if known && res.Authentic && res.Outcome == txn.OutcomeUnknown {
		res = c.refunded(ctx, want, "")
	}
	switch res.Outcome {
	case txn.OutcomeReversed: // the sale was cancelled: nothing is paid back
		res.Outcome = txn.OutcomeDeclined
	case txn.OutcomeNotFound: // the sale, or the refund: on a late replica, perhaps
		res.Outcome = txn.OutcomeUnknown
	}
	return res
}

// QueryRefund asks what became of a refund; see acquirer.Acquirer.
func (c *Client) QueryRefund(ctx context.Context, e txn.QueryRefund) txn.Result {
	if !numberForm.MatchString(string(e.Order)) {
		return refuse("the refund number is not 1 to 31 letters or digits")
	}
	return c.refunded(ctx, wanted{e.Order, e.Amount}, e.AcquirerRef)
}

// refunded asks what became of a refund. That a refund was undone is no word that the
// pages have: it is not believed.
func (c *Client) refunded(ctx context.Context, want wanted, ref string) txn.Result {
	res := c.query(ctx, want, ref)
	if res.Outcome == txn.OutcomeReversed {
		res.Outcome = txn.OutcomeUnknown
	}
	return res
}

// undo sends a cancel or a refund of sale under the number of want.
func (c *Client) undo(
	ctx context.Context, path string, want wanted, sale txn.Order, ref string,
) txn.Result {
	p := params{"reqsn": string(want.order), "trxamt": fen(want.amount)}
	if ref != "" {
		p["oldtrxid"] = ref
	} else {
		p["oldreqsn"] = string(sale)
	}
	return c.result(askUndo, want, c.call(ctx, path, p))
}
