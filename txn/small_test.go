package txn

import (
	"testing"
	"time"
)

// The answer to a void is told from that to an earlier one by its key.
func TestASecondVoidIsAnotherQuestion(t *testing.T) {
	s := sold(t)
	order := s.state.current
	s.tell(VoidAsked{Order: order})
	first := s.state.Due()[0].Key()
	s.answer(OutcomeApproved) // too late, says the acquirer
	s.now = s.now.Add(time.Hour)
	s.tell(VoidAsked{Order: order})
	if second := s.state.Due()[0].Key(); second == first {
		t.Errorf("both voids are %s", first)
	}
	s.want(Voiding, "")
	if got := s.sale().UndoSince; !got.Equal(s.now) {
		t.Errorf("want the second void to begin now, got %s", got)
	}
}

func TestACodeThatNeverLeftIsNotUsedUp(t *testing.T) {
	s := newStory(t)
	s.sent()
	s.reply(Result{Outcome: OutcomeNotSent, Layer: LayerLine})
	s.want(NotSent, BecauseNoAnswer)
	s.tell(SaleAsked{Amount: 1050})
	s.tell(CodeScanned{Code: NewPayCode(wechatCode)}) // it is still on the payer's screen
	s.want(Authorizing, "")
}

// A refund may go on at the acquirer for days, and each question is two records.
func TestARefundThatGoesOnForADayIsAskedAboutLessAndLess(t *testing.T) {
	s := sold(t)
	s.tell(RefundAsked{Order: s.state.current})
	end, asked := s.now.Add(23*time.Hour), 0
	for s.now.Before(end) {
		s.refundReply(OutcomePending)
		asked++
		s.wait(s.state.NextWake().Sub(s.now))
	}
	if asked < 100 || asked > 200 {
		t.Errorf("want a question or two in a quarter of an hour, got %d in 23 hours", asked)
	}
}
