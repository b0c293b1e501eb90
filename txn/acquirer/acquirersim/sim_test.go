package acquirersim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// terminal is a bare peer: it signs whatever it is told to.
type terminal struct {
	*testing.T
	sim  *Sim
	key  *rsa.PrivateKey
	sent int
}

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, beijing()) }

// rsaKeys are made once: RSA takes its time.
var rsaKeys = sync.OnceValues(func() (Keys, error) { return GenerateKeys(SignRSA) })

func newTerminal(t *testing.T, change func(*Options)) *terminal {
	t.Helper()
	keys, err := rsaKeys()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(keys.MerchantPrivatePEM)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Keys: keys, Now: noon,
		Merchant: Merchant{CusID: "990581007426001", AppID: "00000051", TermNo: "10000001"}}
	change(&opts)
	sim, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return &terminal{T: t, sim: sim, key: key.(*rsa.PrivateKey)}
}

func asIs(*Options) {}

const (
	someCode = "134567890123456789"
	someTerm = `{"termno":"10000001","devicetype":"10","termsn":"N7","deviceip":"10.0.0.1"}`
)

// send signs the fields with the common ones and gives the answer.
func (t *terminal) send(path string, more fields) fields {
	t.Helper()
	return t.post(path, t.form(more))
}

// form signs the fields with the common ones.
func (t *terminal) form(more fields) string {
	t.Helper()
	t.sent++
	p := fields{"cusid": "990581007426001", "appid": "00000051", "version": "12",
		"signtype": "RSA", "randomstr": fmt.Sprint(t.sent)}
	maps.Copy(p, more)
	if _, forged := p["sign"]; !forged {
		sum := sha1.Sum(canonical(p))
		sig, err := rsa.SignPKCS1v15(rand.Reader, t.key, crypto.SHA1, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		p["sign"] = base64.StdEncoding.EncodeToString(sig)
	}
	values := url.Values{}
	for key, value := range p {
		values.Set(key, value)
	}
	return values.Encode()
}

func (t *terminal) post(path, body string) fields {
	t.Helper()
	return t.postAt("/apiweb"+path, body)
}

func (t *terminal) record(path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	w := httptest.NewRecorder()
	t.sim.Handler().ServeHTTP(w, r)
	return w
}

func (t *terminal) postAt(path, body string) fields {
	t.Helper()
	w := t.record(path, body)
	var answer fields
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return answer
}

func (t *terminal) pay(more fields) fields {
	t.Helper()
	p := fields{"reqsn": "1", "trxamt": "1050", "authcode": someCode, "terminfo": someTerm}
	maps.Copy(p, more)
	return t.send("/unitorder/scanqrpay", p)
}

func (t *terminal) query(number string) fields {
	t.Helper()
	return t.send("/tranx/query", fields{"reqsn": number})
}

func TestEveryBrokenRuleIsRefusedAndNoted(t *testing.T) {
	term := func(more string) fields {
		return fields{"terminfo": `{"termno":"10000001","devicetype":"11"` + more + `}`}
	}
	const at = `,"longitude":"+121.48352","latitude":"+31.221345"`
	for name, tt := range map[string]struct {
		change    fields
		want      string
		violation string
	}{
		"forged":           {fields{"sign": "AAAA"}, "SIGNAUTHERR", "signature"},
		"not base64":       {fields{"sign": "§"}, "SIGNAUTHERR", "signature"},
		"other merchant":   {fields{"cusid": "1"}, "FAIL", "cusid"},
		"other app":        {fields{"appid": "1"}, "FAIL", "appid"},
		"other group":      {fields{"orgid": "1"}, "FAIL", "orgid"},
		"other signature":  {fields{"signtype": "SM2"}, "FAIL", "signtype"},
		"old version":      {fields{"version": "11"}, "PARAMERR", "version"},
		"no random string": {fields{"randomstr": ""}, "PARAMERR", "randomstr"},
		"long random":      {fields{"randomstr": strings.Repeat("1", 33)}, "PARAMERR", "randomstr"},
		"no number":        {fields{"reqsn": ""}, "PARAMERR", "reqsn"},
		"bad number":       {fields{"reqsn": strings.Repeat("1", 32) + "-"}, "PARAMERR", "reqsn"},
		"yuan":             {fields{"trxamt": "10.50"}, "PARAMERR", "trxamt"},
		"no amount":        {fields{"trxamt": "0"}, "PARAMERR", "trxamt"},
		"no code":          {fields{"authcode": ""}, "PARAMERR", "authcode"},
		"unknown field":    {fields{"colour": "red"}, "PARAMERR", "colour"},
		"not UTF-8":        {fields{"body": "\xff"}, "FAIL", "UTF-8"},
		"terminfo":         {fields{"terminfo": "x"}, "PARAMERR", "terminfo"},
		"terminfo field":   {term(`,"colour":"red"`), "PARAMERR", "colour"},
		"no place":         {term(``), "PARAMERR", "deviceip"},
		"bad place":        {term(`,"longitude":"121"`), "PARAMERR", "longitude"},
		"long version":     {term(at + `,"appversion":"123456789"`), "PARAMERR", "appversion"},
		"wrong factor":     {term(at + `,"encryptrandnum":"000000"`), "PARAMERR", "encryptrandnum"},
		"odd factor":       {term(at + `,"encryptrandnum":"6789"`), "PARAMERR", "encryptrandnum"},
		"odd cipher": {term(at + `,"encryptrandnum":"456789","secrettext":"AA=="`),
			"PARAMERR", "secrettext"},
		"other terminal": {fields{"terminfo": `{"termno":"10000002"}`}, "PARAMERR", "termno"},
		"other device": {fields{"terminfo": `{"termno":"10000001","devicetype":"02"}`},
			"PARAMERR", "devicetype"},
		"no serial": {fields{"terminfo": `{"termno":"10000001","devicetype":"10"}`},
			"PARAMERR", "termsn"},
		"no place for UnionPay": {fields{"authcode": "6212345678901234567"},
			"PARAMERR", "position"},
		"no factor": {fields{"authcode": "0112345678901234567"}, "PARAMERR", "encryptrandnum"},
	} {
		t.Run(name, func(t *testing.T) {
			peer := newTerminal(t, asIs)
			got := peer.pay(tt.change)
			if got["retcode"] != tt.want || (got["sign"] != "") != (tt.want == "PARAMERR") {
				t.Errorf("want %s, got %v", tt.want, got)
			}
			noted := peer.sim.Violations()
			if len(noted) != 1 || !strings.Contains(noted[0], tt.violation) {
				t.Errorf("want a violation about %s, got %q", tt.violation, noted)
			}
			if list := peer.sim.Ledger(); len(list) != 0 {
				t.Errorf("want an empty ledger, got %v", list)
			}
		})
	}
}

func TestRequestsThatAreNoFormAreRefused(t *testing.T) {
	peer := newTerminal(t, asIs)
	for _, body := range []string{"", "%zz", "a=1&a=2", strings.Repeat("x", requestMax+1)} {
		if got := peer.post("/tranx/query", body); got["retcode"] != "FAIL" {
			t.Errorf("want FAIL, got %v", got)
		}
	}
}

func TestRandomStringWorksOnce(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.send("/tranx/query", fields{"reqsn": "1", "randomstr": "x"})
	got := peer.send("/tranx/query", fields{"reqsn": "2", "randomstr": "x"})
	if got["retcode"] != "PARAMERR" || len(peer.sim.Violations()) != 1 {
		t.Errorf("want it refused and noted, got %v, %q", got, peer.sim.Violations())
	}
}

func TestOrderMustBeNamedOnce(t *testing.T) {
	peer := newTerminal(t, asIs)
	for path, p := range map[string]fields{
		"/tranx/query":  {"reqsn": "1", "trxid": "2"},
		"/tranx/close":  {},
		"/tranx/cancel": {"reqsn": "1", "trxamt": "1", "oldreqsn": "1", "oldtrxid": "2"},
		"/tranx/refund": {"reqsn": "1", "trxamt": "1"},
	} {
		if got := peer.send(path, p); got["retcode"] != "PARAMERR" {
			t.Errorf("%s: want PARAMERR, got %v", path, got)
		}
	}
}

func TestNumberUsedAgainIsADuplicateAndNoted(t *testing.T) {
	peer := newTerminal(t, asIs)
	if got := peer.pay(nil); got["trxstatus"] != "0000" {
		t.Fatalf("want it paid, got %v", got)
	}
	for amount, want := range map[string]string{
		"1050": "order 1 was sent again", "1051": "order 1 came again with other fields",
	} {
		peer.sim.violations = nil
		got := peer.pay(fields{"trxamt": amount})
		if got["trxstatus"] != "3888" || peer.sim.Violations()[0] != want {
			t.Errorf("want 3888 and %q, got %v, %q", want, got, peer.sim.Violations())
		}
	}
	if o, _ := peer.sim.Order("1"); o.Commits != 1 || o.Net() != 1050 {
		t.Errorf("want one payment, got %+v", o)
	}
}

func TestQueriesTooCloseAreNoted(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.pay(nil)
	peer.query("1") // the first may come at once
	peer.send("/tranx/close", fields{"oldreqsn": "1"})
	peer.query("1") // so may the first after a step of a reversal
	peer.sim.Advance(MinQueryIntervalDefault)
	peer.query("1")
	if noted := peer.sim.Violations(); len(noted) != 0 {
		t.Fatalf("want no violation, got %q", noted)
	}
	peer.sim.Advance(MinQueryIntervalDefault - time.Millisecond)
	peer.query("1")
	if noted := peer.sim.Violations(); len(noted) != 1 {
		t.Errorf("want a violation, got %q", noted)
	}
}

func TestLateReplicaDoesNotFindAYoungOrder(t *testing.T) {
	peer := newTerminal(t, func(o *Options) { o.NotFoundLag = 5 * time.Second })
	peer.pay(nil)
	for _, want := range []string{"1001", "0000"} {
		if got := peer.query("1"); got["trxstatus"] != want {
			t.Errorf("want %s, got %v", want, got)
		}
		peer.sim.Advance(5 * time.Second)
	}
}

func TestCancelIsForTheWholeAmountOnTheSameDay(t *testing.T) {
	for name, tt := range map[string]struct {
		amount string
		later  time.Duration
		want   string
	}{
		"whole":       {"1050", 0, "0000"},
		"before 24 h": {"1050", 12*time.Hour - time.Second, "0000"},
		"part":        {"1049", 0, "3999"},
		"next day":    {"1050", 12 * time.Hour, "3999"},
	} {
		peer := newTerminal(t, asIs)
		peer.pay(nil)
		peer.sim.Advance(tt.later)
		p := fields{"reqsn": "2", "oldreqsn": "1", "trxamt": tt.amount}
		if got := peer.send("/tranx/cancel", p); got["trxstatus"] != tt.want {
			t.Errorf("%s: want %s, got %v", name, tt.want, got)
		}
	}
}

func TestClosingAnUnknownOrderLeavesNoTrace(t *testing.T) {
	peer := newTerminal(t, asIs)
	for _, path := range []string{"/tranx/close", "/unitorder/close"} {
		if got := peer.send(path, fields{"oldreqsn": "1"}); got["trxstatus"] != "1001" {
			t.Errorf("want 1001, got %v", got)
		}
	}
	p := fields{"reqsn": "2", "oldreqsn": "1", "trxamt": "1050"}
	if got := peer.send("/tranx/cancel", p); got["trxstatus"] != "1001" {
		t.Errorf("want 1001, got %v", got)
	}
	if got := peer.pay(nil); got["trxstatus"] != "0000" {
		t.Errorf("want the late payment carried out, got %v", got)
	}
}

func TestMagicAmountsMisbehave(t *testing.T) {
	peer := newTerminal(t, func(o *Options) { o.Magic = true })
	if got := peer.pay(fields{"trxamt": "191"}); got["trxstatus"] != "2000" {
		t.Errorf("want a password asked for, got %v", got)
	}
	peer.sim.Advance(20 * time.Second)
	if got := peer.query("1"); got["trxstatus"] != "0000" {
		t.Errorf("want it paid, got %v", got)
	}
	for amount, want := range map[string]FaultKind{
		"192": LoseAnswer, "193": DuplicateDelivery, "194": WrongSign, "195": "", "%zz": "",
	} {
		if got := magicFault("trxamt=" + amount).Kind; got != want {
			t.Errorf("%s: want fault %q, got %q", amount, want, got)
		}
	}
}

func TestOptionsThatCanNotWorkAreRefused(t *testing.T) {
	keys, err := GenerateKeys(SignSM2)
	if err != nil {
		t.Fatal(err)
	}
	merchant := Merchant{CusID: "1", AppID: "1", TermNo: "10000001"}
	for _, opts := range []Options{
		{Merchant: merchant, Keys: keys}, {Keys: keys, Now: noon}, {Merchant: merchant, Now: noon},
	} {
		if _, err := New(opts); err == nil {
			t.Errorf("want %+v refused", opts.Merchant)
		}
	}
	if _, err := GenerateKeys("MD5"); err == nil {
		t.Error("want MD5 refused")
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("reqsn=1&trxamt=1050&authcode=13&terminfo={}")
	f.Add("reqsn=1&trxamt=1050&paytype=W01&validtime=3&date=20260302&filetype=1&terminfo={}")
	f.Add("cusid=990581007426001&appid=00000051&signtype=RSA&sign=AA==")
	keys, err := GenerateKeys(SignSM2)
	if err != nil {
		f.Fatal(err)
	}
	sim, err := New(Options{Keys: keys, Now: noon,
		Merchant: Merchant{CusID: "990581007426001", AppID: "00000051", TermNo: "10000001"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p, _ := parseForm(body)
		for _, op := range ops() {
			if got := sim.handle(op, body, false).fields["retcode"]; got == "SUCCESS" {
				t.Errorf("%s: want nothing without a signature, got %s", op, got)
			}
			checkFields(op, p)
		}
		if p != nil {
			sim.checkTerminal(p)
		}
	})
}

func FuzzPayload(f *testing.F) {
	f.Add("hQVDUFYwMWEaTwegAAAAVVVVVw8SNFZ4kBI0WNGRIgESNF8=")
	f.Add("hQVDUFYwMWE=")
	f.Fuzz(func(t *testing.T, code string) {
		if got := payloadDigits(code); got != "" && !isPayload(code) {
			t.Errorf("want no PAN of what is no payload, got %s", got)
		}
	})
}

func TestPayloadsHaveTheirPublishedPAN(t *testing.T) {
	for code, want := range map[string]string{
		"hQVDUFYwMWEaTwegAAAAVVVVVw8SNFZ4kBI0WNGRIgESNF8=": "1234567890123458",
		"hQVDUFYwMWFYTwigAAADMwEBAVcTYpJhA1hEQzVkHSIQIBAAABiAH180AQBjM58mCFaLEtnaC9l/nycBgJ8Q" +
			"EQcAAQOgAAABCDM5OTk5OTk5nzYCAAGCAgAAnzcE6gZYyA==": "6292610358444335641",
		"hQVDUFYwMWE": "", "134567890123456789": "",
	} {
		if got := payloadDigits(code); got != want {
			t.Errorf("%s: want PAN %s, got %s", code, want, got)
		}
	}
}
