package main

import (
	"fmt"
	"path/filepath"
	"runtime"
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

// BenchmarkOpenBooks opens the books of a terminal with a million archived sales and
// 10,000 whose outcome is not known, until the first message could leave.
func BenchmarkOpenBooks(b *testing.B) {
	cfg, _, err := demoConfig("127.0.0.1:0", b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	rules, err := moneyRules(cfg, acquirer.Capabilities{CodeLenMax: 24})
	if err != nil {
		b.Fatal(err)
	}
	full := filepath.Join(b.TempDir(), "books")
	fillBooks(b, full, 1_000_000, 10_000)
	before := heap()
	for b.Loop() {
		j, err := store.Open(full)
		if err != nil {
			b.Fatal(err)
		}
		core, due, err := engine.Open(engine.Books{Rules: rules, Journal: unwritten{j}}, time.Now())
		if err != nil || len(due) == 0 {
			b.Fatalf("%d due, %v", len(due), err)
		}
		b.ReportMetric(float64(heap()-before)/(1<<20), "MiB-in-use")
		if n := len(core.Sales(0)); n != 10_000 {
			b.Fatalf("%d sales", n)
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// unwritten lets the same books be opened again and again.
type unwritten struct{ *store.Journal }

func (unwritten) Append(...[]byte) error { return nil }

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

func fillBooks(b *testing.B, dir string, archived, unknown int) {
	b.Helper()
	j, err := store.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	at := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	sale := txn.Sale{Phase: txn.Approved, Amount: 1050, OpenedAt: at, ChangedAt: at}
	for i := range archived {
		sale.Order = txn.Order(fmt.Sprintf("80000001261125170000%08d", i))
		err := j.Archive(string(sale.Order), sale.Days(), []string{fmt.Sprint("ref ", i)}, sale.Archived())
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Compact(txn.NewReading().Carried(at)[0].Encode()); err != nil {
		b.Fatal(err)
	}
	for i := range unknown {
		order := txn.Order(fmt.Sprintf("80000001261125180000%08d", i))
		var texts [][]byte
		for _, r := range []txn.Record{
			{Kind: txn.SaleOpened, Order: order, Amount: 1050, Trace: uint32(i + 1), Batch: 1,
				Counter: uint64(i + 1), Ends: at.Add(time.Minute)},
			{Kind: txn.AuthorizeDue, Order: order, Try: 1, Family: "wechat", Ends: at.Add(time.Minute)},
			{Kind: txn.WasUnknown, Order: order, Reason: txn.BecauseNoAnswer, Next: at.Add(5 * time.Second)},
		} {
			r.At = at
			texts = append(texts, r.Encode())
		}
		if err := j.Append(texts...); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}
