package txn

import "time"

// Event is something that happened. Only the types of this file are events.
type Event interface{ event() }

// SaleAsked opens a sale.
type SaleAsked struct {
	Amount   Amount
	Override bool // a person decided to sell although an order is in doubt
}

// CodeScanned brings what a scanner or camera read. Decide classifies it.
type CodeScanned struct {
	Code      PayCode
	Confirmed bool // the cashier says it is a payment code, in spite of its soft flag
}

// CodeConfirmed is the cashier's yes to ErrConfirmCode. The engine turns it into
// the CodeScanned it stands for; Decide never sees it.
type CodeConfirmed struct{}

// CancelAsked ends a sale that has no code yet, or cuts the wait for a doubtful
// one short so that it is reversed.
type CancelAsked struct{ Order Order }

// Answered brings the result of an effect that was Authorize, Query or Reverse.
type Answered struct {
	Key    string // of the effect
	Result Result
}

// SlipAsked wants one more slip of an approved sale.
type SlipAsked struct {
	Order Order
	Copy  Copy
}

// SlipEnded brings the end of a Print effect. Trouble is empty once the whole
// slip is on paper.
type SlipEnded struct {
	Key     string // of the effect
	Trouble string
}

// Ticked says only that time has passed. See State.NextWake.
type Ticked struct{}

// Restarted is the first event of a process, after replay.
type Restarted struct{}

func (SaleAsked) event()     {}
func (CodeScanned) event()   {}
func (CodeConfirmed) event() {}
func (CancelAsked) event()   {}
func (Answered) event()      {}
func (SlipAsked) event()     {}
func (SlipEnded) event()     {}
func (Ticked) event()        {}
func (Restarted) event()     {}

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
func (e Print) Key() string { return tryKey("print-"+string(e.Copy), e.Sale.Order, e.Try) }
