package acquirertest

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

func testPresent(t *testing.T, up setUp) {
	for payType, wallet := range map[string]string{
		"W01": "wechat", "A01": "alipay", "U01": "unionpay",
	} {
		t.Run("CodeIsShownAndPaid/"+payType, func(t *testing.T) {
			testShownAndPaid(up(t), payType, wallet)
		})
	}
	t.Run("SameNumberAgainIsNoSecondOrder", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.fault(acquirersim.OpPresent, acquirersim.DuplicateDelivery, "")
		b.want(txn.OutcomePending, b.present(order))
		if n := len(b.sim.Ledger()); n != 1 {
			t.Errorf("want one order, got %d", n)
		}
	})
	t.Run("NonsenseIsNotSent", func(t *testing.T) {
		b := up(t)
		b.want(txn.OutcomeNotSent, b.present(""))
		now := b.sim.Now()
		for _, ends := range []time.Time{{}, now, now.Add(time.Minute - 1), now.Add(2 * time.Hour)} {
			got := b.acq.Present(t.Context(), txn.Present{Order: b.order(), Amount: price,
				At: now, Ends: ends})
			b.want(txn.OutcomeNotSent, got)
		}
		if n := b.sim.Requests(acquirersim.OpPresent); n != 0 {
			t.Errorf("want no request, got %d", n)
		}
	})
	t.Run("CapabilitiesSayWhereCodesPoint", func(t *testing.T) {
		can := up(t).acq.Capabilities()
		if can.PresentWindow <= 0 || len(can.PresentHosts) == 0 {
			t.Errorf("want a window and hosts, got %+v", can)
		}
	})
}

// testPresentEnds closes codes that were not paid, and undoes those that were.
func testPresentEnds(t *testing.T, up setUp) {
	t.Run("CodeThatRanOutTakesNoMoneyAndIsReversed", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomePending, b.present(order))
		b.sim.Advance(shown)
		b.wantNoPayment(order)
		b.want(txn.OutcomeUnknown, b.query(order))
		b.wantReversed(order)
	})
	t.Run("ReversedCodeTakesNoMoney", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomePending, b.present(order))
		b.wantReversed(order)
		b.wantNoPayment(order)
	})
	t.Run("PaidCodeIsUndone", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomePending, b.present(order))
		b.scan(order)
		b.wantReversed(order)
	})
	t.Run("PayerWhoScansBeforeTheReversalIsPaidBack", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomePending, b.present(order))
		b.payer(acquirersim.Payer{Mode: acquirersim.Approve, PaysBefore: acquirersim.OpClose})
		b.wantReversed(order)
		if o, _ := b.sim.Order(string(order)); o.Commits != 1 {
			t.Errorf("want it paid and undone, got %+v", o)
		}
	})
}

func testShownAndPaid(b *bench, payType, wallet string) {
	b.terms.PayType = payType
	b.acq = b.start(b.T, b.terms)
	order := b.order()
	got := b.present(order)
	b.want(txn.OutcomePending, got)
	o, _ := b.sim.Order(string(order))
	if got.Present == "" || got.Present != o.Present {
		b.Errorf("want the code %q, got %+v", o.Present, got)
	}
	if life := o.Expires.Sub(o.Created); life != shown {
		b.Errorf("want it payable while it is shown, %s, got %s", shown, life)
	}
	b.want(txn.OutcomePending, b.query(order))
	b.wantNet(0, order)
	b.scan(order)
	paid := b.query(order)
	b.want(txn.OutcomeApproved, paid)
	if paid.Amount != price || paid.Wallet != wallet || paid.AcquirerRef == "" {
		b.Errorf("want %s paid by %s, got %+v", price, wallet, paid)
	}
	b.wantNet(price, order)
}

// foreignCodes are merchant codes that lead elsewhere, or nowhere.
func foreignCodes() map[string]string {
	return map[string]string{
		"another host":   "https://qr.evil.example/bax012345",
		"begins well":    "https://qr.alipay.com.evil.example/bax012345",
		"user":           "https://qr.alipay.com@evil.example/bax012345",
		"user here":      "https://evil.example@qr.alipay.com/bax012345",
		"ends well":      "https://evilqr.alipay.com.example/bax?https://qr.alipay.com",
		"glued":          "https://evilqr.alipay.com/bax012345",
		"no TLS":         "http://qr.alipay.com/bax012345",
		"port":           "https://qr.alipay.com:8443/bax012345",
		"another scheme": "alipays://platformapi/startapp",
		"script":         "javascript:alert(1)",
		"no host":        "https:///bax012345",
		"opaque":         "weixin:wxpay/bizpayurl?pr=abc",
		"not ASCII":      "https://qr.alipаy.com/bax012345",
		"two lines":      "https://qr.alipay.com/bax\n012345",
		"JSON":           `{"appId":"wx1","package":"prepay_id=1"}`,
		"a text":         "qr.alipay.com/bax012345",
	}
}

func testForgedPresent(t *testing.T, up setUp) {
	for _, kind := range append(lies(), acquirersim.WrongAmount) {
		t.Run("Answer/"+string(kind), func(t *testing.T) {
			b := up(t)
			b.fault(acquirersim.OpPresent, kind, "")
			b.wantNotShown(txn.LayerSignature)
		})
	}
	for name, code := range foreignCodes() {
		t.Run("Code/"+name, func(t *testing.T) {
			b := up(t)
			b.fault(acquirersim.OpPresent, acquirersim.WrongLink, code)
			b.wantNotShown(txn.LayerSignature)
		})
	}
	for _, kind := range noAnswers() {
		t.Run("NoAnswer/"+string(kind), func(t *testing.T) {
			b := up(t)
			b.fault(acquirersim.OpPresent, kind, "")
			b.wantNotShown(txn.LayerBank)
		})
	}
	t.Run("NoCode", func(t *testing.T) {
		b := up(t)
		b.fault(acquirersim.OpPresent, acquirersim.WrongLink, "")
		b.wantNotShown(txn.LayerNone)
	})
	t.Run("LostAnswer", func(t *testing.T) {
		b := up(t)
		b.fault(acquirersim.OpPresent, acquirersim.LoseAnswer, "")
		b.wantNotShown(txn.LayerLine)
	})
	t.Run("LostRequest", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.fault(acquirersim.OpPresent, acquirersim.LoseRequest, "")
		b.want(txn.OutcomeUnknown, b.present(order))
		b.want(txn.OutcomeNotFound, b.query(order))
	})
	t.Run("SubdomainOfAListedHostIsShown", func(t *testing.T) {
		b := up(t)
		for _, code := range []string{"https://sub.qr.alipay.com/x", "HTTPS://QR.ALIPAY.COM/X"} {
			order := b.order()
			b.fault(acquirersim.OpPresent, acquirersim.WrongLink, code)
			got := b.present(order)
			if b.want(txn.OutcomePending, got); got.Present != code {
				t.Errorf("want %s, got %+v", code, got)
			}
		}
	})
}

// wantNotShown asks for a code, once: the order is taken, and there is nothing to
// show. Its reversal ends it.
func (b *bench) wantNotShown(layer txn.Layer) {
	b.Helper()
	order := b.order()
	got := b.present(order)
	b.want(txn.OutcomeUnknown, got)
	b.wantLayer(layer, got)
	if (got.Alarm != "") != (layer == txn.LayerSignature) || got.Present != "" {
		b.Errorf("want no code, and an alarm for what is forged, got %+v", got)
	}
	if n := b.sim.Requests(acquirersim.OpPresent); n != 1 {
		b.Errorf("want one request, got %d", n)
	}
	b.want(txn.OutcomePending, b.query(order))
	b.wantReversed(order)
}

func (b *bench) scan(order txn.Order) {
	b.Helper()
	if err := b.sim.PayerScans(string(order)); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) wantNoPayment(order txn.Order) {
	b.Helper()
	if err := b.sim.PayerScans(string(order)); err == nil {
		b.Error("want no payment taken, got one")
	}
	b.wantNet(0, order)
}
