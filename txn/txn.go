// Package txn holds the rules of money.
//
// It is pure: no clock, no I/O, no goroutine, no randomness. Time comes in as an
// argument. What happens is an Event; Decide turns it into Records; a record that
// is durable is Applied to the State; and what the world still owes follows from
// the state as Effects (Due). Nothing else in the program decides about money.
//
//	Event --Decide--> Record --(durable)--> Apply --> State --Due--> Effect
//
// The package does not know how records are kept (store), how an acquirer is
// spoken to (txn/acquirer), who runs the effects (txn/engine) or what a screen
// looks like (ui). Of ours it imports only txn/paycode, which says what a
// scanned code is.
package txn

import (
	"errors"
	"fmt"
	"time"
)

// Amount is money in fen, a hundredth of a yuan (CNY, ISO 4217 numeric 156).
type Amount int64

// AmountMax is the largest amount one sale may have: 12 digits of fen, the width
// of field 4 in ISO 8583.
const AmountMax Amount = 999_999_999_999

// String gives yuan with two decimals: 1050 is "10.50".
func (a Amount) String() string {
	sign := ""
	if a < 0 {
		sign, a = "-", -a
	}
	return fmt.Sprintf("%s%d.%02d", sign, int64(a)/100, int64(a)%100)
}

// Order is the terminal's own number of a transaction: 28 digits, made by Decide
// and durable before the first byte leaves. See newOrder for its parts.
type Order string

// PayCode is a customer's payment code: a bearer secret that lives for about a
// minute. No verb of fmt and no encoder can show it. The zero value holds none.
type PayCode struct{ digits *[]byte } // a pointer: fmt prints unexported bytes in clear

// NewPayCode takes a code as a scanner read it.
func NewPayCode(code string) PayCode {
	digits := []byte(code)
	return PayCode{&digits}
}

// Reveal gives the code in clear. Only an acquirer's request and the classifier
// may call it, and neither may keep the string.
func (c PayCode) Reveal() string {
	if c.digits == nil {
		return ""
	}
	return string(*c.digits)
}

// Held says whether there is a code at all.
func (c PayCode) Held() bool { return c.digits != nil && len(*c.digits) > 0 }

// Wipe overwrites the code in memory, for every copy of this value.
func (c PayCode) Wipe() {
	if c.digits != nil {
		clear(*c.digits)
		*c.digits = nil
	}
}

// Format hides the code from every verb of fmt.
func (c PayCode) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "payer code") }

// MarshalText refuses: a payer code is never written down.
func (c PayCode) MarshalText() ([]byte, error) {
	return nil, errors.New("a payer code is never written down")
}

// Beijing is the time of slips, batches and the acquirers' business day: UTC+8,
// without summer time, so that no time zone database is needed.
func Beijing() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }

// Outcome is what an acquirer's answer means: the only part of it that Decide
// branches on. The zero value is the safe one.
type Outcome uint8

// The outcomes. All but OutcomeUnknown and OutcomeNotSent need an authenticated
// answer; see Result.Authentic.
const (
	OutcomeUnknown  Outcome = iota // no usable answer: money may have moved
	OutcomeNotSent                 // the adapter vouches that no byte of the request left
	OutcomePending                 // in progress: the payer types a password
	OutcomeApproved                // final: money moved
	OutcomeDeclined                // final: no money moved, none will
	OutcomeNotFound                // the acquirer has no such order (yet)
	OutcomeReversed                // final: undone or closed, money back where it was
)

var outcomeNames = [...]string{
	"unknown", "not sent", "pending", "approved", "declined", "not found", "reversed",
}

// String names the outcome in lower case.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome %d", uint8(o))
}

// MarshalText writes the name, so that a journal can be read.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads what MarshalText wrote and refuses anything else.
func (o *Outcome) UnmarshalText(text []byte) error {
	for i, name := range outcomeNames {
		if name == string(text) {
			*o = Outcome(i)
			return nil
		}
	}
	return fmt.Errorf("outcome %q is not known to this release", text)
}

// Layer names the part of the way to the acquirer that gave no usable answer.
type Layer string

// The layers, from near to far.
const (
	LayerNone      Layer = ""
	LayerLine      Layer = "line"      // no route, refused, reset, timed out
	LayerDNS       Layer = "dns"       // the acquirer's name has no address
	LayerTime      Layer = "time"      // a certificate is not valid by this clock
	LayerTLS       Layer = "tls"       // the host is not who it should be
	LayerBank      Layer = "bank"      // the host answered, but not with an answer
	LayerSignature Layer = "signature" // the answer is forged, altered or unsigned
)

// Result is an acquirer's answer to one request, already verified or not by the
// adapter. Everything but Outcome, Authentic, Order and Amount is carried for
// slips and reconciliation and never branched on.
type Result struct {
	Outcome   Outcome `json:"outcome"`
	Authentic bool    `json:"authentic,omitempty"` // signature or MAC verified
	Order     Order   `json:"order,omitempty"`     // as the acquirer repeats it, "" if not
	Amount    Amount  `json:"amount,omitempty"`    // of the order, as the acquirer says, fen

	AcquirerRef string    `json:"acquirer_ref,omitempty"` // RRN or the acquirer's own number
	ChannelRef  string    `json:"channel_ref,omitempty"`  // the wallet's number
	Wallet      string    `json:"wallet,omitempty"`       // wechat, alipay, unionpay, ecny, …
	Clearing    string    `json:"clearing,omitempty"`     // nucc, cup, pboc, …, "" if not told
	Account     string    `json:"account,omitempty"`      // debit, credit, balance, …
	PaidAt      time.Time `json:"paid_at,omitzero"`
	Code        string    `json:"code,omitempty"`    // the acquirer's code as it stands
	Text        string    `json:"text,omitempty"`    // its words for the cashier
	Present     string    `json:"present,omitempty"` // the merchant code to show, of a Present
	Layer       Layer     `json:"layer,omitempty"`   // where it ended, for unknown and not sent
	Alarm       string    `json:"alarm,omitempty"`   // why the answer is not believed

	// RetryAfter is how long the acquirer asked to be left alone, 0 if it did not.
	RetryAfter time.Duration `json:"retry_after,omitempty"`
}

// after gives the answer with what an earlier one about the same order has told of the
// payment, as far as this one does not tell it.
func (r Result) after(old Result) Result {
	keep := func(now *string, before string) {
		if *now == "" {
			*now = before
		}
	}
	keep(&r.AcquirerRef, old.AcquirerRef)
	keep(&r.ChannelRef, old.ChannelRef)
	keep(&r.Wallet, old.Wallet)
	keep(&r.Clearing, old.Clearing)
	keep(&r.Account, old.Account)
	if r.PaidAt.IsZero() {
		r.PaidAt = old.PaidAt
	}
	return r
}

// Refusal is our own no: nothing has changed. Its text is a stable code that the
// screen turns into words.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals of Decide. A refused code has the reason of txn/paycode instead,
// such as "merchant_code".
const (
	ErrAmount          Refusal = "bad_amount"      // not above zero, or above the limit
	ErrBusy            Refusal = "busy"            // another sale is open
	ErrInDoubt         Refusal = "in_doubt"        // an order is in doubt: do not charge again
	ErrDoubtMax        Refusal = "too_many_doubts" // InDoubtMax orders in doubt
	ErrNoSale          Refusal = "no_sale"         // a code without an open sale
	ErrNoOrder         Refusal = "no_order"        // no such order
	ErrTooLate         Refusal = "too_late"        // the order is past the point of cancelling
	ErrConfirmCode     Refusal = "confirm_code"    // it may not be a payer code: ask the cashier
	ErrCodeUsed        Refusal = "code_used"       // this code was already sent for another order
	ErrNotApproved     Refusal = "not_approved"    // only money that has moved has a slip, or a way back
	ErrRefundSum       Refusal = "refund_sum"      // more than is left of the sale
	ErrRefundsMax      Refusal = "too_many_refunds"
	ErrHasRefunds      Refusal = "has_refunds"   // a sale with refunds is refunded, not voided
	ErrVoidTooLate     Refusal = "void_too_late" // another business day: refund it
	ErrNoQuestion      Refusal = "no_question"   // it is final: there is nothing to ask
	ErrTooSoon         Refusal = "too_soon"      // it was asked a moment ago
	ErrUnsettled       Refusal = "unsettled"     // the terminal is still finding out about a sale of the batch
	ErrNothingToSettle Refusal = "nothing_to_settle"
	ErrSettled         Refusal = "settled"          // a sale of a settled batch is refunded, not voided
	ErrNotUndone       Refusal = "not_undone"       // only a sale that ended without money is undone again
	ErrNotFinal        Refusal = "not_final"        // the machine is still at it
	ErrNoMerchantCode  Refusal = "no_merchant_code" // this acquirer gives none
	ErrMoneyOpen       Refusal = "money_open"       // something would be lost: end it first
	ErrDiskFull        Refusal = "disk_full"        // room is left only to end what is under way
	ErrArchive         Refusal = "archive_unreadable"
	ErrFound           Refusal = "found"            // no payment code, but the number of a transaction
	ErrNoPrinter       Refusal = "no_printer"       // this terminal has none
	ErrClock           Refusal = "wrong_clock"      // it can't be right: set it
	ErrNotSignedOn     Refusal = "not_signed_on"    // nobody is on duty
	ErrOnDuty          Refusal = "on_duty"          // somebody is: they sign off first
	ErrNeedsSupervisor Refusal = "needs_supervisor" // on duty, or called for this one act
	ErrNoOperators     Refusal = "no_operators"     // none are set up, or their list is broken
	ErrReportsMax      Refusal = "too_many_reports" // wait for paper
)
