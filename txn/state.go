package txn

import (
	"crypto/sha256"
	"slices"
	"time"
)

// Phase is where a sale stands.
//
//	created ----> authorizing --> approved | declined | pending | unknown | notsent
//	   |                             ^          ^           |  ^
//	   +--> notsent                  |          |           v  |
//	                                 +----------+------- querying --> reversing --> reversed
//	                                                        '------------------------^
//
// Pending and unknown wait for the next query; querying has one out. Approved,
// declined, reversed and notsent are final. move panics on any other step.
type Phase string

// The phases.
const (
	Created     Phase = "created"     // waits for a payer code
	Authorizing Phase = "authorizing" // the request is out, or may be
	Approved    Phase = "approved"    // money moved
	Declined    Phase = "declined"    // the acquirer said no: no money moved
	Pending     Phase = "pending"     // the payer is asked for a password
	Unknown     Phase = "unknown"     // money may have moved
	Querying    Phase = "querying"    // a query is out
	Reversing   Phase = "reversing"   // being undone, until the acquirer says so
	Reversed    Phase = "reversed"    // undone
	NotSent     Phase = "notsent"     // nothing was asked of the acquirer
)

// Final says whether nothing more can happen to the money of a sale.
func (p Phase) Final() bool {
	return p == Approved || p == Declined || p == Reversed || p == NotSent
}

// InDoubt says whether the terminal does not know if money has moved, and is
// finding out.
func (p Phase) InDoubt() bool {
	return p == Pending || p == Unknown || p == Querying || p == Reversing
}

// Copy names whose slip it is.
type Copy string

// The copies of a slip.
const (
	MerchantCopy Copy = "merchant"
	CustomerCopy Copy = "customer"
)

// SlipPhase is where the printing of one copy stands.
//
//	due --> printing --> printed
//	 ^----------'           |
//	 ^----------------------'   (asked for again)
type SlipPhase string

// The phases of a slip.
const (
	SlipWaits    SlipPhase = "due"
	SlipPrinting SlipPhase = "printing"
	SlipOnPaper  SlipPhase = "printed"
)

// Slip is one copy for an approved sale.
type Slip struct {
	Copy    Copy      `json:"copy"`
	Phase   SlipPhase `json:"phase"`
	Starts  int       `json:"starts"`            // how often printing has begun
	Trouble string    `json:"trouble,omitempty"` // what stopped the last try
	Next    time.Time `json:"next,omitzero"`     // when to try again
}

// Sale is one sale as the journal has it. Values handed out are copies.
type Sale struct {
	Order        Order     `json:"order"`
	Phase        Phase     `json:"state"`
	Amount       Amount    `json:"amount_fen"`
	Trace        uint32    `json:"trace"` // STAN
	Batch        uint32    `json:"batch"`
	OpenedAt     time.Time `json:"created_at"`
	ChangedAt    time.Time `json:"changed_at"`
	AuthorizedAt time.Time `json:"authorized_at,omitzero"` // when the request was due
	SentBefore   time.Time `json:"sent_before,omitzero"`   // it left before this, by this process's clock
	Family       string    `json:"family,omitempty"`       // of the code
	Looks        string    `json:"looks,omitempty"`        // the wallet the code looks like
	Masked       string    `json:"masked,omitempty"`       // the code: first two, last four
	Cancelled    bool      `json:"cancelled,omitempty"`    // the cashier does not want to wait
	Override     Order     `json:"override,omitempty"`     // sold while this order was in doubt
	Reason       Reason    `json:"reason,omitempty"`       // of the phase
	Answer       Result    `json:"answer"`                 // the last one that was believed
	Tries        int       `json:"tries,omitempty"`        // queries, then reversals
	TriedAt      time.Time `json:"tried_at,omitzero"`      // the last of them
	Next         time.Time `json:"next,omitzero"`          // the next of them
	Ends         time.Time `json:"ends,omitzero"`          // of the wait for a code, or for an outcome
	Slips        []Slip    `json:"slips,omitempty"`

	code   PayCode
	factor string
}

// State is what the terminal knows: the sum of all records. It is not safe for
// concurrent use; the engine's one goroutine owns it.
type State struct {
	rules    Rules
	sales    map[Order]*Sale
	order    []Order // of opening
	live     []Order // not at rest: not final, or a slip is not on paper
	current  Order   // the sale the cashier is at, if any was opened
	counter  uint64  // sales ever opened
	trace    uint32  // of the last one
	printing bool    // one slip at a time
	used     []usedCode
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
	return &State{rules: rules, sales: map[Order]*Sale{}}
}

// Apply moves the state by one durable record. It panics on a move that the
// diagram of Phase lacks.
func (s *State) Apply(r Record) {
	if r.Kind == SaleOpened {
		s.open(r)
		return
	}
	sale := s.sales[r.Order]
	assert(sale != nil, "%s for order %s, which was never opened", r.Kind, r.Order)
	switch r.Kind {
	case SlipDue, SlipStarted, SlipBroken, SlipPrinted:
		s.applySlip(sale, r)
	default:
		s.applyMoney(sale, r)
	}
	if sale.atRest() {
		s.live = slices.DeleteFunc(s.live, func(o Order) bool { return o == sale.Order })
	} else if !slices.Contains(s.live, sale.Order) {
		s.live = append(s.live, sale.Order)
	}
}

func (s *State) open(r Record) {
	assert(s.sales[r.Order] == nil, "order %s opened twice", r.Order)
	s.sales[r.Order] = &Sale{
		Order: r.Order, Phase: Created, Amount: r.Amount, Trace: r.Trace, Batch: r.Batch,
		OpenedAt: r.At, ChangedAt: r.At, Override: r.Override, Ends: r.Ends,
	}
	s.order = append(s.order, r.Order)
	s.live = append(s.live, r.Order)
	s.current, s.counter, s.trace = r.Order, r.Counter, r.Trace
}

func (s *State) applyMoney(sale *Sale, r Record) {
	switch r.Kind {
	case AuthorizeDue:
		sale.move(Authorizing, Created)
		sale.AuthorizedAt, sale.SentBefore, sale.Ends = r.At, r.At, r.Ends
		sale.Family, sale.Looks, sale.Masked = r.Family, r.Wallet, r.Masked
		sale.code, sale.factor = r.code, r.factor
		s.remember(r)
	case WasApproved:
		sale.move(Approved, Authorizing, Pending, Unknown, Querying)
		for _, c := range r.Copies {
			sale.Slips = append(sale.Slips, Slip{Copy: c, Phase: SlipWaits})
		}
	case WasDeclined:
		sale.move(Declined, Authorizing, Pending, Unknown, Querying)
	case WasPending:
		sale.move(Pending, Authorizing, Querying)
	case WasUnknown:
		sale.move(Unknown, Authorizing, Querying)
	case QueryDue:
		sale.move(Querying, Pending, Unknown)
		sale.Tries, sale.TriedAt = r.Try, r.At
	case CancelNoted:
		sale.move(sale.Phase, Authorizing, Pending, Unknown, Querying)
		sale.Cancelled, sale.Ends = true, r.Ends
	case ReverseDue:
		sale.move(Reversing, Querying, Reversing)
		sale.Tries, sale.TriedAt = r.Try, r.At
	case ReverseUnanswered:
		sale.move(Reversing, Reversing)
	case WasReversed:
		sale.move(Reversed, Reversing, Querying)
	case WasNotSent:
		sale.move(NotSent, Created, Authorizing)
	default:
		assert(false, "record kind %q is not known to this release", r.Kind)
	}
	sale.settle(r)
}

// settle takes over what every record about money may carry.
func (sale *Sale) settle(r Record) {
	sale.ChangedAt, sale.Next = r.At, r.Next
	if r.Reason == BecauseRestart {
		sale.SentBefore = r.At // the clock may have jumped: count from here
	}
	if r.Kind != ReverseDue || r.Try == 1 {
		sale.Reason = r.Reason // a repeated reversal keeps the reason of the first
	}
	if r.Answer != nil && r.Answer.Authentic {
		sale.Answer = *r.Answer
	}
	if sale.Phase != Authorizing {
		sale.code.Wipe() // whoever sent it has ended: nothing needs it again
		sale.code, sale.factor = PayCode{}, ""
	}
	if sale.Phase.Final() {
		sale.Ends = time.Time{}
	}
}

// move is the only way to another phase.
func (sale *Sale) move(to Phase, from ...Phase) {
	assert(slices.Contains(from, sale.Phase),
		"order %s: %s to %s is not a move", sale.Order, sale.Phase, to)
	sale.Phase = to
}

func (s *State) applySlip(sale *Sale, r Record) {
	assert(sale.Phase == Approved, "%s for order %s, which is %s", r.Kind, sale.Order, sale.Phase)
	if r.Kind == SlipDue && sale.slip(r.Copy) == nil {
		sale.Slips = append(sale.Slips, Slip{Copy: r.Copy, Phase: SlipWaits})
		return
	}
	slip := sale.slip(r.Copy)
	assert(slip != nil, "%s: order %s has no %s copy", r.Kind, sale.Order, r.Copy)
	switch r.Kind {
	case SlipDue:
		slip.move(SlipWaits, SlipOnPaper)
	case SlipStarted:
		slip.move(SlipPrinting, SlipWaits)
		slip.Starts = r.Try
	case SlipBroken:
		slip.move(SlipWaits, SlipPrinting)
	case SlipPrinted:
		slip.move(SlipOnPaper, SlipPrinting)
	}
	slip.Trouble, slip.Next = r.Trouble, r.Next
	if r.Kind != SlipDue {
		s.printing = slip.Phase == SlipPrinting
	}
}

func (slip *Slip) move(to SlipPhase, from ...SlipPhase) {
	assert(slices.Contains(from, slip.Phase), "slip: %s to %s is not a move", slip.Phase, to)
	slip.Phase = to
}

func (sale *Sale) slip(c Copy) *Slip {
	for i := range sale.Slips {
		if sale.Slips[i].Copy == c {
			return &sale.Slips[i]
		}
	}
	return nil
}

// atRest says whether neither money nor paper of this sale is owed.
func (sale *Sale) atRest() bool {
	if !sale.Phase.Final() {
		return false
	}
	for _, slip := range sale.Slips {
		if slip.Phase != SlipOnPaper {
			return false
		}
	}
	return true
}

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
