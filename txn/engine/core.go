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

	// Compact replaces all records by carry, all or nothing, as Append. What was
	// given to Archive is durable first.
	Compact(carry ...[]byte) error

	// Archive keeps a transaction by its name, its days (they sort as text do), and
	// the other numbers it may be asked for by; from the next Compact on.
	Archive(name string, days, refs []string, text []byte) error

	// ArchivedOn gives everything that was archived of a day.
	ArchivedOn(day string, read func(text []byte) error) error

	// Archived gives what was archived under a name or another number; nil: nothing.
	Archived(ref string) ([]byte, error)

	// Drop removes some of what was archived of before a day, and says how many.
	Drop(before string) (int, error)

	// Low says whether the disk has room only to end what is under way.
	Low() bool

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
	vaultIll bool
	revision uint64
	notice   *txn.Notice
	asked    *askedCode
	decided  []txn.Record // applied, and not durable yet: between Take and Commit
	failed   error        // of the vault, likewise
	since    int          // records since the journal was compacted
}

// Books are what a Core works with.
type Books struct {
	Rules    txn.Rules
	Journal  Journal
	Vault    Vault            // nil: no sale is taken offline
	OnRecord func(txn.Record) // sees each new record once it is durable and applied; may be nil
	Archive  Archiving
	Identity txn.Identity // empty: not looked at
	OnVault  func(error)  // hears what the vault could not do; may be nil
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
	vaulted := books.lookThrough()
	c := &Core{Books: books, state: txn.NewState(books.Rules), out: outbox{}, vaulted: vaulted}
	if c.OnRecord == nil {
		c.OnRecord = func(txn.Record) {}
	}
	if err := c.replay(); err != nil {
		return nil, nil, fmt.Errorf("replay journal: %w", err)
	}
	c.forgetCodes()
	if c.Identity != (txn.Identity{}) {
		if err := c.Take(now, txn.Identified{Identity: c.Identity}); err != nil {
			return nil, nil, fmt.Errorf("%w: the books are those of %+v, with %+v",
				err, c.state.Identity(), c.state.OpenMoney())
		}
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
		if r.Kind != txn.StateCarried && r.Kind != txn.SaleCarried {
			c.since++
		}
		return nil
	})
}

// Step takes one event and commits what follows from it. The error is a
// txn.Refusal (nothing has changed) or a *JournalError (this Core is of no more use).
func (c *Core) Step(now time.Time, ev txn.Event) ([]txn.Effect, error) {
	if err := c.Take(now, ev); err != nil {
		return nil, err
	}
	return c.Commit(now)
}

// Take decides what follows from an event. The error is a txn.Refusal: nothing
// follows. Nobody may see anything of the Core, and no other event may count as
// having happened, before Commit has returned: what was decided may yet be lost.
func (c *Core) Take(now time.Time, ev txn.Event) error {
	ev, err := c.unfold(now, ev)
	if err != nil {
		return c.refuse(now, err)
	}
	putBack, err := c.recall(now, ev)
	if err != nil {
		return c.refuse(now, err)
	}
	recs, err := txn.Decide(c.state, now, ev)
	if err != nil {
		putBack()
		c.ask(now, ev, err)
		return c.refuse(now, c.found(ev, err))
	}
	c.apply(recs)
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
		c.apply(recs)
	}
	return nil
}

// apply moves the state. A code that has to outlive the sale's wait is sealed
// before, since nobody has it afterwards.
func (c *Core) apply(recs []txn.Record) {
	if c.failed == nil {
		c.failed = c.seal(recs)
	}
	for _, r := range recs {
		c.state.Apply(r)
	}
	c.decided = append(c.decided, recs...)
}

// Commit makes durable what was decided since the last one, with one Append, and
// returns the effects that are newly owed. Each effect is handed out once in the
// life of a Core. The error is a *JournalError: this Core is of no more use.
func (c *Core) Commit(now time.Time) ([]txn.Effect, error) {
	if c.failed != nil {
		return nil, &JournalError{c.failed}
	}
	if err := c.keep(c.decided); err != nil {
		return nil, &JournalError{err}
	}
	c.decided = nil
	if err := c.tidy(now); err != nil {
		return nil, &JournalError{err}
	}
	return c.owed(), nil
}

// keep makes records durable and then, only then, lets anybody know of them.
func (c *Core) keep(recs []txn.Record) error {
	if len(recs) == 0 {
		return nil
	}
	texts := make([][]byte, len(recs))
	for i, r := range recs {
		texts[i] = r.Encode()
	}
	if err := c.Journal.Append(texts...); err != nil {
		return err
	}
	for _, r := range recs {
		c.OnRecord(r)
	}
	c.since += len(recs)
	c.revision++
	c.forgetCodes()
	return nil
}

// unfold turns the cashier's yes into the scan it stands for, and begins nothing on
// a disk that is full.
func (c *Core) unfold(now time.Time, ev txn.Event) (txn.Event, error) {
	switch ev.(type) {
	case txn.CodeConfirmed:
	case txn.SaleAsked:
		if c.Journal.Low() {
			return nil, txn.ErrDiskFull
		}
		return ev, nil
	default:
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
	var known *FoundOrder
	if errors.As(err, &known) {
		n.Order = known.Order
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

// Sales gives copies, newest first; all of them when limit is not above zero.
func (c *Core) Sales(limit int) []txn.Sale { return c.state.Sales(limit) }

// NextWake is when Step wants a txn.Ticked; zero for never.
func (c *Core) NextWake() time.Time { return c.state.NextWake() }
