package engine

import (
	"fmt"
	"testing"
	"time"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
)

// books opens a core over an empty disk whose UnionPay codes are taken offline.
func books(t *testing.T, disk *storetest.Disk, v Vault) *Core {
	t.Helper()
	rules := testRules(t)
	rules.Offline = map[string]txn.Offline{"unionpay": txn.OfflineStore}
	rules.Store = txn.StoreLimits{PerSale: 1000, Count: 50, Sum: 50_000, Age: time.Hour}
	journal, _ := disk.Open()
	core, _, err := Open(Books{Rules: rules, Journal: journal, Vault: v}, start)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// answer ends an effect, as an honest acquirer does, and gives what is owed then.
func answer(t *testing.T, c *Core, e txn.Effect, o txn.Outcome) []txn.Effect {
	t.Helper()
	r := txn.Result{Outcome: o, Authentic: o != txn.OutcomeUnknown && o != txn.OutcomeNotSent}
	switch e := e.(type) {
	case txn.Authorize:
		r.Order, r.Amount = e.Order, e.Amount
	case txn.Refund:
		r.Order, r.Amount = e.Order, e.Amount
	case txn.Reverse:
		r.Order, r.Amount = e.Order, e.Amount
	}
	if !r.Authentic {
		r.Layer = txn.LayerLine
	}
	return mustStep(t, c, txn.Answered{Key: e.Key(), Result: r})
}

// soldOf sells and gives the approved order.
func soldOf(t *testing.T, c *Core, code string) txn.Order {
	t.Helper()
	mustStep(t, c, txn.SaleAsked{Amount: 1000})
	for _, e := range mustStep(t, c, txn.CodeScanned{Code: txn.NewPayCode(code)}) {
		answer(t, c, e, txn.OutcomeApproved)
	}
	return c.View(start).Current.Order
}

func outgoing(due []txn.Effect) (all []txn.Effect) {
	for _, e := range due {
		if txn.UrgencyOf(e) != txn.ForNoMessage {
			all = append(all, e)
		}
	}
	return all
}

func TestTheOutboxLetsAFewOutAtATimeAndTheUrgentFirst(t *testing.T) {
	var disk storetest.Disk
	c := books(t, &disk, nil)
	sale, other := soldOf(t, c, "134567890123456701"), soldOf(t, c, "134567890123456702")
	var out []txn.Effect
	for range 3 * othersMax {
		out = append(out, outgoing(mustStep(t, c, txn.RefundAsked{Order: sale, Amount: 1}))...)
	}
	if len(out) != othersMax {
		t.Fatalf("want %d refunds out, got %d", othersMax, len(out))
	}
	undo := outgoing(mustStep(t, c, txn.VoidAsked{Order: other}))
	if len(undo) != 1 || txn.UrgencyOf(undo[0]) != txn.ForReversal {
		t.Fatalf("a void must not wait for refunds, got %v", undo)
	}
	for n := range 2 * othersMax {
		next := outgoing(answer(t, c, out[n], txn.OutcomeApproved))
		if len(next) != 1 {
			t.Fatalf("answer %d: want one more to leave, got %v", n, next)
		}
		out = append(out, next...)
	}
}

func TestIntoABrokenLineOnlyACashiersSaleIsSent(t *testing.T) {
	var disk storetest.Disk
	c := books(t, &disk, nil)
	sale := soldOf(t, c, "134567890123456701")
	out := outgoing(mustStep(t, c, txn.RefundAsked{Order: sale, Amount: 1}))
	due := answer(t, c, out[0], txn.OutcomeNotSent)
	wait, ok := due[0].(txn.AwaitLine)
	if !ok {
		t.Fatalf("want somebody to look for the line, got %v", due)
	}
	if more := outgoing(mustStep(t, c, txn.RefundAsked{Order: sale, Amount: 2})); len(more) != 0 {
		t.Errorf("sent into a broken line: %v", more)
	}
	mustStep(t, c, txn.SaleAsked{Amount: 5})
	if pay := outgoing(mustStep(t, c, txn.CodeScanned{Code: txn.NewPayCode(wechatCode)})); len(pay) != 1 {
		t.Errorf("want the cashier's try sent, got %v", pay)
	}
	later := start.Add(time.Minute)
	again, err := c.Step(later, txn.LineSeen{Key: wait.Key()})
	if err != nil || len(outgoing(again)) != 2 {
		t.Errorf("want both refunds sent, got %v %v", again, err)
	}
}

// drawer is a vault that tells what is done to it.
type drawer struct {
	codes map[txn.Order]string
	fails bool
	stuck bool // nothing can be taken out, nor looked through
}

func (d *drawer) Put(order txn.Order, secret []byte) error {
	if d.fails {
		return fmt.Errorf("disk full")
	}
	d.codes[order] = string(secret)
	return nil
}

func (d *drawer) Get(order txn.Order) ([]byte, error) {
	if code, ok := d.codes[order]; ok && !d.fails {
		return []byte(code), nil
	}
	return nil, fmt.Errorf("not there")
}

func (d *drawer) Wipe(order txn.Order) error {
	if d.stuck {
		return fmt.Errorf("disk full")
	}
	delete(d.codes, order)
	return nil
}

func (d *drawer) Close() error { return nil }

func (d *drawer) Orders() (all []txn.Order, err error) {
	if d.stuck && d.fails {
		return nil, fmt.Errorf("rotten")
	}
	for order := range d.codes {
		all = append(all, order)
	}
	return all, nil
}

const unionpayCode = "6212345678901234567"

// stored takes a sale offline.
func stored(t *testing.T, c *Core) txn.Order {
	t.Helper()
	mustStep(t, c, txn.SaleAsked{Amount: 1000})
	pay := mustStep(t, c, txn.CodeScanned{Code: txn.NewPayCode(unionpayCode)})
	answer(t, c, pay[0], txn.OutcomeNotSent)
	return c.View(start).Current.Order
}

func TestTheCodeOfAnOfflineSaleIsInTheVaultUntilItIsSent(t *testing.T) {
	var disk storetest.Disk
	v := &drawer{codes: map[txn.Order]string{}}
	c := books(t, &disk, v)
	order := stored(t, c)
	if v.codes[order] != unionpayCode {
		t.Fatalf("the vault holds %v", v.codes)
	}
	v.codes["gone"] = "of a crash between sealing and record"
	c = books(t, &disk, v) // a restart
	if len(v.codes) != 1 {
		t.Errorf("want only what is needed, got %v", v.codes)
	}
	var upload txn.Authorize
	for _, e := range mustStep(t, c, txn.LineSeen{Key: "line/1"}) {
		if pay, ok := e.(txn.Authorize); ok {
			upload = pay
		}
	}
	if upload.Code.Reveal() != unionpayCode || upload.Factor != "234567" {
		t.Fatalf("want it sent with its code and factor, got %+v", upload)
	}
	answer(t, c, upload, txn.OutcomeApproved)
	if len(v.codes) != 0 {
		t.Errorf("the vault still holds %v", v.codes)
	}
}

// What the vault can't do must stop no reversal: a core that ends with it would be
// opened and end again for ever.
func TestAVaultThatCanNotWipeIsAskedAgainAndStopsNothing(t *testing.T) {
	var disk storetest.Disk
	v := &drawer{codes: map[txn.Order]string{}}
	c := books(t, &disk, v)
	order := stored(t, c)
	v.stuck = true
	for _, e := range mustStep(t, c, txn.LineSeen{Key: "line/1"}) {
		if pay, ok := e.(txn.Authorize); ok {
			answer(t, c, pay, txn.OutcomeApproved)
		}
	}
	if sale, _ := c.Sale(order); sale.Phase != txn.Approved {
		t.Fatalf("want it approved, got %s", sale.Phase)
	}
	c = books(t, &disk, v) // a restart
	v.stuck = false
	mustStep(t, c, txn.SaleAsked{Amount: 1000})
	if len(v.codes) != 0 {
		t.Errorf("the vault still holds %v", v.codes)
	}
}

func TestAVaultThatCanNotBeLookedThroughIsDoneWithout(t *testing.T) {
	var disk storetest.Disk
	v := &drawer{codes: map[txn.Order]string{"1": "x"}, fails: true, stuck: true}
	c := books(t, &disk, v)
	stored(t, c)
	if phase := c.View(start).Current.Phase; phase != txn.NotSent {
		t.Errorf("want the offline sale refused, got %s", phase)
	}
}

func TestASaleIsNotTakenOfflineWithoutItsCodeInTheVault(t *testing.T) {
	var disk storetest.Disk
	c := books(t, &disk, &drawer{codes: map[txn.Order]string{}, fails: true})
	mustStep(t, c, txn.SaleAsked{Amount: 1000})
	pay := mustStep(t, c, txn.CodeScanned{Code: txn.NewPayCode(unionpayCode)})
	durable := len(disk.Records())
	_, err := c.Step(start, txn.Answered{Key: pay[0].Key(),
		Result: txn.Result{Outcome: txn.OutcomeNotSent, Layer: txn.LayerLine}})
	if err == nil || len(disk.Records()) != durable {
		t.Errorf("want an error and no record, got %v and %d", err, len(disk.Records())-durable)
	}
}
