package txn

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Carry is what a journal that is compacted keeps of the State, but for its sales:
// each of those has a record of its own.
type Carry struct {
	Counter  uint64    `json:"counter"`
	Trace    uint32    `json:"trace"`
	Batch    uint32    `json:"batch"`
	Current  Order     `json:"current,omitempty"`
	Line     Line      `json:"line"`
	Troubles int       `json:"troubles,omitempty"`
	Closing  []Batch   `json:"closing,omitempty"`
	Settled  []Batch   `json:"settled,omitempty"`
	PaidAt   time.Time `json:"paid_at,omitzero"`
	LastAt   time.Time `json:"last_at,omitzero"`
	PaperAt  time.Time `json:"paper_at,omitzero"`
	Jams     int       `json:"jams,omitempty"`
	Staff    Staff     `json:"staff"`
	Identity Identity  `json:"identity,omitzero"`
}

// Settled gives copies of the sales that nothing is owed of any more, oldest first:
// at rest since before a time, their batches settled. They may be archived.
func (s *State) Settled(before time.Time) []Sale {
	var old []Sale
	for _, order := range s.order {
		if sale := s.sales[order]; s.isOver(sale, before) {
			old = append(old, sale.copied())
		}
	}
	return old
}

func (s *State) isOver(sale *Sale, before time.Time) bool {
	if sale.Order == s.current || !sale.atRest() || s.isOpen(sale.Batch) ||
		!sale.ChangedAt.Before(before) {
		return false
	}
	for i := range sale.Refunds {
		if m := &sale.Refunds[i]; s.isOpen(m.Batch) || !m.ChangedAt.Before(before) {
			return false
		}
	}
	return true
}

// isOpen says whether a batch is not settled yet.
func (s *State) isOpen(batch uint32) bool {
	return batch == s.batch || slices.ContainsFunc(s.closing, func(b *Batch) bool {
		return b.Number == batch && b.Phase != BatchDone
	})
}

// Forget drops sales that are archived. It is for what Settled gave.
func (s *State) Forget(archived []Sale) {
	gone := make(map[Order]bool, len(archived))
	for _, sale := range archived {
		assert(s.sales[sale.Order].atRest(), "order %s is not at rest", sale.Order)
		gone[sale.Order] = true
		delete(s.sales, sale.Order)
		for i := range sale.Refunds {
			delete(s.refundOf, sale.Refunds[i].Order)
		}
	}
	s.order = slices.DeleteFunc(s.order, func(o Order) bool { return gone[o] })
}

// Carried gives the records from which a new State becomes this one, but for what
// only this process knows.
func (s *State) Carried(now time.Time) []Record {
	c := &Carry{Counter: s.counter, Trace: s.trace, Batch: s.batch, Current: s.current,
		Line: s.line, Troubles: s.line.troubles, PaidAt: s.paidAt, Identity: s.identity,
		LastAt: s.lastAt, PaperAt: s.paperAt, Jams: s.jams, Staff: s.staff()}
	for _, b := range s.closing {
		c.Closing = append(c.Closing, b.copied())
	}
	for _, b := range s.settled {
		c.Settled = append(c.Settled, b.copied())
	}
	recs := []Record{{Kind: StateCarried, At: now, Carry: c}}
	for _, order := range s.order {
		recs = append(recs, saleCarried(now, s.sales[order].copied()))
	}
	return recs
}

func saleCarried(now time.Time, sale Sale) Record {
	return Record{Kind: SaleCarried, At: now, Order: sale.Order, Sale: &sale}
}

// applyCarried takes over what a compacted journal begins with, or a sale that is
// called back from the archive.
func (s *State) applyCarried(r Record) {
	if r.Kind == SaleCarried {
		assert(s.sales[r.Order] == nil, "order %s is there already", r.Order)
		sale := r.Sale.copied()
		s.sales[r.Order] = &sale
		s.order = append(s.order, r.Order)
		for i := range sale.Refunds {
			s.refundOf[sale.Refunds[i].Order] = r.Order
		}
		s.keepLive(&sale)
		s.printing = s.printing || printing(sale.Slips)
		return
	}
	assert(len(s.sales) == 0 && s.counter == 0, "%s in the middle of a journal", r.Kind)
	c := r.Carry
	s.counter, s.trace, s.batch, s.current, s.paidAt = c.Counter, c.Trace, c.Batch, c.Current, c.PaidAt
	s.takeStaff(c.Staff)
	s.line, s.identity, s.paperAt, s.jams = c.Line, c.Identity, c.PaperAt, c.Jams
	s.lastAt = c.LastAt
	s.line.troubles = c.Troubles
	for _, b := range c.Closing {
		s.closing = append(s.closing, &b)
		s.printing = s.printing || printing(b.Slips)
	}
	for _, b := range c.Settled {
		s.settled = append(s.settled, &b)
	}
}

func printing(slips []Slip) bool {
	return slices.ContainsFunc(slips, func(slip Slip) bool { return slip.Phase == SlipPrinting })
}

// Recall gives the record that brings an archived sale back: somebody asks for a
// refund of it, or for a slip. The text is what Archived gave.
func Recall(now time.Time, text []byte) (Record, error) {
	sale, err := DecodeSale(text)
	return saleCarried(now, sale), err
}

// Archived gives the text that the archive keeps of a sale.
func (sale *Sale) Archived() []byte {
	text, err := json.Marshal(sale)
	assert(err == nil, "order %s cannot be encoded: %v", sale.Order, err)
	return text
}

// DecodeSale reads what Archived gave.
func DecodeSale(text []byte) (Sale, error) {
	var sale Sale
	if err := json.Unmarshal(text, &sale); err != nil {
		return Sale{}, fmt.Errorf("archived sale: %w", err)
	}
	return sale, nil
}

// Refs are the numbers that a sale may be asked for by, but for its order number:
// those of its refunds, the acquirer's, and the wallet's.
func (sale *Sale) Refs() []string {
	all := []string{sale.Answer.AcquirerRef, sale.Answer.ChannelRef}
	for i := range sale.Refunds {
		m := &sale.Refunds[i]
		all = append(all, string(m.Order), m.Answer.AcquirerRef, m.Answer.ChannelRef)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(ref string) bool {
		return ref == "" || ref == string(sale.Order)
	})
}

// Day is the Beijing day of a time, as texts that sort as days do.
func Day(t time.Time) string { return t.In(Beijing()).Format("20060102") }

// Days are the Beijing days on which something happened to the money of a sale.
func (sale *Sale) Days() []string {
	times := []time.Time{sale.OpenedAt, sale.Answer.PaidAt, sale.VoidedAt}
	for i := range sale.Refunds {
		times = append(times, sale.Refunds[i].OpenedAt, sale.Refunds[i].Answer.PaidAt)
	}
	var days []string
	for _, t := range times {
		if !t.IsZero() {
			days = append(days, Day(t))
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// FindRef gives the order number of the sale that has a number: its own, that of a
// refund, the acquirer's, or the one on the payer's wallet bill. Empty: none here.
func (s *State) FindRef(ref string) Order {
	if sale, _ := s.find(Order(ref)); sale != nil {
		return sale.Order
	}
	for _, order := range slices.Backward(s.order) {
		if slices.Contains(s.sales[order].Refs(), ref) {
			return order
		}
	}
	return ""
}

// PaidAt is the newest time at which the acquirer says that something was paid: the
// only clock that a wrong setting of ours can't move.
func (s *State) PaidAt() time.Time { return s.paidAt }

// AtCounter says whether a payer stands here with a phone in hand.
func (s *State) AtCounter() bool {
	sale := s.sales[s.current]
	return sale != nil && sale.atCounter()
}
