package txn

// Staff is what the books know of who works here, but for the transactions: a journal
// that begins anew has to begin with it, or numbers would be used again.
type Staff struct {
	Shift       *Shift   `json:"shift,omitempty"` // the running one
	Ended       []Shift  `json:"ended,omitempty"` // oldest first
	ShiftCount  uint32   `json:"shift_count"`
	Reports     []Report `json:"reports,omitempty"` // that wait for paper
	ReportCount uint32   `json:"report_count"`
}

// staff gives a copy of all of it.
func (s *State) staff() Staff {
	st := Staff{ShiftCount: s.shiftCount, ReportCount: s.reportCount}
	if s.shift != nil {
		running := s.shift.copied()
		st.Shift = &running
	}
	for _, shift := range s.shifts {
		st.Ended = append(st.Ended, shift.copied())
	}
	for _, rep := range s.reports {
		st.Reports = append(st.Reports, rep.print().Report)
	}
	return st
}

// takeStaff lets a State that knows nobody begin with what another one knew.
func (s *State) takeStaff(st Staff) {
	assert(s.shiftCount == 0 && s.reportCount == 0, "operators have worked here already")
	s.shiftCount, s.reportCount = st.ShiftCount, st.ReportCount
	if st.Shift != nil {
		running := st.Shift.copied()
		s.shift = &running
	}
	for _, shift := range st.Ended {
		ended := shift.copied()
		s.shifts = append(s.shifts, &ended)
	}
	for _, rep := range st.Reports {
		s.reports = append(s.reports, &rep)
		s.printing = s.printing || rep.Slip.Phase == SlipPrinting
	}
}
