package txn

import "time"

// Effect is something the world owes us: a message to send or a slip to print.
// It follows from the state, so a crash can't lose it, and it may be carried out
// more than once: same order, same request. Only the types of this file are effects.
type Effect interface {
	// Key tells this effect from every other, also from its own repetition.
	Key() string
}

// Authorize asks the acquirer to move money for a payer code. One order has a
// second one only after the adapter's promise that nothing of the first has left.
type Authorize struct {
	Order  Order
	Try    int    // from 1
	Trace  uint32 // STAN, 1 to 999999
	Batch  uint32
	Amount Amount
	Family string // of the code, for routing
	Factor string // last six digits of the code or PAN: "encryption random factor"
	Code   PayCode
	Stored bool // taken offline: the code is in the vault
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
	Void        bool      // the sale is approved and known to be
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
	Whole       Amount // of the sale
	Trace       uint32 // STAN
	Batch       uint32
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
	Batch     Batch  // of a settlement, which has no sale
	Report    Report // of a shift or of the open batch, likewise
	Form      Form
	Refund    Order // that the slip is about, if it is about one
	Copy      Copy
	Try       int  // from 1, over the life of the slip
	Duplicate bool // paper with the same content may exist already
}

// Key is unique in the life of the terminal.
func (e Authorize) Key() string { return tryKey("authorize", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e Query) Key() string { return tryKey("query", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e Reverse) Key() string {
	if e.Void {
		return tryKey("void", e.Order, e.Try)
	}
	return tryKey("reverse", e.Order, e.Try)
}

// Key is unique in the life of the terminal.
func (e Present) Key() string { return "present/" + string(e.Order) }

// Key is unique in the life of the terminal.
func (e Refund) Key() string { return tryKey("refund", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e QueryRefund) Key() string { return tryKey("query-refund", e.Order, e.Try) }

// Key is unique in the life of the terminal.
func (e Print) Key() string {
	order := e.Sale.Order
	switch {
	case e.Form == SettlementForm:
		order = BatchOrder(e.Batch.Number)
	case e.Report.Number != 0:
		order = reportOrder(e.Report.Number)
	case e.Refund != "":
		order = e.Refund
	}
	return tryKey("print-"+string(e.Form)+"-"+string(e.Copy), order, e.Try)
}

// Urgency is the order in which messages leave when many are due: the smaller, the
// sooner.
type Urgency int

// The urgencies.
const (
	ForCashier  Urgency = iota // somebody waits for it
	ForReversal                // money that must not stay where it is
	ForQuery
	ForUpload // a sale that was taken offline
	ForRefund
	ForSettlement
	ForNoMessage // it does not need the acquirer
)

// UrgencyOf says how soon an effect has to be carried out.
func UrgencyOf(e Effect) Urgency {
	switch e := e.(type) {
	case Authorize:
		if e.Stored {
			return ForUpload
		}
		return ForCashier
	case Present:
		return ForCashier
	case Reverse:
		return ForReversal
	case Query:
		return ForQuery
	case Refund, QueryRefund:
		return ForRefund
	case Settle, Upload:
		return ForSettlement
	}
	return ForNoMessage
}
