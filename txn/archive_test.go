package txn

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"
)

// recalledState replays what a compacted journal has of a state, through its bytes.
func recalledState(t *testing.T, s *State) *State {
	t.Helper()
	again := NewState(s.rules)
	for _, r := range s.Carried(start) {
		decoded, err := DecodeRecord(r.Encode())
		if err != nil {
			t.Fatal(err)
		}
		again.Apply(decoded)
	}
	return again
}

func TestACompactedJournalGivesTheSameBooks(t *testing.T) {
	s := sold(t)
	s.tell(RefundAsked{Order: s.state.current, Amount: 100})
	s.refundReply(OutcomePending)
	s.tell(SaleAsked{Amount: 500})
	again := recalledState(t, s.state)
	for name, look := range map[string]func(*State) any{
		"sales":   func(s *State) any { return s.Sales(0) },
		"batches": func(s *State) any { return s.Batches() },
		"due":     func(s *State) any { return len(s.Due()) },
		"wake":    func(s *State) any { return s.NextWake() },
		"trace":   func(s *State) any { return s.nextTrace() },
		"counter": func(s *State) any { return s.counter },
		"view":    func(s *State) any { return s.View(start) },
	} {
		was, _ := json.Marshal(look(s.state))
		is, _ := json.Marshal(look(again))
		if !bytes.Equal(was, is) {
			t.Errorf("%s: want\n%s\ngot\n%s", name, was, is)
		}
	}
	if of := again.FindRef(string(s.state.Sales(2)[1].Refunds[0].Order)); of != s.state.Sales(2)[1].Order {
		t.Errorf("the refund is not found any more: %q", of)
	}
}

// settledSale is a sale whose batch is settled and whose slips are on paper.
func settledSale(t *testing.T) *story {
	t.Helper()
	s := sold(t)
	s.tell(SettleAsked{})
	for _, e := range s.state.Due() {
		if p, ok := e.(Print); ok {
			s.tell(SlipEnded{Key: p.Key()})
		}
	}
	s.tell(SaleAsked{Amount: 1}) // the last sale stays on the screen
	s.tell(CancelAsked{})
	return s
}

func TestOnlyWhatIsSettledAndAtRestMayBeArchived(t *testing.T) {
	later := start.Add(time.Hour)
	s := settledSale(t)
	first := s.state.order[0]
	if got := s.state.Settled(later); len(got) != 1 || got[0].Order != first {
		t.Fatalf("want the first sale, got %d", len(got))
	}
	if got := s.state.Settled(start.Add(-time.Hour)); len(got) != 0 {
		t.Error("one that is not old enough may go")
	}
	s.tell(RefundAsked{Order: first, Amount: 10})
	if got := s.state.Settled(later); len(got) != 0 {
		t.Error("one with a refund on its way may go")
	}
	if got := sold(t).state.Settled(later); len(got) != 0 {
		t.Error("one whose batch is open may go")
	}
}

func TestAnArchivedSaleIsCalledBackAndRefunded(t *testing.T) {
	s := settledSale(t)
	old := s.state.Settled(start.Add(time.Hour))
	text := old[0].Archived()
	s.state.Forget(old)
	if _, ok := s.state.Sale(old[0].Order); ok || len(s.state.order) != 1 {
		t.Fatal("it is still there")
	}
	if err := s.try(RefundAsked{Order: old[0].Order}); !errors.Is(err, ErrNoOrder) {
		t.Errorf("want %v while it is away, got %v", ErrNoOrder, err)
	}
	r, err := Recall(start, text)
	if err != nil {
		t.Fatal(err)
	}
	s.state.Apply(r)
	s.tell(RefundAsked{Order: old[0].Order, Amount: 1000})
	if err := s.try(RefundAsked{Order: old[0].Order, Amount: 51}); !errors.Is(err, ErrRefundSum) {
		t.Errorf("want %v, got %v", ErrRefundSum, err)
	}
}

func TestASaleIsFoundByEveryNumberOfIt(t *testing.T) {
	s := sold(t)
	sale := s.sale()
	sale.Answer.ChannelRef = "4200001234202611240123456789"
	s.tell(RefundAsked{Order: sale.Order, Amount: 10})
	for _, ref := range []string{string(sale.Order), sale.Answer.ChannelRef, string(sale.Refunds[0].Order)} {
		if got := s.state.FindRef(ref); got != sale.Order {
			t.Errorf("%q: want %s, got %q", ref, sale.Order, got)
		}
	}
	for _, ref := range []string{"", "1", "4200001234"} {
		if got := s.state.FindRef(ref); got != "" {
			t.Errorf("%q: want none, got %s", ref, got)
		}
	}
	if days := sale.Days(); !slices.Contains(days, Day(start)) {
		t.Errorf("want its day, got %v", days)
	}
}

func TestAnotherIdentityIsRefusedWhileMoneyIsOpen(t *testing.T) {
	one := Identity{"80000001", "m", "allinpay"}
	other := Identity{"80000002", "m", "allinpay"}
	s := sold(t)
	s.tell(Identified{one})
	if err := s.try(Identified{other}); !errors.Is(err, ErrMoneyOpen) {
		t.Errorf("the batch is open: want %v, got %v", ErrMoneyOpen, err)
	}
	s.tell(Identified{one}) // the same is nothing new
	s = settledSale(t)
	s.tell(Identified{one})
	s.tell(Identified{other})
	if got := recalledState(t, s.state).Identity(); got != other {
		t.Errorf("want %v, got %v", other, got)
	}
	if r := s.state.ResetCarried(start); r.Carry.Trace != s.state.trace || r.Carry.Batch != s.state.batch {
		t.Errorf("numbers do not go on after a reset: %+v", r.Carry)
	}
}
