package txn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// torture drives Decide and Apply by a seed, with no model of an acquirer: any event
// at any time, any answer to any message, restarts, and a clock that does what it
// likes. What must hold is only what holds in every world:
//
//   - nothing panics, and what was decided can be replayed to the same books;
//   - a wake that has come is one in which something happens;
//   - the refunds that the machine makes of a sale are never more than the sale, and
//     none is on its way beside a reversal or a void;
//   - once the world is kind (it answers, and a person says what the list asks), all
//     comes to rest within days, whatever the clock said before.
type torture struct {
	t     *testing.T
	rng   *rand.Rand
	rules Rules
	state *State
	kept  [][]byte
	now   time.Time
	last  string
}

const (
	tortureSeeds  = 200
	tortureEvents = 250
	kindSteps     = 20_000
	kindDays      = 10
)

func TestNoOrderOfEventsBreaksTheBooksOrEndsNowhere(t *testing.T) {
	for seed := range uint64(tortureSeeds) {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { tortured(t, seed) }) {
			return
		}
	}
}

func tortured(t *testing.T, seed uint64) {
	o := &torture{t: t, rng: rand.New(rand.NewPCG(seed, 0x70)), now: start}
	o.rules = testRules(t)
	o.rules.Settles = seed%2 == 0
	o.rules.HandTries, o.rules.HandAfter = 1+o.rng.IntN(3), time.Minute
	o.rules.VoidsSameDay = o.rng.IntN(2) == 0
	o.rules.Copies = []Copy{MerchantCopy, CustomerCopy}[:1+o.rng.IntN(2)]
	o.rules.Offline = map[string]Offline{"wechat": OfflineHold, "unionpay": OfflineStore}
	o.rules.Store = StoreLimits{PerSale: 5000, Count: 3, Sum: 9000, Age: time.Hour}
	o.state = NewState(o.rules)
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("after %s at %s: %v", o.last, o.now, p)
		}
	}()
	for range tortureEvents {
		o.pass()
		o.happen(o.event())
	}
	o.rules.NoPrinter = false
	o.restart()
	o.kindWorld()
}

// pass lets time go by, as a clock that somebody sets now and then.
func (o *torture) pass() {
	switch n := o.rng.IntN(200); {
	case n < 120:
		o.now = o.now.Add(time.Duration(o.rng.Int64N(int64(20 * time.Second))))
	case n < 140:
		o.now = o.now.Add(time.Duration(o.rng.Int64N(int64(10 * time.Minute))))
	case n < 143:
		o.now = o.now.Add(time.Duration(o.rng.Int64N(int64(20 * time.Hour))))
	case n < 146:
		o.rules.NoPrinter = o.rng.IntN(4) == 0
		o.restart()
	}
}

// restart replays the journal; the clock may have been set meanwhile.
func (o *torture) restart() {
	again := NewState(o.rules)
	for _, text := range o.kept {
		r, err := DecodeRecord(text)
		if err != nil {
			o.t.Fatalf("%v: %s", err, text)
		}
		again.Apply(r)
	}
	again.rules.NoPrinter = o.state.rules.NoPrinter
	if was, is := o.state.told(o.now), again.told(o.now); !bytes.Equal(was, is) {
		o.t.Fatalf("after %s replay gives other books:\n%s\n%s", o.last, was, is)
	}
	o.state, again.rules = again, o.rules
	switch o.rng.IntN(8) {
	case 0:
		o.now = o.now.Add(time.Duration(o.rng.Int64N(int64(12*time.Hour))) - 6*time.Hour)
	case 1:
		o.now = start.AddDate(o.rng.IntN(20)-10, 0, 0)
	case 2:
		o.now = time.Unix(o.rng.Int64N(1000), 0).UTC()
	default:
		o.now = start.Add(time.Duration(o.rng.Int64N(int64(30 * time.Hour))))
	}
	o.happen(Restarted{})
}

// told is everything that a state shows.
func (s *State) told(now time.Time) []byte {
	keys := []string{}
	for _, e := range s.Due() {
		keys = append(keys, e.Key())
	}
	text, err := json.Marshal([]any{s.View(now), s.Sales(0), s.Batches(), keys, s.NextWake(), s.trace, s.counter})
	if err != nil {
		panic(err)
	}
	return text
}

// happen lets an event happen, and then all that is due.
func (o *torture) happen(ev Event) {
	o.last = fmt.Sprintf("%T %+v", ev, ev)
	recs, err := Decide(o.state, o.now, ev)
	if err != nil && len(recs) > 0 {
		o.t.Fatalf("%s was refused, and decided", o.last)
	}
	o.keep(recs)
	for range 500 {
		wake := o.state.NextWake()
		if wake.IsZero() || wake.After(o.now) {
			return
		}
		recs, _ := Decide(o.state, o.now, Ticked{})
		if len(recs) == 0 {
			o.t.Fatalf("after %s something is due since %s, and nothing happens", o.last, wake)
		}
		o.keep(recs)
	}
	o.t.Fatalf("after %s there is no end to what is due", o.last)
}

func (o *torture) keep(recs []Record) {
	for _, r := range recs {
		o.kept = append(o.kept, r.Encode())
		o.state.Apply(r)
	}
	for _, sale := range o.state.sales {
		if wrong := sale.tooMuchBack(); wrong != "" {
			o.t.Fatalf("after %s order %s %s: %+v", o.last, sale.Order, wrong, sale)
		}
	}
}

// tooMuchBack says how the machine gives more back than it has taken.
func (sale *Sale) tooMuchBack() string {
	var made, going Amount
	for _, m := range sale.Refunds {
		switch m.Phase {
		case Refunded:
			made += m.Amount
		case Refunding, Querying, Pending, Unknown:
			going += m.Amount
		}
	}
	switch {
	case going > 0 && made+going > sale.Amount:
		return "is refunded more than it has"
	case made+going > 0 && (sale.Phase == Voiding || sale.Phase == Reversing):
		return "is undone beside a refund"
	case going > 0 && (sale.Phase == Voided || sale.Phase == Reversed):
		return "is refunded after it was undone"
	}
	return ""
}

// event draws what happens.
func (o *torture) event() Event {
	if o.rng.IntN(2) == 0 {
		if e := o.anEnd(); e != nil {
			return e
		}
	}
	amount := Amount(o.rng.IntN(6000))
	switch o.rng.IntN(16) {
	case 0, 1:
		return SaleAsked{Amount: amount, Override: o.rng.IntN(3) > 0}
	case 2, 3:
		code := fmt.Sprintf("13%016d", o.rng.IntN(1e6))
		if o.rng.IntN(2) == 0 {
			code = fmt.Sprintf("62%017d", o.rng.IntN(1e6))
		}
		return CodeScanned{Code: NewPayCode(code), Confirmed: true}
	case 4:
		return PresentAsked{}
	case 5:
		return CancelAsked{Order: o.order()}
	case 6:
		return RefundAsked{Order: o.order(), Amount: amount * Amount(o.rng.IntN(2))}
	case 7:
		return VoidAsked{Order: o.order()}
	case 8, 9:
		return QueryAsked{Order: o.order()}
	case 10:
		return HandEnded{Order: o.order(), Moved: o.rng.IntN(2) == 0}
	case 11:
		return ReverseAsked{Order: o.order()}
	case 12:
		why := []Reason{BecauseBillMissing, BecauseBillAmount, BecauseBillPaid}[o.rng.IntN(3)]
		return HandAsked{Order: o.order(), Why: why}
	case 13:
		form := []Form{"", HandForm}[o.rng.IntN(2)]
		return SlipAsked{Order: o.order(), Copy: []Copy{MerchantCopy, CustomerCopy}[o.rng.IntN(2)], Form: form}
	case 14:
		return SettleAsked{}
	}
	return BatchSlipAsked{Batch: 1 + uint32(o.rng.IntN(4))}
}

// order is that of a transaction, the newest ones more often; sometimes of none.
func (o *torture) order() Order {
	all := []Order{"", "1"}
	for _, sale := range o.state.Sales(6) {
		all = append(all, sale.Order, sale.Order)
		for _, m := range sale.Refunds {
			all = append(all, m.Order, m.Order)
		}
	}
	return all[o.rng.IntN(len(all))]
}

// anEnd ends something that is due, in any way; nil when nothing is.
func (o *torture) anEnd() Event {
	due := o.state.Due()
	if len(due) == 0 {
		return nil
	}
	switch e := due[o.rng.IntN(len(due))].(type) {
	case Print:
		return SlipEnded{Key: e.Key(), Trouble: []string{"", "no paper"}[o.rng.IntN(2)]}
	case AwaitLine:
		return LineSeen{Key: e.Key()}
	default:
		return Answered{Key: e.Key(), Result: o.result(e)}
	}
}

// result is any answer: true, of another order or amount, or of nobody.
func (o *torture) result(e Effect) Result {
	r := speaksOf(e)
	r.Outcome, r.Authentic = Outcome(o.rng.IntN(7)), o.rng.IntN(5) > 0
	switch o.rng.IntN(12) {
	case 0:
		r.Order = "1"
	case 1:
		r.Amount++
	case 2:
		r.Order, r.Amount = "", 0
	case 3:
		r.Present = "https://qr.example/1"
	}
	if r.Outcome == OutcomeUnknown || r.Outcome == OutcomeNotSent {
		r.Authentic = r.Outcome == OutcomeUnknown && o.rng.IntN(3) == 0
		r.Layer = []Layer{LayerNone, LayerLine, LayerBank, LayerTime, LayerSignature}[o.rng.IntN(5)]
	}
	return r
}

// speaksOf is an answer that names what was asked about.
func speaksOf(e Effect) Result {
	switch e := e.(type) {
	case Authorize:
		return Result{Order: e.Order, Amount: e.Amount}
	case Present:
		return Result{Order: e.Order, Amount: e.Amount}
	case Reverse:
		return Result{Order: e.Order, Amount: e.Amount}
	case Refund:
		return Result{Order: e.Order, Amount: e.Amount}
	case QueryRefund:
		return Result{Order: e.Order, Amount: e.Amount}
	case Query:
		return Result{Order: e.Order}
	case Settle:
		return Result{Order: BatchOrder(e.Batch)}
	case Upload:
		return Result{Order: BatchOrder(e.Batch)}
	}
	panic("not a message")
}

// kindWorld answers everything until all is at rest.
func (o *torture) kindWorld() {
	end := o.now.AddDate(0, 0, kindDays)
	for range kindSteps {
		if o.now.After(end) {
			o.t.Fatalf("not at rest after %d days: %s", kindDays, o.state.told(o.now))
		}
		if due := o.state.Due(); len(due) > 0 {
			o.happen(o.kindEnd(due[0]))
			continue
		}
		if wake := o.state.NextWake(); !wake.IsZero() {
			o.now = wake
			o.happen(Ticked{})
			continue
		}
		if !o.persons() {
			break
		}
	}
	if len(o.state.live)+len(o.state.closing) > 0 {
		o.t.Fatalf("nothing is due, and yet not at rest: %s", o.state.told(o.now))
	}
}

func (o *torture) kindEnd(e Effect) Event {
	switch e.(type) {
	case Print:
		return SlipEnded{Key: e.Key()}
	case AwaitLine:
		return LineSeen{Key: e.Key()}
	}
	r := speaksOf(e)
	r.Authentic, r.Outcome = true, OutcomeApproved
	switch e.(type) {
	case Query:
		r.Outcome = OutcomeDeclined
	case Reverse:
		r.Outcome = []Outcome{OutcomeReversed, OutcomeApproved, OutcomeNotFound}[o.rng.IntN(3)]
	}
	return Answered{Key: e.Key(), Result: r}
}

// persons says whether a person had something to find out, and did.
func (o *torture) persons() bool {
	for _, order := range o.state.live {
		sale := o.state.sales[order]
		if sale.Hand.Open() {
			o.happen(HandEnded{Order: order, Moved: o.rng.IntN(2) == 0})
			return true
		}
		for _, m := range sale.Refunds {
			if m.Hand.Open() {
				o.happen(HandEnded{Order: m.Order, Moved: o.rng.IntN(2) == 0})
				return true
			}
		}
	}
	return false
}
