package acquirertest

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// midnight is when noon's day ends in Beijing.
func midnight() time.Time { return noon().Add(12 * time.Hour) }

func testLateReverse(t *testing.T, up setUp) {
	t.Run("PaidOrderOfYesterdayIsTooLateAndRefunded", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomeApproved, b.pay(order))
		b.sim.Advance(overnight)
		b.wantLate(order, noon())
	})
	t.Run("PendingOrderOfYesterdayIsClosed", func(t *testing.T) {
		b := up(t)
		b.payer(acquirersim.Payer{Mode: acquirersim.Ignore})
		order := b.order()
		b.want(txn.OutcomePending, b.pay(order))
		b.sim.Advance(overnight)
		b.wantReversed(order)
	})
	t.Run("CancelledOrderOfYesterdayIsReversed", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomeApproved, b.pay(order))
		b.want(txn.OutcomeReversed, b.reverse(order))
		b.sim.Advance(overnight)
		b.wantReversed(order)
	})
	t.Run("CancelThatMayBeOnItsWayAtMidnightIsWaitedFor", func(t *testing.T) {
		testMidnight(up(t), false)
	})
	t.Run("CancelThatComesAfterMidnightIsTooLate", func(t *testing.T) {
		testMidnight(up(t), true)
	})
	t.Run("LateCancelIsRefusedAndTheOrderRefunded", func(t *testing.T) {
		b := up(t)
		b.terms.Now = noon // the terminal's clock stands still
		b.acq = b.start(t, b.terms)
		order := b.order()
		b.want(txn.OutcomeApproved, b.pay(order))
		b.sim.Advance(overnight)
		b.wantLate(order, noon())
	})
}

// testMidnight sends a cancel just before midnight that does not arrive. It must be
// waited for: what is late may still have effect.
func testMidnight(b *bench, arrives bool) {
	order := b.order()
	b.want(txn.OutcomeApproved, b.pay(order))
	b.sim.Advance(midnight().Sub(b.sim.Now()) - between - time.Second)
	b.fault(acquirersim.OpCancel, acquirersim.HoldRequest, "")
	b.want(txn.OutcomeUnknown, b.reverse(order))
	if n := b.sim.Requests(acquirersim.OpCancel); n != 1 {
		b.Fatalf("want a cancel before midnight, got %d", n)
	}
	b.want(txn.OutcomeUnknown, b.reverse(order))
	if arrives {
		b.sim.Release()
	}
	b.sim.Advance(b.acq.Capabilities().MessageLife)
	b.wantLate(order, noon())
	if n := b.sim.Requests(acquirersim.OpCancel); n != 1 {
		b.Errorf("want no cancel after midnight, got %d", n)
	}
}

func (b *bench) reverseOf(order txn.Order, opened time.Time) txn.Result {
	b.Helper()
	b.sim.Advance(between)
	return b.checked(order, b.acq.Reverse(b.Context(),
		txn.Reverse{Order: order, Try: 1, Amount: price, OpenedAt: opened}))
}

// wantLate reverses in vain, twice, and refunds once: the money is back, and the order
// is as it was.
func (b *bench) wantLate(order txn.Order, opened time.Time) {
	b.Helper()
	for range 2 {
		got := b.reverseOf(order, opened)
		b.want(txn.OutcomeApproved, got)
		if got.Amount != price || got.AcquirerRef == "" {
			b.Errorf("want what a refund needs, got %+v", got)
		}
		b.wantNet(price, order)
	}
	number := b.order()
	b.want(txn.OutcomeApproved, b.refund(order, number, price))
	b.wantNet(0, order)
	b.want(txn.OutcomeApproved, b.refund(order, number, price))
	b.wantNet(0, order)
	b.want(txn.OutcomeApproved, b.reverseOf(order, opened))
}
