package sim

import (
	"fmt"
	"time"

	"saoma/terminal/txn"
)

// till is the cashier and the customers. A customer with a cart pays it once: if
// a sale of the cart ended without money, the cashier may try again.
type till struct {
	carts    int
	cartOf   map[txn.Order]int
	override map[int]bool // carts that were charged again in spite of a doubt
	shown    map[string]time.Time
}

// codeLife is how long a wallet's code is good. A UnionPay code of this world is
// good for ever: it is what the merchant takes offline.
const codeLife = time.Minute

func (t *till) expired(code string, now time.Time) bool {
	return code[:2] != "62" && now.Sub(t.shown[code]) > codeLife
}

// customer comes with a cart; the next one comes later, while the faults rage.
func (w *World) customer() {
	if w.calm {
		return
	}
	w.till.carts++
	w.sell(w.till.carts, 1)
	w.after(time.Second+w.within(3*time.Minute), w.customer)
}

// sell tries to sell a cart.
func (w *World) sell(cart, try int) {
	if w.calm || try > 6 || w.paid(cart) {
		return
	}
	again := func() { w.after(w.within(time.Minute), func() { w.sell(cart, try+1) }) }
	override := w.rng.IntN(10) == 0
	amount := 1 + txn.Amount(w.rng.Int64N(int64(saleMax)))
	if err := w.ask(txn.SaleAsked{Amount: amount, Override: override}); err != nil {
		again()
		return
	}
	if w.core == nil {
		return // the power failed: the customer has left
	}
	sale := w.core.View(w.clock()).Current
	if w.till.cartOf == nil {
		w.till.cartOf, w.till.override = map[txn.Order]int{}, map[int]bool{}
	}
	w.till.cartOf[sale.Order] = cart
	for _, doubt := range w.core.View(w.clock()).InDoubt {
		// Sold all the same: a person has decided, so it may be paid twice.
		w.till.override[w.till.cartOf[doubt.Order]] = override
	}
	if w.rng.IntN(8) == 0 {
		w.after(w.within(20*time.Second), func() { w.presentCode(sale.Order, cart, try) })
		return
	}
	w.after(w.within(20*time.Second), func() { w.present(sale.Order, cart, try) })
}

// presentCode is plan B: the payer scans the terminal.
func (w *World) presentCode(order txn.Order, cart, try int) {
	_ = w.step(txn.PresentAsked{Order: order})
	w.lookLater(order, cart, try)
}

// lookLater comes back to a sale, maybe after having cancelled it.
func (w *World) lookLater(order txn.Order, cart, try int) {
	if w.rng.IntN(8) == 0 {
		w.after(w.within(time.Minute), func() { _ = w.step(txn.CancelAsked{Order: order}) })
	}
	if w.rng.IntN(8) == 0 {
		w.after(w.within(2*time.Minute), func() { _ = w.step(txn.QueryAsked{Order: order}) })
	}
	w.after(w.within(4*time.Minute), func() { w.lookBack(order, cart, try) })
}

// paid is what the screen says about a cart.
func (w *World) paid(cart int) bool {
	for order, c := range w.till.cartOf {
		if c != cart || w.core == nil {
			continue
		}
		if sale, _ := w.core.Sale(order); sale.Phase == txn.Approved || sale.Offline {
			return true
		}
	}
	return false
}

// present shows a code to the scanner, sometimes twice, sometimes never.
func (w *World) present(order txn.Order, cart, try int) {
	code := fmt.Sprintf("13%04d%04d%08d", cart, try, w.rng.IntN(1e8))
	if w.rng.IntN(4) == 0 {
		code = fmt.Sprintf("62%04d%04d%09d", cart, try, w.rng.IntN(1e9))
	}
	w.till.shown[code] = w.now
	if w.rng.IntN(20) > 0 {
		_ = w.step(txn.CodeScanned{Code: txn.NewPayCode(code), Confirmed: true})
	}
	if w.rng.IntN(4) == 0 {
		_ = w.step(txn.CodeScanned{Code: txn.NewPayCode(code), Confirmed: true})
	}
	w.lookLater(order, cart, try)
}

// lookBack sells the cart again when its sale ended without money, and tries to
// when it is in doubt: an impatient customer would have it so. A paid one comes
// back with the goods now and then.
func (w *World) lookBack(order txn.Order, cart, try int) {
	if w.core == nil {
		return
	}
	sale, ok := w.core.Sale(order)
	switch {
	case !ok:
	case sale.Phase == txn.Approved:
		w.returned(order)
	case !sale.Offline && w.rng.IntN(2) == 0:
		w.sell(cart, try+1)
	}
}

// returned is what may come of a sale later: a slip more, a void, refunds in parts
// and one that is too large.
func (w *World) returned(order txn.Order) {
	switch w.rng.IntN(6) {
	case 0:
		c := []txn.Copy{txn.MerchantCopy, txn.CustomerCopy}[w.rng.IntN(2)]
		_ = w.step(txn.SlipAsked{Order: order, Copy: c})
	case 1:
		_ = w.ask(txn.VoidAsked{Order: order})
	case 2, 3:
		w.after(w.within(20*time.Minute), func() { _ = w.ask(txn.VoidAsked{Order: order}) })
		for range 1 + w.rng.IntN(3) {
			amount := txn.Amount(w.rng.Int64N(int64(saleMax)))
			w.after(w.within(20*time.Minute), func() {
				_ = w.ask(txn.RefundAsked{Order: order, Amount: amount})
			})
		}
	}
}

// endOfDay settles, now and then.
func (w *World) endOfDay() {
	_ = w.step(txn.SettleAsked{})
	if !w.calm {
		w.after(w.within(15*time.Minute), w.endOfDay)
	}
}

// person looks an order on the list up in the bank's books, and says so. It comes
// again until the list is empty: a word may be lost with the power.
func (w *World) person(order txn.Order) {
	again := func() { w.after(w.within(time.Hour), func() { w.person(order) }) }
	if w.core == nil {
		again()
		return
	}
	sale, _ := w.core.Sale(order)
	open := sale.Hand.Open()
	for _, m := range sale.Refunds {
		if m.Order == order {
			open = m.Hand.Open()
		}
	}
	if !open {
		return
	}
	again()
	if w.rng.IntN(3) == 0 {
		_ = w.step(txn.QueryAsked{Order: order}) // perhaps the bank knows by now
	}
	moved := false
	if g := w.bank.refunds[order]; g != nil {
		moved = g.state == paid
	} else if acc := w.bank.orders[order]; acc != nil {
		moved = acc.state == paid
	}
	_ = w.ask(txn.HandEnded{Order: order, Moved: moved})
}
