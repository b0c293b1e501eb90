// Package ui serves the cashier's page, the local API and one stream of views, on
// loopback. Buttons are events; what is shown is a view of the state. It decides
// nothing about money and knows no device: those come in by the interfaces here.
package ui

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"saoma/terminal/txn"
)

// Till is the engine, as the pages need it. Any goroutine may call it.
type Till interface {
	// Submit tells what happened. The error is a txn.Refusal, or trouble.
	Submit(ctx context.Context, ev txn.Event) (txn.View, error)
	View() txn.View
	// Watch sends the newest view at once and after each change, and is closed
	// when ctx ends.
	Watch(ctx context.Context) <-chan txn.View
	Sales(ctx context.Context, limit int) ([]txn.Sale, error)
	Batches(ctx context.Context) ([]txn.Batch, error)
	Sale(ctx context.Context, order txn.Order) (txn.Sale, bool, error)
	// Find gives the sale that has a number: its own, that of a refund, the acquirer's,
	// or the one on the payer's wallet bill.
	Find(ctx context.Context, ref string) (txn.Sale, bool, error)
	Shifts(ctx context.Context) ([]txn.Shift, error) // the newest first
}

// Slips draws a slip as it came, or would come, out of the printer, and a merchant
// code for the payer to scan.
type Slips interface {
	PNG(slip txn.Print) ([]byte, error)
	Code(text string) ([]byte, error)
}

// Device is a part of the terminal as a tile on the screen.
type Device struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`  // scanner, printer or disk
	State string `json:"state"` // ok or trouble
	Cause string `json:"cause"`
	Hint  string `json:"hint"` // of a camera that looks for a code and sees none: why
}

// Sim is the made-up world of the demo.
type Sim interface {
	Scan(code string) error                                          // show a code to the scanner
	Image(picture []byte) (codes []string, reason string, err error) // show a picture to it
	NewCode(wallet string) (string, error)                           // a customer's wallet shows a code
	ScanCode(order string) error                                     // a customer scans the terminal's code
	SetPayer(mode string) error
	SetLine(up bool) error
	SetPaper(in bool) error
}

// Options are what the pages are made of.
type Options struct {
	Till      Till
	Slips     Slips
	Devices   func() []Device
	Operators Operators
	Sim       Sim // nil outside of the demo
	Shop      string
	Acquirer  string // its name in answers of the API
	Presents  bool   // it gives merchant codes
	Language  string // zh-CN or en

	DiskWritten func() uint64 // bytes, since the process began; nil: not told

	// Reconcile compares the books of a Beijing day with the acquirer's bill and gives
	// what is shown as JSON. Nil where there is no bill.
	Reconcile func(ctx context.Context, day time.Time) (any, error)

	Log *slog.Logger
}

//go:embed static
var static embed.FS

// server answers requests.
type server struct{ Options }

// New gives the handler of everything. It serves only requests that are made to
// loopback, by pages of its own or by programs.
func New(o Options) (http.Handler, error) {
	if o.Till == nil || o.Slips == nil || o.Devices == nil || o.Operators == nil || o.Log == nil {
		return nil, errors.New("ui: till, slips, devices, operators and log are all needed")
	}
	s := &server{o}
	pages, err := fs.Sub(static, "static")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(pages))
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET /api/view", s.view)
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("POST /api/sale", s.sale)
	mux.HandleFunc("POST /api/cancel", s.cancel)
	mux.HandleFunc("POST /api/confirm", s.confirm)
	mux.HandleFunc("POST /api/present", s.present)
	mux.HandleFunc("GET /api/transactions", s.transactions)
	mux.HandleFunc("GET /api/find", s.findByNumber)
	mux.HandleFunc("GET /api/transactions/{order}", s.transaction)
	mux.HandleFunc("GET /api/transactions/{order}/code.png", s.code)
	mux.HandleFunc("POST /api/transactions/{order}/reprint", s.reprint)
	mux.HandleFunc("POST /api/transactions/{order}/refund", s.refund)
	mux.HandleFunc("POST /api/transactions/{order}/void", s.void)
	mux.HandleFunc("POST /api/transactions/{order}/query", s.query)
	mux.HandleFunc("POST /api/transactions/{order}/close", s.closeByHand)
	mux.HandleFunc("POST /api/transactions/{order}/reverse", s.reverse)
	mux.HandleFunc("POST /api/transactions/{order}/dispute", s.dispute)
	mux.HandleFunc("POST /api/reconcile", s.reconcile)
	mux.HandleFunc("POST /api/settle", s.settle)
	mux.HandleFunc("GET /api/batches", s.batches)
	mux.HandleFunc("POST /api/batches/{number}/reprint", s.reprintBatch)
	mux.HandleFunc("GET /api/slips/{name}", s.slip)
	mux.HandleFunc("POST /api/sign-on", s.signOn)
	mux.HandleFunc("POST /api/sign-off", s.signOff)
	mux.HandleFunc("GET /api/shift", s.shift)
	mux.HandleFunc("POST /api/shift/print", s.printShift)
	mux.HandleFunc("POST /api/totals/print", s.printTotals)
	if o.Sim != nil {
		mux.HandleFunc("POST /api/sim/scan", s.simScan)
		mux.HandleFunc("POST /api/sim/image", s.simImage)
		mux.HandleFunc("POST /api/sim/code", s.simCode)
		mux.HandleFunc("POST /api/sim/present", s.simPresent)
		mux.HandleFunc("POST /api/sim/payer", s.simPayer)
		mux.HandleFunc("POST /api/sim/line", s.simLine)
		mux.HandleFunc("POST /api/sim/paper", s.simPaper)
	}
	return guard(jsonErrors(mux)), nil
}
