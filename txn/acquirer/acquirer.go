// Package acquirer is the contract between the rules of money and one acquirer's
// protocol. It knows what an adapter has to promise; it knows no protocol, no
// state of a sale and no journal. The adapters live in the folders below, and
// acquirertest is the suite that each of them must pass.
package acquirer

import (
	"context"
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

	// Reverse undoes an order, whatever its state. Idempotent by order number.
	// Reversed means undone, or finally never paid. NotFound means that the
	// acquirer has no such order now: a request still on its way may yet arrive,
	// so the caller asks again after the longest life of a message.
	Reverse(ctx context.Context, e txn.Reverse) txn.Result

	// Refund gives back money of an approved order under a number of its own.
	// Reversed means that it is done. Idempotent by refund number.
	Refund(ctx context.Context, r Refund) txn.Result
}

// Refund is one payment back to the payer.
type Refund struct {
	Order       txn.Order // of the sale
	Number      txn.Order // of the refund
	Amount      txn.Amount
	AcquirerRef string // of the sale, if known
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
}
