package txn

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Kind says what was decided. Kinds are written to the journal and never change
// their meaning; a release reads every kind that any earlier one wrote.
type Kind string

// The kinds of record.
const (
	SaleOpened        Kind = "sale-opened"
	AuthorizeDue      Kind = "authorize-due"
	WasApproved       Kind = "approved"
	WasDeclined       Kind = "declined"
	WasPending        Kind = "pending"
	WasUnknown        Kind = "unknown"
	QueryDue          Kind = "query-due"
	CancelNoted       Kind = "cancel-noted"
	ReverseDue        Kind = "reverse-due"
	ReverseUnanswered Kind = "reverse-unanswered"
	WasReversed       Kind = "reversed"
	WasNotSent        Kind = "not-sent"
	PresentDue        Kind = "present-due"
	SaleHeld          Kind = "held"
	SaleStored        Kind = "stored"
	WasLate           Kind = "late"
	VoidDue           Kind = "void-due"
	VoidUnanswered    Kind = "void-unanswered"
	VoidRefused       Kind = "void-refused"
	WasVoided         Kind = "voided"
	RefundDue         Kind = "refund-due"
	RefundTaken       Kind = "refund-taken"
	RefundQueryDue    Kind = "refund-query-due"
	RefundUnanswered  Kind = "refund-unanswered"
	RefundMade        Kind = "refund-made"
	RefundDeclined    Kind = "refund-declined"
	HandDue           Kind = "hand-due"
	HandClosed        Kind = "hand-closed"
	BatchClosed       Kind = "batch-closed"
	SettleDue         Kind = "settle-due"
	SettleUnanswered  Kind = "settle-unanswered"
	UploadDue         Kind = "upload-due"
	BatchSettled      Kind = "batch-settled"
	LineDown          Kind = "line-down"
	LineUp            Kind = "line-up"
	SignedOn          Kind = "signed-on"
	SignedOff         Kind = "signed-off"
	ReportDue         Kind = "report-due"
	SlipDue           Kind = "slip-due"
	SlipStarted       Kind = "slip-started"
	SlipBroken        Kind = "slip-broken"
	SlipPrinted       Kind = "slip-printed"
	StateCarried      Kind = "state-carried" // what a compacted journal begins with
	IdentityTaken     Kind = "identity-taken"
	SaleCarried       Kind = "sale-carried" // likewise, and what is called back from the archive
)

// Reason says why a record was made, where its kind leaves that open. It is
// stable: screens and scripts turn it into words.
type Reason string

// The reasons.
const (
	BecauseCancelled    Reason = "cancelled"         // by the cashier
	BecauseNoCode       Reason = "no_code"           // none came within the scan window
	BecauseNoAnswer     Reason = "no_answer"         // see Result.Layer
	BecauseRestart      Reason = "restart"           // the process ended on the way
	BecauseWindowOver   Reason = "window_over"       // still not final at the window's end
	BecauseNotAuthentic Reason = "not_authentic"     // alarm
	BecauseWrongAmount  Reason = "wrong_amount"      // alarm
	BecauseWrongOrder   Reason = "wrong_order"       // alarm
	BecauseNotFound     Reason = "not_found"         // the acquirer knows no such order
	BecauseCanNotHappen Reason = "can_not_happen"    // not found after the longest life of a message
	BecauseNotAnOutcome Reason = "not_an_outcome"    // an answer that does not fit the question
	BecauseDoubtful     Reason = "acquirer_doubtful" // the acquirer itself does not know

	BecauseCodeExpired    Reason = "code_expired"    // the line came back too late for the code
	BecauseOfflineLimit   Reason = "offline_limit"   // the limits of offline sales are used up
	BecauseOfflineRefused Reason = "offline_refused" // taken offline, then refused by the acquirer
	BecauseTooLate        Reason = "too_late"        // the acquirer undoes it no more: refund it
	BecausePaidLate       Reason = "paid_late"       // found paid when it was too late to undo
	BecauseRefundDeclined Reason = "refund_declined" // the refund that had to undo it
	BecauseExhausted      Reason = "exhausted"       // tried long and often enough
	BecauseByHand         Reason = "by_hand"         // a person said so
	BecauseCodeLost       Reason = "code_lost"       // of a sale taken offline
	BecauseNoHost         Reason = "no_host"         // this acquirer settles nothing with the terminal
	BecauseBillMissing    Reason = "bill_missing"    // the acquirer's bill does not have it
	BecauseBillAmount     Reason = "bill_amount"     // the acquirer's bill has another amount
	BecauseBillPaid       Reason = "bill_paid"       // the acquirer's bill has it as paid
)

// recordVersion is the format of the journal's records. Readers refuse others.
const recordVersion = 1

// Record is one decision. It is durable before the state moves.
type Record struct {
	Version int       `json:"v"`
	Kind    Kind      `json:"kind"`
	At      time.Time `json:"at"`
	Order   Order     `json:"order"`

	Amount   Amount        `json:"amount,omitempty"`
	Trace    uint32        `json:"trace,omitempty"`
	Batch    uint32        `json:"batch,omitempty"`
	Counter  uint64        `json:"counter,omitempty"` // part of the order number
	Override Order         `json:"override,omitempty"`
	Family   string        `json:"family,omitempty"`
	Wallet   string        `json:"wallet,omitempty"` // what the code looks like
	Masked   string        `json:"masked,omitempty"` // first two and last four digits
	Answer   *Result       `json:"answer,omitempty"`
	Reason   Reason        `json:"reason,omitempty"`
	Try      int           `json:"try,omitempty"`
	Next     time.Time     `json:"next,omitzero"` // when the next try is due
	Ends     time.Time     `json:"ends,omitzero"` // when this wait is over
	Copy     Copy          `json:"copy,omitempty"`
	Copies   []Copy        `json:"copies,omitempty"`
	Refund   Order         `json:"refund,omitempty"` // what is decided is about this refund of Order
	Form     Form          `json:"form,omitempty"`   // of a slip; none: of the sale
	Totals   *Totals       `json:"totals,omitempty"`
	Balanced bool          `json:"balanced,omitempty"`
	Moved    bool          `json:"moved,omitempty"` // a person found that the money moved
	Layer    Layer         `json:"layer,omitempty"` // of the way that failed
	Trouble  string        `json:"trouble,omitempty"`
	Leave    time.Duration `json:"leave_alone,omitempty"` // how long the acquirer wants no message
	Carry    *Carry        `json:"carry,omitempty"`
	Sale     *Sale         `json:"sale,omitempty"`
	Identity *Identity     `json:"identity,omitempty"`

	Operator    string       `json:"operator,omitempty"` // who did it; none: the machine, or nobody signs on
	Role        Role         `json:"role,omitempty"`     // of who signs on
	Name        string       `json:"name,omitempty"`     // likewise
	By          string       `json:"by,omitempty"`       // the supervisor who answers for it
	Shift       uint32       `json:"shift,omitempty"`
	Report      uint32       `json:"report,omitempty"`
	ShiftTotals *ShiftTotals `json:"shift_totals,omitempty"`

	// What only the process that saw the code knows. Never written.
	code   PayCode
	factor string
}

// Secret is the payer code that has to be in the vault before a SaleStored is
// durable. Other records have none.
func (r Record) Secret() PayCode {
	if r.Kind != SaleStored {
		return PayCode{}
	}
	return r.code
}

// Encode gives the bytes for the journal.
func (r Record) Encode() []byte {
	r.Version = recordVersion
	text, err := json.Marshal(r)
	assert(err == nil, "record %s cannot be encoded: %v", r.Kind, err)
	return text
}

// DecodeRecord reads what Encode wrote. An error means that the journal is of a
// later release or damaged: do not sell.
func DecodeRecord(text []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return Record{}, fmt.Errorf("decode record: %w", err)
	}
	if r.Version != recordVersion {
		return Record{}, fmt.Errorf("record version %d: this release reads version %d",
			r.Version, recordVersion)
	}
	return r, nil
}

func tryKey(what string, order Order, try int) string {
	return what + "/" + string(order) + "/" + strconv.Itoa(try)
}

// BatchOrder stands for a batch where an order number is wanted: what the answer to
// a Settle or an Upload has to speak of.
func BatchOrder(batch uint32) Order { return Order(fmt.Sprintf("batch-%06d", batch)) }

// assert stops the process on our own fault: a restart replays, a wrong book
// stays wrong.
func assert(holds bool, format string, args ...any) {
	if !holds {
		panic("txn: " + fmt.Sprintf(format, args...))
	}
}
