package txn

import (
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
	Hand      []Sale    `json:"hand"`     // what a person has to find out, oldest first
	Unsent    int       `json:"unsent"`   // messages that wait for the line or their turn
	Offline   Meter     `json:"offline"`
	Line      Line      `json:"line"`
	Batch     uint32    `json:"batch"`    // the open one
	Settling  []Batch   `json:"settling"` // closed, and not settled and on paper yet
	Unprinted int       `json:"unprinted"`
	Clock     Clock     `json:"-"`
	Guard     Guard     `json:"guard"`
	Duty      *Shift    `json:"duty"`   // the running shift; nil: nobody is on duty
	Notice    *Notice   `json:"notice"` // the last refusal, until the next accepted event
}

// AwaitsCode says whether the sale at the counter waits for a payer code: only then
// is it worth while to look for one.
func (v View) AwaitsCode() bool { return v.Current != nil && v.Current.Phase == Created }

// Notice is a refusal for the cashier's eyes. It is not part of the books.
type Notice struct {
	Code  string    `json:"code"`            // of the Refusal
	Order Order     `json:"order,omitempty"` // that was found by what was scanned
	Flags []string  `json:"flags,omitempty"`
	At    time.Time `json:"at"`
}

// View copies what screens show. Revision and Notice are the engine's to fill.
func (s *State) View(now time.Time) View {
	v := View{Now: now, Clock: s.clock(), InDoubt: []Sale{}, Recent: []Sale{}, Hand: []Sale{}, Line: s.line,
		Offline: s.Meter(), Batch: s.batch, Settling: []Batch{}}
	if sale, ok := s.Sale(s.current); ok {
		v.Current = &sale
	}
	for _, order := range s.live {
		sale := s.sales[order]
		if sale.hasHand() {
			v.Hand = append(v.Hand, sale.copied())
		}
		v.Unsent += sale.unsent()
		if sale.inDoubt() {
			v.InDoubt = append(v.InDoubt, sale.copied())
		}
		for _, slip := range sale.Slips {
			if slip.Phase != SlipOnPaper {
				v.Unprinted++
			}
		}
	}
	for _, b := range s.closing {
		v.Settling = append(v.Settling, b.copied())
		if b.Phase != BatchDone {
			v.Unsent++
		}
		for _, slip := range b.Slips {
			if slip.Phase != SlipOnPaper {
				v.Unprinted++
			}
		}
	}
	v.Unprinted += len(s.reports)
	v.Guard = s.guard()
	if s.shift != nil {
		duty := s.shift.copied()
		v.Duty = &duty
	}
	v.Recent = s.Sales(RecentMax)
	return v
}

// Sale gives a copy of one sale, by its own number or that of a refund of it.
func (s *State) Sale(order Order) (Sale, bool) {
	sale, _ := s.find(order)
	if sale == nil {
		return Sale{}, false
	}
	return sale.copied(), true
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
		sales = append(sales, s.sales[s.order[len(s.order)-1-i]].copied())
	}
	return sales
}

// hasHand says whether a person has to find out something about this sale.
func (sale *Sale) hasHand() bool {
	for i := range sale.Refunds {
		if sale.Refunds[i].Hand.Open() {
			return true
		}
	}
	return sale.Hand.Open()
}

// unsent counts what this sale still has to send, or to send again.
func (sale *Sale) unsent() int {
	n := 0
	switch sale.Phase {
	case Held, Stored, Pending, Unknown, Querying, Reversing, Voiding:
		n++
	}
	for i := range sale.Refunds {
		if p := sale.Refunds[i].Phase; p == Unknown || p == Refunding || p == Pending || p == Querying {
			n++
		}
	}
	return n
}
