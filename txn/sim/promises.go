package sim

import (
	"bytes"
	"time"

	"saoma/terminal/txn"
)

// closedBatch is a batch as it was closed.
type closedBatch struct {
	number  uint32
	settled int
}

// catchUp reads what is durable: also the records that the power cut has kept
// everybody from hearing of.
func (b *book) catchUp() {
	all := b.world.disk.All()
	for _, text := range all[b.read:] {
		if !bytes.Contains(text, []byte(`"kind":"refund-`)) && !bytes.Contains(text, []byte(`"kind":"batch-`)) &&
			!bytes.Contains(text, []byte(`"kind":"hand-`)) && !b.world.staff.concerns(text) {
			continue
		}
		r, err := txn.DecodeRecord(text)
		if err != nil {
			b.wrong("a record can't be read: %v", err)
		}
		b.enter(r)
	}
	b.read = len(all)
}

// enter keeps books of our own about what was decided, and calls a person.
func (b *book) enter(r txn.Record) {
	b.enterStaff(r)
	switch {
	case r.Kind == txn.RefundDue && r.Try == 1:
		b.asked[r.Order] += r.Amount
		b.amountOf[r.Refund] = r.Amount
	case r.Kind == txn.RefundDeclined, r.Kind == txn.HandClosed && r.Refund != "" && !r.Moved:
		b.asked[r.Order] -= b.amountOf[r.Refund]
	case r.Kind == txn.HandDue:
		order := r.Order
		if r.Refund != "" {
			order = r.Refund
		}
		b.world.after(b.world.within(3*time.Hour), func() { b.world.person(order) })
	case r.Kind == txn.BatchClosed:
		if b.closed[r.Batch] != nil {
			b.wrong("batch %d is closed twice", r.Batch)
		}
		b.closed[r.Batch] = &closedBatch{number: r.Batch}
	case r.Kind == txn.BatchSettled:
		b.closed[r.Batch].settled++
	}
}

// onBatch holds that a batch is closed with what the bank has of it, unless a
// person has to find out about some of it.
func (b *book) onBatch(r txn.Record) {
	if r.Kind == txn.BatchSettled && b.world.rules().Settles {
		said := b.world.bank.settled[r.Batch]
		b.must(said != "" && r.Balanced == (said == "balanced"), r, "the bank says "+said)
	}
	if r.Kind != txn.BatchClosed || r.Totals.Hand > 0 || b.byHand(r.Batch) > 0 {
		return
	}
	if net := b.world.bank.net(r.Batch); r.Totals.Net() != net {
		b.wrong("batch %d is closed with %s, the bank has %s", r.Batch, r.Totals.Net(), net)
	}
}

// byHand counts the orders of a batch that no machine can undo: the bank's books of
// them change when it likes.
func (b *book) byHand(batch uint32) (n int) {
	for _, acc := range b.world.bank.orders {
		if acc.batch == batch && acc.stubborn {
			n++
		}
	}
	return n
}

// limits holds what the terminal has promised by itself, whatever the bank allows.
func (b *book) limits(r txn.Record) {
	if b.world.core == nil {
		return // while it starts
	}
	sale := func() txn.Sale { s, _ := b.world.core.Sale(r.Order); return s }
	switch {
	case r.Kind == txn.RefundDue && r.Try == 1:
		b.must(b.closed[r.Batch] == nil, r, "its batch is closed")
		b.must(b.asked[r.Order] <= sale().Amount, r, "that is more than the sale")
	case r.Kind == txn.VoidDue:
		b.must(b.asked[r.Order] == 0, r, "it has refunds")
		b.must(r.Try > 1 || b.closed[sale().Batch] == nil, r, "its batch is closed")
	case r.Kind == txn.SaleStored:
		l, m := b.world.rules().Store, b.world.core.View(b.world.clock()).Offline
		b.must(m.Count <= l.Count && m.Sum <= l.Sum && sale().Amount <= l.PerSale, r, "above the limits")
	case r.Kind == txn.HandDue:
		b.must(r.Reason != txn.BecauseCodeLost, r, "the vault loses nothing")
	}
}

// batchesAddUp: each batch is settled once, with the totals it was closed with.
func (b *book) batchesAddUp() {
	b.catchUp()
	v := b.world.core.View(b.world.clock())
	if len(v.Settling) > 0 {
		b.wrong("at rest, but batches are being settled: %+v", v.Settling)
	}
	for _, batch := range b.closed {
		if batch.settled != 1 {
			b.wrong("batch %d was settled %d times", batch.number, batch.settled)
		}
	}
}
