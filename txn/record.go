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
	SlipDue           Kind = "slip-due"
	SlipStarted       Kind = "slip-started"
	SlipBroken        Kind = "slip-broken"
	SlipPrinted       Kind = "slip-printed"
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
)

// Alarming says whether a person should look at once: somebody may be forging.
func (r Reason) Alarming() bool {
	return r == BecauseNotAuthentic || r == BecauseWrongAmount || r == BecauseWrongOrder
}

// recordVersion is the format of the journal's records. Readers refuse others.
const recordVersion = 1

// Record is one decision. It is durable before the state moves.
type Record struct {
	Version int       `json:"v"`
	Kind    Kind      `json:"kind"`
	At      time.Time `json:"at"`
	Order   Order     `json:"order"`

	Amount   Amount    `json:"amount,omitempty"`
	Trace    uint32    `json:"trace,omitempty"`
	Batch    uint32    `json:"batch,omitempty"`
	Counter  uint64    `json:"counter,omitempty"` // part of the order number
	Override Order     `json:"override,omitempty"`
	Family   string    `json:"family,omitempty"`
	Wallet   string    `json:"wallet,omitempty"` // what the code looks like
	Masked   string    `json:"masked,omitempty"` // first two and last four digits
	Answer   *Result   `json:"answer,omitempty"`
	Reason   Reason    `json:"reason,omitempty"`
	Try      int       `json:"try,omitempty"`
	Next     time.Time `json:"next,omitzero"` // when the next try is due
	Ends     time.Time `json:"ends,omitzero"` // when this wait is over
	Copy     Copy      `json:"copy,omitempty"`
	Copies   []Copy    `json:"copies,omitempty"`
	Trouble  string    `json:"trouble,omitempty"`

	// What only the process that saw the code knows. Never written.
	code   PayCode
	factor string
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

// assert stops the process on our own fault: a restart replays, a wrong book
// stays wrong.
func assert(holds bool, format string, args ...any) {
	if !holds {
		panic("txn: " + fmt.Sprintf(format, args...))
	}
}
