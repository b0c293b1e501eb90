// Package sim lets the terminal live in a made-up world: the production core
// (txn, txn/engine.Core), but a clock, a network, an acquirer, a printer, a disk
// and a power supply that come from one seed. Faults rage for a while, then
// stop; then everything must come to rest with the terminal's books equal to the
// acquirer's. A life is a pure function of its seed, so a failure can be replayed.
//
// What may go wrong, and how far:
//   - A message is lost, late by up to messageLife, or delivered twice, in each
//     direction on its own.
//   - The power fails at any moment, also inside a journal append, before or
//     after it is durable. Messages that are on their way stay so. The clock may
//     have jumped by hours, forward or back, when the power returns.
//   - Answers are forged, or speak of another amount or order.
//   - The acquirer forgets nothing, but may say for some seconds that it knows
//     no such order. The payer may take any time for a password.
//   - The printer runs out of paper in mid-slip.
//   - The terminal's own line is cut for minutes, or the bank is away behind its
//     gateway. The disk refuses an append, or all of them for a minute.
//   - Refunds go on at the bank and may end in a no; an order is paid when it is
//     too late to be undone; some orders can never be undone by a machine, and a
//     person looks them up in the bank's books.
//   - In half of the lives operators sign on and off, also while something is in doubt,
//     and money is asked back with a supervisor, without one, and by one who is none.
//   - Not modelled: a disk that loses what it said was durable (see store); a clock
//     that jumps while the process runs (its times carry the monotonic clock too).
package sim

import (
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
	"saoma/terminal/txn/engine"
	"saoma/terminal/txn/paycode"
)

// The figures of the world.
const (
	messageLife = 120 * time.Second // no message arrives later than this
	lagMax      = 8 * time.Second   // no order stays invisible to queries longer than this
	payTimeout  = 30 * time.Second  // the terminal's patience, per effect
	askTimeout  = 10 * time.Second
	calmMax     = 100 * time.Hour // after the faults, all must be at rest within this
	stepsMax    = 200_000
	saleMax     = txn.Amount(100_000) // fen
)

// World is one life. Use Live.
type World struct {
	seed   uint64
	rng    *rand.Rand
	odds   odds
	now    time.Time     // true time
	skew   time.Duration // of the terminal's clock
	queue  queue
	serial int
	calm   bool // the faults are over
	cut    bool // the terminal's own line
	away   bool // the bank, behind its gateway

	learned bool // that the line is cut, by this process
	full    bool // the disk

	disk  storetest.Disk
	vault vault
	core  *engine.Core // nil while the power is off
	epoch int          // of the terminal's process
	wake  int          // serial of the timer that counts

	bank  *bank
	paper paper
	till  till
	staff staff
	book  book
}

// Result is what a life was like.
type Result struct {
	Sales, Approved, Reversed, Declined, NotSent int
	PowerCuts, Forged, Slips                     int
	Refunded, Voided, Late, Held, Stored         int
	Presented, ByHand, Outages, AppendErrors     int
	Settled, Uploaded, Archived, Recalled        int
	Shifts, Authorised, Reports                  int
}

// odds are drawn from the seed too, so that each life has faults of its own.
type odds struct {
	lose, late, double, notSent, forge float64       // per message
	cut                                float64       // per append
	decline, ponder, lag               float64       // per order
	paperOut                           float64       // per slip
	clockJump                          float64       // per power cut
	appendError                        float64       // per cut: the process lives on
	stubborn                           float64       // per order
	miscount                           float64       // per settlement
	lineFor                            time.Duration // between outages, and of one
	undoWindow                         time.Duration // later, a paid order can only be refunded
	other                              bool          // the rules of another acquirer
	archive                            engine.Archiving
	uptime                             time.Duration
	rage                               time.Duration
}

func drawOdds(rng *rand.Rand) odds {
	p := func(limit float64) float64 {
		if rng.IntN(3) == 0 {
			return 0 // a third of all lives is free of this fault
		}
		return rng.Float64() * limit
	}
	return odds{
		lose: p(.4), late: p(.5), double: p(.3), notSent: p(.2), forge: p(.15), cut: p(.02),
		decline: p(.3), ponder: p(.5), lag: p(.5), paperOut: p(.4), clockJump: p(.9),
		appendError: p(.9), stubborn: p(.05), miscount: p(.9),
		other: rng.IntN(2) == 0,
		archive: engine.Archiving{Every: []int{0, 15, 30, 60}[rng.IntN(4)],
			After: time.Duration(rng.IntN(4)) * time.Minute},
		lineFor:    time.Duration(1+rng.IntN(10)) * time.Minute,
		undoWindow: []time.Duration{20 * time.Second, 5 * time.Minute, 24 * time.Hour}[rng.IntN(3)],
		uptime:     time.Duration(1+rng.IntN(20)) * time.Minute,
		rage:       time.Duration(5+rng.IntN(25)) * time.Minute,
	}
}

// Live runs the life of a seed. The error says what was wrong with the books; a
// panic of the core is returned as an error too. logf, if not nil, is told all.
func Live(seed uint64, logf func(string, ...any)) (res Result, err error) {
	rng := rand.New(rand.NewPCG(seed, 0x5a1e))
	w := &World{seed: seed, rng: rng, odds: drawOdds(rng),
		now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	w.bank = &bank{world: w, orders: map[txn.Order]*account{},
		refunds: map[txn.Order]*giveback{}, codes: map[string]bool{},
		settled: map[uint32]string{}}
	w.till = till{cartOf: map[txn.Order]int{}, override: map[int]bool{},
		shown: map[string]time.Time{}}
	w.vault = vault{}
	w.staff = newStaff(seed)
	w.book = newBook(w, logf)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("at %s: %v", w.clock(), p)
		}
	}()
	w.disk.Power = w.appendCut
	w.powerOn()
	if w.staff.signsOn {
		w.comeAndGo()
	}
	w.after(0, w.customer)
	w.after(w.within(w.odds.rage), w.endOfDay)
	w.after(w.odds.rage, func() { w.calm, w.cut, w.away = true, false, false })
	if rng.IntN(3) > 0 {
		w.outages()
	}
	w.run()
	w.book.settle()
	return w.book.result, nil
}

// run lets things happen until nothing is left to happen.
func (w *World) run() {
	end := w.now.Add(w.odds.rage + calmMax)
	for range stepsMax {
		if w.queue.Len() == 0 {
			return
		}
		next := heap.Pop(&w.queue).(happening)
		w.now = next.at
		if w.now.After(end) {
			panic(fmt.Sprintf("not at rest %s after the faults have stopped", calmMax))
		}
		next.do()
	}
	panic(fmt.Sprintf("not at rest after %d steps", stepsMax))
}

// after puts something into the future.
func (w *World) after(d time.Duration, do func()) {
	w.serial++
	heap.Push(&w.queue, happening{w.now.Add(d), w.serial, do})
}

// chance is true with probability p while the faults rage.
func (w *World) chance(p float64) bool { return !w.calm && w.rng.Float64() < p }

// within is a random time up to d.
func (w *World) within(d time.Duration) time.Duration {
	return time.Duration(w.rng.Int64N(int64(d)))
}

// clock is what the terminal's clock shows.
func (w *World) clock() time.Time { return w.now.Add(w.skew) }

// codes is the table of payment codes, the same in every life.
var codes = sync.OnceValue(func() *paycode.Table {
	table, err := paycode.New(paycode.Default())
	if err != nil {
		panic(err)
	}
	return table
})

func (w *World) rules() txn.Rules {
	r := txn.Rules{
		TerminalID: "80000001", AmountMax: saleMax, CodeLenMax: 24, Codes: codes(),
		Copies:     []txn.Copy{txn.MerchantCopy},
		ScanWindow: 2 * time.Minute, FirstQuery: 5 * time.Second, QueryEvery: 5 * time.Second,
		PayWindow: time.Minute, MessageLife: messageLife + lagMax, RetryFirst: 5 * time.Second,
		RetryMax: 5 * time.Minute, SlipRetry: 15 * time.Second,
		PresentWindow: 2 * time.Minute, RefundQueryEvery: time.Minute, HandTries: 20,
		HandAfter: 12 * time.Hour, VoidsSameDay: true, CodeLife: codeLife - 5*time.Second,
		Offline: map[string]txn.Offline{"wechat": txn.OfflineHold, "unionpay": txn.OfflineStore},
		Store:   txn.StoreLimits{PerSale: saleMax / 2, Count: 5, Sum: saleMax, Age: time.Hour},
	}
	r.Operators = w.staff.guard()
	if w.odds.other { // asks faster, gives up sooner, voids on any day
		r.FirstQuery, r.QueryEvery, r.PayWindow = 10*time.Second, 3*time.Second, 45*time.Second
		r.PresentWindow, r.VoidsSameDay, r.RetryMax = 5*time.Minute, false, time.Minute
		r.Settles = true
		r.Copies = append(r.Copies, txn.CustomerCopy)
	}
	return r
}

// powerOn starts a process of the terminal. It may die while it starts.
func (w *World) powerOn() {
	w.epoch++
	if w.chance(w.odds.clockJump) {
		w.skew = w.within(6*time.Hour) - 3*time.Hour
	}
	journal, _ := w.disk.Open()
	core, due, err := engine.Open(engine.Books{Rules: w.rules(), Journal: journal,
		Vault: w.vault, OnRecord: w.book.onRecord, Archive: w.odds.archive}, w.clock())
	w.learned = false
	w.book.catchUp()
	w.book.logf("power on, process %d, clock off by %s", w.epoch, w.skew)
	if err != nil {
		w.died(err)
		return
	}
	w.core = core
	w.carryOut(due)
	if !w.calm {
		epoch := w.epoch
		w.after(w.within(2*w.odds.uptime), func() {
			if w.epoch == epoch && !w.calm {
				w.powerOff("power cut")
			}
		})
	}
}

// powerOff ends the process where it stands. What it had only in mind is gone.
func (w *World) powerOff(why string) {
	w.book.logf("%s", why)
	w.book.result.PowerCuts++
	w.core = nil
	w.epoch++
	w.paper.powerOff()
	away := 10 * time.Second // a blink
	if w.rng.IntN(2) == 0 {
		away = 10 * time.Minute
	}
	w.after(w.within(away), w.powerOn)
}

// died is the end of a process whose journal failed.
func (w *World) died(err error) {
	var journal *engine.JournalError
	if !errors.As(err, &journal) {
		panic(err)
	}
	if !w.full && !w.chance(w.odds.appendError) {
		w.powerOff("power cut inside an append")
		return
	}
	// A disk that says no: the engine drops its core and opens the journal anew.
	w.book.logf("an append has failed")
	w.book.result.AppendErrors++
	if !w.full && !w.calm && w.rng.IntN(3) == 0 {
		w.full = true
		w.after(w.within(time.Minute), func() { w.full = false })
	}
	w.core = nil
	w.epoch++
	w.paper.powerOff() // the printing is given up
	w.after(time.Second, w.powerOn)
}

func (w *World) appendCut() storetest.Cut {
	if w.full {
		return storetest.CutBefore
	}
	if !w.chance(w.odds.cut) {
		return storetest.NoCut
	}
	return storetest.CutBefore + storetest.Cut(w.rng.IntN(2))
}

// step tells the core what happened. It returns a refusal, or nil.
func (w *World) step(ev txn.Event) error {
	if w.core == nil {
		return txn.ErrBusy
	}
	due, err := w.core.Step(w.clock(), ev)
	var refusal txn.Refusal
	switch {
	case err == nil:
		w.carryOut(due)
	case errors.As(err, &refusal):
		return refusal
	default:
		w.died(err)
	}
	return nil
}

// carryOut starts what is owed and sets the timer.
func (w *World) carryOut(due []txn.Effect) {
	for _, e := range due {
		w.book.onEffect(e)
		switch e := e.(type) {
		case txn.Print:
			w.print(e)
		case txn.AwaitLine:
			w.awaitLine(e)
		default:
			w.send(e)
		}
	}
	wake := w.core.NextWake()
	w.wake++
	if wake.IsZero() {
		return
	}
	serial, epoch := w.wake, w.epoch
	w.after(max(0, wake.Sub(w.clock())), func() {
		if w.wake == serial && w.epoch == epoch {
			_ = w.step(txn.Ticked{})
		}
	})
}

// happening is one thing in the future. Equal times keep their order.
type happening struct {
	at     time.Time
	serial int
	do     func()
}

type queue []happening

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].serial < q[j].serial
	}
	return q[i].at.Before(q[j].at)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

func (q *queue) Push(x any) { *q = append(*q, x.(happening)) }

func (q *queue) Pop() any {
	last := len(*q) - 1
	h := (*q)[last]
	*q = (*q)[:last]
	return h
}
