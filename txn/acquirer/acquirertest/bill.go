package acquirertest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// bill is all that one Bill gave.
type bill struct {
	rows []acquirer.BillRow
	bad  []int      // lines that could not be read
	all  []int      // every line, as it came
	end  txn.Result // of the error that was the last
	err  error      // that error itself
}

func readBill(ctx context.Context, a acquirer.Acquirer, day time.Time) bill {
	var all bill
	for row, err := range a.Bill(ctx, day) {
		var bad *acquirer.BillRowError
		var end *acquirer.BillError
		switch {
		case all.err != nil:
			all.err = errors.Join(all.err, errors.New("something follows the last error"))
		case errors.As(err, &bad):
			all.bad, all.all = append(all.bad, bad.Line), append(all.all, bad.Line)
		case errors.As(err, &end):
			all.end, all.err = end.Result, err
		case err != nil:
			all.err = errors.Join(err, errors.New("not a *BillError"))
		default:
			all.rows, all.all = append(all.rows, row), append(all.all, row.Line)
		}
	}
	return all
}

// day sells, refunds and voids, and goes on to the next noon.
func (b *bench) day() (sale, refund, void txn.Order) {
	b.Helper()
	sale, refund, void = b.order(), b.order(), b.order()
	b.want(txn.OutcomeApproved, b.pay(sale))
	b.want(txn.OutcomeApproved, b.refund(sale, refund, 400))
	b.want(txn.OutcomePending, b.present(void))
	b.scan(void)
	b.want(txn.OutcomeReversed, b.reverse(void))
	b.want(txn.OutcomePending, b.present(b.order())) // never paid: in no bill
	b.sim.Advance(24 * time.Hour)
	return sale, refund, void
}

func testBill(t *testing.T, up setUp) {
	t.Run("RowsAreTheDaysMovements", func(t *testing.T) { testBillRows(up(t)) })
	t.Run("EmptyDayHasNoRows", func(t *testing.T) {
		b := up(t)
		b.day()
		got := readBill(t.Context(), b.acq, noon().AddDate(0, 0, -1))
		if len(got.all) != 0 || got.err != nil {
			t.Errorf("want an empty bill, got %+v", got)
		}
	})
	t.Run("DayIsBeijings", func(t *testing.T) {
		b := up(t)
		b.day()
		for _, ends := range []time.Time{midnight().Add(-24 * time.Hour), midnight().Add(-1)} {
			got := readBill(t.Context(), b.acq, ends.UTC())
			if len(got.rows) != 4 || got.err != nil {
				t.Errorf("want the day's rows, got %+v", got)
			}
		}
	})
	t.Run("DifferencesComeAsTheyStand", func(t *testing.T) { testBillDiffers(up(t)) })
	t.Run("BrokenRowsAreSaidAndPassedOver", func(t *testing.T) { testBrokenRows(up(t)) })
	t.Run("NobodyHasToReadOn", func(t *testing.T) {
		b := up(t)
		b.day()
		for range 2 {
			for row, err := range b.acq.Bill(t.Context(), noon()) {
				if err != nil || row.Line != 2 {
					t.Errorf("want the first row, got %+v, %v", row, err)
				}
				break
			}
		}
	})
}

func testBillRows(b *bench) {
	sale, refund, void := b.day()
	got := readBill(b.Context(), b.acq, noon())
	if got.err != nil || len(got.bad) != 0 || len(got.rows) != 4 {
		b.Fatalf("want four rows, got %+v", got)
	}
	want := []acquirer.BillRow{
		{Kind: acquirer.BillSale, Order: sale, Amount: price, At: noon()},
		{Kind: acquirer.BillRefund, Order: refund, Of: sale, Amount: 400, At: noon().Add(between)},
		{Kind: acquirer.BillSale, Order: void, Amount: price, At: noon().Add(between)},
		{Kind: acquirer.BillVoid, Of: void, Amount: price, At: noon().Add(2 * between)},
	}
	for i, row := range got.rows {
		o, _ := b.sim.Order(string(row.Order))
		want[i].Line, want[i].AcquirerRef = i+2, o.TrxID
		if i == 3 { // the adapter's own number
			want[i].Order = row.Order
		}
		if !row.At.Equal(want[i].At) || row.AcquirerRef == "" || row.Order == "" {
			b.Errorf("want %+v, got %+v", want[i], row)
		}
		row.At = want[i].At
		if row != want[i] {
			b.Errorf("want %+v, got %+v", want[i], row)
		}
	}
}

func testBillDiffers(b *bench) {
	sale, refund, void := b.day()
	b.sim.Advance(24 * time.Hour)
	b.edit(acquirersim.BillEdit{Missing: []string{string(sale)}, Late: []string{string(refund)},
		Amounts: map[string]int64{string(void): 1051}, Fees: map[string]int64{string(void): 6},
		Extra: []acquirersim.BillExtra{{Order: "other-system_7", TrxCode: "VSP551", Amount: 7}}})
	got := readBill(b.Context(), b.acq, noon())
	if got.err != nil || len(got.rows) != 3 {
		b.Fatalf("want three rows, got %+v", got)
	}
	if r := got.rows[0]; r.Order != void || r.Amount != 1051 || r.Fee != 6 {
		b.Errorf("want the changed amount and fee, got %+v", r)
	}
	if r := got.rows[2]; r.Order != "other-system_7" || r.Amount != 7 ||
		r.Kind != acquirer.BillSale {
		b.Errorf("want the extra row, got %+v", r)
	}
	next := readBill(b.Context(), b.acq, noon().AddDate(0, 0, 1))
	if next.err != nil || len(next.rows) != 2 || next.rows[0].Order != refund ||
		!next.rows[0].At.Equal(noon().Add(between)) {
		b.Errorf("want the late row with its own time, got %+v", next)
	}
}

func testBrokenRows(b *bench) {
	b.day()
	row := "20260302120000|VSP501|7||260302000000000099|1050|0"
	for _, crlf := range []bool{false, true} {
		b.edit(acquirersim.BillEdit{CRLF: crlf, Broken: []string{"", "|", row, row + "|", "\xff",
			strings.Repeat("x", 5000), strings.ReplaceAll(row, "1050", "10.50"), row}})
		got := readBill(b.Context(), b.acq, noon())
		if got.err != nil || !slices.Equal(got.bad, []int{7, 9, 10, 11, 12}) ||
			!slices.Equal(got.all, []int{2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13}) {
			b.Errorf("CR LF %t: want five broken rows among the others, got %+v", crlf, got)
		}
	}
}

func (b *bench) edit(e acquirersim.BillEdit) {
	b.Helper()
	if err := b.sim.EditBills(e); err != nil {
		b.Fatal(err)
	}
}

// testBrokenBill breaks the way to a bill: what has come then is not the whole, and
// the last word says so.
func testBrokenBill(t *testing.T, up setUp) {
	for _, kind := range append(lies(), acquirersim.RetCode) {
		t.Run("Address/"+string(kind), func(t *testing.T) {
			layer := txn.LayerSignature
			if kind == acquirersim.RetCode {
				layer = txn.LayerBank
			}
			testNoBill(up(t), acquirersim.Fault{Op: acquirersim.OpBill, Kind: kind}, layer)
		})
	}
	for name, address := range map[string]string{
		"another host": "https://evil.example/bill", "no TLS": "http://127.0.0.1/bill",
		"another port": "https://127.0.0.1:1/bill", "user": "https://127.0.0.1@evil.example/bill",
		"own user": "https://a@127.0.0.1/bill", "file": "file:///etc/passwd", "path": "/bill",
	} {
		t.Run("Address/"+name, func(t *testing.T) {
			testNoBill(up(t), acquirersim.Fault{Op: acquirersim.OpBill,
				Kind: acquirersim.WrongLink, Value: address}, txn.LayerSignature)
		})
	}
	for _, op := range []acquirersim.Op{acquirersim.OpBill, acquirersim.OpFile} {
		for _, kind := range []acquirersim.FaultKind{acquirersim.HTTP500, acquirersim.HTML200,
			acquirersim.Empty200, acquirersim.Oversized, acquirersim.Redirect} {
			t.Run("NoAnswer/"+string(op)+"/"+string(kind), func(t *testing.T) {
				testNoBill(up(t), acquirersim.Fault{Op: op, Kind: kind}, txn.LayerBank)
			})
		}
		for _, kind := range []acquirersim.FaultKind{acquirersim.LoseAnswer,
			acquirersim.LoseRequest} {
			t.Run("Line/"+string(op)+"/"+string(kind), func(t *testing.T) {
				testNoBill(up(t), acquirersim.Fault{Op: op, Kind: kind}, txn.LayerLine)
			})
		}
	}
	t.Run("HalfAFileIsNotTheWhole", func(t *testing.T) {
		b := up(t)
		b.day()
		b.fault(acquirersim.OpFile, acquirersim.HalfAnswer, "")
		got := readBill(t.Context(), b.acq, noon())
		if len(got.bad) != 0 || len(got.rows) == 4 || got.end.Layer != txn.LayerLine {
			t.Errorf("want whole rows and an end by the line, got %+v", got)
		}
	})
	t.Run("BillThatIsNotThereYetIsSaid", func(t *testing.T) {
		b := up(t)
		got := readBill(t.Context(), b.acq, noon())
		if got.end.Code != "FAIL" || got.end.Text == "" || got.end.Alarm != "" {
			t.Errorf("want the acquirer's words, got %+v", got)
		}
	})
	t.Run("EndedContextEndsTheBill", func(t *testing.T) {
		b := up(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got := readBill(ctx, b.acq, noon())
		if got.end.Outcome != txn.OutcomeNotSent || got.err == nil {
			t.Errorf("want it not sent, got %+v", got)
		}
	})
}

func testNoBill(b *bench, fault acquirersim.Fault, layer txn.Layer) {
	b.day()
	fault.Nth = 1
	if fault.Kind == acquirersim.RetCode {
		fault.Value = "FAIL"
	}
	if err := b.sim.AddFault(fault); err != nil {
		b.Fatal(err)
	}
	got := readBill(b.Context(), b.acq, noon())
	if len(got.all) != 0 || got.err == nil {
		b.Fatalf("want no row and an error, got %+v", got)
	}
	b.wantLayer(layer, got.end)
	if (got.end.Alarm != "") != (layer == txn.LayerSignature) {
		b.Errorf("want an alarm for what is forged, got %+v", got.end)
	}
	if strings.Contains(got.err.Error(), "http") || strings.Contains(got.err.Error(), "evil") {
		b.Errorf("want no address in an error, got %v", got.err)
	}
	want := 0
	if fault.Op == acquirersim.OpFile {
		want = 1
	}
	if n := b.sim.Requests(acquirersim.OpFile); n != want {
		b.Errorf("want %d fetches and no repetition, got %d", want, n)
	}
	if n := b.sim.Requests(acquirersim.OpPay); n != 1 {
		b.Errorf("want no redirect followed, got %d payments", n-1)
	}
	if again := readBill(b.Context(), b.acq, noon()); again.err != nil || len(again.rows) != 4 {
		b.Errorf("want the bill once the fault is gone, got %+v", again)
	}
}
