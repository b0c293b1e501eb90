package txn

import (
	"crypto/sha256"
	"slices"
	"time"
)

// State is what the terminal knows: the sum of all records. It is not safe for
// concurrent use; the engine's one goroutine owns it.
type State struct {
	rules    Rules
	sales    map[Order]*Sale
	refundOf map[Order]Order // the sale of a refund
	order    []Order         // of opening
	live     []Order         // not at rest: money, paper or a person's word is owed
	isLive   map[Order]bool  // the same, to look up
	current  Order           // the sale the cashier is at, if any was opened
	counter  uint64          // transactions ever opened
	trace    uint32          // of the last one
	printing bool            // one slip at a time
	paperAt  time.Time       // no slip is tried before: the last one was stopped
	jams     int             // slips stopped in a row
	line     Line
	batch    uint32    // the open one
	closing  []*Batch  // closed, and money or paper is owed
	settled  []*Batch  // at rest, oldest first; BatchesKept at most
	paidAt   time.Time // see PaidAt
	lastAt   time.Time // see Clock
	identity Identity
	used     []usedCode

	shift       *Shift    // the running one; nil: nobody is on duty
	shifts      []*Shift  // ended, oldest first; ShiftsKept at most
	shiftCount  uint32    // the last number
	reports     []*Report // that wait for paper, oldest first; ReportsMax at most
	reportCount uint32
}

// usedCode is the fingerprint of a code that was sent.
type usedCode struct {
	print [sha256.Size]byte
	at    time.Time
}

// NewState gives the state before the first record. It panics on rules that
// Rules.Check refuses.
func NewState(rules Rules) *State {
	err := rules.Check()
	assert(err == nil, "rules: %v", err)
	return &State{rules: rules, sales: map[Order]*Sale{}, refundOf: map[Order]Order{},
		isLive: map[Order]bool{}, batch: 1}
}

// Apply moves the state by one durable record. It panics on a move that the
// diagram of Phase lacks.
func (s *State) Apply(r Record) {
	s.line.hear(r)
	s.hearClock(r)
	switch r.Kind {
	case StateCarried, SaleCarried:
		s.applyCarried(r)
		return
	case IdentityTaken:
		s.identity = *r.Identity
		return
	case SaleOpened:
		s.open(r)
		return
	case LineDown, LineUp:
		s.applyLine(r)
		return
	case BatchClosed, SettleDue, SettleUnanswered, UploadDue, BatchSettled:
		s.applyBatch(r)
		return
	case SignedOn, SignedOff:
		s.applyShift(r)
		return
	case ReportDue:
		s.applyReport(r)
		return
	}
	switch {
	case r.Report != 0:
		s.applyReportSlip(r)
	case r.Order == "":
		s.applyBatchSlip(r)
	default:
		s.applySale(r)
	}
}

// applySale moves a sale that is open, its refunds or its slips.
func (s *State) applySale(r Record) {
	sale := s.sales[r.Order]
	assert(sale != nil, "%s for order %s, which was never opened", r.Kind, r.Order)
	s.recount(sale, -1)
	switch {
	case r.Kind == SlipDue || r.Kind == SlipStarted || r.Kind == SlipBroken || r.Kind == SlipPrinted:
		s.applySlip(sale, r)
	case r.Refund != "":
		sale.applyRefund(r)
		s.refundOf[r.Refund] = r.Order
	default:
		if r.Kind == WasNotSent {
			s.notUsed(sale.code)
		}
		sale.applyMoney(r)
		if r.Kind == AuthorizeDue {
			s.remember(r)
		}
	}
	s.recount(sale, 1)
	if r.Counter != 0 {
		s.counter = r.Counter
	}
	if r.Trace != 0 {
		s.trace = r.Trace
	}
	s.keepLive(sale)
}

func (s *State) keepLive(sale *Sale) {
	switch rests, live := sale.atRest(), s.isLive[sale.Order]; {
	case rests && live:
		s.live = slices.DeleteFunc(s.live, func(o Order) bool { return o == sale.Order })
		delete(s.isLive, sale.Order)
	case !rests && !live:
		s.live = append(s.live, sale.Order)
		s.isLive[sale.Order] = true
	}
}

func (s *State) open(r Record) {
	assert(s.sales[r.Order] == nil, "order %s opened twice", r.Order)
	s.sales[r.Order] = &Sale{
		Order: r.Order, Phase: Created, Amount: r.Amount, Trace: r.Trace, Batch: r.Batch,
		OpenedAt: r.At, ChangedAt: r.At, Override: r.Override, Ends: r.Ends,
		Operator: r.Operator, OverrideBy: r.By, Shift: r.Shift,
	}
	s.order = append(s.order, r.Order)
	s.keepLive(s.sales[r.Order])
	s.current, s.counter, s.trace = r.Order, r.Counter, r.Trace
}

// nextTrace is the STAN of the next transaction, 1 to 999999 and round again.
func (s *State) nextTrace() uint32 { return s.trace%999999 + 1 }

// remember keeps the fingerprint of a code that was sent, in this process only,
// for as long as a second read of the same screen could come.
func (s *State) remember(r Record) {
	s.used = slices.DeleteFunc(s.used, func(u usedCode) bool {
		return r.At.Sub(u.at) > usedCodeKept
	})
	if r.code.Held() {
		s.used = append(s.used, usedCode{s.fingerprint(r.code), r.At})
	}
}

// notUsed forgets a code that never left: the payer's screen still shows it.
func (s *State) notUsed(code PayCode) {
	if !code.Held() {
		return
	}
	print := s.fingerprint(code)
	s.used = slices.DeleteFunc(s.used, func(u usedCode) bool { return u.print == print })
}
