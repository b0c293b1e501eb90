package acquirertest

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

// deadIn is how soon a dead line must be told.
const deadIn = 2 * time.Second

// dial is one end of a line.
type dial = func(ctx context.Context, network, addr string) (net.Conn, error)

// deadLines swallow what is sent to them, each at another stage.
func deadLines() map[string]dial {
	return map[string]dial{
		"NoRoute": func(ctx context.Context, _, _ string) (net.Conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"NoHandshake": func(ctx context.Context, _, _ string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				_, _ = io.Copy(io.Discard, far) // takes all, says nothing
				_ = far.Close()
			}()
			return near, nil
		},
		"NoName": func(ctx context.Context, network, _ string) (net.Conn, error) {
			d := net.Dialer{Resolver: &net.Resolver{PreferGo: true,
				Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}}}
			return d.DialContext(ctx, network, "acquirer.example:443")
		},
	}
}

// requests are one of each kind.
func requests(b *bench) map[string]func(context.Context, acquirer.Acquirer) txn.Result {
	now, code := b.sim.Now(), b.code("wechat")
	return map[string]func(context.Context, acquirer.Acquirer) txn.Result{
		"Pay": func(ctx context.Context, a acquirer.Acquirer) txn.Result {
			return a.Pay(ctx, txn.Authorize{Order: "1", Amount: price, At: now,
				Factor: code[len(code)-6:], Code: txn.NewPayCode(code)})
		},
		"Query": func(ctx context.Context, a acquirer.Acquirer) txn.Result {
			return a.Query(ctx, txn.Query{Order: "1", Try: 1})
		},
		"Present": func(ctx context.Context, a acquirer.Acquirer) txn.Result {
			return a.Present(ctx, txn.Present{Order: "1", Amount: price, At: now,
				Ends: now.Add(shown)})
		},
		"Refund": func(ctx context.Context, a acquirer.Acquirer) txn.Result {
			return a.Refund(ctx, txn.Refund{Order: "2", Try: 1, Of: "1", Amount: price})
		},
		"QueryRefund": func(ctx context.Context, a acquirer.Acquirer) txn.Result {
			return a.QueryRefund(ctx, txn.QueryRefund{Order: "2", Try: 1, Of: "1", Amount: price})
		},
		"Echo": func(ctx context.Context, a acquirer.Acquirer) txn.Result { return a.Echo(ctx) },
		"Bill": func(ctx context.Context, a acquirer.Acquirer) txn.Result {
			return readBill(ctx, a, noon()).end
		},
	}
}

func testConnect(t *testing.T, up setUp) {
	for line, dead := range deadLines() {
		t.Run("DeadLineIsToldAtOnce/"+line, func(t *testing.T) {
			b := up(t)
			b.terms.DialContext = dead
			all := requests(b)
			all["Reverse"] = func(ctx context.Context, a acquirer.Acquirer) txn.Result {
				return a.Reverse(ctx, txn.Reverse{Order: "1", Try: 1, Amount: price})
			}
			for name, ask := range all {
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { testDead(t, b, line, name, ask) })
				})
			}
		})
	}
}

func testDead(t *testing.T, b *bench, line, name string,
	ask func(context.Context, acquirer.Acquirer) txn.Result) {
	want := txn.Result{Outcome: txn.OutcomeNotSent, Layer: txn.LayerLine}
	if line == "NoName" {
		want.Layer = txn.LayerDNS
	}
	if name == "Reverse" { // an earlier try may have left
		want.Outcome = txn.OutcomeUnknown
	}
	acq, began := b.start(t, b.terms), time.Now()
	got := ask(t.Context(), acq)
	if got.Outcome != want.Outcome || got.Layer != want.Layer {
		t.Errorf("want %s by layer %s, got %+v", want.Outcome, want.Layer, got)
	}
	if took := time.Since(began); took > deadIn {
		t.Errorf("want it told within %s, got %s", deadIn, took)
	}
}
