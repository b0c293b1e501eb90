package acquirertest

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

func testRefund(t *testing.T, up setUp) {
	t.Run("PartsAddUpToTheSaleAndNoFurther", func(t *testing.T) {
		b := up(t)
		sale := b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeApproved, b.refund(sale, b.order(), 400))
		b.wantNet(650, sale)
		b.want(txn.OutcomeDeclined, b.refund(sale, b.order(), 651))
		b.wantNet(650, sale)
		b.sim.Advance(overnight)
		b.want(txn.OutcomeApproved, b.refund(sale, b.order(), 650))
		b.wantNet(0, sale)
		b.want(txn.OutcomeDeclined, b.refund(sale, b.order(), 1))
	})
	t.Run("SameNumberIsOneRefund", func(t *testing.T) {
		b := up(t)
		sale, number := b.order(), b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeApproved, b.refund(sale, number, 400))
		b.want(txn.OutcomeApproved, b.refund(sale, number, 400))
		b.want(txn.OutcomeApproved, b.queryRefund(sale, number, 400))
		b.wantNet(650, sale)
	})
	t.Run("DeclinedRefundStaysDeclined", func(t *testing.T) {
		b := up(t)
		sale, number := b.order(), b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeApproved, b.refund(sale, b.order(), 1))
		b.want(txn.OutcomeDeclined, b.refund(sale, number, price))
		b.want(txn.OutcomeDeclined, b.refund(sale, number, price))
		b.want(txn.OutcomeDeclined, b.queryRefund(sale, number, price))
		b.wantNet(price-1, sale)
	})
	t.Run("RefundOfACancelledSaleIsDeclined", func(t *testing.T) {
		b := up(t)
		sale := b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeReversed, b.reverse(sale))
		b.want(txn.OutcomeDeclined, b.refund(sale, b.order(), price))
	})
}

func testQueryRefund(t *testing.T, up setUp) {
	t.Run("RefundNeverSentIsNotFound", func(t *testing.T) {
		b := up(t)
		sale := b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeNotFound, b.queryRefund(sale, b.order(), 400))
	})
	t.Run("RefundIsFoundByTheAcquirersNumbers", func(t *testing.T) {
		b := up(t)
		sale, number := b.order(), b.order()
		ref := b.pay(sale).AcquirerRef
		made := b.checked(number, b.acq.Refund(t.Context(), txn.Refund{Order: number, Try: 1,
			Of: sale, Amount: 400, Whole: price, AcquirerRef: ref, SoldAt: noon()}))
		b.want(txn.OutcomeApproved, made)
		b.sim.Advance(between) // Refund may have asked by itself
		got := b.acq.QueryRefund(t.Context(), txn.QueryRefund{Order: number, Try: 1, Of: sale,
			Amount: 400, AcquirerRef: made.AcquirerRef})
		b.want(txn.OutcomeApproved, b.checked(number, got))
		b.wantNet(650, sale)
	})
	t.Run("NonsenseIsNotSent", func(t *testing.T) {
		b := up(t)
		b.want(txn.OutcomeNotSent, b.refund(b.order(), "", 1))
		b.want(txn.OutcomeNotSent, b.refund("7", "7", 1))
		b.want(txn.OutcomeNotSent, b.refund(b.order(), b.order(), 0))
		b.want(txn.OutcomeNotSent, b.refund(b.order(), b.order(), price+1))
		b.want(txn.OutcomeNotSent, b.queryRefund(b.order(), "", 1))
		if n := len(b.sim.Ledger()); n != 0 {
			t.Errorf("want nothing arrived, got %d", n)
		}
	})
}

// testSlowRefund has the acquirer take refunds and make them later, or not at all.
func testSlowRefund(t *testing.T, up setUp) {
	t.Run("TakenRefundIsPendingUntilItIsMade", func(t *testing.T) {
		b := up(t)
		b.refunds(acquirersim.Refunds{AfterS: 35})
		sale, number := b.order(), b.order()
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomePending, b.refund(sale, number, 400))
		b.want(txn.OutcomePending, b.queryRefund(sale, number, 400))
		b.wantNet(price, sale)
		b.sim.Advance(time.Minute)
		b.want(txn.OutcomeApproved, b.queryRefund(sale, number, 400))
		b.wantNet(650, sale)
	})
	for name, made := range map[string]bool{"Made": true, "NotMade": false} {
		t.Run("PendingRefundAskedForAgainIsOne/"+name, func(t *testing.T) {
			b := up(t)
			b.refunds(acquirersim.Refunds{Held: true})
			sale, number := b.order(), b.order()
			b.want(txn.OutcomeApproved, b.pay(sale))
			b.want(txn.OutcomePending, b.refund(sale, number, price))
			b.want(txn.OutcomePending, b.refund(sale, number, price))
			if err := b.sim.RefundEnds(string(number), made); err != nil {
				t.Fatal(err)
			}
			want, net := txn.OutcomeDeclined, price
			if made {
				want, net = txn.OutcomeApproved, 0
			}
			b.want(want, b.queryRefund(sale, number, price))
			b.want(want, b.refund(sale, number, price))
			b.wantNet(net, sale)
		})
	}
}

// testBrokenRefund breaks a refund, and then the question what became of it.
func testBrokenRefund(t *testing.T, up setUp) {
	kinds := append(lies(), noAnswers()...)
	kinds = append(kinds, acquirersim.WrongAmount)
	lost := append(kinds, acquirersim.LoseAnswer, acquirersim.LoseRequest)
	for _, kind := range lost {
		t.Run("BrokenRefundIsUnknownAndMadeOnce/"+string(kind), func(t *testing.T) {
			b := up(t)
			sale, number := b.order(), b.order()
			b.want(txn.OutcomeApproved, b.pay(sale))
			b.fault(acquirersim.OpRefund, kind, "")
			b.want(txn.OutcomeUnknown, b.refund(sale, number, 400))
			want := txn.OutcomeApproved
			if kind == acquirersim.LoseRequest {
				want = txn.OutcomeNotFound
			}
			b.want(want, b.queryRefund(sale, number, 400))
			b.want(txn.OutcomeApproved, b.refund(sale, number, 400))
			b.wantNet(650, sale)
		})
	}
	for _, kind := range kinds {
		t.Run("BrokenQueryIsUnknown/"+string(kind), func(t *testing.T) {
			b := up(t)
			sale, number := b.order(), b.order()
			b.want(txn.OutcomeApproved, b.pay(sale))
			b.want(txn.OutcomeApproved, b.refund(sale, number, 400))
			b.fault(acquirersim.OpQuery, kind, "")
			got := b.queryRefund(sale, number, 400)
			b.want(txn.OutcomeUnknown, got)
			if (got.Alarm != "") != (got.Layer == txn.LayerSignature) || got.Layer == "" {
				t.Errorf("want an alarm for what is forged, got %+v", got)
			}
			b.want(txn.OutcomeApproved, b.queryRefund(sale, number, 400))
		})
	}
	t.Run("SaleThatIsNotThereYetIsUnknown", func(t *testing.T) {
		b := up(t)
		sale, number := b.order(), b.order()
		b.want(txn.OutcomeUnknown, b.refund(sale, number, 400))
		b.want(txn.OutcomeNotFound, b.queryRefund(sale, number, 400))
		b.want(txn.OutcomeApproved, b.pay(sale))
		b.want(txn.OutcomeApproved, b.refund(sale, number, 400))
	})
}

func (b *bench) refunds(r acquirersim.Refunds) {
	b.Helper()
	if err := b.sim.SetRefunds(r); err != nil {
		b.Fatal(err)
	}
}
