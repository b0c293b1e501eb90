package scanner

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

func message(fields ...string) []byte { return []byte(strings.Join(fields, "\x00") + "\x00") }

func TestOnlyADeviceThatMayBeAScannerIsNews(t *testing.T) {
	for _, tt := range []struct {
		message []byte
		want    bool
	}{
		{message("add@/devices/usb1/ttyUSB0", "ACTION=add", "SUBSYSTEM=tty", "DEVNAME=ttyUSB0"), true},
		{message("add@/x", "ACTION=add", "DEVPATH=/x", "SUBSYSTEM=input", "SEQNUM=7"), true},
		{message("add@/x", "SUBSYSTEM=hidraw", "ACTION=add"), true},
		{message("add@/x", "ACTION=add", "SUBSYSTEM=video4linux"), true},
		{message("remove@/x", "ACTION=remove", "SUBSYSTEM=tty"), false},
		{message("change@/x", "ACTION=change", "SUBSYSTEM=tty"), false},
		{message("add@/x", "ACTION=add", "SUBSYSTEM=block"), false},
		{message("add@/x"), false},
		{nil, false},
		{[]byte("\x00\x00==\x00"), false},
	} {
		if got := isPlug(tt.message); got != tt.want {
			t.Errorf("%q: want %t", tt.message, tt.want)
		}
	}
}

func FuzzIsPlug(f *testing.F) {
	f.Add(message("add@/x", "ACTION=add", "SUBSYSTEM=tty"))
	f.Add([]byte("libudev\x00\xfe\xed\xca\xfe"))
	f.Fuzz(func(t *testing.T, m []byte) {
		if isPlug(m) && !strings.Contains(string(m), "ACTION=") {
			t.Errorf("%q is no news", m)
		}
	})
}

// run starts plugs and gives how they end.
func run(t *testing.T, p *Plugs) (stop func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(cancel)
	return func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(patience):
			return errors.New("it does not end")
		}
	}
}

func TestNewsFromASocketWakeWhoWaitsAndTheRunEndsWithItsContext(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(pair[1]) }()
	p := NewPlugs()
	p.open = func() (*os.File, error) { return os.NewFile(uintptr(pair[0]), "news"), nil }
	stop := run(t, p)
	for range 3 {
		news := p.News()
		for _, m := range [][]byte{message("remove@/x", "ACTION=remove", "SUBSYSTEM=tty"),
			message("add@/x", "ACTION=add", "SUBSYSTEM=tty")} {
			if _, err := unix.Write(pair[1], m); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-news:
		case <-time.After(patience):
			t.Fatal("no news")
		}
	}
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("want the context's error, got %v", err)
	}
}

func TestAKernelThatRefusesToTalkIsAnErrorAndNobodyWaitsForNews(t *testing.T) {
	p := NewPlugs()
	p.open = func() (*os.File, error) { return nil, unix.EPERM }
	if err := p.Run(t.Context()); !errors.Is(err, unix.EPERM) {
		t.Errorf("want EPERM, got %v", err)
	}
	if (*Plugs)(nil).News() != nil {
		t.Error("want no news from nobody")
	}
}

// The kernel repeats the news of a device when it is asked to, by its own file.
func TestTheRealKernelIsHeard(t *testing.T) {
	const uevent = "/sys/class/tty/ptmx/uevent"
	p := NewPlugs()
	stop := run(t, p)
	defer func() { _ = stop() }()
	news := p.News()
	for deadline := time.After(patience); ; {
		// Again and again: the socket may not be open yet.
		if err := os.WriteFile(uevent, []byte("add"), 0); err != nil {
			t.Skipf("SKIPPED: the kernel can't be asked for news here: %v", err)
		}
		select {
		case <-news:
			return
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			t.Fatal("no news from the kernel")
		}
	}
}

func TestNewsOfAnotherProcessAreNotBelieved(t *testing.T) {
	file, err := listenToKernel()
	if err != nil {
		t.Skipf("SKIPPED: no netlink here: %v", err)
	}
	defer func() { _ = file.Close() }()
	name, err := netlinkName(file)
	if err != nil {
		t.Fatal(err)
	}
	liar, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(liar) }()
	err = unix.Sendto(liar, message("add@/x", "ACTION=add", "SUBSYSTEM=tty"), 0, name)
	if err != nil {
		t.Skipf("SKIPPED: the kernel lets no other speak: %v", err)
	}
	if err := file.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, plugMessageMax)
	if n, err := receive(file, buffer); n != 0 || err != nil {
		t.Errorf("want it empty, got %d bytes and %v", n, err)
	}
}

func netlinkName(file *os.File) (*unix.SockaddrNetlink, error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	var name unix.Sockaddr
	if err := errors.Join(raw.Control(func(fd uintptr) { name, err = unix.Getsockname(int(fd)) }), err); err != nil {
		return nil, err
	}
	return name.(*unix.SockaddrNetlink), nil
}
