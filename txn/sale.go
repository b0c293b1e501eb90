package txn

import (
	"slices"
	"time"
)

// Way is who shows a code to whom.
type Way string

// The ways.
const (
	PayerCode    Way = ""    // the terminal scans the payer's code (CPM)
	MerchantCode Way = "mpm" // the payer scans the terminal's
)

// Sale is one sale as the journal has it, with its refunds. Values handed out are
// copies.
type Sale struct {
	Order        Order       `json:"order"`
	Phase        Phase       `json:"state"`
	Amount       Amount      `json:"amount_fen"`
	Trace        uint32      `json:"trace"` // STAN
	Batch        uint32      `json:"batch"`
	OpenedAt     time.Time   `json:"created_at"`
	ChangedAt    time.Time   `json:"changed_at"`
	AuthorizedAt time.Time   `json:"authorized_at,omitzero"` // when the request was due
	SentBefore   time.Time   `json:"sent_before,omitzero"`   // it left before this, by this process's clock
	Way          Way         `json:"way,omitempty"`
	Shown        string      `json:"shown,omitempty"`      // the merchant code, as the acquirer gave it
	ScannedAt    time.Time   `json:"scanned_at,omitzero"`  // when the payer's code was read
	Sends        int         `json:"sends,omitempty"`      // requests for money; one more only after a not sent
	Offline      bool        `json:"offline,omitempty"`    // taken at the merchant's risk, see Stored
	Family       string      `json:"family,omitempty"`     // of the payer's code
	Looks        string      `json:"looks,omitempty"`      // the wallet the code looks like
	Masked       string      `json:"masked,omitempty"`     // the code: first two, last four
	Cancelled    bool        `json:"cancelled,omitempty"`  // the cashier does not want to wait
	Override     Order       `json:"override,omitempty"`   // sold while this order was in doubt
	Reason       Reason      `json:"reason,omitempty"`     // of the phase
	Answer       Result      `json:"answer"`               // the last one that was believed
	Tries        int         `json:"tries,omitempty"`      // queries, then reversals
	TriedAt      time.Time   `json:"tried_at,omitzero"`    // the last of them
	Next         time.Time   `json:"next,omitzero"`        // the next of them
	Ends         time.Time   `json:"ends,omitzero"`        // of the wait for a code, or for an outcome
	UndoSince    time.Time   `json:"undo_since,omitzero"`  // when its reversal or void began
	VoidTrace    uint32      `json:"void_trace,omitempty"` // STAN of the void
	VoidedAt     time.Time   `json:"voided_at,omitzero"`
	Refunds      []MoneyBack `json:"refunds,omitempty"` // in order of asking
	Hand         Hand        `json:"hand,omitzero"`
	Slips        []Slip      `json:"slips,omitempty"`

	Operator     string `json:"operator,omitempty"`      // who sold; none: nobody signs on
	OverrideBy   string `json:"override_by,omitempty"`   // the supervisor who allowed Override
	Shift        uint32 `json:"shift,omitempty"`         // in which it was asked for
	VoidOperator string `json:"void_operator,omitempty"` // who voided it
	VoidBy       string `json:"void_by,omitempty"`       // the supervisor who allowed it
	VoidShift    uint32 `json:"void_shift,omitempty"`

	code   PayCode
	factor string
}

// Hand is what a person has to find out, and what was found.
type Hand struct {
	Why      Reason    `json:"why,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
	Moved    bool      `json:"moved,omitempty"`    // the money of this transaction did move
	Operator string    `json:"operator,omitempty"` // who said so
	By       string    `json:"by,omitempty"`       // the supervisor who answers for it
}

// Open says whether a person still has to find out.
func (h Hand) Open() bool { return !h.Since.IsZero() && h.ClosedAt.IsZero() }

func (h *Hand) close(r Record) {
	h.ClosedAt, h.Moved, h.Operator, h.By = r.At, r.Moved, r.Operator, r.By
}

// Left is what may still be given back: nothing unless the merchant has the money.
// A refund counts from the moment it is asked for until it is declined.
func (sale *Sale) Left() Amount {
	if !sale.kept() {
		return 0
	}
	return sale.Amount - sale.asked()
}

// kept says whether the money of this sale is with the merchant for good, so that it
// goes back only by a refund or a void. A person who has looked knows better than
// the acquirer's answer of before.
func (sale *Sale) kept() bool {
	looked := !sale.Hand.ClosedAt.IsZero()
	return sale.Phase == Approved && (!looked || sale.Hand.Moved) ||
		sale.Phase == ByHand && looked && sale.Hand.Moved
}

// asked is the sum of the refunds that count.
func (sale *Sale) asked() Amount {
	var sum Amount
	for i := range sale.Refunds {
		if sale.Refunds[i].mayCount() {
			sum += sale.Refunds[i].Amount
		}
	}
	return sum
}

// Net is what the merchant has of this sale, as far as the terminal knows.
func (sale *Sale) Net() Amount {
	moved := sale.Phase == Approved || sale.Phase == Voiding
	if !sale.Hand.ClosedAt.IsZero() {
		moved = sale.Hand.Moved // a person has looked
	}
	if !moved {
		return 0
	}
	net := sale.Amount
	for i := range sale.Refunds {
		if sale.Refunds[i].Moved() {
			net -= sale.Refunds[i].Amount
		}
	}
	return net
}

func (sale *Sale) applyMoney(r Record) {
	switch r.Kind {
	case AuthorizeDue:
		sale.move(Authorizing, Created, Held, Stored)
		sale.authorize(r)
	case PresentDue:
		sale.move(Authorizing, Created)
		sale.authorize(r)
		sale.Way = MerchantCode
	case SaleHeld:
		sale.move(Held, Authorizing)
		sale.Ends = r.Ends
	case SaleStored:
		sale.move(Stored, Authorizing)
		sale.Offline = true
		sale.owe(r, OfflineForm, "", r.Copies...)
	case WasApproved:
		sale.move(Approved, Authorizing, Pending, Unknown, Querying)
		sale.drop(OfflineForm)
		sale.owe(r, SaleForm, "", r.Copies...)
	case WasDeclined:
		sale.move(Declined, Authorizing, Pending, Unknown, Querying)
	case WasPending:
		sale.hasLeft(r)
		sale.move(Pending, Authorizing, Querying)
	case WasUnknown:
		sale.hasLeft(r)
		sale.move(Unknown, Authorizing, Querying)
	case QueryDue:
		sale.move(Querying, Pending, Unknown)
		sale.Tries, sale.TriedAt = r.Try, r.At
	case CancelNoted:
		sale.move(sale.Phase, Authorizing, Pending, Unknown, Querying)
		sale.Cancelled, sale.Ends = true, r.Ends
	case WasNotSent:
		sale.move(NotSent, Created, Authorizing, Held)
	default:
		sale.applyUndo(r)
	}
	sale.settle(r)
}

// hasLeft notes when a request for money can have left at the latest. It may have
// waited in the outbox, and the adapter may have sent until it gave up.
func (sale *Sale) hasLeft(r Record) {
	if sale.Phase == Authorizing {
		sale.SentBefore = r.At
	}
}

// applyUndo moves a sale whose money is to go back, or never to come.
func (sale *Sale) applyUndo(r Record) {
	switch r.Kind {
	case ReverseDue:
		again, rested := sale.Phase.Final(), sale.Phase.Final() || sale.Phase == ByHand
		sale.move(Reversing, Querying, Reversing, ByHand, Reversed, Declined, NotSent)
		if again {
			sale.UndoSince = time.Time{}
		}
		if rested { // no restart has looked after it, and the clock may have jumped
			sale.SentBefore = r.At
		}
		sale.tryUndo(r)
	case ReverseUnanswered:
		sale.move(Reversing, Reversing)
	case WasReversed:
		sale.move(Reversed, Reversing, Querying)
	case WasLate:
		sale.move(Refunding, Reversing)
	case VoidDue:
		if sale.Phase == Approved {
			sale.UndoSince, sale.Reason = time.Time{}, ""
		}
		sale.move(Voiding, Approved, Voiding, ByHand)
		sale.tryUndo(r)
		if r.Trace != 0 {
			sale.VoidTrace = r.Trace
			sale.VoidOperator, sale.VoidBy, sale.VoidShift = r.Operator, r.By, r.Shift
		}
	case VoidUnanswered:
		sale.move(Voiding, Voiding)
	case WasVoided:
		sale.move(Voided, Voiding)
		sale.VoidedAt = r.At
		sale.drop(SaleForm)
		sale.owe(r, VoidForm, "", r.Copies...)
	case VoidRefused:
		sale.move(Approved, Voiding)
	case HandDue:
		if !sale.Phase.Final() { // a final one keeps its phase: the list is what is new
			sale.move(ByHand, Reversing, Voiding, Refunding, Authorizing, ByHand)
		}
		sale.Hand = Hand{Why: r.Reason, Since: r.At}
		sale.drop(OfflineForm)
		sale.owe(r, HandForm, "", r.Copies...)
	case HandClosed:
		assert(sale.Hand.Open(), "order %s: %s, but it waits for nobody", sale.Order, r.Kind)
		sale.Hand.close(r)
	default:
		assert(false, "record kind %q is not known to this release", r.Kind)
	}
}

func (sale *Sale) authorize(r Record) {
	sale.AuthorizedAt, sale.SentBefore, sale.Ends = r.At, r.At, r.Ends
	sale.Sends++
	if sale.Sends > 1 {
		return // the code is known already
	}
	sale.ScannedAt, sale.Family, sale.Looks, sale.Masked = r.At, r.Family, r.Wallet, r.Masked
	sale.code, sale.factor = r.code, r.factor
}

func (sale *Sale) tryUndo(r Record) {
	if r.Try == 1 || sale.UndoSince.IsZero() {
		sale.UndoSince = r.At
	}
	sale.Tries, sale.TriedAt = r.Try, r.At
	sale.Hand = Hand{}
}

// settle takes over what every record about money may carry.
func (sale *Sale) settle(r Record) {
	sale.ChangedAt, sale.Next = r.At, r.Next
	if r.Reason == BecauseRestart {
		sale.SentBefore = r.At // the clock may have jumped: count from here
	}
	if r.Kind != ReverseDue && r.Kind != VoidDue || r.Try == 1 || r.Reason != "" {
		sale.Reason = r.Reason // a repeated reversal keeps the reason of the first
	}
	if r.Answer != nil && r.Answer.Authentic {
		sale.Answer = r.Answer.after(sale.Answer)
		if r.Answer.Present != "" {
			sale.Shown = r.Answer.Present
		}
	}
	if sale.Phase != Authorizing && sale.Phase != Held {
		sale.code.Wipe() // whoever sent it has ended: nothing needs it again
		sale.code, sale.factor = PayCode{}, ""
	}
	if sale.Phase.Final() || sale.Phase == Stored {
		sale.Ends = time.Time{}
	}
}

// inDoubt says whether this sale is a reason not to charge the next payer.
func (sale *Sale) inDoubt() bool { return sale.Phase.InDoubt() && !sale.Offline }

// move is the only way to another phase.
func (sale *Sale) move(to Phase, from ...Phase) {
	assert(slices.Contains(from, sale.Phase),
		"order %s: %s to %s is not a move", sale.Order, sale.Phase, to)
	sale.Phase = to
}

// atRest says whether neither money nor paper of this sale is owed, nor a
// person's word.
func (sale *Sale) atRest() bool {
	if sale.Hand.Open() || !sale.Phase.Final() && sale.Phase != ByHand {
		return false
	}
	for i := range sale.Refunds {
		if !sale.Refunds[i].atRest() {
			return false
		}
	}
	for _, slip := range sale.Slips {
		if slip.Phase != SlipOnPaper {
			return false
		}
	}
	return true
}

// copied shares nothing that changes, and no payer code.
func (sale *Sale) copied() Sale {
	c := *sale
	c.Slips = slices.Clone(sale.Slips)
	c.Refunds = slices.Clone(sale.Refunds)
	c.code, c.factor = PayCode{}, ""
	return c
}
