package allinpay_test

import (
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/allinpay"
)

// says is an answer that the script puts in place of a true one.
type says struct {
	op     acquirersim.Op
	nth    int
	status string
}

// TestItIsNeverTooLateWhileACancelMayHaveEffect goes through the states that a cancel
// can be in while the sale itself still reads as paid.
func TestItIsNeverTooLateWhileACancelMayHaveEffect(t *testing.T) {
	const query, cancel = acquirersim.OpQuery, acquirersim.OpCancel
	for name, tt := range map[string]struct {
		later  time.Duration
		script []says
		want   txn.Outcome
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
		"the cancel is refused and leaves no trace": {
			script: []says{{cancel, 1, "3999"}, {query, 2, "0000"}, {query, 3, "1001"}},
			want:   txn.OutcomeUnknown},
		"the cancel is refused, and its number is used up": {
			script: []says{{cancel, 1, "3999"}, {query, 2, "0000"}, {query, 3, "3999"}},
			want:   txn.OutcomeApproved},
		"midnight is just over": {later: 12 * time.Hour, want: txn.OutcomeUnknown},
		"midnight is almost a message's life ago": {
			later: 12*time.Hour + 3*time.Minute - time.Second, want: txn.OutcomeUnknown},
		"midnight is a message's life ago": {
			later: 12*time.Hour + 3*time.Minute, want: txn.OutcomeApproved},
		"yesterday's cancel is corrected later": {later: 24 * time.Hour,
			script: []says{{query, 2, "3089"}}, want: txn.OutcomeUnknown},
		"yesterday's cancel is told without an amount": {later: 24 * time.Hour,
			script: []says{{query, 2, "0000"}}, want: txn.OutcomeUnknown},
		"yesterday's cancel was refused": {later: 24 * time.Hour,
			script: []says{{query, 2, "3999"}}, want: txn.OutcomeApproved},
		"yesterday's cancel is in progress": {later: 24 * time.Hour,
			script: []says{{query, 2, "2000"}}, want: txn.OutcomeUnknown},
		"no cancel was ever made": {later: 24 * time.Hour, want: txn.OutcomeApproved},
	} {
		t.Run(name, func(t *testing.T) {
			if got := reverseScripted(t, tt.later, tt.script); got.Outcome != tt.want {
				t.Errorf("want %s, got %+v", tt.want, got)
			}
		})
	}
}

// reverseScripted pays, lets time pass, and reverses with a host that says other than
// it does. No reversal may refund.
func reverseScripted(t *testing.T, later time.Duration, script []says) txn.Result {
	t.Helper()
	h := newHost(t, asIs)
	h.terms.Now = h.sim.Now
	client := start(t, h.terms, func(*allinpay.Config) {})
	want(t, txn.OutcomeApproved, "", client.Pay(t.Context(), h.sale(t, "1")))
	h.sim.Advance(later)
	for _, s := range script {
		if err := h.sim.AddFault(acquirersim.Fault{Op: s.op, Nth: s.nth,
			Kind: acquirersim.Status, Value: s.status}); err != nil {
			t.Fatal(err)
		}
	}
	got := client.Reverse(t.Context(), txn.Reverse{Order: "1", Amount: 1050, OpenedAt: now()})
	if n := h.sim.Requests(acquirersim.OpRefund); n != 0 {
		t.Errorf("want no refund sent, got %d", n)
	}
	return got
}
