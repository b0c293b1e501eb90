package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Plugs tells of devices that are plugged in, as the kernel does: by netlink, without
// a daemon. It saves a device's owner the wait; who misses a piece of news finds the
// device by the clock. Any goroutine may call News; a nil *Plugs has none.
type Plugs struct {
	open func() (*os.File, error)

	mu   sync.Mutex
	news chan struct{} // closed by the next one
}

// NewPlugs gives news once Run is running.
func NewPlugs() *Plugs { return &Plugs{open: listenToKernel, news: make(chan struct{})} }

// News is closed when something that may be a scanner is plugged in after the call.
func (p *Plugs) News() <-chan struct{} {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.news
}

func (p *Plugs) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.news)
	p.news = make(chan struct{})
}

// Run listens until ctx ends. Where the kernel refuses to talk, as it does in some
// containers, the error says so, and there are no news.
func (p *Plugs) Run(ctx context.Context) (err error) {
	file, err := p.open()
	if err != nil {
		return fmt.Errorf("news of devices: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	stop := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	message := make([]byte, plugMessageMax)
	for {
		n, err := receive(file, message)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, unix.ENOBUFS):
			p.tell() // more came than was kept: one of them may have been ours
		case err != nil:
			return fmt.Errorf("news of devices: %w", err)
		case isPlug(message[:n]):
			p.tell()
		}
	}
}

// plugMessageMax is the longest message of the kernel, bytes: its own limit is 2 KiB
// for the variables and a path before them.
const plugMessageMax = 8 << 10

// kernelGroup is the group of netlink in which the kernel itself speaks.
const kernelGroup = 1

func listenToKernel() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK,
		unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: kernelGroup}); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), "netlink"), nil
}

// receive takes one message. One that another process has sent is empty: anybody
// might tell tales.
func receive(file *os.File, message []byte) (n int, err error) {
	raw, err := file.SyscallConn()
	if err != nil {
		return 0, err
	}
	waited := raw.Read(func(fd uintptr) bool {
		var from unix.Sockaddr
		n, from, err = unix.Recvfrom(int(fd), message, 0)
		if sender, ok := from.(*unix.SockaddrNetlink); ok && sender.Pid != 0 {
			n = 0
		}
		return !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR)
	})
	return max(n, 0), errors.Join(waited, err)
}

// The kinds of devices that a scanner may be, and what the kernel does with one
// that is plugged in.
var (
	plugKinds   = []string{"tty", "input", "hidraw", "video4linux"}
	plugActions = []string{"add", "bind"}
)

// isPlug says whether a message tells of a device that may be a scanner: a head and
// then variables, each ended by NUL.
func isPlug(message []byte) bool {
	var action, kind string
	for field := range bytes.SplitSeq(message, []byte{0}) {
		name, value, _ := bytes.Cut(field, []byte{'='})
		switch string(name) {
		case "ACTION":
			action = string(value)
		case "SUBSYSTEM":
			kind = string(value)
		}
	}
	return slices.Contains(plugActions, action) && slices.Contains(plugKinds, kind)
}
