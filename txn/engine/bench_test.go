package engine

import (
	"fmt"
	"testing"
	"time"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
)

// BenchmarkOutbox drains 10,000 refunds that have waited for the line, against an
// acquirer that answers at once and a journal in memory: what is left is the
// terminal's own share.
func BenchmarkOutbox(b *testing.B) {
	const sales = 10_000 / txn.RefundsMax
	for b.Loop() {
		b.StopTimer()
		var disk storetest.Disk
		c, due := loaded(b, &disk, sales)
		b.StartTimer()
		began := time.Now()
		n := 0
		for len(due) > 0 {
			refund := due[0].(txn.Refund)
			more, err := c.Step(start, txn.Answered{Key: refund.Key(), Result: txn.Result{
				Outcome: txn.OutcomeApproved, Authentic: true, Order: refund.Order,
				Amount: refund.Amount}})
			if err != nil {
				b.Fatal(err)
			}
			due = append(due[1:], more...)
			n++
		}
		b.ReportMetric(float64(n)/time.Since(began).Seconds(), "refunds/s")
	}
}

// loaded gives a core that owes RefundsMax refunds of each of n sales, the line
// just back, and what leaves first.
func loaded(b *testing.B, disk *storetest.Disk, n int) (*Core, []txn.Effect) {
	b.Helper()
	rules := testRules(b)
	rules.Copies = nil
	journal, _ := disk.Open()
	c, _, err := Open(Books{Rules: rules, Journal: journal}, start)
	if err != nil {
		b.Fatal(err)
	}
	step := func(ev txn.Event) []txn.Effect {
		due, err := c.Step(start, ev)
		if err != nil {
			b.Fatal(err)
		}
		return due
	}
	yes := func(e txn.Effect) {
		pay := e.(txn.Authorize)
		step(txn.Answered{Key: pay.Key(), Result: txn.Result{Outcome: txn.OutcomeApproved,
			Authentic: true, Order: pay.Order, Amount: pay.Amount}})
	}
	for i := range n {
		step(txn.SaleAsked{Amount: 1000})
		yes(step(txn.CodeScanned{Code: txn.NewPayCode(fmt.Sprintf("13%016d", i))})[0])
	}
	sales := c.Sales(0)
	first := step(txn.RefundAsked{Order: sales[0].Order, Amount: 1})[0]
	step(txn.Answered{Key: first.Key(), Result: txn.Result{Outcome: txn.OutcomeNotSent,
		Layer: txn.LayerLine}})
	for i, sale := range sales {
		for j := range txn.RefundsMax {
			if i+j > 0 {
				step(txn.RefundAsked{Order: sale.Order, Amount: 1})
			}
		}
	}
	due, err := c.Step(start.Add(time.Minute), txn.LineSeen{Key: "line/1"})
	if err != nil {
		b.Fatal(err)
	}
	return c, due
}
