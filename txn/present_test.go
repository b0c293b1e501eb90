package txn

import (
	"errors"
	"testing"
	"time"
)

const merchantCode = "https://qr.example/pay/1"

// presented opens a sale and asks for a merchant code.
func presented(t *testing.T) *story {
	t.Helper()
	s := newStory(t)
	s.tell(SaleAsked{Amount: 1050})
	s.tell(PresentAsked{})
	return s
}

func (s *story) shown() {
	s.t.Helper()
	s.reply(Result{Outcome: OutcomePending, Authentic: true, Order: s.state.current, Amount: 1050,
		Present: merchantCode})
}

func TestAMerchantCodeIsShownUntilItIsPaid(t *testing.T) {
	s := presented(t)
	s.shown()
	s.want(Pending, "")
	s.wait(5 * time.Second)
	s.answer(OutcomePending)
	if s.sale().Shown != merchantCode {
		t.Error("a query that says pending has taken the code away")
	}
	s.wait(10 * time.Second)
	s.answer(OutcomeApproved)
	s.want(Approved, "")
}

func TestAMerchantCodeThatNobodyPaysIsClosed(t *testing.T) {
	s := presented(t)
	s.shown()
	for s.phase() != Reversing {
		s.wait(s.state.NextWake().Sub(s.now))
		s.answer(OutcomePending)
	}
	if took := s.now.Sub(start); took != 3*time.Minute {
		t.Errorf("want it closed at the window's end, got %s", took)
	}
	s.answer(OutcomeReversed)
	s.want(Reversed, "")
}

func TestACashierMayCloseAMerchantCodeBefore(t *testing.T) {
	s := presented(t)
	s.shown()
	s.tell(CancelAsked{})
	s.wait(0)
	s.answer(OutcomePending)
	s.want(Reversing, BecauseCancelled)
}

func TestAPendingAnswerWithoutACodeShowsNothing(t *testing.T) {
	s := presented(t)
	s.answer(OutcomePending)
	s.want(Unknown, BecauseNotAnOutcome)
}

func TestAForgedMerchantCodeIsNotShown(t *testing.T) {
	s := presented(t)
	s.reply(Result{Outcome: OutcomePending, Order: s.state.current, Amount: 1050, Present: "https://evil"})
	s.want(Unknown, BecauseNotAuthentic)
	if s.sale().Shown != "" {
		t.Errorf("the screen would show %q", s.sale().Shown)
	}
}

func TestAMerchantCodeIsPlanBOfAnOpenSale(t *testing.T) {
	s := newStory(t)
	if err := s.try(PresentAsked{}); !errors.Is(err, ErrNoOrder) {
		t.Errorf("without a sale: want %v, got %v", ErrNoOrder, err)
	}
	s.sent()
	if err := s.try(PresentAsked{}); !errors.Is(err, ErrTooLate) {
		t.Errorf("after a scan: want %v, got %v", ErrTooLate, err)
	}
	rules := testRules(t)
	rules.PresentWindow = 0
	s = &story{t: t, state: NewState(rules), now: start}
	s.tell(SaleAsked{Amount: 1})
	if err := s.try(PresentAsked{}); !errors.Is(err, ErrNoMerchantCode) {
		t.Errorf("an acquirer that gives none: want %v, got %v", ErrNoMerchantCode, err)
	}
}

func TestAMerchantCodeIsAskedForOnce(t *testing.T) {
	s := presented(t)
	s.tell(Restarted{})
	s.wait(0)
	for _, e := range s.state.Due() {
		if _, asks := e.(Present); asks {
			t.Error("after a restart it is asked for again")
		}
	}
	s.want(Querying, "")
}
