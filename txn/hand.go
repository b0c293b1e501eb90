package txn

import "time"

// exhausted says whether the machine has tried long and often enough to undo
// something. It takes both: a clock that jumps ahead must not end it. One that went
// back behind the beginning can't say how long it was: then as many tries count as
// the time would have brought.
func (s *State) exhausted(now, since time.Time, tries int) bool {
	if now.Before(since) {
		return tries >= s.rules.HandTries+int(2*s.rules.HandAfter/s.rules.RetryMax)
	}
	return tries >= s.rules.HandTries && !now.Before(since.Add(s.rules.HandAfter))
}

// decideQuery asks again at once: because the cashier wants to know, or because a
// person has found out something.
func (s *State) decideQuery(now time.Time, ev QueryAsked) ([]Record, error) {
	sale, m := s.find(ev.Order)
	if sale == nil {
		return nil, ErrNoOrder
	}
	if m != nil {
		return sale.askAgain(now, m)
	}
	if now.Sub(sale.TriedAt).Abs() < againAfter {
		return nil, ErrTooSoon
	}
	switch {
	case sale.Phase == Pending || sale.Phase == Unknown:
		return []Record{sale.again(QueryDue, now)}, nil
	case sale.Phase == Reversing && sale.Next.IsZero(), sale.Phase == Voiding && sale.Next.IsZero(),
		sale.Phase == Querying, sale.Phase == Authorizing:
		return nil, ErrBusy // it is being asked
	case sale.Phase == ByHand && sale.kept():
		return nil, ErrNoQuestion // a person said that it is paid: what goes back is a refund
	case sale.Phase == ByHand && sale.asked() != 0:
		return nil, ErrHasRefunds // its money may be on the way back already
	case sale.Phase == Reversing || sale.Phase == ByHand && sale.VoidTrace == 0:
		return []Record{sale.again(ReverseDue, now)}, nil
	case sale.Phase == Voiding || sale.Phase == ByHand:
		return []Record{sale.again(VoidDue, now)}, nil
	}
	return nil, ErrNoQuestion
}

func (sale *Sale) askAgain(now time.Time, m *MoneyBack) ([]Record, error) {
	switch m.Phase {
	case ByHand:
		if err := sale.mayAskAgain(m); err != nil {
			return nil, err
		}
		return []Record{sale.refundAgain(RefundDue, m, now)}, nil
	case Unknown:
		return []Record{sale.refundAgain(RefundDue, m, now)}, nil
	case Pending:
		return []Record{sale.refundAgain(RefundQueryDue, m, now)}, nil
	case Refunding, Querying:
		return nil, ErrBusy
	}
	return nil, ErrNoQuestion
}

// mayAskAgain says whether a refund from the list may be asked for by its number once
// more. Meanwhile its sale may have been undone in another way, or given back by
// another refund: then nothing may go out, and only a person ends it.
func (sale *Sale) mayAskAgain(m *MoneyBack) error {
	others := sale.asked()
	if m.mayCount() {
		others -= m.Amount
	}
	switch {
	case m.Auto && (m != sale.undoer() || sale.Phase != Refunding && sale.Phase != Refunded):
		return ErrNotApproved
	case !m.Auto && !sale.kept():
		return ErrNotApproved
	case others+m.Amount > sale.Amount:
		return ErrRefundSum
	}
	return nil
}

// decideHandClosed takes the word of a person, who has looked at the acquirer's
// own books.
func (s *State) decideHandClosed(now time.Time, ev HandEnded) ([]Record, error) {
	sale, m := s.find(ev.Order)
	if sale == nil {
		return nil, ErrNoOrder
	}
	r := Record{Kind: HandClosed, At: now, Order: sale.Order, Moved: ev.Moved, Reason: BecauseByHand}
	hand := sale.Hand
	if m != nil {
		r.Refund, hand = m.Order, m.Hand
	}
	if !hand.Open() {
		return nil, ErrNoQuestion
	}
	return []Record{r}, nil
}

// decideReverse takes up the undoing of a sale that ended without money.
func (s *State) decideReverse(now time.Time, ev ReverseAsked) ([]Record, error) {
	sale := s.sales[ev.Order]
	switch {
	case sale == nil:
		return nil, ErrNoOrder
	case sale.Phase != Reversed && sale.Phase != Declined && sale.Phase != NotSent:
		return nil, ErrNotUndone
	case sale.asked() != 0:
		return nil, ErrHasRefunds
	}
	return []Record{sale.again(ReverseDue, now).because(BecauseBillPaid)}, nil
}

// decideHandAsked calls a person to a transaction that the machine had ended.
func (s *State) decideHandAsked(now time.Time, ev HandAsked) ([]Record, error) {
	sale, m := s.find(ev.Order)
	if sale == nil {
		return nil, ErrNoOrder
	}
	r := Record{Kind: HandDue, At: now, Order: sale.Order, Reason: ev.Why, Copies: handCopies}
	final, hand := sale.Phase.Final() || sale.Phase == ByHand, sale.Hand
	if m != nil {
		final, hand = m.Phase == Refunded || m.Phase == Declined || m.Phase == ByHand, m.Hand
		r.Refund = m.Order
	}
	switch {
	case ev.Why != BecauseBillMissing && ev.Why != BecauseBillAmount && ev.Why != BecauseBillPaid:
		return nil, ErrNoQuestion
	case hand.Open():
		return nil, ErrBusy // it is there already
	case !final:
		return nil, ErrNotFinal
	}
	return []Record{r}, nil
}

// find gives the sale of an order number, and the refund if it is one's.
func (s *State) find(order Order) (*Sale, *MoneyBack) {
	if sale := s.sales[order]; sale != nil {
		return sale, nil
	}
	if sale := s.sales[s.refundOf[order]]; sale != nil {
		return sale, sale.refund(order)
	}
	return nil, nil
}

// decideVoid undoes an approved sale: the whole of it, on its own Beijing day.
func (s *State) decideVoid(now time.Time, ev VoidAsked) ([]Record, error) {
	sale := s.sales[ev.Order]
	day := func(t time.Time) string { return t.In(Beijing()).Format(time.DateOnly) }
	switch {
	case sale == nil:
		return nil, ErrNoOrder
	case sale.Phase != Approved || !sale.kept():
		return nil, ErrNotApproved
	case sale.Left() != sale.Amount:
		return nil, ErrHasRefunds
	case sale.Batch != s.batch:
		return nil, ErrSettled
	case s.rules.VoidsSameDay && day(now) != day(sale.OpenedAt):
		return nil, ErrVoidTooLate
	}
	r := Record{Kind: VoidDue, At: now, Order: sale.Order, Try: 1, Trace: s.nextTrace()}
	if sale.VoidTrace != 0 { // refused before: the answer to that one is not to this
		r.Try = sale.Tries + 1
	}
	return []Record{r}, nil
}

// onVoid follows the answer to a Reverse of an approved sale.
func (s *State) onVoid(now time.Time, sale *Sale, answer Result, reason Reason) []Record {
	r := Record{At: now, Order: sale.Order, Answer: &answer, Reason: reason}
	switch {
	case answer.Outcome == OutcomeReversed:
		r.Kind, r.Copies = WasVoided, s.rules.Copies
	case answer.Outcome == OutcomeApproved:
		r.Kind, r.Reason = VoidRefused, BecauseTooLate
	case s.exhausted(now, sale.UndoSince, sale.Tries):
		r.Kind, r.Reason, r.Copies = HandDue, BecauseExhausted, handCopies
	default: // not found or declined: of a sale that was approved, an answer without sense
		r.Kind, r.Next = VoidUnanswered, now.Add(s.rules.retryPause(sale.Order, sale.Tries))
		if r.Reason == "" {
			r.Reason = notAnOutcome(answer)
		}
	}
	return []Record{r}
}
