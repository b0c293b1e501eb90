package hidscan

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/scannertest"
)

const payerCode = "134567890123456789"

// scannerID is the scanner that the tests select.
var scannerID = identity{usb: "0c2e:0b61", phys: "usb-1/input0", name: "LAB Scanner"}

func newTestWedge(t *testing.T, d *desk, change func(*WedgeConfig)) *Wedge {
	t.Helper()
	cfg := WedgeConfig{Name: "wedge", Device: Selector{USB: "0c2e:0b61"}, Layout: "us",
		IdleGap: 500 * time.Millisecond} // a busy machine must not end a code
	if change != nil {
		change(&cfg)
	}
	w, err := NewWedge(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.kernel = d
	return w
}

func TestAScannerThatTypesKeepsTheContract(t *testing.T) {
	for _, enter := range []bool{true, false} {
		t.Run(fmt.Sprintf("Enter %t", enter), func(t *testing.T) {
			scannertest.Suite(t, func(t *testing.T) (scanner.Source, func(string)) {
				d := newDesk()
				y := d.plug(t, "/dev/input/event0", scannerID)
				ty := newTypist(t, "us")
				return newTestWedge(t, d, nil), func(code string) {
					if enter {
						y.typeEvents(ty.ended(code))
					} else {
						y.typeEvents(ty.text(code))
					}
				}
			})
		})
	}
}

func TestCodesKeepTheirAIMIdentifierBesideThem(t *testing.T) {
	d := newDesk()
	y := d.plug(t, "/dev/input/event0", scannerID)
	r := scannertest.Run(t, newTestWedge(t, d, func(c *WedgeConfig) { c.Layout = "de" }))
	y.typeEvents(newTypist(t, "de").ended("]Q1" + payerCode))
	if s := r.Next(); s.Text.Reveal() != payerCode || s.AIM != "]Q1" || s.Symbology() != "QR_CODE" {
		t.Errorf("got %q, %q", s.AIM, s.Text.Reveal())
	}
	_ = r.Stop()
}

// What is not selected is neither grabbed nor kept open.
func TestOnlyTheDeviceThatIsSelectedIsGrabbed(t *testing.T) {
	other := identity{usb: "046d:c31c", phys: "usb-2/input0", name: "Keyboard"}
	for name, s := range map[string]Selector{
		"usb": {USB: "0C2E:0b61"}, "name": {Name: "LAB Scanner"}, "phys": {Phys: "usb-1/input0"},
		"path": {Path: "/dev/input/event1"}, "all": {Path: "/dev/input/event1", USB: "0c2e:0b61",
			Phys: "usb-1/input0", Name: "LAB Scanner"},
	} {
		d := newDesk()
		keyboard := d.plug(t, "/dev/input/event0", other)
		y := d.plug(t, "/dev/input/event1", scannerID)
		buttons := d.plug(t, "/dev/input/event2", scannerID) // the same scanner's other face
		buttons.keySet = keySet{}
		r := scannertest.Run(t, newTestWedge(t, d, func(c *WedgeConfig) { c.Device = s }))
		if y.timesGrabs != 1 || keyboard.timesGrabs != 0 || buttons.timesGrabs != 0 {
			t.Errorf("%s: grabbed %d, %d, %d", name, y.timesGrabs, keyboard.timesGrabs, buttons.timesGrabs)
		}
		for _, o := range []*toy{keyboard, buttons} {
			if o.fd >= 0 && !closed(t, o.fd) {
				t.Errorf("%s: another device is held open", name)
			}
		}
		y.typeEvents(newTypist(t, "us").ended(payerCode))
		r.Want(payerCode)
		_ = r.Stop()
	}
}

// closed says whether the other end of a socket is.
func closed(t *testing.T, fd int) bool {
	t.Helper()
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if _, err := unix.Poll(poll, 0); err != nil {
		t.Fatal(err)
	}
	return poll[0].Revents&unix.POLLHUP != 0
}

func TestADeviceThatCantBeHadIsAnErrorThatSaysWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		name   string
		set    func(d *desk)
		device Selector
		want   string
	}{
		{"none", func(*desk) {}, Selector{USB: "0c2e:0b61"}, "no device fits usb 0c2e:0b61"},
		{"no path", func(*desk) {}, Selector{Path: "/dev/input/by-id/x"}, "no such file"},
		{"another one at the path", func(d *desk) {
			d.plug(t, "/dev/input/event0", identity{usb: "046d:c31c"})
		}, Selector{Path: "/dev/input/event0", USB: "0c2e:0b61"}, "no device fits path /dev/input/event0, usb 0c2e:0b61"},
		{"two equal ones", func(d *desk) {
			d.plug(t, "/dev/input/event0", scannerID)
			d.plug(t, "/dev/input/event1", scannerID)
		}, Selector{USB: "0c2e:0b61"}, "two devices fit usb 0c2e:0b61: /dev/input/event0 and /dev/input/event1"},
		{"no right to it", func(d *desk) {
			d.plug(t, "/dev/input/event0", scannerID).openFault = unix.EACCES
		}, Selector{USB: "0c2e:0b61"}, "/dev/input/event0: permission denied"},
		{"its buttons", func(d *desk) { d.plug(t, "/dev/input/event0", scannerID).keySet = keySet{} },
			Selector{USB: "0c2e:0b61"}, "no keys for digits"},
		{"grabbed", func(d *desk) { d.plug(t, "/dev/input/event0", scannerID).grabTaken = true },
			Selector{USB: "0c2e:0b61"}, "used by another program"},
	} {
		d := newDesk()
		tt.set(d)
		w := newTestWedge(t, d, func(c *WedgeConfig) { c.Device = tt.device })
		if err := scannertest.Begin(t, w).Ended(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: want %q, got %v", tt.name, tt.want, err)
		}
	}
}

func TestABadConfigIsRefusedWithEveryFaultOfIt(t *testing.T) {
	_, err := NewWedge(WedgeConfig{Name: "x", Layout: "xx", IdleGap: time.Hour})
	for _, want := range []string{"no device is selected", "layout", "idle gap"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in %v", want, err)
		}
	}
}

func TestALightOfCapsLockFollowsTheKey(t *testing.T) {
	d := newDesk()
	y := d.plug(t, "/dev/input/event0", scannerID)
	r := scannertest.Run(t, newTestWedge(t, d, nil))
	if want := lights(false); !slices.Equal(y.told(), want) {
		t.Error("want caps lock off when it is opened")
	}
	ty := newTypist(t, "us")
	ty.tap(keyCapsLock)
	y.typeEvents(ty.events)
	if want := lights(true); !slices.Equal(y.told(), want) {
		t.Error("want caps lock shown")
	}
	y.typeEvents(ty.ended("a"))
	r.Want("A")
	_ = r.Stop()
}

func TestTornCodesAreComplainedOfUntilTheNextGoodOne(t *testing.T) {
	d := newDesk()
	y := d.plug(t, "/dev/input/event0", scannerID)
	y.heldKeys.set(30, true)
	w := newTestWedge(t, d, nil)
	r := scannertest.Run(t, w)
	ty := newTypist(t, "us")
	y.typeEvents(ty.ended("3456")) // its first key was down before
	d.hold(y, keySet{})
	y.typeEvents(slices.Concat(ty.text("1345"), []event{{evSyn, synDropped, 0}, {evSyn, synReport, 0}},
		ty.ended("6789")))
	y.typeEvents(ty.ended("x\x07y")) // a bell within
	y.typeEvents(ty.ended(payerCode))
	// While the scan waits to be taken, the complaint of the one before is gone.
	r.Want(payerCode)
	if w.Total() != 3 || w.Complaint() != "" {
		t.Errorf("got %d complaints and %q", w.Total(), w.Complaint())
	}
	y.typeEvents(ty.ended("x\x07y"))
	y.typeEvents(nil)
	waitFor(t, func() bool { return w.Complaint() == noiseSentence })
	_ = r.Stop()
}

func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	for deadline := time.Now().Add(scannertest.Patience); !what(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}

func TestWhatIsThereWhenTheWaitEndsIsNoSilence(t *testing.T) {
	d := newDesk()
	y := d.plug(t, "/dev/input/event0", scannerID)
	file, err := d.open("/dev/input/event0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	from := newReader(t.Context(), file)
	defer from.stop()
	p := make([]byte, 16)
	if n, err := from.read(p, time.Nanosecond); n != 0 || err != nil {
		t.Errorf("silence: got %d, %v", n, err)
	}
	y.write([]byte("late"))
	if n, err := from.read(p, time.Nanosecond); n != 4 || err != nil {
		t.Errorf("want what was there, got %d, %v", n, err)
	}
	d.unplug("/dev/input/event0")
	if _, err := from.read(p, time.Nanosecond); err == nil || !strings.Contains(err.Error(), "unplugged") {
		t.Errorf("want unplugged, got %v", err)
	}
}

func TestBytesThatAreNoEventsEndTheRun(t *testing.T) {
	d := newDesk()
	y := d.plug(t, "/dev/input/event0", scannerID)
	r := scannertest.Run(t, newTestWedge(t, d, nil))
	y.write([]byte("not an event"))
	if err := r.Ended(); err == nil || !strings.Contains(err.Error(), "no events") {
		t.Errorf("got %v", err)
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

// cycles plugs a scanner in and out a thousand times, with a code in between, and
// wants nothing to be left of it.
func cycles(t *testing.T, d *desk, src scanner.Source, plug func() (show func())) {
	t.Helper()
	n := 1000
	if testing.Short() {
		n = 100
	}
	cycle := func() {
		show := plug()
		r := scannertest.Run(t, src)
		show()
		r.Want(payerCode)
		d.unplug("/dev/input/event0")
		if err := r.Ended(); err == nil || !strings.Contains(err.Error(), "unplugged") {
			t.Fatalf("want unplugged, got %v", err)
		}
		if err := scannertest.Begin(t, src).Ended(); !errors.Is(err, unix.ENOENT) {
			t.Fatalf("want that it is not there, got %v", err)
		}
	}
	cycle() // what the runtime opens once is open now
	wantFDs, wantRoutines := fds(t), runtime.NumGoroutine()
	for range n {
		cycle()
	}
	waitFor(t, func() bool { return runtime.NumGoroutine() <= wantRoutines })
	if got := fds(t); got > wantFDs {
		t.Errorf("%d descriptors more after %d cycles", got-wantFDs, n)
	}
}

func TestAScannerThatTypesLeavesNothingBehindWhenItIsUnplugged(t *testing.T) {
	d := newDesk()
	w := newTestWedge(t, d, func(c *WedgeConfig) { c.Device = Selector{Path: "/dev/input/event0"} })
	ty := newTypist(t, "us")
	cycles(t, d, w, func() func() {
		y := d.plug(t, "/dev/input/event0", scannerID)
		return func() { y.typeEvents(ty.ended(payerCode)) }
	})
}
