package engine

import (
	"errors"
	"testing"
	"time"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
)

// archivist is a core that archives whatever it may, at once.
func archivist(t *testing.T, disk *storetest.Disk) *Core {
	t.Helper()
	rules := testRules(t)
	rules.Copies = nil
	journal, _ := disk.Open()
	core, _, err := Open(Books{Rules: rules, Journal: journal, Archive: Archiving{Every: 1}}, start)
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// sellAndSettle makes an approved sale, settles its batch, and opens another.
func sellAndSettle(t *testing.T, c *Core) txn.Order {
	t.Helper()
	mustStep(t, c, txn.SaleAsked{Amount: 1050})
	due := mustStep(t, c, txn.CodeScanned{Code: txn.NewPayCode(wechatCode)})
	pay := due[0].(txn.Authorize)
	mustStep(t, c, txn.Answered{Key: pay.Key(), Result: txn.Result{Outcome: txn.OutcomeApproved,
		Authentic: true, Order: pay.Order, Amount: pay.Amount, ChannelRef: "4200001234",
		PaidAt: start}})
	for _, e := range mustStep(t, c, txn.SettleAsked{}) {
		if p, ok := e.(txn.Print); ok {
			mustStep(t, c, txn.SlipEnded{Key: p.Key()})
		}
	}
	mustStep(t, c, txn.SaleAsked{Amount: 1})
	if _, err := c.Step(start.Add(time.Second), txn.CancelAsked{}); err != nil {
		t.Fatal(err)
	}
	return pay.Order
}

func TestWhatIsSettledIsArchivedAndFoundAndRefunded(t *testing.T) {
	var disk storetest.Disk
	c := archivist(t, &disk)
	order := sellAndSettle(t, c)
	if len(disk.Entries()) != 1 {
		t.Fatalf("want one sale in the archive, got %d", len(disk.Entries()))
	}
	for _, s := range c.Sales(0) {
		if s.Order == order {
			t.Error("it is still at hand")
		}
	}
	c = archivist(t, &disk) // and after a restart
	if sale, ok := c.Find("4200001234"); !ok || sale.Order != order {
		t.Error("it is not found by the number on the wallet's bill")
	}
	if sale, ok := c.Sale(order); !ok || sale.Amount != 1050 {
		t.Error("it is not found by its number")
	}
	if sales, err := c.SalesOn(start); err != nil || len(sales) != 2 {
		t.Errorf("want both sales of the day, got %d, %v", len(sales), err)
	}
	before := len(disk.All())
	if _, err := c.Step(start, txn.RefundAsked{Order: order, Amount: 2000}); !errors.Is(err, txn.ErrRefundSum) {
		t.Errorf("want %v, got %v", txn.ErrRefundSum, err)
	}
	if len(disk.All()) != before || len(c.Sales(0)) != 1 {
		t.Error("a refused refund has left something")
	}
	due := mustStep(t, c, txn.RefundAsked{Order: order, Amount: 50})
	if len(due) != 1 || due[0].(txn.Refund).Of != order {
		t.Errorf("want the refund sent, got %v", due)
	}
}

func TestAScannedSlipOpensItsTransaction(t *testing.T) {
	var disk storetest.Disk
	c := archivist(t, &disk)
	order := sellAndSettle(t, c)
	for _, text := range []string{string(order), "4200001234"} {
		_, err := c.Step(start, txn.CodeScanned{Code: txn.NewPayCode(text)})
		var found *FoundOrder
		if !errors.As(err, &found) || found.Order != order || !errors.Is(err, txn.ErrFound) {
			t.Errorf("%s: want it found, got %v", text, err)
		}
		if n := c.View(start).Notice; n == nil || n.Code != "found" || n.Order != order {
			t.Errorf("the screen does not know: %+v", n)
		}
	}
}

// fullDisk has room only to end what is under way.
type fullDisk struct{ *storetest.Session }

func (fullDisk) Low() bool { return true }

func TestAFullDiskBeginsNoSale(t *testing.T) {
	var disk storetest.Disk
	journal, _ := disk.Open()
	c, _, err := Open(Books{Rules: testRules(t), Journal: fullDisk{journal}}, start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Step(start, txn.SaleAsked{Amount: 1050}); !errors.Is(err, txn.ErrDiskFull) {
		t.Errorf("want %v, got %v", txn.ErrDiskFull, err)
	}
}

func TestEventsThatWaitAreMadeDurableTogether(t *testing.T) {
	var disk storetest.Disk
	appends := 0
	core, _ := openCore(t, &disk)
	disk.Power = func() storetest.Cut { appends++; return storetest.NoCut }
	if err := core.Take(start, txn.SaleAsked{Amount: 1050}); err != nil {
		t.Fatal(err)
	}
	if err := core.Take(start, txn.SaleAsked{Amount: 1}); !errors.Is(err, txn.ErrBusy) {
		t.Errorf("want %v, got %v", txn.ErrBusy, err)
	}
	if err := core.Take(start, txn.CodeScanned{Code: txn.NewPayCode(wechatCode)}); err != nil {
		t.Fatal(err)
	}
	due, err := core.Commit(start)
	if err != nil || len(due) != 1 || appends != 1 || len(disk.Records()) != 2 {
		t.Errorf("want one message after one append of two records, got %v, %d appends, %d records, %v",
			due, appends, len(disk.Records()), err)
	}
}

func TestBooksOfAnotherTerminalAreRefusedWhileMoneyIsOpen(t *testing.T) {
	var disk storetest.Disk
	open := func(terminal string) error {
		journal, _ := disk.Open()
		c, _, err := Open(Books{Rules: testRules(t), Journal: journal,
			Identity: txn.Identity{TerminalID: terminal}}, start)
		if err == nil {
			mustStep(t, c, txn.SaleAsked{Amount: 1050})
		}
		return err
	}
	if err := open("80000001"); err != nil {
		t.Fatal(err)
	}
	if err := open("80000002"); !errors.Is(err, txn.ErrMoneyOpen) {
		t.Errorf("want %v, got %v", txn.ErrMoneyOpen, err)
	}
}
