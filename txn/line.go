package txn

import (
	"strconv"
	"time"
)

// troublesMax is how many messages in a row may go without a usable answer before
// the way counts as broken. One that could not leave at all is enough.
const troublesMax = 3

// againAfter is the least pause between two messages about one order: acquirers
// count faster ones as a fault of the terminal.
const againAfter = 3 * time.Second

// Line is the way to the acquirer and back, as the last answers have shown it.
type Line struct {
	Down    bool          `json:"down"`
	Layer   Layer         `json:"layer,omitempty"` // that failed
	Since   time.Time     `json:"since,omitzero"`
	Outages uint64        `json:"outages"`               // since the first record
	Leave   time.Duration `json:"leave_alone,omitempty"` // how long the acquirer asked for

	troubles int // answers in a row that were none
}

// AwaitLine looks for the way to the acquirer until it is there again. While it is
// due, nothing else is sent but what a cashier waits for.
type AwaitLine struct {
	Outage uint64
	Layer  Layer         // that failed
	Leave  time.Duration // do not ask before; 0: at once
}

// Key is unique in the life of the terminal.
func (e AwaitLine) Key() string { return "line/" + strconv.FormatUint(e.Outage, 10) }

// hear counts answers that were none.
func (l *Line) hear(r Record) {
	switch {
	case r.Answer == nil:
	case r.Answer.Authentic:
		l.troubles = 0
	case r.Answer.Layer.cutsLine():
		l.troubles++
	}
}

// cutsLine says whether a failure there is one of the way, not of an answer.
func (l Layer) cutsLine() bool {
	switch l {
	case LayerLine, LayerDNS, LayerTime, LayerTLS, LayerBank:
		return true
	}
	return false
}

// afterAnswer says what an answer tells about the line.
func (s *State) afterAnswer(now time.Time, said Result) []Record {
	switch {
	case s.line.Down && said.Authentic:
		return []Record{{Kind: LineUp, At: now}}
	case s.line.Down || said.Authentic || !said.Layer.cutsLine():
		return nil
	case said.Outcome == OutcomeNotSent || said.RetryAfter > 0 || s.line.troubles+1 >= troublesMax:
		return []Record{{Kind: LineDown, At: now, Layer: said.Layer, Leave: said.RetryAfter}}
	}
	return nil
}

// decideLine ends an outage that AwaitLine has seen the end of.
func (s *State) decideLine(now time.Time, ev LineSeen) []Record {
	if s.line.Down && s.awaitLine().Key() == ev.Key {
		return []Record{{Kind: LineUp, At: now}}
	}
	return nil
}

func (s *State) awaitLine() AwaitLine {
	return AwaitLine{Outage: s.line.Outages, Layer: s.line.Layer, Leave: s.line.Leave}
}

func (s *State) applyLine(r Record) {
	if r.Kind == LineDown {
		s.line.Down, s.line.Layer, s.line.Leave, s.line.Since = true, r.Layer, r.Leave, r.At
		s.line.Outages++
		return
	}
	s.line = Line{Outages: s.line.Outages, Since: r.At}
	for _, order := range s.live {
		s.sales[order].pull(r.At)
	}
	for _, b := range s.closing {
		if !b.Next.IsZero() {
			b.Next = earlier(b.Next, r.At)
		}
	}
}

// pull brings what waits only because of the line forward to now.
func (sale *Sale) pull(now time.Time) {
	soonest := func(next, tried time.Time) time.Time {
		if first := tried.Add(againAfter); first.After(now) {
			now := first
			return earlier(next, now)
		}
		return earlier(next, now)
	}
	if sale.Reason != BecauseNotFound && !sale.Next.IsZero() {
		sale.Next = soonest(sale.Next, sale.TriedAt)
	}
	for i := range sale.Refunds {
		if m := &sale.Refunds[i]; !m.Next.IsZero() {
			m.Next = soonest(m.Next, m.ChangedAt)
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// LineDown says whether the way to the acquirer is known to be broken: then only
// what a cashier waits for is worth a try.
func (s *State) LineDown() bool { return s.line.Down }
