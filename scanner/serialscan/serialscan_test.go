package serialscan

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/scannertest"
)

// line is a real pty: the scanner's end, and a stable path that points to the
// terminal's end, as udev makes them.
type line struct {
	t      *testing.T
	path   string
	master *os.File
}

func newLine(t *testing.T) *line {
	l := &line{t: t, path: filepath.Join(t.TempDir(), "scanner")}
	l.plug()
	return l
}

// plug brings a new device under the same path.
func (l *line) plug() {
	l.t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		l.t.Fatal(err)
	}
	_ = os.Remove(l.path)
	if err := errors.Join(os.Symlink(tty.Name(), l.path), tty.Close()); err != nil {
		l.t.Fatal(err)
	}
	l.master = master
	l.t.Cleanup(func() { _ = master.Close() })
}

func (l *line) unplug() {
	l.t.Helper()
	if err := errors.Join(os.Remove(l.path), l.master.Close()); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) write(text string) {
	l.t.Helper()
	if _, err := io.WriteString(l.master, text); err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) source(framing Framing) *Source {
	l.t.Helper()
	return l.sourceWith(func(c *Config) { c.Framing = framing })
}

// sourceWith is a source with something changed in its config.
func (l *line) sourceWith(change func(*Config)) *Source {
	l.t.Helper()
	cfg := Config{Name: "serial", Path: l.path, Baud: 9600, DataBits: 8, Parity: "none", StopBits: 1,
		Framing: Auto, IdleGap: 150 * time.Millisecond}
	change(&cfg)
	src, err := New(cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	return src
}

func TestItKeepsTheContractOnARealTTY(t *testing.T) {
	for framing, end := range map[Framing]string{Auto: "\r", LF: "\n", None: ""} {
		t.Run(string(framing), func(t *testing.T) {
			scannertest.Suite(t, func(t *testing.T) (scanner.Source, func(string)) {
				l := newLine(t)
				return l.source(framing), func(code string) { l.write(code + end) }
			})
		})
	}
}

func TestCodesComeThroughARealTTYHoweverTheyEnd(t *testing.T) {
	for _, tt := range []struct {
		framing Framing
		wire    string
	}{
		{CR, "134567890123456789\r"}, {LF, "134567890123456789\n"},
		{CRLF, "134567890123456789\r\n"}, {Auto, "134567890123456789\r\n"},
		{None, "134567890123456789"}, {Auto, "134567890123456789"},
		{Auto, "\x00\xff134567890123456789\r"},
	} {
		l := newLine(t)
		r := scannertest.Run(t, l.source(tt.framing))
		l.write(tt.wire)
		r.Want("134567890123456789")
		_ = r.Stop()
	}
}

func TestTwoScansInOneWriteAndOneScanInMany(t *testing.T) {
	l := newLine(t)
	r := scannertest.Run(t, l.source(Auto))
	l.write("]C0134567890123456701\r]Q1134567890123456702\r")
	for _, want := range []scanner.Symbology{"CODE_128", "QR_CODE"} {
		if s := r.Next(); s.Symbology() != want || !strings.HasPrefix(s.Text.Reveal(), "1345678901234567") {
			t.Errorf("want %s without its identifier, got %q, %q", want, s.AIM, s.Text.Reveal())
		}
	}
	for _, b := range "134567890123456703\r" {
		l.write(string(b))
	}
	r.Want("134567890123456703")
	_ = r.Stop()
}

func TestALineOfAMegabyteIsOneOverlongScanAndTheNextIsRead(t *testing.T) {
	l := newLine(t)
	r := scannertest.Run(t, l.source(Auto))
	written := make(chan error, 1)
	go func() {
		_, err := io.WriteString(l.master, strings.Repeat("1", 1<<20)+"\r134567890123456789\r")
		written <- err
	}()
	if s := r.Next(); !s.Overlong || s.Text.Reveal() != "" {
		t.Error("want overlong without text")
	}
	r.Want("134567890123456789")
	if err := <-written; err != nil {
		t.Error(err)
	}
	_ = r.Stop()
}

func TestAScannerThatIsPluggedInAgainWorksWithinASecond(t *testing.T) {
	l := newLine(t)
	src := l.source(Auto)
	out := make(chan scanner.Scan)
	states := make(chan scanner.Status, 16)
	go scanner.Keeper{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Out: out,
		Told: func(s scanner.Status) { states <- s }}.Keep(t.Context(), src)
	want := func(here bool) {
		t.Helper()
		for {
			select {
			case s := <-states:
				if s.Here == here {
					return
				}
			case <-time.After(scannertest.Patience):
				t.Fatalf("want here %t", here)
			}
		}
	}
	want(true)
	l.unplug()
	want(false)
	plugged := time.Now()
	l.plug()
	want(true)
	t.Logf("works %s after plugging in", time.Since(plugged))
	l.write("134567890123456789\r")
	select {
	case s := <-out:
		if s.Text.Reveal() != "134567890123456789" {
			t.Errorf("got %q", s.Text.Reveal())
		}
	case <-time.After(scannertest.Patience):
		t.Fatal("no scan after plugging in")
	}
}

func TestADeviceThatIsGoneEndsTheRun(t *testing.T) {
	l := newLine(t)
	r := scannertest.Run(t, l.source(Auto))
	if err := l.master.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Ended(); err == nil || !strings.Contains(err.Error(), "unplugged") {
		t.Errorf("want unplugged, got %v", err)
	}
}

func TestSilenceIsToldFromAnUnpluggedDeviceByItsTime(t *testing.T) {
	for _, tt := range []struct {
		name string
		n    int
		err  error
		took time.Duration
		want bool
	}{
		{"silence", 0, io.EOF, readTimeout, false},
		{"silence, and a coarse clock", 0, io.EOF, readTimeout * 9 / 10, false},
		{"a USB device that was pulled", 0, io.EOF, time.Millisecond, true},
		{"a pty whose other end is closed", 0, unix.EIO, time.Millisecond, true},
		{"an error that took its time", 0, unix.EIO, readTimeout, true},
		{"bytes", 5, nil, 0, false},
	} {
		if got := gone(tt.n, tt.err, tt.took); got != tt.want {
			t.Errorf("%s: want %t", tt.name, tt.want)
		}
	}
}

func TestADeviceThatIsNotThereOrUsedIsAnError(t *testing.T) {
	l := newLine(t)
	r := scannertest.Run(t, l.source(Auto))
	second := scannertest.Begin(t, l.source(Auto))
	if err := second.Ended(); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("two readers of one line: %v", err)
	}
	_ = r.Stop()
	l.unplug()
	if err := scannertest.Begin(t, l.source(Auto)).Ended(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("want that it does not exist, got %v", err)
	}
}

func TestNoiseIsCountedAndTheNextCodeIsRead(t *testing.T) {
	l := newLine(t)
	src := l.source(Auto)
	for want := range int64(2) { // also across two runs
		r := scannertest.Run(t, src)
		l.write("1345\x006789\r\x00\r134567890123456789\r")
		r.Want("134567890123456789")
		_ = r.Stop()
		if got := src.Total(); got != want+1 || src.Complaint() != "" {
			t.Errorf("want %d lines dropped and a good one since, got %d, %q", want+1, got, src.Complaint())
		}
	}
}

func TestABadConfigIsRefusedWithEveryFault(t *testing.T) {
	_, err := New(Config{Name: "x", Baud: 14400, Framing: "etx", IdleGap: time.Millisecond,
		DataBits: 9, Parity: "mark", StopBits: 3, Orders: Orders{Start: strings.Repeat("x", OrderMax+1)}})
	for _, want := range []string{"path", "idle gap", "14400", "framing", "data bits", "parity", "stop bits",
		"order"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in %v", want, err)
		}
	}
}

func TestEveryRateAndFormOfAConfigIsOneThatTheLibrarySets(t *testing.T) {
	l := newLine(t)
	try := func(baud, dataBits int, parity string, stopBits int) error {
		port, err := open(Config{Path: l.path, Baud: baud, DataBits: dataBits, Parity: parity, StopBits: stopBits})
		if err != nil {
			return err
		}
		return port.Close()
	}
	for _, baud := range bauds {
		if err := try(baud, 8, "none", 1); err != nil {
			t.Errorf("%d: %v", baud, err)
		}
	}
	for parity := range parities {
		for _, bits := range []int{7, 8} {
			for _, stop := range []int{1, 2} {
				if err := try(9600, bits, parity, stop); err != nil {
					t.Errorf("%d%s%d: %v", bits, parity, stop, err)
				}
			}
		}
	}
	if err := try(14400, 8, "none", 1); err == nil {
		t.Error("14400 baud was set")
	}
}
