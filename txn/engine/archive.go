package engine

import (
	"time"

	"saoma/terminal/txn"
)

// Archiving says when the journal is compacted. The zero value never does.
type Archiving struct {
	Every int           // records between two compactions
	After time.Duration // that a sale stays at hand after it is settled and at rest
	Keep  time.Duration // in the archive, by the time that the acquirer signs; 0: for ever
}

// tidy moves what is settled to the archive, once there is enough to do. Nobody at
// the counter waits for it.
func (c *Core) tidy(now time.Time) error {
	if c.Archive.Every <= 0 || c.since < c.Archive.Every || c.state.AtCounter() ||
		c.Journal.Low() {
		return nil
	}
	old := c.state.Settled(now.Add(-c.Archive.After))
	for _, sale := range old {
		err := c.Journal.Archive(string(sale.Order), sale.Days(), sale.Refs(), sale.Archived())
		if err != nil {
			return err
		}
	}
	c.state.Forget(old)
	var carry [][]byte
	for _, r := range c.state.Carried(now) {
		carry = append(carry, r.Encode())
	}
	if err := c.Journal.Compact(carry...); err != nil {
		return err
	}
	c.since = 0
	if paid := c.state.PaidAt(); c.Archive.Keep > 0 && !paid.IsZero() {
		_, err := c.Journal.Drop(txn.Day(paid.Add(-c.Archive.Keep)))
		return err
	}
	return nil
}

// recall brings an archived sale back that an event is about. It is put back if the
// event is refused.
func (c *Core) recall(now time.Time, ev txn.Event) (putBack func(), err error) {
	putBack = func() {}
	order := orderOf(ev)
	if _, here := c.state.Sale(order); order == "" || here {
		return putBack, nil
	}
	text, err := c.Journal.Archived(string(order))
	if err == nil && text == nil {
		return putBack, nil // Decide says that there is no such order
	}
	if err != nil {
		return nil, txn.ErrArchive
	}
	r, err := txn.Recall(now, text)
	if err != nil {
		return nil, txn.ErrArchive
	}
	before := len(c.decided)
	c.apply([]txn.Record{r})
	return func() {
		c.state.Forget([]txn.Sale{*r.Sale})
		c.decided = c.decided[:before]
	}, nil
}

// orderOf is the transaction of before that an event is about.
func orderOf(ev txn.Event) txn.Order {
	switch ev := ev.(type) {
	case txn.RefundAsked:
		return ev.Order
	case txn.VoidAsked:
		return ev.Order
	case txn.QueryAsked:
		return ev.Order
	case txn.ReverseAsked:
		return ev.Order
	case txn.HandAsked:
		return ev.Order
	case txn.SlipAsked:
		return ev.Order
	}
	return ""
}

// FoundOrder is the refusal ErrFound with the transaction that was meant.
type FoundOrder struct{ Order txn.Order }

func (e *FoundOrder) Error() string { return string(txn.ErrFound) }

// Unwrap makes it an ErrFound.
func (e *FoundOrder) Unwrap() error { return txn.ErrFound }

// found looks whether a code that could not be a payer's is the number on a slip or
// on a wallet's bill.
func (c *Core) found(ev txn.Event, refusal error) error {
	scan, ok := ev.(txn.CodeScanned)
	if !ok {
		return refusal
	}
	if sale, ok := c.Find(scan.Code.Reveal()); ok {
		return &FoundOrder{sale.Order}
	}
	return refusal
}

// Sale gives a copy of one sale, by its number or that of a refund of it; also of
// an archived one.
func (c *Core) Sale(order txn.Order) (txn.Sale, bool) {
	if sale, ok := c.state.Sale(order); ok {
		return sale, true
	}
	return c.archived(string(order))
}

// Find gives a copy of the sale that has a number: its own, that of a refund, the
// acquirer's, or the one on the payer's wallet bill.
func (c *Core) Find(ref string) (txn.Sale, bool) {
	if ref == "" {
		return txn.Sale{}, false
	}
	if order := c.state.FindRef(ref); order != "" {
		return c.state.Sale(order)
	}
	return c.archived(ref)
}

// SalesOn gives copies of the sales that something happened to on the Beijing day of
// a time, also archived ones, and of all that are at hand.
func (c *Core) SalesOn(day time.Time) ([]txn.Sale, error) {
	sales := c.state.Sales(0)
	here := make(map[txn.Order]bool, len(sales))
	for _, sale := range sales {
		here[sale.Order] = true
	}
	err := c.Journal.ArchivedOn(txn.Day(day), func(text []byte) error {
		sale, err := txn.DecodeSale(text)
		if err == nil && !here[sale.Order] {
			sales = append(sales, sale)
		}
		return err
	})
	return sales, err
}

// archived gives a sale of the archive. One that can't be read is as good as none:
// the archive says so among the findings of the store.
func (c *Core) archived(ref string) (txn.Sale, bool) {
	text, err := c.Journal.Archived(ref)
	if err != nil || text == nil {
		return txn.Sale{}, false
	}
	sale, err := txn.DecodeSale(text)
	return sale, err == nil
}
