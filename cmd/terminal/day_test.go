package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// open opens a sale without showing a code.
func (s *shop) open(fen int) string {
	s.t.Helper()
	var opened transaction
	status, err := s.call("POST", "/api/sale", fmt.Sprintf(`{"amount_fen":%d}`, fen), &opened)
	if err != nil || status != http.StatusCreated {
		s.t.Fatalf("sale: %d %v\n%s", status, err, s.log.String())
	}
	return opened.Order
}

// ask posts to a transaction and gives the status.
func (s *shop) ask(order, what, body string) int {
	s.t.Helper()
	status, err := s.call("POST", "/api/transactions/"+order+"/"+what, body, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

func state(want string) func(transaction) bool {
	return func(t transaction) bool { return t.State == want }
}

func TestADaysTransactionsOnTheRealProgram(t *testing.T) {
	s := newShop(t, acquirersim.SignSM2)
	s.start()
	s.refundAndVoid()
	s.merchantCode()
	s.heldAndStored()
	s.settle()
	s.stop()
	s.booksAgree()
	s.noCodeIsKept()
}

func (s *shop) refundAndVoid() {
	s.t.Helper()
	order := s.sell(1000)
	s.await(order, "approved and printed", printed)
	for _, amount := range []int{300, 200} {
		if got := s.ask(order, "refund", fmt.Sprintf(`{"amount_fen":%d}`, amount)); got != 200 {
			s.t.Fatalf("refund: %d\n%s", got, s.log.String())
		}
	}
	s.await(order, "500 fen left", func(t transaction) bool { return t.LeftFen == 500 })
	if got := s.ask(order, "refund", `{"amount_fen":501}`); got != http.StatusBadRequest {
		s.t.Errorf("a refund above what is left: %d", got)
	}
	if got := s.ask(order, "void", `{}`); got != http.StatusConflict {
		s.t.Errorf("a void of a sale with refunds: %d", got)
	}
	var all []transaction
	if _, err := s.call("GET", "/api/transactions", "", &all); err != nil {
		s.t.Fatal(err)
	}
	for _, refund := range all[:2] {
		s.await(refund.Order, "refunded and printed", func(t transaction) bool {
			return t.State == "refunded" && t.Of == order && len(t.Slips) == 1 &&
				t.Slips[0].Form == "refund" && t.Slips[0].State == "printed"
		})
	}
	order = s.sell(700)
	s.await(order, "approved", state("approved"))
	s.ask(order, "void", `{}`)
	s.await(order, "voided", state("voided"))
}

// merchantCode lets the payer scan the terminal, and lets nobody.
func (s *shop) merchantCode() {
	s.t.Helper()
	order := s.open(800)
	s.present()
	s.await(order, "a code to show", func(t transaction) bool { return t.Code != "" })
	if err := s.sim.PayerScans(order); err != nil {
		s.t.Fatal(err)
	}
	s.await(order, "approved", state("approved"))
	order = s.open(900)
	s.present()
	s.await(order, "a code to show", func(t transaction) bool { return t.Code != "" })
	if _, err := s.call("POST", "/api/cancel", "{}", nil); err != nil {
		s.t.Fatal(err)
	}
	s.await(order, "closed", state("reversed"))
	if err := s.sim.PayerScans(order); err == nil {
		s.t.Error("a closed code was paid")
	}
}

func (s *shop) present() {
	s.t.Helper()
	if status, err := s.call("POST", "/api/present", "{}", nil); err != nil || status != 200 {
		s.t.Fatal(status, err)
	}
}

// heldAndStored cuts the line: a wallet's code is held and sent when the line is
// back, a UnionPay code is taken offline, also over a kill.
func (s *shop) heldAndStored() {
	s.t.Helper()
	s.line.Cut()
	held := s.open(400)
	s.scan("wechat")
	s.await(held, "held", state("held"))
	if err := s.line.Mend(); err != nil {
		s.t.Fatal(err)
	}
	back := time.Now()
	s.await(held, "approved", state("approved"))
	s.t.Logf("the held sale was approved %s after the line's return", time.Since(back))
	s.line.Cut()
	stored := s.open(500)
	s.scan("unionpay")
	s.await(stored, "taken offline and printed", func(t transaction) bool {
		return t.State == "stored" && len(t.Slips) == 1 && t.Slips[0].Form == "offline" &&
			t.Slips[0].State == "printed"
	})
	s.kill()
	vault, err := os.ReadFile(filepath.Join(s.dir, "books", "vault.db"))
	if err != nil || bytes.Contains(vault, []byte(s.shown[len(s.shown)-1])) {
		s.t.Errorf("the code stands open in the vault, or there is none: %v", err)
	}
	s.start()
	s.await(stored, "stored over the kill", state("stored"))
	if err := s.line.Mend(); err != nil {
		s.t.Fatal(err)
	}
	s.await(stored, "uploaded", state("approved"))
}

// settle closes the batch: what is in it is not voided any more.
func (s *shop) settle() {
	s.t.Helper()
	order := s.sell(600)
	s.await(order, "approved and printed", printed)
	if status, err := s.call("POST", "/api/settle", "{}", nil); err != nil || status != 200 {
		s.t.Fatal(status, err)
	}
	var batches []struct {
		Batch  int
		State  string
		NetFen int64 `json:"net_fen"`
		Slips  []struct{ State string }
	}
	for deadline := time.Now().Add(patience); ; {
		if _, err := s.call("GET", "/api/batches", "", &batches); err != nil {
			s.t.Fatal(err)
		}
		if len(batches) == 2 && batches[1].State == "settled" && batches[1].Slips[0].State == "printed" {
			break
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("want batch 1 settled and printed, got %+v", batches)
		}
		<-time.After(20 * time.Millisecond)
	}
	if net := batches[1].NetFen; batches[0].Batch != 2 || net != 500+800+400+500+600 {
		s.t.Errorf("want a net of 2800 fen and batch 2 open, got %+v", batches)
	}
	if got := s.ask(order, "void", "{}"); got != http.StatusConflict {
		s.t.Errorf("a void after the settlement: %d", got)
	}
}

type difference struct {
	Kind, Action, Order, State string
}

// reconcile compares today's books with the acquirer's bill of tomorrow morning.
func (s *shop) reconcile() (matched int, differences []difference) {
	s.t.Helper()
	var report struct {
		Matched     int
		Differences []difference
	}
	day := time.Now().In(txn.Beijing()).Format(time.DateOnly)
	status, err := s.call("POST", "/api/reconcile", fmt.Sprintf(`{"day":%q}`, day), &report)
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("reconcile: %d %v\n%s", status, err, s.log.String())
	}
	return report.Matched, report.Differences
}

func TestEveryDifferenceFromTheAcquirersBillIsNamedAndEnded(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	s.start()
	var orders []string
	for i := range 4 {
		orders = append(orders, s.sell(1000+i))
		s.await(orders[i], "approved", state("approved"))
	}
	if err := s.sim.SetPayer(acquirersim.Payer{Mode: acquirersim.Refuse}); err != nil {
		t.Fatal(err)
	}
	refused := s.sell(500)
	s.await(refused, "declined", state("declined"))
	s.sim.Advance(34 * time.Hour) // the bill of a day is there at six
	if matched, differences := s.reconcile(); matched != 4 || len(differences) != 0 {
		t.Errorf("want 4 matched and no difference, got %d and %v", matched, differences)
	}
	if err := s.sim.EditBills(acquirersim.BillEdit{Missing: orders[:1],
		Amounts: map[string]int64{orders[1]: 999},
		Extra:   []acquirersim.BillExtra{{Order: refused, TrxCode: "VSP501", Amount: 500}},
		Broken:  []string{"x|y"}}); err != nil {
		t.Fatal(err)
	}
	_, differences := s.reconcile()
	want := []difference{{"broken", "office", "", ""}, {"missing", "hand", orders[0], "approved"},
		{"amount", "hand", orders[1], "approved"}, {"late", "reverse", refused, "declined"}}
	if !slices.Equal(differences, want) {
		t.Errorf("want %v, got %v", want, differences)
	}
	s.ask(orders[0], "dispute", `{"reason":"bill_missing"}`)
	s.await(orders[0], "a slip for a person", func(t transaction) bool {
		return len(t.Slips) == 2 && t.Slips[1].Form == "hand" && t.Slips[1].State == "printed"
	})
	if got := s.ask(refused, "reverse", `{}`); got != http.StatusOK {
		t.Errorf("reverse: %d", got)
	}
	s.await(refused, "undone again", state("reversed"))
	s.stop()
}

func TestAnotherIdentityIsRefusedOnTheRealProgramWhileMoneyIsOpen(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	s.start()
	s.open(100)
	s.kill()
	config, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(config, []byte(`id = "80000001"`), []byte(`id = "80000002"`), 1)
	if err := os.WriteFile(s.config, other, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary(t), "run", "-config", s.config).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitMoney || !bytes.Contains(out, []byte("money_open")) {
		t.Errorf("want exit 4, got %v\n%s", err, out)
	}
	if err := os.WriteFile(s.config, config, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start() // with its own identity it goes on
	s.stop()
}
