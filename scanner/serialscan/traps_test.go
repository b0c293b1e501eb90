package serialscan

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/scanner/scannertest"
)

// What tarm/serial does on a real tty, and what this package relies on.

func openTest(t *testing.T, l *line) *port {
	t.Helper()
	p, err := open(l.source(Auto).cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestIdleTakesItsTimeAndGoneDoesNot(t *testing.T) {
	l := newLine(t)
	p := openTest(t, l)
	defer func() { _ = p.Close() }()
	buffer := make([]byte, 16)
	for range 2 {
		began := time.Now()
		n, err := p.Read(buffer)
		if took := time.Since(began); n != 0 || !errors.Is(err, io.EOF) || took < readTimeout*9/10 {
			t.Errorf("idle: got %d, %v after %s", n, err, took)
		}
	}
	if err := l.master.Close(); err != nil {
		t.Fatal(err)
	}
	quick := false
	for range 5 { // a busy machine may take its time once
		began := time.Now()
		n, err := p.Read(buffer)
		took := time.Since(began)
		if n != 0 || err == nil {
			t.Errorf("gone: got %d, %v", n, err)
		}
		quick = quick || gone(n, err, took)
	}
	if !quick {
		t.Error("it is not seen to be gone")
	}
}

// The library cuts a timeout off to tenths of a second, and makes at least one of it.
func TestTheTimeoutIsOneThatTheLibraryKeeps(t *testing.T) {
	if readTimeout%(100*time.Millisecond) != 0 || readTimeout == 0 {
		t.Errorf("%s would be rounded", readTimeout)
	}
}

func TestCloseDoesNotWaitForAByteNorLeaveARead(t *testing.T) {
	l := newLine(t)
	p := openTest(t, l)
	read := make(chan struct{})
	go func() {
		_, _ = p.Read(make([]byte, 16))
		close(read)
	}()
	began := time.Now()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-read:
	case <-time.After(scannertest.Patience):
		t.Fatal("the read outlives Close")
	}
	t.Logf("both ended after %s", time.Since(began))
}

func (l *line) told(n int) string {
	l.t.Helper()
	buffer := make([]byte, n)
	if err := l.master.SetReadDeadline(time.Now().Add(scannertest.Patience)); err != nil {
		l.t.Log(err) // a pty that has no deadlines
	}
	if _, err := io.ReadFull(l.master, buffer); err != nil {
		l.t.Fatal(err)
	}
	return string(buffer)
}

func TestTheScannerIsToldWhenACodeIsAwaitedAndThatOneWasRefused(t *testing.T) {
	l := newLine(t)
	src := l.sourceWith(func(c *Config) { c.Orders = Orders{"\x16T\r", "\x16U\r", "\x07"} })
	src.Await(true) // before it is here
	r := scannertest.Run(t, src)
	src.Refuse()
	src.Await(false)
	src.Await(true)
	l.write("134567890123456789\r")
	r.Want("134567890123456789")
	_ = r.Stop()
	const want = "\x16T\r\x07\x16U\r\x16T\r\x16U\r" // it does not go on looking when nobody reads
	if got := l.told(len(want)); got != want {
		t.Errorf("want %q, got %q", want, got)
	}
	src.Await(true) // it is closed: nothing happens
	src.Refuse()
	if src.Complaint() != "" {
		t.Error(src.Complaint())
	}
}

func TestAScannerThatTakesNoOrdersHoldsNothingUp(t *testing.T) {
	l := newLine(t)
	src := l.sourceWith(func(c *Config) { c.Orders = Orders{Start: strings.Repeat("x", OrderMax)} })
	r := scannertest.Run(t, src)
	for range 1 << 16 / OrderMax { // until the line's buffer is full
		src.Await(true)
	}
	if !strings.Contains(src.Complaint(), "takes no orders") {
		t.Errorf("got %q", src.Complaint())
	}
	l.write("134567890123456789\r")
	r.Want("134567890123456789")
	_ = r.Stop()
}

func TestWhatIsWrongWithALineIsSaidAndTheNextCodeIsRead(t *testing.T) {
	for name, tt := range map[string]struct {
		framing Framing
		sent    string
		want    string
	}{
		"binary noise":         {CR, "1\x00\xff\x803\r", noiseSentence},
		"without its end":      {CR, "1345678", halfSentence},
		"a line of a megabyte": {CR, strings.Repeat("1", 1<<20), endlessSentence},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			src := l.source(tt.framing)
			r := scannertest.Run(t, src)
			go func() { _, _ = io.WriteString(l.master, tt.sent) }()
			for deadline := time.Now().Add(scannertest.Patience); src.Complaint() != tt.want; runtime.Gosched() {
				if time.Now().After(deadline) {
					t.Fatalf("want %q, got %q", tt.want, src.Complaint())
				}
			}
			if tt.want == endlessSentence { // a silence ends it
				if s := r.Next(); !s.Overlong {
					t.Error("want overlong")
				}
			}
			l.write("134567890123456789\r")
			r.Want("134567890123456789")
			if src.Complaint() != "" {
				t.Errorf("it still complains: %s", src.Complaint())
			}
			_ = r.Stop()
		})
	}
}

// fds counts what this process has open.
func fds(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func TestAThousandPlugCyclesLeaveNothingBehind(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	l := newLine(t)
	src := l.source(Auto)
	cycle := func() {
		r := scannertest.Run(t, src)
		l.write("134567890123456789\r")
		r.Want("134567890123456789")
		l.unplug()
		if err := r.Ended(); err == nil || !strings.Contains(err.Error(), "unplugged") {
			t.Fatalf("want unplugged, got %v", err)
		}
		if err := scannertest.Begin(t, src).Ended(); !errors.Is(err, unix.ENOENT) {
			t.Fatalf("want that it is not there, got %v", err)
		}
		l.plug()
	}
	cycle() // what the runtime opens once is open now
	wantFDs, wantRoutines := fds(t), runtime.NumGoroutine()
	for range n {
		cycle()
	}
	for deadline := time.Now().Add(scannertest.Patience); runtime.NumGoroutine() > wantRoutines; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines more", runtime.NumGoroutine()-wantRoutines)
		}
	}
	if got := fds(t); got > wantFDs {
		t.Errorf("%d descriptors more after %d cycles", got-wantFDs, n)
	}
}
