package acquirersim

import (
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"
)

func (t *terminal) presentCode(more fields) fields {
	t.Helper()
	p := fields{"reqsn": "1", "trxamt": "1050", "paytype": "W01", "validtime": "3",
		"terminfo": someTerm}
	maps.Copy(p, more)
	return t.send("/unitorder/pay", p)
}

func TestMerchantCodeHasTheFormOfItsScheme(t *testing.T) {
	for payType, want := range map[string]struct{ form, wallet string }{
		"W01": {`^weixin://wxpay/bizpayurl\?pr=\w{9}$`, "wechat"},
		"A01": {`^https://qr\.alipay\.com/bax\d{20}$`, "alipay"},
		"U01": {`^https://qr\.95516\.com/\d{8}/62\d{26}$`, "unionpay"},
	} {
		peer := newTerminal(t, asIs)
		got := peer.presentCode(fields{"paytype": payType})
		if !regexp.MustCompile(want.form).MatchString(got["payinfo"]) || got["trxamt"] != "" ||
			got["trxstatus"] != "0000" || got["reqsn"] != "1" || got["trxid"] == "" {
			t.Errorf("%s: want an order taken, its code and no amount, got %v", payType, got)
		}
		if got := peer.query("1"); got["trxstatus"] != "2000" || got["payinfo"] != "" {
			t.Errorf("%s: want it unpaid, got %v", payType, got)
		}
		if err := peer.sim.PayerScans("1"); err != nil {
			t.Error(err)
		}
		peer.sim.Advance(MinQueryIntervalDefault)
		if got := peer.query("1"); got["trxstatus"] != "0000" || got["paytype"] != payType ||
			got["trxamt"] != "1050" {
			t.Errorf("%s: want it paid, got %v", payType, got)
		}
		o, _ := peer.sim.Order("1")
		if o.Commits != 1 || o.Wallet != want.wallet || o.Present == "" {
			t.Errorf("%s: want one payment by %s, got %+v", payType, want.wallet, o)
		}
		if noted := peer.sim.Violations(); len(noted) != 0 {
			t.Errorf("want no violation, got %q", noted)
		}
	}
}

func TestMerchantCodeTakesMoneyOnceAndInTime(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(*terminal)
		want   State
		status string
	}{
		"just in time": {func(p *terminal) { p.sim.Advance(3*time.Minute - 1) }, Paid, "0000"},
		"run out":      {func(p *terminal) { p.sim.Advance(3 * time.Minute) }, Expired, "3088"},
		"closed": {func(p *terminal) {
			p.send("/tranx/close", fields{"oldreqsn": "1"})
		}, Closed, "3050"},
		"run out and closed": {func(p *terminal) {
			p.sim.Advance(time.Hour)
			p.send("/tranx/close", fields{"oldreqsn": "1"})
		}, Closed, "3050"},
		"paid before": {func(p *terminal) { _ = p.sim.PayerScans("1") }, Paid, "0000"},
	} {
		t.Run(name, func(t *testing.T) {
			peer := newTerminal(t, asIs)
			peer.presentCode(nil)
			tt.before(peer)
			err := peer.sim.PayerScans("1")
			if paid := err == nil; paid != (name == "just in time") {
				t.Errorf("want a payment refused unless in time, got %v", err)
			}
			o, _ := peer.sim.Order("1")
			if o.State != tt.want || (o.Commits == 1) != (tt.want == Paid) {
				t.Errorf("want it %s, got %+v", tt.want, o)
			}
			if got := peer.query("1"); got["trxstatus"] != tt.status {
				t.Errorf("want %s, got %v", tt.status, got)
			}
		})
	}
}

func TestMerchantCodeWithoutATimeLivesForFiveMinutes(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.presentCode(fields{"validtime": ""})
	if o, _ := peer.sim.Order("1"); o.Expires.Sub(o.Created) != 5*time.Minute {
		t.Errorf("want five minutes, got %+v", o)
	}
}

func TestOrderWithoutAMerchantCodeIsNotScanned(t *testing.T) {
	peer := newTerminal(t, asIs)
	if err := peer.sim.SetPayer(Payer{Mode: Ignore}); err != nil {
		t.Fatal(err)
	}
	peer.pay(nil)
	peer.presentCode(fields{"reqsn": "2"})
	for name, err := range map[string]error{
		"by a payer code": peer.sim.PayerScans("1"), "unknown": peer.sim.PayerScans("3"),
		"no password yet": peer.sim.PayerPays("2"), "nobody to refuse": peer.sim.PayerRefuses("2"),
	} {
		if err == nil {
			t.Errorf("%s: want it refused", name)
		}
	}
}

func TestRulesOfMerchantCodesAreHeld(t *testing.T) {
	const at = `{"termno":"10000001","devicetype":"11","deviceip":"10.0.0.1",`
	for name, tt := range map[string]struct {
		change    fields
		violation string
	}{
		"no paytype":     {fields{"paytype": ""}, "paytype"},
		"JS paytype":     {fields{"paytype": "W02"}, "paytype"},
		"hours":          {fields{"validtime": "61"}, "validtime"},
		"no time at all": {fields{"validtime": "0"}, "validtime"},
		"a payer code":   {fields{"authcode": someCode}, "authcode"},
		"no terminal":    {fields{"terminfo": ""}, "terminfo"},
		"a factor":       {fields{"terminfo": at + `"encryptrandnum":"123456"}`}, "encryptrandnum"},
		"a cipher":       {fields{"terminfo": at + `"secrettext":"MkQ2MTVEQkY="}`}, "secrettext"},
	} {
		peer := newTerminal(t, asIs)
		got, noted := peer.presentCode(tt.change), peer.sim.Violations()
		if got["retcode"] != "PARAMERR" || len(noted) != 1 ||
			!strings.Contains(noted[0], tt.violation) || len(peer.sim.Ledger()) != 0 {
			t.Errorf("%s: want it refused and noted, got %v, %q", name, got, noted)
		}
	}
}

func TestMerchantCodeAskedForAgainIsADuplicate(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.presentCode(nil)
	for change, want := range map[string]string{
		"W01": "order 1 was sent again", "A01": "order 1 came again with other fields",
	} {
		peer.sim.violations = nil
		got := peer.presentCode(fields{"paytype": change})
		if got["trxstatus"] != "3888" || got["payinfo"] != "" || peer.sim.Violations()[0] != want {
			t.Errorf("want 3888 and %q, got %v, %q", want, got, peer.sim.Violations())
		}
	}
}
