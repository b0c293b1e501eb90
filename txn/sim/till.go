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
	if err := w.step(txn.SaleAsked{Amount: amount, Override: override}); err != nil {
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
	w.after(w.within(20*time.Second), func() { w.present(sale.Order, cart, try) })
}

// paid is what the screen says about a cart.
func (w *World) paid(cart int) bool {
	for order, c := range w.till.cartOf {
		if c != cart || w.core == nil {
			continue
		}
		if sale, _ := w.core.Sale(order); sale.Phase == txn.Approved {
			return true
		}
	}
	return false
}

// present shows a code to the scanner, sometimes twice, sometimes never.
func (w *World) present(order txn.Order, cart, try int) {
	code := fmt.Sprintf("13%04d%04d%08d", cart, try, w.rng.IntN(1e8))
	w.book.codes = append(w.book.codes, code)
	if w.rng.IntN(20) > 0 {
		_ = w.step(txn.CodeScanned{Code: txn.NewPayCode(code), Confirmed: true})
	}
	if w.rng.IntN(4) == 0 {
		_ = w.step(txn.CodeScanned{Code: txn.NewPayCode(code), Confirmed: true})
	}
	if w.rng.IntN(8) == 0 {
		w.after(w.within(time.Minute), func() { _ = w.step(txn.CancelAsked{Order: order}) })
	}
	w.after(w.within(4*time.Minute), func() { w.lookBack(order, cart, try) })
}

// lookBack sells the cart again when its sale ended without money, and tries to
// when it is in doubt: an impatient customer would have it so.
func (w *World) lookBack(order txn.Order, cart, try int) {
	if w.core == nil {
		return
	}
	sale, ok := w.core.Sale(order)
	switch {
	case !ok:
	case sale.Phase == txn.Approved && w.rng.IntN(5) == 0:
		c := []txn.Copy{txn.MerchantCopy, txn.CustomerCopy}[w.rng.IntN(2)]
		_ = w.step(txn.SlipAsked{Order: order, Copy: c})
	case sale.Phase != txn.Approved && w.rng.IntN(2) == 0:
		w.sell(cart, try+1)
	}
}
