package acquirer_test

import (
	"testing"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

func TestBillThatDoesNotComeSaysWhy(t *testing.T) {
	for want, r := range map[string]txn.Result{
		"bill: forged":                   {Alarm: "forged", Code: "FAIL"},
		"bill: FAIL not yet":             {Code: "FAIL", Text: "not yet"},
		"bill: no end":                   {Text: "no end"},
		`bill: not sent at layer "line"`: {Outcome: txn.OutcomeNotSent, Layer: txn.LayerLine},
	} {
		if got := (&acquirer.BillError{Result: r}).Error(); got != want {
			t.Errorf("want %q, got %q", want, got)
		}
	}
	err := &acquirer.BillRowError{Line: 3, Why: "no amount"}
	if got, want := err.Error(), "bill, line 3: no amount"; got != want {
		t.Errorf("want %q, got %q", want, got)
	}
}
