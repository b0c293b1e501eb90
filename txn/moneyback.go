package txn

import (
	"slices"
	"time"
)

// RefundsMax is how many refunds one sale may have. A return of goods in more
// parts than that is a matter for the office.
const RefundsMax = 20

// MoneyBack is one refund of a sale: a transaction of its own, with its own number.
type MoneyBack struct {
	Order     Order     `json:"order"`
	Phase     Phase     `json:"state"`
	Amount    Amount    `json:"amount_fen"`
	Trace     uint32    `json:"trace"`
	Batch     uint32    `json:"batch"`
	OpenedAt  time.Time `json:"created_at"`
	ChangedAt time.Time `json:"changed_at"`
	Auto      bool      `json:"auto,omitempty"` // of a sale that was paid too late to be undone
	Reason    Reason    `json:"reason,omitempty"`
	Answer    Result    `json:"answer"` // the last one that was believed
	Tries     int       `json:"tries,omitempty"`
	Next      time.Time `json:"next,omitzero"`
	Hand      Hand      `json:"hand,omitzero"`

	Operator string `json:"operator,omitempty"` // who gave it back; none: the machine
	By       string `json:"by,omitempty"`       // the supervisor who allowed it
	Shift    uint32 `json:"shift,omitempty"`    // in which it was asked for; an automatic one is of its sale's
}

// Moved says whether the refund's money has moved, as far as the terminal knows.
func (m *MoneyBack) Moved() bool { return m.Phase == Refunded || m.Phase == ByHand && m.Hand.Moved }

// mayCount says whether the refund's money has moved, or still may.
func (m *MoneyBack) mayCount() bool {
	return m.Phase != Declined && (m.Phase != ByHand || m.Hand.Open() || m.Hand.Moved)
}

func (m *MoneyBack) atRest() bool {
	return m.Phase == Refunded || m.Phase == Declined || m.Phase == ByHand && !m.Hand.Open()
}

// refund finds one of a sale's refunds.
func (sale *Sale) refund(number Order) *MoneyBack {
	for i := range sale.Refunds {
		if sale.Refunds[i].Order == number {
			return &sale.Refunds[i]
		}
	}
	return nil
}

// applyRefund moves a refund of the sale, and the sale with one that is its end.
func (sale *Sale) applyRefund(r Record) {
	m := sale.refund(r.Refund)
	if m == nil {
		assert(r.Kind == RefundDue && sale.takesRefund(r), "order %s: %s for refund %s, which %s",
			sale.Order, r.Kind, r.Refund, "was never asked for")
		sale.Refunds = append(sale.Refunds, MoneyBack{Order: r.Refund, Phase: Unknown,
			Amount: r.Amount, Trace: r.Trace, Batch: r.Batch, OpenedAt: r.At,
			Auto: sale.Phase == Refunding, Operator: r.Operator, By: r.By, Shift: r.Shift})
		m = &sale.Refunds[len(sale.Refunds)-1]
		if m.Auto {
			m.Shift = sale.Shift
		}
	}
	m.apply(r)
	switch {
	case r.Kind == RefundMade:
		sale.owe(r, RefundForm, m.Order, r.Copies...)
	case r.Kind == HandDue:
		sale.owe(r, HandForm, m.Order, r.Copies...)
	}
	if m == sale.undoer() && r.Kind != RefundDue {
		sale.followAuto(m, r)
	}
}

// followAuto moves a sale that was paid too late with the refund that undoes it. The
// bill may bring a refund back to a person after the sale has ended: then only a
// word that the money is not back is news for the sale.
func (sale *Sale) followAuto(m *MoneyBack, r Record) {
	refused := r.Kind == HandClosed && !m.Moved()
	switch {
	case sale.Phase != Refunding && sale.Phase != Refunded:
		return // it waits for a person already, or is taken up again
	case sale.Phase == Refunding && m.Moved():
		sale.move(Refunded, Refunding)
		sale.drop(OfflineForm)
	case refused:
		if sale.Phase == Refunding {
			sale.move(ByHand, Refunding)
		}
		sale.Hand = Hand{Why: BecauseRefundDeclined, Since: r.At}
	default:
		return
	}
	sale.ChangedAt = r.At
}

// undoer is the refund that undoes a sale that was paid too late: the last one, since
// an earlier one was declined.
func (sale *Sale) undoer() *MoneyBack {
	for i := range slices.Backward(sale.Refunds) {
		if sale.Refunds[i].Auto {
			return &sale.Refunds[i]
		}
	}
	return nil
}

// takesRefund is the last guard of the sum: the books never hold more refunds than
// the sale has money, whoever decided so.
func (sale *Sale) takesRefund(r Record) bool {
	if sale.Phase == Refunding {
		return r.Amount == sale.Amount && sale.asked() == 0
	}
	return r.Amount > 0 && r.Amount <= sale.Amount-sale.asked() &&
		(sale.Phase == Approved || sale.Phase == ByHand)
}

func (sale *Sale) refundAgain(kind Kind, m *MoneyBack, now time.Time) Record {
	return Record{Kind: kind, At: now, Order: sale.Order, Refund: m.Order, Try: m.Tries + 1}
}

func (m *MoneyBack) apply(r Record) {
	switch r.Kind {
	case RefundDue:
		m.move(Refunding, Unknown, ByHand)
		m.Tries, m.Hand = r.Try, Hand{}
	case RefundTaken:
		m.move(Pending, Refunding, Querying)
	case RefundQueryDue:
		m.move(Querying, Pending)
		m.Tries = r.Try
	case RefundUnanswered:
		m.move(Unknown, Refunding, Querying)
	case RefundMade:
		m.move(Refunded, Refunding, Querying)
	case RefundDeclined:
		m.move(Declined, Refunding, Querying)
	case HandDue:
		m.move(ByHand, Refunding, Querying, Refunded, Declined, ByHand)
		m.Hand = Hand{Why: r.Reason, Since: r.At}
	case HandClosed:
		assert(m.Phase == ByHand && m.Hand.Open(), "refund %s: %s, but it waits for nobody",
			m.Order, r.Kind)
		m.Hand.close(r)
	default:
		assert(false, "record kind %q is not known to this release", r.Kind)
	}
	m.ChangedAt, m.Next, m.Reason = r.At, r.Next, r.Reason
	if r.Answer != nil && r.Answer.Authentic {
		m.Answer = r.Answer.after(m.Answer)
	}
}

func (m *MoneyBack) move(to Phase, from ...Phase) {
	assert(slices.Contains(from, m.Phase), "refund %s: %s to %s is not a move", m.Order, m.Phase, to)
	m.Phase = to
}

// due gives the message that this refund waits for, or nil.
func (m *MoneyBack) due(sale *Sale) Effect {
	switch m.Phase {
	case Refunding:
		return Refund{Order: m.Order, Try: m.Tries, Of: sale.Order, Amount: m.Amount,
			Whole: sale.Amount, Trace: m.Trace, Batch: m.Batch, AcquirerRef: sale.Answer.AcquirerRef, SoldAt: sale.OpenedAt}
	case Querying:
		return QueryRefund{Order: m.Order, Try: m.Tries, Of: sale.Order, Amount: m.Amount,
			AcquirerRef: m.Answer.AcquirerRef}
	}
	return nil
}

// decideRefund opens a refund of an approved sale. No amount means all that is left.
func (s *State) decideRefund(now time.Time, ev RefundAsked) ([]Record, error) {
	sale := s.sales[ev.Order]
	switch {
	case sale == nil:
		return nil, ErrNoOrder
	case !sale.kept():
		return nil, ErrNotApproved
	case len(sale.Refunds) >= RefundsMax:
		return nil, ErrRefundsMax
	}
	amount := ev.Amount
	if amount == 0 {
		amount = sale.Left()
	}
	if amount <= 0 || amount > sale.Left() {
		return nil, ErrRefundSum
	}
	return []Record{s.newRefund(now, sale, amount)}, nil
}

func (s *State) newRefund(now time.Time, sale *Sale, amount Amount) Record {
	r := Record{Kind: RefundDue, At: now, Order: sale.Order, Amount: amount, Try: 1}
	r.Counter, r.Trace, r.Batch = s.counter+1, s.nextTrace(), s.batch
	r.Refund = newOrder(s.rules.TerminalID, now, r.Counter)
	return r
}

// onRefund follows the answer to a Refund or a QueryRefund.
func (s *State) onRefund(now time.Time, sale *Sale, m *MoneyBack, said Result) []Record {
	answer, reason := believe(m.Order, m.Amount, said)
	r := Record{At: now, Order: sale.Order, Refund: m.Order, Answer: &answer, Reason: reason}
	switch {
	case answer.Outcome == OutcomeApproved:
		r.Kind, r.Copies = RefundMade, s.rules.Copies
	case answer.Outcome == OutcomeDeclined:
		r.Kind = RefundDeclined
	case answer.Outcome == OutcomePending:
		r.Kind, r.Next = RefundTaken, now.Add(s.refundPause(m))
	case s.exhausted(now, m.OpenedAt, m.Tries):
		r.Kind, r.Reason, r.Copies = HandDue, BecauseExhausted, handCopies
	default: // not found: it never arrived. Asked again by the same number, it is the same refund
		r.Kind = RefundUnanswered
		if r.Reason == "" {
			r.Reason = notAnOutcome(answer)
		}
		r.Next = now.Add(s.rules.retryPause(m.Order, m.Tries))
	}
	if r.Kind == RefundTaken && s.exhausted(now, m.OpenedAt, m.Tries) {
		r.Kind, r.Reason, r.Next, r.Copies = HandDue, BecauseExhausted, time.Time{}, handCopies
	}
	if r.Kind == RefundDeclined && m.Auto {
		return []Record{r, {Kind: HandDue, At: now, Order: sale.Order,
			Reason: BecauseRefundDeclined, Copies: handCopies}}
	}
	return []Record{r}
}

// refundPause doubles with every ten questions, four times: a refund may go on at the
// acquirer for days.
func (s *State) refundPause(m *MoneyBack) time.Duration {
	return s.rules.RefundQueryEvery << min(m.Tries/10, 4)
}
