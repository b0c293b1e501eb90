package txn

import (
	"slices"
	"time"
)

// ShiftsKept is how many ended shifts stay at hand for a reprint: two months of
// three a day.
const ShiftsKept = 186

// Shift is the time in which one operator is on duty. Its number is never used
// again.
type Shift struct {
	Person
	Name   string      `json:"name,omitempty"` // of the operator, for people
	Number uint32      `json:"shift"`          // from 1
	From   time.Time   `json:"from"`
	To     time.Time   `json:"to,omitzero"` // zero: it is running
	Totals ShiftTotals `json:"totals"`      // so far, or as they stood at its end

	Reported bool `json:"reported,omitempty"` // paper about its end was asked for
}

// SignedOnAsked puts an operator on duty, whose PIN was right.
type SignedOnAsked struct {
	Person
	Name string // for screens and the report
}

// SignedOffAsked ends the running shift, with its report. What is in doubt or not
// sent yet goes on as if nothing were.
type SignedOffAsked struct{}

func (SignedOnAsked) event()  {}
func (SignedOffAsked) event() {}

func (s *State) decideSignOn(now time.Time, ev SignedOnAsked) ([]Record, error) {
	switch {
	case s.guard() != GuardOn || ev.Operator == "":
		return nil, ErrNoOperators
	case s.shift != nil:
		return nil, ErrOnDuty
	}
	return []Record{{Kind: SignedOn, At: now, Operator: ev.Operator, Role: ev.Role,
		Name: ev.Name, Shift: s.shiftCount + 1}}, nil
}

// decideSignOff ends the shift. A report for which there is no room can be asked
// for later: nobody is kept at the till by a printer.
func (s *State) decideSignOff(now time.Time) ([]Record, error) {
	if s.shift == nil {
		return nil, ErrNotSignedOn
	}
	if cur := s.sales[s.current]; cur != nil && cur.atCounter() {
		return nil, ErrBusy
	}
	totals := s.shift.Totals.copied()
	recs := []Record{{Kind: SignedOff, At: now, Operator: s.shift.Operator, Shift: s.shift.Number,
		ShiftTotals: &totals}}
	if len(s.reports) < ReportsMax && !s.rules.NoPrinter {
		recs = append(recs, s.shiftReport(now, s.shift))
	}
	return recs, nil
}

func (s *State) applyShift(r Record) {
	if r.Kind == SignedOn {
		assert(s.shift == nil, "shift %d begins in another", r.Shift)
		assert(r.Shift > s.shiftCount, "shift %d was there before", r.Shift)
		s.shiftCount = r.Shift
		s.shift = &Shift{Person: Person{r.Operator, r.Role}, Name: r.Name, Number: r.Shift, From: r.At}
		return
	}
	assert(s.shift != nil && s.shift.Number == r.Shift, "shift %d ends, which is not running", r.Shift)
	s.shift.To, s.shift.Totals = r.At, *r.ShiftTotals
	s.shifts = append(s.shifts, s.shift)
	s.shifts = slices.Delete(s.shifts, 0, max(0, len(s.shifts)-ShiftsKept))
	s.shift = nil
}

// findShift gives the running shift for 0 or its number, or one that has ended.
func (s *State) findShift(number uint32) *Shift {
	if s.shift != nil && (number == 0 || number == s.shift.Number) {
		return s.shift
	}
	for _, shift := range s.shifts {
		if shift.Number == number {
			return shift
		}
	}
	return nil
}

func (shift *Shift) copied() Shift {
	c := *shift
	c.Totals = shift.Totals.copied()
	return c
}

// Shifts gives the running shift, if there is one, and those of before, the newest
// first. Copies.
func (s *State) Shifts() []Shift {
	var all []Shift
	if s.shift != nil {
		all = append(all, s.shift.copied())
	}
	for i := range s.shifts {
		all = append(all, s.shifts[len(s.shifts)-1-i].copied())
	}
	return all
}
