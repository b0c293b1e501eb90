package ui

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn"
)

const approvedJSON = `{
	"order": "8000000126112412000000000001", "kind": "sale", "state": "approved",
	"amount_fen": 1050, "family": "wechat", "wallet": "wechat", "clearing": "nucc",
	"acquirer": "Allinpay", "acquirer_ref": "112094120001088317", "channel_ref": "4200000001",
	"trace": 7, "batch": 1, "created_at": "2026-11-24T04:00:00.5Z",
	"changed_at": "2026-11-24T04:00:03.5Z", "ends_at": null, "reason": "", "text": "支付完成",
	"masked": "13************6789", "override": "8000000126112411000000000000",
	"of": "", "left_fen": 1050, "hand": null, "code": "", "offline": false, "operator": "", "authorised_by": "", "slips": [
		{"form": "sale", "copy": "merchant", "state": "printed", "trouble": "", "count": 2,
		 "url": "/api/slips/8000000126112412000000000001-sale-merchant.png"},
		{"form": "sale", "copy": "customer", "state": "due", "trouble": "paper_out", "count": 0,
		 "url": "/api/slips/8000000126112412000000000001-sale-customer.png"}]}`

const createdJSON = `{
	"order": "8000000126112412000000000001", "kind": "sale", "state": "created",
	"amount_fen": 1050, "family": "", "wallet": "", "clearing": "", "acquirer": "Allinpay",
	"acquirer_ref": "", "channel_ref": "", "trace": 7, "batch": 1,
	"created_at": "2026-11-24T04:00:00.5Z", "changed_at": "2026-11-24T04:00:00.5Z",
	"ends_at": "2026-11-24T04:01:00.5Z", "reason": "", "text": "", "masked": "", "override": "",
	"of": "", "left_fen": 0, "hand": null, "code": "", "offline": false, "operator": "", "authorised_by": "", "slips": []}`

func createdSale() txn.Sale {
	return txn.Sale{Order: orderNumber, Phase: txn.Created, Amount: 1050, Trace: 7, Batch: 1,
		OpenedAt: noon, ChangedAt: noon, Ends: noon.Add(time.Minute)}
}

func TestASaleIsOpenedAndItsOrderTold(t *testing.T) {
	r := newRig(t)
	sale := createdSale()
	r.till.view.Current = &sale
	w := r.post("/api/sale", `{"amount_fen":1050}`)
	r.wantJSON(w, http.StatusCreated, `{"order":"8000000126112412000000000001","state":"created"}`)
	if want := []txn.Event{txn.SaleAsked{Amount: 1050}}; !slices.Equal(r.till.events, want) {
		t.Errorf("want %v, got %v", want, r.till.events)
	}
}

func TestRequestsAreEventsAndAnswerTheViewAfterThem(t *testing.T) {
	const reprint = "/api/transactions/8000000126112412000000000001/reprint"
	for _, tt := range []struct {
		path, body string
		want       txn.Event
	}{
		{"/api/sale", `{"amount_fen":1,"override":true}`, txn.SaleAsked{Amount: 1, Override: true}},
		{"/api/sale", `{}`, txn.SaleAsked{}},
		{"/api/present", `{"order":"1"}`, txn.PresentAsked{Order: "1"}},
		{"/api/present", `{}`, txn.PresentAsked{}},
		{"/api/transactions/1/refund", `{"amount_fen":5}`, txn.RefundAsked{Order: "1", Amount: 5}},
		{"/api/transactions/1/refund", `{}`, txn.RefundAsked{Order: "1"}}, // all that is left
		{"/api/transactions/1/void", `{}`, txn.VoidAsked{Order: "1"}},
		{"/api/transactions/1/query", `{}`, txn.QueryAsked{Order: "1"}},
		{"/api/settle", `{}`, txn.SettleAsked{}},
		{"/api/batches/6/reprint", `{}`, txn.BatchSlipAsked{Batch: 6}},
		{"/api/transactions/1/reverse", `{}`, txn.ReverseAsked{Order: "1"}},
		{"/api/transactions/1/dispute", `{"reason":"bill_paid"}`,
			txn.HandAsked{Order: "1", Why: txn.BecauseBillPaid}},
		{"/api/transactions/1/close", `{"moved":true}`, txn.HandEnded{Order: "1", Moved: true}},
		{"/api/transactions/1/close", `{"moved":false}`, txn.HandEnded{Order: "1"}},
		{"/api/transactions/1/reprint", `{"copy":"merchant","form":"hand"}`,
			txn.SlipAsked{Order: "1", Copy: txn.MerchantCopy, Form: txn.HandForm}},
		{"/api/cancel", `{"order":"1"}`, txn.CancelAsked{Order: "1"}},
		{"/api/cancel", `{}`, txn.CancelAsked{}}, // the sale the cashier is at
		{"/api/confirm", `{}`, txn.CodeConfirmed{}},
		{reprint, `{"copy":"merchant"}`, txn.SlipAsked{Order: orderNumber, Copy: txn.MerchantCopy}},
		{reprint, `{"copy":"customer"}`, txn.SlipAsked{Order: orderNumber, Copy: txn.CustomerCopy}},
		{reprint, `{}`, txn.SlipAsked{Order: orderNumber, Copy: txn.CustomerCopy}},
	} {
		r := newRig(t)
		sale := createdSale()
		r.till.view = txn.View{Revision: 9, Now: noon, Current: &sale}
		w := r.post(tt.path, tt.body)
		if want := []txn.Event{tt.want}; !slices.Equal(r.till.events, want) {
			t.Errorf("%s %s: want %v, got %v", tt.path, tt.body, want, r.till.events)
		}
		if tt.path != "/api/sale" {
			r.wantJSON(w, http.StatusOK, r.get("/api/view").Body.String())
		}
	}
}

func TestATransactionIsToldWhole(t *testing.T) {
	r := newRig(t)
	r.till.sales = []txn.Sale{approvedSale()}
	r.wantJSON(r.get("/api/transactions/"+string(orderNumber)), http.StatusOK, approvedJSON)
	r.wantJSON(r.get("/api/transactions"), http.StatusOK, "["+approvedJSON+"]")
	r.till.sales = []txn.Sale{createdSale()}
	r.wantJSON(r.get("/api/transactions/"+string(orderNumber)), http.StatusOK, createdJSON)
}

func TestTheMaskedCodeIsOfApprovedSalesOnly(t *testing.T) {
	r := newRig(t)
	for _, p := range []txn.Phase{txn.Created, txn.Authorizing, txn.Declined, txn.Pending, txn.Unknown,
		txn.Querying, txn.Reversing, txn.Reversed, txn.NotSent} {
		sale := approvedSale()
		sale.Phase = p
		r.till.sales = []txn.Sale{sale}
		if text := r.get("/api/transactions").Body.String(); !strings.Contains(text, `"masked":""`) {
			t.Errorf("%s: %s", p, text)
		}
	}
}

func TestTheListIsLimited(t *testing.T) {
	r := newRig(t)
	r.wantJSON(r.get("/api/transactions"), http.StatusOK, "[]")
	r.get("/api/transactions?limit=1")
	r.get("/api/transactions?limit=1000")
	if want := []int{100, 1, 1000}; !reflect.DeepEqual(r.till.limits, want) {
		t.Errorf("want limits %v, got %v", want, r.till.limits)
	}
	for _, limit := range []string{"0", "-1", "1001", "many", "1.5"} {
		wantError(t, r.get("/api/transactions?limit="+limit), http.StatusBadRequest, "bad_limit")
	}
}

func TestAViewIsToldWholeAndInUTC(t *testing.T) {
	r := newDemoRig(t)
	r.have(Device{Name: "counter", Kind: "scanner", State: "trouble", Cause: "unplugged"})
	sale, doubtful := createdSale(), createdSale()
	doubtful.Phase = txn.Unknown
	r.till.view = txn.View{Revision: 42, Now: noon, Current: &sale, InDoubt: []txn.Sale{doubtful},
		Recent: []txn.Sale{approvedSale()}, Unprinted: 1, Unsent: 2,
		Offline: txn.Meter{Count: 3, Sum: 500}, Batch: 7, Settling: []txn.Batch{settling()},
		Line:   txn.Line{Down: true, Layer: txn.LayerDNS, Since: noon},
		Notice: &txn.Notice{Code: "confirm_code", Flags: []string{"RESIDENT_ID"}, At: noon}}
	r.wantJSON(r.get("/api/view"), http.StatusOK, `{
		"revision": 42, "now": "2026-11-24T04:00:00.5Z", "current": `+createdJSON+`,
		"in_doubt": [`+strings.Replace(createdJSON, `"created"`, `"unknown"`, 1)+`],
		"recent": [`+approvedJSON+`], "hand": [], "unsent": 2, "unprinted": 1, "guard": "", "on_duty": null,
		"offline": {"count": 3, "sum_fen": 500}, "presents": false, "batch": 7,
		"settling": [`+batchJSONText+`],
		"line": {"up": false, "layer": "dns", "since": "2026-11-24T04:00:00.5Z"},
		"notice": {"code": "confirm_code", "flags": ["RESIDENT_ID"], "at": "2026-11-24T04:00:00.5Z"},
		"devices": [{"name": "counter", "kind": "scanner", "state": "trouble", "cause": "unplugged",
		 "hint": ""}],
		"shop": "西湖龙井茶庄", "language": "zh-CN", "demo": true}`)
}

// The page walks through the lists: a null would stop it.
func TestATerminalWithoutDevicesAndSalesTellsEmptyLists(t *testing.T) {
	r := newRig(t)
	r.till.view = txn.View{Now: noon}
	r.wantJSON(r.get("/api/view"), http.StatusOK, `{"revision": 0, "now": "2026-11-24T04:00:00.5Z",
		"current": null, "in_doubt": [], "recent": [], "unprinted": 0, "notice": null,
		"hand": [], "guard": "", "on_duty": null, "unsent": 0, "offline": {"count": 0, "sum_fen": 0}, "presents": false, "batch": 0, "settling": [],
		"line": {"up": true, "layer": "", "since": null},
		"devices": [], "shop": "西湖龙井茶庄", "language": "zh-CN", "demo": false}`)
}

func TestASlipIsDrawnAndMarkedAsThePaperIs(t *testing.T) {
	r := newRig(t)
	r.till.sales = []txn.Sale{refundedSale()}
	for _, tt := range []drawing{
		{orderNumber, "", txn.SaleForm, txn.MerchantCopy, true},  // printing has begun twice
		{orderNumber, "", txn.SaleForm, txn.CustomerCopy, false}, // not at all yet
		{orderNumber, "8000000126112412000000000002", txn.RefundForm, txn.MerchantCopy, false},
		{orderNumber, "8000000126112412000000000003", txn.HandForm, txn.MerchantCopy, false},
	} {
		r.slips.asked = nil
		order := tt.order
		if tt.refund != "" {
			order = tt.refund
		}
		w := r.get(fmt.Sprintf("/api/slips/%s-%s-%s.png", order, tt.form, tt.copy))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/png" ||
			w.Body.String() != picture {
			t.Errorf("%s: got %d %s", tt.copy, w.Code, w.Body)
		}
		if !slices.Equal(r.slips.asked, []drawing{tt}) {
			t.Errorf("want %v drawn, got %v", tt, r.slips.asked)
		}
	}
}

func TestASlipIsADuplicateOnceItsPrintingHasBegunTwice(t *testing.T) {
	for begun, duplicate := range []bool{false, false, true} { // how often printing has begun
		r := newRig(t)
		sale := approvedSale()
		sale.Slips[0].Starts = begun
		r.till.sales = []txn.Sale{sale}
		r.get(aSlip)
		want := []drawing{{orderNumber, "", txn.SaleForm, txn.MerchantCopy, duplicate}}
		if !slices.Equal(r.slips.asked, want) {
			t.Errorf("begun %d times: want %v drawn, got %v", begun, want, r.slips.asked)
		}
	}
}

func TestHealthIsOneWord(t *testing.T) {
	r := newRig(t)
	r.wantJSON(r.get("/healthz"), http.StatusOK, `{"status":"ok"}`)
}

func TestMetricsCountSalesByState(t *testing.T) {
	r := newRig(t)
	r.till.sales = []txn.Sale{approvedSale(), createdSale(), approvedSale()}
	r.till.view = txn.View{InDoubt: []txn.Sale{createdSale()}, Unprinted: 3, Unsent: 4,
		Hand: []txn.Sale{refundedSale()}, Line: txn.Line{Down: true}}
	w := r.get("/metrics")
	if kind := w.Header().Get("Content-Type"); w.Code != http.StatusOK ||
		kind != "text/plain; version=0.0.4" {
		t.Errorf("got %d %s", w.Code, kind)
	}
	const want = `# HELP terminal_sales Sales in the journal by state.
# TYPE terminal_sales gauge
terminal_sales{state="created"} 1
terminal_sales{state="authorizing"} 0
terminal_sales{state="held"} 0
terminal_sales{state="stored"} 0
terminal_sales{state="approved"} 2
terminal_sales{state="declined"} 0
terminal_sales{state="pending"} 0
terminal_sales{state="unknown"} 0
terminal_sales{state="querying"} 0
terminal_sales{state="reversing"} 0
terminal_sales{state="reversed"} 0
terminal_sales{state="refunding"} 0
terminal_sales{state="refunded"} 0
terminal_sales{state="voiding"} 0
terminal_sales{state="voided"} 0
terminal_sales{state="byhand"} 0
terminal_sales{state="notsent"} 0
# HELP terminal_in_doubt Orders whose outcome is not known.
# TYPE terminal_in_doubt gauge
terminal_in_doubt 1
# HELP terminal_slips_waiting Slips that are not on paper yet.
# TYPE terminal_slips_waiting gauge
terminal_slips_waiting 3
# HELP terminal_by_hand Transactions on the list for a person.
# TYPE terminal_by_hand gauge
terminal_by_hand 1
# HELP terminal_unsent Messages that wait for the line or their turn.
# TYPE terminal_unsent gauge
terminal_unsent 4
# HELP terminal_line_up Whether the acquirer can be reached.
# TYPE terminal_line_up gauge
terminal_line_up 0
`
	if got := w.Body.String(); got != want {
		t.Errorf("want %s\ngot %s", want, got)
	}
	if want := []int{0}; !slices.Equal(r.till.limits, want) {
		t.Errorf("want all sales counted, got a limit of %v", r.till.limits)
	}
}

// settling is a batch that waits for the acquirer's word.
func settling() txn.Batch {
	return txn.Batch{Number: 6, Phase: txn.BatchSettling, ClosedAt: noon, Totals: txn.Totals{Sales: 2,
		SaleSum: 900, Refunds: 1, RefundSum: 100, Voids: 1, VoidSum: 5, Hand: 1},
		Slips: []txn.Slip{{Form: txn.SettlementForm, Copy: txn.MerchantCopy, Phase: txn.SlipWaits}}}
}

const batchJSONText = `{"batch": 6, "state": "settling", "net_fen": 800, "balanced": false, "operator": "",
	"closed_at": "2026-11-24T04:00:00.5Z", "ended_at": null, "reason": "",
	"totals": {"sales": 2, "sale_sum_fen": 900, "refunds": 1, "refund_sum_fen": 100, "voids": 1,
		"void_sum_fen": 5, "hand": 1},
	"slips": [{"form": "settlement", "copy": "merchant", "state": "due", "trouble": "", "count": 0,
		"url": ""}]}`

func TestBatchesAreToldWithTheirTotals(t *testing.T) {
	r := newRig(t)
	r.till.batches = []txn.Batch{settling()}
	r.wantJSON(r.get("/api/batches"), http.StatusOK, "["+batchJSONText+"]")
	wantError(t, r.post("/api/batches/x/reprint", "{}"), http.StatusNotFound, "no_order")
}

func TestARefundIsATransactionOfItsOwnInTheListAndByItsNumber(t *testing.T) {
	r := newRig(t)
	r.till.sales = []txn.Sale{refundedSale()}
	r.wantJSON(r.get("/api/transactions/8000000126112412000000000003"), http.StatusOK, `{
		"order": "8000000126112412000000000003", "kind": "refund", "state": "byhand",
		"amount_fen": 100, "family": "wechat", "wallet": "wechat", "clearing": "nucc",
		"acquirer": "Allinpay", "acquirer_ref": "", "channel_ref": "", "trace": 9, "batch": 1,
		"created_at": "2026-11-24T04:00:00.5Z", "changed_at": "2026-11-24T04:00:00.5Z",
		"ends_at": null, "reason": "exhausted", "text": "", "masked": "", "override": "",
		"of": "8000000126112412000000000001", "left_fen": 0, "code": "", "offline": false, "operator": "", "authorised_by": "",
		"hand": {"since": "2026-11-24T04:00:00.5Z", "reason": "exhausted", "closed": false, "operator": "", "authorised_by": "",
			"moved": false}, "slips": []}`)
	list := r.get("/api/transactions").Body.String()
	for i, tail := range []string{"3", "2", "1"} { // refunds, the newest first, then their sale
		order := "\"order\":\"800000012611241200000000000" + tail + "\""
		if strings.Count(list[:strings.Index(list, order)], `"kind"`) != i {
			t.Errorf("want %s in place %d: %s", order, i, list)
		}
	}
	if !strings.Contains(list, `"left_fen":900`) {
		t.Errorf("want 900 fen left: %s", list)
	}
}

func TestAMerchantCodeIsDrawnWhileItCanBePaid(t *testing.T) {
	sale := createdSale()
	sale.Phase, sale.Way, sale.Shown = txn.Pending, txn.MerchantCode, "https://qr.example/1"
	const path = "/api/transactions/8000000126112412000000000001/code.png"
	for phase, shown := range map[txn.Phase]bool{txn.Pending: true, txn.Querying: true,
		txn.Unknown: true, txn.Reversing: false, txn.Approved: false, txn.Reversed: false} {
		r := newRig(t)
		sale.Phase = phase
		r.till.sales = []txn.Sale{sale}
		w := r.get(path)
		if !shown {
			wantError(t, w, http.StatusNotFound, "no_code")
		} else if w.Code != http.StatusOK || w.Body.String() != "code of https://qr.example/1" {
			t.Errorf("%s: got %d %s", phase, w.Code, w.Body)
		}
	}
}
