package receipt

import (
	"errors"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn"
)

func testReport(form txn.Form) txn.Print {
	from := time.Date(2026, 11, 24, 0, 55, 0, 0, time.UTC)
	wechat := txn.Sums{Sales: 9, SaleSum: 90000, Refunds: 2, RefundSum: 5000}
	ecny := txn.Sums{Sales: 2, SaleSum: 23456, Voids: 1, VoidSum: 990}
	r := txn.Report{Number: 31, At: from.Add(8 * time.Hour), Operator: "01"}
	if form == txn.TotalsForm {
		r.Batch = txn.Batch{Number: 7, Phase: txn.BatchOpen,
			Totals: txn.Totals{Sales: 11, SaleSum: 122466, Refunds: 2, RefundSum: 5000, Voids: 1, VoidSum: 990}}
	} else {
		r.Shift = txn.Shift{Person: txn.Person{Operator: "01", Role: txn.Cashier}, Name: "小王", Number: 12, From: from,
			To: r.At, Totals: txn.ShiftTotals{Open: 1, OpenSum: 1050,
				Sums: txn.Sums{Sales: 12, SaleSum: 123456, Refunds: 2, RefundSum: 5000, Voids: 1, VoidSum: 990},
				Wallets: []txn.WalletSums{{Wallet: "", Sums: txn.Sums{Sales: 1, SaleSum: 10000}}, {Wallet: "ecny", Sums: ecny},
					{Wallet: "wechat", Sums: wechat}}}}
	}
	return txn.Print{Report: r, Form: form, Copy: txn.MerchantCopy}
}

func TestReportsLookAsTheGoldenFilesSay(t *testing.T) {
	running, again := testReport(txn.ShiftForm), testReport(txn.ShiftForm)
	running.Report.Shift.To = time.Time{}
	again.Duplicate = true
	for name, tt := range map[string]struct {
		lang Language
		slip txn.Print
	}{
		"shift-zh": {Chinese, testReport(txn.ShiftForm)}, "shift-en": {English, testReport(txn.ShiftForm)},
		"shift-both-again": {Both, again}, "shift-running-zh": {Chinese, running}, "shift-running-en": {English, running},
		"totals-zh": {Chinese, testReport(txn.TotalsForm)}, "totals-en": {English, testReport(txn.TotalsForm)},
	} {
		page, err := Layout(testShop(tt.lang), tt.slip)
		if err != nil {
			t.Fatal(name, err)
		}
		golden(t, name, written(page))
	}
	for _, form := range []txn.Form{txn.ShiftForm, txn.TotalsForm} {
		if _, err := Layout(testShop(Both), txn.Print{Form: form}); !errors.Is(err, ErrNoSlip) {
			t.Errorf("%s of nothing: want %v, got %v", form, ErrNoSlip, err)
		}
	}
}

func TestASlipNamesWhoDidItAndWhoAllowedIt(t *testing.T) {
	sold, back, undone, overridden := testSale(), refunded(), voided(), testSale()
	sold.Operator = "07"
	back.Operator, back.Refunds[0].Operator, back.Refunds[0].By = "07", "08", "09"
	undone.Operator, undone.VoidOperator, undone.VoidBy = "07", "09", "09"
	overridden.Operator, overridden.OverrideBy, overridden.Override = "07", "09", "1"
	auto := refunded()
	auto.Operator = "07"
	for name, tt := range map[string]struct {
		slip       txn.Print
		want, note string
	}{
		"sale":          {txn.Print{Sale: sold, Form: txn.SaleForm}, "07", ""},
		"refund":        {txn.Print{Sale: back, Form: txn.RefundForm, Refund: back.Refunds[0].Order}, "08", "09"},
		"void":          {txn.Print{Sale: undone, Form: txn.VoidForm}, "09", ""},
		"override":      {txn.Print{Sale: overridden, Form: txn.SaleForm}, "07", "09"},
		"by itself":     {txn.Print{Sale: auto, Form: txn.RefundForm, Refund: auto.Refunds[0].Order}, "07", ""},
		"nobody":        {txn.Print{Sale: testSale(), Form: txn.SaleForm}, "01", ""}, // of the config
		"a settlement":  {txn.Print{Batch: txn.Batch{Phase: txn.BatchDone, Operator: "08"}, Form: txn.SettlementForm}, "08", ""},
		"of the config": {txn.Print{Batch: txn.Batch{Phase: txn.BatchDone}, Form: txn.SettlementForm}, "01", ""},
	} {
		page, err := Layout(testShop(English), tt.slip)
		if err != nil {
			t.Fatal(name, err)
		}
		text := written(page)
		if !strings.Contains(text, "OPERATOR | "+tt.want+"\n") {
			t.Errorf("%s: want operator %s in\n%s", name, tt.want, text)
		}
		if has := strings.Contains(text, "AUTHORISED BY"); has != (tt.note != "") ||
			has && !strings.Contains(text, "AUTHORISED BY | "+tt.note+"\n") {
			t.Errorf("%s: want authorised by %q in\n%s", name, tt.note, text)
		}
	}
}
