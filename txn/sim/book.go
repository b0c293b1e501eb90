package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
	"saoma/terminal/txn/engine"
)

// book compares the terminal's books with the bank's: some of it at every
// record, all of it at rest. It panics on what is wrong; Live makes it an error.
type book struct {
	world  *World
	tell   func(string, ...any)
	sent   map[txn.Order]int        // requests for money that left, over all processes
	asked  map[txn.Order]txn.Amount // refunds of an order that are made, or may be
	closed map[uint32]*closedBatch
	traces map[uint32]bool
	read   int // records on disk that are entered

	amountOf map[txn.Order]txn.Amount // of a refund
	result   Result
}

func newBook(w *World, logf func(string, ...any)) book {
	return book{world: w, tell: logf, sent: map[txn.Order]int{},
		asked: map[txn.Order]txn.Amount{}, closed: map[uint32]*closedBatch{}, traces: map[uint32]bool{},
		amountOf: map[txn.Order]txn.Amount{}}
}

func (b *book) logf(format string, args ...any) {
	if b.tell != nil {
		b.tell(b.world.now.Format("15:04:05.000 ")+format, args...)
	}
}

func (b *book) wrong(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// onRecord holds what must be true at every moment.
func (b *book) onRecord(r txn.Record) {
	b.logf("record %s %s%s %s try %d", r.Kind, r.Order, r.Refund, r.Reason, r.Try)
	acc, given := b.world.bank.orders[r.Order], b.world.bank.refunds[r.Refund]
	switch r.Kind {
	case txn.WasApproved:
		b.must(acc != nil && acc.state == paid, r, "the bank has no money for it")
	case txn.WasDeclined:
		b.must(acc != nil && acc.state == refused, r, "the bank did not refuse it")
	case txn.WasNotSent, txn.SaleHeld, txn.SaleStored:
		b.must(acc == nil, r, "the bank has it")
	case txn.WasVoided:
		b.must(acc != nil && acc.state == undone, r, "the bank did not undo it")
	case txn.RefundMade:
		b.must(given != nil && given.state == paid && given.amount > 0, r, "the bank did not pay it")
	case txn.RefundDeclined:
		b.must(given == nil || given.state == refused, r, "the bank did not refuse it")
	}
	if r.Trace != 0 {
		b.must(!b.traces[r.Trace], r, "its trace number was used before")
		b.traces[r.Trace] = true
	}
	b.catchUp()
	b.limits(r)
	b.onBatch(r)
	b.onShift(r)
	b.tally(r)
}

func (b *book) must(holds bool, r txn.Record, but string) {
	if !holds {
		b.wrong("order %s%s: %s, but %s", r.Order, r.Refund, r.Kind, but)
	}
}

// tally counts what shows that the world is rich.
func (b *book) tally(r txn.Record) {
	res := &b.result
	switch r.Kind {
	case txn.WasLate:
		res.Late++
	case txn.WasVoided:
		res.Voided++
	case txn.RefundMade:
		res.Refunded++
	case txn.SaleHeld:
		res.Held++
	case txn.SaleStored:
		res.Stored++
	case txn.PresentDue:
		res.Presented++
	case txn.BatchSettled:
		res.Settled++
	case txn.UploadDue:
		res.Uploaded++
	case txn.HandDue:
		res.ByHand++
	case txn.SaleCarried:
		res.Recalled++
	}
}

// leaves sees a message that goes on its way.
func (b *book) leaves(e txn.Effect) {
	order, _ := effectOf(e)
	if pay, ok := e.(txn.Authorize); ok && !pay.Stored {
		age := b.world.now.Sub(b.world.till.shown[pay.Code.Reveal()])
		if age >= b.world.rules().CodeLife {
			b.wrong("order %s was sent with a code of %s ago", order, age)
		}
	}
	switch e := e.(type) {
	case txn.Authorize, txn.Present:
		if b.sent[order]++; b.sent[order] > 1 {
			b.wrong("order %s was sent twice", order)
		}
	case txn.Refund:
		if acc := b.world.bank.orders[e.Of]; acc == nil || acc.state != paid {
			b.wrong("refund %s of order %s, which is not paid", order, e.Of)
		}
	}
}

func (b *book) onEffect(e txn.Effect) {
	u := txn.UrgencyOf(e)
	sends := u != txn.ForCashier && u != txn.ForNoMessage
	if sends && b.world.core.View(b.world.clock()).Line.Down {
		b.wrong("%s while the line is down", e.Key())
	}
	if slip, prints := e.(txn.Print); prints {
		b.onSlip(slip)
	}
}

// onSlip holds that no paper says what the bank does not.
func (b *book) onSlip(e txn.Print) {
	if e.Form == txn.ShiftForm || e.Form == txn.TotalsForm {
		b.onReport(e)
		return
	}
	if e.Form == txn.SettlementForm {
		if e.Batch.Phase != txn.BatchDone {
			b.wrong("a slip of batch %d, which is %s", e.Batch.Number, e.Batch.Phase)
		}
		return
	}
	acc, given := b.world.bank.orders[e.Sale.Order], b.world.bank.refunds[e.Refund]
	isTrue := map[txn.Form]bool{
		txn.SaleForm:    acc != nil && (acc.state == paid || e.Sale.Phase == txn.Voiding),
		txn.VoidForm:    acc != nil && acc.state == undone,
		txn.RefundForm:  given != nil && given.state == paid,
		txn.OfflineForm: e.Sale.Offline && !e.Sale.Phase.Final(),
		txn.HandForm:    e.Refund != "" || !e.Sale.Hand.Since.IsZero(),
	}[e.Form]
	if !isTrue || acc != nil && acc.amount != e.Sale.Amount {
		b.wrong("a %s slip for order %s%s, which the bank knows otherwise", e.Form, e.Sale.Order, e.Refund)
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
	v := w.core.View(w.clock())
	if len(v.InDoubt)+len(v.Hand)+v.Unsent+v.Unprinted+v.Offline.Count > 0 || v.Line.Down {
		b.wrong("at rest, but the screen shows %+v", v)
	}
	if len(w.vault) > 0 {
		b.wrong("the vault still holds %d codes", len(w.vault))
	}
	b.result.Archived += len(w.disk.Entries())
	b.moneyAgrees()
	b.batchesAddUp()
	b.cartsPaidOnce()
	b.paperIsRight()
	b.staffAtRest()
	b.noCodeOnDisk()
	b.replayAgrees()
}

func (b *book) moneyAgrees() {
	known := map[txn.Order]bool{}
	for _, sale := range b.sales() {
		known[sale.Order] = true
		acc := b.world.bank.orders[sale.Order]
		if !sale.Phase.Final() && sale.Phase != txn.ByHand {
			b.wrong("order %s is still %s at rest", sale.Order, sale.Phase)
		}
		if sale.Net() != acc.net() {
			b.wrong("order %s is %s with %s, the bank has %s", sale.Order, sale.Phase,
				sale.Net(), acc.net())
		}
		for _, m := range sale.Refunds {
			known[m.Order] = true
			given := b.world.bank.refunds[m.Order]
			if atBank := given != nil && given.state == paid; atBank != m.Moved() {
				b.wrong("refund %s is %s, but at the bank paid is %t", m.Order, m.Phase, atBank)
			}
		}
		b.count(sale.Phase)
	}
	for order := range b.world.bank.refunds {
		if !known[order] {
			b.wrong("the bank has refund %s, the terminal has not", order)
		}
	}
	for order, acc := range b.world.bank.orders {
		switch {
		case !known[order]:
			b.wrong("the bank has order %s, the terminal has not", order)
		case acc.commits > 1:
			b.wrong("order %s moved money %d times", order, acc.commits)
		case acc.given > acc.amount:
			b.wrong("order %s gave back more than it took", order)
		case acc.state == waitsForPayer && !acc.stubborn:
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
	for _, sale := range b.sales() {
		acc := b.world.bank.orders[sale.Order]
		if acc.net() == 0 || b.world.till.override[acc.cart] || sale.Phase == txn.ByHand {
			continue
		}
		if other, twice := paidCarts[acc.cart]; twice {
			b.wrong("cart %d is paid by %s and by %s", acc.cart, other, sale.Order)
		}
		paidCarts[acc.cart] = sale.Order
	}
}

// paperIsRight: whatever moved money has a whole slip, and of each copy at most one
// that is whole is not marked a duplicate.
func (b *book) paperIsRight() {
	whole, unmarked := map[piece]int{}, map[piece]int{}
	for _, s := range b.world.paper.slips {
		if s.complete {
			whole[s.piece]++
			b.result.Slips++
		}
		if s.complete && !s.duplicate {
			unmarked[s.piece]++
		}
		if unmarked[s.piece] > 1 {
			b.wrong("order %s has two %s copies that are not marked", s.piece.order, s.piece.copy)
		}
	}
	want := func(order, refund txn.Order, form txn.Form) {
		if whole[piece{order, refund, form, txn.MerchantCopy, 0, 0}] == 0 {
			b.wrong("order %s%s has no %s slip", order, refund, form)
		}
	}
	for _, sale := range b.sales() {
		switch {
		case sale.Phase == txn.Approved:
			want(sale.Order, "", txn.SaleForm)
		case sale.Phase == txn.Voided:
			want(sale.Order, "", txn.VoidForm)
		}
		for _, m := range sale.Refunds {
			if m.Phase == txn.Refunded {
				want(sale.Order, m.Order, txn.RefundForm)
			}
		}
	}
}

func (b *book) noCodeOnDisk() {
	for i, record := range append(b.world.disk.All(), b.world.disk.Records()...) {
		for code := range b.world.till.shown {
			if bytes.Contains(record, []byte(code)) {
				b.wrong("record %d holds a payer code", i+1)
			}
		}
	}
}

// sales are all that there ever were, also the archived ones.
func (b *book) sales() []txn.Sale {
	all := b.world.core.Sales(0)
	here := map[txn.Order]bool{}
	for _, sale := range all {
		here[sale.Order] = true
	}
	entries := b.world.disk.Entries()
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if here[txn.Order(name)] {
			continue // called back: what the archive has is older
		}
		sale, err := txn.DecodeSale(entries[name])
		if err != nil {
			b.wrong("order %s in the archive: %v", name, err)
		}
		if found, ok := b.world.core.Find(name); !ok || found.Order != sale.Order {
			b.wrong("order %s is in the archive, and can't be found", name)
		}
		all = append(all, sale)
	}
	return all
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
	again, _, err := engine.Open(engine.Books{Rules: b.world.rules(), Journal: live}, b.world.clock())
	if err != nil {
		b.wrong("replay: %v", err)
	}
	all := func(c *engine.Core) []byte { return append(inJSON(c.Sales(0)), inJSON(c.Shifts())...) }
	was, is := all(b.world.core), all(again)
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
