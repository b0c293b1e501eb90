package acquirersim

import (
	"testing"
	"time"
)

func (t *terminal) refund(number, amount string) fields {
	t.Helper()
	return t.send("/tranx/refund", fields{"reqsn": number, "oldreqsn": "1", "trxamt": amount})
}

func TestRefundTakesItsTime(t *testing.T) {
	peer := newTerminal(t, func(o *Options) { o.Refunds = Refunds{AfterS: 20} })
	peer.pay(nil)
	if got := peer.refund("2", "400"); got["trxstatus"] != "2000" {
		t.Fatalf("want it taken, got %v", got)
	}
	if sale, _ := peer.sim.Order("1"); sale.Net() != 1050 || sale.Refunding != 400 {
		t.Errorf("want nothing moved and 400 held, got %+v", sale)
	}
	peer.sim.Advance(20 * time.Second)
	if sale := peer.sim.Ledger()[0]; sale.Net() != 650 {
		t.Errorf("want 400 moved in the ledger, got %+v", sale)
	}
	if sale, _ := peer.sim.Order("1"); sale.Net() != 650 || sale.Refunding != 0 {
		t.Errorf("want 400 moved, got %+v", sale)
	}
	if got := peer.query("2"); got["trxstatus"] != "0000" || got["trxamt"] != "400" {
		t.Errorf("want the refund made, got %v", got)
	}
}

func TestPendingRefundHoldsItsAmount(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.pay(nil)
	peer.control("POST", "refunds", `{"held":true}`, 204)
	peer.refund("2", "1000")
	if got := peer.refund("3", "51"); got["trxstatus"] != "3999" {
		t.Errorf("want no more than the rest, got %v", got)
	}
	cancel := fields{"reqsn": "4", "oldreqsn": "1", "trxamt": "1050"}
	if got := peer.send("/tranx/cancel", cancel); got["trxstatus"] != "3999" {
		t.Errorf("want no cancel beside a refund, got %v", got)
	}
	peer.control("POST", "refund", `{"order":"2","ok":false}`, 204)
	if got := peer.query("2"); got["trxstatus"] != "3999" || got["errmsg"] == "" {
		t.Errorf("want the refund declined, got %v", got)
	}
	peer.refund("5", "1050")
	peer.control("POST", "refund", `{"order":"5","ok":true}`, 204)
	if sale, _ := peer.sim.Order("1"); sale.Net() != 0 || sale.Refunding != 0 {
		t.Errorf("want all of it moved, got %+v", sale)
	}
	for _, o := range peer.sim.Ledger() {
		if o.Commits > 1 {
			t.Errorf("want money moved once, got %+v", o)
		}
	}
}

func TestOnlyPendingRefundsEnd(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.pay(nil)
	peer.refund("2", "400")
	for _, number := range []string{"1", "2", "3"} {
		if err := peer.sim.RefundEnds(number, true); err == nil {
			t.Errorf("%s: want it refused", number)
		}
	}
	if err := peer.sim.SetRefunds(Refunds{AfterS: -1}); err == nil {
		t.Error("want less than no time refused")
	}
}
