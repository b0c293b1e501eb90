package txn

import (
	"testing"
	"time"
)

// printing gives the one slip that is being printed.
func (s *story) printing() Print {
	s.t.Helper()
	for _, e := range s.state.Due() {
		if p, ok := e.(Print); ok {
			return p
		}
	}
	s.t.Fatal("no slip is being printed")
	return Print{}
}

func approved(t *testing.T) *story {
	s := newStory(t)
	s.sent()
	s.answer(OutcomeApproved)
	s.wait(0)
	return s
}

func TestOnlyAnApprovedSaleHasASlip(t *testing.T) {
	for _, o := range []Outcome{OutcomeDeclined, OutcomeUnknown, OutcomePending, OutcomeNotSent} {
		s := newStory(t)
		s.sent()
		s.answer(o)
		s.wait(0)
		for _, e := range s.state.Due() {
			if p, ok := e.(Print); ok {
				t.Errorf("%s: %s", o, p.Key())
			}
		}
	}
	s := approved(t)
	if p := s.printing(); p.Duplicate || p.Copy != MerchantCopy || p.Try != 1 {
		t.Errorf("want the first merchant copy, got %+v", p)
	}
}

func TestASlipThatWasStoppedIsPrintedAgainAndMarked(t *testing.T) {
	s := approved(t)
	s.tell(SlipEnded{Key: s.printing().Key(), Trouble: "paper out"})
	s.wait(14 * time.Second)
	if len(s.state.Due()) != 0 {
		t.Fatal("it did not wait for a person")
	}
	s.wait(time.Second)
	if p := s.printing(); !p.Duplicate || p.Try != 2 {
		t.Errorf("want a marked second try, got %+v", p)
	}
	s.tell(SlipEnded{Key: s.printing().Key()})
	if !s.state.NextWake().IsZero() || len(s.state.Due()) != 0 {
		t.Error("the sale is not at rest")
	}
}

func TestASlipThatWasPrintingAtARestartIsMarked(t *testing.T) {
	s := approved(t)
	s.tell(Restarted{})
	s.wait(0)
	if p := s.printing(); !p.Duplicate {
		t.Error("paper with the same content may exist already")
	}
}

func TestOneSlipAtATimeAndEachCopyOnItsOwn(t *testing.T) {
	s := approved(t)
	order := s.state.current
	s.tell(SlipAsked{Order: order, Copy: CustomerCopy})
	s.tell(SlipAsked{Order: order, Copy: MerchantCopy}) // it is coming already
	if n := len(s.state.Due()); n != 1 {
		t.Fatalf("want one slip at a time, got %d", n)
	}
	s.tell(SlipEnded{Key: s.printing().Key()})
	s.wait(0)
	if p := s.printing(); p.Copy != CustomerCopy || p.Duplicate {
		t.Errorf("want the first customer copy, not marked, got %+v", p)
	}
	s.tell(SlipEnded{Key: s.printing().Key()})
	s.tell(SlipAsked{Order: order, Copy: CustomerCopy})
	s.wait(0)
	if p := s.printing(); p.Copy != CustomerCopy || !p.Duplicate {
		t.Errorf("want a marked customer copy, got %+v", p)
	}
}

func TestTheEndOfAnOlderTryChangesNothing(t *testing.T) {
	s := approved(t)
	first := s.printing().Key()
	s.tell(SlipEnded{Key: first, Trouble: "paper out"})
	s.wait(15 * time.Second)
	s.tell(SlipEnded{Key: first})
	if s.printing().Try != 2 {
		t.Error("the second try was ended by the first")
	}
}
