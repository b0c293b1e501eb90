// Package engine runs the rules of money against a journal, an acquirer and a
// printer. Core is the deterministic part: one step at a time, no goroutine, no
// clock. Engine is the one goroutine around it, and the only place where effects
// are carried out.
//
// The package decides nothing about money (txn does), and knows neither a
// database, nor a protocol, nor a device: those come in by the interfaces here.
package engine

import (
	"errors"
	"fmt"
	"time"

	"saoma/terminal/txn"
)

// Journal keeps records in order. One goroutine uses it.
type Journal interface {
	// Append makes all of the records durable, or none that anybody will ever
	// see. Nil means durable. After an error nobody knows which it was: the
	// journal must be closed, opened and replayed before it is used again.
	Append(records ...[]byte) error

	// Replay gives every durable record to read, oldest first, and verifies that
	// none is missing or changed. The bytes are valid only during the call.
	Replay(read func(record []byte) error) error

	Close() error
}

// Vault keeps the payer codes of sales that were taken offline, sealed, until they
// are sent. One goroutine uses it.
type Vault interface {
	Put(order txn.Order, secret []byte) error // nil: durable
	Get(order txn.Order) ([]byte, error)
	Wipe(order txn.Order) error // also of what is not there
	Orders() ([]txn.Order, error)
	Close() error
}

// JournalError means that a decision may be kept or not. The core that returned
// it must be dropped and opened anew.
type JournalError struct{ Err error }

func (e *JournalError) Error() string { return "journal: " + e.Err.Error() }

// Unwrap gives what the journal said.
func (e *JournalError) Unwrap() error { return e.Err }

// confirmWithin is how long the cashier may think about a code with a soft flag.
const confirmWithin = 45 * time.Second

// stepsMax bounds the decisions that one event may pull behind it.
const stepsMax = 10_000

// Core is the terminal's books and what the world owes them: journal, state and
// effects, one step at a time. It is not safe for concurrent use.
type Core struct {
	Books
	state    *txn.State
	out      outbox
	vaulted  map[txn.Order]bool
	revision uint64
	notice   *txn.Notice
	asked    *askedCode
}

// Books are what a Core works with.
type Books struct {
	Rules    txn.Rules
	Journal  Journal
	Vault    Vault            // nil: no sale is taken offline
	OnRecord func(txn.Record) // sees each new record once it is durable and applied; may be nil
}

// askedCode is a scan that waits for the cashier's word.
type askedCode struct {
	code txn.PayCode
	at   time.Time
}

// Open replays the journal, decides what a restart means, and returns the effects
// that are owed. An error leaves the journal open.
func Open(books Books, now time.Time) (*Core, []txn.Effect, error) {
	if err := books.Rules.Check(); err != nil {
		return nil, nil, fmt.Errorf("rules: %w", err)
	}
	c := &Core{Books: books, state: txn.NewState(books.Rules), out: outbox{},
		vaulted: map[txn.Order]bool{}}
	if c.OnRecord == nil {
		c.OnRecord = func(txn.Record) {}
	}
	if err := c.replay(); err != nil {
		return nil, nil, fmt.Errorf("replay journal: %w", err)
	}
	if err := c.openVault(); err != nil {
		return nil, nil, fmt.Errorf("vault: %w", err)
	}
	effects, err := c.Step(now, txn.Restarted{})
	return c, effects, err
}

func (c *Core) replay() error {
	return c.Journal.Replay(func(text []byte) error {
		r, err := txn.DecodeRecord(text)
		if err != nil {
			return err
		}
		c.state.Apply(r)
		return nil
	})
}

// Step decides what follows from an event, makes it durable, applies it, and
// returns the effects that are newly owed. Each effect is handed out once in the
// life of a Core. The error is a txn.Refusal (nothing has changed) or a
// *JournalError (this Core is of no more use).
func (c *Core) Step(now time.Time, ev txn.Event) ([]txn.Effect, error) {
	ev, err := c.unfold(now, ev)
	if err != nil {
		return nil, c.refuse(now, err)
	}
	recs, err := txn.Decide(c.state, now, ev)
	if err != nil {
		c.ask(now, ev, err)
		return nil, c.refuse(now, err)
	}
	if err := c.keep(recs); err != nil {
		return nil, err
	}
	c.accept(ev)
	for range stepsMax {
		wake := c.state.NextWake()
		if wake.IsZero() || wake.After(now) {
			break
		}
		recs, _ := txn.Decide(c.state, now, txn.Ticked{}) // Ticked is never refused
		if len(recs) == 0 {
			break
		}
		if err := c.keep(recs); err != nil {
			return nil, err
		}
	}
	return c.owed(), nil
}

// keep makes records durable and then, only then, applies them.
func (c *Core) keep(recs []txn.Record) error {
	if len(recs) == 0 {
		return nil
	}
	texts := make([][]byte, len(recs))
	for i, r := range recs {
		texts[i] = r.Encode()
	}
	if err := c.seal(recs); err != nil {
		return &JournalError{err}
	}
	if err := c.Journal.Append(texts...); err != nil {
		return &JournalError{err}
	}
	for _, r := range recs {
		c.state.Apply(r)
		c.OnRecord(r)
	}
	c.revision++
	return c.wipe()
}

// unfold turns the cashier's yes into the scan it stands for.
func (c *Core) unfold(now time.Time, ev txn.Event) (txn.Event, error) {
	if _, yes := ev.(txn.CodeConfirmed); !yes {
		return ev, nil
	}
	if c.asked == nil || now.Sub(c.asked.at) > confirmWithin {
		return nil, txn.ErrNoSale
	}
	return txn.CodeScanned{Code: c.asked.code, Confirmed: true}, nil
}

// ask keeps a scanned code while the cashier is asked about it.
func (c *Core) ask(now time.Time, ev txn.Event, refusal error) {
	scan, ok := ev.(txn.CodeScanned)
	if !ok {
		return
	}
	c.forget()
	if errors.Is(refusal, txn.ErrConfirmCode) {
		c.asked = &askedCode{txn.NewPayCode(scan.Code.Reveal()), now}
	}
}

func (c *Core) forget() {
	if c.asked != nil {
		c.asked.code.Wipe()
		c.asked = nil
	}
}

// accept clears what the last refusal left on the screen. A tick or an answer
// about an older sale is no reason to.
func (c *Core) accept(ev txn.Event) {
	switch ev.(type) {
	case txn.SaleAsked, txn.CodeScanned, txn.CancelAsked, txn.SlipAsked, txn.PresentAsked,
		txn.RefundAsked, txn.VoidAsked, txn.QueryAsked, txn.SettleAsked, txn.SignedOnAsked,
		txn.SignedOffAsked, txn.ShiftSlipAsked, txn.TotalsSlipAsked:
		c.forget()
		if c.notice != nil {
			c.notice = nil
			c.revision++
		}
	}
}

// refuse puts a refusal on the screen.
func (c *Core) refuse(now time.Time, err error) error {
	n := &txn.Notice{At: now}
	var flagged *txn.FlaggedCode
	if errors.As(err, &flagged) {
		n.Flags = flagged.Flags
	}
	var refusal txn.Refusal
	if errors.As(err, &refusal) {
		n.Code = string(refusal)
	}
	c.notice = n
	c.revision++
	return err
}

// View is what screens show.
func (c *Core) View(now time.Time) txn.View {
	v := c.state.View(now)
	v.Revision, v.Notice = c.revision, c.notice
	return v
}

// Sale gives a copy of one sale.
func (c *Core) Sale(order txn.Order) (txn.Sale, bool) { return c.state.Sale(order) }

// Sales gives copies, newest first; all of them when limit is not above zero.
func (c *Core) Sales(limit int) []txn.Sale { return c.state.Sales(limit) }

// NextWake is when Step wants a txn.Ticked; zero for never.
func (c *Core) NextWake() time.Time { return c.state.NextWake() }
