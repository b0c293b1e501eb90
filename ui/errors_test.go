package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"saoma/terminal/txn"
)

const (
	aTransaction = "/api/transactions/8000000126112412000000000001"
	aSlip        = "/api/slips/8000000126112412000000000001-sale-merchant.png"
)

// posts are the addresses that take an empty object and submit an event.
func posts() []string {
	all := []string{"/api/sale", "/api/cancel", "/api/confirm", "/api/present", "/api/settle"}
	for _, what := range []string{"reprint", "refund", "void", "query", "reverse"} {
		all = append(all, aTransaction+"/"+what)
	}
	return all
}

func TestEveryRefusalHasAStatusAndWords(t *testing.T) {
	status := map[string]int{"bad_amount": http.StatusBadRequest, "no_order": http.StatusNotFound,
		"refund_sum": http.StatusBadRequest, "not_signed_on": http.StatusForbidden,
		"needs_supervisor": http.StatusForbidden}
	refusals := append(constants(t, "../txn", "Refusal"), constants(t, "../txn/paycode", "Reason")...)
	for _, code := range refusals {
		want := http.StatusConflict
		if s := status[code]; s != 0 {
			want = s
		}
		r := newRig(t)
		r.till.err = fmt.Errorf("as the engine wraps it: %w", txn.Refusal(code))
		for _, path := range posts() {
			wantError(t, r.post(path, "{}"), want, code)
		}
		wantError(t, r.post(aTransaction+"/close", `{"moved":true}`), want, code)
		if r.log.Len() > 0 {
			t.Errorf("%s: a refusal is no trouble, but the log says %s", code, &r.log)
		}
	}
	for _, code := range constants(t, "../txn", "Refusal") {
		if messages[txn.Refusal(code)] == "" {
			t.Errorf("%s has no words of its own", code)
		}
	}
}

func TestAnOrderThatIsNotThereIsToldSo(t *testing.T) {
	r := newRig(t)
	wantError(t, r.get("/api/transactions/1"), http.StatusNotFound, "no_order")
	wantError(t, r.get("/api/slips/1-sale-merchant.png"), http.StatusNotFound, "no_order")
}

func TestOnlyTheTwoCopiesOfAnApprovedSaleAreSlips(t *testing.T) {
	r := newRig(t)
	sale := approvedSale()
	for _, name := range []string{"1", "1.png", "1-sale-merchant", "1-sale-merchant.jpg",
		"1-merchant.png", "1-sale-bank.png", "--.png", "1-sale-merchant-x.png"} {
		wantError(t, r.get("/api/slips/"+name), http.StatusNotFound, "no_slip")
	}
	sale.Phase = txn.Declined
	r.till.sales = []txn.Sale{sale}
	wantError(t, r.get(aSlip), http.StatusConflict, "not_approved")
	wantError(t, r.post(aTransaction+"/reprint", `{"copy":"bank"}`), http.StatusBadRequest, "bad_copy")
	wantError(t, r.post(aTransaction+"/reprint", `{"form":"sale"}`), http.StatusBadRequest, "bad_form")
	wantError(t, r.post(aTransaction+"/close", `{}`), http.StatusBadRequest, "bad_moved")
	wantError(t, r.post(aTransaction+"/dispute", `{"reason":"restart"}`), http.StatusBadRequest, "bad_reason")
	wantError(t, r.post("/api/reconcile", `{"day":"24.11."}`), http.StatusBadRequest, "bad_day")
	wantError(t, r.post("/api/reconcile", `{"day":"2026-11-24"}`), http.StatusNotFound, "no_bill")
	if len(r.slips.asked) > 0 || len(r.till.events) > 0 {
		t.Errorf("drawn %v, submitted %v", r.slips.asked, r.till.events)
	}
}

// errStopped is worded as the engine's ErrStopped.
var errStopped = errors.New("the terminal is stopping")

func TestATerminalThatStopsSaysSoAndTheLogSaysWhy(t *testing.T) {
	ask := map[string]func(*rig) (status int, body string){}
	for _, path := range []string{"/api/transactions", aTransaction, aSlip, "/metrics"} {
		ask["GET "+path] = func(r *rig) (int, string) { w := r.get(path); return w.Code, w.Body.String() }
	}
	for _, path := range append(posts(), "/api/batches/1/reprint") {
		ask["POST "+path] = func(r *rig) (int, string) {
			w := r.post(path, "{}")
			return w.Code, w.Body.String()
		}
	}
	for name, do := range ask {
		r := newRig(t)
		r.till.err = errStopped
		status, body := do(r)
		if status != http.StatusServiceUnavailable || !strings.Contains(body, `"code":"trouble"`) {
			t.Errorf("%s: want 503 trouble, got %d %s", name, status, body)
		}
		if strings.Contains(body, errStopped.Error()) || !strings.Contains(r.log.String(), errStopped.Error()) {
			t.Errorf("%s: the cause belongs in the log: %s and %s", name, body, &r.log)
		}
	}
}

func TestASlipThatCanNotBeDrawnIsTrouble(t *testing.T) {
	r := newRig(t)
	r.till.sales, r.slips.err = []txn.Sale{approvedSale()}, errors.New("no such glyph")
	wantError(t, r.get(aSlip), http.StatusServiceUnavailable, "trouble")
}

func TestWhoHasGoneIsNoTrouble(t *testing.T) {
	r := newRig(t)
	r.till.err = context.Canceled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.serve(request(http.MethodGet, "/api/transactions", "").WithContext(ctx))
	if r.log.Len() > 0 {
		t.Errorf("a person is called: %s", &r.log)
	}
}

func TestABodyThatIsNotWhatTheAddressTakesIsRefused(t *testing.T) {
	large := `{"amount_fen":` + strings.Repeat(" ", bodyMax) + `1}`
	for _, tt := range []struct {
		kind, body string
		status     int
		code       string
	}{
		{"application/json", ``, http.StatusBadRequest, "bad_json"},
		{"application/json", `{`, http.StatusBadRequest, "bad_json"},
		{"application/json", `{"amount_fen":1}{}`, http.StatusBadRequest, "bad_json"},
		{"application/json", `{"amount_fen":1} x`, http.StatusBadRequest, "bad_json"},
		{"application/json", `[]`, http.StatusBadRequest, "bad_json"},
		{"application/json", `{"amount_fen":"1"}`, http.StatusBadRequest, "bad_json"},
		{"application/json", `{"amount_fen":10.5}`, http.StatusBadRequest, "bad_json"},
		{"application/json", `{"amount_fen":99999999999999999999}`, http.StatusBadRequest, "bad_json"},
		{"application/json", `{"amount":1}`, http.StatusBadRequest, "bad_json"},
		{"application/json", large, http.StatusRequestEntityTooLarge, "too_large"},
		{"", `{"amount_fen":1}`, http.StatusUnsupportedMediaType, "not_json"},
		{"text/plain", `{"amount_fen":1}`, http.StatusUnsupportedMediaType, "not_json"},
		{"application/x-www-form-urlencoded", `amount_fen=1`, http.StatusUnsupportedMediaType, "not_json"},
	} {
		r := newRig(t)
		req := request(http.MethodPost, "/api/sale", tt.body)
		req.Header.Set("Content-Type", tt.kind)
		w := r.serve(req)
		wantError(t, w, tt.status, tt.code)
		if len(r.till.events) > 0 {
			t.Errorf("%.40s: %v was submitted", tt.body, r.till.events)
		}
	}
}

func TestEveryAddressThatTakesABodyIsStrict(t *testing.T) {
	r := newDemoRig(t)
	for _, path := range append(posts(), "/api/reconcile", aTransaction+"/close",
		aTransaction+"/dispute", "/api/sim/scan", "/api/sim/code", "/api/sim/present",
		"/api/sim/payer", "/api/sim/line", "/api/sim/paper") {
		wantError(t, r.post(path, `{"unheard_of":1}`), http.StatusBadRequest, "bad_json")
		wantError(t, r.post(path, ``), http.StatusBadRequest, "bad_json")
	}
	if len(r.till.events)+len(r.sim.done) > 0 {
		t.Errorf("something was done: %v %v", r.till.events, r.sim.done)
	}
}

func TestJSONMayNameItsCharset(t *testing.T) {
	r := newRig(t)
	req := request(http.MethodPost, "/api/confirm", "{}")
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if w := r.serve(req); w.Code != http.StatusOK {
		t.Errorf("want 200, got %d %s", w.Code, w.Body)
	}
}

func TestAWrongMethodIsToldWhatTheAddressTakes(t *testing.T) {
	r := newDemoRig(t)
	for _, tt := range []struct{ method, path, allow string }{
		{"GET", "/api/sale", "POST"}, {"PUT", "/api/sale", "POST"}, {"DELETE", "/api/cancel", "POST"},
		{"HEAD", "/api/confirm", "POST"}, {"OPTIONS", "/api/sale", "POST"},
		{"POST", "/api/view", "GET"}, {"POST", "/api/events", "GET"}, {"POST", "/metrics", "GET"},
		{"DELETE", "/healthz", "GET"}, {"POST", "/api/transactions", "GET"},
		{"PATCH", aTransaction, "GET"}, {"GET", aTransaction + "/reprint", "POST"},
		{"POST", aSlip, "GET"}, {"GET", "/api/sim/scan", "POST"}, {"POST", "/", "GET"},
		{"POST", "/app.js", "GET"},
	} {
		w := r.serve(request(tt.method, tt.path, "{}"))
		wantError(t, w, http.StatusMethodNotAllowed, "method")
		if got := w.Header().Get("Allow"); got != tt.allow {
			t.Errorf("%s %s: want Allow %s, got %q", tt.method, tt.path, tt.allow, got)
		}
	}
	if len(r.till.events)+len(r.sim.done) > 0 {
		t.Errorf("something was done: %v %v", r.till.events, r.sim.done)
	}
}

func TestAnUnknownAddressIsToldInJSON(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"/api/", "/api/nothing", "/api/sale/1", "/api/transactions/",
		"/api/transactions/1/nothing", "/api/slips/"} {
		wantError(t, r.get(path), http.StatusNotFound, "no_address")
		wantError(t, r.post(path, "{}"), http.StatusNotFound, "no_address")
	}
}
