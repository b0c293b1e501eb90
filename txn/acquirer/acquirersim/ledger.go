package acquirersim

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Kind is what an entry of the ledger is.
type Kind string

// The kinds.
const (
	KindSale   Kind = "sale"
	KindCancel Kind = "cancel"
	KindRefund Kind = "refund"
)

// State is where an entry of the ledger stands.
//
//	sale:    pending --> paid --> cancelled
//	            |------> declined
//	            |------> closed <--.
//	            '------> expired --'   of a merchant code
//	cancel:  done, or declined
//	refund:  done, or declined; or pending --> done or declined
type State string

// The states.
const (
	Pending   State = "pending"
	Paid      State = "paid"
	Declined  State = "declined"
	Closed    State = "closed"
	Expired   State = "expired"
	Cancelled State = "cancelled"
	Done      State = "done"
)

// Step is one line of an entry's history.
type Step struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
}

// Order is one entry of the ledger. No payer code is in it.
type Order struct {
	Number    string    `json:"order"`
	Kind      Kind      `json:"kind"`
	Of        string    `json:"of,omitempty"` // the sale that is undone
	State     State     `json:"state"`
	Amount    int64     `json:"amount_fen"`
	Refunded  int64     `json:"refunded_fen"`
	Refunding int64     `json:"refunding_fen,omitempty"` // held by refunds that go on
	Commits   int       `json:"commits"`                 // of money; above 1 is an error
	TrxID     string    `json:"trxid"`
	Wallet    string    `json:"wallet,omitempty"`
	PayType   string    `json:"paytype,omitempty"`
	Present   string    `json:"present,omitempty"` // the merchant code
	Text      string    `json:"text,omitempty"`    // why it was declined
	Created   time.Time `json:"created_at"`
	Expires   time.Time `json:"expires_at,omitzero"` // of a merchant code
	Finished  time.Time `json:"finished_at,omitzero"`
	History   []Step    `json:"history"`

	wallet   wallet
	sale     *Order    // of a refund
	paidAt   time.Time // of a sale: when money moved
	asked    string    // the request's own fields, to tell a changed repetition
	decideAt time.Time // of a pending entry: when it ends, zero: not by itself
	decideTo State
}

// Net is what the merchant has of a sale, fen.
func (o Order) Net() int64 {
	if o.Kind != KindSale || o.State != Paid {
		return 0
	}
	return o.Amount - o.Refunded
}

// Ledger copies every entry, in order of arrival.
func (s *Sim) Ledger() []Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(s.now())
	list := make([]Order, 0, len(s.listed))
	for _, o := range s.listed {
		list = append(list, o.copied())
	}
	return list
}

// Order copies one entry.
func (s *Sim) Order(number string) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(s.now())
	o := s.orders[number]
	if o == nil {
		return Order{}, false
	}
	return o.copied(), true
}

// Mode is how the payer behaves in sales to come.
type Mode string

// The modes.
const (
	Approve  Mode = "approve"  // pays at once
	Password Mode = "password" // is asked for a password, and types it
	Refuse   Mode = "refuse"   // says no
	Ignore   Mode = "ignore"   // is asked for a password, and puts the phone away
)

// Payer is the person with the phone.
type Payer struct {
	Mode Mode `json:"mode"`
	// AfterS is how many seconds a password takes, or how long the payer looks at
	// the question before refusing it. 0: a password waits for PayerPays, a
	// refusal comes at once.
	AfterS int `json:"after_s"`
	// PaysBefore lets the payer of a pending order pay just before an operation
	// reaches the ledger: the race that a closing or a reversal can lose.
	PaysBefore Op `json:"pays_before"`
}

// SetPayer changes how the payer behaves from now on.
func (s *Sim) SetPayer(p Payer) error {
	switch p.Mode {
	case Approve, Password, Refuse, Ignore:
	default:
		return fmt.Errorf("payer mode %q is not known", string(p.Mode))
	}
	if p.AfterS < 0 {
		return errors.New("after_s is below zero")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payer = p
	return nil
}

// PayerPays lets the payer of a pending order type the password now.
func (s *Sim) PayerPays(number string) error { return s.payerActs(number, Paid) }

// PayerRefuses lets the payer of a pending order refuse now.
func (s *Sim) PayerRefuses(number string) error { return s.payerActs(number, Declined) }

func (s *Sim) payerActs(number string, to State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[number]
	if o == nil || o.Kind != KindSale || o.State != Pending || o.Present != "" {
		return fmt.Errorf("order %q waits for no payer", number)
	}
	o.finish(s.now(), to)
	return nil
}

// enter makes a new entry.
func (s *Sim) enter(now time.Time, kind Kind, p fields) *Order {
	amount, _ := strconv.ParseInt(p["trxamt"], 10, 64) // its form was checked
	o := &Order{
		Number: p["reqsn"], Kind: kind, Amount: amount, State: Pending, Created: now,
		TrxID: fmt.Sprintf("%s%012d", now.In(beijing()).Format("060102"), len(s.listed)+1),
	}
	o.asked = sameness(p)
	o.note(now, "arrived")
	s.orders[o.Number] = o
	s.listed = append(s.listed, o)
	return o
}

// find gives the order that a request names in either of two fields.
func (s *Sim) find(number, trxID string) *Order {
	if number != "" {
		return s.orders[number]
	}
	for _, o := range s.listed {
		if o.TrxID == trxID {
			return o
		}
	}
	return nil
}

func (s *Sim) settle(now time.Time) {
	for _, o := range s.listed {
		o.settle(now)
	}
}

// settle lets happen whose time has come: a payer acts, a merchant code runs out, a
// refund is through.
func (o *Order) settle(now time.Time) {
	if o.State == Pending && !o.decideAt.IsZero() && !now.Before(o.decideAt) {
		o.finish(o.decideAt, o.decideTo)
	}
}

// finish moves an entry to a state that it does not leave by itself.
func (o *Order) finish(now time.Time, to State) {
	o.State, o.Finished = to, now
	if to == Paid || to == Done {
		o.Commits++
	}
	if to == Paid {
		o.paidAt = now
	}
	if o.sale != nil {
		o.sale.hearOf(now, o)
	}
	if to == Declined && o.Text == "" {
		o.Text = "用户取消支付"
	}
	o.note(now, string(to))
}

func (o *Order) note(at time.Time, what string) {
	o.History = append(o.History, Step{At: at, What: what})
}

// sameness tells a repeated request from a changed one.
func sameness(p fields) string {
	return p["trxamt"] + "|" + p["oldreqsn"] + "|" + p["oldtrxid"] + "|" + p["paytype"]
}

func (o *Order) copied() Order {
	c := *o
	c.sale = nil
	c.History = append([]Step{}, o.History...)
	return c
}

func beijing() *time.Location { return time.FixedZone("UTC+8", 8*60*60) }
