package receipt

import (
	"fmt"

	"saoma/terminal/printer"
	"saoma/terminal/txn"
)

// shift lays out what an operator has done: at the end of the shift, or so far.
func shift(shop Shop, slip txn.Print) (printer.Page, error) {
	sh := slip.Report.Shift
	if sh.Number == 0 {
		return printer.Page{}, fmt.Errorf("report %d is of no shift: %w", slip.Report.Number, ErrNoSlip)
	}
	l := layout{lang: shop.Language}
	a := about{title: wordShiftReport}
	if sh.To.IsZero() {
		a.note = wordRunning
	}
	l.head(shop, a, slip)
	l.shop(shop, sh.Operator, "")
	l.pair(wordPerson, sh.Name)
	l.pair(wordRole, l.named(roleNames, string(sh.Role), ""))
	l.pair(wordShift, fmt.Sprintf("%06d", sh.Number))
	l.pair(wordSignedOn, stamp(sh.From))
	if sh.To.IsZero() {
		l.pair(wordAsOf, stamp(slip.Report.At))
	} else {
		l.pair(wordSignedOff, stamp(sh.To))
	}
	l.add(printer.Rule{})
	l.sum(wordSale, sh.Totals.Sales, sh.Totals.SaleSum)
	l.sum(wordRefund, sh.Totals.Refunds, sh.Totals.RefundSum)
	l.sum(wordVoid, sh.Totals.Voids, sh.Totals.VoidSum)
	l.some(wordOpen, sh.Totals.Open, sh.Totals.OpenSum)
	l.net(sh.Totals.Net())
	if sh.Totals.Voids > 0 {
		l.add(printer.Text{Text: l.say(wordVoidsToo)})
	}
	for _, w := range sh.Totals.Wallets {
		l.add(printer.Rule{}, printer.Text{Text: l.wallet(w.Wallet)})
		l.some(wordSale, w.Sales, w.SaleSum)
		l.some(wordRefund, w.Refunds, w.RefundSum)
		l.some(wordVoid, w.Voids, w.VoidSum)
		l.pair(wordNet, "RMB "+w.Net().String())
	}
	return l.report(a, slip), nil
}

// totals lays out the open batch as it stands.
func totals(shop Shop, slip txn.Print) (printer.Page, error) {
	b := slip.Report.Batch
	if b.Number == 0 {
		return printer.Page{}, fmt.Errorf("report %d is of no batch: %w", slip.Report.Number, ErrNoSlip)
	}
	l := layout{lang: shop.Language}
	a := about{title: wordTotals, note: wordNotClosed}
	l.head(shop, a, slip)
	l.shop(shop, slip.Report.Operator, "")
	l.pair(wordBatch, fmt.Sprintf("%06d", b.Number))
	l.pair(wordAsOf, stamp(slip.Report.At))
	l.add(printer.Rule{})
	l.batch(b.Totals)
	return l.report(a, slip), nil
}

func (l *layout) report(a about, slip txn.Print) printer.Page {
	l.marks(a, slip)
	l.add(printer.Feed{Rows: 60})
	return printer.Page{ID: fmt.Sprintf("report-%06d-%s", slip.Report.Number, slip.Copy), Blocks: l.blocks}
}

// some is a line of totals, unless there is nothing to add up.
func (l *layout) some(w word, n int, amount txn.Amount) {
	if n > 0 {
		l.sum(w, n, amount)
	}
}

// wallet names one, or says that nobody told which it was.
func (l *layout) wallet(id string) string {
	if name := clean(l.named(walletNames, id, "")); name != "" {
		return name
	}
	return l.say(wordOther)
}
