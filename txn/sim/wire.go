package sim

import (
	"time"

	"saoma/terminal/txn"
)

// send carries a message to the bank and its answer back, as far as the network
// lets it. The terminal gives up after its patience; an answer that comes later
// reaches it all the same, and must not hurt.
func (w *World) send(e txn.Effect) {
	pay, pays := e.(txn.Authorize)
	switch {
	case pays && !pay.Code.Held():
		w.after(0, w.toTerminal(e, txn.Result{Outcome: txn.OutcomeNotSent}))
		return
	case w.cut && w.learned && txn.UrgencyOf(e) != txn.ForCashier:
		w.book.wrong("%s is sent into a line that is known to be cut", e.Key())
	case w.cut || w.chance(w.odds.notSent):
		w.after(w.within(2*time.Second), w.toTerminal(e, txn.Result{
			Outcome: txn.OutcomeNotSent, Layer: txn.LayerLine}))
		return
	case w.away:
		w.after(w.within(time.Second), w.toTerminal(e, w.busy()))
		return
	}
	if pays {
		pay.Code = txn.NewPayCode(pay.Code.Reveal()) // what is on its way is not wiped
		e = pay
	}
	w.book.leaves(e)
	patience := askTimeout
	if pays {
		patience = payTimeout
	}
	w.after(patience, w.toTerminal(e, txn.Result{Layer: txn.LayerLine}))
	for range w.copies() {
		w.after(w.delay(), func() { w.answer(e) })
	}
}

// busy is the answer of a gateway whose bank is away.
func (w *World) busy() txn.Result {
	r := txn.Result{Layer: txn.LayerBank}
	if w.rng.IntN(2) == 0 {
		r.RetryAfter = w.within(2 * time.Minute)
	}
	return r
}

// awaitLine looks for the line every second, as the engine does.
func (w *World) awaitLine(e txn.AwaitLine) {
	epoch := w.epoch
	var look func()
	look = func() {
		switch {
		case w.epoch != epoch || w.core == nil:
		case w.cut || w.away || w.chance(w.odds.lose):
			w.after(time.Second+w.within(time.Second), look)
		default:
			_ = w.step(txn.LineSeen{Key: e.Key()})
		}
	}
	w.after(e.Leave+time.Second, look)
}

// outages cut the terminal's own line, or take the bank away, for some minutes.
func (w *World) outages() {
	if w.calm {
		return
	}
	w.after(w.within(w.odds.lineFor), func() {
		if w.calm {
			return
		}
		trouble := &w.cut
		if w.rng.IntN(3) == 0 {
			trouble = &w.away
		}
		*trouble = true
		w.book.result.Outages++
		w.learned = false
		w.after(w.within(w.odds.lineFor), func() { *trouble, w.learned = false, false; w.outages() })
	})
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
		if r.Authentic && w.cut {
			return // lost on the way back
		}
		if w.epoch != epoch || w.core == nil {
			return
		}
		_ = w.step(txn.Answered{Key: e.Key(), Result: r})
		w.learned = w.learned || w.cut && r.Outcome == txn.OutcomeNotSent && r.Layer != ""
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
	if _, presents := e.(txn.Present); presents {
		lie.Present = "https://evil.example/"
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
		if order == txn.BatchOrder(batchOf(e)) {
			lie.Authentic = false // of a batch the amount is not asked for
		}
	case 3:
		lie.Order = "00000000000000000000000000000000"
	}
	return lie
}

func batchOf(e txn.Effect) uint32 {
	switch e := e.(type) {
	case txn.Settle:
		return e.Batch
	case txn.Upload:
		return e.Batch
	}
	return 0
}

func effectOf(e txn.Effect) (txn.Order, txn.Amount) {
	switch e := e.(type) {
	case txn.Authorize:
		return e.Order, e.Amount
	case txn.Present:
		return e.Order, e.Amount
	case txn.Refund:
		return e.Order, e.Amount
	case txn.QueryRefund:
		return e.Order, e.Amount
	case txn.Settle:
		return txn.BatchOrder(e.Batch), 0
	case txn.Upload:
		return txn.BatchOrder(e.Batch), 0
	case txn.Query:
		return e.Order, 0
	case txn.Reverse:
		return e.Order, e.Amount
	}
	panic("sim: not a message to the bank")
}
