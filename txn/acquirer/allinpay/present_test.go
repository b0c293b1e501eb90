package allinpay_test

import (
	"slices"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/allinpay"
)

// shown is an order whose code is shown for d.
func shown(order txn.Order, d time.Duration) txn.Present {
	return txn.Present{Order: order, Amount: 1050, At: now(), Ends: now().Add(d)}
}

func TestMerchantCodesHaveToBeSetUp(t *testing.T) {
	h := newHost(t, asIs)
	client := start(t, h.terms, func(c *allinpay.Config) { c.PresentPayType = "" })
	want(t, txn.OutcomeNotSent, "", client.Present(t.Context(), shown("1", time.Minute)))
	if can := client.Capabilities(); can.PresentWindow != 0 || can.PresentHosts != nil {
		t.Errorf("want no window and no hosts, got %+v", can)
	}
	client = start(t, h.terms, func(c *allinpay.Config) { c.PresentPayType = allinpay.NativeAlipay })
	can := client.Capabilities()
	if can.PresentWindow != allinpay.PresentWindowDefault ||
		!slices.Equal(can.PresentHosts, allinpay.PresentHostsDefault()) {
		t.Errorf("want the defaults, got %+v", can)
	}
}

func TestMerchantCodeIsPayableInWholeMinutesWhileItIsShown(t *testing.T) {
	h := newHost(t, asIs)
	client := start(t, h.terms, func(c *allinpay.Config) { c.PresentPayType = "W01" })
	for order, tt := range map[txn.Order]struct{ shown, payable time.Duration }{
		"1": {time.Minute, time.Minute}, "2": {119 * time.Second, time.Minute},
		"3": {time.Hour, time.Hour},
	} {
		got := client.Present(t.Context(), shown(order, tt.shown))
		want(t, txn.OutcomePending, "", got)
		o, _ := h.sim.Order(string(order))
		if life := o.Expires.Sub(o.Created); life != tt.payable {
			t.Errorf("shown for %s: want it payable for %s, got %s", tt.shown, tt.payable, life)
		}
	}
}

func TestMerchantCodePointsOnlyWhereTheConfigSays(t *testing.T) {
	for _, tt := range []struct {
		hosts []string
		code  string
		want  bool
	}{
		{[]string{"weixin://"}, "weixin://wxpay/bizpayurl?pr=abc", true},
		{[]string{"weixin://"}, "WEIXIN://wxpay/bizpayurl?pr=abc", true},
		{[]string{"weixin://"}, "https://qr.alipay.com/bax", false},
		{[]string{"weixin://"}, "weixins://wxpay/bizpayurl?pr=abc", false},
		{[]string{"weixin://"}, "weixin:///bizpayurl?pr=abc", false},
		{[]string{"wxpay.example"}, "weixin://wxpay.example/bizpayurl?pr=abc", false},
		{[]string{"alipay.com"}, "https://qr.alipay.com/bax", true},
		{[]string{"alipay.com"}, "https://alipay.com/bax", true},
		{[]string{"alipay.com"}, "https://alipay.com./bax", false},
		{[]string{"alipay.com"}, "https://notalipay.com/bax", false},
		{[]string{"qr.alipay.com"}, "https://alipay.com/bax", false},
		{[]string{"qr.alipay.com"}, "https://qr.alipay.com:443/bax", false},
		{[]string{"qr.alipay.com"}, "https://qr.alipay.com:/bax", false},
		{[]string{"qr.alipay.com"}, `https://qr.alipay.com\@evil.example/bax`, false},
		{[]string{"qr.alipay.com"}, "https://qr.alipay.com%2eevil.example/bax", false},
		{[]string{"qr.alipay.com"}, "//qr.alipay.com/bax", false},
		{[]string{"qr.alipay.com"}, "https://qr.alipay.com/ bax", false},
	} {
		h := newHost(t, asIs)
		client := start(t, h.terms, func(c *allinpay.Config) {
			c.PresentPayType, c.PresentHosts = "A01", tt.hosts
		})
		fault := acquirersim.Fault{Op: acquirersim.OpPresent, Kind: acquirersim.WrongLink,
			Value: tt.code}
		if err := h.sim.AddFault(fault); err != nil {
			t.Fatal(err)
		}
		got := client.Present(t.Context(), shown("1", time.Minute))
		if (got.Present == tt.code) != tt.want || (got.Alarm == "") != tt.want {
			t.Errorf("%v: %s: want it shown %t, got %+v", tt.hosts, tt.code, tt.want, got)
		}
	}
}
