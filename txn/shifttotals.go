package txn

import (
	"slices"
	"strings"
)

// Sums are what an operator's transactions add up to. Unlike in the totals of a
// batch a sale that was voided counts as both, since the two may be of different
// shifts: the net of all shifts is what the merchant has.
type Sums struct {
	Sales     int    `json:"sales"`
	SaleSum   Amount `json:"sale_sum_fen"`
	Refunds   int    `json:"refunds"`
	RefundSum Amount `json:"refund_sum_fen"`
	Voids     int    `json:"voids"`
	VoidSum   Amount `json:"void_sum_fen"`
}

// Net is what was taken and not given back.
func (t Sums) Net() Amount { return t.SaleSum - t.RefundSum - t.VoidSum }

// WalletSums are the sums of one wallet.
type WalletSums struct {
	Wallet string `json:"wallet"` // as the acquirer says, else as the code looks; "" if unknown
	Sums
}

// ShiftTotals are what a shift adds up to: transactions that were asked for in it,
// and whose money has moved. What is in doubt, not sent yet or with a person is open:
// it is counted apart, and after the shift's end in no shift at all.
type ShiftTotals struct {
	Sums
	Open    int          `json:"open"`
	OpenSum Amount       `json:"open_sum_fen"`
	Wallets []WalletSums `json:"wallets"` // by name; those with transactions
}

func (t *ShiftTotals) copied() ShiftTotals {
	c := *t
	c.Wallets = slices.Clone(t.Wallets)
	return c
}

// recount takes what a sale adds to the running shift out (-1) before a record about
// it is applied, and puts it in again (1) after: so the sums need no look at all the
// sales, which may be in an archive by then.
func (s *State) recount(sale *Sale, sign int) {
	if s.shift != nil {
		s.shift.Totals.add(sale, s.shift.Number, sign)
	}
}

// add counts what of a sale, its void and its refunds belongs to a shift.
func (t *ShiftTotals) add(sale *Sale, shift uint32, sign int) {
	wallet := sale.walletName()
	if sale.Shift == shift {
		switch {
		case sale.wasPaid():
			t.count(wallet, sign, sale.Amount, func(s *Sums) (*int, *Amount) { return &s.Sales, &s.SaleSum })
		case sale.isOpen():
			t.open(sign, sale.Amount)
		}
	}
	if sale.VoidShift == shift {
		switch {
		case sale.wasVoided():
			t.count(wallet, sign, sale.Amount, func(s *Sums) (*int, *Amount) { return &s.Voids, &s.VoidSum })
		case sale.Phase == Voiding || sale.Phase == ByHand && sale.Hand.Open():
			t.open(sign, sale.Amount)
		}
	}
	for i := range sale.Refunds {
		switch m := &sale.Refunds[i]; {
		case m.Shift != shift:
		case m.Moved():
			t.count(wallet, sign, m.Amount, func(s *Sums) (*int, *Amount) { return &s.Refunds, &s.RefundSum })
		case !m.atRest():
			t.open(sign, m.Amount)
		}
	}
}

func (t *ShiftTotals) count(wallet string, sign int, amount Amount, of func(*Sums) (*int, *Amount)) {
	i, found := slices.BinarySearchFunc(t.Wallets, wallet, func(w WalletSums, name string) int {
		return strings.Compare(w.Wallet, name)
	})
	if !found {
		t.Wallets = slices.Insert(t.Wallets, i, WalletSums{Wallet: wallet})
	}
	for _, sums := range []*Sums{&t.Sums, &t.Wallets[i].Sums} {
		n, sum := of(sums)
		*n += sign
		*sum += Amount(sign) * amount
	}
	if t.Wallets[i].Sums == (Sums{}) {
		t.Wallets = slices.Delete(t.Wallets, i, i+1)
	}
}

func (t *ShiftTotals) open(sign int, amount Amount) {
	t.Open += sign
	t.OpenSum += Amount(sign) * amount
}

func (sale *Sale) walletName() string {
	if sale.Answer.Wallet != "" {
		return sale.Answer.Wallet
	}
	return sale.Looks
}

// wasPaid says whether the sale's money moved, whatever became of it afterwards. A
// sale that the bill disputes counts as it did until a person has looked.
func (sale *Sale) wasPaid() bool {
	switch {
	case sale.Phase == Voiding || sale.Phase == Voided || sale.Phase == ByHand && sale.VoidTrace != 0:
		return true // only what was paid is voided
	case !sale.Hand.ClosedAt.IsZero():
		return sale.Hand.Moved
	}
	return sale.Phase == Approved || sale.Phase == Refunding || sale.Phase == Refunded
}

// wasVoided says whether the money of a sale that was to be voided has gone back.
func (sale *Sale) wasVoided() bool {
	if !sale.Hand.ClosedAt.IsZero() {
		return (sale.Phase == Voided || sale.Phase == ByHand) && !sale.Hand.Moved
	}
	return sale.Phase == Voided
}

// isOpen says whether it is not known yet if the sale's money has moved.
func (sale *Sale) isOpen() bool {
	return sale.Phase != Created && (sale.Hand.Open() || !sale.Phase.Final() && sale.Hand.ClosedAt.IsZero())
}
