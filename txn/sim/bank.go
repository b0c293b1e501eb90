package sim

import (
	"fmt"
	"time"

	"saoma/terminal/txn"
)

// bank is the acquirer: it forgets nothing, takes an order number once, and has
// no notion of an order it was never asked to pay.
type bank struct {
	world  *World
	orders map[txn.Order]*account
}

// account is one order as the bank has it.
type account struct {
	amount  txn.Amount
	state   accountState
	commits int
	cart    int
	seen    time.Time // queries may be blind for it until then
}

type accountState int

const (
	waitsForPayer accountState = iota
	paid
	refused
	undone
)

// act does what a message asks and gives the bank's signed answer.
func (b *bank) act(e txn.Effect) txn.Result {
	order, _ := effectOf(e)
	r := txn.Result{Authentic: true, Order: order}
	acc := b.orders[order]
	if pay, ok := e.(txn.Authorize); ok {
		if acc != nil {
			return r // "duplicate order number": says nothing about money
		}
		acc = b.open(pay)
	}
	if acc == nil || b.world.now.Before(acc.seen) {
		r.Outcome = txn.OutcomeNotFound
		return r
	}
	if _, ok := e.(txn.Reverse); ok && acc.state != refused {
		b.world.book.logf("bank undoes %s", order)
		acc.state = undone
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

// open takes a new order: paid at once, refused, or waiting for a password.
func (b *bank) open(pay txn.Authorize) *account {
	w := b.world
	acc := &account{amount: pay.Amount, cart: w.till.cartOf[pay.Order]}
	b.orders[pay.Order] = acc
	switch {
	case w.chance(w.odds.decline):
		acc.state = refused
	case w.chance(w.odds.ponder):
		b.ponder(acc)
	default:
		b.commit(acc)
	}
	if w.chance(w.odds.lag) {
		acc.seen = w.now.Add(w.within(lagMax))
	}
	w.book.logf("bank takes %s: state %d", pay.Order, acc.state)
	return acc
}

func (b *bank) commit(acc *account) {
	acc.state = paid
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
