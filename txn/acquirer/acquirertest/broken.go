package acquirertest

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// testBrokenReverse breaks each step of a reversal in turn: it may not end before
// the money is back, and has to end once the faults do.
func testBrokenReverse(t *testing.T, up setUp) {
	kinds := append(lies(), noAnswers()...)
	kinds = append(kinds, acquirersim.LoseRequest, acquirersim.LoseAnswer)
	for name, later := range map[string]time.Duration{"SameDay": 0, "NextDay": 24 * time.Hour} {
		for _, op := range []acquirersim.Op{acquirersim.OpClose, acquirersim.OpQuery,
			acquirersim.OpCancel} {
			t.Run(name+"/"+string(op), func(t *testing.T) {
				b := up(t)
				for _, kind := range kinds {
					testBrokenStep(b, op, kind, later)
				}
			})
		}
	}
	t.Run("CancelThatIsCorrectedLaterIsNotDone", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomeApproved, b.pay(order))
		b.fault(acquirersim.OpCancel, acquirersim.LoseRequest, "")
		b.want(txn.OutcomeUnknown, b.reverse(order))
		b.wantReversed(order)
	})
}

func testBrokenStep(
	b *bench, op acquirersim.Op, kind acquirersim.FaultKind, later time.Duration,
) {
	b.Helper()
	order := b.order()
	b.want(txn.OutcomeApproved, b.pay(order))
	opened := b.sim.Now()
	b.sim.Advance(later)
	b.fault(op, kind, "")
	first := b.reverseOf(order, opened)
	o, _ := b.sim.Order(string(order))
	switch first.Outcome {
	case txn.OutcomeUnknown:
	case txn.OutcomeReversed:
		if o.Net() != 0 {
			b.Errorf("%s at %s: want no reversal said while money is out, got %+v", kind, op, first)
		}
	case txn.OutcomeApproved:
		if later == 0 || txn.Amount(o.Net()) != price {
			b.Errorf("%s at %s: want it too late only on another day, got %+v", kind, op, first)
		}
	default:
		b.Errorf("%s at %s: want reversed, too late or unknown, got %+v", kind, op, first)
	}
	b.sim.ClearFaults()
	if later == 0 {
		b.wantReversed(order)
	} else {
		b.wantLate(order, opened)
	}
}
