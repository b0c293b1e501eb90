package allinpay_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/acquirertest"
	"saoma/terminal/txn/acquirer/allinpay"
)

// pipes is a line within one bubble of synctest: a listener whose connections take
// the time that it is told.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	slow  time.Duration      // to stand; below zero: never
	stale atomic.Bool        // what stands takes no byte any more
	hung  chan time.Duration // gets how long a dial took in vain
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.done); return nil }

func (p *pipes) Addr() net.Addr { return new(net.TCPAddr) }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	began, stands := time.Now(), make(<-chan time.Time)
	if p.slow >= 0 {
		stands = time.NewTimer(p.slow).C
	}
	select {
	case <-stands:
	case <-ctx.Done():
		p.hung <- time.Since(began)
		return nil, ctx.Err()
	}
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return staleConn{near, &p.stale}, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// inBubble gives a host and a client whose time is synctest's.
func inBubble(t *testing.T, test func(*testing.T, *pipes, *host, *allinpay.Client)) {
	keys, err := acquirersim.GenerateKeys(acquirersim.SignSM2)
	if err != nil {
		t.Fatal(err)
	}
	certificate, roots, _, err := acquirersim.SelfSigned(now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		merchant := acquirersim.Merchant{CusID: "990581007426001", AppID: "00000051",
			TermNo: "10000001"}
		sim, err := acquirersim.New(acquirersim.Options{Merchant: merchant, Keys: keys, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		line := &pipes{conns: make(chan net.Conn), done: make(chan struct{}),
			hung: make(chan time.Duration, 4)}
		server := &http.Server{Handler: sim.Handler(), ErrorLog: log.New(io.Discard, "", 0)}
		served := make(chan error)
		go func() {
			served <- server.Serve(tls.NewListener(line,
				&tls.Config{Certificates: []tls.Certificate{certificate}}))
		}()
		terms := acquirertest.Terms{BaseURL: "https://127.0.0.1/apiweb", Roots: roots, Keys: keys,
			Merchant: merchant, Now: now, DialContext: line.dial}
		client := start(t, terms, func(*allinpay.Config) {})
		test(t, line, &host{sim: sim}, client)
		client.Close()
		_ = server.Close()
		<-served
	})
}

// paid sells once and says how long it took.
func paid(t *testing.T, h *host, c *allinpay.Client, order txn.Order) (txn.Result, time.Duration) {
	t.Helper()
	began := time.Now()
	got := c.Pay(t.Context(), h.sale(t, order))
	return got, time.Since(began)
}

func TestAnswerHasItsWholeTimeOnceTheConnectionStands(t *testing.T) {
	const slow = 1900 * time.Millisecond
	for delay, want := range map[time.Duration]txn.Result{
		29_900 * time.Millisecond: {Outcome: txn.OutcomeApproved},
		30_100 * time.Millisecond: {Outcome: txn.OutcomeUnknown, Layer: txn.LayerLine},
	} {
		inBubble(t, func(t *testing.T, line *pipes, h *host, c *allinpay.Client) {
			line.slow = slow
			if err := h.sim.AddFault(acquirersim.Fault{Op: acquirersim.OpPay,
				Kind: acquirersim.DelayAnswer, DelayMS: int(delay.Milliseconds())}); err != nil {
				t.Fatal(err)
			}
			got, took := paid(t, h, c, "1")
			if got.Outcome != want.Outcome || got.Layer != want.Layer {
				t.Errorf("answer after %s: want %s, got %+v", delay, want.Outcome, got)
			}
			if want := slow + min(delay, allinpay.AnswerTimeoutDefault); took != want {
				t.Errorf("answer after %s: want it after %s, got %s", delay, want, took)
			}
			if longest := c.Capabilities().AnswerTimeout; took > longest {
				t.Errorf("want no longer than %s, got %s", longest, took)
			}
		})
	}
}

func TestConnectionThatComesTooLateCarriesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, line *pipes, h *host, c *allinpay.Client) {
		line.slow = 2100 * time.Millisecond
		got, took := paid(t, h, c, "1")
		want(t, txn.OutcomeNotSent, txn.LayerLine, got)
		if took != allinpay.ConnectTimeoutDefault {
			t.Errorf("want it told after %s, got %s", allinpay.ConnectTimeoutDefault, took)
		}
		synctest.Wait()
		if n := h.sim.Requests(acquirersim.OpPay); n != 0 {
			t.Errorf("want no request, got %d", n)
		}
	})
}

// TestConnectionAtTheLastMomentIsToldTruly has both come at the same instant: whatever
// is said then must be true.
func TestConnectionAtTheLastMomentIsToldTruly(t *testing.T) {
	for range 20 {
		inBubble(t, func(t *testing.T, line *pipes, h *host, c *allinpay.Client) {
			line.slow = allinpay.ConnectTimeoutDefault
			got, _ := paid(t, h, c, "1")
			synctest.Wait()
			if n := h.sim.Requests(acquirersim.OpPay); n != 0 && got.Outcome == txn.OutcomeNotSent {
				t.Errorf("want the truth of %d requests, got %+v", n, got)
			}
		})
	}
}

func TestDeadLineBehindAStaleConnectionIsToldAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, line *pipes, h *host, c *allinpay.Client) {
		got, _ := paid(t, h, c, "1")
		want(t, txn.OutcomeApproved, "", got)
		line.slow = -1
		line.stale.Store(true)
		got, took := paid(t, h, c, "2")
		want(t, txn.OutcomeNotSent, txn.LayerLine, got)
		if took != allinpay.ConnectTimeoutDefault {
			t.Errorf("want it told after %s, got %s", allinpay.ConnectTimeoutDefault, took)
		}
		if n := h.sim.Requests(acquirersim.OpPay); n != 1 {
			t.Errorf("want no second request, got %d", n-1)
		}
	})
}

func TestDialThatNobodyWaitsForEndsToo(t *testing.T) {
	inBubble(t, func(t *testing.T, line *pipes, h *host, c *allinpay.Client) {
		line.slow = -1
		got, _ := paid(t, h, c, "1")
		want(t, txn.OutcomeNotSent, txn.LayerLine, got)
		if hung := <-line.hung; hung != 2*allinpay.ConnectTimeoutDefault {
			t.Errorf("want it to end after %s, got %s", 2*allinpay.ConnectTimeoutDefault, hung)
		}
	})
}
