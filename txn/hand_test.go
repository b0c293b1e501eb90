package txn

import (
	"errors"
	"testing"
	"time"
)

// exhausted brings a sale to the list for a person: a day of reversals that nobody
// answers with an outcome.
func exhausted(t *testing.T) *story {
	t.Helper()
	s := newStory(t)
	s.reversing()
	for range 2000 {
		s.reply(Result{Authentic: true, Order: s.state.current})
		if s.phase() == ByHand {
			return s
		}
		s.wait(s.state.NextWake().Sub(s.now))
	}
	t.Fatal("the machine tries for ever")
	return nil
}

func TestWhatNoMachineCanEndGoesToAPersonWithASlip(t *testing.T) {
	s := exhausted(t)
	s.want(ByHand, BecauseExhausted)
	if took := s.now.Sub(start); took < 24*time.Hour || took > 25*time.Hour {
		t.Errorf("want a day of tries, got %s", took)
	}
	s.wait(0)
	if p := s.printing(); p.Form != HandForm || p.Copy != MerchantCopy {
		t.Errorf("want a slip for a person, got %+v", p)
	}
	s.tell(SaleAsked{Amount: 1}) // the till is free: the payer has long left
}

func TestAClockThatJumpsAheadEndsNoReversal(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.now = s.now.AddDate(30, 0, 0)
	s.answer(OutcomeUnknown)
	s.want(Reversing, BecauseNoAnswer)
}

func TestAPersonsWordClosesTheList(t *testing.T) {
	for _, moved := range []bool{true, false} {
		s := exhausted(t)
		order := s.state.current
		s.tell(HandEnded{Order: order, Moved: moved})
		want := Amount(0)
		if moved {
			want = 1050
		}
		if got := s.sale().Net(); got != want || len(s.state.View(s.now).Hand) != 0 {
			t.Errorf("moved %t: want a net of %s and an empty list, got %s", moved, want, got)
		}
		if err := s.try(HandEnded{Order: order}); !errors.Is(err, ErrNoQuestion) {
			t.Errorf("a second word: want %v, got %v", ErrNoQuestion, err)
		}
	}
}

func TestAPersonMayLetTheMachineAskAgain(t *testing.T) {
	s := exhausted(t)
	s.wait(time.Minute)
	s.tell(QueryAsked{Order: s.state.current})
	if _, ok := s.state.Due()[0].(Reverse); !ok {
		t.Fatalf("want a reversal, got %v", s.state.Due())
	}
	s.answer(OutcomeReversed)
	s.want(Reversed, "")
}

func TestAQueryByHandIsSentAtOnceButNotTwiceInAMoment(t *testing.T) {
	s := newStory(t)
	order := s.sent()
	if err := s.try(QueryAsked{Order: order}); !errors.Is(err, ErrBusy) {
		t.Errorf("on its way: want %v, got %v", ErrBusy, err)
	}
	s.answer(OutcomePending)
	s.now = s.now.Add(time.Second)
	s.tell(QueryAsked{Order: order})
	s.answer(OutcomePending)
	if err := s.try(QueryAsked{Order: order}); !errors.Is(err, ErrTooSoon) {
		t.Errorf("want %v, got %v", ErrTooSoon, err)
	}
	s.now = s.now.Add(againAfter)
	s.tell(QueryAsked{Order: order})
	s.answer(OutcomeApproved)
	s.now = s.now.Add(againAfter)
	for o, want := range map[Order]Refusal{order: ErrNoQuestion, "1": ErrNoOrder} {
		if err := s.try(QueryAsked{Order: o}); !errors.Is(err, want) {
			t.Errorf("want %v, got %v", want, err)
		}
	}
}

func TestASaleThatTheBillHasAsPaidIsUndoneAgain(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeReversed)
	s.now = s.now.AddDate(0, 0, 1)
	s.tell(ReverseAsked{Order: s.state.current})
	s.want(Reversing, BecauseBillPaid)
	s.answer(OutcomeUnknown) // no day has gone by since it was taken up again
	s.want(Reversing, BecauseNoAnswer)
	s.wait(time.Minute)
	s.answer(OutcomeApproved)
	s.want(Refunding, BecausePaidLate)
	for order, want := range map[Order]Refusal{"1": ErrNoOrder, s.state.current: ErrNotUndone} {
		if err := s.try(ReverseAsked{Order: order}); !errors.Is(err, want) {
			t.Errorf("want %v, got %v", want, err)
		}
	}
}

func TestWhatTheBillDoesNotHaveGoesToAPersonWhoseWordCounts(t *testing.T) {
	s := sold(t)
	order := s.state.current
	s.tell(HandAsked{Order: order, Why: BecauseBillMissing})
	s.want(Approved, BecauseBillMissing)
	if err := s.try(HandAsked{Order: order, Why: BecauseBillMissing}); !errors.Is(err, ErrBusy) {
		t.Errorf("twice: want %v, got %v", ErrBusy, err)
	}
	s.tell(HandEnded{Order: order, Moved: false})
	if got := s.sale().Net(); got != 0 {
		t.Errorf("want a net of 0, got %s", got)
	}
	s = sold(t)
	order = s.state.current
	s.tell(RefundAsked{Order: order, Amount: 1})
	refund := s.sale().Refunds[0].Order
	if err := s.try(HandAsked{Order: refund, Why: BecauseBillPaid}); !errors.Is(err, ErrNotFinal) {
		t.Errorf("on its way: want %v, got %v", ErrNotFinal, err)
	}
	s.refundReply(OutcomeDeclined)
	s.tell(HandAsked{Order: refund, Why: BecauseBillPaid})
	s.wantRefund(ByHand, BecauseBillPaid)
	s.tell(HandEnded{Order: refund, Moved: true})
	if m := s.sale().Refunds[0]; !m.Moved() {
		t.Errorf("want it counted, got %+v", m)
	}
	if err := s.try(HandAsked{Order: order, Why: BecauseRestart}); !errors.Is(err, ErrNoQuestion) {
		t.Errorf("another reason: want %v, got %v", ErrNoQuestion, err)
	}
}
