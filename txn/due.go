package txn

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash/fnv"
	"strconv"
	"time"
)

// Due gives every effect that the world owes now, oldest sale first. It follows
// from the state alone: asked twice, it answers the same.
func (s *State) Due() []Effect {
	var due []Effect
	if s.line.Down {
		due = append(due, s.awaitLine())
	}
	for _, order := range s.live {
		sale := s.sales[order]
		if e := sale.due(); e != nil {
			due = append(due, e)
		}
		for i := range sale.Refunds {
			if e := sale.Refunds[i].due(sale); e != nil {
				due = append(due, e)
			}
		}
		for i := range sale.Slips {
			if slip := &sale.Slips[i]; slip.Phase == SlipPrinting {
				due = append(due, slip.print(sale))
			}
		}
	}
	for _, b := range s.closing {
		if e := s.batchDue(b); e != nil {
			due = append(due, e)
		}
		for i := range b.Slips {
			if slip := &b.Slips[i]; slip.Phase == SlipPrinting {
				due = append(due, b.print(slip))
			}
		}
	}
	for _, rep := range s.reports {
		if rep.Slip.Phase == SlipPrinting {
			due = append(due, rep.print())
		}
	}
	return due
}

// due gives the one message about money that this sale waits for, or nil.
func (sale *Sale) due() Effect {
	switch {
	case sale.Phase == Authorizing && sale.Way == MerchantCode:
		return Present{Order: sale.Order, Trace: sale.Trace, Batch: sale.Batch,
			Amount: sale.Amount, At: sale.AuthorizedAt, Ends: sale.Ends}
	case sale.Phase == Authorizing:
		return Authorize{Order: sale.Order, Try: sale.Sends, Trace: sale.Trace, Batch: sale.Batch,
			Amount: sale.Amount, Family: sale.Family, Factor: sale.factor, Code: sale.code,
			Stored: sale.Offline, At: sale.AuthorizedAt}
	case sale.Phase == Querying:
		return Query{Order: sale.Order, Try: sale.Tries, AcquirerRef: sale.Answer.AcquirerRef}
	case sale.Phase == Reversing && sale.Next.IsZero(), sale.Phase == Voiding && sale.Next.IsZero():
		return Reverse{Order: sale.Order, Try: sale.Tries, Amount: sale.Amount,
			AcquirerRef: sale.Answer.AcquirerRef, OpenedAt: sale.OpenedAt,
			Void: sale.Phase == Voiding}
	}
	return nil
}

// NextWake is when Ticked has something to do; zero when only another event can
// change anything. It may lie in the past.
func (s *State) NextWake() time.Time {
	var first time.Time
	sooner := func(at time.Time) {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	upload := s.nextUpload()
	for _, order := range s.live {
		sale := s.sales[order]
		sooner(s.wakeOf(sale, upload))
		for i := range sale.Refunds {
			sooner(sale.Refunds[i].Next)
		}
		for i := range sale.Slips {
			sooner(s.slipWake(&sale.Slips[i]))
		}
	}
	for _, b := range s.closing {
		sooner(b.Next)
		for i := range b.Slips {
			sooner(s.slipWake(&b.Slips[i]))
		}
	}
	for _, rep := range s.reports {
		sooner(s.slipWake(&rep.Slip))
	}
	return first
}

// wakeOf is when the money of a sale wants a Ticked; zero for never. The upload is
// nextUpload's.
func (s *State) wakeOf(sale, upload *Sale) time.Time {
	switch sale.Phase {
	case Created:
		return sale.Ends
	case Held:
		if s.line.Down {
			return sale.Ends
		}
		return atOnce()
	case Stored:
		if upload == sale {
			return atOnce()
		}
	case Pending, Unknown, Reversing, Voiding:
		return sale.Next
	}
	return time.Time{}
}

// atOnce is a time that no clock is before.
func atOnce() time.Time { return time.Time{}.Add(1) }

// windowOver says whether the wait for an outcome has ended. A clock that went
// back behind the request can't tell, so it has.
func (sale *Sale) windowOver(now time.Time) bool {
	return !now.Before(sale.Ends) || now.Before(sale.AuthorizedAt)
}

// nextQuery is a pause from now, but the window's end is not missed.
func (sale *Sale) nextQuery(now time.Time, pause time.Duration) time.Time {
	next := now.Add(pause)
	if sale.windowOver(now) {
		return now
	}
	if next.After(sale.Ends) {
		return sale.Ends
	}
	return next
}

// retryPause doubles from RetryFirst to RetryMax, and is never below againAfter. Between half and the whole of
// it is chosen by the order number, so that terminals whose acquirer was away
// don't all return at the same moment.
func (r Rules) retryPause(order Order, tries int) time.Duration {
	pause := r.RetryFirst
	for range min(tries, 30) - 1 {
		if pause *= 2; pause >= r.RetryMax {
			pause = r.RetryMax
			break
		}
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(string(order) + strconv.Itoa(tries)))
	return max(againAfter, pause/2+time.Duration(h.Sum32()%1000)*(pause/2)/1000)
}

// fingerprint tells codes apart without keeping them.
func (s *State) fingerprint(code PayCode) [sha256.Size]byte {
	mac := hmac.New(sha256.New, s.rules.Secret[:])
	_, _ = mac.Write([]byte(code.Reveal()))
	return [sha256.Size]byte(mac.Sum(nil))
}

func (s *State) wasUsed(now time.Time, code PayCode) bool {
	print := s.fingerprint(code)
	for _, u := range s.used {
		if u.print == print && now.Sub(u.at) <= usedCodeKept {
			return true
		}
	}
	return false
}
