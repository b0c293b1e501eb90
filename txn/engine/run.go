package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"saoma/terminal/txn"
)

// ErrStopped means that the engine is not running: nothing was decided.
var ErrStopped = errors.New("the terminal is stopping")

// reopenAfter is the pause between a journal error and opening the journal anew.
const reopenAfter = time.Second

// Acquirer is what the engine asks of an acquirer's adapter. The contract is
// that of txn/acquirer: each method returns when it has an answer or ctx has
// ended, and no answer is txn.OutcomeUnknown.
type Acquirer interface {
	Pay(ctx context.Context, e txn.Authorize) txn.Result
	Present(ctx context.Context, e txn.Present) txn.Result
	Query(ctx context.Context, e txn.Query) txn.Result
	Reverse(ctx context.Context, e txn.Reverse) txn.Result
	Refund(ctx context.Context, e txn.Refund) txn.Result
	QueryRefund(ctx context.Context, e txn.QueryRefund) txn.Result
	Settle(ctx context.Context, e txn.Settle) txn.Result
	Upload(ctx context.Context, e txn.Upload) txn.Result
	Echo(ctx context.Context) txn.Result
}

// Printer puts a slip on paper. Nil means that the whole of it is there. The
// error's text goes to the screen: it must say what a person can mend.
type Printer interface {
	PrintSlip(ctx context.Context, e txn.Print) error
}

// Timeouts bound the effects, so that each of them ends in an event.
type Timeouts struct {
	Pay, Query, Reverse, Print time.Duration
}

// Options are the parts an Engine works with. All are needed.
type Options struct {
	Rules    txn.Rules
	Journal  func() (Journal, error) // opens it; called again after a journal error
	Archive  Archiving
	Identity txn.Identity                            // see Books
	Vault    func() (Vault, error)                   // likewise, after the journal; nil: nothing is taken offline
	Chance   func(below time.Duration) time.Duration // a random pause from 0 up to below
	Acquirer Acquirer
	Printer  Printer
	Timeouts Timeouts
	Log      *slog.Logger
}

// Engine is the one goroutine of money. Its methods may be called from any
// goroutine, also before and after Run.
type Engine struct {
	o       Options
	calls   chan call
	ended   chan txn.Event // in which effects end
	stopped chan struct{}
	board   *board
}

// call is work for the engine's goroutine: an event, or a look at the books once
// what was decided with it is durable.
type call struct {
	event txn.Event // may be nil
	look  func(*Core)
	done  chan error
}

// groupMax is how many events that wait are made durable together: an append costs
// about the same for one and for many.
const groupMax = 64

// New makes an engine that does nothing until Run.
func New(o Options) *Engine {
	return &Engine{o: o, calls: make(chan call), ended: make(chan txn.Event),
		stopped: make(chan struct{}), board: newBoard()}
}

// Run opens the journal and serves until ctx ends (then it returns nil) or the
// journal can't be opened. It may be called once.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.stopped)
	for {
		err := e.live(ctx)
		var journal *JournalError
		if !errors.As(err, &journal) {
			return err
		}
		e.o.Log.Error("journal must be opened anew", "err", err)
		select {
		case <-time.After(reopenAfter):
		case <-ctx.Done():
			return nil
		}
	}
}

// live is the life of one Core, from its replay to its end.
func (e *Engine) live(ctx context.Context) error {
	journal, err := e.o.Journal()
	if err != nil {
		return fmt.Errorf("open journal: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var effects sync.WaitGroup
	books := e.books(journal)
	defer func() {
		cancel()
		e.drain(&effects)
		if err := books.close(); err != nil {
			e.o.Log.Error("books did not close", "err", err)
		}
	}()
	core, due, err := Open(books, time.Now())
	if err != nil {
		return err
	}
	start := func(due []txn.Effect) {
		for _, effect := range due {
			effects.Go(func() { e.ended <- e.carryOut(ctx, effect) })
		}
	}
	start(due)
	return e.serve(ctx, core, start)
}

// books are what a Core works with. A vault that can't be opened must stop no
// reversal: then nothing is taken offline, and what was is for a person.
func (e *Engine) books(journal Journal) Books {
	b := Books{Rules: e.o.Rules, Journal: journal, OnRecord: e.logRecord, OnVault: func(err error) {
		e.o.Log.Error("the vault fails: a code may stay in it, sealed", "err", err)
	}, Archive: e.o.Archive, Identity: e.o.Identity}
	if e.o.Vault != nil {
		v, err := e.o.Vault()
		if err == nil {
			b.Vault = v
			return b
		}
		e.o.Log.Error("vault can't be opened: nothing is taken offline", "err", err)
	}
	b.withoutVault()
	return b
}

func (b Books) close() error {
	if b.Vault == nil {
		return b.Journal.Close()
	}
	return errors.Join(b.Vault.Close(), b.Journal.Close())
}

// drain waits for the effects of a core that is gone; nobody hears their ends.
func (e *Engine) drain(effects *sync.WaitGroup) {
	gone := make(chan struct{})
	go func() { effects.Wait(); close(gone) }()
	for {
		select {
		case <-e.ended:
		case <-gone:
			return
		}
	}
}

// serve is the loop: one event at a time.
func (e *Engine) serve(ctx context.Context, core *Core, start func([]txn.Effect)) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		e.board.show(core.View(time.Now()))
		timer.Stop()
		if wake := core.NextWake(); !wake.IsZero() {
			timer.Reset(max(0, time.Until(wake)))
		}
		g := group{core: core}
		select {
		case <-ctx.Done():
			return nil
		case c := <-e.calls:
			g.take(c)
		case ev := <-e.ended:
			g.take(call{event: ev})
		case <-timer.C:
			g.take(call{event: txn.Ticked{}})
		}
		e.takeWaiting(&g)
		due, err := core.Commit(time.Now())
		e.board.show(core.View(time.Now())) // whoever waits may look at once
		g.answer(err)
		if err != nil {
			return err
		}
		start(due)
	}
}

// group is what is made durable together.
type group struct {
	core  *Core
	calls []call
	errs  []error // of the calls: refusals
}

func (g *group) take(c call) {
	var err error
	if c.event != nil {
		err = g.core.Take(time.Now(), c.event)
	}
	g.calls, g.errs = append(g.calls, c), append(g.errs, err)
}

// answer tells whoever waits, after the commit: then what they asked for is durable.
func (g *group) answer(commit error) {
	for i, c := range g.calls {
		err := g.errs[i]
		if commit != nil {
			err = commit
		}
		if commit == nil && c.look != nil {
			c.look(g.core)
		}
		if c.done != nil {
			c.done <- err
		}
	}
}

// takeWaiting adds the events that have come meanwhile.
func (e *Engine) takeWaiting(g *group) {
	for len(g.calls) < groupMax {
		select {
		case c := <-e.calls:
			g.take(c)
		case ev := <-e.ended:
			g.take(call{event: ev})
		default:
			return
		}
	}
}

// ask hands a call to the engine's goroutine and waits for it.
func (e *Engine) ask(ctx context.Context, ev txn.Event, look func(*Core)) error {
	c := call{ev, look, make(chan error, 1)}
	select {
	case e.calls <- c:
	case <-e.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-c.done // the loop always answers a call it took
}

// Submit tells the engine what happened and returns the view after it. The error
// is a txn.Refusal (nothing has changed), ErrStopped, ctx's, or a *JournalError:
// then nobody knows, until the journal is opened anew, if the event was kept.
func (e *Engine) Submit(ctx context.Context, ev txn.Event) (txn.View, error) {
	var view txn.View
	err := e.ask(ctx, ev, func(c *Core) { view = c.View(time.Now()) })
	return view, err
}

// Sales gives copies of the last sales, newest first; all when limit is not above zero.
func (e *Engine) Sales(ctx context.Context, limit int) ([]txn.Sale, error) {
	var sales []txn.Sale
	err := e.ask(ctx, nil, func(c *Core) { sales = c.Sales(limit) })
	return sales, err
}

// SalesOn gives copies of all sales that something happened to on the Beijing day of
// a time, and of some others.
func (e *Engine) SalesOn(ctx context.Context, day time.Time) (sales []txn.Sale, err error) {
	var failed error
	err = e.ask(ctx, nil, func(c *Core) { sales, failed = c.SalesOn(day) })
	return sales, errors.Join(err, failed)
}

// Batches gives the open batch with its totals so far, and those of before.
func (e *Engine) Batches(ctx context.Context) ([]txn.Batch, error) {
	var batches []txn.Batch
	err := e.ask(ctx, nil, func(c *Core) { batches = c.state.Batches() })
	return batches, err
}

// Sale gives a copy of one sale, by its number or that of a refund of it.
func (e *Engine) Sale(ctx context.Context, order txn.Order) (sale txn.Sale, ok bool, err error) {
	err = e.ask(ctx, nil, func(c *Core) { sale, ok = c.Sale(order) })
	return sale, ok, err
}

// Find gives a copy of the sale that has a number: its own, that of a refund, the
// acquirer's, or the one on the payer's wallet bill.
func (e *Engine) Find(ctx context.Context, ref string) (sale txn.Sale, ok bool, err error) {
	err = e.ask(ctx, nil, func(c *Core) { sale, ok = c.Find(ref) })
	return sale, ok, err
}

// View is the newest view.
func (e *Engine) View() txn.View {
	v, _ := e.board.look()
	return v
}

// Watch sends the newest view at once and then whenever it has changed. Views
// that come faster than they are taken are skipped. It is closed when ctx ends.
func (e *Engine) Watch(ctx context.Context) <-chan txn.View {
	views := make(chan txn.View)
	go e.board.watch(ctx, views)
	return views
}
