package hidscan

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/creack/pty"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/scannertest"
	"saoma/terminal/scanner/serialscan"
)

// A shop has a scanner on a serial line, one that types, and one that sends reports,
// and all of them see the phone.
func TestACodeThatEveryScannerReadsIsOneScan(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(master.Close(), tty.Close()) }()
	serial, err := serialscan.New(serialscan.Config{Name: "serial", Path: tty.Name(), Baud: 9600, DataBits: 8,
		Parity: "none", StopBits: 1, Framing: serialscan.Auto, IdleGap: 150 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	d, raws := newDesk(), newDesk()
	y := d.plug(t, "/dev/input/event0", scannerID)
	_, showPOS := plugPOS(t, raws, "/dev/hidraw0", shapes["counted"])
	out := make(chan scanner.Scan)
	here := make(chan scanner.Status, 3)
	keeper := scanner.Keeper{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Out: out,
		Told: func(s scanner.Status) { here <- s }}
	for _, src := range []scanner.Source{serial, newTestWedge(t, d, nil),
		newTestPOS(t, raws, Selector{USB: "0c2e:0b61"})} {
		go keeper.Keep(t.Context(), src)
	}
	for range 3 {
		if s := <-here; !s.Here {
			t.Fatalf("%s is not here: %s", s.Name, s.Cause)
		}
	}
	gate := scanner.NewGate([32]byte{1})
	for _, code := range []string{payerCode, "6236098835899996543"} {
		if _, err := io.WriteString(master, "]C0"+code+"\r"); err != nil {
			t.Fatal(err)
		}
		y.typeEvents(newTypist(t, "us").ended(code))
		showPOS(code)
		admitted := 0
		seen := map[string]bool{}
		for range 3 {
			select {
			case s := <-out:
				seen[s.Source] = true
				if s.Text.Reveal() != code {
					t.Errorf("%s: got %s", s.Source, s.Text.Reveal())
				}
				if gate.Admit(s) {
					admitted++
				}
			case <-time.After(scannertest.Patience):
				t.Fatalf("a scanner says nothing; heard of %v", seen)
			}
		}
		if admitted != 1 || len(seen) != 3 {
			t.Errorf("want one scan of three, got %d of %v", admitted, seen)
		}
	}
}
