package txn

import (
	"fmt"
	"time"

	"saoma/terminal/txn/paycode"
)

// Decide says what follows from an event, and changes nothing. A Refusal means
// that nothing follows and why; no other error is returned. The records are to
// be made durable together, and only then applied, in order.
func Decide(s *State, now time.Time, ev Event) ([]Record, error) {
	switch ev := ev.(type) {
	case SaleAsked:
		return s.decideSale(now, ev)
	case CodeScanned:
		return s.decideCode(now, ev)
	case CancelAsked:
		return s.decideCancel(now, ev)
	case Answered:
		return s.decideAnswer(now, ev), nil
	case SlipAsked:
		return s.decideSlipAsked(now, ev)
	case SlipEnded:
		return s.decideSlipEnded(now, ev), nil
	case Ticked:
		return s.decideTick(now), nil
	case Restarted:
		return s.decideRestart(now), nil
	}
	panic(fmt.Sprintf("txn: %T is not an event for Decide", ev))
}

func (s *State) decideSale(now time.Time, ev SaleAsked) ([]Record, error) {
	if ev.Amount <= 0 || ev.Amount > s.rules.AmountMax {
		return nil, ErrAmount
	}
	if cur := s.sales[s.current]; cur != nil && (cur.Phase == Created || cur.Phase == Authorizing) {
		return nil, ErrBusy
	}
	doubts := s.inDoubt()
	if len(doubts) >= InDoubtMax {
		return nil, ErrDoubtMax
	}
	r := Record{
		Kind: SaleOpened, At: now, Amount: ev.Amount, Batch: 1,
		Counter: s.counter + 1, Trace: s.trace%999999 + 1, Ends: now.Add(s.rules.ScanWindow),
	}
	if len(doubts) > 0 {
		if !ev.Override {
			return nil, ErrInDoubt
		}
		r.Override = doubts[len(doubts)-1]
	}
	r.Order = newOrder(s.rules.TerminalID, now, r.Counter)
	return []Record{r}, nil
}

// newOrder makes an order number that no other transaction has: terminal ID (8),
// Beijing time as yyMMddHHmmss (12), sales ever opened (8). The counter is from
// the journal, so two sales of one journal differ; the time keeps a terminal
// whose journal was replaced from repeating itself. 28 digits fit every
// acquirer's field (acquirers.md, 4.3) and a version 1 QR code.
func newOrder(terminalID string, now time.Time, counter uint64) Order {
	return Order(fmt.Sprintf("%s%s%08d",
		terminalID, now.In(Beijing()).Format("060102150405"), counter%1e8))
}

func (s *State) inDoubt() []Order {
	var doubts []Order
	for _, order := range s.live {
		if s.sales[order].Phase.InDoubt() {
			doubts = append(doubts, order)
		}
	}
	return doubts
}

// FlaggedCode is the refusal ErrConfirmCode with what the code may be instead.
type FlaggedCode struct{ Flags []string }

func (e *FlaggedCode) Error() string { return string(ErrConfirmCode) }

// Unwrap makes it an ErrConfirmCode.
func (e *FlaggedCode) Unwrap() error { return ErrConfirmCode }

func (s *State) decideCode(now time.Time, ev CodeScanned) ([]Record, error) {
	sale := s.sales[s.current]
	switch {
	case sale == nil || sale.Phase.Final():
		return nil, ErrNoSale
	case sale.Phase == Authorizing:
		return nil, ErrBusy
	case sale.Phase.InDoubt():
		return nil, ErrInDoubt
	case !now.Before(sale.Ends):
		return nil, ErrNoSale // its end is due, only not decided yet
	}
	raw := ev.Code.Reveal()
	code := s.rules.Codes.Classify(raw)
	switch {
	case code.Verdict == paycode.Refuse:
		return nil, Refusal(code.Reason)
	case code.Verdict == paycode.Confirm && !ev.Confirmed:
		return nil, &FlaggedCode{code.Flags}
	case len(code.Text.Reveal()) > s.rules.CodeLenMax:
		return nil, Refusal(paycode.ReasonNotAccepted)
	}
	pay := NewPayCode(code.Text.Reveal())
	if s.wasUsed(now, pay) {
		return nil, ErrCodeUsed
	}
	return []Record{{
		Kind: AuthorizeDue, At: now, Order: sale.Order, Ends: now.Add(s.rules.PayWindow),
		Family: code.Family, Wallet: code.Wallet, Masked: paycode.Mask(code.Text.Reveal()),
		code: pay, factor: code.Factor,
	}}, nil
}

func (s *State) decideCancel(now time.Time, ev CancelAsked) ([]Record, error) {
	order := ev.Order
	if order == "" {
		order = s.current
	}
	sale := s.sales[order]
	if sale == nil {
		return nil, ErrNoOrder
	}
	switch sale.Phase {
	case Created:
		return []Record{sale.notSent(now, BecauseCancelled)}, nil
	case Authorizing, Pending, Unknown, Querying:
		// Not undone at once: the next answer may say that it was paid.
		return []Record{{Kind: CancelNoted, At: now, Order: order,
			Reason: BecauseCancelled, Next: now, Ends: now}}, nil
	}
	return nil, ErrTooLate
}

func (s *State) decideAnswer(now time.Time, ev Answered) []Record {
	for _, order := range s.live {
		sale := s.sales[order]
		if key := sale.dueKey(); key == "" || key != ev.Key {
			continue
		}
		answer, reason := believe(sale, ev.Result)
		if sale.Phase == Reversing {
			return []Record{s.onReversal(now, sale, answer, reason)}
		}
		return []Record{s.onOutcome(now, sale, answer, reason)}
	}
	return nil // of an earlier try or process: what matters was asked again
}

// believe gives the answer that may be acted on. A final word counts only when
// it is authenticated and speaks of this order and this amount.
func believe(sale *Sale, answer Result) (Result, Reason) {
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
	case answer.Order != sale.Order && (answer.Order != "" || answer.Outcome == OutcomeApproved):
		return distrust(BecauseWrongOrder, "the answer speaks of another order")
	case answer.Outcome == OutcomeApproved && answer.Amount != sale.Amount:
		return distrust(BecauseWrongAmount, "the answer speaks of another amount")
	}
	return answer, ""
}

// onOutcome follows the answer to an Authorize or a Query.
func (s *State) onOutcome(now time.Time, sale *Sale, answer Result, reason Reason) Record {
	r := Record{At: now, Order: sale.Order, Answer: &answer, Reason: reason}
	switch {
	case answer.Outcome == OutcomeApproved:
		r.Kind, r.Copies = WasApproved, s.rules.Copies
		return r
	case answer.Outcome == OutcomeDeclined:
		r.Kind = WasDeclined
		return r
	case answer.Outcome == OutcomeReversed && sale.Phase == Querying:
		r.Kind = WasReversed
		return r
	case answer.Outcome == OutcomeNotSent && sale.Phase == Authorizing:
		r.Kind = WasNotSent
		return r
	case sale.Phase == Querying && sale.windowOver(now):
		// The query that was due at the window's end has not settled it.
		r.Kind, r.Try, r.Reason = ReverseDue, 1, BecauseWindowOver
		if sale.Cancelled {
			r.Reason = BecauseCancelled
		}
		return r
	case answer.Outcome == OutcomePending:
		r.Kind = WasPending
	default:
		r.Kind = WasUnknown
		if r.Reason == "" {
			r.Reason = BecauseNotAnOutcome
		}
		if answer.Outcome == OutcomeNotFound {
			r.Reason = BecauseNotFound
		}
	}
	pause := s.rules.FirstQuery
	if sale.Phase == Querying {
		pause = s.rules.QueryEvery
	}
	r.Next = sale.nextQuery(now, pause)
	return r
}

// onReversal follows the answer to a Reverse.
func (s *State) onReversal(now time.Time, sale *Sale, answer Result, reason Reason) Record {
	r := Record{Kind: ReverseUnanswered, At: now, Order: sale.Order, Answer: &answer, Reason: reason}
	life := sale.SentBefore.Add(s.rules.MessageLife)
	switch answer.Outcome {
	case OutcomeReversed, OutcomeDeclined: // undone, or there never was money to undo
		r.Kind = WasReversed
		return r
	case OutcomeNotFound:
		if !sale.TriedAt.Before(life) {
			// Asked when no request could be on its way any more.
			r.Kind, r.Reason = WasReversed, BecauseCanNotHappen
			return r
		}
		// The request may still arrive and be paid: the reversal overtook it.
		r.Reason, r.Next = BecauseNotFound, life
		return r
	}
	if r.Reason == "" {
		r.Reason = BecauseNotAnOutcome
	}
	r.Next = now.Add(s.rules.retryPause(sale.Order, sale.Tries))
	return r
}

func (s *State) decideTick(now time.Time) []Record {
	var recs []Record
	for _, order := range s.live {
		sale := s.sales[order]
		if at := sale.wake(); at.IsZero() || now.Before(at) {
			continue
		}
		switch sale.Phase {
		case Created:
			recs = append(recs, sale.notSent(now, BecauseNoCode))
		case Pending, Unknown:
			recs = append(recs, sale.again(QueryDue, now))
		case Reversing:
			recs = append(recs, sale.again(ReverseDue, now))
		}
	}
	return append(recs, s.nextSlip(now)...)
}

// decideRestart ends what only the last process could have known, and asks at
// once about everything that is in doubt: the clock may have jumped meanwhile.
func (s *State) decideRestart(now time.Time) []Record {
	var recs []Record
	for _, order := range s.live {
		sale := s.sales[order]
		switch sale.Phase {
		case Authorizing, Querying:
			recs = append(recs, Record{Kind: WasUnknown, At: now, Order: order,
				Reason: BecauseRestart, Next: now})
		case Pending, Unknown:
			recs = append(recs, sale.again(QueryDue, now).because(BecauseRestart))
		case Reversing:
			recs = append(recs, sale.again(ReverseDue, now).because(BecauseRestart))
		}
		for _, slip := range sale.Slips {
			if slip.Phase == SlipPrinting {
				recs = append(recs, Record{Kind: SlipBroken, At: now, Order: order,
					Copy: slip.Copy, Trouble: string(BecauseRestart), Next: now})
			}
		}
	}
	return recs
}

func (sale *Sale) notSent(now time.Time, reason Reason) Record {
	return Record{Kind: WasNotSent, At: now, Order: sale.Order, Reason: reason}
}

func (sale *Sale) again(kind Kind, now time.Time) Record {
	return Record{Kind: kind, At: now, Order: sale.Order, Try: sale.Tries + 1}
}

func (r Record) because(reason Reason) Record {
	r.Reason = reason
	return r
}
