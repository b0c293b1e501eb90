package allinpay_test

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/allinpay"
)

// says is an answer that the script puts in place of a true one.
type says struct {
	op     acquirersim.Op
	nth    int
	status string
}

// TestReversalNeverRefundsWhatACancelMayHaveUndone goes through the states that a
// cancel can be in while the sale itself still reads as paid.
func TestReversalNeverRefundsWhatACancelMayHaveUndone(t *testing.T) {
	const query, cancel = acquirersim.OpQuery, acquirersim.OpCancel
	for name, tt := range map[string]struct {
		later   time.Duration
		script  []says
		want    txn.Outcome
		refunds int
	}{
		"the cancel shows under its own number": {
			script: []says{{query, 2, "0000"}}, want: txn.OutcomeReversed},
		"the cancel is not there yet": {
			script: []says{{cancel, 1, "3089"}, {query, 2, "0000"}, {query, 3, "1001"}},
			want:   txn.OutcomeUnknown},
		"the order is lost from sight after the cancel": {
			script: []says{{query, 2, "1001"}}, want: txn.OutcomeUnknown},
		"the cancel is in progress": {
			script: []says{{cancel, 1, "2000"}, {query, 2, "0000"}, {query, 3, "2000"}},
			want:   txn.OutcomeUnknown},
		"the cancel is corrected later": {
			script: []says{{cancel, 1, "3089"}, {query, 2, "3089"}}, want: txn.OutcomeUnknown},
		"yesterday's cancel is corrected later": {later: 24 * time.Hour,
			script: []says{{query, 2, "3089"}}, want: txn.OutcomeUnknown},
		"yesterday's cancel is told without an amount": {later: 24 * time.Hour,
			script: []says{{query, 2, "0000"}}, want: txn.OutcomeUnknown},
		"the refund is in progress": {later: 24 * time.Hour,
			script: []says{{query, 3, "2000"}}, want: txn.OutcomeUnknown, refunds: 1},
		"no cancel was ever made": {later: 24 * time.Hour,
			want: txn.OutcomeReversed, refunds: 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, asIs)
			h.terms.Now = h.sim.Now
			client := start(t, h.terms, func(*allinpay.Config) {})
			want(t, txn.OutcomeApproved, "", client.Pay(t.Context(), h.sale(t, "1")))
			h.sim.Advance(tt.later)
			for _, s := range tt.script {
				if err := h.sim.AddFault(acquirersim.Fault{Op: s.op, Nth: s.nth,
					Kind: acquirersim.Status, Value: s.status}); err != nil {
					t.Fatal(err)
				}
			}
			e := txn.Reverse{Order: "1", Amount: 1050, OpenedAt: now()}
			if got := client.Reverse(t.Context(), e); got.Outcome != tt.want {
				t.Errorf("want %s, got %+v", tt.want, got)
			}
			if n := h.sim.Requests(acquirersim.OpRefund); n != tt.refunds {
				t.Errorf("want %d refunds sent, got %d", tt.refunds, n)
			}
		})
	}
}

func TestRefundOfACancelledSaleIsDeclined(t *testing.T) {
	h := newHost(t, asIs)
	client := start(t, h.terms, func(*allinpay.Config) {})
	want(t, txn.OutcomeApproved, "", client.Pay(t.Context(), h.sale(t, "1")))
	e := txn.Reverse{Order: "1", Amount: 1050, OpenedAt: now()}
	want(t, txn.OutcomeReversed, "", client.Reverse(t.Context(), e))
	got := client.Refund(t.Context(), acquirer.Refund{Order: "1", Number: "2", Amount: 1050})
	want(t, txn.OutcomeDeclined, "", got)
}

// TestWrongClockCostsARefundAndNoMoney reverses on the next day with a clock that
// stands still: the cancel is refused, and the refund takes its place.
func TestWrongClockCostsARefundAndNoMoney(t *testing.T) {
	h := newHost(t, asIs)
	client := start(t, h.terms, func(*allinpay.Config) {})
	want(t, txn.OutcomeApproved, "", client.Pay(t.Context(), h.sale(t, "1")))
	h.sim.Advance(24 * time.Hour)
	for range 2 {
		e := txn.Reverse{Order: "1", Amount: 1050, OpenedAt: now()}
		want(t, txn.OutcomeReversed, "", client.Reverse(t.Context(), e))
		h.sim.Advance(time.Minute)
	}
	if o, _ := h.sim.Order("1"); o.Refunded != 1050 || o.State != acquirersim.Paid {
		t.Errorf("want one refund in full, got %+v", o)
	}
}
