package ui

import (
	"time"

	"saoma/terminal/txn"
)

// transactionJSON is a transaction as the API tells it. docs/api.md has the words.
type transactionJSON struct {
	Order       txn.Order  `json:"order"`
	Kind        string     `json:"kind"`
	State       txn.Phase  `json:"state"`
	AmountFen   txn.Amount `json:"amount_fen"`
	Family      string     `json:"family"`
	Wallet      string     `json:"wallet"`
	Clearing    string     `json:"clearing"`
	Acquirer    string     `json:"acquirer"`
	AcquirerRef string     `json:"acquirer_ref"`
	ChannelRef  string     `json:"channel_ref"`
	Trace       uint32     `json:"trace"`
	Batch       uint32     `json:"batch"`
	CreatedAt   time.Time  `json:"created_at"`
	ChangedAt   time.Time  `json:"changed_at"`
	EndsAt      *time.Time `json:"ends_at"` // of the present wait
	Reason      string     `json:"reason"`
	Text        string     `json:"text"` // the acquirer's words
	Masked      string     `json:"masked"`
	Override    txn.Order  `json:"override"`
	Of          txn.Order  `json:"of"`       // of a refund: the sale
	LeftFen     txn.Amount `json:"left_fen"` // may still be refunded
	Hand        *handJSON  `json:"hand"`     // on the list for a person
	Code        string     `json:"code"`     // the picture of a merchant code to show
	Offline     bool       `json:"offline"`  // taken at the merchant's risk
	Slips       []slipJSON `json:"slips"`

	Operator     string `json:"operator"`      // who did it
	AuthorisedBy string `json:"authorised_by"` // the supervisor who allowed it, its void or its override
}

// handJSON is what a person has to find out, or has found.
type handJSON struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
	Closed bool      `json:"closed"`
	Moved  bool      `json:"moved"`

	Operator     string `json:"operator"` // who closed it
	AuthorisedBy string `json:"authorised_by"`
}

type slipJSON struct {
	Form    txn.Form      `json:"form"`
	Copy    txn.Copy      `json:"copy"`
	State   txn.SlipPhase `json:"state"`
	Trouble string        `json:"trouble"`
	Count   int           `json:"count"` // how often printing has begun
	URL     string        `json:"url"`
}

// viewJSON is what pages show.
type viewJSON struct {
	Revision  uint64            `json:"revision"`
	Now       time.Time         `json:"now"`
	Current   *transactionJSON  `json:"current"`
	InDoubt   []transactionJSON `json:"in_doubt"`
	Recent    []transactionJSON `json:"recent"`
	Hand      []transactionJSON `json:"hand"`
	Unsent    int               `json:"unsent"`
	Offline   meterJSON         `json:"offline"`
	Line      lineJSON          `json:"line"`
	Batch     uint32            `json:"batch"`    // the open one
	Settling  []batchJSON       `json:"settling"` // closed, and not settled and on paper yet
	Presents  bool              `json:"presents"` // the acquirer gives merchant codes
	Unprinted int               `json:"unprinted"`
	Guard     txn.Guard         `json:"guard"`
	OnDuty    *shiftJSON        `json:"on_duty"` // the running shift
	Notice    *txn.Notice       `json:"notice"`
	Devices   []Device          `json:"devices"`
	Shop      string            `json:"shop"`
	Language  string            `json:"language"`
	Demo      bool              `json:"demo"`
}

// meterJSON is how much was taken offline and is not final.
type meterJSON struct {
	Count  int        `json:"count"`
	SumFen txn.Amount `json:"sum_fen"`
}

// lineJSON is the way to the acquirer.
type lineJSON struct {
	Up    bool       `json:"up"`
	Layer txn.Layer  `json:"layer"` // that fails
	Since *time.Time `json:"since"`
}

func (s *server) describe(sale txn.Sale) transactionJSON {
	a := sale.Answer
	t := transactionJSON{
		Order: sale.Order, Kind: "sale", State: sale.Phase, AmountFen: sale.Amount,
		Family: sale.Family, Wallet: a.Wallet, Clearing: a.Clearing, Acquirer: s.Acquirer,
		AcquirerRef: a.AcquirerRef, ChannelRef: a.ChannelRef, Trace: sale.Trace, Batch: sale.Batch,
		CreatedAt: sale.OpenedAt.UTC(), ChangedAt: sale.ChangedAt.UTC(), EndsAt: when(sale.Ends),
		Reason: string(sale.Reason), Text: a.Text, Override: sale.Override, LeftFen: sale.Left(),
		Hand: handOf(sale.Hand), Offline: sale.Offline, Slips: slipsOf(sale, ""),
		Operator: sale.Operator, AuthorisedBy: sale.OverrideBy,
	}
	if sale.VoidBy != "" {
		t.AuthorisedBy = sale.VoidBy
	}
	if sale.Phase == txn.Approved {
		t.Masked = sale.Masked
	}
	if sale.Shown != "" && sale.Phase.InDoubt() && sale.Phase != txn.Reversing {
		t.Code = "/api/transactions/" + string(sale.Order) + "/code.png"
	}
	return t
}

// describeRefund tells one refund of a sale, a transaction of its own.
func (s *server) describeRefund(sale txn.Sale, m txn.MoneyBack) transactionJSON {
	return transactionJSON{
		Order: m.Order, Kind: "refund", State: m.Phase, AmountFen: m.Amount, Family: sale.Family,
		Wallet: sale.Answer.Wallet, Clearing: sale.Answer.Clearing, Acquirer: s.Acquirer,
		AcquirerRef: m.Answer.AcquirerRef, ChannelRef: m.Answer.ChannelRef, Trace: m.Trace,
		Batch: m.Batch, CreatedAt: m.OpenedAt.UTC(), ChangedAt: m.ChangedAt.UTC(),
		Reason: string(m.Reason), Text: m.Answer.Text, Of: sale.Order, Hand: handOf(m.Hand),
		Slips: slipsOf(sale, m.Order), Operator: m.Operator, AuthorisedBy: m.By,
	}
}

func when(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

func handOf(h txn.Hand) *handJSON {
	if h.Since.IsZero() {
		return nil
	}
	return &handJSON{h.Since.UTC(), string(h.Why), !h.Open(), h.Moved, h.Operator, h.By}
}

// slipsOf gives the slips of the sale, or of one of its refunds.
func slipsOf(sale txn.Sale, refund txn.Order) []slipJSON {
	order, slips := sale.Order, []slipJSON{}
	if refund != "" {
		order = refund
	}
	for _, slip := range sale.Slips {
		// What a slip of before says may be overtaken: then there is another one.
		if slip.Refund != refund || !sale.MayPrint(txn.Print{Form: slip.Form, Refund: refund}) {
			continue
		}
		slips = append(slips, slipJSON{Form: slip.Form, Copy: slip.Copy, State: slip.Phase,
			Trouble: slip.Trouble, Count: slip.Starts, URL: "/api/slips/" + string(order) + "-" +
				string(slip.Form) + "-" + string(slip.Copy) + ".png"})
	}
	return slips
}

// describeAll tells sales, each after its refunds, the newest first.
func (s *server) describeAll(sales []txn.Sale) []transactionJSON {
	all := make([]transactionJSON, 0, len(sales))
	for _, sale := range sales {
		for i := range sale.Refunds {
			all = append(all, s.describeRefund(sale, sale.Refunds[len(sale.Refunds)-1-i]))
		}
		all = append(all, s.describe(sale))
	}
	return all
}

// describeHand tells what is on the list for a person, and nothing else of it.
func (s *server) describeHand(sales []txn.Sale) []transactionJSON {
	all := []transactionJSON{}
	for _, t := range s.describeAll(sales) {
		if t.Hand != nil && !t.Hand.Closed {
			all = append(all, t)
		}
	}
	return all
}

func (s *server) describeView(v txn.View) viewJSON {
	d := viewJSON{
		Revision: v.Revision, Now: v.Now.UTC(), InDoubt: s.describeAll(v.InDoubt),
		Recent: s.describeAll(v.Recent), Hand: s.describeHand(v.Hand), Unsent: v.Unsent,
		Batch: v.Batch, Settling: describeBatches(v.Settling),
		Offline: meterJSON{v.Offline.Count, v.Offline.Sum}, Presents: s.Presents,
		Line:      lineJSON{!v.Line.Down, v.Line.Layer, when(v.Line.Since)},
		Unprinted: v.Unprinted, Guard: v.Guard,
		Devices: append([]Device{}, s.Devices()...), // a list also when there are none
		Shop:    s.Shop, Language: s.Language, Demo: s.Sim != nil,
	}
	if v.Duty != nil {
		duty := describeShift(*v.Duty)
		d.OnDuty = &duty
	}
	if v.Notice != nil {
		notice := *v.Notice
		notice.At = notice.At.UTC()
		d.Notice = &notice
	}
	if v.Current != nil {
		current := s.describe(*v.Current)
		d.Current = &current
	}
	return d
}
