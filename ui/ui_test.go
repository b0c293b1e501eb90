package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"saoma/terminal/txn"
)

// till is an engine that answers what it is told to, and notes what it is asked.
type till struct {
	view    txn.View
	sales   []txn.Sale
	batches []txn.Batch
	shifts  []txn.Shift
	err     error         // of every call that can have one
	events  []txn.Event   // that were submitted
	limits  []int         // that Sales was called with
	news    chan txn.View // what Watch sends
}

func (f *till) Submit(_ context.Context, ev txn.Event) (txn.View, error) {
	f.events = append(f.events, ev)
	return f.view, f.err
}

func (f *till) View() txn.View { return f.view }

func (f *till) Watch(ctx context.Context) <-chan txn.View {
	views := make(chan txn.View)
	go func() {
		defer close(views)
		for {
			var v txn.View
			select {
			case v = <-f.news:
			case <-ctx.Done():
				return
			}
			select {
			case views <- v:
			case <-ctx.Done():
				return
			}
		}
	}()
	return views
}

func (f *till) Sales(_ context.Context, limit int) ([]txn.Sale, error) {
	f.limits = append(f.limits, limit)
	return f.sales, f.err
}

func (f *till) Batches(context.Context) ([]txn.Batch, error) { return f.batches, f.err }

func (f *till) Shifts(context.Context) ([]txn.Shift, error) { return f.shifts, f.err }

func (f *till) Sale(_ context.Context, order txn.Order) (txn.Sale, bool, error) {
	i := slices.IndexFunc(f.sales, func(s txn.Sale) bool {
		return s.Order == order ||
			slices.ContainsFunc(s.Refunds, func(m txn.MoneyBack) bool { return m.Order == order })
	})
	if i < 0 || f.err != nil {
		return txn.Sale{}, false, f.err
	}
	return f.sales[i], true, nil
}

func (f *till) Find(_ context.Context, ref string) (txn.Sale, bool, error) {
	i := slices.IndexFunc(f.sales, func(s txn.Sale) bool {
		return string(s.Order) == ref || slices.Contains(s.Refs(), ref)
	})
	if i < 0 || f.err != nil {
		return txn.Sale{}, false, f.err
	}
	return f.sales[i], true, nil
}

// artist draws slips, and notes which.
type artist struct {
	asked []drawing
	err   error
}

type drawing struct {
	order     txn.Order // of the sale
	refund    txn.Order
	form      txn.Form
	copy      txn.Copy
	duplicate bool
}

const picture = "\x89PNG of a slip"

func (a *artist) PNG(slip txn.Print) ([]byte, error) {
	a.asked = append(a.asked,
		drawing{slip.Sale.Order, slip.Refund, slip.Form, slip.Copy, slip.Duplicate})
	return []byte(picture), a.err
}

func (a *artist) Code(text string) ([]byte, error) { return []byte("code of " + text), a.err }

// rig is the handler with everything behind it.
type rig struct {
	t       *testing.T
	till    till
	slips   artist
	staff   staff
	devices atomic.Pointer[[]Device] // a stream looks at them while a test changes them
	sim     *madeUp
	log     bytes.Buffer
	http.Handler
}

// newRig makes a terminal outside of the demo.
func newRig(t *testing.T) *rig { return buildRig(t, nil) }

// newDemoRig makes one whose world is made up.
func newDemoRig(t *testing.T) *rig { return buildRig(t, &madeUp{}) }

func buildRig(t *testing.T, sim *madeUp) *rig {
	t.Helper()
	r := &rig{t: t, sim: sim, till: till{news: make(chan txn.View, 1)}}
	o := Options{Till: &r.till, Slips: &r.slips, Operators: &r.staff, Devices: func() []Device { return *r.devices.Load() },
		Shop: "西湖龙井茶庄", Acquirer: "Allinpay", Language: "zh-CN",
		Log: slog.New(slog.NewTextHandler(&r.log, nil))}
	r.have()
	if sim != nil {
		o.Sim = sim
	}
	var err error
	if r.Handler, err = New(o); err != nil {
		t.Fatal(err)
	}
	return r
}

// have says which devices there are.
func (r *rig) have(devices ...Device) { r.devices.Store(&devices) }

// request is made as a program of this machine makes it.
func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

func (r *rig) serve(req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func (r *rig) get(path string) *httptest.ResponseRecorder {
	return r.serve(request(http.MethodGet, path, ""))
}

func (r *rig) post(path, body string) *httptest.ResponseRecorder {
	return r.serve(request(http.MethodPost, path, body))
}

// wantJSON compares an answer as JSON, whatever its spaces and its order.
func (r *rig) wantJSON(w *httptest.ResponseRecorder, status int, want string) {
	r.t.Helper()
	if w.Code != status {
		r.t.Errorf("want status %d, got %d: %s", status, w.Code, w.Body)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/json" {
		r.t.Errorf("want application/json, got %q", kind)
	}
	if got, want := indented(r.t, w.Body.String()), indented(r.t, want); got != want {
		r.t.Errorf("want %s\ngot %s", want, got)
	}
}

func indented(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	nice, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(nice)
}

// wantError wants {"error":{"code","message"}} and nothing else.
func wantError(t *testing.T, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	var got map[string]map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Errorf("no error in JSON: %v: %q", err, w.Body)
		return
	}
	e := got["error"]
	if w.Code != status || e["code"] != code {
		t.Errorf("want %d %s, got %d %v", status, code, w.Code, e["code"])
	}
	_, waits := e["seconds_left"] // of a lock
	if words := 2 + map[bool]int{true: 1}[waits]; len(got) != 1 || len(e) != words || e["message"] == "" {
		t.Errorf("want a code and a message, got %s", w.Body)
	}
	if kind := w.Header().Get("Content-Type"); kind != "application/json" {
		t.Errorf("want application/json, got %q", kind)
	}
}

// noon is in Beijing, so that a time that is not told in UTC shows.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 5e8, txn.Beijing())

const orderNumber = txn.Order("8000000126112412000000000001")

// approvedSale has something in every field that is told.
func approvedSale() txn.Sale {
	return txn.Sale{
		Order: orderNumber, Phase: txn.Approved, Amount: 1050, Trace: 7, Batch: 1,
		OpenedAt: noon, ChangedAt: noon.Add(3 * time.Second), Family: "wechat", Looks: "wechat",
		Masked: "13************6789", Override: "8000000126112411000000000000",
		Answer: txn.Result{Outcome: txn.OutcomeApproved, Authentic: true, Wallet: "wechat",
			Clearing: "nucc", AcquirerRef: "112094120001088317", ChannelRef: "4200000001", Text: "支付完成"},
		Slips: []txn.Slip{
			{Form: txn.SaleForm, Copy: txn.MerchantCopy, Phase: txn.SlipOnPaper, Starts: 2},
			{Form: txn.SaleForm, Copy: txn.CustomerCopy, Phase: txn.SlipWaits, Trouble: "paper_out"}},
	}
}

// refundedSale has one refund that was made and one that a person has to find out.
func refundedSale() txn.Sale {
	sale := approvedSale()
	sale.Refunds = []txn.MoneyBack{
		{Order: "8000000126112412000000000002", Phase: txn.Refunded, Amount: 50, Trace: 8, Batch: 1,
			OpenedAt: noon, ChangedAt: noon, Answer: txn.Result{AcquirerRef: "ref-2"}},
		{Order: "8000000126112412000000000003", Phase: txn.ByHand, Amount: 100, Trace: 9, Batch: 1,
			OpenedAt: noon, ChangedAt: noon, Reason: txn.BecauseExhausted,
			Hand: txn.Hand{Why: txn.BecauseExhausted, Since: noon}},
	}
	sale.Slips = append(sale.Slips, txn.Slip{Form: txn.RefundForm,
		Refund: "8000000126112412000000000002", Copy: txn.MerchantCopy, Phase: txn.SlipOnPaper, Starts: 1})
	return sale
}

func TestNewWantsAllOfItsParts(t *testing.T) {
	whole := Options{Till: &till{}, Slips: &artist{}, Devices: func() []Device { return nil }, Operators: &staff{},
		Log: slog.New(slog.DiscardHandler)}
	if _, err := New(whole); err != nil {
		t.Errorf("a whole one: %v", err)
	}
	for name, spoil := range map[string]func(*Options){
		"till": func(o *Options) { o.Till = nil }, "slips": func(o *Options) { o.Slips = nil },
		"devices": func(o *Options) { o.Devices = nil }, "log": func(o *Options) { o.Log = nil },
		"operators": func(o *Options) { o.Operators = nil },
	} {
		o := whole
		spoil(&o)
		if h, err := New(o); err == nil || h != nil {
			t.Errorf("without %s: want an error, got %v", name, h)
		}
	}
}

func TestThePagesAreServed(t *testing.T) {
	r := newRig(t)
	for path, kind := range map[string]string{
		"/": "text/html", "/app.js": "text/javascript", "/style.css": "text/css",
		"/words.en.json": "application/json", "/words.zh-CN.json": "application/json",
		"/tick.svg": "image/svg+xml",
	} {
		w := r.get(path)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: want 200 and %s, got %d and %s", path, kind, w.Code, w.Header().Get("Content-Type"))
		}
		if w.Body.Len() == 0 {
			t.Errorf("%s is empty", path)
		}
	}
	if page := r.get("/").Body.String(); !strings.Contains(page, `src="app.js"`) {
		t.Errorf("/ is not the cashier's page: %s", page)
	}
	if w := r.get("/nothing.js"); w.Code != http.StatusNotFound {
		t.Errorf("a page that is not there: want 404, got %d", w.Code)
	}
}
