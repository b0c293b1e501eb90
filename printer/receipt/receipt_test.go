package receipt

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
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
		copy      txn.Copy
		duplicate bool
	}{
		"merchant-both":      {testShop(Both), testSale(), txn.MerchantCopy, false},
		"customer-both":      {testShop(Both), testSale(), txn.CustomerCopy, false},
		"merchant-zh":        {testShop(Chinese), testSale(), txn.MerchantCopy, false},
		"merchant-en":        {testShop(English), testSale(), txn.MerchantCopy, false},
		"merchant-duplicate": {testShop(Both), testSale(), txn.MerchantCopy, true},
		"merchant-bars":      {bars, overridden, txn.MerchantCopy, false},
	} {
		page, err := Layout(tt.shop, tt.sale, tt.copy, tt.duplicate)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, written(page))
	}
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

func TestOnlyAnApprovedSaleHasASlip(t *testing.T) {
	for _, phase := range []txn.Phase{txn.Created, txn.Authorizing, txn.Declined, txn.Pending, txn.Unknown,
		txn.Querying, txn.Reversing, txn.Reversed, txn.NotSent, ""} {
		sale := testSale()
		sale.Phase = phase
		if page, err := Layout(testShop(Both), sale, txn.MerchantCopy, false); !errors.Is(err, ErrNotApproved) ||
			len(page.Blocks) != 0 {
			t.Errorf("%s: got %v", phase, err)
		}
	}
}

func TestAHostileNameIsHarmless(t *testing.T) {
	shop, sale := testShop(Both), testSale()
	shop.Name = "a\x1b@\x1dV\x00b\u202ec\n" + strings.Repeat("长", 100)
	sale.Answer.Wallet = "\x1b@\x10\x04evil"
	page, err := Layout(shop, sale, txn.MerchantCopy, false)
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
	page, _ := Layout(testShop(Both), sale, txn.MerchantCopy, false)
	if !strings.Contains(written(page), "2026/11/24 17:23:01") {
		t.Errorf("want 17:23:01:\n%s", written(page))
	}
}

func TestAWalletThatIsNotKnownStandsAsTheAcquirerNamedIt(t *testing.T) {
	sale := testSale()
	sale.Answer.Wallet = "杭州银行"
	page, _ := Layout(testShop(Both), sale, txn.MerchantCopy, false)
	if !strings.Contains(written(page), "| 杭州银行\n") {
		t.Errorf("got\n%s", written(page))
	}
}
