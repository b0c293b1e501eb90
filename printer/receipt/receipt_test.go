package receipt

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"saoma/terminal/printer"
	"saoma/terminal/txn"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference")

func testShop(l Language) Shop {
	return Shop{Name: "西湖龙井茶庄", NameEn: "West Lake Tea House", MerchantID: "990581007426001",
		TerminalID: "80000001", Operator: "01", Acquirer: "allinpay", Language: l}
}

func testSale() txn.Sale {
	return txn.Sale{Order: "8000000126112417230000000014", Phase: txn.Approved, Amount: 1050,
		Trace: 14, Batch: 1, Masked: "13************6789", Looks: "wechat",
		ChangedAt: time.Date(2026, 11, 24, 9, 23, 1, 0, time.UTC),
		Answer: txn.Result{AcquirerRef: "112094120001088317", ChannelRef: "4200002026112400000001",
			Wallet: "wechat", Clearing: "nucc",
			PaidAt: time.Date(2026, 11, 24, 9, 23, 0, 0, time.UTC)}}
}

// written is a page as text, 32 half-width characters wide.
func written(p printer.Page) string {
	var s strings.Builder
	fmt.Fprintf(&s, "[%s]\n", p.ID)
	for _, block := range p.Blocks {
		switch b := block.(type) {
		case printer.Text:
			fmt.Fprintf(&s, "%s%s%s\n", []string{"", "    ", "        "}[b.Align], b.Text, mark(b.Double))
		case printer.Pair:
			fmt.Fprintf(&s, "%s | %s%s\n", b.Label, b.Value, mark(b.Double))
		case printer.Rule:
			s.WriteString("................................\n")
		case printer.Feed:
			fmt.Fprintf(&s, "(%d rows)\n", b.Rows)
		case printer.QR:
			fmt.Fprintf(&s, "(QR %s)\n", b.Text)
		case printer.Bars:
			fmt.Fprintf(&s, "(bars %s)\n", b.Text)
		}
	}
	return s.String()
}

func mark(double bool) string {
	if double {
		return " (double)"
	}
	return ""
}

func TestSlipsLookAsTheGoldenFilesSay(t *testing.T) {
	bars := testShop(Both)
	bars.OrderAsBars = true
	overridden := testSale()
	overridden.Override = "8000000126112417230000000013"
	for name, tt := range map[string]struct {
		shop      Shop
		sale      txn.Sale
		form      txn.Form
		copy      txn.Copy
		duplicate bool
	}{
		"merchant-both":      {testShop(Both), testSale(), txn.SaleForm, txn.MerchantCopy, false},
		"customer-both":      {testShop(Both), testSale(), txn.SaleForm, txn.CustomerCopy, false},
		"merchant-zh":        {testShop(Chinese), testSale(), txn.SaleForm, txn.MerchantCopy, false},
		"merchant-en":        {testShop(English), testSale(), txn.SaleForm, txn.MerchantCopy, false},
		"merchant-duplicate": {testShop(Both), testSale(), txn.SaleForm, txn.MerchantCopy, true},
		"merchant-bars":      {bars, overridden, txn.SaleForm, txn.MerchantCopy, false},
		"void":               {testShop(Both), voided(), txn.VoidForm, txn.CustomerCopy, false},
		"refund":             {testShop(Both), refunded(), txn.RefundForm, txn.CustomerCopy, true},
		"offline":            {testShop(Both), offline(), txn.OfflineForm, txn.CustomerCopy, false},
		"hand":               {testShop(Both), byHand(), txn.HandForm, txn.MerchantCopy, false},
		"hand-refund":        {testShop(Both), refunded(), txn.HandForm, txn.MerchantCopy, false},
	} {
		slip := txn.Print{Sale: tt.sale, Form: tt.form, Copy: tt.copy, Duplicate: tt.duplicate}
		if len(tt.sale.Refunds) > 0 {
			slip.Refund = tt.sale.Refunds[0].Order
		}
		page, err := Layout(tt.shop, slip)
		if err != nil {
			t.Fatal(name, err)
		}
		golden(t, name, written(page))
	}
}

func TestASettlementLooksAsTheGoldenFilesSay(t *testing.T) {
	closed := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	batch := txn.Batch{Number: 7, Phase: txn.BatchDone, ClosedAt: closed, EndedAt: closed.Add(time.Second),
		Totals: txn.Totals{Sales: 12, SaleSum: 123456, Refunds: 2, RefundSum: 5000, Voids: 1,
			VoidSum: 990, Hand: 1}}
	balanced := batch
	balanced.Balanced, balanced.Reason = true, txn.BecauseNoHost
	for name, b := range map[string]txn.Batch{"settlement": balanced, "settlement-differs": batch} {
		page, err := Layout(testShop(Both), txn.Print{Batch: b, Form: txn.SettlementForm,
			Copy: txn.MerchantCopy})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, written(page))
	}
	batch.Phase = txn.BatchSettling
	_, err := Layout(testShop(Both), txn.Print{Batch: batch, Form: txn.SettlementForm})
	if !errors.Is(err, ErrNoSlip) {
		t.Errorf("want %v of a batch that is not settled, got %v", ErrNoSlip, err)
	}
}

func voided() txn.Sale {
	sale := testSale()
	sale.Phase, sale.VoidTrace = txn.Voided, 15
	sale.VoidedAt = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	return sale
}

func refunded() txn.Sale {
	sale := testSale()
	sale.Refunds = []txn.MoneyBack{{Order: "8000000126112510000000000015", Phase: txn.Refunded,
		Amount: 450, Trace: 16, Batch: 1, ChangedAt: time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC),
		Answer: txn.Result{AcquirerRef: "112094120001099999", ChannelRef: "4200002026112500000002"}}}
	return sale
}

func offline() txn.Sale {
	sale := testSale()
	sale.Phase, sale.Offline, sale.Answer = txn.Stored, true, txn.Result{}
	sale.ScannedAt = time.Date(2026, 11, 24, 9, 22, 0, 0, time.UTC)
	return sale
}

func byHand() txn.Sale {
	sale := testSale()
	sale.Phase, sale.Reason = txn.ByHand, txn.BecauseExhausted
	sale.OpenedAt = time.Date(2026, 11, 24, 9, 22, 0, 0, time.UTC)
	sale.Hand = txn.Hand{Why: txn.BecauseExhausted, Since: sale.OpenedAt.AddDate(0, 0, 1)}
	sale.Answer = txn.Result{Code: "3089", Text: "撤销异常"}
	return sale
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: want\n%s\ngot\n%s", name, want, got)
	}
}

func TestPaperThatLooksLikeAReceiptExistsOnlyOfMoneyThatHasMoved(t *testing.T) {
	phases := []txn.Phase{txn.Created, txn.Authorizing, txn.Approved, txn.Declined, txn.Pending,
		txn.Unknown, txn.Querying, txn.Held, txn.Stored, txn.Reversing, txn.Reversed, txn.Refunding,
		txn.Refunded, txn.Voiding, txn.Voided, txn.ByHand, txn.NotSent, ""}
	forms := map[txn.Form][]txn.Phase{
		txn.SaleForm: {txn.Approved, txn.Voiding}, txn.VoidForm: {txn.Voided},
		txn.RefundForm: {txn.Refunded}, txn.OfflineForm: nil, txn.HandForm: nil, "": nil,
	}
	for form, allowed := range forms {
		for _, phase := range phases {
			sale := testSale()
			sale.Phase = phase
			slip := txn.Print{Sale: sale, Form: form, Copy: txn.MerchantCopy}
			if form == txn.RefundForm {
				slip.Refund = "1"
				slip.Sale.Refunds = []txn.MoneyBack{{Order: "1", Phase: phase}}
			}
			page, err := Layout(testShop(Both), slip)
			if may := slices.Contains(allowed, phase); may != (err == nil) ||
				!may && (!errors.Is(err, ErrNoSlip) || len(page.Blocks) != 0) {
				t.Errorf("%s slip of a sale that is %q: %v", form, phase, err)
			}
		}
	}
}

func TestAPayerCodeStandsOnNoSlipOfASaleThatIsNotApproved(t *testing.T) {
	for form, sale := range map[txn.Form]txn.Sale{txn.OfflineForm: offline(), txn.HandForm: byHand()} {
		page, err := Layout(testShop(Both), txn.Print{Sale: sale, Form: form, Copy: txn.MerchantCopy})
		if err != nil || strings.Contains(written(page), sale.Masked) {
			t.Errorf("%s: %v\n%s", form, err, written(page))
		}
	}
}

func merchantSlip(sale txn.Sale) txn.Print {
	return txn.Print{Sale: sale, Form: txn.SaleForm, Copy: txn.MerchantCopy}
}

func TestAHostileNameIsHarmless(t *testing.T) {
	shop, sale := testShop(Both), testSale()
	shop.Name = "a\x1b@\x1dV\x00b\u202ec\n" + strings.Repeat("长", 100)
	sale.Answer.Wallet = "\x1b@\x10\x04evil"
	page, err := Layout(shop, merchantSlip(sale))
	if err != nil {
		t.Fatal(err)
	}
	text := written(page)
	if strings.ContainsAny(text, "\x00\x10\x1b\x1d\u202e") {
		t.Errorf("control characters went through:\n%q", text)
	}
	if strings.Contains(text, strings.Repeat("长", nameMax)) {
		t.Error("the name is as long as it came")
	}
}

func TestTimesAreBeijingTimesAlsoWhenTheAcquirerTellsNone(t *testing.T) {
	sale := testSale()
	sale.Answer.PaidAt = time.Time{}
	page, _ := Layout(testShop(Both), merchantSlip(sale))
	if !strings.Contains(written(page), "2026/11/24 17:23:01") {
		t.Errorf("want 17:23:01:\n%s", written(page))
	}
}

func TestAWalletThatIsNotKnownStandsAsTheAcquirerNamedIt(t *testing.T) {
	sale := testSale()
	sale.Answer.Wallet = "杭州银行"
	page, _ := Layout(testShop(Both), merchantSlip(sale))
	if !strings.Contains(written(page), "| 杭州银行\n") {
		t.Errorf("got\n%s", written(page))
	}
}
