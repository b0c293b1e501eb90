package txn

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn/paycode"
)

const wechatCode = "134567890123456789"

var start = time.Date(2026, 11, 24, 16, 30, 0, 0, time.UTC) // 00:30 of the 25th in Beijing

func testRules(t testing.TB) Rules {
	t.Helper()
	table, err := paycode.New(paycode.Default())
	if err != nil {
		t.Fatal(err)
	}
	return Rules{
		TerminalID: "80000001", AmountMax: 1_000_000, CodeLenMax: 24, Codes: table,
		Copies:     []Copy{MerchantCopy},
		ScanWindow: 2 * time.Minute, FirstQuery: 5 * time.Second, QueryEvery: 10 * time.Second,
		PayWindow: time.Minute, MessageLife: 2 * time.Minute, RetryFirst: 4 * time.Second,
		RetryMax: 5 * time.Minute, SlipRetry: 15 * time.Second,
		PresentWindow: 3 * time.Minute, RefundQueryEvery: time.Minute, HandTries: 20,
		HandAfter: 24 * time.Hour, VoidsSameDay: true, CodeLife: 55 * time.Second,
	}
}

// story drives a State by hand, as an engine would, without a journal.
type story struct {
	t     *testing.T
	state *State
	now   time.Time
	kept  [][]byte // the records, as a journal has them
}

func newStory(t *testing.T) *story {
	return &story{t: t, state: NewState(testRules(t)), now: start}
}

// tell lets an event happen, and then everything that is due at this moment.
func (s *story) tell(ev Event) {
	s.t.Helper()
	if err := s.try(ev); err != nil {
		s.t.Fatalf("%T was refused: %v", ev, err)
	}
}

func (s *story) try(ev Event) error {
	recs, err := Decide(s.state, s.now, ev)
	for _, r := range recs {
		again, decodeErr := DecodeRecord(r.Encode())
		if decodeErr != nil || again.Kind != r.Kind {
			s.t.Fatalf("record %s does not survive its encoding: %v", r.Kind, decodeErr)
		}
		s.kept = append(s.kept, r.Encode())
		s.state.Apply(r)
	}
	return err
}

// wait lets time pass, stopping at each moment in which something is due.
func (s *story) wait(d time.Duration) {
	s.t.Helper()
	end := s.now.Add(d)
	for range 1000 {
		wake := s.state.NextWake()
		if wake.IsZero() || wake.After(end) {
			s.now = end
			return
		}
		if wake.After(s.now) {
			s.now = wake
		}
		s.tell(Ticked{})
	}
	s.t.Fatal("it never comes to rest")
}

// sent opens a sale of ¥10.50 and shows a code.
func (s *story) sent() Order {
	s.t.Helper()
	s.tell(SaleAsked{Amount: 1050})
	s.tell(CodeScanned{Code: NewPayCode(wechatCode)})
	return s.state.current
}

// answer answers the one message that is due, as an honest acquirer does.
func (s *story) answer(o Outcome) {
	s.t.Helper()
	s.reply(Result{Outcome: o, Authentic: o != OutcomeUnknown && o != OutcomeNotSent,
		Order: s.state.current, Amount: 1050})
}

func (s *story) reply(r Result) {
	s.t.Helper()
	for _, e := range s.state.Due() {
		if UrgencyOf(e) != ForNoMessage {
			s.tell(Answered{Key: e.Key(), Result: r})
			return
		}
	}
	s.t.Fatal("no message is due")
}

func (s *story) phase() Phase { return s.state.sales[s.state.current].Phase }

func (s *story) want(phase Phase, reason Reason) {
	s.t.Helper()
	sale := s.state.sales[s.state.current]
	if sale.Phase != phase || sale.Reason != reason {
		s.t.Fatalf("want %s %q, got %s %q", phase, reason, sale.Phase, sale.Reason)
	}
}

func TestAPayerCodeIsShownByNothing(t *testing.T) {
	code := NewPayCode(wechatCode)
	sale := Sale{Order: "1", code: code, factor: "456789"}
	ev := CodeScanned{Code: code}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "code", code, "event", ev)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "code", code, "event", ev)
	record := Record{Kind: AuthorizeDue, code: code, factor: "456789"}
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %d", code, code, code, code, code, code, code) +
		fmt.Sprintf("%v %+v %v %+v %#v", ev, ev, sale, sale, Authorize{Code: code}) +
		log.String() + string(record.Encode())
	if strings.Contains(shown, wechatCode) || strings.Contains(shown, fmt.Sprintf("%x", wechatCode)) {
		t.Errorf("the code is in clear in:\n%s", shown)
	}
	if text, err := json.Marshal(code); err == nil {
		t.Errorf("JSON took the code: %s", text)
	}
}

func TestAWipedCodeIsGoneFromEveryCopy(t *testing.T) {
	code := NewPayCode(wechatCode)
	other := code
	code.Wipe()
	if other.Held() || other.Reveal() != "" {
		t.Error("the copy still holds it")
	}
	PayCode{}.Wipe() // holds none: nothing to do
}

func TestAmountsAreWrittenInYuan(t *testing.T) {
	for fen, want := range map[Amount]string{
		0: "0.00", 1: "0.01", 10: "0.10", 1050: "10.50", AmountMax: "9999999999.99", -5: "-0.05",
	} {
		if got := fen.String(); got != want {
			t.Errorf("%d fen: want %s, got %s", int64(fen), want, got)
		}
	}
}

func TestOutcomesSurviveTheJournal(t *testing.T) {
	for o := OutcomeUnknown; o <= OutcomeReversed; o++ {
		text, err := json.Marshal(Result{Outcome: o})
		var back Result
		if err := errors.Join(err, json.Unmarshal(text, &back)); err != nil || back.Outcome != o {
			t.Errorf("%s came back as %s: %v", o, back.Outcome, err)
		}
	}
	var o Outcome
	if err := o.UnmarshalText([]byte("maybe")); err == nil {
		t.Error("an outcome of a later release was taken for one of ours")
	}
}

func TestARecordOfALaterReleaseIsNotRead(t *testing.T) {
	for _, text := range []string{`{"v":2,"kind":"approved"}`, `{"kind":"approved"}`, `{`, ``, `[]`} {
		if _, err := DecodeRecord([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestRulesNameEveryFault(t *testing.T) {
	err := Rules{TerminalID: "8A", Operators: "perhaps"}.Check()
	for _, want := range []string{"terminal ID", "largest amount", "scan window", "first query",
		"query interval", "pay window", "message life", "first retry", "longest retry",
		"slip retry", "payment code", "table", "guard"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in: %v", want, err)
		}
	}
	if err := testRules(t).Check(); err != nil {
		t.Error(err)
	}
}

func TestOrderNumbersAreTerminalBeijingTimeAndCounter(t *testing.T) {
	s := newStory(t)
	s.tell(SaleAsked{Amount: 1})
	if want := Order("8000000126112500300000000001"); s.state.current != want {
		t.Errorf("want %s, got %s", want, s.state.current)
	}
	first := s.state.current
	s.tell(CancelAsked{})
	s.tell(SaleAsked{Amount: 1})
	if s.state.current == first {
		t.Error("two sales of one second have one order number")
	}
}

func TestTheTraceNumberHasSixDigitsAndNeverIsZero(t *testing.T) {
	s := newStory(t)
	s.state.trace = 999999
	s.tell(SaleAsked{Amount: 1})
	if got := s.state.sales[s.state.current].Trace; got != 1 {
		t.Errorf("want 1 after 999999, got %d", got)
	}
}

// alarming says whether a reason is that of an answer which is not believed.
func alarming(r Reason) bool {
	return r == BecauseNotAuthentic || r == BecauseWrongAmount || r == BecauseWrongOrder
}
