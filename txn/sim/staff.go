package sim

import (
	"bytes"
	"math/rand/v2"
	"time"

	"saoma/terminal/txn"
)

// staff is who works at the till, in half of the lives. In the others nobody signs
// on. Its chance is its own, so that those lives are what they were before.
type staff struct {
	rng     *rand.Rand
	signsOn bool

	// By what is durable, and by nothing that the core says.
	duty       txn.Person
	shift      uint32                   // the running one, 0 for none
	last       uint32                   // the number that was given last
	late       map[txn.Order]bool       // sales that a refund of the machine's undoes
	shiftOf    map[txn.Order]uint32     // of sales and refunds
	voidShift  map[txn.Order]uint32     // of voids, by the sale
	called     map[txn.Order]txn.Person // for the last act about an order; "" for the last sale
	totals     map[uint32][]byte        // of ended shifts
	reportsDue map[uint32]bool
}

var people = []txn.Person{{Operator: "01", Role: txn.Cashier}, {Operator: "02", Role: txn.Cashier},
	{Operator: "88", Role: txn.Technician}, {Operator: "09", Role: txn.Supervisor}}

func newStaff(seed uint64) staff {
	rng := rand.New(rand.NewPCG(seed, 0x57aff))
	return staff{rng: rng, signsOn: rng.IntN(2) == 0, late: map[txn.Order]bool{},
		shiftOf: map[txn.Order]uint32{}, voidShift: map[txn.Order]uint32{},
		called: map[txn.Order]txn.Person{}, totals: map[uint32][]byte{}, reportsDue: map[uint32]bool{}}
}

func (s *staff) guard() txn.Guard {
	if s.signsOn {
		return txn.GuardOn
	}
	return txn.GuardNone
}

// within is a random time up to d, by the staff's own chance.
func (s *staff) within(d time.Duration) time.Duration { return time.Duration(s.rng.Int64N(int64(d))) }

// comeAndGo lets operators sign on and off, and print what they have done.
func (w *World) comeAndGo() {
	s := &w.staff
	switch {
	case s.shift == 0:
		_ = w.step(txn.SignedOnAsked{Person: people[s.rng.IntN(len(people))]})
	case s.rng.IntN(3) == 0:
		_ = w.step(txn.ShiftSlipAsked{Shift: s.rng.Uint32N(s.last + 2)})
		_ = w.step(txn.TotalsSlipAsked{})
	default:
		_ = w.step(txn.SignedOffAsked{})
	}
	w.book.catchUp()
	pause := 10 * time.Minute
	if s.shift == 0 {
		pause = time.Minute // somebody comes soon
	}
	if !w.calm {
		w.after(s.within(pause), w.comeAndGo)
	}
}

// ask is a step that may take a supervisor. Mostly one is called; now and then it is
// tried without, or by somebody who is none.
func (w *World) ask(ev txn.Event) error {
	s := &w.staff
	if !s.signsOn || w.core == nil {
		return w.step(ev)
	}
	var by txn.Person
	switch s.rng.IntN(8) {
	case 0:
	case 1:
		by = people[s.rng.IntN(len(people))]
	default:
		by = people[len(people)-1]
	}
	switch e := ev.(type) {
	case txn.SaleAsked:
		e.By, s.called[""] = by, by
		ev = e
	case txn.RefundAsked:
		e.By, s.called[e.Order] = by, by
		ev = e
	case txn.VoidAsked:
		e.By, s.called[e.Order] = by, by
		ev = e
	case txn.HandEnded:
		e.By, s.called[e.Order] = by, by
		ev = e
	}
	return w.step(ev)
}

// staffRecords are the kinds that the staff's own books are made of.
var staffRecords = [][]byte{[]byte(`"kind":"signed-`), []byte(`"kind":"sale-opened"`),
	[]byte(`"kind":"void-due"`), []byte(`"kind":"late"`), []byte(`"kind":"report-due"`)}

func (s *staff) concerns(text []byte) bool {
	for _, kind := range staffRecords {
		if s.signsOn && bytes.Contains(text, kind) {
			return true
		}
	}
	return false
}

// enterStaff keeps books of who did what, from what is durable.
func (b *book) enterStaff(r txn.Record) {
	s := &b.world.staff
	switch {
	case !s.signsOn:
	case r.Kind == txn.SignedOn:
		b.must(s.shift == 0 && r.Shift > s.last, r, "somebody is on duty, or the number was used")
		s.shift, s.last, s.duty = r.Shift, r.Shift, txn.Person{Operator: r.Operator, Role: r.Role}
	case r.Kind == txn.SignedOff:
		b.must(s.shift == r.Shift && s.duty.Operator == r.Operator, r, "another is on duty")
		s.totals[r.Shift] = inJSON(r.ShiftTotals)
		s.shift, s.duty = 0, txn.Person{}
		b.result.Shifts++
	case r.Kind == txn.SaleOpened:
		b.must(s.shift != 0 && r.Operator == s.duty.Operator && r.Shift == s.shift, r, "nobody on duty sold it")
		s.shiftOf[r.Order] = s.shift
		if r.Override != "" {
			b.answersFor(r, "")
		}
	case r.Kind == txn.WasLate:
		s.late[r.Order] = true
	case r.Kind == txn.RefundDue && r.Try == 1 && s.late[r.Order]:
		s.shiftOf[r.Refund] = s.shiftOf[r.Order]
	case r.Kind == txn.RefundDue && r.Try == 1:
		b.answersFor(r, r.Order)
		s.shiftOf[r.Refund] = s.shift
	case r.Kind == txn.VoidDue && r.Trace != 0:
		b.answersFor(r, r.Order)
		s.voidShift[r.Order] = s.shift
	case r.Kind == txn.HandClosed && r.Refund != "":
		b.answersFor(r, r.Refund)
	case r.Kind == txn.HandClosed:
		b.answersFor(r, r.Order)
	case r.Kind == txn.ReportDue:
		s.reportsDue[r.Report] = true
	}
}

// answersFor holds that a supervisor answers for a record: one who was called for
// it, else the one on duty.
func (b *book) answersFor(r txn.Record, about txn.Order) {
	s := &b.world.staff
	who := s.called[about]
	if who.Role != txn.Supervisor {
		who = s.duty
	}
	b.must(who.Role == txn.Supervisor && r.By == who.Operator, r, "no supervisor answers for it")
	b.result.Authorised++
}

// onShift holds that a shift ends with nobody at the counter, and adds up what its
// operator did.
func (b *book) onShift(r txn.Record) {
	if r.Kind != txn.SignedOff || b.world.core == nil {
		return
	}
	if cur := b.world.core.View(b.world.clock()).Current; cur != nil && !cur.Offline {
		b.must(cur.Phase != txn.Created && cur.Phase != txn.Authorizing && cur.Phase != txn.Held, r,
			"a sale is at the counter")
	}
	b.addsUp(r.Shift, *r.ShiftTotals)
}

// addsUp compares a shift's totals with those of all transactions that are its.
func (b *book) addsUp(shift uint32, got txn.ShiftTotals) {
	s := &b.world.staff
	var want txn.Sums
	open := 0
	for _, sale := range b.sales() {
		hand := sale.Hand
		undoing := sale.Phase == txn.Voiding || sale.Phase == txn.Voided ||
			sale.Phase == txn.ByHand && sale.VoidTrace != 0
		moved := undoing || sale.Phase == txn.Approved || sale.Phase == txn.Refunding ||
			sale.Phase == txn.Refunded || !hand.ClosedAt.IsZero() && hand.Moved
		switch {
		case s.shiftOf[sale.Order] != shift:
		case moved:
			want.Sales++
			want.SaleSum += sale.Amount
		case hand.Open() || !sale.Phase.Final() && sale.Phase != txn.ByHand && sale.Phase != txn.Created:
			open++
		}
		switch {
		case s.voidShift[sale.Order] != shift:
		case sale.Phase == txn.Voided || undoing && !hand.ClosedAt.IsZero() && !hand.Moved:
			want.Voids++
			want.VoidSum += sale.Amount
		case undoing && hand.ClosedAt.IsZero():
			open++
		}
		for _, m := range sale.Refunds {
			switch {
			case s.shiftOf[m.Order] != shift:
			case m.Moved():
				want.Refunds++
				want.RefundSum += m.Amount
			case m.Hand.Open() || m.Phase != txn.Declined && m.Phase != txn.ByHand:
				open++
			}
		}
	}
	if got.Sums != want || got.Open != open {
		b.wrong("shift %d says %+v and %d open, but it is %+v and %d", shift, got.Sums, got.Open, want, open)
	}
}

// onReport holds that paper of an ended shift says what it ended with.
func (b *book) onReport(e txn.Print) {
	sh := e.Report.Shift
	if e.Report.Number == 0 || e.Form == txn.ShiftForm && sh.Number == 0 {
		b.wrong("a %s slip of nothing", e.Form)
	}
	if !sh.To.IsZero() && !bytes.Equal(inJSON(sh.Totals), b.world.staff.totals[sh.Number]) {
		b.wrong("a slip of shift %d that says %+v", sh.Number, sh.Totals)
	}
}

// staffAtRest: nothing of the running shift is open, and each report is on paper.
func (b *book) staffAtRest() {
	s := &b.world.staff
	b.result.Reports += len(s.reportsDue)
	for number := range s.reportsDue {
		out := false
		for _, paper := range b.world.paper.slips {
			out = out || paper.complete && paper.piece.report == number
		}
		if !out {
			b.wrong("report %d is not on paper", number)
		}
	}
	duty := b.world.core.View(b.world.clock()).Duty
	if (duty != nil) != (s.shift != 0) {
		b.wrong("at rest, the screen shows %+v on duty, the journal has shift %d", duty, s.shift)
	}
	if duty == nil {
		return
	}
	b.addsUp(duty.Number, duty.Totals)
	if duty.Totals.Open > 0 {
		b.wrong("at rest, but %d of shift %d are open", duty.Totals.Open, duty.Number)
	}
}
