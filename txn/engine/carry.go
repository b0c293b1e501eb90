package engine

import (
	"context"
	"fmt"
	"time"

	"saoma/terminal/txn"
)

// carryOut does one effect and returns the event in which it ends.
func (e *Engine) carryOut(ctx context.Context, effect txn.Effect) txn.Event {
	switch effect := effect.(type) {
	case txn.Print:
		return e.print(ctx, effect)
	case txn.AwaitLine:
		return e.awaitLine(ctx, effect)
	}
	return txn.Answered{Key: effect.Key(), Result: e.send(ctx, effect)}
}

// send carries one message to the acquirer and gives its answer.
func (e *Engine) send(ctx context.Context, effect txn.Effect) txn.Result {
	ctx, cancel := context.WithTimeout(ctx, e.patience(effect))
	defer cancel()
	acq := e.o.Acquirer
	switch effect := effect.(type) {
	case txn.Authorize:
		if !effect.Code.Held() {
			return txn.Result{Outcome: txn.OutcomeNotSent, Text: "the payer code is lost"}
		}
		return acq.Pay(ctx, effect)
	case txn.Present:
		return acq.Present(ctx, effect)
	case txn.Query:
		return acq.Query(ctx, effect)
	case txn.Reverse:
		return acq.Reverse(ctx, effect)
	case txn.Refund:
		return acq.Refund(ctx, effect)
	case txn.QueryRefund:
		return acq.QueryRefund(ctx, effect)
	case txn.Settle:
		return acq.Settle(ctx, effect)
	case txn.Upload:
		return acq.Upload(ctx, effect)
	}
	panic(fmt.Sprintf("engine: %T is not an effect", effect))
}

// patience is how long a message may take. What asks several times has longer.
func (e *Engine) patience(effect txn.Effect) time.Duration {
	switch effect.(type) {
	case txn.Authorize, txn.Present:
		return e.o.Timeouts.Pay
	case txn.Query, txn.QueryRefund:
		return e.o.Timeouts.Query
	}
	return e.o.Timeouts.Reverse
}

func (e *Engine) print(ctx context.Context, effect txn.Print) txn.Event {
	ctx, cancel := context.WithTimeout(ctx, e.o.Timeouts.Print)
	defer cancel()
	end := txn.SlipEnded{Key: effect.Key()}
	if err := e.o.Printer.PrintSlip(ctx, effect); err != nil {
		end.Trouble = err.Error()
	}
	return end
}

// The pauses between two looks for the line. A terminal's own line is looked at
// every second. An acquirer that was away must not meet all its terminals in the
// first second: full jitter (reliability.md, 10.3).
const (
	lookEvery  = time.Second
	jitterBase = 60 * time.Second
	jitterMax  = 300 * time.Second

	// bankLooksMax is after how many looks that a host has answered, but not as the
	// acquirer, a message is worth a try: what it carries may fare better than an echo.
	bankLooksMax = 8
)

// awaitLine looks until the acquirer answers again, or ctx ends.
func (e *Engine) awaitLine(ctx context.Context, wait txn.AwaitLine) txn.Event {
	pause := wait.Leave
	if pause > 0 {
		pause += e.o.Chance(jitterBase) // whoever was sent away comes back at a time of its own
	}
	answered := 0
	for n := 0; ; n++ {
		if pause == 0 {
			pause = e.pauseBeforeLook(wait.Layer, n)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return txn.LineSeen{}
		}
		pause = 0
		said := func() txn.Result {
			ctx, cancel := context.WithTimeout(ctx, e.o.Timeouts.Query)
			defer cancel()
			return e.o.Acquirer.Echo(ctx)
		}()
		if said.RetryAfter > 0 {
			pause = said.RetryAfter + e.o.Chance(jitterBase)
		} else if said.Layer == txn.LayerBank {
			answered++
		}
		if said.Authentic || answered == bankLooksMax {
			return txn.LineSeen{Key: wait.Key()}
		}
		if said.Layer != txn.LayerNone {
			wait.Layer = said.Layer
		}
	}
}

func (e *Engine) pauseBeforeLook(layer txn.Layer, n int) time.Duration {
	if layer != txn.LayerBank {
		return lookEvery
	}
	most := jitterMax
	if n < 3 { // 60, 120, 240 s
		most = jitterBase << n
	}
	return e.o.Chance(most)
}
