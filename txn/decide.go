package txn

import (
	"fmt"
	"slices"
	"time"

	"saoma/terminal/txn/paycode"
)

// Decide says what follows from an event, and changes nothing. A Refusal means
// that nothing follows and why; no other error is returned. The records are to
// be made durable together, and only then applied, in order.
func Decide(s *State, now time.Time, ev Event) ([]Record, error) {
	if begins(ev) && !s.rules.clockMayBeRight(now) {
		return nil, ErrClock
	}
	recs, err := s.decide(now, ev)
	if err != nil {
		return nil, err
	}
	for i := range recs {
		if s.rules.NoPrinter {
			recs[i].Copies = nil
		}
	}
	return s.authorise(ev, recs)
}

func (s *State) decide(now time.Time, ev Event) ([]Record, error) {
	switch ev := ev.(type) {
	case SaleAsked:
		return s.decideSale(now, ev)
	case CodeScanned:
		return s.decideCode(now, ev)
	case PresentAsked:
		return s.decidePresent(now, ev)
	case CancelAsked:
		return s.decideCancel(now, ev)
	case Answered:
		return s.decideAnswer(now, ev), nil
	case SettleAsked:
		return s.decideSettle(now)
	case BatchSlipAsked:
		return s.decideBatchSlip(now, ev)
	case SignedOnAsked:
		return s.decideSignOn(now, ev)
	case SignedOffAsked:
		return s.decideSignOff(now)
	case ShiftSlipAsked:
		return s.decideShiftSlip(now, ev)
	case TotalsSlipAsked:
		return s.decideTotalsSlip(now)
	case LineSeen:
		return s.decideLine(now, ev), nil
	case RefundAsked, VoidAsked, QueryAsked, ReverseAsked, HandAsked, HandEnded, SlipAsked:
		return s.decideAbout(now, ev)
	case SlipEnded:
		return s.decideSlipEnded(now, ev), nil
	case Ticked:
		return s.decideTick(now), nil
	case Restarted:
		return s.decideRestart(now), nil
	case Identified:
		return s.decideIdentity(now, ev)
	}
	panic(fmt.Sprintf("txn: %T is not an event for Decide", ev))
}

// begins says whether an event asks for something new, which needs the right day.
func begins(ev Event) bool {
	switch ev.(type) {
	case SaleAsked, CodeScanned, PresentAsked, RefundAsked, VoidAsked, SettleAsked:
		return true
	}
	return false
}

// decideAbout follows what is asked about a transaction of before.
func (s *State) decideAbout(now time.Time, ev Event) ([]Record, error) {
	switch ev := ev.(type) {
	case RefundAsked:
		return s.decideRefund(now, ev)
	case VoidAsked:
		return s.decideVoid(now, ev)
	case QueryAsked:
		return s.decideQuery(now, ev)
	case ReverseAsked:
		return s.decideReverse(now, ev)
	case HandAsked:
		return s.decideHandAsked(now, ev)
	case HandEnded:
		return s.decideHandClosed(now, ev)
	case SlipAsked:
		return s.decideSlipAsked(now, ev)
	}
	panic(fmt.Sprintf("txn: %T is not about a transaction", ev))
}

func (s *State) decideSale(now time.Time, ev SaleAsked) ([]Record, error) {
	if ev.Amount <= 0 || ev.Amount > s.rules.AmountMax {
		return nil, ErrAmount
	}
	if cur := s.sales[s.current]; cur != nil && cur.atCounter() {
		return nil, ErrBusy
	}
	doubts := s.inDoubt()
	if len(doubts) >= InDoubtMax {
		return nil, ErrDoubtMax
	}
	r := Record{
		Kind: SaleOpened, At: now, Amount: ev.Amount, Batch: s.batch,
		Counter: s.counter + 1, Trace: s.nextTrace(), Ends: now.Add(s.rules.ScanWindow),
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

// atCounter says whether the payer of this sale stands here with a phone in hand.
func (sale *Sale) atCounter() bool {
	return !sale.Offline &&
		(sale.Phase == Created || sale.Phase == Authorizing || sale.Phase == Held)
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
		if s.sales[order].inDoubt() {
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
	case sale == nil:
		return nil, ErrNoSale
	case sale.inDoubt():
		return nil, ErrInDoubt
	case sale.atCounter() && sale.Phase != Created:
		return nil, ErrBusy
	case sale.Phase != Created:
		return nil, ErrNoSale
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
		Kind: AuthorizeDue, At: now, Order: sale.Order, Try: 1, Ends: now.Add(s.rules.PayWindow),
		Family: code.Family, Wallet: code.Wallet, Masked: paycode.Mask(code.Text.Reveal()),
		code: pay, factor: code.Factor,
	}}, nil
}

// decidePresent asks for a merchant code: plan B when a scan does not work.
func (s *State) decidePresent(now time.Time, ev PresentAsked) ([]Record, error) {
	order := ev.Order
	if order == "" {
		order = s.current
	}
	sale := s.sales[order]
	switch {
	case s.rules.PresentWindow == 0:
		return nil, ErrNoMerchantCode
	case sale == nil:
		return nil, ErrNoOrder
	case sale.Phase != Created || !now.Before(sale.Ends):
		return nil, ErrTooLate
	}
	return []Record{{Kind: PresentDue, At: now, Order: order, Try: 1,
		Ends: now.Add(s.rules.PresentWindow)}}, nil
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
	if sale.Offline {
		return nil, ErrTooLate // the goods are gone
	}
	switch sale.Phase {
	case Created, Held:
		return []Record{sale.notSent(now, BecauseCancelled)}, nil
	case Authorizing, Pending, Unknown, Querying:
		// Not undone at once: the next answer may say that it was paid.
		return []Record{{Kind: CancelNoted, At: now, Order: order,
			Reason: BecauseCancelled, Next: now, Ends: now}}, nil
	}
	return nil, ErrTooLate
}

func (s *State) decideTick(now time.Time) []Record {
	var recs []Record
	upload := s.nextUpload()
	for _, order := range s.live {
		sale := s.sales[order]
		if at := s.wakeOf(sale, upload); !at.IsZero() && !now.Before(at) {
			recs = append(recs, s.onWake(now, sale))
		}
		for i := range sale.Refunds {
			m := &sale.Refunds[i]
			if m.Next.IsZero() || now.Before(m.Next) {
				continue
			}
			kind := RefundDue
			if m.Phase == Pending {
				kind = RefundQueryDue
			}
			recs = append(recs, sale.refundAgain(kind, m, now))
		}
	}
	for _, b := range s.closing {
		if !b.Next.IsZero() && !now.Before(b.Next) {
			recs = append(recs, b.settleAgain(now))
		}
	}
	return append(recs, s.nextSlip(now)...)
}

// onWake is what a sale was waiting to do.
func (s *State) onWake(now time.Time, sale *Sale) Record {
	switch sale.Phase {
	case Created:
		return sale.notSent(now, BecauseNoCode)
	case Held:
		if !sale.codeLives(now, s.rules.CodeLife) {
			return sale.notSent(now, BecauseCodeExpired)
		}
		return s.sendAgain(now, sale)
	case Stored:
		return s.sendAgain(now, sale)
	case Reversing:
		return sale.again(ReverseDue, now)
	case Voiding:
		return sale.again(VoidDue, now)
	}
	return sale.again(QueryDue, now)
}

// decideRestart ends what only the last process could have known, and takes up at
// once whatever waits for a time: the clock may have jumped meanwhile, and a time of
// before may lie years ahead.
func (s *State) decideRestart(now time.Time) []Record {
	var recs []Record
	for _, order := range s.live {
		sale := s.sales[order]
		if r, ok := sale.onRestart(now); ok {
			recs = append(recs, r)
		}
		if sale.Phase == Created && sale.Ends.Sub(now) > s.rules.ScanWindow {
			recs = append(recs, sale.notSent(now, BecauseNoCode))
		}
		for i := range sale.Refunds {
			if r, ok := sale.refundRestart(now, &sale.Refunds[i]); ok {
				recs = append(recs, r)
			}
		}
		for i := range sale.Slips {
			if slip := &sale.Slips[i]; slip.waitsWrongly(now) {
				recs = append(recs, sale.slipRecord(SlipBroken, now, slip.id()).fromNow())
			}
		}
	}
	for _, b := range s.closing {
		recs = append(recs, b.onRestart(now)...)
	}
	recs = append(recs, s.reportsRestart(now)...)
	return append(recs, s.printerRestart(now, recs)...)
}

// printerRestart lets the printer be tried now, unless a slip of recs does so.
func (s *State) printerRestart(now time.Time, recs []Record) []Record {
	r, at := s.firstSlip(now)
	if at.IsZero() || !s.paperAt.After(now) ||
		slices.ContainsFunc(recs, func(r Record) bool { return r.Kind == SlipBroken }) {
		return nil
	}
	r.Kind, r.Try = SlipBroken, 0
	return []Record{r.fromNow()}
}

// onRestart ends a slip that was being printed. A settlement that was on its way is
// simply due again: the same totals are the same settlement. One that waited for its
// next try has it now.
func (b *Batch) onRestart(now time.Time) []Record {
	var recs []Record
	if !b.Next.IsZero() {
		recs = append(recs, b.settleAgain(now))
	}
	for i := range b.Slips {
		if slip := &b.Slips[i]; slip.waitsWrongly(now) {
			recs = append(recs, b.slipRecord(SlipBroken, now, slip).fromNow())
		}
	}
	return recs
}

// waitsWrongly says whether a restart has to set a slip back to the start: nobody
// prints it any more, or its time is one that this clock may never see.
func (slip *Slip) waitsWrongly(now time.Time) bool {
	return slip.Phase == SlipPrinting || slip.Phase == SlipWaits && slip.wake().After(now)
}

func (r Record) fromNow() Record {
	r.Trouble, r.Next = string(BecauseRestart), r.At
	return r
}

func (sale *Sale) onRestart(now time.Time) (Record, bool) {
	switch sale.Phase {
	case Authorizing, Querying:
		return Record{Kind: WasUnknown, At: now, Order: sale.Order,
			Reason: BecauseRestart, Next: now}, true
	case Held: // its code is gone, and nothing has left
		return sale.notSent(now, BecauseRestart), true
	case Pending, Unknown:
		return sale.again(QueryDue, now).because(BecauseRestart), true
	case Reversing:
		return sale.again(ReverseDue, now).because(BecauseRestart), true
	case Voiding:
		return sale.again(VoidDue, now).because(BecauseRestart), true
	}
	return Record{}, false
}

// refundRestart asks again about a refund that is on its way: by its number it is
// the same refund.
func (sale *Sale) refundRestart(now time.Time, m *MoneyBack) (Record, bool) {
	switch m.Phase {
	case Refunding, Querying:
		return Record{Kind: RefundUnanswered, At: now, Order: sale.Order, Refund: m.Order,
			Reason: BecauseRestart, Next: now}, true
	case Unknown:
		return sale.refundAgain(RefundDue, m, now), true
	case Pending:
		return sale.refundAgain(RefundQueryDue, m, now), true
	}
	return Record{}, false
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
