package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"saoma/terminal/txn/acquirer/acquirersim"
)

// patience is how long a test waits for what must come: a reversal ends only when
// no request can be on its way any more, a minute by the test's config.
const patience = 3 * time.Minute

// buildOnce builds the real program, once for all tests.
var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "terminal-e2e-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "terminal")
	if text, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, text)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if binary, err := buildOnce(); err == nil {
		_ = os.RemoveAll(filepath.Dir(binary))
	}
	os.Exit(code)
}

func binary(t testing.TB) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// shop is a terminal's surroundings: an acquirer over TLS with an authority of
// its own, a scanner on a pty, and a config that names them.
type shop struct {
	t      testing.TB
	sim    *acquirersim.Sim
	line   *acquirersim.Relay // to the acquirer
	pty    *os.File
	dir    string
	config string
	addr   string // of the page, once it runs
	cmd    *exec.Cmd
	log    logged   // of all its processes
	shown  []string // codes that the scanner has seen
}

// logged is what processes have written, also while they write.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newShop(t testing.TB, sign string) *shop {
	t.Helper()
	dir := t.TempDir()
	keys, err := acquirersim.GenerateKeys(sign)
	if err != nil {
		t.Fatal(err)
	}
	sim, err := acquirersim.New(acquirersim.Options{Keys: keys, Now: time.Now, Seed: 1,
		Merchant: acquirersim.Merchant{CusID: "990581007426001", AppID: "00000051", TermNo: "80000001"},
		// A terminal that is killed every moment asks at once each time it starts.
		MinQueryInterval: -1})
	if err != nil {
		t.Fatal(err)
	}
	certificate, _, ca, err := acquirersim.SelfSigned(time.Now(), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(sim.Handler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	// Both ends stay open: the scanner stays plugged in between two starts.
	t.Cleanup(func() { _ = master.Close(); _ = tty.Close() })
	line, err := acquirersim.NewRelay("127.0.0.1:0", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(line.Close)
	s := &shop{t: t, sim: sim, line: line, pty: master, dir: dir, config: filepath.Join(dir, "terminal.toml")}
	for name, text := range map[string][]byte{
		"ca.pem": ca, "merchant.key": keys.MerchantPrivatePEM, "acquirer.pub": keys.AcquirerPublicPEM,
		"terminal.toml": s.configText("https://"+line.Addr(), tty.Name(), sign),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(s.kill)
	return s
}

// configText is a config like a technician's, with short times.
func (s *shop) configText(url, tty, sign string) []byte {
	in := func(name string) string { return filepath.Join(s.dir, name) }
	return fmt.Appendf(nil, `version = 1
[terminal]
id = "80000001"
serial = "E2E00000001"
merchant_id = "990581007426001"
merchant_name = "西湖龙井茶庄"
data_dir = %q
listen = "127.0.0.1:0"
latitude = "+30.242865"
longitude = "+120.155070"
[[scanner]]
name = "pty"
path = %q
[printer]
kind = "file"
dir = %q
[acquirer.allinpay]
base_url = %q
ca_file = %q
cusid = "990581007426001"
appid = "00000051"
sign = %q
private_key_file = %q
acquirer_public_key_file = %q
answer_timeout_s = 5
present_paytype = "W01"
bill_url = %q
[timing]
first_query_s = 1
query_every_s = 5
pay_window_s = 30
message_life_s = 60
[offline]
key_file = %q
[[codes.family]]
id = "unionpay"
re = '^62\d{17}$'
network = "unionpay"
confidence = "H"
enabled = true
offline = "store"
[[codes.family]]
id = "wechat"
re = '^1[0-5]\d{16}$'
network = "wallet"
confidence = "H"
enabled = true
soft = ["resident_id"]
`, in("books"), tty, in("slips"), url+"/apiweb", in("ca.pem"), sign, in("merchant.key"),
		in("acquirer.pub"), url+"/cusapi/trxfile/get", in("vault.key"))
}

// start runs the real program and waits until it is ready.
func (s *shop) start() {
	s.t.Helper()
	s.cmd = exec.Command(binary(s.t), "run", "-config", s.config)
	s.cmd.Stderr = &s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		ready <- line
	}()
	select {
	case line := <-ready:
		_, addr, ok := strings.Cut(strings.TrimSpace(line), "http://")
		if !ok {
			_ = s.cmd.Wait()
			s.t.Fatalf("it is not ready: %q\n%s", line, s.log.String())
		}
		s.addr = "http://" + addr
	case <-time.After(patience):
		s.t.Fatal("it does not get ready")
	}
}

// kill is the power cut of a process.
func (s *shop) kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// stop ends the program as systemd does, and wants it to end well.
func (s *shop) stop() {
	s.t.Helper()
	err := errors.Join(s.cmd.Process.Signal(syscall.SIGTERM), s.cmd.Wait())
	s.cmd = nil
	if err != nil {
		s.t.Errorf("it did not stop well: %v\n%s", err, s.log.String())
	}
}

type transaction struct {
	Order, Kind, State, Wallet, Clearing, Reason, Code, Of string

	AmountFen int64 `json:"amount_fen"`
	LeftFen   int64 `json:"left_fen"`
	Slips     []struct{ Form, State string }
}

// call asks the API. It returns an error while the program is down.
func (s *shop) call(method, path, body string, into any) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.addr+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if into != nil && resp.StatusCode < 300 {
		err = json.NewDecoder(resp.Body).Decode(into)
	}
	return resp.StatusCode, err
}

// sell opens a sale, also while another is in doubt, and shows a fresh code to
// the scanner.
func (s *shop) sell(fen int) (order string) {
	s.t.Helper()
	var opened transaction
	body := fmt.Sprintf(`{"amount_fen":%d,"override":true}`, fen)
	status, err := s.call("POST", "/api/sale", body, &opened)
	if err != nil || status != http.StatusCreated {
		s.t.Fatalf("sale: %d %v\n%s", status, err, s.log.String())
	}
	s.scan("wechat")
	return opened.Order
}

// scan shows a fresh code of a wallet to the scanner.
func (s *shop) scan(wallet string) {
	s.t.Helper()
	code, err := s.sim.IssueCode(wallet)
	if err != nil {
		s.t.Fatal(err)
	}
	s.shown = append(s.shown, code)
	if _, err := io.WriteString(s.pty, code+"\r"); err != nil {
		s.t.Fatal(err)
	}
}

// await polls until an order is as wanted.
func (s *shop) await(order, what string, holds func(transaction) bool) transaction {
	s.t.Helper()
	var last transaction
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if _, err := s.call("GET", "/api/transactions/"+order, "", &last); err != nil {
			s.t.Fatalf("%v\n%s", err, s.log.String())
		}
		if holds(last) {
			return last
		}
		<-time.After(20 * time.Millisecond)
	}
	s.t.Fatalf("order %s: want %s, got %+v\n%s", order, what, last, s.log.String())
	return last
}

func printed(t transaction) bool {
	for _, slip := range t.Slips {
		if slip.State != "printed" {
			return false
		}
	}
	return t.State == "approved" && len(t.Slips) > 0
}

func TestASaleFromTheScannerOnATTYToTheSlip(t *testing.T) {
	for _, sign := range []string{acquirersim.SignRSA, acquirersim.SignSM2} {
		t.Run(sign, func(t *testing.T) {
			s := newShop(t, sign)
			s.start()
			order := s.sell(1050)
			got := s.await(order, "approved and printed", printed)
			if got.AmountFen != 1050 || got.Wallet != "wechat" {
				t.Errorf("got %+v", got)
			}
			png, err := os.ReadFile(filepath.Join(s.dir, "slips", order+"-merchant.png"))
			if err != nil || !bytes.HasPrefix(png, []byte("\x89PNG")) {
				t.Errorf("no slip: %v", err)
			}
			s.stop()
			s.booksAgree()
		})
	}
}

// booksAgree compares the ledger with what the journal says.
func (s *shop) booksAgree() {
	s.t.Helper()
	var sales []transaction
	s.start()
	if _, err := s.call("GET", "/api/transactions?limit=1000", "", &sales); err != nil {
		s.t.Fatal(err)
	}
	ours := map[string]int64{}
	for _, t := range sales {
		switch {
		case t.State == "approved":
			ours[t.Order] += t.AmountFen
		case t.Kind == "refund" && t.State == "refunded":
			ours[t.Of] -= t.AmountFen
		}
	}
	for _, o := range s.sim.Ledger() {
		if o.Commits > 1 {
			s.t.Errorf("order %s moved money %d times", o.Number, o.Commits)
		}
		if o.Kind == acquirersim.KindSale && o.Net() != ours[o.Number] {
			s.t.Errorf("order %s: %d fen here, %d at the acquirer", o.Number, ours[o.Number], o.Net())
		}
		if o.Kind == acquirersim.KindSale {
			delete(ours, o.Number)
		}
	}
	if len(ours) > 0 {
		s.t.Errorf("approved here, but not at the acquirer: %v", ours)
	}
	if v := s.sim.Violations(); len(v) > 0 {
		s.t.Errorf("broken rules of the protocol: %v", v)
	}
	s.stop()
}

func TestASecondTerminalOnTheSameBooksIsRefused(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	s.start()
	out, err := exec.Command(binary(t), "run", "-config", s.config).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailed ||
		!strings.Contains(string(out), "another process") {
		t.Errorf("want exit 1 and a sentence, got %v: %s", err, out)
	}
}

func TestWhatIsNoPayerCodeIsRefusedOnTheScreenAndOpensNothing(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	s.start()
	if status, err := s.call("POST", "/api/sale", `{"amount_fen":1}`, nil); err != nil || status != 201 {
		t.Fatal(status, err)
	}
	for text, reason := range map[string]string{
		"6901234567892": "goods_barcode", "https://qr.alipay.com/bax0": "merchant_code",
		"hello": "unknown_code", strings.Repeat("1", 5000): "too_long",
		"110101190001010006": "confirm_code",
	} {
		if _, err := io.WriteString(s.pty, text+"\r"); err != nil {
			t.Fatal(err)
		}
		var v struct {
			Notice  *struct{ Code string }
			Current transaction
		}
		for deadline := time.Now().Add(patience); ; {
			if _, err := s.call("GET", "/api/view", "", &v); err != nil {
				t.Fatal(err)
			}
			if v.Notice != nil && v.Notice.Code == reason {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%.20q: want %s on the screen, got %+v", text, reason, v.Notice)
			}
			<-time.After(20 * time.Millisecond)
		}
		if v.Current.State != "created" {
			t.Errorf("%.20q: the sale is %s", text, v.Current.State)
		}
	}
	if n := len(s.sim.Ledger()); n != 0 {
		t.Errorf("%d orders reached the acquirer", n)
	}
}
