package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/allinpay"
)

// snippet is what the program prints, as a terminal's config reads it.
type snippet struct {
	Acquirer struct {
		Allinpay struct {
			BaseURL     string `toml:"base_url"`
			CAFile      string `toml:"ca_file"`
			CusID       string `toml:"cusid"`
			AppID       string `toml:"appid"`
			Sign        string `toml:"sign"`
			PrivateKey  string `toml:"private_key_file"`
			AcquirerKey string `toml:"acquirer_public_key_file"`
		} `toml:"allinpay"`
	} `toml:"acquirer"`
}

func TestPrintedConfigSellsUntilTheProgramIsToldToStop(t *testing.T) {
	for _, sign := range []string{"RSA", "SM2"} {
		ctx, stop := context.WithCancel(t.Context())
		printed, out := io.Pipe()
		var complaints bytes.Buffer
		code := make(chan int)
		args := []string{"-addr", "127.0.0.1:0", "-control", "127.0.0.1:0", "-dir", t.TempDir(),
			"-sign", sign, "-hosts", "acquirer.example,", "-refund-s", "60"}
		go func() {
			code <- run(ctx, args, out, &complaints)
		}()
		text := make([]byte, 4096)
		n, err := printed.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		client, control := connect(t, text[:n])
		shown := issue(t, control)
		got := client.Pay(t.Context(), txn.Authorize{Order: "1", Amount: 1050,
			Code: txn.NewPayCode(shown), Factor: shown[len(shown)-6:]})
		if got.Outcome != txn.OutcomeApproved || got.Wallet != "ecny" {
			t.Errorf("%s: want approved, got %+v", sign, got)
		}
		got = client.Refund(t.Context(), txn.Refund{Order: "2", Of: "1", Amount: 1050})
		if got.Outcome != txn.OutcomePending {
			t.Errorf("%s: want a refund that takes its time, got %+v", sign, got)
		}
		for _, err := range client.Bill(t.Context(), time.Now().AddDate(0, 0, -2)) {
			t.Errorf("%s: want an empty bill, got %v", sign, err)
		}
		client.Close()
		stop()
		if got := <-code; got != exitFine || complaints.Len() > 0 {
			t.Errorf("%s: want exit code 0, got %d: %s", sign, got, &complaints)
		}
	}
}

// connect builds a client from nothing but what was printed.
func connect(t *testing.T, text []byte) (client *allinpay.Client, control string) {
	t.Helper()
	var conf snippet
	strict := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := strict.Decode(&conf); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	set := conf.Acquirer.Allinpay
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(read(t, set.CAFile))
	_, bills, _ := strings.Cut(string(text), "Bills: ")
	bills, _, _ = strings.Cut(bills, "\n")
	private, err := allinpay.ParsePrivateKey(read(t, set.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	public, err := allinpay.ParsePublicKey(read(t, set.AcquirerKey))
	if err != nil {
		t.Fatal(err)
	}
	client, err = allinpay.New(allinpay.Config{
		BaseURL: set.BaseURL, BillURL: bills, RootCAs: roots, CusID: set.CusID, AppID: set.AppID,
		Sign: allinpay.SignType(set.Sign), PrivateKey: private, AcquirerKey: public,
		Terminal: allinpay.Terminal{TermNo: "10000001", DeviceType: "11",
			DeviceIP: "127.0.0.1", Factor: allinpay.FactorOmit},
		Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	if mode := stat(t, set.PrivateKey).Mode(); mode != 0o600 {
		t.Errorf("want the private key to have mode 0600, got %o", mode)
	}
	_, control, _ = strings.Cut(string(text), "Control: ")
	control, _, _ = strings.Cut(control, "\n")
	return client, control
}

func issue(t *testing.T, control string) string {
	t.Helper()
	resp, err := http.Post(control+"code", "application/json",
		strings.NewReader(`{"wallet":"ecny"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var shown struct{ Code string }
	if err := json.NewDecoder(resp.Body).Decode(&shown); err != nil {
		t.Fatal(err)
	}
	return shown.Code
}

func TestWrongUsageIsExitCode2AndTroubleIs1(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		want int
	}{
		{"-h", exitFine},
		{"-nonsense", exitUsage},
		{"more", exitUsage},
		{"-sign MD5", exitUsage},
		{"-termno 1", exitUsage},
		{"-addr 8443", exitUsage},
		{"-control 8444", exitUsage},
		{"-dir=", exitUsage},
		{"-refund-s -1", exitUsage},
		{"-sign SM2 -addr 127.0.0.1:0 -control 203.0.113.1:1", exitError},
		{"-sign SM2 -addr 127.0.0.1:0 -control 127.0.0.1:0 -dir " + taken, exitError},
	} {
		var out, complaints bytes.Buffer
		got := run(t.Context(), strings.Fields(tt.args), &out, &complaints)
		if got != tt.want || complaints.Len() == 0 || out.Len() > 0 {
			t.Errorf("%s: want exit code %d and a sentence, got %d: %s%s",
				tt.args, tt.want, got, &out, &complaints)
		}
	}
}

func TestWildcardAddressHasANameInTheConfig(t *testing.T) {
	for addr, want := range map[string]string{
		"0.0.0.0:8443": "till.example", ":8443": "till.example", "[::1]:8443": "::1",
	} {
		set := settings{addr: addr, hosts: []string{"till.example"}}
		if got := set.certificateHosts()[0]; got != want {
			t.Errorf("%s: want %s in the address, got %s", addr, want, got)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func stat(t *testing.T, path string) os.FileInfo {
	t.Helper()
	about, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return about
}
