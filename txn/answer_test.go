package txn

import "testing"

// An acquirer that does not know yet sends neither its number nor the wallet's. The
// slip, a refund and the search by the number on the payer's bill still need them.
func TestAnAnswerThatSaysNothingTakesNothingAway(t *testing.T) {
	s := newStory(t)
	order := s.sent()
	told := Result{Outcome: OutcomeApproved, Authentic: true, Order: order, Amount: 1050,
		AcquirerRef: "A1", ChannelRef: "C1", Wallet: "wechat", Clearing: "nucc", Account: "credit", PaidAt: start}
	s.reply(told)
	s.tell(VoidAsked{Order: order})
	s.reply(Result{Authentic: true, Code: "3089"})
	got := s.sale().Answer
	if got.Outcome != OutcomeUnknown || got.Code != "3089" {
		t.Errorf("want the newest answer, got %+v", got)
	}
	told.Outcome, told.Order, told.Amount, told.Code = got.Outcome, got.Order, got.Amount, got.Code
	if got != told {
		t.Errorf("want what is known of the payment, got %+v", got)
	}
}
