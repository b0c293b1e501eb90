package acquirertest

import (
	"testing"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// lies are answers that must raise an alarm.
func lies() []acquirersim.FaultKind {
	return []acquirersim.FaultKind{
		acquirersim.WrongSign, acquirersim.WrongKey, acquirersim.NoSign, acquirersim.Altered,
		acquirersim.WrongOrder, acquirersim.WrongCusID,
	}
}

// noAnswers are what a host says that is no answer.
func noAnswers() []acquirersim.FaultKind {
	return []acquirersim.FaultKind{
		acquirersim.HTTP500, acquirersim.HTML502, acquirersim.HTML200, acquirersim.Empty200,
		acquirersim.Oversized, acquirersim.Redirect, acquirersim.TwiceKey,
	}
}

func testForged(t *testing.T, up setUp) {
	kinds := append(lies(), acquirersim.WrongAmount)
	for _, kind := range kinds {
		t.Run("PaymentAnswer/"+string(kind), func(t *testing.T) { testForgedPay(up(t), kind) })
	}
	t.Run("PaymentAnswer/wrong_uid", func(t *testing.T) {
		b := up(t)
		if b.terms.Keys.Sign() != acquirersim.SignSM2 {
			t.Skip("only SM2 has user ids")
		}
		testForgedPay(b, acquirersim.WrongUID)
	})
	for _, kind := range lies() {
		t.Run("QueryAnswer/"+string(kind), func(t *testing.T) { testForgedQuery(up(t), kind) })
	}
	for _, kind := range noAnswers() {
		t.Run("NoAnswer/"+string(kind), func(t *testing.T) { testNoAnswer(up(t), kind, "") })
	}
	for _, code := range []string{"FAIL", "SYSTEMERR", "PARAMERR", "SIGNAUTHERR"} {
		t.Run("UnsignedNo/"+code, func(t *testing.T) {
			testNoAnswer(up(t), acquirersim.RetCode, code)
		})
	}
	t.Run("SignedAnswerOfNoOrderIsUnknown", func(t *testing.T) {
		b := up(t)
		b.fault(acquirersim.OpPay, acquirersim.NoOrder, "")
		b.want(txn.OutcomeUnknown, b.pay(b.order()))
	})
	t.Run("PayerCodeRepeatedByTheAcquirerIsNotPassedOn", func(t *testing.T) {
		b := up(t)
		code := b.code("unionpay")
		b.fault(acquirersim.OpPay, acquirersim.EchoCode, code)
		b.want(txn.OutcomeApproved, b.payBy(b.order(), code)) // checked looks for the code
	})
}

func testForgedPay(b *bench, kind acquirersim.FaultKind) {
	order := b.order()
	b.fault(acquirersim.OpPay, kind, "")
	got := b.pay(order)
	b.want(txn.OutcomeUnknown, got)
	b.wantLayer(txn.LayerSignature, got)
	if got.Alarm == "" {
		b.Errorf("want an alarm, got %+v", got)
	}
	b.want(txn.OutcomeApproved, b.query(order)) // an honest answer settles it
	b.wantNet(price, order)
}

func testForgedQuery(b *bench, kind acquirersim.FaultKind) {
	order := b.order()
	b.payer(acquirersim.Payer{Mode: acquirersim.Ignore})
	b.want(txn.OutcomePending, b.pay(order))
	b.fault(acquirersim.OpQuery, kind, "")
	got := b.query(order)
	b.want(txn.OutcomeUnknown, got)
	if got.Alarm == "" {
		b.Errorf("want an alarm, got %+v", got)
	}
	b.want(txn.OutcomePending, b.query(order))
}

func testNoAnswer(b *bench, kind acquirersim.FaultKind, value string) {
	order := b.order()
	b.fault(acquirersim.OpPay, kind, value)
	got := b.pay(order)
	b.want(txn.OutcomeUnknown, got)
	b.wantLayer(txn.LayerBank, got)
	if n := b.sim.Requests(acquirersim.OpPay); n != 1 {
		b.Errorf("want one payment request and no redirect followed, got %d", n)
	}
	b.want(txn.OutcomeApproved, b.query(order))
}
