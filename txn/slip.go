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
//	 ^----------------------'   (asked for again; a restart makes due what is due)
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

// slipPauseMax is the longest pause between two tries while the printer can't. Each
// try is made durable, so that paper from it is marked: a night without paper must
// not fill the disk. Whoever asks for the slip need not wait.
const slipPauseMax = 2 * time.Minute

// owe makes slips due, unless they are already or were before.
func (sale *Sale) owe(r Record, form Form, refund Order, copies ...Copy) {
	for _, c := range copies {
		if sale.slip(slipID{form, refund, c}) == nil {
			sale.Slips = append(sale.Slips,
				Slip{Form: form, Refund: refund, Copy: c, Phase: SlipWaits, DueAt: r.At})
		}
	}
}

// drop takes back the slips of a form about the sale itself that wait: what they would
// say is overtaken, and another slip says what is true now.
func (sale *Sale) drop(form Form) {
	sale.Slips = slices.DeleteFunc(sale.Slips, func(slip Slip) bool {
		return slip.Form == form && slip.Refund == "" && slip.Phase == SlipWaits
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
	s.hearPrinter(r, slip.step(r))
	if r.Kind == SlipBroken && !sale.mayHave(id) {
		sale.Slips = slices.DeleteFunc(sale.Slips, func(slip Slip) bool { return slip.id() == id })
		s.paperAt = time.Time{} // it was not the printer's fault
	}
}

// hearPrinter keeps whether the printer is at work, and when it is worth a try.
func (s *State) hearPrinter(r Record, phase SlipPhase) {
	switch r.Kind {
	case SlipDue:
		return // the printer has no part in it
	case SlipBroken:
		s.paperAt = r.Next
		if r.Trouble != string(BecauseRestart) {
			s.jams++
		}
	case SlipPrinted:
		s.paperAt, s.jams = time.Time{}, 0
	}
	s.printing = phase == SlipPrinting
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
		slip.move(SlipWaits, SlipPrinting, SlipWaits) // the latter by a restart
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
	switch {
	case !sale.mayHave(id):
		return nil, ErrNotApproved
	case s.rules.NoPrinter:
		return nil, ErrNoPrinter
	}
	slip := sale.slip(id)
	if slip == nil || slip.Phase == SlipOnPaper {
		return []Record{sale.slipRecord(SlipDue, now, id)}, nil
	}
	return s.sooner(slip, sale.slipRecord(SlipStarted, now, id)), nil
}

// sooner starts a slip that is coming already but waits for its next try: somebody has
// put paper in.
func (s *State) sooner(slip *Slip, r Record) []Record {
	if s.printing || slip.Phase != SlipWaits {
		return nil
	}
	r.Try = slip.Starts + 1
	return []Record{r}
}

func (sale *Sale) slipRecord(kind Kind, now time.Time, id slipID) Record {
	return Record{Kind: kind, At: now, Order: sale.Order, Refund: id.refund, Form: id.form, Copy: id.copy}
}

// ended is what follows from the end of a slip's printing.
func (s *State) ended(now time.Time, r Record, trouble string) []Record {
	if trouble != "" {
		r.Kind, r.Trouble = SlipBroken, trouble
		r.Next = now.Add(s.slipPause())
	}
	return []Record{r}
}

// slipPause doubles with every slip that is stopped after another.
func (s *State) slipPause() time.Duration {
	pause := s.rules.SlipRetry
	for range min(s.jams, 30) {
		if pause *= 2; pause >= slipPauseMax {
			return max(s.rules.SlipRetry, slipPauseMax)
		}
	}
	return pause
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

// nextSlip starts the slip that has waited longest, when none is being printed. Its
// start is a record, so that after a power cut the next one is marked a duplicate.
func (s *State) nextSlip(now time.Time) []Record {
	r, at := s.firstSlip(now)
	if s.printing || s.rules.NoPrinter || at.IsZero() || now.Before(at) || now.Before(s.paperAt) {
		return nil
	}
	return []Record{r}
}

// firstSlip is the start of the slip that is due first, and when that is; zero when
// none waits. One that is stopped again and again comes after the others.
func (s *State) firstSlip(now time.Time) (first Record, at time.Time) {
	look := func(slip *Slip, record func() Record) {
		if slip.Phase == SlipWaits && (at.IsZero() || slip.wake().Before(at)) {
			first, at = record(), slip.wake()
			first.Try = slip.Starts + 1
		}
	}
	for _, order := range s.live {
		sale := s.sales[order]
		for i := range sale.Slips {
			slip := &sale.Slips[i]
			look(slip, func() Record { return sale.slipRecord(SlipStarted, now, slip.id()) })
		}
	}
	for _, b := range s.closing {
		for i := range b.Slips {
			slip := &b.Slips[i]
			look(slip, func() Record { return b.slipRecord(SlipStarted, now, slip) })
		}
	}
	for _, rep := range s.reports {
		look(&rep.Slip, func() Record { return rep.slipRecord(SlipStarted, now) })
	}
	return first, at
}

// slipWake is when a slip wants a Ticked; zero for never.
func (s *State) slipWake(slip *Slip) time.Time {
	if s.printing || s.rules.NoPrinter || slip.Phase != SlipWaits {
		return time.Time{}
	}
	if at := slip.wake(); at.After(s.paperAt) {
		return at
	}
	return s.paperAt
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
	if i < 0 && r.Kind == SlipDue { // it was settled without a printer
		i = len(b.Slips)
		b.Slips = append(b.Slips, Slip{Form: r.Form, Copy: r.Copy, Phase: SlipOnPaper})
	}
	assert(i >= 0, "%s: batch %d has no %s copy", r.Kind, r.Batch, r.Copy)
	s.hearPrinter(r, b.Slips[i].step(r))
	if r.Kind == SlipDue {
		s.wantPaper(b)
		return
	}
	s.forgetBatches()
}
