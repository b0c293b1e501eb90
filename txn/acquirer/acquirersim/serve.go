package acquirersim

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Op is one operation of the interface.
type Op string

// The operations. OpAny is for faults only.
const (
	OpPay     Op = "pay"
	OpPresent Op = "present" // the order of a merchant code
	OpQuery   Op = "query"   // of any order, also of a cancel or a refund
	OpClose   Op = "close"
	OpCancel  Op = "cancel"
	OpRefund  Op = "refund"
	OpBill    Op = "bill"      // where a day's bill is
	OpFile    Op = "bill_file" // the bill itself: a GET without a signature
	OpAny     Op = "*"
)

func ops() []Op {
	return []Op{OpPay, OpPresent, OpQuery, OpClose, OpCancel, OpRefund, OpBill, OpFile, OpAny}
}

const requestMax = 64 << 10 // bytes of a request's body

// heldRequest is one that lies in a queue on the way.
type heldRequest struct {
	op   Op
	body string
}

// serve takes one request. What it moves is in the ledger before a byte of the
// answer is written.
func (s *Sim) serve(w http.ResponseWriter, r *http.Request, op Op) {
	body, err := io.ReadAll(io.LimitReader(r.Body, requestMax+1))
	if err != nil {
		cut(w)
		return
	}
	fault := s.arrive(op, string(body))
	switch fault.Kind {
	case LoseRequest, HoldRequest:
		cut(w)
		return
	}
	s.checkHTTP(r, len(body))
	answer := s.handle(op, string(body), false)
	if fault.Kind == DuplicateDelivery {
		s.handle(op, string(body), true)
	}
	if answer.file != "" { // an address on the host that was asked
		answer.fields["url"] = "https://" + r.Host + billFilePath + answer.file
	}
	s.deliver(w, r, fault, answer)
}

// arrive counts a request and gives the fault that it meets.
func (s *Sim) arrive(op Op, body string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[op]++
	fault := s.takeFault(op)
	if fault.Kind == "" && op == OpPay && s.opts.Magic {
		fault = magicFault(body)
	}
	if fault.Kind == HoldRequest && op != OpFile { // a GET moves nothing when it comes
		s.held = append(s.held, heldRequest{op, body})
	}
	return fault
}

// handle carries one request out. replay says that a copy was made on the way, so
// that a second one is not the terminal's doing.
func (s *Sim) handle(op Op, body string, replay bool) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, no := s.verify(op, body, replay)
	if no != nil {
		return *no
	}
	now := s.now()
	s.settle(now)
	switch op {
	case OpPay:
		return s.pay(now, p, replay)
	case OpPresent:
		return s.present(now, p, replay)
	case OpBill:
		return s.billAddress(now, p)
	case OpQuery:
		return s.query(now, p)
	case OpClose:
		return s.close(now, p)
	default:
		return s.giveBack(now, op, p)
	}
}

// Release lets the requests arrive that HoldRequest has held back. Nobody waits
// for their answers any more.
func (s *Sim) Release() {
	s.mu.Lock()
	held := s.held
	s.held = nil
	s.mu.Unlock()
	for _, h := range held {
		s.handle(h.op, h.body, false)
	}
}

// deliver writes the answer, or what the fault makes of it.
func (s *Sim) deliver(w http.ResponseWriter, r *http.Request, fault Fault, a answer) {
	switch fault.Kind {
	case LoseAnswer:
		cut(w)
		return
	case Silent:
		<-r.Context().Done()
		return
	case DelayAnswer:
		timer := time.NewTimer(time.Duration(fault.DelayMS) * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	status, header, text := s.spoil(fault, a)
	for key, value := range header {
		w.Header().Set(key, value)
	}
	if fault.Kind == HalfAnswer {
		w.Header().Set("Content-Length", strconv.Itoa(2*len(text)+1))
	}
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that has left hears nothing
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.WriteHeader(http.StatusBadGateway) // the server can't: the nearest thing
		return
	}
	_ = conn.Close()
}

// checkHTTP holds the terminal to what a payment request must look like.
func (s *Sim) checkHTTP(r *http.Request, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodPost {
		s.violation("method " + r.Method + " instead of POST")
	}
	kind := strings.ReplaceAll(strings.ToLower(r.Header.Get("Content-Type")), " ", "")
	if kind != "application/x-www-form-urlencoded;charset=utf-8" {
		s.violation("content type is not a UTF-8 form")
	}
	for _, key := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if _, there := r.Header[key]; there {
			s.violation("header " + key + ": a transport repeats such a POST by itself")
		}
	}
	if r.ProtoMajor != 1 {
		s.violation("HTTP/2")
	}
	if r.URL.RawQuery != "" {
		s.violation("fields in the address")
	}
	if size > requestMax {
		s.violation("a body above 64 KiB")
	}
}
