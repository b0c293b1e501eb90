package txn

import "time"

// What is told of the clock by other things than the clock.
const (
	aheadMax  = 2 * 365 * 24 * time.Hour // that a terminal may have been off after a payment
	behindMax = 24 * time.Hour           // that our clock may differ from the acquirer's
)

// Clock is what is known of the time besides the clock: a battery that died sets it to
// 1970, a typing error years ahead.
type Clock struct {
	From, Until time.Time // of any time that can be right
	PaidAt      time.Time // the newest time that the acquirer has signed
	LastAt      time.Time // the newest time of a record that could be right
}

// Believe gives the time by which an acquirer's certificate is to be judged, so that
// reversals go out whatever the clock says: now if it can be right, else the newest
// time that can. What is begun with a wrong clock is another matter; see ErrClock.
func (c Clock) Believe(now time.Time) time.Time {
	for _, at := range []time.Time{now, c.LastAt, c.PaidAt, c.From} {
		if !at.IsZero() && c.mayBe(at) {
			return at
		}
	}
	return now
}

func (c Clock) mayBe(at time.Time) bool {
	switch {
	case at.Before(c.From), !c.Until.IsZero() && !at.Before(c.Until):
		return false
	case c.PaidAt.IsZero():
		return true
	}
	return at.After(c.PaidAt.Add(-behindMax)) && at.Before(c.PaidAt.Add(aheadMax))
}

func (s *State) clock() Clock {
	return Clock{s.rules.ClockFrom, s.rules.ClockUntil, s.paidAt, s.lastAt}
}

// hearClock notes what a record tells of the time.
func (s *State) hearClock(r Record) {
	if r.Answer != nil && r.Answer.Authentic && r.Answer.PaidAt.After(s.paidAt) {
		s.paidAt = r.Answer.PaidAt
	}
	if r.At.After(s.lastAt) && s.clock().mayBe(r.At) {
		s.lastAt = r.At
	}
}
