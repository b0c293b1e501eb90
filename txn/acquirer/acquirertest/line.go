package acquirertest

import (
	"context"
	"net"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

func testLine(t *testing.T, up setUp) {
	t.Run("LostRequestIsUnknownAndNotFound", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.fault(acquirersim.OpPay, acquirersim.LoseRequest, "")
		got := b.pay(order)
		b.want(txn.OutcomeUnknown, got)
		b.wantLayer(txn.LayerLine, got)
		b.want(txn.OutcomeNotFound, b.query(order))
	})
	for _, kind := range []acquirersim.FaultKind{
		acquirersim.LoseAnswer, acquirersim.HalfAnswer,
	} {
		t.Run("BrokenAnswerIsUnknownAndFound/"+string(kind), func(t *testing.T) {
			b := up(t)
			order := b.order()
			b.fault(acquirersim.OpPay, kind, "")
			got := b.pay(order)
			b.want(txn.OutcomeUnknown, got)
			b.wantLayer(txn.LayerLine, got)
			b.want(txn.OutcomeApproved, b.query(order))
			b.wantNet(price, order)
		})
	}
	t.Run("LostAnswerOnAWarmConnectionIsNotAskedForTwice", func(t *testing.T) {
		b := up(t)
		b.want(txn.OutcomeNotFound, b.query(b.order()))
		b.fault(acquirersim.OpPay, acquirersim.LoseAnswer, "")
		b.want(txn.OutcomeUnknown, b.pay(b.order()))
		if n := b.sim.Requests(acquirersim.OpPay); n != 1 {
			t.Errorf("want one payment request, got %d", n)
		}
	})
	t.Run("SilenceIsUnknown", func(t *testing.T) { testSilence(up(t)) })
	t.Run("LineOfNoUseIsNotSent", func(t *testing.T) { testNotSent(up(t)) })
	t.Run("CutLineIsNotSentAndMendedLineSells", func(t *testing.T) { testCut(up(t)) })
	t.Run("ClockOffIsTheLayerTime", func(t *testing.T) { testClock(up(t)) })
	t.Run("StrangersCertificateIsTheLayerTLS", func(t *testing.T) {
		b := up(t)
		_, other, _, err := acquirersim.SelfSigned(noon(), "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		b.terms.Roots = other
		b.acq = b.start(t, b.terms)
		got := b.pay(b.order())
		b.want(txn.OutcomeNotSent, got)
		b.wantLayer(txn.LayerTLS, got)
	})
}

func testSilence(b *bench) {
	b.want(txn.OutcomeNotFound, b.query(b.order())) // the connection stands from here on
	order, code := b.order(), b.code("wechat")
	b.fault(acquirersim.OpPay, acquirersim.Silent, "")
	ctx, cancel := context.WithTimeout(b.Context(), silence)
	defer cancel()
	got := b.payWithin(ctx, order, code)
	b.want(txn.OutcomeUnknown, got)
	b.wantLayer(txn.LayerLine, got)
	b.want(txn.OutcomeApproved, b.query(order))
}

func testNotSent(b *bench) {
	for name, tt := range map[string]struct {
		err  error
		want txn.Layer
	}{
		"dns": {&net.DNSError{Err: "no such host", Name: "acquirer.example",
			IsNotFound: true}, txn.LayerDNS},
		"refused": {&net.OpError{Op: "dial", Net: "tcp", Err: net.ErrClosed}, txn.LayerLine},
	} {
		b.terms.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, tt.err
		}
		b.acq = b.start(b.T, b.terms)
		got := b.pay(b.order())
		if got.Outcome != txn.OutcomeNotSent || got.Layer != tt.want {
			b.Errorf("%s: want not sent by layer %s, got %+v", name, tt.want, got)
		}
	}
	if n := b.sim.Requests(acquirersim.OpPay); n != 0 {
		b.Errorf("want no request, got %d", n)
	}
}

// testCut sells over a relay whose line is cut and mended.
func testCut(b *bench) {
	relay, err := acquirersim.NewRelay("127.0.0.1:0", b.server.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(relay.Close)
	b.terms.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, relay.Addr())
	}
	b.acq = b.start(b.T, b.terms)
	relay.Cut()
	got := b.pay(b.order())
	b.want(txn.OutcomeNotSent, got)
	b.wantLayer(txn.LayerLine, got)
	if err := relay.Mend(); err != nil {
		b.Fatal(err)
	}
	b.want(txn.OutcomeApproved, b.pay(b.order()))
}

func testClock(b *bench) {
	for name, off := range map[string]time.Duration{
		"year 2000": -26 * 365 * 24 * time.Hour, "two years on": 2 * 365 * 24 * time.Hour,
	} {
		b.terms.Now = func() time.Time { return noon().Add(off) }
		b.acq = b.start(b.T, b.terms)
		got := b.pay(b.order())
		if got.Outcome != txn.OutcomeNotSent || got.Layer != txn.LayerTime {
			b.Errorf("%s: want not sent by layer time, got %+v", name, got)
		}
	}
}
