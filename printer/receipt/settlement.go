package receipt

import (
	"fmt"

	"saoma/terminal/printer"
	"saoma/terminal/txn"
)

// settlement lays out the report of a batch.
func settlement(shop Shop, slip txn.Print) (printer.Page, error) {
	b := slip.Batch
	if b.Phase != txn.BatchDone {
		return printer.Page{}, fmt.Errorf("batch %d is %s: %w", b.Number, b.Phase, ErrNoSlip)
	}
	l := layout{lang: shop.Language}
	a := about{title: wordSettlement}
	if !b.Balanced {
		a.note = wordUnbalanced
	}
	if b.Reason == txn.BecauseExhausted {
		a.note = wordUnconfirmed
	}
	l.head(shop, a, slip)
	l.shop(shop, b.Operator, "")
	l.pair(wordAcquirer, shop.Acquirer)
	l.pair(wordBatch, fmt.Sprintf("%06d", b.Number))
	l.pair(wordClosed, stamp(b.ClosedAt))
	l.pair(wordSettled, stamp(b.EndedAt))
	l.add(printer.Rule{})
	l.batch(b.Totals)
	if b.Reason == txn.BecauseNoHost || b.Reason == txn.BecauseExhausted {
		l.add(printer.Text{Text: l.say(wordByBill)})
	}
	l.marks(a, slip)
	l.add(printer.Feed{Rows: 60})
	return printer.Page{ID: fmt.Sprintf("batch-%06d-%s", b.Number, slip.Copy), Blocks: l.blocks}, nil
}

// batch is what a batch adds up to.
func (l *layout) batch(t txn.Totals) {
	l.sum(wordSale, t.Sales, t.SaleSum)
	l.sum(wordRefund, t.Refunds, t.RefundSum)
	l.sum(wordVoid, t.Voids, t.VoidSum)
	if t.Hand > 0 {
		l.pair(wordHand, fmt.Sprint(t.Hand))
	}
	l.net(t.Net())
}

func (l *layout) net(amount txn.Amount) {
	l.add(printer.Rule{})
	l.add(printer.Pair{Label: l.say(wordNet), Value: "RMB " + amount.String(), Double: true})
}

// sum is a line of totals: how many, and how much.
func (l *layout) sum(w word, n int, amount txn.Amount) {
	l.pair(w, fmt.Sprintf("%d × RMB %s", n, amount))
}
