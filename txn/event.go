package txn

// Event is something that happened. Only the types of this file are events.
type Event interface{ event() }

// SaleAsked opens a sale. By is the supervisor who was called for an override; so it
// is in all events that only a supervisor may cause.
type SaleAsked struct {
	Amount   Amount
	Override bool // a person decided to sell although an order is in doubt
	By       Person
}

// CodeScanned brings what a scanner or camera read. Decide classifies it.
type CodeScanned struct {
	Code      PayCode
	Confirmed bool // the cashier says it is a payment code, in spite of its soft flag
}

// CodeConfirmed is the cashier's yes to ErrConfirmCode. The engine turns it into
// the CodeScanned it stands for; Decide never sees it.
type CodeConfirmed struct{}

// PresentAsked wants a merchant code for the open sale, instead of the payer's code.
type PresentAsked struct{ Order Order }

// RefundAsked gives money of an approved sale back: Amount of it, or, if that is 0,
// all that is left.
type RefundAsked struct {
	Order  Order
	Amount Amount
	By     Person
}

// VoidAsked undoes an approved sale as a whole.
type VoidAsked struct {
	Order Order
	By    Person
}

// QueryAsked asks the acquirer at once about a sale or refund that is not final.
type QueryAsked struct{ Order Order }

// HandEnded brings the word of a person about a transaction on the list: whether
// its money moved, by the acquirer's own books.
type HandEnded struct {
	Order Order
	Moved bool
	By    Person
}

// ReverseAsked undoes, once more, a sale that ended without money: the acquirer's
// bill has it as paid. What is true is asked of the acquirer, as in any reversal.
type ReverseAsked struct {
	Order Order
	By    Person
}

// HandAsked puts a transaction that is final on the list for a person: the
// acquirer's bill says otherwise.
type HandAsked struct {
	Order Order
	Why   Reason // BecauseBillMissing, BecauseBillAmount or BecauseBillPaid
	By    Person
}

// LineSeen says that the way to the acquirer is there again.
type LineSeen struct{ Key string } // of the AwaitLine

// CancelAsked ends a sale that has no code yet, or cuts the wait for a doubtful
// one short so that it is reversed.
type CancelAsked struct{ Order Order }

// Answered brings the result of an effect that was a message to the acquirer.
type Answered struct {
	Key    string // of the effect
	Result Result
}

// SlipAsked wants one more slip of a sale or refund whose money has moved.
type SlipAsked struct {
	Order Order
	Copy  Copy
	Form  Form // HandForm, or empty for the receipt
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
func (PresentAsked) event()  {}
func (RefundAsked) event()   {}
func (VoidAsked) event()     {}
func (QueryAsked) event()    {}
func (HandEnded) event()     {}
func (LineSeen) event()      {}
func (ReverseAsked) event()  {}
func (HandAsked) event()     {}
func (CancelAsked) event()   {}
func (Answered) event()      {}
func (SlipAsked) event()     {}
func (SlipEnded) event()     {}
func (Ticked) event()        {}
func (Restarted) event()     {}
