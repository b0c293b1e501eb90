package engine

import (
	"errors"
	"testing"
	"time"

	"saoma/terminal/store/storetest"
	"saoma/terminal/txn"
	"saoma/terminal/txn/paycode"
)

const (
	wechatCode  = "134567890123456789"
	flaggedCode = "110101190001010006" // a fictitious identity number
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func testRules(t testing.TB) txn.Rules {
	t.Helper()
	table, err := paycode.New(paycode.Default())
	if err != nil {
		t.Fatal(err)
	}
	return txn.Rules{
		TerminalID: "80000001", AmountMax: 1_000_000, CodeLenMax: 24, Codes: table,
		Copies:     []txn.Copy{txn.MerchantCopy},
		ScanWindow: 2 * time.Minute, FirstQuery: 5 * time.Second, QueryEvery: 10 * time.Second,
		PayWindow: time.Minute, MessageLife: 2 * time.Minute, RetryFirst: 4 * time.Second,
		RetryMax: 5 * time.Minute, SlipRetry: 15 * time.Second,
		PresentWindow: 3 * time.Minute, RefundQueryEvery: time.Minute, HandTries: 20,
		HandAfter: 24 * time.Hour, VoidsSameDay: true, CodeLife: 55 * time.Second,
	}
}

func openCore(t *testing.T, disk *storetest.Disk) (*Core, []txn.Effect) {
	t.Helper()
	journal, _ := disk.Open()
	core, due, err := Open(Books{Rules: testRules(t), Journal: journal}, start)
	if err != nil {
		t.Fatal(err)
	}
	return core, due
}

func mustStep(t *testing.T, c *Core, ev txn.Event) []txn.Effect {
	t.Helper()
	due, err := c.Step(start, ev)
	if err != nil {
		t.Fatalf("%T: %v", ev, err)
	}
	return due
}

func TestAnEffectIsKnownOnlyAfterItsRecordIsDurable(t *testing.T) {
	var disk storetest.Disk
	core, _ := openCore(t, &disk)
	mustStep(t, core, txn.SaleAsked{Amount: 1050})
	durable := 0
	disk.Power = func() storetest.Cut { durable = len(disk.Records()); return storetest.NoCut }
	due := mustStep(t, core, txn.CodeScanned{Code: txn.NewPayCode(wechatCode)})
	if len(due) != 1 || len(disk.Records()) != durable+1 {
		t.Fatalf("want one effect and one record more, got %v and %d after %d",
			due, len(disk.Records()), durable)
	}
	if again := mustStep(t, core, txn.Ticked{}); len(again) != 0 {
		t.Errorf("handed out twice: %v", again)
	}
}

func TestAPowerCutInTheAppendHandsOutNothing(t *testing.T) {
	for _, cut := range []storetest.Cut{storetest.CutBefore, storetest.CutAfter} {
		var disk storetest.Disk
		core, _ := openCore(t, &disk)
		mustStep(t, core, txn.SaleAsked{Amount: 1050})
		disk.Power = func() storetest.Cut { return cut }
		due, err := core.Step(start, txn.CodeScanned{Code: txn.NewPayCode(wechatCode)})
		var journal *JournalError
		if !errors.As(err, &journal) || len(due) != 0 {
			t.Fatalf("cut %d: want a JournalError and no effect, got %v and %v", cut, err, due)
		}
		disk.Power = nil
		core, due = openCore(t, &disk)
		phase := core.View(start).Current.Phase
		if cut == storetest.CutBefore && (phase != txn.Created || len(due) != 0) {
			t.Errorf("nothing was kept, but the sale is %s and %v is due", phase, due)
		}
		if cut == storetest.CutAfter {
			if _, queries := due[0].(txn.Query); !queries || phase != txn.Querying {
				t.Errorf("it may have been sent: want a query, got %v", due)
			}
		}
	}
}

func TestTheCashiersYesStandsForTheCodeThatWasAskedAbout(t *testing.T) {
	var disk storetest.Disk
	core, _ := openCore(t, &disk)
	mustStep(t, core, txn.SaleAsked{Amount: 1050})
	scan := func(code string) error {
		_, err := core.Step(start, txn.CodeScanned{Code: txn.NewPayCode(code)})
		return err
	}
	if err := scan(flaggedCode); !errors.Is(err, txn.ErrConfirmCode) {
		t.Fatalf("want %v, got %v", txn.ErrConfirmCode, err)
	}
	n := core.View(start).Notice
	if n == nil || n.Code != string(txn.ErrConfirmCode) || len(n.Flags) == 0 {
		t.Errorf("the screen does not ask: %+v", n)
	}
	due := mustStep(t, core, txn.CodeConfirmed{})
	if len(due) != 1 || due[0].(txn.Authorize).Code.Reveal() != flaggedCode {
		t.Errorf("want the flagged code sent, got %v", due)
	}
	if core.View(start).Notice != nil {
		t.Error("the question still stands on the screen")
	}
}

func TestAYesToNothingOrTooLateIsRefused(t *testing.T) {
	var disk storetest.Disk
	core, _ := openCore(t, &disk)
	mustStep(t, core, txn.SaleAsked{Amount: 1050})
	if _, err := core.Step(start, txn.CodeConfirmed{}); !errors.Is(err, txn.ErrNoSale) {
		t.Errorf("a yes to nothing: %v", err)
	}
	_, _ = core.Step(start, txn.CodeScanned{Code: txn.NewPayCode(flaggedCode)})
	late := start.Add(confirmWithin + time.Second)
	if _, err := core.Step(late, txn.CodeConfirmed{}); !errors.Is(err, txn.ErrNoSale) {
		t.Errorf("a yes that came too late: %v", err)
	}
	_, _ = core.Step(start, txn.CodeScanned{Code: txn.NewPayCode(flaggedCode)})
	_, _ = core.Step(start, txn.CodeScanned{Code: txn.NewPayCode("6901234567892")})
	if _, err := core.Step(start, txn.CodeConfirmed{}); !errors.Is(err, txn.ErrNoSale) {
		t.Errorf("a yes after another scan: %v", err)
	}
}

func TestARefusalIsANoticeAndNewsForTheScreen(t *testing.T) {
	var disk storetest.Disk
	core, _ := openCore(t, &disk)
	before := core.View(start).Revision
	_, err := core.Step(start, txn.CodeScanned{Code: txn.NewPayCode(wechatCode)})
	v := core.View(start)
	if !errors.Is(err, txn.ErrNoSale) || v.Notice == nil || v.Notice.Code != "no_sale" {
		t.Fatalf("want the notice no_sale, got %v %+v", err, v.Notice)
	}
	if v.Revision <= before {
		t.Error("nobody would be told")
	}
	if len(disk.Records()) != 0 {
		t.Error("a refusal was written down")
	}
}

func TestAJournalThatCanNotBeReadOpensNoCore(t *testing.T) {
	var disk storetest.Disk
	journal, _ := disk.Open()
	if err := journal.Append([]byte(`{"v":99}`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(Books{Rules: testRules(t), Journal: journal}, start); err == nil {
		t.Error("a record of a later release was skipped")
	}
	if _, _, err := Open(Books{Journal: journal}, start); err == nil {
		t.Error("rules that no terminal could work with were taken")
	}
}
