package txn

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	cashier    = Person{"01", Cashier}
	supervisor = Person{"09", Supervisor}
	technician = Person{"88", Technician}
)

// guardedStory is a till at which operators sign on.
func guardedStory(t *testing.T) *story {
	rules := testRules(t)
	rules.Operators = GuardOn
	return &story{t: t, state: NewState(rules), now: start}
}

// manned has a cashier on duty.
func manned(t *testing.T) *story {
	s := guardedStory(t)
	s.tell(SignedOnAsked{Person: cashier})
	return s
}

func (s *story) wantRefused(want Refusal, ev Event) {
	s.t.Helper()
	if err := s.try(ev); !errors.Is(err, want) {
		s.t.Errorf("%T: want %v, got %v", ev, want, err)
	}
}

// prints puts on paper what waits, until nothing does.
func (s *story) prints() []Print {
	s.t.Helper()
	var out []Print
	for range 100 {
		s.wait(0)
		due := s.state.Due()
		i := len(due) - 1
		if i < 0 {
			return out
		}
		p, ok := due[i].(Print)
		if !ok {
			return out
		}
		out = append(out, p)
		s.tell(SlipEnded{Key: p.Key()})
	}
	s.t.Fatal("the printing never ends")
	return nil
}

// restarted is the state that a new process replays from the records so far.
func (s *story) restarted() *story {
	s.t.Helper()
	again := &story{t: s.t, state: NewState(s.state.rules), now: s.now, kept: s.kept}
	for _, text := range s.kept {
		r, err := DecodeRecord(text)
		if err != nil {
			s.t.Fatal(err)
		}
		again.state.Apply(r)
	}
	again.tell(Restarted{})
	return again
}

func TestASaleWantsSomebodyOnDutyAndNamesThem(t *testing.T) {
	s := guardedStory(t)
	s.wantRefused(ErrNotSignedOn, SaleAsked{Amount: 1050})
	s.wantRefused(ErrNotSignedOn, SaleAsked{Amount: 1050, By: supervisor})
	s.wantRefused(ErrNotSignedOn, SignedOffAsked{})
	s.tell(SignedOnAsked{Person: cashier})
	s.wantRefused(ErrOnDuty, SignedOnAsked{Person: supervisor})
	s.sent()
	s.answer(OutcomeApproved)
	if sale := s.sale(); sale.Operator != "01" || sale.Shift != 1 {
		t.Errorf("want operator 01 of shift 1, got %q of %d", sale.Operator, sale.Shift)
	}
}

// approvedBy sells one sale in a shift of the person, who stays on duty.
func approvedBy(t *testing.T, p Person) (*story, Order) {
	t.Helper()
	s := guardedStory(t)
	s.tell(SignedOnAsked{Person: p})
	order := s.sent()
	s.answer(OutcomeApproved)
	return s, order
}

func TestWhatGivesMoneyBackTakesASupervisor(t *testing.T) {
	for name, ask := range map[string]func(order Order, by Person) Event{
		"refund":  func(o Order, by Person) Event { return RefundAsked{Order: o, Amount: 1, By: by} },
		"void":    func(o Order, by Person) Event { return VoidAsked{Order: o, By: by} },
		"dispute": func(o Order, by Person) Event { return HandAsked{Order: o, Why: BecauseBillMissing, By: by} },
	} {
		for _, tt := range []struct {
			duty, by Person
			want     error
		}{
			{cashier, Person{}, ErrNeedsSupervisor},
			{cashier, cashier, ErrNeedsSupervisor},
			{technician, technician, ErrNeedsSupervisor},
			{cashier, Person{"", Supervisor}, ErrNeedsSupervisor},
			{cashier, supervisor, nil},
			{supervisor, Person{}, nil},
			{supervisor, Person{"08", Supervisor}, nil},
		} {
			s, order := approvedBy(t, tt.duty)
			recs, err := Decide(s.state, s.now, ask(order, tt.by))
			if !errors.Is(err, tt.want) {
				t.Errorf("%s by %v on duty %v: want %v, got %v", name, tt.by, tt.duty, tt.want, err)
			}
			if err != nil {
				continue
			}
			by := tt.by.Operator
			if by == "" {
				by = tt.duty.Operator
			}
			if r := recs[0]; r.Operator != tt.duty.Operator || r.By != by || r.Shift != 1 {
				t.Errorf("%s: want %s and %s on record, got %+v", name, tt.duty.Operator, by, r)
			}
		}
	}
}

func TestAfterSignOffASupervisorMayStillGiveBackAndIsNamed(t *testing.T) {
	s, order := approvedBy(t, cashier)
	s.tell(SignedOffAsked{})
	s.wantRefused(ErrNeedsSupervisor, RefundAsked{Order: order})
	s.tell(RefundAsked{Order: order, Amount: 5, By: supervisor})
	if m := s.sale().Refunds[0]; m.Operator != "09" || m.By != "09" || m.Shift != 0 {
		t.Errorf("want 09 for both and no shift, got %+v", m)
	}
}

func TestTheListForAPersonTakesASupervisor(t *testing.T) {
	s := exhaustedBy(t)
	order := s.state.current
	s.wantRefused(ErrNeedsSupervisor, HandEnded{Order: order, Moved: true})
	s.tell(HandEnded{Order: order, Moved: false, By: supervisor})
	if h := s.sale().Hand; h.Operator != "01" || h.By != "09" {
		t.Errorf("want who said so, got %+v", h)
	}
}

// exhaustedBy has a sale of a cashier's on the list for a person.
func exhaustedBy(t *testing.T) *story {
	s := manned(t)
	order := s.sent()
	s.answer(OutcomeDeclined)
	s.tell(HandAsked{Order: order, Why: BecauseBillPaid, By: supervisor})
	return s
}

func TestUndoingOnceMoreTakesASupervisor(t *testing.T) {
	s := manned(t)
	order := s.sent()
	s.answer(OutcomeDeclined)
	s.wantRefused(ErrNeedsSupervisor, ReverseAsked{Order: order})
	s.tell(ReverseAsked{Order: order, By: supervisor})
	s.want(Reversing, BecauseBillPaid)
}

func TestAnOverrideTakesASupervisorAndASaleWithoutADoubtDoesNot(t *testing.T) {
	s := manned(t)
	s.tell(SaleAsked{Amount: 1, Override: true}) // nothing is in doubt: it overrides nothing
	s.tell(CancelAsked{})
	s.sent()
	s.answer(OutcomeUnknown)
	s.wantRefused(ErrInDoubt, SaleAsked{Amount: 5})
	s.wantRefused(ErrNeedsSupervisor, SaleAsked{Amount: 5, Override: true})
	s.tell(SaleAsked{Amount: 5, Override: true, By: supervisor})
	if sale := s.sale(); sale.Operator != "01" || sale.OverrideBy != "09" || sale.Override == "" {
		t.Errorf("want both on record, got %+v", sale)
	}
}

func TestARefusalForItsOwnReasonCallsNoSupervisor(t *testing.T) {
	s := manned(t)
	s.wantRefused(ErrNoOrder, RefundAsked{Order: "1"})
	s.wantRefused(ErrNoOrder, VoidAsked{Order: "1"})
	order := s.sent()
	s.wantRefused(ErrNotApproved, RefundAsked{Order: order})
	s.answer(OutcomeApproved)
	s.wantRefused(ErrRefundSum, RefundAsked{Order: order, Amount: 1051})
}

func TestSettlingTakesSomebodyOnDutyAndNamesThem(t *testing.T) {
	s, _ := approvedBy(t, cashier)
	s.tell(SignedOffAsked{})
	s.wantRefused(ErrNotSignedOn, SettleAsked{})
	s.wantRefused(ErrNotSignedOn, TotalsSlipAsked{})
	s.tell(SignedOnAsked{Person: technician})
	s.tell(SettleAsked{})
	if b := s.state.closed(1); b.Operator != "88" {
		t.Errorf("want 88, got %q", b.Operator)
	}
}

func TestWithoutOperatorsNobodySignsOnAndNobodyIsAsked(t *testing.T) {
	for _, guard := range []Guard{GuardNone, GuardOff} {
		s := newStory(t)
		s.state.rules.Operators = guard
		s.wantRefused(ErrNoOperators, SignedOnAsked{Person: cashier})
		order := s.sent()
		s.answer(OutcomeApproved)
		s.tell(RefundAsked{Order: order, Amount: 1})
		s.tell(TotalsSlipAsked{})
		if sale := s.sale(); sale.Operator != "" || sale.Refunds[0].By != "" || sale.Shift != 0 {
			t.Errorf("%q: somebody is on record: %+v", guard, sale)
		}
	}
}

// A list that is gone must not open the till: only where nobody ever signed on is
// none the same as no guard.
func TestABrokenOrVanishedListKeepsSellingAndClosesWhatASupervisorMay(t *testing.T) {
	for _, guard := range []Guard{GuardBroken, GuardNone} {
		s, order := approvedBy(t, supervisor)
		s.state.rules.Operators = guard
		s.wantRefused(ErrNeedsSupervisor, RefundAsked{Order: order})
		s.tell(SignedOffAsked{})
		s.wantRefused(ErrNoOperators, SignedOnAsked{Person: cashier})
		s.wantRefused(ErrNeedsSupervisor, VoidAsked{Order: order})
		s.sellAnother(1000)
		s.tell(SettleAsked{})
		if v := s.state.View(s.now); v.Guard != GuardBroken {
			t.Errorf("want it shown, got %q", v.Guard)
		}
	}
}

func TestAShiftAddsUpWhatItsOperatorDid(t *testing.T) {
	s := manned(t)
	s.sellAnother(1000)
	refunded := s.sellAnother(500)
	s.tell(RefundAsked{Order: refunded, Amount: 200, By: supervisor})
	m := s.sale().Refunds[0].Order
	s.reply(Result{Outcome: OutcomeApproved, Authentic: true, Order: m, Amount: 200})
	voided := s.sellAnother(70)
	s.tell(VoidAsked{Order: voided, By: supervisor})
	s.reply(Result{Outcome: OutcomeReversed, Authentic: true, Order: voided, Amount: 70})
	first := Sums{Sales: 3, SaleSum: 1570, Refunds: 1, RefundSum: 200, Voids: 1, VoidSum: 70}
	if got := s.state.View(s.now).Duty.Totals; got.Sums != first || got.Open != 0 || got.Net() != 1300 {
		t.Errorf("want %+v, got %+v", first, got)
	}
	s.tell(SignedOffAsked{})
	s.tell(SignedOnAsked{Person: supervisor})
	s.sellAnother(4)
	shifts := s.state.Shifts()
	if want := (Sums{Sales: 1, SaleSum: 4}); shifts[0].Number != 2 || shifts[0].Totals.Sums != want ||
		shifts[1].Number != 1 || shifts[1].Totals.Sums != first || shifts[1].To.IsZero() {
		t.Errorf("want each their own, got %+v", shifts)
	}
}

func TestAVoidBelongsToTheShiftInWhichItWasAskedFor(t *testing.T) {
	s, order := approvedBy(t, cashier)
	s.tell(SignedOffAsked{})
	s.tell(SignedOnAsked{Person: supervisor})
	s.tell(VoidAsked{Order: order})
	if got := s.state.shift.Totals; got.Open != 1 || got.OpenSum != 1050 {
		t.Errorf("on its way: want it open, got %+v", got)
	}
	s.reply(Result{Outcome: OutcomeReversed, Authentic: true, Order: order, Amount: 1050})
	want := ShiftTotals{Sums: Sums{Voids: 1, VoidSum: 1050},
		Wallets: []WalletSums{{"wechat", Sums{Voids: 1, VoidSum: 1050}}}}
	if got := s.state.shift.Totals; !reflect.DeepEqual(got, want) {
		t.Errorf("want %+v, got %+v", want, got)
	}
	if first := s.state.shifts[0].Totals; first.Net() != 1050 {
		t.Errorf("the shift before was changed: %+v", first)
	}
}

func TestWhatIsNotKnownYetIsCountedApart(t *testing.T) {
	s := manned(t)
	s.tell(SaleAsked{Amount: 1050})
	if got := s.state.shift.Totals.Open; got != 0 {
		t.Errorf("a sale without a code: want nothing open, got %d", got)
	}
	s.tell(CodeScanned{Code: NewPayCode(wechatCode)})
	s.answer(OutcomeUnknown)
	if got := s.state.shift.Totals; got.Open != 1 || got.OpenSum != 1050 || got.Sales != 0 {
		t.Errorf("in doubt: want it open, got %+v", got)
	}
	s.wait(5 * time.Second)
	s.answer(OutcomeDeclined)
	if got := s.state.shift.Totals; !reflect.DeepEqual(got, ShiftTotals{}) {
		t.Errorf("declined: want nothing left, got %+v", got)
	}
}

func TestNobodySignsOffWhileASaleIsAtTheCounter(t *testing.T) {
	s := manned(t)
	s.tell(SaleAsked{Amount: 1050})
	s.wantRefused(ErrBusy, SignedOffAsked{})
	s.tell(CodeScanned{Code: NewPayCode(wechatCode)})
	s.wantRefused(ErrBusy, SignedOffAsked{})
	s.answer(OutcomeUnknown)
	s.tell(SignedOffAsked{})
	if s.state.View(s.now).Duty != nil {
		t.Error("somebody is on duty still")
	}
}

func TestAReversalLeavesAfterSignOffAndAfterARestart(t *testing.T) {
	s := manned(t)
	order := s.sent()
	s.answer(OutcomeUnknown)
	s.tell(SignedOffAsked{})
	for i, restart := range []bool{false, true, true} {
		if restart {
			s = s.restarted()
		}
		for range 50 {
			if _, due := s.money().(Reverse); due {
				break
			}
			s.wait(10 * time.Second)
			if s.phase() == Querying {
				s.answer(OutcomeUnknown)
			}
		}
		e, ok := s.money().(Reverse)
		if !ok || e.Order != order {
			t.Fatalf("round %d: want the reversal, got %+v", i, s.state.Due())
		}
	}
	s.answer(OutcomeReversed)
	s.want(Reversed, "")
}

// money is the one message that is due.
func (s *story) money() Effect {
	for _, e := range s.state.Due() {
		if UrgencyOf(e) != ForNoMessage {
			return e
		}
	}
	return nil
}

func TestSigningOffPrintsTheShiftAndASecondSlipIsMarked(t *testing.T) {
	s := manned(t)
	s.tell(ShiftSlipAsked{}) // as it stands
	s.sellAnother(1000)
	s.tell(SignedOffAsked{})
	s.tell(ShiftSlipAsked{Shift: 1})
	var got []string
	for _, p := range s.prints() {
		if p.Form == ShiftForm {
			got = append(got, p.Key()+map[bool]string{true: " again"}[p.Duplicate]+
				map[bool]string{true: " running"}[p.Report.Shift.To.IsZero()]+" "+p.Report.Shift.Totals.Net().String())
		}
	}
	want := []string{"print-shift-merchant/report-000001/1 running 0.00",
		"print-shift-merchant/report-000002/1 10.00", "print-shift-merchant/report-000003/1 again 10.00"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("want\n%q\ngot\n%q", want, got)
	}
	if v := s.state.View(s.now); v.Unprinted != 0 {
		t.Errorf("%d slips wait", v.Unprinted)
	}
	s.wantRefused(ErrNotSignedOn, ShiftSlipAsked{})
	s.wantRefused(ErrNoOrder, ShiftSlipAsked{Shift: 9})
}

func TestTheTotalsOfTheOpenBatchArePrintedAsTheyStoodAndNothingIsClosed(t *testing.T) {
	s := manned(t)
	s.sellAnother(1000)
	s.prints()
	s.tell(TotalsSlipAsked{})
	s.sellAnother(500)
	for _, p := range s.prints() {
		if p.Form == TotalsForm && (p.Report.Batch.Totals.SaleSum != 1000 || p.Report.Operator != "01") {
			t.Errorf("want ¥10.00 of operator 01, got %+v", p.Report)
		}
	}
	if s.state.batch != 1 {
		t.Error("the batch was closed")
	}
}

func TestAReportThatTheRestartCutIsPrintedAgainAndMarked(t *testing.T) {
	s := manned(t)
	s.tell(ShiftSlipAsked{})
	s.wait(0)
	s = s.restarted()
	s.wait(0)
	if p, ok := s.state.Due()[0].(Print); !ok || !p.Duplicate || p.Try != 2 {
		t.Errorf("want a marked one, got %+v", s.state.Due())
	}
	s.tell(SlipEnded{Key: s.state.Due()[0].Key(), Trouble: "paper_out"})
	if len(s.state.Due()) != 0 || s.state.NextWake().IsZero() {
		t.Error("without paper it has to wait and be tried again")
	}
}

func TestReportsThatWaitForPaperAreLimitedAndNobodyIsKeptByThem(t *testing.T) {
	s := manned(t)
	for range ReportsMax {
		s.tell(ShiftSlipAsked{})
	}
	s.wantRefused(ErrReportsMax, ShiftSlipAsked{})
	s.wantRefused(ErrReportsMax, TotalsSlipAsked{})
	s.tell(SignedOffAsked{})
	if got := len(s.state.reports); got != ReportsMax {
		t.Errorf("want %d reports, got %d", ReportsMax, got)
	}
}

func TestEndedShiftsAreKeptUpToALimitAndNumbersAreNotUsedAgain(t *testing.T) {
	s := guardedStory(t)
	for range ShiftsKept + 3 {
		s.tell(SignedOnAsked{Person: cashier})
		s.tell(SignedOffAsked{})
		s.prints()
	}
	all := s.state.Shifts()
	if len(all) != ShiftsKept || all[0].Number != ShiftsKept+3 || all[ShiftsKept-1].Number != 4 {
		t.Errorf("want 4 to %d, got %d: %d to %d", ShiftsKept+3, len(all), all[len(all)-1].Number, all[0].Number)
	}
	again := s.restarted()
	again.tell(SignedOnAsked{Person: cashier})
	if got := again.state.shift.Number; got != ShiftsKept+4 {
		t.Errorf("after a restart: want %d, got %d", ShiftsKept+4, got)
	}
}

func TestAReplayGivesTheSameShifts(t *testing.T) {
	s := manned(t)
	order := s.sellAnother(1000)
	s.tell(RefundAsked{Order: order, Amount: 5, By: supervisor})
	s.tell(SignedOffAsked{})
	s.tell(SignedOnAsked{Person: supervisor})
	s.sellAnother(7)
	was, _ := json.Marshal(s.state.Shifts())
	is, _ := json.Marshal(s.restarted().state.Shifts())
	if string(was) != string(is) {
		t.Errorf("want\n%s\ngot\n%s", was, is)
	}
}

// What an earlier release wrote knows neither operators nor shifts.
func TestAJournalOfBeforeThereWereOperatorsIsReplayed(t *testing.T) {
	const journal = `{"v":1,"kind":"sale-opened","at":"2026-11-24T16:30:00Z","order":"8000000126112500300000000001","amount":1050,"trace":1,"batch":1,"counter":1,"ends":"2026-11-24T16:32:00Z"}
{"v":1,"kind":"authorize-due","at":"2026-11-24T16:30:00Z","order":"8000000126112500300000000001","family":"wechat","wallet":"wechat","masked":"13************6789","try":1,"ends":"2026-11-24T16:31:00Z"}
{"v":1,"kind":"approved","at":"2026-11-24T16:30:01Z","order":"8000000126112500300000000001","answer":{"outcome":"approved","authentic":true,"order":"8000000126112500300000000001","amount":1050},"copies":["merchant"]}
{"v":1,"kind":"slip-started","at":"2026-11-24T16:30:01Z","order":"8000000126112500300000000001","try":1,"copy":"merchant"}
{"v":1,"kind":"slip-printed","at":"2026-11-24T16:30:02Z","order":"8000000126112500300000000001","copy":"merchant"}
{"v":1,"kind":"batch-closed","at":"2026-11-24T16:40:00Z","order":"","batch":1,"totals":{"sales":1,"sale_sum_fen":1050,"refunds":0,"refund_sum_fen":0,"voids":0,"void_sum_fen":0,"hand":0}}
{"v":1,"kind":"settled-by-bill","at":"2026-11-24T16:40:00Z","order":"","batch":1,"balanced":true,"reason":"no_host","copies":["merchant"]}`
	s := guardedStory(t)
	for line := range strings.Lines(strings.ReplaceAll(journal, "settled-by-bill", string(BatchSettled))) {
		r, err := DecodeRecord([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		s.state.Apply(r)
	}
	s.tell(Restarted{})
	s.tell(SignedOnAsked{Person: cashier})
	s.wantRefused(ErrNeedsSupervisor, RefundAsked{Order: s.state.current})
	s.tell(RefundAsked{Order: s.state.current, By: supervisor})
	if got := s.state.shift.Totals; got.Sales != 0 || got.Open != 1 {
		t.Errorf("want only the refund in the shift, got %+v", got)
	}
}

func TestWhoWorksHereSurvivesAJournalThatBeginsAnew(t *testing.T) {
	s := manned(t)
	s.sellAnother(1000)
	s.tell(SignedOffAsked{})
	s.prints()
	s.tell(SignedOnAsked{Person: supervisor, Name: "店长"})
	s.tell(ShiftSlipAsked{Shift: 1})
	s.tell(TotalsSlipAsked{})
	s.wait(0) // one is being printed
	text, err := json.Marshal(s.state.staff())
	var read Staff
	if err := errors.Join(err, json.Unmarshal(text, &read)); err != nil {
		t.Fatal(err)
	}
	again := NewState(s.state.rules)
	again.takeStaff(read)
	if was, is := s.state.staff(), again.staff(); !reflect.DeepEqual(was, is) {
		t.Errorf("want\n%+v\ngot\n%+v", was, is)
	}
	if !again.printing || len(again.Due()) != 1 || again.Due()[0].Key() != s.state.Due()[0].Key() {
		t.Errorf("what is being printed is lost: %v", again.Due())
	}
}
