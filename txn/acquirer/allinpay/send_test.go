package allinpay_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/acquirertest"
	"saoma/terminal/txn/acquirer/allinpay"
)

// host is a simulated acquirer behind a server that the test can look into.
type host struct {
	sim    *acquirersim.Sim
	server *httptest.Server
	terms  acquirertest.Terms
	conns  atomic.Int32
}

func now() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, txn.Beijing()) }

func newHost(t *testing.T, change func(*tls.Config)) *host {
	t.Helper()
	keys, err := acquirersim.GenerateKeys(acquirersim.SignSM2)
	if err != nil {
		t.Fatal(err)
	}
	merchant := acquirersim.Merchant{OrgID: "55", CusID: "990581007426001", AppID: "00000051",
		TermNo: "10000001"}
	sim, err := acquirersim.New(acquirersim.Options{Merchant: merchant, Keys: keys, Now: now,
		TakesCPMPayload: true})
	if err != nil {
		t.Fatal(err)
	}
	certificate, roots, _, err := acquirersim.SelfSigned(now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	h := &host{sim: sim, server: httptest.NewUnstartedServer(sim.Handler())}
	h.server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate},
		NextProtos: []string{"h2", "http/1.1"}}
	change(h.server.TLS)
	h.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	h.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			h.conns.Add(1)
		}
	}
	h.server.EnableHTTP2 = true
	h.server.StartTLS()
	t.Cleanup(h.server.Close)
	t.Cleanup(func() {
		for _, what := range sim.Violations() {
			t.Errorf("want no broken rule, got: %s", what)
		}
	})
	h.terms = acquirertest.Terms{BaseURL: h.server.URL + "/apiweb/", Roots: roots, Keys: keys,
		Merchant: merchant, Now: now}
	return h
}

func asIs(*tls.Config) {}

func (h *host) sale(t *testing.T, order txn.Order) txn.Authorize {
	t.Helper()
	code, err := h.sim.IssueCode("wechat")
	if err != nil {
		t.Fatal(err)
	}
	return txn.Authorize{Order: order, Amount: 1050, Code: txn.NewPayCode(code),
		Factor: code[len(code)-6:]}
}

func want(t *testing.T, outcome txn.Outcome, layer txn.Layer, got txn.Result) {
	t.Helper()
	if got.Outcome != outcome || got.Layer != layer {
		t.Errorf("want %s, layer %q, got %+v", outcome, layer, got)
	}
}

func TestConnectionIsKeptAndSpeaksHTTP1(t *testing.T) {
	h := newHost(t, asIs) // a host that would rather speak HTTP/2
	client := start(t, h.terms, func(*allinpay.Config) {})
	for _, order := range []txn.Order{"1", "2", "3"} {
		want(t, txn.OutcomeApproved, "", client.Pay(t.Context(), h.sale(t, order)))
	}
	if n := h.conns.Load(); n != 1 {
		t.Errorf("want one connection, got %d", n)
	}
}

// staleConn can be broken so that nothing is written any more.
type staleConn struct {
	net.Conn
	stale *atomic.Bool
}

func (c staleConn) Write(p []byte) (int, error) {
	if c.stale.Load() {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(p)
}

// TestStaleConnectionIsReplaced covers the one case in which the transport may try
// again: an idle connection that takes no byte.
func TestStaleConnectionIsReplaced(t *testing.T) {
	for name, mended := range map[string]bool{"line mended": true, "line down": false} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, asIs)
			var dials atomic.Int32
			stale := new(atomic.Bool)
			h.terms.DialContext = func(ctx context.Context, network, addr string) (
				net.Conn, error,
			) {
				if dials.Add(1) > 1 && !mended {
					return nil, syscall.ECONNREFUSED
				}
				var d net.Dialer
				conn, err := d.DialContext(ctx, network, addr)
				if dials.Load() > 1 {
					return conn, err
				}
				return staleConn{conn, stale}, err
			}
			client := start(t, h.terms, func(*allinpay.Config) {})
			want(t, txn.OutcomeApproved, "", client.Pay(t.Context(), h.sale(t, "1")))
			stale.Store(true)
			got := client.Pay(t.Context(), h.sale(t, "2"))
			if mended {
				want(t, txn.OutcomeApproved, "", got)
			} else {
				want(t, txn.OutcomeNotSent, txn.LayerLine, got)
			}
			if n := dials.Load(); n != 2 {
				t.Errorf("want a second dial, got %d", n)
			}
		})
	}
}

func TestPaymentIsSentOnceWhateverTheServerDoes(t *testing.T) {
	h := newHost(t, asIs)
	client := start(t, h.terms, func(*allinpay.Config) {})
	for i, kind := range []acquirersim.FaultKind{acquirersim.LoseRequest, acquirersim.LoseAnswer,
		acquirersim.HalfAnswer, acquirersim.Redirect, acquirersim.HTML502} {
		client.Query(t.Context(), txn.Query{Order: txn.Order(kind[:4])}) // warms a connection
		fault := acquirersim.Fault{Op: acquirersim.OpPay, Nth: 1, Kind: kind}
		if err := h.sim.AddFault(fault); err != nil {
			t.Fatal(err)
		}
		got := client.Pay(t.Context(), h.sale(t, txn.Order(rune('1'+i))))
		if n := h.sim.Requests(acquirersim.OpPay); got.Outcome != txn.OutcomeUnknown || n != i+1 {
			t.Errorf("%s: want unknown after one request, got %+v, %d requests", kind, got, n-i)
		}
		h.sim.Advance(time.Minute)
	}
}

func TestHostThatCanNotBeTrustedIsTheLayerTLS(t *testing.T) {
	h := newHost(t, func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11; c.MinVersion = 0 })
	client := start(t, h.terms, func(*allinpay.Config) {})
	want(t, txn.OutcomeNotSent, txn.LayerTLS, client.Pay(t.Context(), h.sale(t, "1")))

	plain := httptest.NewServer(h.sim.Handler())
	defer plain.Close()
	h.terms.BaseURL = strings.Replace(plain.URL, "http:", "https:", 1) + "/apiweb"
	client = start(t, h.terms, func(*allinpay.Config) {})
	want(t, txn.OutcomeNotSent, txn.LayerTLS, client.Pay(t.Context(), h.sale(t, "1")))

	h = newHost(t, asIs)
	h.terms.BaseURL = strings.Replace(h.terms.BaseURL, "127.0.0.1", "localhost", 1)
	client = start(t, h.terms, func(*allinpay.Config) {}) // the certificate has another name
	want(t, txn.OutcomeNotSent, txn.LayerTLS, client.Pay(t.Context(), h.sale(t, "1")))
}

func TestAClockThatCanNotBeRightDoesNotKeepMessagesBack(t *testing.T) {
	h := newHost(t, asIs)
	wrong := func() time.Time { return time.Unix(60, 0) }
	client := start(t, h.terms, func(c *allinpay.Config) { c.Now = wrong })
	want(t, txn.OutcomeNotSent, txn.LayerTime, client.Pay(t.Context(), h.sale(t, "1")))
	client = start(t, h.terms, func(c *allinpay.Config) { c.Now, c.CertificateTime = wrong, time.Now })
	if got := client.Query(t.Context(), txn.Query{Order: "1", Try: 1}); !got.Authentic {
		t.Errorf("want an answer, got %+v", got)
	}
}

func TestHostThatIsNotHTTPIsTheLayerBank(t *testing.T) {
	h := newHost(t, asIs)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", h.server.TLS.Clone())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		// Read to the end: a close with bytes unread would reset the connection.
		if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.Copy(io.Discard, req.Body)
		}
		_, _ = io.WriteString(conn, "SSH-2.0 hello\r\n\r\n")
		_ = conn.Close()
	}()
	h.terms.BaseURL = "https://" + listener.Addr().String()
	client := start(t, h.terms, func(*allinpay.Config) {})
	want(t, txn.OutcomeUnknown, txn.LayerBank, client.Pay(t.Context(), h.sale(t, "1")))
	<-done
}

func TestEndedContextIsNotSent(t *testing.T) {
	h := newHost(t, asIs)
	client := start(t, h.terms, func(*allinpay.Config) {})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	want(t, txn.OutcomeNotSent, txn.LayerLine, client.Pay(ctx, h.sale(t, "1")))
	if n := h.sim.Requests(acquirersim.OpPay); n != 0 {
		t.Errorf("want no request, got %d", n)
	}
}

func TestAnswerTimeoutEndsAPayment(t *testing.T) {
	h := newHost(t, asIs)
	client := start(t, h.terms, func(c *allinpay.Config) { c.AnswerTimeout = 300 * time.Millisecond })
	client.Query(t.Context(), txn.Query{Order: "9"})
	err := h.sim.AddFault(acquirersim.Fault{Op: "pay", Kind: acquirersim.DelayAnswer,
		DelayMS: 60_000})
	if err != nil {
		t.Fatal(err)
	}
	want(t, txn.OutcomeUnknown, txn.LayerLine, client.Pay(t.Context(), h.sale(t, "1")))
}

// TestPayloadIsPaid sends the published UnionPay payload; its PAN ends in 713672.
func TestPayloadIsPaid(t *testing.T) {
	const payload = "hQVDUFYwMWFWTwigAAADMwEBAlcRYmNgAQBxNnLSMSIBAAABiAFfNAEAYzOfJghWite85mtxi5" +
		"8nAYCfEBEHAAEDoAAAAQgwMDAwMDAwMZ82AhEiggIAAJ83BCJgSI4="
	h := newHost(t, asIs)
	e := txn.Authorize{Order: "1", Amount: 1050, Code: txn.NewPayCode(payload), Factor: "713672"}
	client := start(t, h.terms, func(*allinpay.Config) {})
	want(t, txn.OutcomeNotSent, "", client.Pay(t.Context(), e))

	client = start(t, h.terms, func(c *allinpay.Config) { c.TakesCPMPayload = true })
	got := client.Pay(t.Context(), e)
	want(t, txn.OutcomeApproved, "", got)
	text, err := json.Marshal(got)
	if err != nil || strings.Contains(string(text), "hQVDUFY") || got.Wallet != "unionpay" {
		t.Errorf("want unionpay and no payload, got %s, %v", text, err)
	}
}

func TestCapabilitiesFitTheInterface(t *testing.T) {
	h := newHost(t, asIs)
	got := start(t, h.terms, func(c *allinpay.Config) { c.ConnectTimeout = 0 }).Capabilities()
	if got.Name != "allinpay" || got.OrderLenMax != 31 || got.CodeLenMax != 24 ||
		got.TakesCPMPayload || !got.VoidsSameDay || got.AnswerTimeout !=
		allinpay.ConnectTimeoutDefault+allinpay.AnswerTimeoutDefault {
		t.Errorf("want Allinpay's figures, got %+v", got)
	}
	for _, d := range []time.Duration{got.FirstQuery, got.QueryEvery, got.PayWindow,
		got.MessageLife} {
		if d <= 0 {
			t.Errorf("want every time above zero, got %+v", got)
		}
	}
}
