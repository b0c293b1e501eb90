package txn

import (
	"errors"
	"testing"
	"time"
)

func TestASlipThatNobodyMayHaveTakesNoOtherWithIt(t *testing.T) {
	s := sold(t)
	order := s.state.current
	s.tell(RefundAsked{Order: order, Amount: 400})
	s.refundReply(OutcomeApproved)
	first := s.sale().Refunds[0].Order
	s.wait(0)
	s.printing() // the slip of the first refund
	s.tell(RefundAsked{Order: order, Amount: 300})
	s.refundReply(OutcomeApproved)
	s.tell(HandAsked{Order: first, Why: BecauseBillMissing})
	s.tell(SlipEnded{Key: s.printing().Key(), Trouble: "no paper"})
	second := s.sale().Refunds[1].Order
	if s.sale().slip(slipID{RefundForm, second, MerchantCopy}) == nil {
		t.Error("the slip of the second refund is gone")
	}
	if s.sale().slip(slipID{RefundForm, first, MerchantCopy}) != nil {
		t.Error("the slip of the first refund is still to come")
	}
}

// tries counts how often printing begins while there is no paper.
func (s *story) triesWithoutPaper(d time.Duration) (n int) {
	s.t.Helper()
	for end := s.now.Add(d); s.now.Before(end); {
		s.wait(0)
		for _, e := range s.state.Due() {
			if p, ok := e.(Print); ok {
				n++
				s.now = s.now.Add(50 * time.Millisecond)
				s.tell(SlipEnded{Key: p.Key(), Trouble: "no paper"})
			}
		}
		s.now = s.now.Add(time.Second)
	}
	return n
}

// Each try is a record that is made durable: a night without paper must not fill the
// disk, however many slips wait.
func TestWithoutPaperTheTriesAreFewHoweverManySlipsWait(t *testing.T) {
	s := newStory(t)
	for range 40 {
		s.sent()
		s.answer(OutcomeApproved)
		s.state.used = nil // another payer's code
	}
	if n := s.triesWithoutPaper(12 * time.Hour); n < 100 || n > 400 {
		t.Errorf("want a try every two minutes at most, got %d in twelve hours", n)
	}
	s.wait(2 * time.Minute)
	for range 40 {
		s.tell(SlipEnded{Key: s.printing().Key()}) // with paper they follow one another
		s.wait(0)
	}
	if v := s.state.View(s.now); v.Unprinted != 0 {
		t.Errorf("%d slips are left", v.Unprinted)
	}
}

func TestASlipThatWaitsForPaperIsTriedWhenItIsAskedFor(t *testing.T) {
	s := approved(t)
	s.tell(SlipEnded{Key: s.printing().Key(), Trouble: "no paper"})
	s.tell(SlipAsked{Order: s.state.current, Copy: MerchantCopy})
	if p := s.printing(); p.Try != 2 || !p.Duplicate {
		t.Errorf("want it tried at once and marked, got %+v", p)
	}
}

func TestASlipThatIsStoppedAgainAndAgainKeepsNoOtherWaiting(t *testing.T) {
	s := approved(t)
	first := s.printing()
	s.tell(SaleAsked{Amount: 1})
	s.state.used = nil
	s.tell(CodeScanned{Code: NewPayCode(wechatCode)})
	s.reply(Result{Outcome: OutcomeApproved, Authentic: true, Order: s.state.current, Amount: 1})
	s.tell(SlipEnded{Key: first.Key(), Trouble: "the page is too wide"})
	s.wait(15 * time.Second)
	if p := s.printing(); p.Sale.Order != s.state.current {
		t.Errorf("want the other slip, got that of %s", p.Sale.Order)
	}
}

// A terminal that has no printer owes no paper: else every settlement and every call
// for a person would be tried for ever.
func TestWithoutAPrinterNoSlipIsEverTried(t *testing.T) {
	s := approved(t) // while there was a printer
	s.tell(SlipEnded{Key: s.printing().Key(), Trouble: "no paper"})
	s.state.rules.NoPrinter = true
	order := s.state.current
	s.tell(HandAsked{Order: order, Why: BecauseBillMissing})
	s.tell(HandEnded{Order: order, Moved: true})
	s.tell(SettleAsked{})
	if wake := s.state.NextWake(); !wake.IsZero() || len(s.state.Due()) > 0 {
		t.Errorf("want rest, got a wake at %s and %v", wake, s.state.Due())
	}
	for _, ev := range []Event{SlipAsked{Order: order, Copy: MerchantCopy}, BatchSlipAsked{Batch: 1}} {
		if err := s.try(ev); !errors.Is(err, ErrNoPrinter) {
			t.Errorf("%T: want %v, got %v", ev, ErrNoPrinter, err)
		}
	}
	s.state.rules.NoPrinter = false
	s.wait(15 * time.Second)
	if p := s.printing(); p.Form != SaleForm || !p.Duplicate {
		t.Errorf("with a printer again: want the slip of the sale, got %+v", p)
	}
	if err := s.try(BatchSlipAsked{Batch: 1}); err != nil {
		t.Errorf("a slip of a batch that never had one: %v", err)
	}
}

func TestASettlementNeedsNoPaperToMakeRoomForTheNext(t *testing.T) {
	s := newStory(t)
	s.sellAnother(100)
	s.tell(SettleAsked{})
	s.sellAnother(200)
	s.tell(SettleAsked{}) // the slip of the first still waits
	if got := len(s.state.closing); got != 2 {
		t.Errorf("want two batches whose slips wait, got %d", got)
	}
}
