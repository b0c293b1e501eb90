package txn

import "time"

// Identity is who the terminal is for its acquirer. What is under way under one can't
// be followed under another.
type Identity struct {
	TerminalID string `json:"terminal_id"`
	MerchantID string `json:"merchant_id"`
	Acquirer   string `json:"acquirer"`
}

// Identified says, before anything else after a replay, under which identity the
// terminal works from now on. It is refused with ErrMoneyOpen when that is another one
// while money is open.
type Identified struct{ Identity Identity }

func (Identified) event() {}

func (s *State) decideIdentity(now time.Time, ev Identified) ([]Record, error) {
	id := ev.Identity
	switch {
	case s.identity == id:
		return nil, nil
	case s.identity != Identity{} && s.OpenMoney() != (OpenMoney{}):
		return nil, ErrMoneyOpen
	}
	return []Record{{Kind: IdentityTaken, At: now, Identity: &id}}, nil
}

// OpenMoney is what would be lost with the books.
type OpenMoney struct {
	Transactions int // sales and refunds that are not final
	Hand         int // those that wait for a person
	Batches      int // not settled, with something in them
	Slips        int // not on paper
}

// OpenMoney counts what is open.
func (s *State) OpenMoney() OpenMoney {
	var open OpenMoney
	for _, order := range s.live {
		sale := s.sales[order]
		if !sale.Phase.Final() && sale.Phase != ByHand {
			open.Transactions++
		}
		if sale.Hand.Open() {
			open.Hand++
		}
		for i := range sale.Refunds {
			switch m := &sale.Refunds[i]; {
			case m.Hand.Open():
				open.Hand++
			case !m.atRest():
				open.Transactions++
			}
		}
		for _, slip := range sale.Slips {
			if slip.Phase != SlipOnPaper {
				open.Slips++
			}
		}
	}
	open.Slips += len(s.reports)
	if s.totals(s.batch) != (Totals{}) {
		open.Batches++
	}
	for _, b := range s.closing {
		if b.Phase != BatchDone {
			open.Batches++
		}
	}
	return open
}

// Identity is who the terminal was when it last worked.
func (s *State) Identity() Identity { return s.identity }

// NewReading gives a State that records may be applied to, and that is only looked
// at: it has no rules to decide by.
func NewReading() *State {
	return &State{sales: map[Order]*Sale{}, refundOf: map[Order]Order{}, isLive: map[Order]bool{},
		batch: 1}
}

// ResetCarried gives the record that an emptied journal begins with: no number that
// was used is used again.
func (s *State) ResetCarried(now time.Time) Record {
	assert(s.OpenMoney() == OpenMoney{}, "reset while money is open")
	return Record{Kind: StateCarried, At: now, Carry: &Carry{Counter: s.counter, Trace: s.trace,
		Batch: s.batch, Staff: Staff{ShiftCount: s.shiftCount, ReportCount: s.reportCount}}}
}
