package txn

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestAnAnswerToASaleMovesIt(t *testing.T) {
	ours := func(s *story, o Outcome) Result {
		return Result{Outcome: o, Authentic: true, Order: s.state.current, Amount: 1050}
	}
	with := func(o Outcome, change func(*Result)) func(*story) Result {
		return func(s *story) Result {
			r := ours(s, o)
			change(&r)
			return r
		}
	}
	same := func(*Result) {}
	for _, tt := range []struct {
		name   string
		answer func(*story) Result
		want   Phase
		reason Reason
	}{
		{"approved", with(OutcomeApproved, same), Approved, ""},
		{"declined", with(OutcomeDeclined, same), Declined, ""},
		{"pending", with(OutcomePending, same), Pending, ""},
		{"not sent", with(OutcomeNotSent, func(r *Result) { r.Authentic = false }),
			NotSent, BecauseNoAnswer},
		{"silence is not a no", func(*story) Result { return Result{} }, Unknown, BecauseNoAnswer},
		{"the acquirer does not know", with(OutcomeUnknown, same), Unknown, BecauseDoubtful},
		{"not found", with(OutcomeNotFound, same), Unknown, BecauseNotFound},
		{"reversed by nobody", with(OutcomeReversed, same), Unknown, BecauseNotAnOutcome},
		{"forged approval", with(OutcomeApproved, func(r *Result) { r.Authentic = false }),
			Unknown, BecauseNotAuthentic},
		{"forged no", with(OutcomeDeclined, func(r *Result) { r.Authentic = false }),
			Unknown, BecauseNotAuthentic},
		{"the adapter's alarm", with(OutcomeApproved, func(r *Result) { r.Alarm = "bad" }),
			Unknown, BecauseNotAuthentic},
		{"one fen more", with(OutcomeApproved, func(r *Result) { r.Amount++ }),
			Unknown, BecauseWrongAmount},
		{"no amount", with(OutcomeApproved, func(r *Result) { r.Amount = 0 }),
			Unknown, BecauseWrongAmount},
		{"another order", with(OutcomeApproved, func(r *Result) { r.Order = "1" }),
			Unknown, BecauseWrongOrder},
		{"approved without an order", with(OutcomeApproved, func(r *Result) { r.Order = "" }),
			Unknown, BecauseWrongOrder},
		{"a no for another order", with(OutcomeDeclined, func(r *Result) { r.Order = "1" }),
			Unknown, BecauseWrongOrder},
		{"a no that repeats no order", with(OutcomeDeclined, func(r *Result) { r.Order = "" }),
			Declined, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t)
			s.sent()
			s.reply(tt.answer(s))
			s.want(tt.want, tt.reason)
		})
	}
}

func TestAForgedAnswerLeavesNoTraceInTheSale(t *testing.T) {
	s := newStory(t)
	s.sent()
	s.reply(Result{Outcome: OutcomeApproved, Order: s.state.current, Amount: 1050, Wallet: "forged"})
	if got := s.state.sales[s.state.current].Answer.Wallet; got != "" {
		t.Errorf("the sale says %q", got)
	}
}

func TestAnUnknownSaleIsQueriedOnTheClockAndThenReversed(t *testing.T) {
	s := newStory(t)
	s.sent()
	s.answer(OutcomeUnknown)
	var asked []time.Duration
	for s.phase() != Reversing {
		s.wait(s.state.NextWake().Sub(s.now))
		asked = append(asked, s.now.Sub(start))
		s.answer(OutcomeUnknown)
	}
	want := []time.Duration{5, 15, 25, 35, 45, 55, 60}
	for i := range want {
		want[i] *= time.Second
	}
	if fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("want queries at %v, got %v", want, asked)
	}
	s.want(Reversing, BecauseWindowOver)
	if len(s.state.Due()) != 1 {
		t.Error("the reversal is not due at once")
	}
}

func TestALateYesWhileQueryingIsAnApproval(t *testing.T) {
	s := newStory(t)
	s.sent()
	s.answer(OutcomePending)
	s.wait(5 * time.Second)
	s.answer(OutcomeApproved)
	s.want(Approved, "")
}

// reversing brings a sale to its first reversal, a minute after it was sent.
func (s *story) reversing() {
	s.t.Helper()
	s.sent()
	s.answer(OutcomeUnknown)
	for s.phase() != Reversing {
		s.wait(s.state.NextWake().Sub(s.now))
		s.answer(OutcomeUnknown)
	}
}

func TestAnAnswerToAReversalMovesIt(t *testing.T) {
	for _, tt := range []struct {
		outcome Outcome
		want    Phase
		reason  Reason
	}{
		{OutcomeReversed, Reversed, ""},
		{OutcomeDeclined, Reversed, ""},
		{OutcomeApproved, Refunding, BecausePaidLate}, // paid, and too late to be undone
		{OutcomePending, Reversing, BecauseNotAnOutcome},
		{OutcomeUnknown, Reversing, BecauseNoAnswer},
		{OutcomeNotSent, Reversing, BecauseNoAnswer},
		{OutcomeNotFound, Reversing, BecauseNotFound}, // it may have overtaken its sale
	} {
		s := newStory(t)
		s.reversing()
		s.answer(tt.outcome)
		s.want(tt.want, tt.reason)
	}
}

func TestAReversalIsRepeatedUntilAnsweredWithLongerPauses(t *testing.T) {
	s := newStory(t)
	s.reversing()
	var last time.Duration
	for try := 1; try <= 12; try++ {
		s.answer(OutcomeUnknown)
		pause := s.state.NextWake().Sub(s.now)
		full := min(4*time.Second<<(try-1), 5*time.Minute)
		if pause < full/2 || pause > full {
			t.Errorf("try %d: want a pause of %s to %s, got %s", try, full/2, full, pause)
		}
		last = pause
		s.wait(pause)
	}
	if last < 150*time.Second {
		t.Errorf("the last pause is %s", last)
	}
	s.answer(OutcomeReversed)
	s.want(Reversed, "")
}

func TestNotFoundEndsAReversalOnlyAfterTheLongestLifeOfAMessage(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeNotFound)
	if got := s.state.NextWake().Sub(start); got != 2*time.Minute {
		t.Fatalf("want the next reversal when no message can be alive, got it at %s", got)
	}
	s.wait(time.Minute)
	s.answer(OutcomeNotFound)
	s.want(Reversed, BecauseCanNotHappen)
}

func TestAfterARestartAMessageLivesItsWholeLifeAgain(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeNotFound)
	s.now = s.now.Add(3 * time.Hour) // or so the clock says
	s.tell(Restarted{})
	s.answer(OutcomeNotFound)
	s.want(Reversing, BecauseNotFound)
	s.wait(2 * time.Minute)
	s.answer(OutcomeNotFound)
	s.want(Reversed, BecauseCanNotHappen)
}

func TestARestartQueriesAndNeverSendsAgain(t *testing.T) {
	for _, before := range []func(*story){
		func(*story) {},
		func(s *story) { s.answer(OutcomeUnknown) },
		func(s *story) { s.answer(OutcomePending) },
		func(s *story) { s.answer(OutcomeUnknown); s.wait(5 * time.Second) },
	} {
		s := newStory(t)
		order := s.sent()
		before(s)
		s.state.sales[order].code = PayCode{} // what a replay does not bring back
		s.now = s.now.Add(-24 * time.Hour)    // not even a clock that is wrong by a day delays it
		s.tell(Restarted{})
		s.wait(0)
		due := s.state.Due()
		if len(due) != 1 {
			t.Fatalf("want one query, got %v", due)
		}
		if _, ok := due[0].(Query); !ok {
			t.Fatalf("want a query, got %s", due[0].Key())
		}
	}
}

func TestAClockBehindTheSaleEndsTheWaitForAnOutcome(t *testing.T) {
	s := newStory(t)
	s.sent()
	s.now = s.now.Add(-24 * time.Hour)
	s.tell(Restarted{})
	s.wait(0)
	s.answer(OutcomePending)
	s.want(Reversing, BecauseWindowOver)
}

func TestWhatIsRefusedAndWhy(t *testing.T) {
	sale := SaleAsked{Amount: 1}
	code := CodeScanned{Code: NewPayCode(wechatCode)}
	for _, tt := range []struct {
		name  string
		until func(*story)
		ev    Event
		want  error
	}{
		{"no amount", func(*story) {}, SaleAsked{}, ErrAmount},
		{"a negative amount", func(*story) {}, SaleAsked{Amount: -1}, ErrAmount},
		{"above the limit", func(*story) {}, SaleAsked{Amount: 1_000_001}, ErrAmount},
		{"a code without a sale", func(*story) {}, code, ErrNoSale},
		{"a cancel without a sale", func(*story) {}, CancelAsked{}, ErrNoOrder},
		{"a second sale", func(s *story) { s.tell(sale) }, sale, ErrBusy},
		{"a sale while one is sent", func(s *story) { s.sent() }, sale, ErrBusy},
		{"a code while one is sent", func(s *story) { s.sent() }, code, ErrBusy},
		{"a sale in doubt", func(s *story) { s.sent(); s.answer(OutcomeUnknown) }, sale, ErrInDoubt},
		{"a code in doubt", func(s *story) { s.sent(); s.answer(OutcomePending) }, code, ErrInDoubt},
		{"a code after the end", func(s *story) { s.sent(); s.answer(OutcomeApproved) }, code, ErrNoSale},
		{"a code when time is up", func(s *story) { s.tell(sale); s.now = s.now.Add(time.Hour) },
			code, ErrNoSale},
		{"the same code again", func(s *story) {
			s.sent()
			s.answer(OutcomeDeclined)
			s.tell(sale)
		}, code, ErrCodeUsed},
		{"cancel of what is final", func(s *story) { s.sent(); s.answer(OutcomeDeclined) },
			CancelAsked{}, ErrTooLate},
		{"cancel of a reversal", (*story).reversing, CancelAsked{}, ErrTooLate},
		{"a slip of nothing", func(*story) {}, SlipAsked{Order: "1"}, ErrNoOrder},
		{"a slip of a declined sale", func(s *story) { s.sent(); s.answer(OutcomeDeclined) },
			nil, ErrNotApproved},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t)
			tt.until(s)
			ev := tt.ev
			if ev == nil {
				ev = SlipAsked{Order: s.state.current, Copy: CustomerCopy}
			}
			before := len(s.state.order)
			if err := s.try(ev); !errors.Is(err, tt.want) {
				t.Errorf("want %v, got %v", tt.want, err)
			}
			if len(s.state.order) != before {
				t.Error("a refusal opened a sale")
			}
		})
	}
}

func TestACodeThatIsNoPayerCodeOpensNothing(t *testing.T) {
	for _, raw := range []string{"", "6901234567892", "https://qr.alipay.com/bax00000000000000000000",
		"hello", "https://evil.example/x", "510000000000000018"} {
		s := newStory(t)
		s.tell(SaleAsked{Amount: 1})
		var refusal Refusal
		err := s.try(CodeScanned{Code: NewPayCode(raw), Confirmed: true})
		if !errors.As(err, &refusal) || refusal == "" {
			t.Errorf("%q: want a refusal with a reason, got %v", raw, err)
		}
		if s.phase() != Created {
			t.Errorf("%q: the sale is %s", raw, s.phase())
		}
	}
}

func TestACodeWithASoftFlagAsksTheCashier(t *testing.T) {
	s := newStory(t)
	s.tell(SaleAsked{Amount: 1})
	code := NewPayCode("110101190001010006") // a fictitious identity number
	err := s.try(CodeScanned{Code: code})
	var flagged *FlaggedCode
	if !errors.Is(err, ErrConfirmCode) || !errors.As(err, &flagged) || len(flagged.Flags) == 0 {
		t.Fatalf("want a question with its flags, got %v", err)
	}
	s.tell(CodeScanned{Code: code, Confirmed: true})
	s.want(Authorizing, "")
}

func TestASaleWithoutACodeEndsNotSent(t *testing.T) {
	s := newStory(t)
	s.tell(SaleAsked{Amount: 1})
	s.wait(2 * time.Minute)
	s.want(NotSent, BecauseNoCode)
	s.tell(SaleAsked{Amount: 1})
	s.tell(CancelAsked{})
	s.want(NotSent, BecauseCancelled)
}

func TestACancelOfASentSaleAsksFirstAndThenReverses(t *testing.T) {
	for _, tt := range []struct {
		answer Outcome
		want   Phase
		reason Reason
	}{
		{OutcomeApproved, Approved, ""}, // it was paid: the cashier voids it, if at all
		{OutcomePending, Reversing, BecauseCancelled},
		{OutcomeUnknown, Reversing, BecauseCancelled},
	} {
		s := newStory(t)
		s.sent()
		s.answer(OutcomePending)
		s.wait(time.Second)
		s.tell(CancelAsked{})
		s.wait(0)
		s.answer(tt.answer)
		s.want(tt.want, tt.reason)
	}
}

func TestAnOverrideIsOnRecordAndTheDoubtsHaveALimit(t *testing.T) {
	s := newStory(t)
	for i := range InDoubtMax {
		last := s.state.current
		s.tell(SaleAsked{Amount: 1050, Override: i > 0})
		if got := s.state.sales[s.state.current].Override; got != last {
			t.Fatalf("sale %d: want override of %q, got %q", i, last, got)
		}
		s.tell(CodeScanned{Code: NewPayCode(fmt.Sprintf("1345678901234567%02d", i))})
		s.tell(Answered{Key: tryKey("authorize", s.state.current, 1)})
		s.want(Unknown, BecauseNoAnswer)
	}
	if err := s.try(SaleAsked{Amount: 1, Override: true}); !errors.Is(err, ErrDoubtMax) {
		t.Errorf("want %v, got %v", ErrDoubtMax, err)
	}
}

func TestAnAnswerToAnOlderTryChangesNothing(t *testing.T) {
	s := newStory(t)
	order := s.sent()
	s.answer(OutcomeUnknown)
	approval := Result{Outcome: OutcomeApproved, Authentic: true, Order: order, Amount: 1050}
	for _, key := range []string{"authorize/" + string(order), "query/" + string(order) + "/1", "x", ""} {
		s.tell(Answered{Key: key, Result: approval})
		s.want(Unknown, BecauseNoAnswer)
	}
}

func TestApplyPanicsOnAMoveThatTheDiagramLacks(t *testing.T) {
	for _, kind := range []Kind{WasApproved, WasDeclined, WasUnknown, WasPending, QueryDue,
		ReverseDue, ReverseUnanswered, WasReversed, CancelNoted, SlipStarted, "no-such-kind"} {
		s := newStory(t)
		s.tell(SaleAsked{Amount: 1})
		if !panics(func() { s.state.Apply(Record{Kind: kind, Order: s.state.current}) }) {
			t.Errorf("%s moved a sale that was only created", kind)
		}
	}
	s := newStory(t)
	if !panics(func() { s.state.Apply(Record{Kind: WasApproved, Order: "1"}) }) {
		t.Error("a sale that was never opened was approved")
	}
}

func panics(do func()) (yes bool) {
	defer func() { yes = recover() != nil }()
	do()
	return false
}
