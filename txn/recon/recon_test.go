package recon

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

var noon = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC) // noon in Beijing

func number(n int) txn.Order { return txn.Order(fmt.Sprintf("80000001261124120000%08d", n)) }

func sale(n int, phase txn.Phase) txn.Sale {
	return txn.Sale{Order: number(n), Phase: phase, Amount: 1000, ChangedAt: noon}
}

func row(kind acquirer.BillKind, n int, amount txn.Amount) acquirer.BillRow {
	return acquirer.BillRow{Line: n + 1, Kind: kind, Order: number(n), Amount: amount, At: noon}
}

func undo(kind acquirer.BillKind, letter string, n int, amount txn.Amount) acquirer.BillRow {
	r := row(kind, n, amount)
	r.Of, r.Order = r.Order, r.Order+txn.Order(letter)
	return r
}

// bill gives rows and errors as they stand.
func bill(lines ...any) iter.Seq2[acquirer.BillRow, error] {
	return func(yield func(acquirer.BillRow, error) bool) {
		for _, line := range lines {
			r, _ := line.(acquirer.BillRow)
			err, _ := line.(error)
			if !yield(r, err) {
				return
			}
		}
	}
}

func with(s txn.Sale, change func(*txn.Sale)) txn.Sale {
	change(&s)
	return s
}

func TestEveryDifferenceIsNamedWithWhatToDo(t *testing.T) {
	closed := func(moved bool) func(*txn.Sale) {
		return func(s *txn.Sale) { s.Hand = txn.Hand{Since: noon, ClosedAt: noon, Moved: moved} }
	}
	refunded := func(phase txn.Phase) func(*txn.Sale) {
		return func(s *txn.Sale) {
			s.Refunds = []txn.MoneyBack{{Order: number(99), Phase: phase, Amount: 400, ChangedAt: noon}}
		}
	}
	yesterday := func(s *txn.Sale) { s.ChangedAt = noon.Add(-24 * time.Hour) }
	paid, back := acquirer.BillSale, acquirer.BillRefund
	for _, tt := range []struct {
		name   string
		sale   txn.Sale
		lines  []any
		kind   Kind
		action Action
	}{
		{"a match", sale(1, txn.Approved), []any{row(paid, 1, 1000)}, "", ""},
		{"nothing here, nothing there", sale(1, txn.Declined), nil, "", ""},
		{"no row", sale(1, txn.Approved), nil, Missing, Hand},
		{"another amount", sale(1, txn.Approved), []any{row(paid, 1, 1001)}, Amount, Hand},
		{"paid, but reversed here", sale(1, txn.Reversed), []any{row(paid, 1, 1000)}, Late, Reverse},
		{"paid, but declined here", sale(1, txn.Declined), []any{row(paid, 1, 1000)}, Late, Reverse},
		{"paid, but not sent from here", sale(1, txn.NotSent), []any{row(paid, 1, 1000)}, Late, Reverse},
		{"reversed on both sides", sale(1, txn.Reversed),
			[]any{row(paid, 1, 1000), undo(acquirer.BillVoid, "C", 1, 1000)}, "", ""},
		{"reversed by a refund", sale(1, txn.Reversed),
			[]any{row(paid, 1, 1000), undo(back, "R", 1, 1000)}, "", ""},
		{"voided on both sides", sale(1, txn.Voided),
			[]any{row(paid, 1, 1000), undo(acquirer.BillVoid, "C", 1, 1000)}, "", ""},
		{"voided here only", sale(1, txn.Voided), []any{row(paid, 1, 1000)}, Late, Hand},
		{"voided there only", sale(1, txn.Approved),
			[]any{row(paid, 1, 1000), undo(acquirer.BillVoid, "C", 1, 1000)}, Missing, Hand},
		{"still being reversed", sale(1, txn.Reversing), []any{row(paid, 1, 1000)}, Open, Query},
		{"by hand", sale(1, txn.ByHand), []any{row(paid, 1, 1000)}, Open, Query},
		{"closed by hand as moved", with(sale(1, txn.ByHand), closed(true)),
			[]any{row(paid, 1, 1000)}, "", ""},
		{"closed by hand as moved on the next day", with(with(sale(1, txn.ByHand), closed(true)),
			func(s *txn.Sale) { s.AuthorizedAt, s.ChangedAt = noon, noon.Add(24*time.Hour) }),
			[]any{row(paid, 1, 1000)}, "", ""},
		{"a void refused after midnight", with(sale(1, txn.Approved),
			func(s *txn.Sale) { s.AuthorizedAt, s.ChangedAt = noon, noon.Add(24*time.Hour) }),
			[]any{row(paid, 1, 1000)}, "", ""},
		{"a refund closed by hand on the next day", with(sale(1, txn.Approved), func(s *txn.Sale) {
			s.Refunds = []txn.MoneyBack{{Order: number(99), Phase: txn.ByHand, Amount: 400, OpenedAt: noon,
				ChangedAt: noon.Add(24 * time.Hour), Hand: txn.Hand{Since: noon, ClosedAt: noon, Moved: true}}}
		}), []any{row(paid, 1, 1000), row(back, 99, 400)}, "", ""},
		{"closed by hand as not moved", with(sale(1, txn.ByHand), closed(false)),
			[]any{row(paid, 1, 1000)}, Late, Query},
		{"a refund on both sides", with(sale(1, txn.Approved), refunded(txn.Refunded)),
			[]any{row(paid, 1, 1000), row(back, 99, 400)}, "", ""},
		{"a refund here only", with(sale(1, txn.Approved), refunded(txn.Refunded)),
			[]any{row(paid, 1, 1000)}, Missing, Hand},
		{"a refund there only", with(sale(1, txn.Approved), refunded(txn.Declined)),
			[]any{row(paid, 1, 1000), row(back, 99, 400)}, Late, Hand},
		{"a refund on its way", with(sale(1, txn.Approved), refunded(txn.Pending)),
			[]any{row(paid, 1, 1000), row(back, 99, 400)}, Open, Query},
		{"of another day", with(sale(1, txn.Approved), yesterday), nil, "", ""},
		{"a number never used", sale(1, txn.Declined), []any{row(paid, 7, 5)}, Unknown, Office},
		{"twice", sale(1, txn.Approved), []any{row(paid, 1, 1000), row(paid, 1, 1000)}, Twice, Office},
		{"a broken row", sale(1, txn.Declined), []any{&acquirer.BillRowError{Line: 3, Why: "no amount"}},
			Broken, Office},
	} {
		got, err := Join("80000001", noon, []txn.Sale{tt.sale}, bill(tt.lines...))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Differences) == 0 && tt.kind == "" {
			continue
		}
		if len(got.Differences) != 1 || got.Differences[0].Kind != tt.kind ||
			got.Differences[0].Action != tt.action {
			t.Errorf("%s: want %q %q, got %+v", tt.name, tt.kind, tt.action, got.Differences)
		}
	}
}

func TestRowsOfOtherTerminalsAreCountedAndLeftAlone(t *testing.T) {
	other := row(acquirer.BillSale, 1, 5)
	other.Order = "90000001261124120000" + "00000001"
	got, err := Join("80000001", noon, []txn.Sale{sale(1, txn.Approved)},
		bill(other, row(acquirer.BillSale, 1, 1000)))
	want := Report{Day: "2026-11-24", Rows: 2, Matched: 1, Others: 1, Differences: []Difference{}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("want %+v, got %+v %v", want, got, err)
	}
}

func TestABillThatEndsInTheMiddleIsNoReport(t *testing.T) {
	gone := errors.New("the line is cut")
	got, err := Join("80000001", noon, nil, bill(row(acquirer.BillSale, 1, 1000), gone))
	if !errors.Is(err, gone) || got.Rows != 0 {
		t.Errorf("want the bill's error, got %+v %v", got, err)
	}
}

func TestAReportIsBounded(t *testing.T) {
	var lines []any
	for i := range DifferencesMax + 5 {
		lines = append(lines, row(acquirer.BillSale, i, 1))
	}
	got, _ := Join("80000001", noon, nil, bill(lines...))
	if len(got.Differences) != DifferencesMax || got.More != 5 {
		t.Errorf("want %d and 5 more, got %d and %d", DifferencesMax, len(got.Differences), got.More)
	}
}

func BenchmarkJoin5000Rows(b *testing.B) {
	var sales []txn.Sale
	var lines []any
	for i := range 5000 {
		sales = append(sales, sale(i, txn.Approved))
		lines = append(lines, row(acquirer.BillSale, i, 1000))
	}
	for b.Loop() {
		got, err := Join("80000001", noon, sales, bill(lines...))
		if err != nil || got.Matched != 5000 {
			b.Fatal(got.Matched, err)
		}
	}
}
