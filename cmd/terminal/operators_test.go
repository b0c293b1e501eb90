package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"saoma/terminal/txn/acquirer/acquirersim"
)

const (
	cashierPIN    = "824001"
	supervisorPIN = "739509"
	called        = `"supervisor":{"operator":"09","pin":"` + supervisorPIN + `"}`
)

// runOperators runs the command line with a PIN on its standard input.
func runOperators(t *testing.T, pin string, args ...string) (text string, code int) {
	t.Helper()
	cmd := exec.Command(binary(t), append([]string{"operators"}, args...)...)
	cmd.Stdin = strings.NewReader(pin + "\n")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// hire makes a supervisor 09 and a cashier 01.
func hire(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, o := range [][]string{{"09", "店长", "supervisor", supervisorPIN}, {"01", "小王", "cashier", cashierPIN}} {
		if text, code := runOperators(t, o[3], "add", "-data", dir, "-number", o[0], "-name", o[1],
			"-role", o[2], "-pin-stdin"); code != exitFine {
			t.Fatalf("%d %s", code, text)
		}
	}
}

func TestOperatorsAreKeptFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	hire(t, dir)
	for _, tt := range []struct {
		pin, args, want string
		code            int
	}{
		{"", "list", "09      supervisor  店长", exitFine},
		{"", "list -json", `"number":"01","role":"cashier"`, exitFine},
		{"1234", "set-pin -number 01 -pin-stdin", "count up or down", exitFailed},
		{"90531", "set-pin -number 01 -pin-stdin", "new PIN", exitFine},
		{"90531", "set-pin -number 77 -pin-stdin", "no such operator", exitFailed},
		{"", "set-pin -number 01 -pin-stdin", "4 to 8 digits", exitFailed},
		{"", "set-pin -number 01", "use -pin-stdin", exitUsage},
		{"90531", "add -number 02 -name 小李 -role boss -pin-stdin", "role", exitUsage},
		{"90531", "add -number 01 -name 小李 -role cashier -pin-stdin", "there already", exitFailed},
		{"", "remove -number 09", "last supervisor", exitFailed},
		{"", "remove -number 01", "removed", exitFine},
		{"", "remove", "-number NN", exitUsage},
		{"", "promote -number 01", "not \"promote\"", exitUsage},
	} {
		words := strings.Fields(tt.args)
		text, code := runOperators(t, tt.pin, append([]string{words[0], "-data", dir}, words[1:]...)...)
		if code != tt.code || !strings.Contains(text, tt.want) {
			t.Errorf("%s: want %d %q, got %d %q", tt.args, tt.code, tt.want, code, text)
		}
	}
}

func TestAPINIsTypedTwiceAndNotShown(t *testing.T) {
	dir := t.TempDir()
	hire(t, dir)
	for _, tt := range []struct {
		typed [2]string
		want  string
	}{{[2]string{"90531", "90531"}, "has a new PIN"}, {[2]string{"90531", "90532"}, "the two PINs differ"}} {
		tty, err := pty.Start(exec.Command(binary(t), "operators", "set-pin", "-data", dir, "-number", "01"))
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		buffer := make([]byte, 256)
		for _, next := range []struct{ prompt, typed string }{{"digits: ", tt.typed[0]}, {"more: ", tt.typed[1]}} {
			for !strings.HasSuffix(said.String(), next.prompt) {
				n, err := tty.Read(buffer)
				if err != nil {
					t.Fatalf("%v after %q", err, said.String())
				}
				said.Write(buffer[:n])
			}
			if _, err := io.WriteString(tty, next.typed+"\n"); err != nil {
				t.Fatal(err)
			}
		}
		rest, _ := io.ReadAll(tty) // a pty ends with an error
		said.Write(rest)
		if text := said.String(); !strings.Contains(text, tt.want) || strings.Contains(text, "9053") {
			t.Errorf("want %q and no PIN, got %q", tt.want, text)
		}
	}
}

// want posts, and wants a status.
func (s *shop) want(status int, path, body string) {
	s.t.Helper()
	if got, err := s.call("POST", path, body, nil); err != nil || got != status {
		s.t.Fatalf("%s %.40s: want %d, got %d %v\n%s", path, body, status, got, err, s.log.String())
	}
}

func TestAShiftOnTheRealProgram(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	hire(t, filepath.Join(s.dir, "books"))
	s.start()
	s.want(http.StatusForbidden, "/api/sale", `{"amount_fen":1000}`)
	s.want(http.StatusUnauthorized, "/api/sign-on", `{"operator":"01","pin":"`+supervisorPIN+`"}`)
	s.want(http.StatusOK, "/api/sign-on", `{"operator":"01","pin":"`+cashierPIN+`"}`)
	order := s.sell(1000)
	s.await(order, "approved and printed", printed)
	void := "/api/transactions/" + order + "/void"
	s.want(http.StatusForbidden, void, `{}`)
	s.want(http.StatusForbidden, void, `{"supervisor":{"operator":"01","pin":"`+cashierPIN+`"}}`)
	s.want(http.StatusOK, void, `{`+called+`}`)
	s.await(order, "voided", state("voided"))
	s.sellsAndSignsOff()
	s.locks()
	s.stop()
	for _, pin := range []string{cashierPIN, supervisorPIN} {
		if err := exec.Command("grep", "-rqaF", pin, s.dir).Run(); err == nil || strings.Contains(s.log.String(), pin) {
			t.Errorf("a PIN is in a file or in the log")
		}
	}
	s.booksAgree()
}

// sellsAndSignsOff has a shift on paper whose last sale is in doubt: it ends by
// itself, with nobody on duty and after a power cut.
func (s *shop) sellsAndSignsOff() {
	s.t.Helper()
	if err := s.sim.SetPayer(acquirersim.Payer{Mode: acquirersim.Ignore}); err != nil {
		s.t.Fatal(err)
	}
	order := s.sell(700)
	s.await(order, "in doubt", state("pending"))
	s.want(http.StatusOK, "/api/totals/print", `{}`)
	s.want(http.StatusOK, "/api/shift/print", `{}`)
	s.want(http.StatusOK, "/api/sign-off", `{}`)
	s.want(http.StatusForbidden, "/api/totals/print", `{}`)
	s.kill()
	s.start()
	s.want(http.StatusOK, "/api/cancel", fmt.Sprintf(`{"order":%q}`, order)) // do not wait for its window
	s.await(order, "reversed", state("reversed"))
	var told struct {
		Ended []struct {
			Shift    int
			Operator string
			NetFen   int `json:"net_fen"`
			Totals   struct{ Sales, Voids, Open int }
		}
	}
	if _, err := s.call("GET", "/api/shift", "", &told); err != nil {
		s.t.Fatal(err)
	}
	if got := fmt.Sprintf("%+v", told); got != "{Ended:[{Shift:1 Operator:01 NetFen:0 Totals:{Sales:1 Voids:1 Open:1}}]}" {
		s.t.Errorf("want one sale, its void and one open, got %s", got)
	}
	for v := struct{ Unprinted int }{1}; v.Unprinted > 0; { // the kill may have cut the last
		if _, err := s.call("GET", "/api/view", "", &v); err != nil {
			s.t.Fatal(err)
		}
	}
	for n := 1; n <= 3; n++ {
		name := filepath.Join(s.dir, "slips", fmt.Sprintf("report-%06d-merchant.png", n))
		if _, err := os.Stat(name); err != nil {
			s.t.Error(err)
		}
	}
}

// locks tries PINs until it is locked, also by a program that is killed meanwhile.
func (s *shop) locks() {
	s.t.Helper()
	for n := range 5 {
		if n == 3 {
			s.kill()
			s.start()
		}
		s.want(http.StatusUnauthorized, "/api/sign-on", `{"operator":"01","pin":"555555"}`)
	}
	s.kill()
	s.start()
	s.want(http.StatusLocked, "/api/sign-on", `{"operator":"01","pin":"`+cashierPIN+`"}`)
	if text, code := runOperators(s.t.(*testing.T), cashierPIN, "set-pin", "-data", filepath.Join(s.dir, "books"),
		"-number", "01", "-pin-stdin"); code != exitFine {
		s.t.Fatal(text)
	}
	s.want(http.StatusOK, "/api/sign-on", `{"operator":"01","pin":"`+cashierPIN+`"}`)
}

func TestABrokenListOfOperatorsSellsOnAndGivesNothingBack(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	books := filepath.Join(s.dir, "books")
	hire(t, books)
	if err := os.WriteFile(filepath.Join(books, "operators.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	order := s.sell(1000)
	s.await(order, "approved and printed", printed)
	refund := "/api/transactions/" + order + "/refund"
	s.want(http.StatusForbidden, refund, `{}`)
	s.want(http.StatusServiceUnavailable, refund, `{`+called+`}`)
	s.want(http.StatusServiceUnavailable, "/api/sign-on", `{"operator":"09","pin":"`+supervisorPIN+`"}`)
	s.stop() // and all that it has written is here
	if !strings.Contains(s.log.String(), "operators.json can't be used") {
		t.Errorf("the log does not say what is broken:\n%s", s.log.String())
	}
	s.booksAgree()
}
