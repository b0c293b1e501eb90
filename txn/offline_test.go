package txn

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// offlineStory has WeChat held, Alipay refused and UnionPay stored.
func offlineStory(t *testing.T) *story {
	rules := testRules(t)
	rules.Offline = map[string]Offline{"wechat": OfflineHold, "unionpay": OfflineStore}
	rules.Store = StoreLimits{PerSale: 1000, Count: 3, Sum: 2500, Age: time.Hour}
	return &story{t: t, state: NewState(rules), now: start}
}

const cut = Layer("line")

// sell opens a sale and shows a code that can't be sent.
func (s *story) sellCut(amount Amount, code string) {
	s.t.Helper()
	s.tell(SaleAsked{Amount: amount})
	s.tell(CodeScanned{Code: NewPayCode(code)})
	s.reply(Result{Outcome: OutcomeNotSent, Layer: cut})
}

// lineBack says that the way is there again.
func (s *story) lineBack() {
	s.t.Helper()
	s.tell(LineSeen{Key: s.state.awaitLine().Key()})
	s.wait(0)
}

func unionpay(i int) string { return fmt.Sprintf("62123456789012345%02d", i) }

func TestWhatCanNotLeaveIsHeldStoredOrRefusedByItsFamily(t *testing.T) {
	for code, want := range map[string]Phase{
		wechatCode: Held, unionpay(1): Stored, "2812345678901234": NotSent,
	} {
		s := offlineStory(t)
		s.sellCut(1000, code)
		s.want(want, BecauseNoAnswer)
		if !s.state.LineDown() || s.state.View(s.now).Line.Layer != cut {
			t.Errorf("%s: the line is not said to be down", want)
		}
	}
}

func TestAHeldSaleIsSentTheMomentTheLineReturns(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(1000, wechatCode)
	s.wait(20 * time.Second)
	s.lineBack()
	pay, ok := s.state.Due()[0].(Authorize)
	if !ok || pay.Try != 2 || pay.Code.Reveal() != wechatCode {
		t.Fatalf("want the same code sent, got %+v", s.state.Due())
	}
	s.reply(Result{Outcome: OutcomeApproved, Authentic: true, Order: pay.Order, Amount: 1000})
	s.want(Approved, "")
}

func TestAHeldSaleEndsNotSentWithItsCode(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(1000, wechatCode)
	s.wait(55 * time.Second)
	s.want(NotSent, BecauseCodeExpired)
	s.lineBack()
	if due := s.state.Due(); len(due) != 0 {
		t.Errorf("want nothing sent, got %v", due)
	}
}

func TestAHeldSaleEndsWithItsProcessOrByTheCashier(t *testing.T) {
	for reason, ev := range map[Reason]Event{BecauseRestart: Restarted{}, BecauseCancelled: CancelAsked{}} {
		s := offlineStory(t)
		s.sellCut(1000, wechatCode)
		if err := s.try(SaleAsked{Amount: 1}); !errors.Is(err, ErrBusy) {
			t.Errorf("want %v, got %v", ErrBusy, err)
		}
		s.tell(ev)
		s.want(NotSent, reason)
	}
}

func TestOnlyThePromiseThatNothingLeftHoldsASale(t *testing.T) {
	s := offlineStory(t)
	s.tell(SaleAsked{Amount: 1000})
	s.tell(CodeScanned{Code: NewPayCode(wechatCode)})
	s.reply(Result{Layer: cut}) // silence
	s.want(Unknown, BecauseNoAnswer)
}

func TestTheFourLimitsOfOfflineSalesHoldTogether(t *testing.T) {
	for _, tt := range []struct {
		name    string
		amounts []Amount
		later   time.Duration
		want    Phase
	}{
		{"within", []Amount{1000, 1000, 500}, 0, Stored},
		{"per sale", []Amount{1001}, 0, NotSent},
		{"count", []Amount{1, 1, 1, 1}, 0, NotSent},
		{"sum", []Amount{1000, 1000, 501}, 0, NotSent},
		{"age", []Amount{1, 1}, time.Hour, NotSent},
		{"a clock that went back", []Amount{1, 1}, -time.Hour, NotSent},
	} {
		s := offlineStory(t)
		for i, amount := range tt.amounts {
			if i > 0 && i == len(tt.amounts)-1 {
				s.now = s.now.Add(tt.later)
			}
			s.sellCut(amount, unionpay(i))
		}
		if s.phase() != tt.want {
			t.Errorf("%s: want %s, got %s", tt.name, tt.want, s.phase())
		}
		if tt.want == NotSent && s.sale().Reason != BecauseOfflineLimit {
			t.Errorf("%s: want the reason told, got %q", tt.name, s.sale().Reason)
		}
	}
}

func TestStoredSalesAreUploadedInOrderAndTheMeterRunsDown(t *testing.T) {
	s := offlineStory(t)
	for i := range 3 {
		s.sellCut(100, unionpay(i))
	}
	orders := []Order{s.state.order[0], s.state.order[1], s.state.order[2]}
	if m := s.state.Meter(); m.Count != 3 || m.Sum != 300 || !m.Oldest.Equal(start) {
		t.Errorf("the meter shows %+v", m)
	}
	if !s.state.NeedsCode(orders[2]) {
		t.Error("the code of a stored sale is still needed")
	}
	s.lineBack()
	for i, order := range orders {
		pay := s.onlyUpload()
		if pay.Order != order || !pay.Stored {
			t.Fatalf("want order %s sent, got %+v", order, pay)
		}
		s.tell(Answered{Key: pay.Key(), Result: Result{Outcome: OutcomeApproved, Authentic: true,
			Order: order, Amount: 100}})
		s.wait(0)
		if m := s.state.Meter(); m.Count != 2-i {
			t.Errorf("want %d left, got %+v", 2-i, m)
		}
		if s.state.NeedsCode(order) {
			t.Error("the code is not needed any more")
		}
	}
}

func (s *story) onlyUpload() Authorize {
	s.t.Helper()
	var found []Authorize
	for _, e := range s.state.Due() {
		if pay, ok := e.(Authorize); ok {
			found = append(found, pay)
		}
	}
	if len(found) != 1 {
		s.t.Fatalf("want one upload at a time, got %d", len(found))
	}
	return found[0]
}

func TestAnOfflineSaleThatIsRefusedLaterGoesToAPerson(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(100, unionpay(1))
	s.wait(0)
	if p := s.printing(); p.Form != OfflineForm {
		t.Errorf("want a slip that says so, got %s", p.Form)
	}
	s.lineBack()
	pay := s.onlyUpload()
	s.tell(Answered{Key: pay.Key(), Result: Result{Outcome: OutcomeDeclined, Authentic: true,
		Order: pay.Order, Amount: 100}})
	if s.phase() != Declined || !s.sale().Hand.Open() || s.sale().Hand.Why != BecauseOfflineRefused {
		t.Errorf("want it declined and on the list, got %s %+v", s.phase(), s.sale().Hand)
	}
	s.tell(HandEnded{Order: pay.Order})
	if len(s.state.View(s.now).Hand) != 0 {
		t.Error("it stays on the list")
	}
}

func TestAnUploadWhoseCodeIsLostGoesToAPerson(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(100, unionpay(1))
	s.lineBack()
	s.tell(Answered{Key: s.onlyUpload().Key(), Result: Result{Outcome: OutcomeNotSent}})
	s.want(ByHand, BecauseCodeLost)
}

func TestAStoredSaleBlocksNoOther(t *testing.T) {
	s := offlineStory(t)
	s.sellCut(100, unionpay(1))
	s.tell(SaleAsked{Amount: 1})
	if err := s.try(CancelAsked{Order: s.state.order[0]}); !errors.Is(err, ErrTooLate) {
		t.Errorf("the goods are gone: want %v, got %v", ErrTooLate, err)
	}
}

func TestThreeSilencesAreABrokenLineAndAnyAnswerMendsIt(t *testing.T) {
	s := newStory(t)
	s.sent()
	for i := range troublesMax {
		if s.state.LineDown() {
			t.Fatalf("down after %d silences", i)
		}
		s.reply(Result{Layer: LayerLine})
		s.wait(s.state.NextWake().Sub(s.now))
	}
	if !s.state.LineDown() {
		t.Fatal("want it down")
	}
	var waits bool
	for _, e := range s.state.Due() {
		_, is := e.(AwaitLine)
		waits = waits || is
	}
	if !waits {
		t.Error("nobody looks for the line")
	}
	for _, e := range s.state.Due() {
		if _, is := e.(Query); is {
			s.tell(Answered{Key: e.Key(), Result: Result{Authentic: true, Order: s.state.current}})
		}
	}
	if s.state.LineDown() {
		t.Error("an answer came, and the line is said to be down")
	}
}

func TestAnAcquirerThatWantsToBeLeftAloneIs(t *testing.T) {
	s := newStory(t)
	s.sent()
	s.reply(Result{Layer: LayerBank, RetryAfter: 90 * time.Second})
	if wait := s.state.awaitLine(); !s.state.LineDown() || wait.Leave != 90*time.Second {
		t.Errorf("want a pause of 90 s, got %+v", wait)
	}
}

func TestTheLinesReturnBringsForwardWhatWaitsForItButNotAReversalThatOvertookItsSale(t *testing.T) {
	s := newStory(t)
	s.reversing()
	s.answer(OutcomeNotFound)
	life := s.state.NextWake()
	s.state.Apply(Record{Kind: LineDown, At: s.now, Layer: cut})
	s.lineBack()
	if got := s.state.NextWake(); !got.Equal(life) {
		t.Errorf("want %s, got %s", life, got)
	}
	s = newStory(t)
	s.reversing()
	for range 8 { // pauses of minutes by now
		s.reply(Result{Authentic: true, Order: s.state.current})
		s.wait(s.state.NextWake().Sub(s.now))
	}
	s.reply(Result{Outcome: OutcomeNotSent, Layer: cut})
	s.now = s.now.Add(againAfter)
	s.lineBack()
	if _, ok := s.state.Due()[0].(Reverse); !ok {
		t.Errorf("want the reversal at once, got %v", s.state.Due())
	}
}
