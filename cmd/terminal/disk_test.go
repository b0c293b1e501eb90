package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"saoma/terminal/store"
	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/engine"
)

// BenchmarkDiskOfASale counts what one sale with both slips writes: the bytes that are
// given to the disk for the books, and the appends, each of which is one sync and touches
// two pages, seldom four. The decisions are those of the real core; only the answers
// come at once.
func BenchmarkDiskOfASale(b *testing.B) {
	cfg, _, err := demoConfig("127.0.0.1:0", b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	rules, err := moneyRules(cfg, acquirer.Capabilities{CodeLenMax: 24})
	if err != nil {
		b.Fatal(err)
	}
	j, err := store.Open(filepath.Join(b.TempDir(), "books"))
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	counted := &countedAppends{Journal: j}
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	core, _, err := engine.Open(engine.Books{Rules: rules, Journal: counted}, now)
	if err != nil {
		b.Fatal(err)
	}
	written, appends, sales := j.Written(), counted.n, 0
	for b.Loop() {
		now = now.Add(time.Minute)
		sellThrough(b, core, now, fmt.Sprintf("13%016d", sales))
		sales++
	}
	b.ReportMetric(float64(j.Written()-written)/float64(sales), "bytes/sale")
	b.ReportMetric(float64(counted.n-appends)/float64(sales), "appends/sale")
}

// sellThrough makes one sale, from the amount to the last slip.
func sellThrough(b *testing.B, core *engine.Core, now time.Time, code string) {
	b.Helper()
	events := []txn.Event{txn.SaleAsked{Amount: 1050},
		txn.CodeScanned{Code: txn.NewPayCode(code), Confirmed: true}}
	for len(events) > 0 {
		due, err := core.Step(now, events[0])
		if err != nil {
			b.Fatal(err)
		}
		events = events[1:]
		for _, e := range due {
			switch e := e.(type) {
			case txn.Authorize:
				events = append(events, txn.Answered{Key: e.Key(), Result: txn.Result{
					Outcome: txn.OutcomeApproved, Authentic: true, Order: e.Order, Amount: e.Amount,
					AcquirerRef: "112094120001088317", ChannelRef: "4200001234202611240123456789",
					Wallet: "wechat", Clearing: "nucc", PaidAt: now}})
			case txn.Print:
				events = append(events, txn.SlipEnded{Key: e.Key()})
			}
		}
	}
}

// countedAppends counts what is synced.
type countedAppends struct {
	*store.Journal
	n int
}

func (c *countedAppends) Append(records ...[]byte) error {
	c.n++
	return c.Journal.Append(records...)
}
