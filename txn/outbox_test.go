package txn

import (
	"errors"
	"testing"
	"time"
)

// An upload may wait in the outbox for the line, for hours, between its record and
// its first byte. What counts is when it can have left at the latest: when the adapter
// has said what became of it.
func TestAMessagesLifeIsCountedFromWhenItCanHaveLeftAtTheLatest(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(100, unionpay(1))
	s.lineBack()
	pay := s.onlyUpload()
	s.now = s.now.Add(5 * time.Hour) // in the outbox; then it left
	s.tell(Answered{Key: pay.Key(), Result: Result{Layer: LayerBank}})
	left := s.now
	for s.phase() != Reversing {
		s.wait(s.state.NextWake().Sub(s.now))
		s.reply(Result{Outcome: OutcomeNotFound, Authentic: true, Order: pay.Order})
	}
	s.reply(Result{Outcome: OutcomeNotFound, Authentic: true, Order: pay.Order})
	s.want(Reversing, BecauseNotFound) // it may still arrive
	if got := s.state.NextWake().Sub(left); got != 2*time.Minute {
		t.Errorf("want the next reversal when it can't be alive any more, got it after %s", got)
	}
}

// The goods are gone: an upload is nobody's to cancel, least of all by a key that is
// pressed to clear the screen.
func TestASaleThatWasTakenOfflineIsNotCancelled(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(100, unionpay(1))
	s.lineBack()
	pay := s.onlyUpload()
	refused := func() {
		t.Helper()
		for _, order := range []Order{"", pay.Order} {
			if err := s.try(CancelAsked{Order: order}); !errors.Is(err, ErrTooLate) {
				t.Errorf("%s: want %v, got %v", s.phase(), ErrTooLate, err)
			}
		}
	}
	refused()
	s.tell(Answered{Key: pay.Key(), Result: Result{Outcome: OutcomePending, Authentic: true, Order: pay.Order}})
	refused()
	s.wait(10 * time.Second)
	refused()
}

// The refund of an upload that was paid too late ends the sale: a copy of the offline
// slip that still waits for paper would say that it is open.
func TestTheOfflineSlipOfASaleThatWasGivenBackIsNotPrintedAnyMore(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(100, unionpay(1))
	s.lineBack()
	pay := s.onlyUpload()
	s.tell(Answered{Key: pay.Key(), Result: Result{Layer: LayerBank}})
	for s.phase() != Reversing {
		s.wait(s.state.NextWake().Sub(s.now))
		s.reply(Result{Outcome: OutcomeNotFound, Authentic: true, Order: pay.Order})
	}
	s.tell(SlipEnded{Key: s.printing().Key()})
	s.tell(SlipAsked{Order: pay.Order, Copy: MerchantCopy})
	s.wait(0)
	s.tell(SlipEnded{Key: s.printing().Key(), Trouble: "paper out"}) // it waits for paper
	s.reply(Result{Outcome: OutcomeApproved, Authentic: true, Order: pay.Order, Amount: 100})
	s.refundReply(OutcomeApproved)
	s.want(Refunded, BecausePaidLate)
	for _, slip := range s.sale().Slips {
		if slip.Form == OfflineForm && slip.Phase != SlipOnPaper {
			t.Errorf("the offline slip is still %s", slip.Phase)
		}
	}
}
