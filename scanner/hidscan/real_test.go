package hidscan

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/scannertest"
)

// These tests use the kernel's own devices, made by /dev/uinput and /dev/uhid. A
// machine without them skips the tests and says so; the hardware lab has them.

// The calls of uinput; see uinput.h of Linux.
const (
	uiSetEventBit = 0x40045564
	uiSetKeyBit   = 0x40045565
	uiSetLEDBit   = 0x40045569
	uiDevSetup    = 0x405c5503
	uiDevCreate   = 0x5501
)

// openOrSkip opens what makes devices.
func openOrSkip(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Skipf("SKIPPED: real devices can't be made here: %v", err)
	}
	return file
}

// keyboardOfUinput is a real keyboard of the kernel, until it is closed.
type keyboardOfUinput struct {
	t    *testing.T
	file *os.File
}

func newKeyboardOfUinput(t *testing.T, name string) keyboardOfUinput {
	t.Helper()
	k := keyboardOfUinput{t, openOrSkip(t, "/dev/uinput")}
	set := func(request uint, value int) {
		if err := with(k.file, func(fd int) error { return unix.IoctlSetInt(fd, request, value) }); err != nil {
			t.Fatal(err)
		}
	}
	set(uiSetEventBit, evKey)
	set(uiSetEventBit, evLED)
	set(uiSetLEDBit, ledCaps)
	set(uiSetLEDBit, ledNum)
	for key := 1; key < 128; key++ {
		set(uiSetKeyBit, key)
	}
	setup := make([]byte, 92)
	binary.NativeEndian.PutUint16(setup, 3) // USB
	binary.NativeEndian.PutUint16(setup[2:], 0x0c2e)
	binary.NativeEndian.PutUint16(setup[4:], 0x0b61)
	copy(setup[8:88], name)
	if err := call(k.file, uiDevSetup, unsafe.Pointer(&setup[0])); err != nil {
		t.Fatal(err)
	}
	set(uiDevCreate, 0)
	return k
}

// keyPause is the rest of a scanner between two keys. Without one the kernel's buffer
// of 64 events overflows.
const keyPause = 2 * time.Millisecond

// typePaced types as fast as a quick scanner.
func (k keyboardOfUinput) typePaced(events []event) {
	k.t.Helper()
	for key := range slices.Chunk(events, 6) { // down and up
		k.typeEvents(key)
		<-time.After(keyPause)
	}
}

// typeEvents types as no scanner can.
func (k keyboardOfUinput) typeEvents(events []event) {
	k.t.Helper()
	var p []byte
	for _, e := range events {
		p = appendEvent(p, e, wordLen)
	}
	if _, err := k.file.Write(p); err != nil {
		k.t.Fatal(err)
	}
}

// scannerOfUhid is a real HID device of the kernel, until it is closed.
type scannerOfUhid struct {
	t    *testing.T
	file *os.File
}

func newScannerOfUhid(t *testing.T, name string, descriptor []byte) scannerOfUhid {
	t.Helper()
	s := scannerOfUhid{t, openOrSkip(t, "/dev/uhid")}
	p := binary.NativeEndian.AppendUint32(nil, 11) // create
	p = append(p, padded(name, 128)...)
	p = append(p, padded("lab/input0", 64)...)
	p = append(p, padded("", 64)...)
	p = binary.NativeEndian.AppendUint16(p, uint16(len(descriptor)))
	p = binary.NativeEndian.AppendUint16(p, 3) // USB
	for _, v := range []uint32{0x0c2e, 0x0b61, 0, 0} {
		p = binary.NativeEndian.AppendUint32(p, v)
	}
	s.write(append(p, padded(string(descriptor), 4096)...))
	return s
}

func (s scannerOfUhid) report(report []byte) {
	s.t.Helper()
	p := binary.NativeEndian.AppendUint32(nil, 12) // input
	p = binary.NativeEndian.AppendUint16(p, uint16(len(report)))
	s.write(append(p, padded(string(report), 4096)...))
}

func (s scannerOfUhid) write(p []byte) {
	s.t.Helper()
	if _, err := s.file.Write(p); err != nil {
		s.t.Fatal(err)
	}
}

func padded(text string, n int) []byte {
	p := make([]byte, n)
	copy(p, text)
	return p
}

// kept is a source that is kept running with the kernel's news.
type kept struct {
	t      *testing.T
	out    chan scanner.Scan
	states chan scanner.Status
}

func keep(t *testing.T, src scanner.Source) kept {
	t.Helper()
	k := kept{t, make(chan scanner.Scan), make(chan scanner.Status, 1000)}
	plugs := scanner.NewPlugs()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{}, 2)
	go func() { _ = plugs.Run(ctx); ended <- struct{}{} }()
	go func() {
		scanner.Keeper{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Plugs: plugs, Out: k.out,
			Told: func(s scanner.Status) { k.states <- s }}.Keep(ctx, src)
		ended <- struct{}{}
	}()
	t.Cleanup(func() { cancel(); <-ended; <-ended })
	return k
}

func (k kept) wantHere(here bool) {
	k.t.Helper()
	for deadline := time.After(scannertest.Patience); ; {
		select {
		case s := <-k.states:
			if s.Here == here {
				return
			}
		case <-k.out: // the same code once more
		case <-deadline:
			k.t.Fatalf("want here %t", here)
		}
	}
}

// wantShown shows a code until it is read, as a person does: for a moment after a
// device is there the kernel drops what comes from it.
func (k kept) wantShown(code string, show func()) {
	k.t.Helper()
	for range 5 {
		show()
		select {
		case s := <-k.out:
			if s.Text.Reveal() != code {
				k.t.Fatalf("want %s, got %s", code, s.Text.Reveal())
			}
			return
		case <-time.After(scannertest.Patience / 10):
		}
	}
	k.t.Fatal("no scan came")
}

// plugHundredTimes plugs a real device in and out, and says how long it takes until
// it works.
func plugHundredTimes(t *testing.T, k kept, plug func() (show func(), unplug func())) {
	t.Helper()
	var worst time.Duration
	var wantFDs, wantRoutines int
	for i := range 101 {
		plugged := time.Now()
		show, unplug := plug()
		k.wantHere(true)
		took := time.Since(plugged)
		k.wantShown(payerCode, show)
		unplug()
		k.wantHere(false)
		if i == 0 {
			wantFDs, wantRoutines = fds(t), runtime.NumGoroutine()
		} else {
			worst = max(worst, took)
		}
	}
	waitFor(t, func() bool { return fds(t) <= wantFDs && runtime.NumGoroutine() <= wantRoutines })
	t.Logf("works at the latest %s after plugging in", worst)
	if worst > time.Second {
		t.Error("want it within a second")
	}
}

func TestARealKeyboardIsGrabbedReadAndPluggedInAHundredTimes(t *testing.T) {
	name := fmt.Sprintf("terminal test %d", os.Getpid())
	w, err := NewWedge(WedgeConfig{Name: "wedge", Device: Selector{Name: name, USB: "0c2e:0b61"},
		Layout: "us", IdleGap: IdleGapMax})
	if err != nil {
		t.Fatal(err)
	}
	_ = newKeyboardOfUinput(t, name+" probe").file.Close() // skips where there is none
	k := keep(t, w)
	ty := newTypist(t, "us")
	ended := ty.ended("]Q1" + payerCode)
	plugHundredTimes(t, k, func() (show, unplug func()) {
		device := newKeyboardOfUinput(t, name)
		return func() { device.typePaced(ended) }, func() { _ = device.file.Close() }
	})
}

func TestNobodyElseGetsTheKeysOfARealKeyboard(t *testing.T) {
	name := fmt.Sprintf("terminal test %d", os.Getpid())
	device := newKeyboardOfUinput(t, name)
	defer func() { _ = device.file.Close() }()
	w, err := NewWedge(WedgeConfig{Name: "wedge", Device: Selector{Name: name}, Layout: "us",
		IdleGap: IdleGapMax})
	if err != nil {
		t.Fatal(err)
	}
	var page *os.File // who would get the keys otherwise
	waitFor(t, func() bool {
		page, err = find(evdev{}, Selector{Name: name}, w.types)
		return err == nil
	})
	defer func() { _ = page.Close() }()
	k := keep(t, w)
	k.wantHere(true)
	ty := newTypist(t, "us")
	k.wantShown(payerCode, func() { device.typePaced(ty.ended(payerCode)) })
	if err := page.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := page.Read(make([]byte, 4096)); err == nil {
		t.Errorf("%d bytes of keys came through", n)
	}
	if err := (evdev{}).grab(page); !errors.Is(err, unix.EBUSY) {
		t.Errorf("want it grabbed, got %v", err)
	}
	overflow(t, w, k, device)
}

// overflow types more than the kernel keeps while nobody reads.
func overflow(t *testing.T, w *Wedge, k kept, device keyboardOfUinput) {
	t.Helper()
	ty := newTypist(t, "us")
	k.wantShown("1", func() {
		device.typePaced(ty.ended("1")) // its scan is not taken yet, so the source waits
		for range 20 {
			device.typeEvents(ty.text(strings.Repeat("7", 50)))
		}
	})
	waitFor(t, func() bool { return strings.HasPrefix(w.Complaint(), tornSentence) })
	k.wantShown(payerCode, func() { device.typePaced(ty.ended(payerCode)) })
}

func TestARealScannerOfThePointOfSaleClassIsReadAndPluggedInAHundredTimes(t *testing.T) {
	name := fmt.Sprintf("terminal test %d", os.Getpid())
	src, err := NewPOS(POSConfig{Name: "pos", Device: Selector{Name: name, USB: "0c2e:0b61",
		Phys: "lab/input0"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = newScannerOfUhid(t, name+" probe", shapes["counted"].text).file.Close()
	k := keep(t, src)
	plugHundredTimes(t, k, func() (show, unplug func()) {
		device := newScannerOfUhid(t, name, shapes["counted"].text)
		return func() {
			for _, report := range shapes["counted"].reports("]Q1", payerCode) {
				device.report(report)
			}
		}, func() { _ = device.file.Close() }
	})
}
