package txn

import (
	"errors"
	"fmt"
	"time"

	"saoma/terminal/txn/paycode"
)

// InDoubtMax is how many orders may be in doubt at once. A terminal that has
// more has a line or an acquirer so ill that selling on is no service.
const InDoubtMax = 5

// usedCodeKept is how long a code that was sent is refused for another order.
// The schemes refresh a code every minute (payment-codes.md, 11).
const usedCodeKept = 120 * time.Second

// Rules are the figures that Decide goes by. They are fixed for the life of a
// State; what is already decided carries its own times, so a change of rules
// between two starts rewrites nothing.
type Rules struct {
	TerminalID string // 8 digits, the first part of an order number
	AmountMax  Amount // of one sale, fen
	Copies     []Copy // printed without being asked for
	NoPrinter  bool   // no slip is ever owed

	ScanWindow  time.Duration // how long a sale waits for a code
	FirstQuery  time.Duration // after an answer that is not final
	QueryEvery  time.Duration
	PayWindow   time.Duration // from the request; then the sale is reversed
	MessageLife time.Duration // a request older than this can't arrive any more, nor be invisible
	RetryFirst  time.Duration // pause after the first unanswered reversal; doubles
	RetryMax    time.Duration // the longest pause
	SlipRetry   time.Duration // pause after a slip that was stopped

	PresentWindow    time.Duration // how long a merchant code is shown; 0: there are none
	RefundQueryEvery time.Duration // of a refund that goes on at the acquirer
	HandTries        int           // after so many tries …
	HandAfter        time.Duration // … and so long, a person has to find out
	VoidsSameDay     bool          // a void only on the sale's Beijing day
	Settles          bool          // the acquirer compares totals and takes batches

	Offline  map[string]Offline // by code family; none: refuse
	CodeLife time.Duration      // how long after its scan a payer's code is worth sending
	Store    StoreLimits

	// A clock before ClockFrom or from ClockUntil on can't be right: nothing new is
	// begun. Zero: any clock is.
	ClockFrom, ClockUntil time.Time
	Operators             Guard // whether people have to sign on

	Codes      *paycode.Table
	CodeLenMax int      // characters of a payer code that the acquirer takes
	Secret     [32]byte // random, new in every process: the key of code fingerprints
}

// Check names every figure that no terminal could work with.
func (r Rules) Check() error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf(format, args...))
	}
	if !allDigits(r.TerminalID) || len(r.TerminalID) != 8 {
		fault("terminal ID %q is not 8 digits", r.TerminalID)
	}
	if r.AmountMax <= 0 || r.AmountMax > AmountMax {
		fault("largest amount %d is not within 1 to %d", r.AmountMax, AmountMax)
	}
	for name, d := range map[string]time.Duration{
		"scan window": r.ScanWindow, "first query": r.FirstQuery, "query interval": r.QueryEvery,
		"pay window": r.PayWindow, "message life": r.MessageLife, "first retry": r.RetryFirst,
		"longest retry": r.RetryMax, "slip retry": r.SlipRetry, "code life": r.CodeLife,
		"refund query interval": r.RefundQueryEvery, "time until a person is called": r.HandAfter,
	} {
		if d <= 0 {
			fault("%s of %s is not above zero", name, d)
		}
	}
	if r.HandTries <= 0 {
		fault("%d tries until a person is called are not above zero", r.HandTries)
	}
	for family, mode := range r.Offline {
		if mode != OfflineRefuse && mode != OfflineHold && mode != OfflineStore {
			fault("offline mode %q of family %q is not refuse, hold or store", string(mode), family)
		}
	}
	switch r.Operators {
	case GuardNone, GuardOff, GuardOn, GuardBroken:
	default:
		fault("guard %q is not known", string(r.Operators))
	}
	if r.CodeLenMax <= 0 {
		fault("longest payment code of %d characters is not above zero", r.CodeLenMax)
	}
	if r.Codes == nil {
		fault("no table of payment codes")
	}
	return errors.Join(faults...)
}

// clockMayBeRight says whether now is a time at which this release can run.
func (r Rules) clockMayBeRight(now time.Time) bool {
	return !now.Before(r.ClockFrom) && (r.ClockUntil.IsZero() || now.Before(r.ClockUntil))
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
