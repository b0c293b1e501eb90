package sim

import (
	"fmt"
	"time"

	"saoma/terminal/txn"
)

// bank is the acquirer: it forgets nothing, takes a number once, and has no notion
// of an order it was never asked to pay.
type bank struct {
	world   *World
	orders  map[txn.Order]*account
	refunds map[txn.Order]*giveback
	codes   map[string]bool   // that were used
	settled map[uint32]string // how batches ended
}

// account is one order as the bank has it.
type account struct {
	batch    uint32
	amount   txn.Amount
	state    accountState
	commits  int
	given    txn.Amount // refunded
	cart     int
	paidAt   time.Time
	seen     time.Time // queries may be blind for it until then
	stubborn bool      // a reversal of it gets no answer that says anything
}

type accountState int

const (
	waitsForPayer accountState = iota
	paid
	refused
	undone
)

// giveback is one refund as the bank has it.
type giveback struct {
	of     *account
	batch  uint32
	amount txn.Amount
	state  accountState // paid: the payer has the money back
}

// net is what the merchant has of an order.
func (acc *account) net() txn.Amount {
	if acc == nil || acc.state != paid {
		return 0
	}
	return acc.amount - acc.given
}

// act does what a message asks and gives the bank's signed answer.
func (b *bank) act(e txn.Effect) txn.Result {
	order, _ := effectOf(e)
	r := txn.Result{Authentic: true, Order: order}
	switch e := e.(type) {
	case txn.Authorize:
		if b.orders[order] != nil {
			return r // "duplicate order number": says nothing about money
		}
		return b.about(b.pay(e), r)
	case txn.Present:
		if b.orders[order] != nil {
			return r
		}
		r = b.about(b.present(e), r)
		r.Present = "https://qr.example/" + string(order)
		return r
	case txn.Reverse:
		return b.reverse(e, r)
	case txn.Refund:
		return b.refund(e, r)
	case txn.QueryRefund:
		return b.tellRefund(b.refunds[order], r)
	case txn.Settle:
		return b.settle(e)
	case txn.Upload:
		return b.upload(e)
	}
	return b.about(b.orders[order], r)
}

// about tells the state of an order, as far as queries see it.
func (b *bank) about(acc *account, r txn.Result) txn.Result {
	if acc == nil || b.world.now.Before(acc.seen) {
		r.Outcome = txn.OutcomeNotFound
		return r
	}
	return acc.tell(r)
}

func (acc *account) tell(r txn.Result) txn.Result {
	r.Amount = acc.amount
	r.AcquirerRef = fmt.Sprintf("ref-%s", r.Order)
	r.Outcome = map[accountState]txn.Outcome{
		waitsForPayer: txn.OutcomePending, paid: txn.OutcomeApproved,
		refused: txn.OutcomeDeclined, undone: txn.OutcomeReversed,
	}[acc.state]
	return r
}

// reverse undoes an order, as long as the business day of its payment lasts.
func (b *bank) reverse(e txn.Reverse, r txn.Result) txn.Result {
	acc := b.orders[e.Order]
	if acc == nil || b.world.now.Before(acc.seen) {
		r.Outcome = txn.OutcomeNotFound
		return r
	}
	if acc.stubborn {
		return txn.Result{Authentic: true, Order: e.Order} // "corrected within a day", for ever
	}
	late := acc.state == paid && (b.world.now.Sub(acc.paidAt) > b.world.odds.undoWindow || acc.given > 0)
	if acc.state != refused && !late {
		b.world.book.logf("bank undoes %s", e.Order)
		acc.state = undone
	}
	return acc.tell(r)
}

// refund gives back, once for each number, and no more than was paid.
func (b *bank) refund(e txn.Refund, r txn.Result) txn.Result {
	if g := b.refunds[e.Order]; g != nil {
		return b.tellRefund(g, r)
	}
	acc := b.orders[e.Of]
	if acc == nil {
		r.Outcome = txn.OutcomeNotFound
		return r
	}
	g := &giveback{of: acc, batch: e.Batch, amount: e.Amount, state: refused}
	b.refunds[e.Order] = g
	w := b.world
	switch {
	case acc.state != paid || acc.given+e.Amount > acc.amount, w.chance(w.odds.decline):
	case w.chance(w.odds.ponder):
		g.state = waitsForPayer
		acc.given += e.Amount // reserved
		w.after(w.within(10*time.Minute), func() { g.end(w.rng.IntN(4) > 0) })
	default:
		acc.given += e.Amount
		g.state = paid
	}
	w.book.logf("bank takes refund %s of %s: state %d", e.Order, e.Of, g.state)
	return b.tellRefund(g, r)
}

func (g *giveback) end(made bool) {
	g.state = paid
	if !made {
		g.state = refused
		g.of.given -= g.amount
	}
}

func (b *bank) tellRefund(g *giveback, r txn.Result) txn.Result {
	if g == nil {
		r.Outcome = txn.OutcomeNotFound
		return r
	}
	r.Amount = g.amount
	r.Outcome = map[accountState]txn.Outcome{waitsForPayer: txn.OutcomePending,
		paid: txn.OutcomeApproved, refused: txn.OutcomeDeclined}[g.state]
	return r
}

// pay takes a new order: paid at once, refused, or waiting for a password.
func (b *bank) pay(e txn.Authorize) *account {
	w := b.world
	acc := b.open(e.Order, e.Batch, e.Amount)
	code := e.Code.Reveal()
	switch {
	case b.codes[code] || w.till.expired(code, w.now):
		acc.state = refused
	case w.chance(w.odds.decline):
		acc.state = refused
	case w.chance(w.odds.ponder):
		b.ponder(acc)
	default:
		b.commit(acc)
	}
	b.codes[code] = true
	w.book.logf("bank takes %s: state %d", e.Order, acc.state)
	return acc
}

// present takes a new order that a payer may scan and pay, or not.
func (b *bank) present(e txn.Present) *account {
	acc := b.open(e.Order, e.Batch, e.Amount)
	b.ponder(acc)
	return acc
}

func (b *bank) open(order txn.Order, batch uint32, amount txn.Amount) *account {
	w := b.world
	acc := &account{batch: batch, amount: amount, cart: w.till.cartOf[order], stubborn: w.chance(w.odds.stubborn)}
	b.orders[order] = acc
	if w.chance(w.odds.lag) {
		acc.seen = w.now.Add(w.within(lagMax))
	}
	return acc
}

func (b *bank) commit(acc *account) {
	acc.state, acc.paidAt = paid, b.world.now
	acc.commits++
}

// ponder leaves the decision to the payer, who may take minutes or for ever.
func (b *bank) ponder(acc *account) {
	w := b.world
	if w.rng.IntN(4) == 0 {
		return
	}
	pays := w.rng.IntN(4) > 0
	w.after(w.within(3*time.Minute), func() {
		switch {
		case acc.state != waitsForPayer: // closed by a reversal
		case pays:
			b.commit(acc)
		default:
			acc.state = refused
		}
	})
}

// net is what the bank has of a batch.
func (b *bank) net(batch uint32) (net txn.Amount) {
	for _, acc := range b.orders {
		if acc.batch == batch && acc.state == paid {
			net += acc.amount
		}
	}
	for _, g := range b.refunds {
		if g.batch == batch && g.state == paid {
			net -= g.amount
		}
	}
	return net
}

// settle compares totals, and miscounts now and then.
func (b *bank) settle(e txn.Settle) txn.Result {
	r := txn.Result{Authentic: true, Outcome: txn.OutcomeApproved, Order: txn.BatchOrder(e.Batch)}
	if b.settled[e.Batch] != "" {
		return r // as before: it may be asked twice
	}
	if b.net(e.Batch) != e.Totals.Net() || b.world.chance(b.world.odds.miscount) {
		r.Outcome = txn.OutcomeDeclined
		return r
	}
	b.settled[e.Batch] = "balanced"
	return r
}

// upload takes a batch line by line. A line of an order that the bank has no money
// for is the terminal's fault.
func (b *bank) upload(e txn.Upload) txn.Result {
	for _, line := range e.Lines {
		acc, g := b.orders[line.Order], b.refunds[line.Order]
		if line.Refund && (g == nil || g.state != paid || g.amount != line.Amount) ||
			!line.Refund && (acc == nil || acc.state != paid || acc.amount != line.Amount) {
			b.world.book.wrong("batch %d is uploaded with order %s, which the bank has otherwise",
				e.Batch, line.Order)
		}
	}
	b.settled[e.Batch] = "uploaded"
	return txn.Result{Authentic: true, Outcome: txn.OutcomeApproved, Order: txn.BatchOrder(e.Batch)}
}
