package txn

import (
	"slices"
	"time"
)

// BatchesKept is how many settled batches stay at hand for a reprint: two months of
// one a day.
const BatchesKept = 62

// BatchPhase is where a batch stands.
//
//	open --> settling --> settled
//	            |  ^ '--> uploading --> settled    the acquirer's totals differ
//	            '--'  (not answered: asked again)
//
// New sales belong to the next batch from the moment one is closed. Nothing of a
// settled batch is erased.
type BatchPhase string

// The phases of a batch.
const (
	BatchOpen      BatchPhase = "open"
	BatchSettling  BatchPhase = "settling"
	BatchUploading BatchPhase = "uploading"
	BatchDone      BatchPhase = "settled"
)

// Totals are what a batch adds up to. Voided sales are in none of the sums.
type Totals struct {
	Sales     int    `json:"sales"`
	SaleSum   Amount `json:"sale_sum_fen"`
	Refunds   int    `json:"refunds"`
	RefundSum Amount `json:"refund_sum_fen"`
	Voids     int    `json:"voids"`
	VoidSum   Amount `json:"void_sum_fen"`
	Hand      int    `json:"hand"` // on the list for a person: in none of the sums
}

// Net is what the acquirer owes the merchant for a batch.
func (t Totals) Net() Amount { return t.SaleSum - t.RefundSum }

// Batch is what is settled together.
type Batch struct {
	Number   uint32     `json:"number"` // 1 to 999999, and round again
	Phase    BatchPhase `json:"state"`
	ClosedAt time.Time  `json:"closed_at,omitzero"`
	EndedAt  time.Time  `json:"ended_at,omitzero"`
	Totals   Totals     `json:"totals"`
	Balanced bool       `json:"balanced"` // the acquirer's totals are the same
	Reason   Reason     `json:"reason,omitempty"`
	Tries    int        `json:"tries,omitempty"`
	Next     time.Time  `json:"next,omitzero"`
	Slips    []Slip     `json:"slips,omitempty"`
	Operator string     `json:"operator,omitempty"` // who closed it
}

// BatchLine is one transaction of a batch, as it is uploaded.
type BatchLine struct {
	Order  Order
	Refund bool
	Trace  uint32
	Amount Amount
}

// Settle tells the acquirer what a batch adds up to. Approved means that its books
// say the same, Declined that they don't: then the batch is uploaded.
type Settle struct {
	Batch  uint32
	Try    int // from 1
	Totals Totals
}

// Upload sends every transaction of a batch to an acquirer whose totals differ.
type Upload struct {
	Batch uint32
	Try   int // from 1
	Lines []BatchLine
}

// Key is unique in the life of the terminal, as long as batch numbers are.
func (e Settle) Key() string { return tryKey("settle", BatchOrder(e.Batch), e.Try) }

// Key is unique in the life of the terminal, as long as batch numbers are.
func (e Upload) Key() string { return tryKey("upload", BatchOrder(e.Batch), e.Try) }

// SettleAsked closes the open batch and settles it.
type SettleAsked struct{}

// BatchSlipAsked wants one more slip of a settled batch.
type BatchSlipAsked struct{ Batch uint32 }

func (SettleAsked) event()    {}
func (BatchSlipAsked) event() {}

// add counts one sale and its refunds, as far as they are of a batch.
func (t *Totals) add(sale *Sale, batch uint32) {
	if sale.Batch == batch {
		switch {
		case sale.Hand.Open():
			t.Hand++
		case sale.Phase == Voided:
			t.Voids++
			t.VoidSum += sale.Amount
		case sale.Net() != 0 || sale.kept() || sale.Phase == Refunded:
			t.Sales++
			t.SaleSum += sale.Amount
		}
	}
	for i := range sale.Refunds {
		switch m := &sale.Refunds[i]; {
		case m.Batch != batch:
		case m.Hand.Open():
			t.Hand++
		case m.Moved():
			t.Refunds++
			t.RefundSum += m.Amount
		}
	}
}

// Totals adds up the open batch, or one that is being settled.
func (s *State) totals(batch uint32) Totals {
	var t Totals
	for _, order := range s.order {
		t.add(s.sales[order], batch)
	}
	return t
}

// lines are the transactions of a batch that are in its sums.
func (s *State) lines(batch uint32) []BatchLine {
	var lines []BatchLine
	for _, order := range s.order {
		sale := s.sales[order]
		var t Totals
		t.add(sale, batch)
		if t.Sales > 0 {
			lines = append(lines, BatchLine{sale.Order, false, sale.Trace, sale.Amount})
		}
		for i := range sale.Refunds {
			if m := &sale.Refunds[i]; m.Batch == batch && m.Moved() && !m.Hand.Open() {
				lines = append(lines, BatchLine{m.Order, true, m.Trace, m.Amount})
			}
		}
	}
	return lines
}

// unresolved says whether the machine is still finding out about a transaction of
// a batch. What waits for a person does not count: it may take days.
func (s *State) unresolved(batch uint32) bool {
	for _, order := range s.live {
		sale := s.sales[order]
		if sale.Batch == batch && !sale.Phase.Final() && sale.Phase != ByHand {
			return true
		}
		for i := range sale.Refunds {
			if m := &sale.Refunds[i]; m.Batch == batch && !m.atRest() && m.Phase != ByHand {
				return true
			}
		}
	}
	return false
}

// decideSettle closes the open batch. Where the acquirer settles nothing, it is
// settled by being closed: its bill is the proof.
func (s *State) decideSettle(now time.Time) ([]Record, error) {
	t := s.totals(s.batch)
	switch {
	case s.unresolved(s.batch):
		return nil, ErrUnsettled
	case t == Totals{}:
		return nil, ErrNothingToSettle
	case slices.ContainsFunc(s.closing, func(b *Batch) bool { return b.Phase != BatchDone }):
		return nil, ErrBusy // one after the other; a slip that waits for paper is no reason
	}
	closed := Record{Kind: BatchClosed, At: now, Batch: s.batch, Totals: &t}
	if s.rules.Settles {
		return []Record{closed, {Kind: SettleDue, At: now, Batch: s.batch, Try: 1}}, nil
	}
	return []Record{closed, {Kind: BatchSettled, At: now, Batch: s.batch, Balanced: true,
		Reason: BecauseNoHost, Copies: handCopies}}, nil
}

func (s *State) decideBatchSlip(now time.Time, ev BatchSlipAsked) ([]Record, error) {
	b := s.closed(ev.Batch)
	switch {
	case b == nil:
		return nil, ErrNoOrder
	case b.Phase != BatchDone:
		return nil, ErrNotFinal
	case s.rules.NoPrinter:
		return nil, ErrNoPrinter
	case len(b.Slips) == 0:
		return []Record{b.slipRecord(SlipDue, now, &Slip{Form: SettlementForm, Copy: handCopies[0]})}, nil
	case b.owesPaper():
		return s.sooner(&b.Slips[0], b.slipRecord(SlipStarted, now, &b.Slips[0])), nil
	}
	return []Record{b.slipRecord(SlipDue, now, &b.Slips[0])}, nil
}

// onSettle follows the answer to a Settle or an Upload.
func (s *State) onSettle(now time.Time, b *Batch, said Result) []Record {
	answer, reason := believe(BatchOrder(b.Number), said.Amount, said)
	r := Record{At: now, Batch: b.Number, Answer: &answer, Reason: reason,
		Balanced: b.Phase == BatchSettling}
	settled, differs := answer.Outcome == OutcomeApproved, answer.Outcome == OutcomeDeclined
	switch {
	case settled:
		r.Kind, r.Copies = BatchSettled, handCopies
	case differs && b.Phase == BatchSettling:
		r.Kind, r.Try, r.Balanced = UploadDue, 1, false
	case s.exhausted(now, b.ClosedAt, b.Tries):
		// No settlement may wait behind it for ever: the bill will tell, and the slip says so.
		r.Kind, r.Balanced, r.Reason, r.Copies = BatchSettled, false, BecauseExhausted, handCopies
	default:
		r.Kind, r.Balanced = SettleUnanswered, false
		r.Next = now.Add(s.rules.retryPause(BatchOrder(b.Number), b.Tries))
	}
	return []Record{r}
}

func (s *State) applyBatch(r Record) {
	if r.Kind == BatchClosed {
		assert(r.Batch == s.batch, "batch %d was closed, but %d is open", r.Batch, s.batch)
		s.closing = append(s.closing, &Batch{Number: r.Batch, Phase: BatchSettling, ClosedAt: r.At,
			Totals: *r.Totals, Operator: r.Operator})
		s.batch = r.Batch%999999 + 1
		return
	}
	b := s.closed(r.Batch)
	assert(b != nil, "%s of batch %d, which is not being settled", r.Kind, r.Batch)
	switch r.Kind {
	case SettleDue:
		b.move(BatchSettling, BatchSettling)
		b.Tries = r.Try
	case UploadDue:
		b.move(BatchUploading, BatchSettling, BatchUploading)
		b.Tries = r.Try
	case SettleUnanswered:
		b.move(b.Phase, BatchSettling, BatchUploading)
	case BatchSettled:
		b.move(BatchDone, BatchSettling, BatchUploading)
		b.EndedAt, b.Balanced = r.At, r.Balanced
		for _, c := range r.Copies {
			b.Slips = append(b.Slips, Slip{Form: SettlementForm, Copy: c, Phase: SlipWaits, DueAt: r.At})
		}
	default:
		assert(false, "record kind %q is not about a batch", r.Kind)
	}
	b.Next, b.Reason = r.Next, r.Reason
	s.forgetBatches()
}

// closed finds a batch that was closed.
func (s *State) closed(number uint32) *Batch {
	for _, all := range [][]*Batch{s.closing, s.settled} {
		for _, b := range all {
			if b.Number == number {
				return b
			}
		}
	}
	return nil
}

// wantPaper takes a settled batch up again whose slip is asked for once more.
func (s *State) wantPaper(b *Batch) {
	if i := slices.Index(s.settled, b); i >= 0 {
		s.settled = slices.Delete(s.settled, i, i+1)
		s.closing = append(s.closing, b)
	}
}

// forgetBatches moves what is settled and on paper out of the way.
func (s *State) forgetBatches() {
	s.closing = slices.DeleteFunc(s.closing, func(b *Batch) bool {
		if b.Phase != BatchDone || b.owesPaper() {
			return false
		}
		s.settled = append(s.settled, b)
		return true
	})
	slices.SortStableFunc(s.settled, func(a, b *Batch) int { return a.ClosedAt.Compare(b.ClosedAt) })
	s.settled = s.settled[max(0, len(s.settled)-BatchesKept):]
}

func (b *Batch) owesPaper() bool {
	return slices.ContainsFunc(b.Slips, func(slip Slip) bool { return slip.Phase != SlipOnPaper })
}

func (b *Batch) move(to BatchPhase, from ...BatchPhase) {
	assert(slices.Contains(from, b.Phase), "batch %d: %s to %s is not a move", b.Number, b.Phase, to)
	b.Phase = to
}

// due gives the message that a batch waits for, or nil.
func (s *State) batchDue(b *Batch) Effect {
	switch {
	case !b.Next.IsZero():
	case b.Phase == BatchSettling:
		return Settle{Batch: b.Number, Try: b.Tries, Totals: b.Totals}
	case b.Phase == BatchUploading:
		return Upload{Batch: b.Number, Try: b.Tries, Lines: s.lines(b.Number)}
	}
	return nil
}

// settleAgain is the next try of what had no answer.
func (b *Batch) settleAgain(now time.Time) Record {
	kind := SettleDue
	if b.Phase == BatchUploading {
		kind = UploadDue
	}
	return Record{Kind: kind, At: now, Batch: b.Number, Try: b.Tries + 1}
}

// copied shares nothing that changes.
func (b *Batch) copied() Batch {
	c := *b
	c.Slips = slices.Clone(b.Slips)
	return c
}

// Batches gives the open batch with its totals so far, and those of before, the
// newest first.
func (s *State) Batches() []Batch {
	all := []Batch{{Number: s.batch, Phase: BatchOpen, Totals: s.totals(s.batch)}}
	for _, list := range [][]*Batch{s.closing, s.settled} {
		for i := range list {
			all = append(all, list[len(list)-1-i].copied())
		}
	}
	return all
}
