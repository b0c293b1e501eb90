package acquirertest

import (
	"io"
	"log"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func testPay(t *testing.T, up setUp) {
	t.Run("EveryWalletIsNamedByTheAcquirer", func(t *testing.T) { testWallets(t, up) })
	t.Run("CodeThatIsNoGoodIsDeclined", func(t *testing.T) { testBadCodes(t, up(t)) })
	t.Run("PasswordTypedIsFoundApproved", func(t *testing.T) {
		b := up(t)
		b.payer(acquirersim.Payer{Mode: acquirersim.Password, AfterS: 15})
		order := b.order()
		b.want(txn.OutcomePending, b.pay(order))
		b.want(txn.OutcomePending, b.query(order))
		b.want(txn.OutcomeApproved, b.query(order))
		b.wantNet(price, order)
	})
	t.Run("PasswordRefusedIsFoundDeclined", func(t *testing.T) {
		b := up(t)
		b.payer(acquirersim.Payer{Mode: acquirersim.Refuse, AfterS: 5})
		order := b.order()
		b.want(txn.OutcomePending, b.pay(order))
		b.want(txn.OutcomeDeclined, b.query(order))
		b.wantNet(0, order)
	})
	t.Run("RefusalIsDeclinedAtOnce", func(t *testing.T) {
		b := up(t)
		b.payer(acquirersim.Payer{Mode: acquirersim.Refuse})
		b.want(txn.OutcomeDeclined, b.pay(b.order()))
	})
	t.Run("OrderNeverSentIsNotFound", func(t *testing.T) {
		b := up(t)
		b.want(txn.OutcomeNotFound, b.query(b.order()))
	})
	t.Run("QueryByAcquirersNumberFindsTheOrder", func(t *testing.T) {
		b := up(t)
		order := b.order()
		ref := b.pay(order).AcquirerRef
		got := b.acq.Query(t.Context(), txn.Query{Order: order, AcquirerRef: ref})
		b.want(txn.OutcomeApproved, b.checked(order, got))
	})
	t.Run("SameNumberAgainIsNoSecondPayment", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.fault(acquirersim.OpPay, acquirersim.DuplicateDelivery, "")
		b.want(txn.OutcomeApproved, b.pay(order))
		b.wantNet(price, order)
	})
	t.Run("NonsenseIsNotSent", func(t *testing.T) {
		b := up(t)
		b.want(txn.OutcomeNotSent, b.payBy("", b.code("wechat")))
		b.want(txn.OutcomeNotSent, b.payBy("no spaces please", b.code("wechat")))
		b.want(txn.OutcomeNotSent, b.payBy(b.order(), ""))
		if n := b.sim.Requests(acquirersim.OpPay); n != 0 {
			t.Errorf("want no request, got %d", n)
		}
	})
}

func testWallets(t *testing.T, up setUp) {
	for wallet, clearing := range map[string]string{
		"wechat": "", "alipay": "", "qq": "", "unionpay": "cup", "ecny": "pboc",
		"hzbank": "nucc", "yiqianbao": "nucc", "allinpaywallet": "nucc",
	} {
		b := up(t)
		order := b.order()
		got := b.payBy(order, b.code(wallet))
		b.want(txn.OutcomeApproved, got)
		if got.Wallet != wallet || got.Clearing != clearing {
			t.Errorf("want %s cleared by %q, got %+v", wallet, clearing, got)
		}
		if got.Amount != price || got.AcquirerRef == "" || got.ChannelRef == "" ||
			!got.PaidAt.Equal(noon()) || got.Code == "" || got.Account == "" {
			t.Errorf("want amount, both numbers, time, code and account, got %+v", got)
		}
		b.wantNet(price, order)
	}
}

func testBadCodes(t *testing.T, b *bench) {
	used := b.code("alipay")
	b.want(txn.OutcomeApproved, b.payBy(b.order(), used))
	late := b.code("wechat")
	b.sim.Advance(acquirersim.CodeLifeDefault + time.Second)
	for name, code := range map[string]string{
		"used": used, "expired": late, "unknown": "8800112233445566",
	} {
		order := b.order()
		got := b.payBy(order, code)
		if got.Outcome != txn.OutcomeDeclined || got.Text == "" {
			t.Errorf("%s: want declined with a reason, got %+v", name, got)
		}
		b.wantNet(0, order)
	}
}
