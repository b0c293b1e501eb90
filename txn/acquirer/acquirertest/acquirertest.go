// Package acquirertest is the suite that every adapter of an acquirer passes
// against the simulator. It knows the contract of package acquirer and what the
// simulator can do; it knows no adapter.
package acquirertest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// Terms are what an adapter needs to reach the simulator.
type Terms struct {
	BaseURL  string
	BillURL  string
	PayType  string // of merchant codes, as the simulator knows them
	Roots    *x509.CertPool
	Keys     acquirersim.Keys
	Merchant acquirersim.Merchant
	Now      func() time.Time

	// DialContext, if not nil, is the line that the adapter must use.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Start builds the adapter under test.
type Start func(t *testing.T, terms Terms) acquirer.Acquirer

// Run is the suite. It uses the loopback alone.
func Run(t *testing.T, keys acquirersim.Keys, start Start) {
	for name, suite := range map[string]func(*testing.T, setUp){
		"Pay": testPay, "Forged": testForged, "Line": testLine,
		"Connect": testConnect, "RetryAfter": testRetryAfter, "Echo": testEcho,
		"Present": testPresent, "PresentEnds": testPresentEnds, "ForgedPresent": testForgedPresent,
		"Reverse": testReverse, "RacedReverse": testRacedReverse,
		"BrokenReverse": testBrokenReverse, "LateReverse": testLateReverse,
		"Refund": testRefund, "QueryRefund": testQueryRefund,
		"SlowRefund": testSlowRefund, "BrokenRefund": testBrokenRefund,
		"Bill": testBill, "BrokenBill": testBrokenBill,
	} {
		t.Run(name, func(t *testing.T) {
			suite(t, func(t *testing.T) *bench { return newBench(t, keys, start) })
		})
	}
}

type setUp func(t *testing.T) *bench

// bench is one adapter, one simulator, and the till between them.
type bench struct {
	*testing.T
	sim    *acquirersim.Sim
	server *httptest.Server
	terms  Terms
	start  Start
	acq    acquirer.Acquirer
	orders int
	codes  []string // shown so far: none may be seen in a result
}

const (
	price    txn.Amount = 1050
	answerIn            = 10 * time.Second // for an answer that does come
	silence             = 300 * time.Millisecond
	between             = 10 * time.Second // of two queries, on the simulator's clock
	shown               = 3 * time.Minute  // a merchant code, on the same clock
)

// noon is a time of day from which midnight in Beijing is far.
func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, txn.Beijing()) }

func newBench(t *testing.T, keys acquirersim.Keys, start Start) *bench {
	t.Helper()
	merchant := acquirersim.Merchant{CusID: "990581007426001", AppID: "00000051",
		TermNo: "10000001"}
	sim, err := acquirersim.New(acquirersim.Options{
		Merchant: merchant, Keys: keys, Now: noon, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	certificate, roots, _, err := acquirersim.SelfSigned(noon(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(sim.Handler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	terms := Terms{BaseURL: server.URL + "/apiweb", BillURL: server.URL + "/cusapi/trxfile/get",
		PayType: "W01", Roots: roots, Keys: keys, Merchant: merchant, Now: sim.Now}
	b := &bench{T: t, sim: sim, server: server, terms: terms, start: start,
		acq: start(t, terms)}
	t.Cleanup(b.checkBooks)
	return b
}

// checkBooks holds what must be true after every test.
func (b *bench) checkBooks() {
	for _, what := range b.sim.Violations() {
		b.Errorf("want no broken rule, got: %s", what)
	}
	for _, o := range b.sim.Ledger() {
		if o.Commits > 1 {
			b.Errorf("want order %s to move money once at most, got %d", o.Number, o.Commits)
		}
	}
}

// order gives the next order number.
func (b *bench) order() txn.Order {
	b.orders++
	return txn.Order(fmt.Sprintf("1000000126030200000000%06d", b.orders))
}

// code lets a payer show a fresh code.
func (b *bench) code(wallet string) string {
	b.Helper()
	code, err := b.sim.IssueCode(wallet)
	if err != nil {
		b.Fatal(err)
	}
	b.codes = append(b.codes, code)
	return code
}

func (b *bench) pay(order txn.Order) txn.Result { return b.payBy(order, b.code("wechat")) }

func (b *bench) payBy(order txn.Order, code string) txn.Result {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), answerIn)
	defer cancel()
	return b.payWithin(ctx, order, code)
}

func (b *bench) payWithin(ctx context.Context, order txn.Order, code string) txn.Result {
	b.Helper()
	return b.checked(order, b.acq.Pay(ctx, txn.Authorize{
		Order: order, Trace: 1, Batch: 1, Amount: price, At: b.sim.Now(),
		Factor: code[max(0, len(code)-6):], Code: txn.NewPayCode(code),
	}))
}

func (b *bench) query(order txn.Order) txn.Result {
	b.Helper()
	b.sim.Advance(between)
	return b.checked(order, b.acq.Query(b.Context(), txn.Query{Order: order, Try: 1}))
}

func (b *bench) reverse(order txn.Order) txn.Result {
	b.Helper()
	b.sim.Advance(between)
	return b.checked(order, b.acq.Reverse(b.Context(),
		txn.Reverse{Order: order, Try: 1, Amount: price, OpenedAt: noon()}))
}

func (b *bench) refund(sale, number txn.Order, amount txn.Amount) txn.Result {
	b.Helper()
	b.sim.Advance(between)
	return b.checked(number, b.acq.Refund(b.Context(), txn.Refund{Order: number, Try: 1,
		Of: sale, Amount: amount, Whole: price, SoldAt: noon()}))
}

func (b *bench) queryRefund(sale, number txn.Order, amount txn.Amount) txn.Result {
	b.Helper()
	b.sim.Advance(between)
	return b.checked(number, b.acq.QueryRefund(b.Context(),
		txn.QueryRefund{Order: number, Try: 1, Of: sale, Amount: amount}))
}

func (b *bench) present(order txn.Order) txn.Result {
	b.Helper()
	now := b.sim.Now()
	return b.checked(order, b.acq.Present(b.Context(), txn.Present{Order: order, Trace: 1,
		Batch: 1, Amount: price, At: now, Ends: now.Add(shown)}))
}

func (b *bench) echo() txn.Result {
	b.Helper()
	b.sim.Advance(between)
	return b.checked("", b.acq.Echo(b.Context()))
}

// checked holds what the contract says of every result.
func (b *bench) checked(order txn.Order, r txn.Result) txn.Result {
	b.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		b.Fatal(err)
	}
	for _, code := range b.codes {
		if strings.Contains(string(text), code) || strings.Contains(fmt.Sprintf("%#v", r), code) {
			b.Errorf("want no payer code in a result, got one: %+v", r)
		}
	}
	final := r.Outcome != txn.OutcomeUnknown && r.Outcome != txn.OutcomeNotSent
	if final && !r.Authentic {
		b.Errorf("want only authentic answers to mean %s, got %+v", r.Outcome, r)
	}
	if final && r.Order != order {
		b.Errorf("want order %s in the result, got %+v", order, r)
	}
	if r.Present != "" && r.Outcome != txn.OutcomePending {
		b.Errorf("want a merchant code only of an order that waits for it, got %+v", r)
	}
	if r.Alarm != "" && (final || r.Authentic) {
		b.Errorf("want nothing believed with an alarm, got %+v", r)
	}
	return r
}

func (b *bench) want(want txn.Outcome, got txn.Result) {
	b.Helper()
	if got.Outcome != want {
		b.Fatalf("want outcome %s, got %+v", want, got)
	}
}

func (b *bench) wantLayer(want txn.Layer, got txn.Result) {
	b.Helper()
	if got.Layer != want {
		b.Errorf("want layer %q, got %+v", want, got)
	}
}

// wantNet compares what the merchant has of an order in the acquirer's books.
func (b *bench) wantNet(want txn.Amount, order txn.Order) {
	b.Helper()
	if o, _ := b.sim.Order(string(order)); txn.Amount(o.Net()) != want {
		b.Errorf("want %s fen of order %s in the ledger, got %+v", want, order, o)
	}
}

func (b *bench) fault(op acquirersim.Op, kind acquirersim.FaultKind, value string) {
	b.Helper()
	err := b.sim.AddFault(acquirersim.Fault{Op: op, Nth: 1, Kind: kind, Value: value})
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) payer(p acquirersim.Payer) {
	b.Helper()
	if err := b.sim.SetPayer(p); err != nil {
		b.Fatal(err)
	}
}
