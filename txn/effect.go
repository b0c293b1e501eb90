package txn

import "time"

// Effect is something the world owes us: a message to send or a slip to print.
// It follows from the state, so a crash can't lose it, and it may be carried out
// more than once: same order, same request. Only the types of this file are effects.
type Effect interface {
	// Key tells this effect from every other, also from its own repetition.
	Key() string
}

// Authorize asks the acquirer to move money for a payer code. It is handed out
// once in the life of an order, by the process that saw the code, and never again.
type Authorize struct {
	Order  Order
	Trace  uint32 // STAN, 1 to 999999
	Batch  uint32
	Amount Amount
	Family string // of the code, for routing
	Factor string // last six digits of the code or PAN: "encryption random factor"
	Code   PayCode
	At     time.Time
}

// Query asks what became of an order.
type Query struct {
	Order       Order
	Try         int // from 1
	AcquirerRef string
}

// Reverse undoes an order whose outcome is unknown.
type Reverse struct {
	Order       Order
	Try         int // from 1
	Amount      Amount
	AcquirerRef string
	OpenedAt    time.Time // of the sale: its business day
}

// Present asks the acquirer for a code that the payer scans (MPM): shown on the
// page or on paper. Like Authorize it is handed out once in the life of an order.
type Present struct {
	Order  Order
	Trace  uint32
	Batch  uint32
	Amount Amount
	At     time.Time
	Ends   time.Time // the code should not be payable after that
}

// Refund gives money of an approved sale back, under a number of its own.
type Refund struct {
	Order       Order // of the refund
	Try         int   // from 1
	Of          Order // the sale
	Amount      Amount
	Whole       Amount    // of the sale
	AcquirerRef string    // of the sale, if known
	SoldAt      time.Time // of the sale: its business day
}

// QueryRefund asks what became of a refund.
type QueryRefund struct {
	Order       Order // of the refund
	Try         int   // from 1
	Of          Order // the sale
	Amount      Amount
	AcquirerRef string // of the refund, if known
}

// Print puts a slip on paper.
type Print struct {
	Sale      Sale
	Copy      Copy
	Try       int  // from 1, over the life of the sale
	Duplicate bool // paper with the same content may exist already
}

// Key is unique in the life of the terminal.
func (e Authorize) Key() string { return "authorize/" + string(e.Order) }

// Key is unique in the life of the terminal.
func (e Query) Key() string { return tryKey("query", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e Reverse) Key() string { return tryKey("reverse", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e Present) Key() string { return "present/" + string(e.Order) }

// Key is unique in the life of the terminal.
func (e Refund) Key() string { return tryKey("refund", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e QueryRefund) Key() string { return tryKey("query-refund", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e Print) Key() string { return tryKey("print-"+string(e.Copy), e.Sale.Order, e.Try) }
