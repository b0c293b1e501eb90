package txn

import "time"

func (s *State) decideAnswer(now time.Time, ev Answered) []Record {
	for _, order := range s.live {
		sale := s.sales[order]
		if recs := s.answerTo(now, sale, ev); recs != nil {
			return append(recs, s.afterAnswer(now, ev.Result)...)
		}
	}
	for _, b := range s.closing {
		if e := s.batchDue(b); e != nil && e.Key() == ev.Key {
			return append(s.onSettle(now, b, ev.Result), s.afterAnswer(now, ev.Result)...)
		}
	}
	return nil // of an earlier try or process: what matters was asked again
}

// answerTo follows an answer that this sale, or one of its refunds, waits for.
func (s *State) answerTo(now time.Time, sale *Sale, ev Answered) []Record {
	if e := sale.due(); e != nil && e.Key() == ev.Key {
		return s.onSale(now, sale, ev.Result)
	}
	for i := range sale.Refunds {
		if e := sale.Refunds[i].due(sale); e != nil && e.Key() == ev.Key {
			return s.onRefund(now, sale, &sale.Refunds[i], ev.Result)
		}
	}
	return nil
}

func (s *State) onSale(now time.Time, sale *Sale, said Result) []Record {
	answer, reason := believe(sale.Order, sale.Amount, said)
	switch sale.Phase {
	case Reversing:
		return s.onReversal(now, sale, answer, reason)
	case Voiding:
		return s.onVoid(now, sale, answer, reason)
	}
	return s.onOutcome(now, sale, answer, reason)
}

// believe gives the answer that may be acted on. A final word counts only when
// it is authenticated and speaks of this order and this amount.
func believe(order Order, amount Amount, answer Result) (Result, Reason) {
	distrust := func(reason Reason, alarm string) (Result, Reason) {
		answer.Outcome, answer.Authentic = OutcomeUnknown, false
		answer.Alarm = alarm
		return answer, reason
	}
	switch {
	case answer.Alarm != "":
		return distrust(BecauseNotAuthentic, answer.Alarm)
	case answer.Outcome == OutcomeUnknown && answer.Authentic:
		return answer, BecauseDoubtful
	case answer.Outcome == OutcomeUnknown || answer.Outcome == OutcomeNotSent:
		return answer, BecauseNoAnswer
	case !answer.Authentic:
		return distrust(BecauseNotAuthentic, "a final answer without a valid signature")
	case answer.Order != order && (answer.Order != "" || answer.Outcome == OutcomeApproved):
		return distrust(BecauseWrongOrder, "the answer speaks of another order")
	case answer.Outcome == OutcomeApproved && answer.Amount != amount:
		return distrust(BecauseWrongAmount, "the answer speaks of another amount")
	}
	return answer, ""
}

// onOutcome follows the answer to an Authorize or a Query.
func (s *State) onOutcome(now time.Time, sale *Sale, answer Result, reason Reason) []Record {
	r := Record{At: now, Order: sale.Order, Answer: &answer, Reason: reason}
	switch {
	case answer.Outcome == OutcomeApproved:
		r.Kind, r.Copies = WasApproved, s.rules.Copies
		return []Record{r}
	case answer.Outcome == OutcomeDeclined:
		r.Kind = WasDeclined
		return sale.refusedLater(r)
	case answer.Outcome == OutcomeReversed && sale.Phase == Querying:
		r.Kind = WasReversed
		return sale.refusedLater(r)
	case answer.Outcome == OutcomeNotSent && sale.Phase == Authorizing:
		return s.onNotSent(now, sale, r)
	case sale.Phase == Querying && sale.windowOver(now):
		// The query that was due at the window's end has not settled it.
		r.Kind, r.Try, r.Reason = ReverseDue, 1, BecauseWindowOver
		if sale.Cancelled {
			r.Reason = BecauseCancelled
		}
		return []Record{r}
	case answer.Outcome == OutcomePending && (sale.Way == PayerCode || sale.shows(answer)):
		r.Kind = WasPending
	default:
		r.Kind = WasUnknown
		if r.Reason == "" {
			r.Reason = notAnOutcome(answer)
		}
	}
	pause := s.rules.FirstQuery
	if sale.Phase == Querying {
		pause = s.rules.QueryEvery
	}
	r.Next = sale.nextQuery(now, pause)
	return []Record{r}
}

// shows says whether there is a merchant code to show, now or since before.
func (sale *Sale) shows(answer Result) bool { return answer.Present != "" || sale.Shown != "" }

// notAnOutcome is why an answer that was believed settles nothing.
func notAnOutcome(answer Result) Reason {
	if answer.Outcome == OutcomeNotFound {
		return BecauseNotFound
	}
	return BecauseNotAnOutcome
}

// onReversal follows the answer to a Reverse of a sale in doubt.
func (s *State) onReversal(now time.Time, sale *Sale, answer Result, reason Reason) []Record {
	r := Record{Kind: ReverseUnanswered, At: now, Order: sale.Order, Answer: &answer, Reason: reason}
	life := sale.SentBefore.Add(s.rules.MessageLife)
	switch {
	case answer.Outcome == OutcomeReversed, answer.Outcome == OutcomeDeclined:
		r.Kind = WasReversed // undone, or there never was money to undo
		return sale.refusedLater(r)
	case answer.Outcome == OutcomeApproved && sale.asked() != 0:
		// Paid, and an earlier refund of it may have moved: a person has to find out.
		r.Kind, r.Reason, r.Copies = HandDue, BecausePaidLate, handCopies
		return []Record{r}
	case answer.Outcome == OutcomeApproved: // paid, and too late to be undone
		r.Kind, r.Reason = WasLate, BecausePaidLate
		refund := s.newRefund(now, sale, sale.Amount)
		return []Record{r, refund}
	case answer.Outcome == OutcomeNotFound && !sale.TriedAt.Before(life):
		// Asked when no request could be on its way any more.
		r.Kind, r.Reason = WasReversed, BecauseCanNotHappen
		return sale.refusedLater(r)
	case answer.Outcome == OutcomeNotFound:
		// The request may still arrive and be paid: the reversal overtook it.
		r.Reason, r.Next = BecauseNotFound, life
		return []Record{r}
	case s.exhausted(now, sale.UndoSince, sale.Tries):
		r.Kind, r.Reason, r.Copies = HandDue, BecauseExhausted, handCopies
		return []Record{r}
	}
	if r.Reason == "" {
		r.Reason = notAnOutcome(answer)
	}
	r.Next = now.Add(s.rules.retryPause(sale.Order, sale.Tries))
	return []Record{r}
}
