package acquirertest

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// testRetryAfter has a host say that it is busy, and for how long.
func testRetryAfter(t *testing.T, up setUp) {
	for said, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "0": 0, "": 0, "-5": 0, "soon": 0, "86400": time.Hour,
		"99999999999999999999": time.Hour, "Mon, 02 Mar 2026 04:00:30 GMT": 30 * time.Second,
		"Tue, 02 Mar 2027 04:00:30 GMT": time.Hour, "Sun, 01 Mar 2026 04:00:30 GMT": 0,
	} {
		t.Run("Said/"+said, func(t *testing.T) { testBusy(up(t), "Query", said, want) })
	}
	for name := range requests(up(t)) {
		t.Run("Asked/"+name, func(t *testing.T) { testBusy(up(t), name, "45", 45*time.Second) })
	}
	t.Run("ReversalLeavesABusyHostAlone", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomeApproved, b.pay(order))
		for i, op := range []acquirersim.Op{acquirersim.OpClose, acquirersim.OpQuery,
			acquirersim.OpCancel} {
			b.fault(op, acquirersim.HTTP503, "60")
			before := b.sent()
			got := b.reverse(order)
			b.want(txn.OutcomeUnknown, got)
			if got.RetryAfter != time.Minute {
				t.Errorf("%s: want a minute's pause, got %+v", op, got)
			}
			if n := b.sent() - before; n != i+1 {
				t.Errorf("%s: want nothing sent after it, got %d requests", op, n)
			}
		}
		b.wantReversed(order)
	})
}

// testBusy asks once. The pause is a hint, from whoever answered: nothing else is
// believed.
func testBusy(b *bench, name, said string, want time.Duration) {
	b.fault(acquirersim.OpAny, acquirersim.HTTP503, said)
	got := requests(b)[name](b.Context(), b.acq)
	b.want(txn.OutcomeUnknown, got)
	b.wantLayer(txn.LayerBank, got)
	if got.RetryAfter != want || got.Authentic || got.Alarm != "" {
		b.Errorf("want a pause of %s, got %+v", want, got)
	}
}

// sent counts the requests so far.
func (b *bench) sent() int {
	n := 0
	for _, op := range []acquirersim.Op{acquirersim.OpPay, acquirersim.OpPresent,
		acquirersim.OpQuery, acquirersim.OpClose, acquirersim.OpCancel, acquirersim.OpRefund,
		acquirersim.OpBill, acquirersim.OpFile} {
		n += b.sim.Requests(op)
	}
	return n
}
