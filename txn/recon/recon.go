// Package recon joins the terminal's books of a business day with the acquirer's
// own list of it, the bill, and names every difference with what to do about it.
//
// It is pure and changes nothing: a bill is trusted to be looked at, not to move
// money by. What it proposes is an event that asks the acquirer, or calls a person.
package recon

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

// DifferencesMax bounds a report: a bill of another merchant must not fill the
// memory. What is beyond is counted.
const DifferencesMax = 1000

// Kind says how the two books differ.
type Kind string

// The kinds of difference.
const (
	Missing Kind = "missing" // money moved here, and the bill does not have it
	Late    Kind = "late"    // the bill has it as paid; here it ended without money
	Amount  Kind = "amount"  // both have it, with different amounts
	Open    Kind = "open"    // the bill has it as paid; here it is not final yet
	Unknown Kind = "unknown" // the bill has a number of this terminal that it never used
	Twice   Kind = "twice"   // the bill has a number twice
	Broken  Kind = "broken"  // a row of the bill can't be read
)

// Action is what to do about a difference.
type Action string

// The actions.
const (
	Reverse Action = "reverse" // txn.ReverseAsked: ask the acquirer, and undo it if it is true
	Hand    Action = "hand"    // txn.HandAsked: a person has to find out
	Query   Action = "query"   // txn.QueryAsked: the machine is at it; ask now
	Office  Action = "office"  // nothing this terminal can do: tell the acquirer
)

// Difference is one of them.
type Difference struct {
	Kind   Kind       `json:"kind"`
	Action Action     `json:"action"`
	Order  txn.Order  `json:"order"`
	State  txn.Phase  `json:"state"` // here
	Ours   txn.Amount `json:"ours_fen"`
	Theirs txn.Amount `json:"theirs_fen"`
	Line   int        `json:"line"` // of the bill, 0 for none
	Why    string     `json:"why"`  // of a row that can't be read
}

// Report is the outcome.
type Report struct {
	Day         string       `json:"day"` // Beijing
	Rows        int          `json:"rows"`
	Matched     int          `json:"matched"`
	Others      int          `json:"others"` // rows of other terminals of the merchant
	Differences []Difference `json:"differences"`
	More        int          `json:"more"` // beyond DifferencesMax
}

// entry is one transaction as both sides have it.
type entry struct {
	order         txn.Order
	state         txn.Phase
	ours, theirs  txn.Amount // what moved on the day
	line          int
	here, billed  bool
	refund, final bool
}

// day joins two books.
type day struct {
	day      string
	terminal string
	entries  map[txn.Order]*entry
	seen     map[txn.Order]bool // rows
	report   Report
}

// Join compares. The error is the bill's own: then there is no report.
func Join(terminalID string, on time.Time, sales []txn.Sale,
	bill iter.Seq2[acquirer.BillRow, error]) (Report, error) {
	d := day{day: dayOf(on), terminal: terminalID, entries: map[txn.Order]*entry{},
		seen: map[txn.Order]bool{}}
	d.report = Report{Day: d.day, Differences: []Difference{}}
	for _, sale := range sales {
		d.takeSale(sale)
	}
	for row, err := range bill {
		var broken *acquirer.BillRowError
		switch {
		case errors.As(err, &broken):
			d.report.Rows++
			d.differ(Difference{Kind: Broken, Action: Office, Line: broken.Line, Why: broken.Why})
		case err != nil:
			return Report{}, err
		default:
			d.report.Rows++
			d.takeRow(row)
		}
	}
	d.compare()
	return d.report, nil
}

func dayOf(t time.Time) string { return t.In(txn.Beijing()).Format(time.DateOnly) }

// takeSale enters what our books say of a sale and its refunds. What moved on
// another day counts as nothing here, but is known.
func (d *day) takeSale(sale txn.Sale) {
	e := &entry{order: sale.Order, state: sale.Phase, here: true,
		final: sale.Phase.Final() || !sale.Hand.ClosedAt.IsZero()}
	asked := sale.AuthorizedAt
	if asked.IsZero() {
		asked = sale.ChangedAt
	}
	if hasMoved(sale) && d.on(sale.Answer, asked) {
		e.ours = sale.Amount
	}
	d.entries[sale.Order] = e
	for _, m := range sale.Refunds {
		back := &entry{order: m.Order, state: m.Phase, here: true, refund: true,
			final: m.Phase == txn.Refunded || m.Phase == txn.Declined}
		made := m.ChangedAt
		if !m.Hand.Since.IsZero() {
			made = m.OpenedAt // a person's word came later
		}
		if m.Moved() && d.on(m.Answer, made) {
			back.ours = m.Amount
		}
		d.entries[m.Order] = back
	}
}

// moved says whether a sale's money is with the merchant, or was until a refund of
// its own number took it back.
func moved(p txn.Phase) bool { return p == txn.Approved || p == txn.Voiding || p == txn.Refunded }

// hasMoved is moved, unless a person has looked and said otherwise.
func hasMoved(sale txn.Sale) bool {
	if !sale.Hand.ClosedAt.IsZero() {
		return sale.Hand.Moved
	}
	return moved(sale.Phase)
}

// on says whether money moved on the day: as the acquirer told, else by our own clock.
// That a void was tried or a person looked on a later day moves nothing.
func (d *day) on(answer txn.Result, other time.Time) bool {
	if !answer.PaidAt.IsZero() {
		return dayOf(answer.PaidAt) == d.day
	}
	return dayOf(other) == d.day
}

// takeRow enters what the bill says. A void takes away from its sale.
func (d *day) takeRow(row acquirer.BillRow) {
	order, amount := row.Order, row.Amount
	if row.Kind == acquirer.BillVoid || row.Kind == acquirer.BillRefund && d.entries[row.Order] == nil &&
		d.entries[row.Of] != nil {
		order, amount = row.Of, -row.Amount // also the letters of a reversal's own numbers
	}
	if !strings.HasPrefix(string(order), d.terminal) {
		d.report.Others++
		return
	}
	if d.seen[row.Order] {
		d.differ(Difference{Kind: Twice, Action: Office, Order: row.Order, Theirs: row.Amount,
			Line: row.Line})
		return
	}
	d.seen[row.Order] = true
	e := d.entries[order]
	if e == nil {
		e = &entry{order: order}
		d.entries[order] = e
	}
	e.theirs += amount
	e.billed = true
	e.line = cmp.Or(e.line, row.Line)
}

// compare names the differences, in the order of the numbers, which is that of time.
func (d *day) compare() {
	orders := make([]txn.Order, 0, len(d.entries))
	for order := range d.entries {
		orders = append(orders, order)
	}
	slices.Sort(orders)
	for _, order := range orders {
		e := d.entries[order]
		switch kind, action := e.judge(); {
		case kind != "":
			d.differ(Difference{Kind: kind, Action: action, Order: e.order, State: e.state,
				Ours: e.ours, Theirs: e.theirs, Line: e.line})
		case e.billed:
			d.report.Matched++
		}
	}
}

// judge says how an entry differs, and what to do; "" for not at all.
func (e *entry) judge() (Kind, Action) {
	switch {
	case e.ours == e.theirs:
		return "", ""
	case !e.here:
		return Unknown, Office
	case !e.final:
		return Open, Query
	case e.theirs == 0:
		return Missing, Hand
	case e.ours == 0 && e.state == txn.ByHand:
		return Late, Query // closed by a person as not moved
	case e.ours == 0 && !e.refund && !moved(e.state) && e.state != txn.Voided:
		return Late, Reverse
	case e.ours == 0:
		return Late, Hand
	}
	return Amount, Hand
}

func (d *day) differ(diff Difference) {
	if len(d.report.Differences) == DifferencesMax {
		d.report.More++
		return
	}
	d.report.Differences = append(d.report.Differences, diff)
}
