package txn

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkReplay10000Unprinted opens books whose 10,000 slips wait for paper.
func BenchmarkReplay10000Unprinted(b *testing.B) {
	rules := testRules(b)
	records := unprinted(rules, 10_000)
	for b.Loop() {
		s := NewState(rules)
		for _, r := range records {
			s.Apply(r)
		}
		if s.View(start).Unprinted != 10_000 {
			b.Fatal("not what was kept")
		}
	}
}

// BenchmarkStepAmong10000Uploads asks what is due among 10,000 sales taken offline.
func BenchmarkStepAmong10000Uploads(b *testing.B) {
	rules := testRules(b)
	s := NewState(rules)
	for i := range 10_000 {
		for _, r := range stored(i) {
			s.Apply(r)
		}
	}
	for b.Loop() {
		if s.NextWake().IsZero() || len(s.decideTick(start)) != 1 {
			b.Fatal("nothing to upload")
		}
	}
}

func unprinted(rules Rules, n int) (all []Record) {
	for i := range n {
		o := newOrder(rules.TerminalID, start, uint64(i))
		all = append(all,
			Record{Kind: SaleOpened, At: start, Order: o, Amount: 1, Batch: 1, Trace: 1, Counter: uint64(i)},
			Record{Kind: AuthorizeDue, At: start, Order: o, Try: 1, Ends: start.Add(time.Minute)},
			Record{Kind: WasApproved, At: start, Order: o, Copies: []Copy{MerchantCopy}})
	}
	return all
}

func stored(i int) []Record {
	o := Order(fmt.Sprintf("80000001261125003000%08d", i))
	return []Record{
		{Kind: SaleOpened, At: start, Order: o, Amount: 1, Batch: 1, Trace: 1, Counter: uint64(i)},
		{Kind: AuthorizeDue, At: start, Order: o, Try: 1, Ends: start.Add(time.Minute)},
		{Kind: SaleStored, At: start, Order: o},
	}
}
