package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/scanner"
	"saoma/terminal/scanner/hidscan"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// withScanners is the shipped config with other scanners, checked.
func withScanners(t *testing.T, blocks string) *configs.Config {
	t.Helper()
	_, text := configs.Default()
	cfg, err := configs.Parse("t.toml", []byte(string(text)+"\n"+blocks))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestWhatTheConfigAllowsOfScannersCanBeBuilt(t *testing.T) {
	var blocks strings.Builder
	n := 0
	block := func(kind, keys string) {
		n++
		_, _ = fmt.Fprintf(&blocks, "[[scanner]]\nname = \"s%d\"\nkind = %q\n%s\n", n, kind, keys)
	}
	for _, layout := range hidscan.Layouts() {
		block("hid", fmt.Sprintf("usb = \"0c2e:0b61\"\nlayout = %q\nidle_gap_ms = 20", layout))
	}
	block("hid", "device_name = \"x\"\nalt_codes = \"gbk\"\nidle_gap_ms = 2000")
	block("hidpos", "phys = \"x\"")
	for _, profile := range configs.Profiles() {
		block("serial", fmt.Sprintf("path = \"/dev/x%d\"\nprofile = %q\nparity = \"even\"\ndata_bits = 7", n, profile))
	}
	sources, err := scannerSources(withScanners(t, blocks.String()).Scanners)
	if err != nil || len(sources) != n+1 {
		t.Fatalf("want %d scanners, got %d, %v", n+1, len(sources), err)
	}
	for _, src := range sources {
		if _, ok := src.(scanner.Complainer); !ok {
			t.Errorf("%s complains of nothing", src.Name())
		}
	}
}

func TestTheClassifierIsToldWhatWasRead(t *testing.T) {
	table, err := classifyTable("", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ read, symbology string }{
		{"]C10123456789012345678", "]C1"}, {"0123456789012345678", ""},
	} {
		code := table.Classify(readBy(scanner.Seen(tt.read, "x", time.Now())))
		if code.Symbology != tt.symbology || code.Text.Reveal() != "0123456789012345678" {
			t.Errorf("%s: got %q", tt.read, code.Symbology)
		}
	}
	long := scanner.Seen(strings.Repeat("1", scanner.ScanMax+1), "x", time.Now())
	if got := table.Classify(readBy(long)).Result; got != "TOO_LONG" {
		t.Errorf("too long: got %s", got)
	}
}

// heard waits until the scanner on the pty was told something.
func (s *shop) heard(want string) {
	s.t.Helper()
	got := make([]byte, len(want))
	done := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(s.pty, got)
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil || string(got) != want {
			s.t.Fatalf("the scanner was told %q (%v), want %q\n%s", got, err, want, s.log.String())
		}
	case <-time.After(patience):
		s.t.Fatalf("the scanner was not told %q\n%s", want, s.log.String())
	}
}

func TestTheScannerIsToldWhenToLookAndThatItsCodeWasRefused(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "name = \"pty\"\n",
		"name = \"pty\"\nprofile = \"honeywell\"\nrefuse_order = '\\x07'\n", 1))
	if err := os.WriteFile(s.config, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start()
	var opened struct{ Order string }
	if status, err := s.call("POST", "/api/sale", `{"amount_fen":1}`, &opened); err != nil || status != 201 {
		t.Fatal(status, err)
	}
	s.heard("\x16T\r")
	if _, err := io.WriteString(s.pty, "hello\r"); err != nil {
		t.Fatal(err)
	}
	s.heard("\x07")
	s.scan("wechat")
	s.heard("\x16U\r")
	s.await(opened.Order, "it approved", func(tx transaction) bool { return tx.State == "approved" })
}
