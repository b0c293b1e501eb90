package sim

import (
	"bytes"
	"encoding/json"
	"fmt"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
	"saoma/terminal/txn/engine"
)

// book compares the terminal's books with the bank's: some of it at every
// record, all of it at rest. It panics on what is wrong; Live makes it an error.
type book struct {
	world  *World
	tell   func(string, ...any)
	sent   map[txn.Order]int // authorizations handed out, over all processes
	codes  []string          // ever shown to the scanner
	result Result
}

func newBook(w *World, logf func(string, ...any)) book {
	return book{world: w, tell: logf, sent: map[txn.Order]int{}}
}

func (b *book) logf(format string, args ...any) {
	if b.tell != nil {
		b.tell(b.world.now.Format("15:04:05.000 ")+format, args...)
	}
}

func (b *book) wrong(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// onRecord holds what must be true at every moment.
func (b *book) onRecord(r txn.Record) {
	b.logf("record %s %s %s try %d", r.Kind, r.Order, r.Reason, r.Try)
	acc := b.world.bank.orders[r.Order]
	switch r.Kind {
	case txn.WasApproved:
		if acc == nil || acc.state != paid {
			b.wrong("order %s is approved, but the bank has no money for it", r.Order)
		}
	case txn.WasDeclined:
		if acc == nil || acc.state != refused {
			b.wrong("order %s is declined, but the bank did not refuse it", r.Order)
		}
	case txn.WasNotSent:
		if acc != nil {
			b.wrong("order %s is not sent, but the bank has it", r.Order)
		}
	}
}

func (b *book) onEffect(e txn.Effect) {
	switch e := e.(type) {
	case txn.Authorize:
		if b.sent[e.Order]++; b.sent[e.Order] > 1 {
			b.wrong("order %s was sent twice", e.Order)
		}
		if !e.Code.Held() {
			b.wrong("order %s was sent without a code", e.Order)
		}
	case txn.Print:
		acc := b.world.bank.orders[e.Sale.Order]
		if acc == nil || acc.state != paid || acc.amount != e.Sale.Amount {
			b.wrong("a slip for order %s, which the bank was not paid", e.Sale.Order)
		}
	}
}

// settle holds what must be true at rest.
func (b *book) settle() {
	w := b.world
	if w.core == nil {
		b.wrong("the power is off at the end")
	}
	if due, wake := w.core.NextWake(), w.core.NextWake(); !wake.IsZero() {
		b.wrong("at rest, but something is due at %s", due)
	}
	b.moneyAgrees()
	b.cartsPaidOnce()
	b.paperIsRight()
	b.noCodeOnDisk()
	b.replayAgrees()
}

func (b *book) moneyAgrees() {
	known := map[txn.Order]bool{}
	for _, sale := range b.world.core.Sales(0) {
		known[sale.Order] = true
		acc := b.world.bank.orders[sale.Order]
		atBank := acc != nil && acc.state == paid
		if !sale.Phase.Final() {
			b.wrong("order %s is still %s at rest", sale.Order, sale.Phase)
		}
		if atBank != (sale.Phase == txn.Approved) {
			b.wrong("order %s is %s, but at the bank paid is %t", sale.Order, sale.Phase, atBank)
		}
		if atBank && acc.amount != sale.Amount {
			b.wrong("order %s: %s here, %s at the bank", sale.Order, sale.Amount, acc.amount)
		}
		b.count(sale.Phase)
	}
	for order, acc := range b.world.bank.orders {
		switch {
		case !known[order]:
			b.wrong("the bank has order %s, the terminal has not", order)
		case acc.commits > 1:
			b.wrong("order %s moved money %d times", order, acc.commits)
		case acc.state == waitsForPayer:
			b.wrong("order %s can still be paid", order)
		}
	}
}

func (b *book) count(p txn.Phase) {
	b.result.Sales++
	switch p {
	case txn.Approved:
		b.result.Approved++
	case txn.Declined:
		b.result.Declined++
	case txn.Reversed:
		b.result.Reversed++
	case txn.NotSent:
		b.result.NotSent++
	}
}

// cartsPaidOnce: no customer paid twice, unless a person decided so.
func (b *book) cartsPaidOnce() {
	paidCarts := map[int]txn.Order{}
	for order, acc := range b.world.bank.orders {
		if acc.state != paid || b.world.till.override[acc.cart] {
			continue
		}
		if other, twice := paidCarts[acc.cart]; twice {
			b.wrong("cart %d is paid by %s and by %s", acc.cart, other, order)
		}
		paidCarts[acc.cart] = order
	}
}

// paperIsRight: each approved sale has a whole slip, and of each copy at most
// one that is whole is not marked a duplicate.
func (b *book) paperIsRight() {
	type piece struct {
		order txn.Order
		copy  txn.Copy
	}
	whole, unmarked := map[piece]int{}, map[piece]int{}
	for _, s := range b.world.paper.slips {
		p := piece{s.order, s.copy}
		if s.complete {
			whole[p]++
			b.result.Slips++
		}
		if s.complete && !s.duplicate {
			unmarked[p]++
		}
		if unmarked[p] > 1 {
			b.wrong("order %s has two %s copies that are not marked", s.order, s.copy)
		}
	}
	for _, sale := range b.world.core.Sales(0) {
		if sale.Phase == txn.Approved && whole[piece{sale.Order, txn.MerchantCopy}] == 0 {
			b.wrong("order %s is approved and has no slip", sale.Order)
		}
	}
}

func (b *book) noCodeOnDisk() {
	for i, record := range b.world.disk.Records() {
		for _, code := range b.codes {
			if bytes.Contains(record, []byte(code)) {
				b.wrong("record %d holds a payer code", i+1)
			}
		}
	}
}

// replayAgrees: what the journal says is what the process believes.
func (b *book) replayAgrees() {
	var disk storetest.Disk
	live, _ := disk.Open()
	for _, r := range b.world.disk.Records() {
		if err := live.Append(r); err != nil {
			b.wrong("copy of the journal: %v", err)
		}
	}
	again, _, err := engine.Open(b.world.rules(), live, b.world.clock(), nil)
	if err != nil {
		b.wrong("replay: %v", err)
	}
	was, is := inJSON(b.world.core.Sales(0)), inJSON(again.Sales(0))
	if !bytes.Equal(was, is) {
		b.wrong("replay gives other books:\n%s\n%s", was, is)
	}
}

func inJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
