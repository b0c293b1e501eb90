package txn

import (
	"slices"
	"time"
)

// Copy names whose slip it is.
type Copy string

// The copies of a slip.
const (
	MerchantCopy Copy = "merchant"
	CustomerCopy Copy = "customer"
)

// Form says what a slip is about.
type Form string

// The forms.
const (
	SaleForm       Form = "sale"
	RefundForm     Form = "refund"
	VoidForm       Form = "void"
	OfflineForm    Form = "offline"    // taken, but not approved yet
	SettlementForm Form = "settlement" // of a batch
	ShiftForm      Form = "shift"      // what an operator has done
	TotalsForm     Form = "totals"     // of the open batch
	HandForm       Form = "hand"       // what a person has to find out; it is no receipt
)

// SlipPhase is where the printing of one copy stands.
//
//	due --> printing --> printed
//	 ^----------'           |
//	 ^----------------------'   (asked for again)
type SlipPhase string

// The phases of a slip.
const (
	SlipWaits    SlipPhase = "due"
	SlipPrinting SlipPhase = "printing"
	SlipOnPaper  SlipPhase = "printed"
)

// Slip is one copy of one form.
type Slip struct {
	Form    Form      `json:"form"`
	Refund  Order     `json:"refund,omitempty"` // that it is about, if it is about one
	Copy    Copy      `json:"copy"`
	Phase   SlipPhase `json:"phase"`
	Starts  int       `json:"starts"`            // how often printing has begun
	Trouble string    `json:"trouble,omitempty"` // what stopped the last try
	Next    time.Time `json:"next,omitzero"`     // when to try again
	DueAt   time.Time `json:"due_at"`
}

// slipID names one slip of a sale.
type slipID struct {
	form   Form
	refund Order
	copy   Copy
}

func (slip *Slip) id() slipID { return slipID{slip.Form, slip.Refund, slip.Copy} }

// slipID is the slip that a record is about. Records of before there were other
// forms name none: they are about the sale.
func (r Record) slipID() slipID {
	if r.Form == "" {
		return slipID{SaleForm, "", r.Copy}
	}
	return slipID{r.Form, r.Refund, r.Copy}
}

// owe makes slips due, unless they are already or were before.
func (sale *Sale) owe(r Record, form Form, refund Order, copies ...Copy) {
	for _, c := range copies {
		if sale.slip(slipID{form, refund, c}) == nil {
			sale.Slips = append(sale.Slips,
				Slip{Form: form, Refund: refund, Copy: c, Phase: SlipWaits, DueAt: r.At})
		}
	}
}

// drop takes back slips of a form that are not begun: what they would say is
// overtaken, and another slip says what is true now.
func (sale *Sale) drop(form Form) {
	sale.Slips = slices.DeleteFunc(sale.Slips, func(slip Slip) bool {
		return slip.Form == form && slip.Phase == SlipWaits
	})
}

func (sale *Sale) slip(id slipID) *Slip {
	for i := range sale.Slips {
		if sale.Slips[i].id() == id {
			return &sale.Slips[i]
		}
	}
	return nil
}

func (s *State) applySlip(sale *Sale, r Record) {
	id := r.slipID()
	if r.Kind == SlipDue && sale.slip(id) == nil {
		assert(sale.mayHave(id), "order %s is %s and has no %s slip", sale.Order, sale.Phase, id.form)
		sale.owe(r, id.form, id.refund, id.copy)
		return
	}
	slip := sale.slip(id)
	assert(slip != nil, "%s: order %s has no %s copy", r.Kind, sale.Order, r.Copy)
	if phase := slip.step(r); r.Kind != SlipDue {
		s.printing = phase == SlipPrinting
	}
	if r.Kind == SlipBroken && !sale.mayHave(id) {
		sale.drop(id.form)
	}
}

// step moves a slip by a record about it.
func (slip *Slip) step(r Record) SlipPhase {
	switch r.Kind {
	case SlipDue:
		slip.move(SlipWaits, SlipOnPaper)
		slip.DueAt = r.At
	case SlipStarted:
		slip.move(SlipPrinting, SlipWaits)
		slip.Starts = r.Try
	case SlipBroken:
		slip.move(SlipWaits, SlipPrinting)
	case SlipPrinted:
		slip.move(SlipOnPaper, SlipPrinting)
	}
	slip.Trouble, slip.Next = r.Trouble, r.Next
	return slip.Phase
}

// mayHave says whether a slip may exist: paper that looks like a receipt only when
// the money has moved.
func (sale *Sale) mayHave(id slipID) bool {
	m := sale.refund(id.refund)
	switch id.form {
	case SaleForm:
		return sale.Phase == Approved || sale.Phase == Voiding
	case VoidForm:
		return sale.Phase == Voided
	case RefundForm:
		return m != nil && m.Phase == Refunded
	case OfflineForm:
		return sale.unsettledOffline()
	case HandForm:
		return !sale.Hand.Since.IsZero() || m != nil && !m.Hand.Since.IsZero()
	}
	return false
}

// MayPrint says whether there is such a slip of this sale.
func (sale *Sale) MayPrint(slip Print) bool {
	if slip.Form == RefundForm && slip.Refund == "" || slip.Form != RefundForm &&
		slip.Form != HandForm && slip.Refund != "" {
		return false
	}
	return sale.mayHave(slipID{slip.Form, slip.Refund, slip.Copy})
}

func (slip *Slip) move(to SlipPhase, from ...SlipPhase) {
	assert(slices.Contains(from, slip.Phase), "slip: %s to %s is not a move", slip.Phase, to)
	slip.Phase = to
}

// wake is when a slip that waits is to be printed.
func (slip *Slip) wake() time.Time {
	if slip.Next.IsZero() {
		return slip.DueAt
	}
	return slip.Next
}

// handCopies are printed of what goes to the list for a person.
var handCopies = []Copy{MerchantCopy}

// decideSlipAsked wants one more slip: of the refund if one is named, of the void,
// or of the sale.
func (s *State) decideSlipAsked(now time.Time, ev SlipAsked) ([]Record, error) {
	sale := s.sales[ev.Order]
	id := slipID{SaleForm, "", ev.Copy}
	if of := s.refundOf[ev.Order]; sale == nil && of != "" {
		sale, id = s.sales[of], slipID{RefundForm, ev.Order, ev.Copy}
	}
	if sale == nil {
		return nil, ErrNoOrder
	}
	switch {
	case id.form == SaleForm && sale.Phase == Voided:
		id.form = VoidForm
	case id.form == SaleForm && sale.Offline && !sale.mayHave(id):
		id.form = OfflineForm
	}
	if ev.Form == HandForm {
		id.form = HandForm
	}
	if !sale.mayHave(id) {
		return nil, ErrNotApproved
	}
	if slip := sale.slip(id); slip != nil && slip.Phase != SlipOnPaper {
		return nil, nil // it is coming already
	}
	return []Record{sale.slipRecord(SlipDue, now, id)}, nil
}

func (sale *Sale) slipRecord(kind Kind, now time.Time, id slipID) Record {
	return Record{Kind: kind, At: now, Order: sale.Order, Refund: id.refund, Form: id.form, Copy: id.copy}
}

// ended is what follows from the end of a slip's printing.
func (s *State) ended(now time.Time, r Record, trouble string) []Record {
	if trouble != "" {
		r.Kind, r.Trouble = SlipBroken, trouble
		r.Next = now.Add(s.rules.SlipRetry)
	}
	return []Record{r}
}

func (s *State) decideSlipEnded(now time.Time, ev SlipEnded) []Record {
	for _, b := range s.closing {
		for i := range b.Slips {
			slip := &b.Slips[i]
			if slip.Phase == SlipPrinting && b.print(slip).Key() == ev.Key {
				return s.ended(now, b.slipRecord(SlipPrinted, now, slip), ev.Trouble)
			}
		}
	}
	for _, order := range s.live {
		sale := s.sales[order]
		for i := range sale.Slips {
			slip := &sale.Slips[i]
			if slip.Phase != SlipPrinting || slip.print(sale).Key() != ev.Key {
				continue
			}
			return s.ended(now, sale.slipRecord(SlipPrinted, now, slip.id()), ev.Trouble)
		}
	}
	return s.reportEnded(now, ev)
}

// print is the effect of a slip that is being printed.
func (slip *Slip) print(sale *Sale) Print {
	return Print{Sale: sale.copied(), Form: slip.Form, Refund: slip.Refund, Copy: slip.Copy,
		Try: slip.Starts, Duplicate: slip.Starts > 1}
}

// nextSlip starts the oldest slip that waits, when none is being printed. Its
// start is a record, so that after a power cut the next one is marked a duplicate.
func (s *State) nextSlip(now time.Time) []Record {
	if s.printing {
		return nil
	}
	for _, order := range s.live {
		sale := s.sales[order]
		for i := range sale.Slips {
			slip := &sale.Slips[i]
			if slip.Phase == SlipWaits && !now.Before(slip.wake()) {
				r := sale.slipRecord(SlipStarted, now, slip.id())
				r.Try = slip.Starts + 1
				return []Record{r}
			}
		}
	}
	for _, b := range s.closing {
		for i := range b.Slips {
			slip := &b.Slips[i]
			if slip.Phase == SlipWaits && !now.Before(slip.wake()) {
				r := b.slipRecord(SlipStarted, now, slip)
				r.Try = slip.Starts + 1
				return []Record{r}
			}
		}
	}
	return s.nextReport(now)
}

func (b *Batch) slipRecord(kind Kind, now time.Time, slip *Slip) Record {
	return Record{Kind: kind, At: now, Batch: b.Number, Form: slip.Form, Copy: slip.Copy}
}

func (b *Batch) print(slip *Slip) Print {
	return Print{Batch: b.copied(), Form: slip.Form, Copy: slip.Copy, Try: slip.Starts,
		Duplicate: slip.Starts > 1}
}

// applyBatchSlip moves a slip of a batch.
func (s *State) applyBatchSlip(r Record) {
	b := s.closed(r.Batch)
	assert(b != nil, "%s of batch %d, which was never closed", r.Kind, r.Batch)
	i := slices.IndexFunc(b.Slips, func(slip Slip) bool { return slip.Copy == r.Copy })
	assert(i >= 0, "%s: batch %d has no %s copy", r.Kind, r.Batch, r.Copy)
	phase := b.Slips[i].step(r)
	if r.Kind == SlipDue {
		s.wantPaper(b)
		return
	}
	s.printing = phase == SlipPrinting
	s.forgetBatches()
}
