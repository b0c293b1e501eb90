package txn

import "time"

func (s *State) decideSlipAsked(now time.Time, ev SlipAsked) ([]Record, error) {
	sale := s.sales[ev.Order]
	if sale == nil {
		return nil, ErrNoOrder
	}
	if sale.Phase != Approved {
		return nil, ErrNotApproved
	}
	if slip := sale.slip(ev.Copy); slip != nil && slip.Phase != SlipOnPaper {
		return nil, nil // it is coming already
	}
	return []Record{{Kind: SlipDue, At: now, Order: ev.Order, Copy: ev.Copy}}, nil
}

func (s *State) decideSlipEnded(now time.Time, ev SlipEnded) []Record {
	for _, order := range s.live {
		sale := s.sales[order]
		for _, slip := range sale.Slips {
			e := Print{Sale: Sale{Order: order}, Copy: slip.Copy, Try: slip.Starts}
			if slip.Phase != SlipPrinting || e.Key() != ev.Key {
				continue
			}
			r := Record{Kind: SlipPrinted, At: now, Order: order, Copy: slip.Copy}
			if ev.Trouble != "" {
				r.Kind, r.Trouble = SlipBroken, ev.Trouble
				r.Next = now.Add(s.rules.SlipRetry)
			}
			return []Record{r}
		}
	}
	return nil
}

// nextSlip starts the oldest slip that waits, when none is being printed. Its
// start is a record, so that after a power cut the next one is marked a duplicate.
func (s *State) nextSlip(now time.Time) []Record {
	if s.printing {
		return nil
	}
	for _, order := range s.live {
		sale := s.sales[order]
		for _, slip := range sale.Slips {
			if slip.Phase == SlipWaits && !now.Before(slip.wake(sale)) {
				return []Record{{Kind: SlipStarted, At: now, Order: order,
					Copy: slip.Copy, Try: slip.Starts + 1}}
			}
		}
	}
	return nil
}
