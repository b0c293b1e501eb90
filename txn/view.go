package txn

import (
	"slices"
	"time"
)

// RecentMax is how many sales a View carries.
const RecentMax = 20

// View is what screens show: a copy, safe to hand to other goroutines.
type View struct {
	Revision  uint64    `json:"revision"` // grows by one with every change
	Now       time.Time `json:"now"`      // when the view was made
	Current   *Sale     `json:"current"`  // the sale the cashier is at, or the last one
	InDoubt   []Sale    `json:"in_doubt"` // oldest first
	Recent    []Sale    `json:"recent"`   // newest first, RecentMax at most
	Unprinted int       `json:"unprinted"`
	Notice    *Notice   `json:"notice"` // the last refusal, until the next accepted event
}

// Notice is a refusal for the cashier's eyes. It is not part of the books.
type Notice struct {
	Code  string    `json:"code"` // of the Refusal
	Flags []string  `json:"flags,omitempty"`
	At    time.Time `json:"at"`
}

// View copies what screens show. Revision and Notice are the engine's to fill.
func (s *State) View(now time.Time) View {
	v := View{Now: now, InDoubt: []Sale{}, Recent: []Sale{}}
	if sale, ok := s.Sale(s.current); ok {
		v.Current = &sale
	}
	for _, order := range s.live {
		sale := s.sales[order]
		if sale.Phase.InDoubt() {
			v.InDoubt = append(v.InDoubt, sale.copy())
		}
		for _, slip := range sale.Slips {
			if slip.Phase != SlipOnPaper {
				v.Unprinted++
			}
		}
	}
	v.Recent = s.Sales(RecentMax)
	return v
}

// Sale gives a copy of one sale.
func (s *State) Sale(order Order) (Sale, bool) {
	sale, ok := s.sales[order]
	if !ok {
		return Sale{}, false
	}
	return sale.copy(), true
}

// Sales gives copies of the last sales, newest first, at most limit; all of them
// when limit is not above zero.
func (s *State) Sales(limit int) []Sale {
	n := len(s.order)
	if limit > 0 {
		n = min(n, limit)
	}
	sales := make([]Sale, 0, n)
	for i := range n {
		sales = append(sales, s.sales[s.order[len(s.order)-1-i]].copy())
	}
	return sales
}

// copy shares nothing that changes, and no payer code.
func (sale *Sale) copy() Sale {
	c := *sale
	c.Slips = slices.Clone(sale.Slips)
	c.code, c.factor = PayCode{}, ""
	return c
}
