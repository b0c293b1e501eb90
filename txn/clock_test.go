package txn

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// A clock at 1970 or years ahead would give a sale the wrong day, a void the wrong
// rule and a slip the wrong date. What is owed already goes on.
func TestWithAClockThatCanNotBeRightNothingNewIsBegun(t *testing.T) {
	for _, now := range []time.Time{time.Unix(60, 0), start.AddDate(12, 0, 0)} {
		s := sold(t)
		s.state.rules.ClockFrom, s.state.rules.ClockUntil = start.AddDate(0, -1, 0), start.AddDate(10, 0, 0)
		old := s.state.current
		s.tell(SaleAsked{Amount: 1})
		kept := s.state.told(start)
		s.now = now
		for _, ev := range []Event{SaleAsked{Amount: 1}, CodeScanned{Code: NewPayCode(wechatCode)},
			PresentAsked{}, RefundAsked{Order: old}, VoidAsked{Order: old}, SettleAsked{}} {
			if err := s.try(ev); !errors.Is(err, ErrClock) {
				t.Errorf("%s: %T: want %v, got %v", now, ev, ErrClock, err)
			}
		}
		if !bytes.Equal(kept, s.state.told(start)) {
			t.Error("the books have changed")
		}
	}
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeUnknown)
	s.state.rules.ClockFrom = start.AddDate(0, -1, 0)
	s.now = time.Unix(60, 0)
	s.tell(Restarted{})
	if e, ok := s.state.Due()[0].(Reverse); !ok {
		t.Errorf("want the reversal sent, got %v", e)
	}
}

// setBack restarts the terminal with a clock that was years ahead before.
func (s *story) setBack() {
	s.t.Helper()
	s.now = s.now.AddDate(-4, 0, 0)
	s.tell(Restarted{})
}

func TestASlipIsPrintedWhateverTheClockSaidWhenItWasDue(t *testing.T) {
	s := newStory(t)
	s.sent()
	s.answer(OutcomeApproved) // its slip is due four years from now
	s.setBack()
	s.wait(0)
	if p := s.printing(); p.Form != SaleForm || p.Duplicate {
		t.Errorf("want the slip of the sale, got %+v", p)
	}
	s.tell(SlipEnded{Key: s.printing().Key(), Trouble: "no paper"})
	s.setBack()
	s.wait(0)
	if p := s.printing(); !p.Duplicate {
		t.Errorf("want it marked, got %+v", p)
	}
}

func TestASettlementIsAskedForWhateverTheClockSaidBefore(t *testing.T) {
	s := settlingStory(t)
	s.sellAnother(100)
	s.tell(SettleAsked{})
	s.batchReply(OutcomeUnknown)
	s.setBack()
	for _, e := range s.state.Due() {
		if _, ok := e.(Settle); ok {
			return
		}
	}
	t.Errorf("want the settlement asked for, got %v, next at %s", s.state.Due(), s.state.NextWake())
}

func TestASaleWithoutACodeDoesNotOutliveAClockThatWasAhead(t *testing.T) {
	s := newStory(t)
	s.tell(SaleAsked{Amount: 1050})
	s.setBack()
	s.want(NotSent, BecauseNoCode)
}

// A clock that went back behind the beginning of an undoing can't say how long it
// has lasted. Then the tries count, as many as the time would have brought.
func TestAClockThatWasAheadKeepsNoSaleFromAPerson(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.setBack()
	from := s.now
	for range 2000 {
		s.reply(Result{Authentic: true, Order: s.state.current})
		if s.phase() == ByHand {
			break
		}
		s.wait(s.state.NextWake().Sub(s.now))
	}
	if took := s.now.Sub(from); s.phase() != ByHand || took < 24*time.Hour || took > 72*time.Hour {
		t.Errorf("want it on the list after a day or two, got %s after %s", s.phase(), took)
	}
}

func TestAnUndoingThatIsTakenUpAgainCountsAMessagesLifeFromThen(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeReversed)
	s.setBack()
	s.tell(ReverseAsked{Order: s.state.current})
	s.answer(OutcomeNotFound)
	if wait := s.state.NextWake().Sub(s.now); wait > 2*time.Minute {
		t.Errorf("want the next try within a message's life, got it in %s", wait)
	}
}

func TestACertificateIsJudgedByATimeThatCanBeRight(t *testing.T) {
	from, until := start.AddDate(-1, 0, 0), start.AddDate(15, 0, 0)
	never := time.Time{}
	for name, tt := range map[string]struct{ now, paid, last, want time.Time }{
		"the clock, when nothing speaks against it": {start, never, never, start},
		"the clock, soon after a payment":           {start.Add(time.Hour), start, start, start.Add(time.Hour)},
		"the clock, a year after one":               {start.AddDate(1, 0, 0), start, start, start.AddDate(1, 0, 0)},
		"the last record's, when the battery died":  {time.Unix(60, 0), start, start.Add(time.Hour), start.Add(time.Hour)},
		"likewise when nothing was ever paid":       {time.Unix(60, 0), never, start, start},
		"the last payment's, years ahead":           {start.AddDate(5, 0, 0), start, start.AddDate(5, 0, 0), start},
		"the release's, when nothing is known":      {time.Unix(60, 0), never, never, from},
		"a clock set back by a year is not":         {start.AddDate(-1, 0, 1), start, start, start},
	} {
		if got := (Clock{from, until, tt.paid, tt.last}).Believe(tt.now); !got.Equal(tt.want) {
			t.Errorf("%s: want %s, got %s", name, tt.want, got)
		}
	}
	s := sold(t)
	s.now = start.AddDate(20, 0, 0)
	s.state.rules.ClockUntil = start.AddDate(15, 0, 0)
	s.tell(Restarted{})
	s.tell(SlipAsked{Order: s.state.current, Copy: MerchantCopy})
	if got := s.state.View(s.now).Clock.LastAt; got.After(start.AddDate(1, 0, 0)) {
		t.Errorf("a record of a wrong clock is believed: %s", got)
	}
}
