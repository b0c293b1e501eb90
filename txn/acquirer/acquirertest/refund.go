package acquirertest

import (
	"testing"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

func testRefund(t *testing.T, up setUp) {
	t.Run("PartsAddUpToTheSaleAndNoFurther", func(t *testing.T) {
		b := up(t)
		sale := b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeReversed, b.refund(sale, b.order(), 400))
		b.wantNet(650, sale)
		b.want(txn.OutcomeDeclined, b.refund(sale, b.order(), 651))
		b.wantNet(650, sale)
		b.sim.Advance(overnight)
		b.want(txn.OutcomeReversed, b.refund(sale, b.order(), 650))
		b.wantNet(0, sale)
		b.want(txn.OutcomeDeclined, b.refund(sale, b.order(), 1))
	})
	t.Run("SameNumberIsOneRefund", func(t *testing.T) {
		b := up(t)
		sale, number := b.order(), b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeReversed, b.refund(sale, number, 400))
		b.want(txn.OutcomeReversed, b.refund(sale, number, 400))
		b.wantNet(650, sale)
	})
	for _, kind := range append(lies(), acquirersim.LoseAnswer, acquirersim.LoseRequest,
		acquirersim.HTTP500, acquirersim.Redirect, acquirersim.WrongAmount) {
		t.Run("BrokenRefundIsUnknownAndThenDoneOnce/"+string(kind), func(t *testing.T) {
			b := up(t)
			sale, number := b.order(), b.order()
			b.want(txn.OutcomeApproved, b.pay(sale))
			b.fault(acquirersim.OpRefund, kind, "")
			b.want(txn.OutcomeUnknown, b.refund(sale, number, 400))
			b.want(txn.OutcomeReversed, b.refund(sale, number, 400))
			b.wantNet(650, sale)
		})
	}
	t.Run("DeclinedRefundStaysDeclined", func(t *testing.T) {
		b := up(t)
		sale, number := b.order(), b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeDeclined, b.refund(sale, number, price+1))
		b.want(txn.OutcomeDeclined, b.refund(sale, number, price+1))
		b.wantNet(price, sale)
	})
	t.Run("NonsenseIsNotSent", func(t *testing.T) {
		b := up(t)
		b.want(txn.OutcomeNotSent, b.refund(b.order(), "", 1))
		b.want(txn.OutcomeNotSent, b.refund(b.order(), b.order(), 0))
	})
}
