package txn

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
