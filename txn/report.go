package txn

import (
	"fmt"
	"slices"
	"time"
)

// ReportsMax is how many reports may wait for paper.
const ReportsMax = 20

// Report is a slip with sums on it: of a shift, running or ended, or of the open
// batch. It says how they stood when it was asked for, however late the paper comes.
type Report struct {
	Number   uint32    `json:"report"` // from 1, never used again
	At       time.Time `json:"at"`
	Operator string    `json:"operator,omitempty"` // who is on duty
	Shift    Shift     `json:"shift,omitzero"`     // of a ShiftForm
	Batch    Batch     `json:"batch,omitzero"`     // of a TotalsForm
	Again    bool      `json:"again,omitempty"`    // there was paper with the same content
	Slip     Slip      `json:"slip"`
}

// ShiftSlipAsked wants the report of a shift: of the running one, as it stands, or
// once more of one that has ended.
type ShiftSlipAsked struct{ Shift uint32 } // 0: the running one

// TotalsSlipAsked wants the totals of the open batch on paper. It closes nothing.
type TotalsSlipAsked struct{}

func (ShiftSlipAsked) event()  {}
func (TotalsSlipAsked) event() {}

func (s *State) decideShiftSlip(now time.Time, ev ShiftSlipAsked) ([]Record, error) {
	shift := s.findShift(ev.Shift)
	switch {
	case shift == nil && ev.Shift == 0:
		return nil, ErrNotSignedOn
	case shift == nil:
		return nil, ErrNoOrder
	case s.rules.NoPrinter:
		return nil, ErrNoPrinter
	case len(s.reports) >= ReportsMax:
		return nil, ErrReportsMax
	}
	return []Record{s.shiftReport(now, shift)}, nil
}

func (s *State) shiftReport(now time.Time, shift *Shift) Record {
	totals := shift.Totals.copied()
	return Record{Kind: ReportDue, At: now, Report: s.reportCount + 1, Form: ShiftForm,
		Shift: shift.Number, Operator: shift.Operator, ShiftTotals: &totals, Copy: MerchantCopy}
}

func (s *State) decideTotalsSlip(now time.Time) ([]Record, error) {
	switch {
	case s.rules.NoPrinter:
		return nil, ErrNoPrinter
	case len(s.reports) >= ReportsMax:
		return nil, ErrReportsMax
	}
	totals := s.totals(s.batch)
	return []Record{{Kind: ReportDue, At: now, Report: s.reportCount + 1, Form: TotalsForm,
		Batch: s.batch, Totals: &totals, Copy: MerchantCopy}}, nil
}

func (s *State) applyReport(r Record) {
	assert(r.Report > s.reportCount, "report %d was there before", r.Report)
	s.reportCount = r.Report
	rep := &Report{Number: r.Report, At: r.At, Operator: r.Operator,
		Slip: Slip{Form: r.Form, Copy: r.Copy, Phase: SlipWaits, DueAt: r.At}}
	if r.Form == TotalsForm {
		rep.Batch = Batch{Number: r.Batch, Phase: BatchOpen, Totals: *r.Totals}
	} else {
		shift := s.findShift(r.Shift)
		assert(shift != nil, "report %d of shift %d, which is not known", r.Report, r.Shift)
		rep.Shift, rep.Again = shift.copied(), shift.Reported
		rep.Shift.Totals = r.ShiftTotals.copied()
		shift.Reported = !shift.To.IsZero() // a running one has another report each time
	}
	s.reports = append(s.reports, rep)
}

// applyReportSlip moves the paper of a report. Once it is out nothing is owed.
func (s *State) applyReportSlip(r Record) {
	i := slices.IndexFunc(s.reports, func(rep *Report) bool { return rep.Number == r.Report })
	assert(i >= 0, "%s of report %d, which is not owed", r.Kind, r.Report)
	phase := s.reports[i].Slip.step(r)
	s.hearPrinter(r, phase)
	if phase == SlipOnPaper {
		s.reports = slices.Delete(s.reports, i, i+1)
	}
}

// reportsRestart makes due what was being printed, or waits for a time that this
// clock may never see.
func (s *State) reportsRestart(now time.Time) []Record {
	var recs []Record
	for _, rep := range s.reports {
		if rep.Slip.waitsWrongly(now) {
			recs = append(recs, rep.slipRecord(SlipBroken, now).fromNow())
		}
	}
	return recs
}

// reportEnded follows the end of a report's printing.
func (s *State) reportEnded(now time.Time, ev SlipEnded) []Record {
	for _, rep := range s.reports {
		if rep.Slip.Phase == SlipPrinting && rep.print().Key() == ev.Key {
			return s.ended(now, rep.slipRecord(SlipPrinted, now), ev.Trouble)
		}
	}
	return nil
}

func (rep *Report) slipRecord(kind Kind, now time.Time) Record {
	return Record{Kind: kind, At: now, Report: rep.Number, Form: rep.Slip.Form, Copy: rep.Slip.Copy}
}

func (rep *Report) print() Print {
	c := *rep
	c.Shift = rep.Shift.copied()
	return Print{Report: c, Form: rep.Slip.Form, Copy: rep.Slip.Copy, Try: rep.Slip.Starts,
		Duplicate: rep.Slip.Starts > 1 || rep.Again}
}

// reportOrder stands for a report where an order number is wanted.
func reportOrder(number uint32) Order { return Order(fmt.Sprintf("report-%06d", number)) }
