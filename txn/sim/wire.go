package sim

import (
	"time"

	"saoma/terminal/txn"
)

// send carries a message to the bank and its answer back, as far as the network
// lets it. The terminal gives up after its patience; an answer that comes later
// reaches it all the same, and must not hurt.
func (w *World) send(e txn.Effect) {
	if w.chance(w.odds.notSent) {
		w.after(w.within(time.Second), w.toTerminal(e, txn.Result{
			Outcome: txn.OutcomeNotSent, Layer: txn.LayerLine}))
		return
	}
	patience := askTimeout
	if _, pays := e.(txn.Authorize); pays {
		patience = payTimeout
	}
	w.after(patience, w.toTerminal(e, txn.Result{Layer: txn.LayerLine}))
	for range w.copies() {
		w.after(w.delay(), func() { w.answer(e) })
	}
}

// answer lets the bank act on a message and sends back what it says.
func (w *World) answer(e txn.Effect) {
	r := w.bank.act(e)
	if w.chance(w.odds.forge) {
		r = w.forge(e, r)
	}
	for range w.copies() {
		w.after(w.delay(), w.toTerminal(e, r))
	}
}

// copies is how often a message arrives.
func (w *World) copies() int {
	switch {
	case w.chance(w.odds.lose):
		return 0
	case w.chance(w.odds.double):
		return 2
	}
	return 1
}

func (w *World) delay() time.Duration {
	if w.chance(w.odds.late) {
		return w.within(messageLife)
	}
	return 20*time.Millisecond + w.within(300*time.Millisecond)
}

// toTerminal delivers an answer to the process that asked, if it is still there.
func (w *World) toTerminal(e txn.Effect, r txn.Result) func() {
	epoch := w.epoch
	return func() {
		if w.epoch == epoch && w.core != nil {
			_ = w.step(txn.Answered{Key: e.Key(), Result: r})
		}
	}
}

// forge makes an answer that must not be believed.
func (w *World) forge(e txn.Effect, r txn.Result) txn.Result {
	w.book.result.Forged++
	order, amount := effectOf(e)
	lie := txn.Result{Outcome: txn.OutcomeApproved, Authentic: true, Order: order, Amount: amount}
	if _, reverses := e.(txn.Reverse); reverses {
		lie.Outcome = txn.OutcomeReversed
	}
	switch w.rng.IntN(4) {
	case 0:
		lie.Authentic = false
	case 1:
		lie.Authentic = false
		lie.Outcome = txn.OutcomeDeclined
	case 2:
		if lie.Outcome == txn.OutcomeReversed {
			lie.Authentic = false
		}
		lie.Amount += saleMax + 1 // signed by the bank, but of an amount that no sale here has
	case 3:
		lie.Order = "00000000000000000000000000000000"
	}
	return lie
}

func effectOf(e txn.Effect) (txn.Order, txn.Amount) {
	switch e := e.(type) {
	case txn.Authorize:
		return e.Order, e.Amount
	case txn.Query:
		return e.Order, 0
	case txn.Reverse:
		return e.Order, e.Amount
	}
	panic("sim: not a message to the bank")
}
