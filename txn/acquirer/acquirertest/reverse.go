package acquirertest

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// overnight leads from noon to the next day in Beijing.
const overnight = 13 * time.Hour

func testReverse(t *testing.T, up setUp) {
	t.Run("PaidOrderIsUndone", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomeApproved, b.pay(order))
		b.wantReversed(order)
	})
	t.Run("PendingOrderIsClosed", func(t *testing.T) {
		b := up(t)
		b.payer(acquirersim.Payer{Mode: acquirersim.Ignore})
		order := b.order()
		b.want(txn.OutcomePending, b.pay(order))
		b.wantReversed(order)
		if err := b.sim.PayerPays(string(order)); err == nil {
			t.Error("want a closed order to take no payment, got one")
		}
	})
	t.Run("DeclinedOrderIsReversed", func(t *testing.T) {
		b := up(t)
		b.payer(acquirersim.Payer{Mode: acquirersim.Refuse})
		order := b.order()
		b.want(txn.OutcomeDeclined, b.pay(order))
		b.wantReversed(order)
	})
}

// testRacedReverse has the payer, or the payment itself, come in between.
func testRacedReverse(t *testing.T, up setUp) {
	for _, op := range []acquirersim.Op{acquirersim.OpClose, acquirersim.OpQuery} {
		t.Run("PayerPaysBefore/"+string(op), func(t *testing.T) {
			b := up(t)
			b.payer(acquirersim.Payer{Mode: acquirersim.Ignore, PaysBefore: op})
			order := b.order()
			b.want(txn.OutcomePending, b.pay(order))
			b.wantReversed(order)
			o, _ := b.sim.Order(string(order))
			if paid := o.Commits == 1; paid != (op == acquirersim.OpClose) {
				t.Errorf("want it paid only if the payer was before the closing, got %+v", o)
			}
		})
	}
	t.Run("OrderNotFoundStaysNotFound", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomeNotFound, b.reverse(order))
		b.want(txn.OutcomeNotFound, b.reverse(order))
	})
	t.Run("PaymentThatArrivesAfterTheReversalIsUndoneByTheNext", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.fault(acquirersim.OpPay, acquirersim.HoldRequest, "")
		b.want(txn.OutcomeUnknown, b.pay(order))
		b.want(txn.OutcomeNotFound, b.reverse(order))
		b.sim.Release()
		b.wantNet(price, order)
		b.wantReversed(order)
	})
}

// wantReversed reverses twice: undone once, and said again.
func (b *bench) wantReversed(order txn.Order) {
	b.Helper()
	b.want(txn.OutcomeReversed, b.reverse(order))
	b.wantNet(0, order)
	before := len(b.sim.Ledger())
	b.want(txn.OutcomeReversed, b.reverse(order))
	for _, o := range b.sim.Ledger()[before:] {
		if o.State == acquirersim.Done {
			b.Errorf("want nothing given back twice, got %+v", o)
		}
	}
}
