package ui

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/paycode"
)

const payerCode = "137395846207519468"

// wantSecret wants no four digits of the payer code in a row, beyond the last four,
// which a slip shows.
func wantSecret(t *testing.T, where, text string) {
	t.Helper()
	for i := range len(payerCode) - 4 {
		if part := payerCode[i : i+4]; strings.Contains(text, part) {
			t.Errorf("%s shows %s of the payer code: %s", where, part, text)
			return
		}
	}
}

// paidState is what the rules of money make of a sale with a code, up to an event.
func paidState(t *testing.T) (*txn.State, txn.Order) {
	t.Helper()
	codes, err := paycode.New(paycode.Rules{Families: []paycode.Family{{ID: "wechat", Label: "WECHAT",
		Pattern: `^1[0-5]\d{16}$`, Network: "wallet", Wallet: "wechat",
		Enabled: true}}})
	if err != nil {
		t.Fatal(err)
	}
	state := txn.NewState(txn.Rules{TerminalID: "80000001", AmountMax: 100_000,
		Copies: []txn.Copy{txn.MerchantCopy}, ScanWindow: time.Minute, FirstQuery: time.Second,
		QueryEvery: time.Second, PayWindow: time.Minute, MessageLife: time.Minute,
		RetryFirst: time.Second, RetryMax: time.Minute, SlipRetry: time.Second, Codes: codes,
		CodeLenMax: 32, RefundQueryEvery: time.Minute, HandTries: 5, HandAfter: time.Hour,
		CodeLife: time.Minute})
	tell(t, state, txn.SaleAsked{Amount: 1050})
	tell(t, state, txn.CodeScanned{Code: txn.NewPayCode(payerCode)})
	return state, state.View(noon).Current.Order
}

func tell(t *testing.T, state *txn.State, ev txn.Event) {
	t.Helper()
	records, err := txn.Decide(state, noon, ev)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		state.Apply(r)
	}
}

func TestNoAnswerTellsThePayerCode(t *testing.T) {
	r := newRig(t)
	state, order := paidState(t)
	look := func() {
		r.till.view, r.till.sales = state.View(noon), state.Sales(0)
		for _, path := range []string{"/api/view", "/api/transactions",
			"/api/transactions/" + string(order), "/metrics"} {
			wantSecret(t, path, r.get(path).Body.String())
		}
		for _, path := range []string{"/api/sale", "/api/cancel", "/api/confirm"} {
			wantSecret(t, path, r.post(path, "{}").Body.String())
		}
	}
	look() // authorizing: the state holds the code itself
	if !state.Due()[0].(txn.Authorize).Code.Held() {
		t.Fatal("the code was gone before anybody looked")
	}
	tell(t, state, txn.Answered{Key: "authorize/" + string(order) + "/1", Result: txn.Result{
		Outcome: txn.OutcomeApproved, Authentic: true, Order: order, Amount: 1050}})
	look()
	if text := r.get("/api/view").Body.String(); !strings.Contains(text, "13************9468") {
		t.Errorf("the approved sale does not tell the masked code: %s", text)
	}
}

// A scanner that types like a keyboard may put a code anywhere, and who asked may
// log the answer.
func TestAnErrorRepeatsNothingOfTheRequest(t *testing.T) {
	r := newDemoRig(t)
	for path, body := range map[string]string{
		"/api/sale":               `{"amount_fen":` + payerCode + payerCode + `}`,
		"/api/cancel":             `{"` + payerCode + `":1}`,
		"/api/confirm":            payerCode,
		aTransaction + "/reprint": `{"copy":"` + payerCode + `"}`,
		"/api/sim/scan":           `{"code":` + payerCode + `}`,
		"/api/sim/line":           `{"up":"` + payerCode + `"}`,
	} {
		w := r.post(path, body)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: want 400, got %d", path, w.Code)
		}
		wantSecret(t, path, w.Body.String())
	}
	for _, path := range []string{"/api/", "/api/transactions/", "/api/slips/", "/"} {
		wantSecret(t, path, r.get(path+payerCode).Body.String())
		wantSecret(t, path, r.post(path+payerCode, "{}").Body.String())
	}
	wantSecret(t, "limit", r.get("/api/transactions?limit="+payerCode).Body.String())
	wantSecret(t, "the log", r.log.String())
}
