package acquirersim

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// fetch gets a bill's file.
func (t *terminal) fetch(address string) (status int, text string) {
	t.Helper()
	path, _ := strings.CutPrefix(address, "https://example.com")
	w := httptest.NewRecorder()
	t.sim.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func (t *terminal) bill(date string) (lines []string) {
	t.Helper()
	form := t.form(fields{"date": date, "filetype": "1", "version": ""})
	got := t.postAt("/cusapi/trxfile/get", form)
	status, text := t.fetch(got["url"])
	if status != 200 {
		t.Fatalf("want the bill of %v, got status %d", got, status)
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// sell makes a day: a sale and its refund, a sale that is cancelled, a decline.
func (t *terminal) sell() {
	t.Helper()
	t.pay(nil)
	t.refund("2", "400")
	t.presentCode(fields{"reqsn": "3", "paytype": "A01"})
	if err := t.sim.PayerScans("3"); err != nil {
		t.Fatal(err)
	}
	t.send("/tranx/cancel", fields{"reqsn": "4", "oldreqsn": "3", "trxamt": "1050"})
	t.pay(fields{"reqsn": "5"}) // the code is used
	t.presentCode(fields{"reqsn": "6"})
}

func TestBillHasTheDaysMovements(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.sell()
	peer.sim.Advance(24 * time.Hour)
	want := regexp.MustCompile(`^` + regexp.QuoteMeta(billHeader) + `
20260302120000\|VSP501\|1\|\|260302000000000001\|1050\|0
20260302120000\|VSP503\|2\|1\|260302000000000002\|400\|0
20260302120000\|VSP511\|3\|\|260302000000000003\|1050\|0
20260302120000\|VSP512\|4\|3\|260302000000000004\|1050\|0$`)
	if got := strings.Join(peer.bill("20260302"), "\n"); !want.MatchString(got) {
		t.Errorf("want four rows, got\n%s", got)
	}
	if got := peer.bill("20260301"); len(got) != 1 {
		t.Errorf("want an empty day, got %q", got)
	}
	if noted := peer.sim.Violations(); len(noted) != 0 {
		t.Errorf("want no violation, got %q", noted)
	}
}

func TestBillDiffersAsItIsTold(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.sell()
	peer.sim.Advance(48 * time.Hour)
	peer.control("POST", "bill", `{"missing":["1"],"late":["2"],"amounts":{"3":1051},
		"fees":{"4":6},"extra":[{"order":"x","trxcode":"VSP551","amount_fen":77}],
		"broken":["|"],"crlf":true}`, 204)
	got := peer.bill("20260302")
	want := []string{"\ufeff" + billHeader + "\r",
		"20260302120000|VSP511|3||260302000000000003|1051|0\r",
		"20260302120000|VSP512|4|3|260302000000000004|1050|6\r",
		"20260302120000|VSP551|x||926030200000000001|77|0\r", "|\r"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("want %q, got %q", want, got)
	}
	if got := peer.bill("20260303"); len(got) != 4 ||
		got[1] != "20260302120000|VSP503|2|1|260302000000000002|400|0\r" {
		t.Errorf("want the late row a day later, got %q", got)
	}
	for _, body := range []string{`{"broken":["a\nb"]}`, `{"broken":["` +
		strings.Repeat(`","`, billEditMax) + `"]}`} {
		peer.control("POST", "bill", body, 400)
	}
}

func TestBillIsThereFromSixInTheMorning(t *testing.T) {
	peer := newTerminal(t, asIs)
	ask := func() fields {
		return peer.postAt("/cusapi/trxfile/get", peer.form(fields{"date": "20260302"}))
	}
	peer.sim.Advance(18*time.Hour - 1)
	if got := ask(); got["retcode"] != "FAIL" || got["sign"] != "" {
		t.Errorf("want it refused, got %v", got)
	}
	peer.sim.Advance(1)
	if got := ask(); got["retcode"] != "SUCCESS" || got["url"] == "" || got["sign"] == "" {
		t.Errorf("want its address, got %v", got)
	}
}

func TestAddressOfABillRunsOut(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.sim.Advance(24 * time.Hour)
	got := peer.postAt("/cusapi/trxfile/get", peer.form(fields{"date": "20260302"}))
	peer.sim.Advance(billLife - 1)
	if status, _ := peer.fetch(got["url"]); status != 200 {
		t.Errorf("want the bill, got status %d", status)
	}
	peer.sim.Advance(1)
	if status, _ := peer.fetch(got["url"]); status != 410 {
		t.Errorf("want it gone, got status %d", status)
	}
	if status, _ := peer.fetch(billFilePath + "guessed"); status != 410 {
		t.Errorf("want nothing for a guess, got status %d", status)
	}
	for range billFilesMax + 1 {
		peer.postAt("/cusapi/trxfile/get", peer.form(fields{"date": "20260302"}))
	}
	if n := len(peer.sim.files); n > billFilesMax {
		t.Errorf("want at most %d addresses, got %d", billFilesMax, n)
	}
}

func TestBillOfNoDayIsRefused(t *testing.T) {
	for _, date := range []string{"20260230", "2026-03-02", ""} {
		peer := newTerminal(t, asIs)
		got := peer.postAt("/cusapi/trxfile/get", peer.form(fields{"date": date}))
		if got["retcode"] != "PARAMERR" || len(peer.sim.Violations()) != 1 {
			t.Errorf("%s: want it refused and noted, got %v", date, got)
		}
	}
}

func TestUnavailableHostSaysWhenToComeBack(t *testing.T) {
	peer := newTerminal(t, asIs)
	for _, after := range []string{"", "120"} {
		fault := Fault{Op: OpBill, Nth: 1, Kind: HTTP503, Value: after}
		if err := peer.sim.AddFault(fault); err != nil {
			t.Fatal(err)
		}
		w := peer.record("/cusapi/trxfile/get", peer.form(fields{"date": "20260301"}))
		if w.Code != 503 || w.Header().Get("Retry-After") != after {
			t.Errorf("want 503 and %q, got %d, %q", after, w.Code, w.Header())
		}
	}
}

func TestFaultsReachTheFileToo(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.sim.Advance(24 * time.Hour)
	got := peer.postAt("/cusapi/trxfile/get", peer.form(fields{"date": "20260302"}))
	for _, kind := range faultKinds() {
		if kind == Silent { // it would wait for the recorder to leave
			continue
		}
		if err := peer.sim.AddFault(Fault{Op: OpAny, Nth: 1, Kind: kind}); err != nil {
			t.Fatal(err)
		}
		peer.fetch(got["url"])
		if n := len(peer.sim.faults); n != 0 {
			t.Errorf("%s: want the fault used up, got %d", kind, n)
		}
	}
	peer.sim.Release()
	if noted := peer.sim.Violations(); len(noted) != 0 {
		t.Errorf("want no violation, got %q", noted)
	}
	if n := peer.sim.Requests(OpFile); n != len(faultKinds())-1 {
		t.Errorf("want every fetch counted, got %d", n)
	}
}
