package acquirersim

import (
	"errors"
	"fmt"
	"time"
)

// Refunds say how refunds go from now on. The zero value makes them at once.
type Refunds struct {
	AfterS int  `json:"after_s"` // they are pending for so long, seconds
	Held   bool `json:"held"`    // they are pending until RefundEnds
}

// SetRefunds changes how refunds go from now on. Those on their way stay as they are.
func (s *Sim) SetRefunds(r Refunds) error {
	if r.AfterS < 0 {
		return errors.New("after_s is below zero")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refunds = r
	return nil
}

// RefundEnds ends a pending refund: the money is back with the payer, or it can't
// be given back.
func (s *Sim) RefundEnds(number string, ok bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, o := s.now(), s.orders[number]
	if o != nil {
		o.settle(now)
	}
	if o == nil || o.Kind != KindRefund || o.State != Pending {
		return fmt.Errorf("refund %q is not pending", number)
	}
	if ok {
		o.finish(now, Done)
		return nil
	}
	o.Text = "退款失败，请联系用户"
	o.finish(now, Declined)
	return nil
}

// refund takes a refund of sale that was found to be in order. Its amount is held
// from here on, so that no two refunds can share it.
func (s *Sim) refund(now time.Time, o, sale *Order) {
	o.sale = sale
	sale.Refunding += o.Amount
	switch {
	case s.refunds.Held:
		sale.note(now, "refund taken, held")
	case s.refunds.AfterS > 0:
		sale.note(now, "refund taken")
		o.decideTo, o.decideAt = Done, now.Add(time.Duration(s.refunds.AfterS)*time.Second)
	default:
		o.finish(now, Done)
	}
}

// hearOf carries the end of a refund over to its sale.
func (o *Order) hearOf(now time.Time, refund *Order) {
	o.Refunding -= refund.Amount
	if refund.State == Done {
		o.Refunded += refund.Amount
		o.note(now, fmt.Sprintf("refunded %d", refund.Amount))
		return
	}
	o.note(now, fmt.Sprintf("refund of %d declined", refund.Amount))
}
