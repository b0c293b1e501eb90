package txn

import (
	"errors"
	"testing"
	"time"
)

// sold gives an approved sale of ¥10.50 whose slip is on paper.
func sold(t *testing.T) *story {
	t.Helper()
	s := approved(t)
	s.tell(SlipEnded{Key: s.printing().Key()})
	return s
}

func (s *story) sale() *Sale { return s.state.sales[s.state.current] }

// refundReply answers the refund's message that is due.
func (s *story) refundReply(o Outcome) {
	s.t.Helper()
	m := s.sale().Refunds[len(s.sale().Refunds)-1]
	s.reply(Result{Outcome: o, Authentic: o != OutcomeUnknown && o != OutcomeNotSent,
		Order: m.Order, Amount: m.Amount})
}

func (s *story) wantRefund(phase Phase, reason Reason) {
	s.t.Helper()
	m := s.sale().Refunds[len(s.sale().Refunds)-1]
	if m.Phase != phase || m.Reason != reason {
		s.t.Fatalf("want the refund %s %q, got %s %q", phase, reason, m.Phase, m.Reason)
	}
}

func TestAnAnswerToARefundMovesIt(t *testing.T) {
	for _, tt := range []struct {
		outcome Outcome
		want    Phase
		reason  Reason
	}{
		{OutcomeApproved, Refunded, ""},
		{OutcomeDeclined, Declined, ""},
		{OutcomePending, Pending, ""},
		{OutcomeUnknown, Unknown, BecauseNoAnswer},
		{OutcomeNotSent, Unknown, BecauseNoAnswer}, // it waits for the line
		{OutcomeNotFound, Unknown, BecauseNotFound},
		{OutcomeReversed, Unknown, BecauseNotAnOutcome},
	} {
		s := sold(t)
		s.tell(RefundAsked{Order: s.state.current, Amount: 400})
		s.refundReply(tt.outcome)
		s.wantRefund(tt.want, tt.reason)
		s.want(Approved, "")
	}
}

func TestAForgedAnswerMakesNoRefund(t *testing.T) {
	for name, change := range map[string]func(*Result){
		"unsigned":       func(r *Result) { r.Authentic = false },
		"another refund": func(r *Result) { r.Order = "1" },
		"another amount": func(r *Result) { r.Amount++ },
		"of the sale":    func(r *Result) { r.Order = r.Order[:0] },
	} {
		s := sold(t)
		s.tell(RefundAsked{Order: s.state.current, Amount: 400})
		m := s.sale().Refunds[0]
		r := Result{Outcome: OutcomeApproved, Authentic: true, Order: m.Order, Amount: 400}
		change(&r)
		s.reply(r)
		if m := s.sale().Refunds[0]; m.Phase != Unknown || !alarming(m.Reason) {
			t.Errorf("%s: want an alarm, got %s %q", name, m.Phase, m.Reason)
		}
	}
}

func TestRefundsNeverExceedTheSale(t *testing.T) {
	s := sold(t)
	order := s.state.current
	s.tell(RefundAsked{Order: order, Amount: 1000})
	for _, amount := range []Amount{51, 1050, -1} { // the first is still on its way
		if err := s.try(RefundAsked{Order: order, Amount: amount}); !errors.Is(err, ErrRefundSum) {
			t.Errorf("%d fen: want %v, got %v", amount, ErrRefundSum, err)
		}
	}
	s.refundReply(OutcomeDeclined)
	s.tell(RefundAsked{Order: order, Amount: 1050}) // a declined one does not count
	s.refundReply(OutcomeApproved)
	if err := s.try(RefundAsked{Order: order}); !errors.Is(err, ErrRefundSum) {
		t.Errorf("nothing is left: want %v, got %v", ErrRefundSum, err)
	}
	if got := s.sale().Net(); got != 0 {
		t.Errorf("want a net of 0, got %s", got)
	}
}

func TestARefundOfNoAmountIsAllThatIsLeft(t *testing.T) {
	s := sold(t)
	s.tell(RefundAsked{Order: s.state.current, Amount: 50})
	s.tell(RefundAsked{Order: s.state.current})
	if got := s.sale().Refunds[1].Amount; got != 1000 {
		t.Errorf("want 1000 fen, got %d", got)
	}
}

func TestARefundIsRefusedOfWhatIsNotSold(t *testing.T) {
	s := newStory(t)
	if err := s.try(RefundAsked{Order: "1"}); !errors.Is(err, ErrNoOrder) {
		t.Errorf("want %v, got %v", ErrNoOrder, err)
	}
	order := s.sent()
	if err := s.try(RefundAsked{Order: order}); !errors.Is(err, ErrNotApproved) {
		t.Errorf("want %v, got %v", ErrNotApproved, err)
	}
	s = sold(t)
	for range RefundsMax {
		s.tell(RefundAsked{Order: s.state.current, Amount: 1})
	}
	if err := s.try(RefundAsked{Order: s.state.current, Amount: 1}); !errors.Is(err, ErrRefundsMax) {
		t.Errorf("want %v, got %v", ErrRefundsMax, err)
	}
}

func TestARefundKeepsItsNumberUntilItEnds(t *testing.T) {
	s := sold(t)
	s.tell(RefundAsked{Order: s.state.current, Amount: 400})
	number := s.sale().Refunds[0].Order
	for range 3 {
		s.refundReply(OutcomeUnknown)
		s.wait(s.state.NextWake().Sub(s.now))
		if e, ok := s.state.Due()[0].(Refund); !ok || e.Order != number {
			t.Fatalf("want refund %s again, got %+v", number, s.state.Due())
		}
	}
	s.tell(Restarted{})
	s.wait(0)
	s.refundReply(OutcomePending)
	s.wait(time.Minute)
	if e, ok := s.state.Due()[0].(QueryRefund); !ok || e.Order != number {
		t.Fatalf("want a query of refund %s, got %+v", number, s.state.Due())
	}
	s.refundReply(OutcomeApproved)
	s.wantRefund(Refunded, "")
	s.wait(0)
	if p := s.printing(); p.Form != RefundForm || p.Refund != number {
		t.Errorf("want the refund's slip, got %+v", p)
	}
}

func TestASalePaidTooLateIsRefundedAsAWhole(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeApproved)
	s.want(Refunding, BecausePaidLate)
	m := s.sale().Refunds[0]
	if m.Amount != 1050 || !m.Auto || m.Trace == s.sale().Trace {
		t.Errorf("want a refund of all of it with a trace of its own, got %+v", m)
	}
	s.refundReply(OutcomeApproved)
	if s.phase() != Refunded || s.sale().Net() != 0 {
		t.Errorf("want it refunded, got %s with %s", s.phase(), s.sale().Net())
	}
}

func TestALateRefundThatIsDeclinedGoesToAPerson(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeApproved)
	s.refundReply(OutcomeDeclined)
	s.want(ByHand, BecauseRefundDeclined)
	if v := s.state.View(s.now); len(v.Hand) != 1 || len(v.InDoubt) != 0 {
		t.Errorf("want it on the list and the till free, got %+v", v)
	}
	s.wait(0)
	if p := s.printing(); p.Form != HandForm {
		t.Errorf("want a slip for a person, got %s", p.Form)
	}
}

func TestAVoidIsAllOrNothingOnTheSameDay(t *testing.T) {
	for _, tt := range []struct {
		outcome Outcome
		want    Phase
		reason  Reason
	}{
		{OutcomeReversed, Voided, ""},
		{OutcomeApproved, Approved, BecauseTooLate},
		{OutcomeUnknown, Voiding, BecauseNoAnswer},
		{OutcomeNotSent, Voiding, BecauseNoAnswer},
		{OutcomeNotFound, Voiding, BecauseNotFound},
		{OutcomeDeclined, Voiding, BecauseNotAnOutcome}, // it was approved: nonsense
	} {
		s := sold(t)
		s.tell(VoidAsked{Order: s.state.current})
		if e, ok := s.state.Due()[0].(Reverse); !ok || !e.Void {
			t.Fatalf("want a void, got %+v", s.state.Due())
		}
		s.answer(tt.outcome)
		s.want(tt.want, tt.reason)
	}
	s := sold(t)
	s.tell(RefundAsked{Order: s.state.current, Amount: 1})
	if err := s.try(VoidAsked{Order: s.state.current}); !errors.Is(err, ErrHasRefunds) {
		t.Errorf("want %v, got %v", ErrHasRefunds, err)
	}
	s = sold(t)
	s.now = time.Date(2026, 11, 25, 16, 0, 0, 0, time.UTC) // midnight in Beijing
	if err := s.try(VoidAsked{Order: s.state.current}); !errors.Is(err, ErrVoidTooLate) {
		t.Errorf("want %v, got %v", ErrVoidTooLate, err)
	}
	if err := s.try(VoidAsked{Order: "1"}); !errors.Is(err, ErrNoOrder) {
		t.Errorf("want %v, got %v", ErrNoOrder, err)
	}
}

func TestAVoidedSaleHasAVoidSlipAndNoOther(t *testing.T) {
	s := approved(t)
	s.tell(SlipEnded{Key: s.printing().Key(), Trouble: "paper_out"})
	s.tell(VoidAsked{Order: s.state.current})
	s.answer(OutcomeReversed)
	s.wait(time.Hour)
	p := s.printing()
	if p.Form != VoidForm || p.Duplicate {
		t.Errorf("want the void's slip, got %+v", p)
	}
	s.tell(SlipEnded{Key: p.Key()})
	s.wait(time.Hour)
	if due := s.state.Due(); len(due) != 0 {
		t.Errorf("want nothing more, got %v", due)
	}
}
