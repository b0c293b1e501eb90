package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"saoma/terminal/txn"
)

// looks gives the moments at which the line was looked at, up to the tenth.
func looks(t *testing.T, wait txn.AwaitLine, chance func(time.Duration) time.Duration) []time.Duration {
	t.Helper()
	var at []time.Duration
	began := time.Now()
	e := New(Options{Chance: chance, Timeouts: Timeouts{Query: time.Second},
		Acquirer: echo(func() txn.Result {
			at = append(at, time.Since(began))
			return txn.Result{Authentic: len(at) == 6, Layer: wait.Layer}
		})})
	ev := e.carryOut(t.Context(), wait)
	if seen, ok := ev.(txn.LineSeen); !ok || seen.Key != wait.Key() {
		t.Errorf("want the line seen, got %+v", ev)
	}
	return at
}

// echo is an acquirer that only says if it is there.
type echo func() txn.Result

func (e echo) Echo(context.Context) txn.Result { return e() }

func (echo) Pay(context.Context, txn.Authorize) txn.Result { panic("not asked for") }

func (echo) Present(context.Context, txn.Present) txn.Result { panic("not asked for") }

func (echo) Query(context.Context, txn.Query) txn.Result { panic("not asked for") }

func (echo) Reverse(context.Context, txn.Reverse) txn.Result { panic("not asked for") }

func (echo) Refund(context.Context, txn.Refund) txn.Result { panic("not asked for") }

func (echo) Settle(context.Context, txn.Settle) txn.Result { panic("not asked for") }

func (echo) Upload(context.Context, txn.Upload) txn.Result { panic("not asked for") }

func (echo) QueryRefund(context.Context, txn.QueryRefund) txn.Result { panic("not asked for") }

func TestTheTerminalsOwnLineIsLookedAtEverySecondAndAnAcquirerWithFullJitter(t *testing.T) {
	most := func(below time.Duration) time.Duration { return below }
	half := func(below time.Duration) time.Duration { return below / 2 }
	for _, tt := range []struct {
		wait   txn.AwaitLine
		chance func(time.Duration) time.Duration
		want   string
	}{
		{txn.AwaitLine{Layer: txn.LayerLine}, most, "[1s 2s 3s 4s 5s 6s]"},
		{txn.AwaitLine{Layer: txn.LayerDNS}, most, "[1s 2s 3s 4s 5s 6s]"},
		{txn.AwaitLine{Layer: txn.LayerBank}, most, "[1m0s 3m0s 7m0s 12m0s 17m0s 22m0s]"},
		{txn.AwaitLine{Layer: txn.LayerBank}, half, "[30s 1m30s 3m30s 6m0s 8m30s 11m0s]"},
		{txn.AwaitLine{Layer: txn.LayerBank, Leave: time.Hour}, half,
			"[1h0m30s 1h1m30s 1h3m30s 1h6m0s 1h8m30s 1h11m0s]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			if got := fmt.Sprint(looks(t, tt.wait, tt.chance)); got != tt.want {
				t.Errorf("%+v: want %s, got %s", tt.wait, tt.want, got)
			}
		})
	}
}

// watched carries out a wait for the line with the answers to its looks, the last one for
// ever, and says how many looks it took, and how long.
func watched(t *testing.T, answers ...txn.Result) (n int, took time.Duration) {
	began := time.Now()
	e := New(Options{Chance: func(below time.Duration) time.Duration { return below / 2 },
		Timeouts: Timeouts{Query: time.Second},
		Acquirer: echo(func() txn.Result {
			n++
			return answers[min(n, len(answers))-1]
		})})
	ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
	defer cancel()
	e.carryOut(ctx, txn.AwaitLine{Layer: txn.LayerLine})
	return n, time.Since(began)
}

func TestALookThatIsSentAwayComesBackWhenItWasToldTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, took := watched(t, txn.Result{Layer: txn.LayerBank, RetryAfter: 20 * time.Minute}, txn.Result{Authentic: true})
		if want := time.Second + 20*time.Minute + 30*time.Second; n != 2 || took != want {
			t.Errorf("want the second look after %s, got %d after %s", want, n, took)
		}
	})
}

// An acquirer may answer an echo without a signature for ever and everything else
// properly: the refusal of an order that it never had need not be signed.
func TestAnAcquirerThatAnswersButSignsNoEchoIsTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, took := watched(t, txn.Result{Layer: txn.LayerBank})
		if n != bankLooksMax || took > 30*time.Minute {
			t.Errorf("want a try after %d looks within half an hour, got it after %d in %s", bankLooksMax, n, took)
		}
		if _, took := watched(t, txn.Result{Layer: txn.LayerLine}); took != 24*time.Hour {
			t.Errorf("a dead line: want no try, got one after %s", took)
		}
	})
}

func TestAfterACutTheFirstMessageLeavesWithinTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.deaf.Store(true)
		w.pay = func(context.Context, txn.Order, txn.Amount) txn.Result {
			return txn.Result{Layer: txn.LayerLine} // it may have left
		}
		var left atomic.Int64 // when the first query left, after the line's return
		w.reverse = notSent
		w.query = func(ctx context.Context, order txn.Order, amount txn.Amount) txn.Result {
			if w.deaf.Load() {
				return notSent(ctx, order, amount)
			}
			left.CompareAndSwap(0, time.Now().UnixNano())
			return txn.Result{Outcome: txn.OutcomeDeclined, Authentic: true, Order: order}
		}
		w.sell(wechatCode)
		time.Sleep(10 * time.Minute) // virtual time
		back := time.Now()
		w.deaf.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		if took := time.Unix(0, left.Load()).Sub(back); left.Load() == 0 || took > 2*time.Second {
			t.Errorf("want it within 2 s, got %s", took)
		}
		if w.phase() != txn.Declined {
			t.Errorf("want %s, got %s", txn.Declined, w.phase())
		}
		_ = w.stop()
	})
}

func notSent(context.Context, txn.Order, txn.Amount) txn.Result {
	return txn.Result{Outcome: txn.OutcomeNotSent, Layer: txn.LayerLine}
}
