package txn

// Role is what an operator may do.
type Role string

// The roles. A technician sells like a cashier: to try the terminal out.
const (
	Cashier    Role = "cashier"    // sells, settles, prints totals
	Supervisor Role = "supervisor" // also gives money back, and answers for what a machine can't
	Technician Role = "technician"
)

// Person is an operator whose PIN was right. Whoever makes the event has checked it.
type Person struct {
	Operator string `json:"operator"` // 2 to 4 digits; empty: nobody
	Role     Role   `json:"role"`
}

func (p Person) supervises() bool { return p.Operator != "" && p.Role == Supervisor }

// Guard says whether people have to say who they are.
type Guard string

// The guards.
const (
	GuardNone   Guard = ""       // no operators were ever set up: whoever is here may do all
	GuardOff    Guard = "off"    // somebody has removed all operators: the same
	GuardOn     Guard = "on"     // somebody must be on duty
	GuardBroken Guard = "broken" // the list can't be read: no PIN can be checked
)

// guard is the rule as the books see it: where operators have worked, a list that is
// not there any more is a broken one. Deleting it must not open the till.
func (s *State) guard() Guard {
	if s.rules.Operators == GuardNone && s.shiftCount > 0 {
		return GuardBroken
	}
	return s.rules.Operators
}

// authority is what an act takes.
type authority int

const (
	anybody      authority = iota // it can do no harm
	onDuty                        // somebody has to answer for it
	bySupervisor                  // on duty, or called for this one act
)

// takes says what authority an event takes, and who was called for it.
func takes(ev Event, recs []Record) (authority, Person) {
	switch ev := ev.(type) {
	case SaleAsked:
		if recs[0].Override != "" {
			return bySupervisor, ev.By
		}
		return onDuty, Person{}
	case RefundAsked:
		return bySupervisor, ev.By
	case VoidAsked:
		return bySupervisor, ev.By
	case ReverseAsked:
		return bySupervisor, ev.By
	case HandAsked:
		return bySupervisor, ev.By
	case HandEnded:
		return bySupervisor, ev.By
	case SettleAsked, TotalsSlipAsked:
		return onDuty, Person{}
	}
	return anybody, Person{}
}

// authorise lets through what was decided, if whoever asked for it may, and notes
// who that was. While the list of operators can't be read, sales go on, since
// a shop that can't sell is closed; what gives money back or overrules the machine
// waits for the list, also for a supervisor who is on duty.
func (s *State) authorise(ev Event, recs []Record) ([]Record, error) {
	guard := s.guard()
	if len(recs) == 0 || guard != GuardOn && guard != GuardBroken {
		return recs, nil
	}
	need, by := takes(ev, recs)
	if need == anybody {
		return recs, nil
	}
	var duty Person
	r := &recs[0]
	if s.shift != nil {
		duty, r.Shift = s.shift.Person, s.shift.Number
	}
	_, sells := ev.(SaleAsked)
	switch {
	case duty.Operator == "" && guard == GuardOn && (sells || need == onDuty):
		return nil, ErrNotSignedOn
	case need != bySupervisor:
	case by.supervises():
		r.By = by.Operator
	case duty.supervises() && guard == GuardOn:
		r.By = duty.Operator
	default:
		return nil, ErrNeedsSupervisor
	}
	r.Operator = duty.Operator
	if r.Operator == "" {
		r.Operator = r.By
	}
	return recs, nil
}
