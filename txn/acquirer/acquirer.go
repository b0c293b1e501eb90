// Package acquirer is the contract between the rules of money and one acquirer's
// protocol. It knows what an adapter has to promise; it knows no protocol, no
// state of a sale and no journal. The adapters live in the folders below, and
// acquirertest is the suite that each of them must pass.
package acquirer

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"saoma/terminal/txn"
)

// Acquirer speaks one acquirer's protocol. Its methods may be called from any
// goroutine, several at once for different orders.
//
// The contract of every method:
//   - It returns when the acquirer has answered or ctx has ended; it never sends
//     a request twice by itself, and follows no redirect.
//   - Only an answer whose signature or MAC was verified has Authentic set, and
//     only such an answer may have an outcome other than unknown or not sent.
//   - No answer is not a no: after a byte may have left, whatever goes wrong is
//     txn.OutcomeUnknown with the layer that ended it.
//   - txn.OutcomeNotSent is a promise: no byte of the request has left.
//   - A payer code stands in the request and nowhere else: in no error, no log.
type Acquirer interface {
	Capabilities() Capabilities

	// Pay asks for money by a payer code. Approved, declined and pending carry
	// the order and the amount as the acquirer repeats them.
	Pay(ctx context.Context, e txn.Authorize) txn.Result

	// Query asks what became of an order.
	Query(ctx context.Context, e txn.Query) txn.Result

	// Present asks for a code that the payer scans. Pending carries the order, and
	// in Present the text of the code.
	Present(ctx context.Context, e txn.Present) txn.Result

	// Reverse undoes an order, whatever its state. Idempotent by order number.
	// Reversed means undone, or finally never paid. NotFound means that the
	// acquirer has no such order now: a request still on its way may yet arrive,
	// so the caller asks again after the longest life of a message. Approved means
	// that the order is paid and that it is too late to undo it: refund it.
	Reverse(ctx context.Context, e txn.Reverse) txn.Result

	// Refund gives back money of an approved order under a number of its own.
	// Approved means that it is made, Pending that it was taken and goes on at the
	// acquirer, Declined that it was not and will not be made. Idempotent by the
	// refund's number.
	Refund(ctx context.Context, e txn.Refund) txn.Result

	// QueryRefund asks what became of a refund, in the words of Refund.
	QueryRefund(ctx context.Context, e txn.QueryRefund) txn.Result

	// Settle compares the totals of a batch: Approved means the same, Declined that
	// the acquirer has others and wants an Upload. Either carries txn.BatchOrder as
	// its order. Idempotent by batch number. Only where Capabilities.Settles is set.
	Settle(ctx context.Context, e txn.Settle) txn.Result

	// Upload sends every transaction of a batch: Approved means taken. Likewise.
	Upload(ctx context.Context, e txn.Upload) txn.Result

	// Echo asks something that moves nothing. Authentic means that the whole way
	// works, there and back; else Layer says where it ended.
	Echo(ctx context.Context) txn.Result

	// Bill gives the acquirer's own list of a business day (Beijing), as it comes.
	// A row that can't be read comes as a *BillRowError, and the next ones follow;
	// any other error is the last, and is a *BillError.
	Bill(ctx context.Context, day time.Time) iter.Seq2[BillRow, error]
}

// BillKind is what a row of a bill is about.
type BillKind string

// The kinds of row.
const (
	BillSale   BillKind = "sale"
	BillVoid   BillKind = "void"
	BillRefund BillKind = "refund"
)

// BillRow is one transaction in the acquirer's books.
type BillRow struct {
	Line        int // in the file, from 1
	Kind        BillKind
	Order       txn.Order // its own number
	Of          txn.Order // of a void or refund: the sale, if told
	AcquirerRef string
	Amount      txn.Amount // above zero, whatever the kind
	Fee         txn.Amount
	At          time.Time
}

// BillRowError is a row that can't be read.
type BillRowError struct {
	Line int
	Why  string // never the row itself
}

func (e *BillRowError) Error() string { return fmt.Sprintf("bill, line %d: %s", e.Line, e.Why) }

// BillError is why a bill did not come, or ended before its end: the rows so far are
// not the whole of it.
type BillError struct {
	// Result says what is known, as of any other request: Layer, Alarm, Code, Text,
	// RetryAfter. It never holds the address of the bill.
	Result txn.Result
}

func (e *BillError) Error() string {
	r := e.Result
	switch {
	case r.Alarm != "":
		return "bill: " + r.Alarm
	case r.Code != "" || r.Text != "":
		return "bill: " + strings.TrimSpace(r.Code+" "+r.Text)
	}
	return fmt.Sprintf("bill: %s at layer %q", r.Outcome, r.Layer)
}

// Capabilities are the facts that differ from acquirer to acquirer.
type Capabilities struct {
	Name            string        // for slips and records, such as "allinpay"
	OrderLenMax     int           // characters of an order number
	CodeLenMax      int           // characters of a payer code
	TakesCPMPayload bool          // the code field takes an EMVCo payload of about 130 characters
	AnswerTimeout   time.Duration // how long Pay waits
	FirstQuery      time.Duration // after an unknown or pending answer
	QueryEvery      time.Duration
	PayWindow       time.Duration // then the sale is reversed
	MessageLife     time.Duration // a request older than this can't arrive any more, nor be invisible
	PresentWindow   time.Duration // how long a merchant code is shown; 0: it gives none
	PresentHosts    []string      // the hosts that a merchant code may point to
	Settles         bool          // batches are settled with the terminal
	VoidsSameDay    bool          // a void only on the sale's Beijing day; then a refund
}
