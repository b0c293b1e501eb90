package acquirersim

import (
	"encoding/json"
	"net/http"
	"time"
)

// ControlHandler serves the knobs, below /_sim. It belongs on a port of its own.
//
//	POST /_sim/code    {"wallet":"wechat"}                        -> {"code":…}
//	POST /_sim/payer   {"mode":…,"after_s":…,"pays_before":…}     how payers behave
//	POST /_sim/pay     {"order":…}       a pending order's payer types the password
//	POST /_sim/refuse  {"order":…}       or refuses
//	POST /_sim/present {"order":…}       a payer scans its merchant code, and pays
//	POST /_sim/refunds {"after_s":…,"held":…}          how refunds go
//	POST /_sim/refund  {"order":…,"ok":…}              a pending refund ends
//	POST /_sim/bill    {"missing":…,"late":…,"amounts":…,"fees":…,"extra":…,"broken":…}
//	POST /_sim/fault   {"op":…,"nth":…,"kind":…,"delay_ms":…,"value":…}
//	POST /_sim/script  [fault, …]        instead of the faults so far
//	POST /_sim/release                   what hold_request held back arrives
//	POST /_sim/clock   {"advance_s":…}
//	GET  /_sim/ledger, /_sim/violations
//	POST or DELETE /_sim/reset
func (s *Sim) ControlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /_sim/code", s.controlCode)
	mux.HandleFunc("POST /_sim/payer", control(s.SetPayer))
	mux.HandleFunc("POST /_sim/pay", control(func(n named) error { return s.PayerPays(n.Order) }))
	mux.HandleFunc("POST /_sim/refuse",
		control(func(n named) error { return s.PayerRefuses(n.Order) }))
	mux.HandleFunc("POST /_sim/present",
		control(func(n named) error { return s.PayerScans(n.Order) }))
	mux.HandleFunc("POST /_sim/refunds", control(s.SetRefunds))
	mux.HandleFunc("POST /_sim/refund",
		control(func(e refundEnd) error { return s.RefundEnds(e.Order, e.OK) }))
	mux.HandleFunc("POST /_sim/bill", control(s.EditBills))
	mux.HandleFunc("POST /_sim/fault", control(s.AddFault))
	mux.HandleFunc("POST /_sim/script", control(s.script))
	mux.HandleFunc("POST /_sim/clock", control(func(c clock) error {
		s.Advance(time.Duration(c.AdvanceS) * time.Second)
		return nil
	}))
	mux.HandleFunc("POST /_sim/release", func(w http.ResponseWriter, _ *http.Request) {
		s.Release()
		w.WriteHeader(http.StatusNoContent)
	})
	reset := func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	}
	mux.HandleFunc("POST /_sim/reset", reset)
	mux.HandleFunc("DELETE /_sim/reset", reset)
	mux.HandleFunc("GET /_sim/ledger", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.Ledger())
	})
	mux.HandleFunc("GET /_sim/violations", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, s.Violations())
	})
	return mux
}

type named struct {
	Order string `json:"order"`
}

type refundEnd struct {
	Order string `json:"order"`
	OK    bool   `json:"ok"`
}

type clock struct {
	AdvanceS int `json:"advance_s"`
}

func (s *Sim) script(faults []Fault) error {
	s.ClearFaults()
	for _, f := range faults {
		if err := s.AddFault(f); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sim) controlCode(w http.ResponseWriter, r *http.Request) {
	var wanted struct {
		Wallet string `json:"wallet"`
	}
	if !readJSON(w, r, &wanted) {
		return
	}
	code, err := s.IssueCode(wanted.Wallet)
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"code": code})
}

// control serves one knob: a JSON value in, nothing or an error out.
func control[T any](turn func(T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var wanted T
		if !readJSON(w, r, &wanted) {
			return
		}
		if err := turn(wanted); err != nil {
			writeError(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, requestMax))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		writeError(w, err)
		return false
	}
	return true
}

func writeError(w http.ResponseWriter, err error) {
	writeJSON(w, http.StatusBadRequest, map[string]map[string]string{
		"error": {"code": "bad_request", "message": err.Error()}})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a client that has left hears nothing
}
