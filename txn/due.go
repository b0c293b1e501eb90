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
	for _, order := range s.live {
		sale := s.sales[order]
		if e := sale.due(); e != nil {
			due = append(due, e)
		}
		for _, slip := range sale.Slips {
			if slip.Phase == SlipPrinting {
				due = append(due, Print{Sale: sale.copy(), Copy: slip.Copy,
					Try: slip.Starts, Duplicate: slip.Starts > 1})
			}
		}
	}
	return due
}

// due gives the one message about money that this sale waits for, or nil.
func (sale *Sale) due() Effect {
	switch {
	case sale.Phase == Authorizing && sale.code.Held():
		return Authorize{Order: sale.Order, Trace: sale.Trace, Batch: sale.Batch,
			Amount: sale.Amount, Family: sale.Family, Factor: sale.factor, Code: sale.code,
			At: sale.AuthorizedAt}
	case sale.Phase == Querying:
		return Query{Order: sale.Order, Try: sale.Tries, AcquirerRef: sale.Answer.AcquirerRef}
	case sale.Phase == Reversing && sale.Next.IsZero():
		return Reverse{Order: sale.Order, Try: sale.Tries, Amount: sale.Amount,
			AcquirerRef: sale.Answer.AcquirerRef, OpenedAt: sale.OpenedAt}
	}
	return nil
}

// dueKey is the key of the message whose answer is awaited. It stands also when
// the code is wiped already, as it is once the request has left.
func (sale *Sale) dueKey() string {
	if sale.Phase == Authorizing {
		return Authorize{Order: sale.Order}.Key()
	}
	if e := sale.due(); e != nil {
		return e.Key()
	}
	return ""
}

// NextWake is when Ticked has something to do; zero when only another event can
// change anything. It may lie in the past.
func (s *State) NextWake() time.Time {
	var first time.Time
	earlier := func(at time.Time) {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	for _, order := range s.live {
		sale := s.sales[order]
		earlier(sale.wake())
		for _, slip := range sale.Slips {
			if slip.Phase == SlipWaits && !s.printing {
				earlier(slip.wake(sale))
			}
		}
	}
	return first
}

// wake is when the money of this sale wants a Ticked; zero for never.
func (sale *Sale) wake() time.Time {
	switch sale.Phase {
	case Created:
		return sale.Ends
	case Pending, Unknown, Reversing:
		return sale.Next
	}
	return time.Time{}
}

func (slip *Slip) wake(sale *Sale) time.Time {
	if slip.Next.IsZero() {
		return sale.ChangedAt
	}
	return slip.Next
}

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

// retryPause doubles from RetryFirst to RetryMax. Between half and the whole of
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
	return pause/2 + time.Duration(h.Sum32()%1000)*(pause/2)/1000
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
