package txn

import "time"

// Offline is what is done with a sale whose request can't leave. Nothing is ever
// promised that the acquirer has not: see architecture, "Offline".
type Offline string

// The modes, of a code family.
const (
	OfflineRefuse Offline = "refuse" // nothing was charged: say so at once
	OfflineHold   Offline = "hold"   // wait for the line, as long as the code lives
	OfflineStore  Offline = "store"  // take it at the merchant's risk, within StoreLimits
)

// StoreLimits are what a merchant risks at most. All four hold together.
type StoreLimits struct {
	PerSale Amount
	Count   int
	Sum     Amount
	Age     time.Duration // of the oldest sale that is not uploaded
}

// Meter is how much of the limits is used up.
type Meter struct {
	Count  int       `json:"count"`
	Sum    Amount    `json:"sum_fen"`
	Oldest time.Time `json:"oldest,omitzero"`
}

// unsettledOffline says whether a sale counts: it was taken offline, and the
// acquirer has not said the last word.
func (sale *Sale) unsettledOffline() bool { return sale.Offline && !sale.Phase.Final() }

// Meter counts what was taken offline and is not final yet.
func (s *State) Meter() Meter {
	var m Meter
	for _, order := range s.live {
		sale := s.sales[order]
		if !sale.unsettledOffline() {
			continue
		}
		m.Count++
		m.Sum += sale.Amount
		if m.Oldest.IsZero() || sale.ScannedAt.Before(m.Oldest) {
			m.Oldest = sale.ScannedAt
		}
	}
	return m
}

// mayStore says whether the limits allow one more.
func (s *State) mayStore(now time.Time, amount Amount) bool {
	l, m := s.rules.Store, s.Meter()
	return amount <= l.PerSale && m.Count < l.Count && m.Sum+amount <= l.Sum &&
		(m.Oldest.IsZero() || now.Sub(m.Oldest) < l.Age && !now.Before(m.Oldest))
}

// onNotSent follows the adapter's promise that no byte of the request has left.
func (s *State) onNotSent(now time.Time, sale *Sale, r Record) []Record {
	mode := s.rules.Offline[sale.Family]
	lives := sale.ScannedAt.Add(s.rules.CodeLife)
	switch {
	case !r.Answer.Layer.cutsLine() && sale.Offline: // its code is lost, or can't be sent
		r.Kind, r.Reason, r.Copies = HandDue, BecauseCodeLost, handCopies
	case !r.Answer.Layer.cutsLine():
		r.Kind = WasNotSent // our own refusal: the next try would end the same
	case sale.Offline:
		r.Kind = SaleStored // taken already: it is sent again, in its turn
	case sale.Cancelled:
		r.Kind, r.Reason = WasNotSent, BecauseCancelled
	case mode == OfflineHold && sale.code.Held() && sale.codeLives(now, s.rules.CodeLife):
		r.Kind, r.Ends = SaleHeld, lives
	case mode == OfflineStore && sale.code.Held() && s.mayStore(now, sale.Amount):
		r.Kind, r.Copies, r.code = SaleStored, s.rules.Copies, sale.code
	case mode == OfflineStore:
		r.Kind, r.Reason = WasNotSent, BecauseOfflineLimit
	default:
		r.Kind = WasNotSent
	}
	return []Record{r}
}

// codeLives says whether the acquirer would still take the payer's code. A clock
// that went back can't tell, so it would not.
func (sale *Sale) codeLives(now time.Time, life time.Duration) bool {
	return now.Before(sale.ScannedAt.Add(life)) && !now.Before(sale.ScannedAt)
}

// sendAgain sends what could not leave before: the held sale, or the oldest stored
// one, one after the other.
func (s *State) sendAgain(now time.Time, sale *Sale) Record {
	return Record{Kind: AuthorizeDue, At: now, Order: sale.Order, Try: sale.Sends + 1,
		Ends: now.Add(s.rules.PayWindow)}
}

// nextUpload gives the sale that is to be uploaded next, or nil.
func (s *State) nextUpload() *Sale {
	if s.line.Down {
		return nil
	}
	var next *Sale
	for _, order := range s.live {
		switch sale := s.sales[order]; {
		case !sale.Offline:
		case sale.Phase == Authorizing:
			return nil
		case sale.Phase == Stored && next == nil:
			next = sale
		}
	}
	return next
}

// refusedLater puts a sale that was taken offline, and then refused, on the list:
// the goods are gone.
func (sale *Sale) refusedLater(r Record) []Record {
	if !sale.Offline || r.Kind != WasDeclined && r.Kind != WasReversed {
		return []Record{r}
	}
	return []Record{r, {Kind: HandDue, At: r.At, Order: sale.Order,
		Reason: BecauseOfflineRefused, Copies: handCopies}}
}

// NeedsCode says whether the payer code of an order is still to be sent by whoever
// keeps it: the vault must hold it as long, and not longer.
func (s *State) NeedsCode(order Order) bool {
	sale := s.sales[order]
	return sale != nil && sale.Offline && (sale.Phase == Stored || sale.Phase == Authorizing)
}
