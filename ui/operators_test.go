package ui

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn"
)

// staff has a cashier 01 and a supervisor 09, whose PINs are 8240 and their number.
type staff struct {
	err   error
	asked int
}

func (f *staff) Check(_ context.Context, number string, pin []byte) (txn.Person, string, error) {
	f.asked++
	roles := map[string]txn.Role{"01": txn.Cashier, "09": txn.Supervisor}
	if f.err != nil {
		return txn.Person{}, "", f.err
	}
	if roles[number] == "" || string(pin) != "8240"+number {
		return txn.Person{}, "", ErrWrongPIN
	}
	clear(pin)
	return txn.Person{Operator: number, Role: roles[number]}, "小王", nil
}

const (
	called     = `{"operator":"09","pin":"824009"}`
	notCalled  = `{"operator":"01","pin":"824001"}`
	mistyped   = `{"operator":"09","pin":"824008"}`
	aOperation = aTransaction + "/void"
)

// supervised are the requests that may name a supervisor, with what else they say.
func supervised() map[string]string {
	return map[string]string{"/api/sale": `"amount_fen":1,"override":true,`, aTransaction + "/refund": `"amount_fen":5,`,
		aTransaction + "/void": "", aTransaction + "/reverse": "", aTransaction + "/close": `"moved":true,`,
		aTransaction + "/dispute": `"reason":"bill_paid",`}
}

// by is who was called, of an event.
func by(t *testing.T, ev txn.Event) txn.Person {
	t.Helper()
	switch ev := ev.(type) {
	case txn.SaleAsked:
		return ev.By
	case txn.RefundAsked:
		return ev.By
	case txn.VoidAsked:
		return ev.By
	case txn.ReverseAsked:
		return ev.By
	case txn.HandEnded:
		return ev.By
	case txn.HandAsked:
		return ev.By
	}
	t.Fatalf("%T names nobody", ev)
	return txn.Person{}
}

func TestASupervisorIsCalledForOneAct(t *testing.T) {
	for path, rest := range supervised() {
		r := newRig(t)
		sale := createdSale()
		r.till.view.Current = &sale
		if w := r.post(path, "{"+rest+`"supervisor":`+called+"}"); w.Code >= 300 || len(r.till.events) != 1 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if got, want := by(t, r.till.events[0]), (txn.Person{Operator: "09", Role: txn.Supervisor}); got != want {
			t.Errorf("%s: want %v, got %v", path, want, got)
		}
		for body, want := range map[string]struct {
			status int
			code   string
		}{mistyped: {http.StatusUnauthorized, "wrong_pin"}, notCalled: {http.StatusForbidden, "not_supervisor"}} {
			wantError(t, r.post(path, "{"+rest+`"supervisor":`+body+"}"), want.status, want.code)
		}
		if len(r.till.events) != 1 {
			t.Errorf("%s: it went through: %v", path, r.till.events[1:])
		}
	}
}

func TestOperatorsSignOnAndOffAndReportsArePrinted(t *testing.T) {
	for _, tt := range []struct {
		path, body string
		want       txn.Event
	}{
		{"/api/sign-on", notCalled, txn.SignedOnAsked{Person: txn.Person{Operator: "01", Role: txn.Cashier}, Name: "小王"}},
		{"/api/sign-off", `{}`, txn.SignedOffAsked{}},
		{"/api/shift/print", `{}`, txn.ShiftSlipAsked{}},
		{"/api/shift/print", `{"shift":7}`, txn.ShiftSlipAsked{Shift: 7}},
		{"/api/totals/print", `{}`, txn.TotalsSlipAsked{}},
	} {
		r := newRig(t)
		if w := r.post(tt.path, tt.body); w.Code != http.StatusOK || len(r.till.events) != 1 || r.till.events[0] != tt.want {
			t.Errorf("%s: want %v, got %d %v", tt.path, tt.want, w.Code, r.till.events)
		}
	}
}

func TestWhyNobodyIsLetInIsTold(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		code   string
	}{
		{ErrWrongPIN, http.StatusUnauthorized, "wrong_pin"},
		{&LockedError{90*time.Second + time.Millisecond}, http.StatusLocked, "pin_locked"},
		{ErrNoOperators, http.StatusConflict, "no_operators"},
		{fmt.Errorf("%w: torn", ErrOperatorsBroken), http.StatusServiceUnavailable, "operators_broken"},
		{errors.New("disk"), http.StatusServiceUnavailable, "trouble"},
	} {
		r := newRig(t)
		r.staff.err = tt.err
		for _, path := range []string{"/api/sign-on", aOperation} {
			body := called
			if path != "/api/sign-on" {
				body = `{"supervisor":` + called + "}"
			}
			w := r.post(path, body)
			wantError(t, w, tt.status, tt.code)
			if left := strings.Contains(w.Body.String(), `"seconds_left":91`); left != (tt.code == "pin_locked") {
				t.Errorf("%s: %s", tt.code, w.Body)
			}
		}
		if len(r.till.events) > 0 {
			t.Errorf("%v: it went through", tt.err)
		}
	}
}

func TestAShiftIsToldWhole(t *testing.T) {
	r := newRig(t)
	sh := txn.Shift{Person: txn.Person{Operator: "01", Role: txn.Cashier}, Name: "小王", Number: 3, From: noon,
		Totals: txn.ShiftTotals{Sums: txn.Sums{Sales: 1, SaleSum: 1050}, Open: 1, OpenSum: 5,
			Wallets: []txn.WalletSums{{Wallet: "wechat", Sums: txn.Sums{Sales: 1, SaleSum: 1050}}}}}
	ended := txn.Shift{Person: sh.Person, Number: 2, From: noon, To: noon}
	r.till.shifts, r.till.view = []txn.Shift{sh, ended}, txn.View{Guard: txn.GuardOn, Duty: &sh, Now: noon}
	const told = `{"shift": 3, "operator": "01", "name": "小王", "role": "cashier",
		"from": "2026-11-24T04:00:00.5Z", "to": null, "net_fen": 1050, "totals": {"sales": 1, "sale_sum_fen": 1050,
		"refunds": 0, "refund_sum_fen": 0, "voids": 0, "void_sum_fen": 0, "open": 1, "open_sum_fen": 5,
		"wallets": [{"wallet": "wechat", "sales": 1, "sale_sum_fen": 1050, "refunds": 0, "refund_sum_fen": 0,
			"voids": 0, "void_sum_fen": 0}]}}`
	r.wantJSON(r.get("/api/shift"), http.StatusOK, `{"guard": "on", "on_duty": `+told+`, "ended": [
		{"shift": 2, "operator": "01", "name": "", "role": "cashier", "from": "2026-11-24T04:00:00.5Z",
		 "to": "2026-11-24T04:00:00.5Z", "net_fen": 0, "totals": {"sales": 0, "sale_sum_fen": 0, "refunds": 0,
		 "refund_sum_fen": 0, "voids": 0, "void_sum_fen": 0, "open": 0, "open_sum_fen": 0, "wallets": []}}]}`)
	var view struct {
		Guard  string          `json:"guard"`
		OnDuty json.RawMessage `json:"on_duty"`
	}
	if err := json.Unmarshal(r.get("/api/view").Body.Bytes(), &view); err != nil || view.Guard != "on" ||
		!strings.Contains(string(view.OnDuty), `"shift":3`) {
		t.Errorf("the view does not say who is on duty: %v %s", err, view.OnDuty)
	}
}

// A PIN may stand where it does not belong: in the number, or in a body that is wrong.
func TestAPINIsInNoAnswerAndNoLog(t *testing.T) {
	const pin = "73915"
	r := newRig(t)
	for _, body := range []string{`{"operator":"01","pin":"73915"}`, `{"operator":"73915","pin":"1"}`, `{"pin":73915}`,
		`{"operator":"01","pin":"73915","x":1}`, `{"pin":"7391\u0035"}`, `{"pin":"73915`, `{"73915":1}`,
		`{"operator":"01","pin":["73915"]}`} {
		for path, text := range map[string]string{"/api/sign-on": body, aOperation: `{"supervisor":` + body + `}`} {
			w := r.post(path, text)
			if w.Code != http.StatusUnauthorized && w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), pin) {
				t.Errorf("%s %s: %d %s", path, text, w.Code, w.Body)
			}
		}
	}
	if strings.Contains(r.log.String(), pin) {
		t.Errorf("the log has it: %s", &r.log)
	}
	digits := []byte(pin)
	c := credentials{"01", secret{&digits}}
	if shown := fmt.Sprintf("%v %+v %#v %s %x", c, c, c, c.PIN, c); strings.Contains(shown, pin) {
		t.Errorf("fmt shows it: %s", shown)
	}
	if text, err := json.Marshal(c); err == nil {
		t.Errorf("JSON took it: %s", text)
	}
}
