package engine

import (
	"slices"

	"saoma/terminal/txn"
)

// How many messages may be out at once, besides what a cashier waits for. Reversals
// have a share of their own, so that one leaves at once however much else is owed.
const (
	reversalsMax = 4
	othersMax    = 4
)

// outbox is what was handed out and is still owed, by its key.
type outbox map[string]txn.Urgency

// owed gives what is due and may be carried out now: what a cashier waits for,
// then by urgency, then by age; no more than the limits at a time, and nothing
// that would only learn that the line is down.
func (c *Core) owed() []txn.Effect {
	due := c.state.Due()
	still := make(outbox, len(c.out))
	waiting := due[:0:0]
	for _, e := range due {
		if u, out := c.out[e.Key()]; out {
			still[e.Key()] = u
		} else {
			waiting = append(waiting, e)
		}
	}
	slices.SortStableFunc(waiting, func(a, b txn.Effect) int {
		return int(txn.UrgencyOf(a) - txn.UrgencyOf(b))
	})
	c.out = still
	var fresh []txn.Effect
	for _, e := range waiting {
		if u := txn.UrgencyOf(e); c.mayLeave(u) {
			c.out[e.Key()] = u
			fresh = append(fresh, c.withCode(e))
		}
	}
	return fresh
}

// mayLeave says whether one more effect of this urgency may be carried out.
func (c *Core) mayLeave(u txn.Urgency) bool {
	if u == txn.ForCashier || u == txn.ForNoMessage {
		return true
	}
	if c.state.LineDown() {
		return false
	}
	reversals, others := 0, 0
	for _, out := range c.out {
		switch out {
		case txn.ForCashier, txn.ForNoMessage:
		case txn.ForReversal:
			reversals++
		default:
			others++
		}
	}
	if u == txn.ForReversal {
		return reversals < reversalsMax
	}
	return others < othersMax
}
