package txn

import (
	"errors"
	"testing"
	"time"
)

// late brings a sale to the refund of one that was paid too late to be undone.
func late(t *testing.T) (s *story, refund Order) {
	t.Helper()
	s = newStory(t)
	s.reversing()
	s.answer(OutcomeApproved)
	return s, s.sale().Refunds[0].Order
}

// listedRefund brings a refund of all of an approved sale to the list for a person.
func listedRefund(t *testing.T) (s *story, refund Order) {
	t.Helper()
	s = sold(t)
	s.tell(RefundAsked{Order: s.state.current})
	s.refundReply(OutcomeApproved)
	refund = s.sale().Refunds[0].Order
	s.tell(HandAsked{Order: refund, Why: BecauseBillMissing})
	return s, refund
}

func TestTheRefundOfALateSaleMayComeToAPersonAfterItsEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome Outcome // of the refund
		moved   bool    // says the person
		want    Phase   // of the sale
		open    bool    // the sale itself has to be looked at
		net     Amount
	}{
		"made, and so it is":       {OutcomeApproved, true, Refunded, false, 0},
		"made, but it is not":      {OutcomeApproved, false, Refunded, true, 0},
		"declined, but it is made": {OutcomeDeclined, true, ByHand, true, 0},
		"declined, and so it is":   {OutcomeDeclined, false, ByHand, true, 0},
	} {
		s, refund := late(t)
		s.refundReply(tt.outcome)
		s.tell(HandAsked{Order: refund, Why: BecauseBillMissing})
		s.tell(HandEnded{Order: refund, Moved: tt.moved})
		if got := s.sale(); got.Phase != tt.want || got.Hand.Open() != tt.open || got.Net() != tt.net {
			t.Errorf("%s: want %s, open %t, %s; got %s %+v with %s", name, tt.want, tt.open, tt.net,
				got.Phase, got.Hand, got.Net())
		}
	}
}

func TestARefundOnTheListIsNotMadeAgainBesideAnotherWayBack(t *testing.T) {
	s, refund := listedRefund(t)
	order := s.state.current
	s.tell(HandEnded{Order: refund, Moved: false})
	s.tell(RefundAsked{Order: order}) // all of it, by another refund
	if err := s.try(QueryAsked{Order: refund}); !errors.Is(err, ErrRefundSum) {
		t.Errorf("beside another refund: want %v, got %v", ErrRefundSum, err)
	}

	s, refund = listedRefund(t)
	order = s.state.current
	s.tell(HandEnded{Order: refund, Moved: false})
	s.tell(VoidAsked{Order: order})
	if err := s.try(QueryAsked{Order: refund}); !errors.Is(err, ErrNotApproved) {
		t.Errorf("beside a void: want %v, got %v", ErrNotApproved, err)
	}

	s, refund = listedRefund(t)
	s.tell(QueryAsked{Order: refund})
	s.refundReply(OutcomeApproved) // by the same number: it is the same refund
	s.wantRefund(Refunded, "")

	s, refund = late(t)
	s.refundReply(OutcomeDeclined)
	s.tell(HandAsked{Order: refund, Why: BecauseBillPaid})
	s.tell(HandEnded{Order: refund, Moved: false})
	if err := s.try(QueryAsked{Order: refund}); !errors.Is(err, ErrNotApproved) {
		t.Errorf("of a sale that waits for a person: want %v, got %v", ErrNotApproved, err)
	}
}

func TestASaleIsNotUndoneBesideARefundThatMayHaveMoved(t *testing.T) {
	s, refund := late(t)
	order := s.state.current
	s.refundReply(OutcomeDeclined) // the sale is on the list
	s.tell(HandAsked{Order: refund, Why: BecauseBillPaid})
	s.wait(time.Minute)
	if err := s.try(QueryAsked{Order: order}); !errors.Is(err, ErrHasRefunds) {
		t.Errorf("want %v, got %v", ErrHasRefunds, err)
	}

	s, refund = late(t)
	order = s.state.current
	s.refundReply(OutcomeDeclined)
	s.wait(time.Minute)
	s.tell(QueryAsked{Order: order})
	s.tell(HandAsked{Order: refund, Why: BecauseBillPaid}) // while the reversal is out
	s.answer(OutcomeApproved)
	s.want(ByHand, BecausePaidLate)
	if len(s.sale().Refunds) != 1 {
		t.Errorf("want no second refund, got %+v", s.sale().Refunds)
	}
}

// A person who says that the money of a sale is with the merchant has ended its
// undoing: the goods are gone, too. What goes back now is a refund.
func TestWhatAPersonFoundPaidIsRefundedAndNotReversed(t *testing.T) {
	s := exhausted(t)
	order := s.state.current
	if err := s.try(RefundAsked{Order: order}); !errors.Is(err, ErrNotApproved) {
		t.Errorf("before the word: want %v, got %v", ErrNotApproved, err)
	}
	s.tell(HandEnded{Order: order, Moved: true})
	s.wait(time.Minute)
	if err := s.try(QueryAsked{Order: order}); !errors.Is(err, ErrNoQuestion) {
		t.Errorf("want %v, got %v", ErrNoQuestion, err)
	}
	s.tell(RefundAsked{Order: order, Amount: 50})
	s.refundReply(OutcomeApproved)
	if got := s.sale().Net(); got != 1000 {
		t.Errorf("want 10.00 left, got %s", got)
	}
	if err := s.try(RefundAsked{Order: order, Amount: 1001}); !errors.Is(err, ErrRefundSum) {
		t.Errorf("want %v, got %v", ErrRefundSum, err)
	}
}

func TestWhatAPersonFoundUnpaidIsNeitherRefundedNorVoided(t *testing.T) {
	s := sold(t)
	order := s.state.current
	s.tell(HandAsked{Order: order, Why: BecauseBillMissing})
	s.tell(HandEnded{Order: order, Moved: false})
	for _, ev := range []Event{RefundAsked{Order: order}, RefundAsked{Order: order, Amount: 1}, VoidAsked{Order: order}} {
		if err := s.try(ev); !errors.Is(err, ErrNotApproved) {
			t.Errorf("%T: want %v, got %v", ev, ErrNotApproved, err)
		}
	}
}

func TestABatchAddsUpWhatAPersonFound(t *testing.T) {
	for _, moved := range []bool{true, false} {
		s := settlingStory(t)
		s.sellAnother(1000)
		order := s.sellAnother(70)
		s.tell(HandAsked{Order: order, Why: BecauseBillMissing})
		s.tell(HandEnded{Order: order, Moved: moved})
		want := Totals{Sales: 1, SaleSum: 1000}
		if moved {
			want = Totals{Sales: 2, SaleSum: 1070}
		}
		if got := s.state.Batches()[0].Totals; got != want || len(s.state.lines(1)) != want.Sales {
			t.Errorf("moved %t: want %+v, got %+v and %v", moved, want, got, s.state.lines(1))
		}
	}
}
