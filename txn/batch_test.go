package txn

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// settlingStory has an acquirer that settles.
func settlingStory(t *testing.T) *story {
	rules := testRules(t)
	rules.Settles, rules.Copies = true, nil
	return &story{t: t, state: NewState(rules), now: start}
}

// sellAnother sells by a code of its own and gets it approved.
func (s *story) sellAnother(amount Amount) Order {
	s.t.Helper()
	s.tell(SaleAsked{Amount: amount})
	s.tell(CodeScanned{Code: NewPayCode(fmt.Sprintf("13%016d", len(s.state.order)))})
	s.reply(Result{Outcome: OutcomeApproved, Authentic: true, Order: s.state.current, Amount: amount})
	return s.state.current
}

func (s *story) batchReply(o Outcome) {
	s.t.Helper()
	s.reply(Result{Outcome: o, Authentic: o != OutcomeUnknown && o != OutcomeNotSent,
		Order: BatchOrder(s.state.closing[0].Number)})
}

func TestABatchAddsUpWhatMoved(t *testing.T) {
	s := settlingStory(t)
	s.sellAnother(1000)
	refunded := s.sellAnother(500)
	s.tell(RefundAsked{Order: refunded, Amount: 200})
	m := s.sale().Refunds[0]
	s.reply(Result{Outcome: OutcomeApproved, Authentic: true, Order: m.Order, Amount: 200})
	voided := s.sellAnother(70)
	s.tell(VoidAsked{Order: voided})
	s.reply(Result{Outcome: OutcomeReversed, Authentic: true, Order: voided, Amount: 70})
	want := Totals{Sales: 2, SaleSum: 1500, Refunds: 1, RefundSum: 200, Voids: 1, VoidSum: 70}
	if got := s.state.Batches()[0]; got.Totals != want || got.Totals.Net() != 1300 {
		t.Errorf("want %+v, got %+v", want, got.Totals)
	}
}

func TestTheAnswerToASettlementMovesTheBatch(t *testing.T) {
	for _, tt := range []struct {
		outcome Outcome
		want    BatchPhase
	}{
		{OutcomeApproved, BatchDone}, {OutcomeDeclined, BatchUploading},
		{OutcomeUnknown, BatchSettling}, {OutcomeNotSent, BatchSettling}, {OutcomePending, BatchSettling},
	} {
		s := settlingStory(t)
		s.sellAnother(1000)
		s.tell(SettleAsked{})
		s.batchReply(tt.outcome)
		if b := s.state.closed(1); b.Phase != tt.want || b.Balanced != (tt.want == BatchDone) {
			t.Errorf("%s: want %s, got %+v", tt.outcome, tt.want, b)
		}
	}
}

func TestABatchThatDiffersIsUploadedLineByLine(t *testing.T) {
	s := settlingStory(t)
	first := s.sellAnother(1000)
	s.sellAnother(500)
	s.tell(SettleAsked{})
	s.batchReply(OutcomeDeclined)
	up, ok := s.state.Due()[0].(Upload)
	if !ok || len(up.Lines) != 2 || up.Lines[0] != (BatchLine{first, false, 1, 1000}) {
		t.Fatalf("want both sales uploaded, got %+v", s.state.Due())
	}
	s.batchReply(OutcomeUnknown)
	s.wait(s.state.NextWake().Sub(s.now))
	s.batchReply(OutcomeApproved)
	s.wait(0)
	if b := s.state.closed(1); b.Phase != BatchDone || b.Balanced {
		t.Errorf("want it settled and said to be out of balance, got %+v", b)
	}
	if p := s.printing(); p.Form != SettlementForm || p.Batch.Number != 1 {
		t.Errorf("want the settlement's slip, got %+v", p)
	}
}

func TestAForgedSettlementIsNone(t *testing.T) {
	for name, r := range map[string]Result{
		"unsigned":         {Outcome: OutcomeApproved, Order: BatchOrder(1)},
		"of another batch": {Outcome: OutcomeApproved, Authentic: true, Order: BatchOrder(2)},
		"with an alarm":    {Outcome: OutcomeApproved, Authentic: true, Order: BatchOrder(1), Alarm: "x"},
	} {
		s := settlingStory(t)
		s.sellAnother(1000)
		s.tell(SettleAsked{})
		s.reply(r)
		if b := s.state.closed(1); b.Phase != BatchSettling || !alarming(b.Reason) {
			t.Errorf("%s: want an alarm, got %+v", name, b)
		}
	}
}

func TestNewSalesBelongToTheNextBatchAndOldOnesAreNotVoided(t *testing.T) {
	s := settlingStory(t)
	old := s.sellAnother(1000)
	s.tell(SettleAsked{})
	s.sellAnother(500)
	if got := s.sale().Batch; got != 2 {
		t.Errorf("want batch 2, got %d", got)
	}
	if err := s.try(VoidAsked{Order: old}); !errors.Is(err, ErrSettled) {
		t.Errorf("want %v, got %v", ErrSettled, err)
	}
	s.tell(RefundAsked{Order: old, Amount: 1})
	if got := s.state.sales[old].Refunds[0].Batch; got != 2 {
		t.Errorf("want the refund in batch 2, got %d", got)
	}
}

func TestABatchIsNotClosedWhileTheMachineIsFindingOut(t *testing.T) {
	s := settlingStory(t)
	if err := s.try(SettleAsked{}); !errors.Is(err, ErrNothingToSettle) {
		t.Errorf("want %v, got %v", ErrNothingToSettle, err)
	}
	order := s.sent()
	s.answer(OutcomeUnknown)
	if err := s.try(SettleAsked{}); !errors.Is(err, ErrUnsettled) {
		t.Errorf("want %v, got %v", ErrUnsettled, err)
	}
	s.wait(5 * time.Second)
	s.answer(OutcomeApproved)
	s.tell(RefundAsked{Order: order, Amount: 1})
	if err := s.try(SettleAsked{}); !errors.Is(err, ErrUnsettled) {
		t.Errorf("a refund on its way: want %v, got %v", ErrUnsettled, err)
	}
}

func TestWhatWaitsForAPersonDoesNotHoldUpASettlement(t *testing.T) {
	s := exhausted(t)
	s.tell(SettleAsked{})
	if b := s.state.closed(1); b.Totals.Hand != 1 || b.Totals.Net() != 0 {
		t.Errorf("want it counted apart, got %+v", b.Totals)
	}
}

func TestWhereNobodySettlesWithTheTerminalABatchIsSettledByBeingClosed(t *testing.T) {
	s := sold(t)
	s.tell(SettleAsked{})
	b := s.state.closed(1)
	if b.Phase != BatchDone || b.Reason != BecauseNoHost {
		t.Errorf("want it settled, got %+v", b)
	}
}

func TestASettlementIsPrintedAgainAndMarked(t *testing.T) {
	s := sold(t)
	s.tell(SettleAsked{})
	s.wait(0)
	s.tell(SlipEnded{Key: s.printing().Key()})
	if len(s.state.View(s.now).Settling) != 0 {
		t.Error("it is at rest, and the screen says otherwise")
	}
	s.tell(BatchSlipAsked{Batch: 1})
	s.wait(0)
	if p := s.printing(); !p.Duplicate {
		t.Errorf("want it marked, got %+v", p)
	}
	if err := s.try(BatchSlipAsked{Batch: 9}); !errors.Is(err, ErrNoOrder) {
		t.Errorf("want %v, got %v", ErrNoOrder, err)
	}
}

func TestABatchNumberGoesRoundAndIsNotUsedTwice(t *testing.T) {
	s := settlingStory(t)
	s.state.batch = 999_999
	s.sellAnother(1000)
	s.tell(SettleAsked{})
	if s.state.batch != 1 {
		t.Errorf("want 1 after 999999, got %d", s.state.batch)
	}
	s.sellAnother(1000)
	if err := s.try(SettleAsked{}); !errors.Is(err, ErrBusy) {
		t.Errorf("while one is being settled: want %v, got %v", ErrBusy, err)
	}
}

// A host that never answers about a batch must not keep all later ones open.
func TestABatchThatIsNeverAnsweredEndsUnconfirmedAndTheNextIsSettled(t *testing.T) {
	s := settlingStory(t)
	s.sellAnother(1000)
	s.tell(SettleAsked{})
	for range 1000 {
		if s.state.closed(1).Phase == BatchDone {
			break
		}
		s.batchReply(OutcomeUnknown)
		if wake := s.state.NextWake(); wake.After(s.now) {
			s.wait(wake.Sub(s.now))
		}
	}
	b := s.state.closed(1)
	if b.Phase != BatchDone || b.Balanced || b.Reason != BecauseExhausted || len(b.Slips) == 0 {
		t.Fatalf("want it ended, unconfirmed, with a slip: %+v", b)
	}
	if waited := s.now.Sub(start); waited < s.state.rules.HandAfter {
		t.Errorf("it was given up after %s", waited)
	}
	s.sellAnother(1)
	s.tell(SettleAsked{})
}
