// Package acquirersim is a strict peer of Allinpay's SYB interface, for tests, the
// demo and the lab: it checks every rule of the published pages, keeps a ledger of
// what moved, and breaks in the ways that lines and hosts break.
//
// It knows the protocol from its own side, with its own signatures and codes, and
// nothing of the terminal's program: an error made on one side must show. It moves
// no money and has no place in production. Its control handler asks for no
// password: bind it to loopback.
package acquirersim

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Defaults of Options.
const (
	CodeLifeDefault         = 60 * time.Second
	MinQueryIntervalDefault = 3 * time.Second
)

// Merchant is who may speak to the simulator, and with which terminal.
type Merchant struct {
	OrgID  string // may be empty
	CusID  string
	AppID  string
	TermNo string // registered, 8 digits
}

// Options say what a simulator is like. Merchant, Keys and Now are required.
type Options struct {
	Merchant Merchant
	Keys     Keys
	Now      func() time.Time
	Seed     uint64 // of payer codes, random strings and the acquirer's numbers

	CodeLife         time.Duration // of a payer code, 0: CodeLifeDefault
	MinQueryInterval time.Duration // of one order, 0: MinQueryIntervalDefault, below 0: any
	NotFoundLag      time.Duration // a young order is not found, as on a late replica
	TakesCPMPayload  bool          // EMVCo payloads are accepted as authcode
	Magic            bool          // amounts ending in .91 to .94 misbehave; see magicFault
	Refunds          Refunds       // how refunds go until SetRefunds says otherwise
}

// Sim is one simulated acquirer. All its methods may be called from any goroutine.
type Sim struct {
	opts Options

	mu         sync.Mutex
	rnd        *rand.Rand
	advanced   time.Duration
	payer      Payer
	refunds    Refunds
	orders     map[string]*Order // by number, of sales, cancels and refunds
	listed     []*Order          // in order of arrival
	codes      map[codePrint]*issued
	randoms    map[string]bool
	lastQuery  map[string]time.Time // of an order, until it is touched otherwise
	faults     []*Fault
	held       []heldRequest
	violations []string
	requests   map[Op]int
	bill       BillEdit
	files      map[string]billFile // by the last part of their address
}

// New gives a simulator with an empty ledger and a payer who approves.
func New(opts Options) (*Sim, error) {
	switch {
	case opts.Now == nil:
		return nil, errors.New("acquirersim: no clock")
	case opts.Merchant.CusID == "" || opts.Merchant.AppID == "" || opts.Merchant.TermNo == "":
		return nil, errors.New("acquirersim: the merchant needs cusid, appid and termno")
	case opts.Keys.sign == "":
		return nil, errors.New("acquirersim: no keys")
	case opts.Refunds.AfterS < 0:
		return nil, errors.New("acquirersim: refunds take less than no time")
	}
	if opts.CodeLife == 0 {
		opts.CodeLife = CodeLifeDefault
	}
	if opts.MinQueryInterval == 0 {
		opts.MinQueryInterval = MinQueryIntervalDefault
	}
	s := &Sim{opts: opts}
	s.Reset()
	return s, nil
}

// Reset forgets everything: ledger, codes, faults, violations, moved time.
func (s *Sim) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rnd = rand.New(rand.NewPCG(s.opts.Seed, s.opts.Seed))
	s.advanced, s.payer, s.refunds = 0, Payer{Mode: Approve}, s.opts.Refunds
	s.orders, s.listed = map[string]*Order{}, nil
	s.codes, s.randoms = map[codePrint]*issued{}, map[string]bool{}
	s.lastQuery = map[string]time.Time{}
	s.faults, s.held, s.violations = nil, nil, nil
	s.requests = map[Op]int{}
	s.bill, s.files = BillEdit{}, map[string]billFile{}
}

// Handler serves the interface: /apiweb for payments, /cusapi for bills.
func (s *Sim) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, op := range map[string]Op{
		"/apiweb/unitorder/scanqrpay": OpPay,
		"/apiweb/unitorder/pay":       OpPresent,
		"/apiweb/tranx/query":         OpQuery,
		"/apiweb/tranx/close":         OpClose,
		"/apiweb/unitorder/close":     OpClose,
		"/apiweb/tranx/cancel":        OpCancel,
		"/apiweb/tranx/refund":        OpRefund,
		"/cusapi/trxfile/get":         OpBill,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, op) })
	}
	mux.HandleFunc(billFilePath+"{name}", s.serveFile)
	return mux
}

// Now is the simulator's time: its clock, and what Advance added.
func (s *Sim) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance moves the simulator's time on.
func (s *Sim) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advanced += d
}

// Violations are the rules that were broken, in order, each in a sentence.
func (s *Sim) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.violations...)
}

// Requests says how many requests of an operation arrived.
func (s *Sim) Requests(op Op) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[op]
}

func (s *Sim) now() time.Time { return s.opts.Now().Add(s.advanced) }

// violationsMax bounds the list for a simulator that runs for weeks.
const violationsMax = 1000

func (s *Sim) violation(what string) {
	if len(s.violations) < violationsMax {
		s.violations = append(s.violations, what)
	}
}
