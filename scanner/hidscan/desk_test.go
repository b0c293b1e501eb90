package hidscan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// desk stands in for the kernel: devices lie on it, and are opened as sockets that
// carry the very bytes that a device file would.
type desk struct {
	mu      sync.Mutex
	devices map[string]*toy
}

// toy is a device on a desk.
type toy struct {
	t          *testing.T
	id         identity
	keySet     keySet // that it has
	heldKeys   keySet
	text       []byte // its report descriptor
	fd         int    // the device's end of the socket that was opened last, or -1
	grabbed    bool
	grabTaken  bool // by another program
	openFault  error
	timesOpen  int
	timesGrabs int
}

func newDesk() *desk { return &desk{devices: map[string]*toy{}} }

// digitsAndEnter are the keys of a scanner that types.
func digitsAndEnter() (s keySet) {
	for key := uint16(1); key < 128; key++ {
		s.set(key, true)
	}
	return s
}

func (d *desk) plug(t *testing.T, path string, id identity) *toy {
	t.Helper()
	y := &toy{t: t, id: id, keySet: digitsAndEnter(), fd: -1}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.devices[path] = y
	t.Cleanup(func() { d.unplug(path) })
	return y
}

// unplug closes the device's end: who reads from it is told so.
func (d *desk) unplug(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if y := d.devices[path]; y != nil {
		y.hangUp()
	}
	delete(d.devices, path)
}

func (y *toy) hangUp() {
	if y.fd >= 0 {
		_ = unix.Close(y.fd)
	}
	y.fd = -1
}

func (d *desk) paths() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.devices)), nil
}

func (d *desk) open(path string) (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	y := d.devices[path]
	if y == nil {
		return nil, fmt.Errorf("%s: %w", path, unix.ENOENT)
	}
	if y.openFault != nil {
		return nil, fmt.Errorf("%s: %w", path, y.openFault)
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(pair[0], true); err != nil {
		return nil, err
	}
	y.hangUp()
	y.fd, y.grabbed = pair[1], false
	y.timesOpen++
	return os.NewFile(uintptr(pair[0]), path), nil
}

func (d *desk) toy(file *os.File) *toy {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.devices[file.Name()]
}

func (d *desk) identity(file *os.File) (identity, error) { return d.toy(file).id, nil }
func (d *desk) keys(file *os.File) (keySet, error)       { return d.toy(file).keySet, nil }
func (d *desk) descriptor(file *os.File) ([]byte, error) { return d.toy(file).text, nil }
func (d *desk) light(file *os.File, caps bool)           { evdev{}.light(file, caps) }

func (d *desk) held(file *os.File) (keySet, error) {
	y := d.toy(file)
	d.mu.Lock()
	defer d.mu.Unlock()
	return y.heldKeys, nil
}

// hold says which keys of a device are down while it is open.
func (d *desk) hold(y *toy, keys keySet) {
	d.mu.Lock()
	defer d.mu.Unlock()
	y.heldKeys = keys
}

func (d *desk) grab(file *os.File) error {
	y := d.toy(file)
	if y.grabTaken || y.grabbed {
		return unix.EBUSY
	}
	y.grabbed = true
	y.timesGrabs++
	return nil
}

// write writes one message as the device.
func (y *toy) write(p []byte) {
	y.t.Helper()
	for {
		if _, err := unix.Write(y.fd, p); err == nil {
			return
		} else if !errors.Is(err, unix.EINTR) {
			y.t.Fatalf("the device can't write: %v", err)
		}
	}
}

// typeEvents writes events as the kernel does: whole ones, some at a time.
func (y *toy) typeEvents(events []event) {
	y.t.Helper()
	for chunk := range slices.Chunk(events, 48) {
		var p []byte
		for _, e := range chunk {
			p = appendEvent(p, e, wordLen)
			binary.NativeEndian.PutUint32(p[len(p)-eventLen(wordLen):], 1_700_000_000) // a time
		}
		y.write(p)
	}
}

// told gives the next message that was written to the device.
func (y *toy) told() []byte {
	y.t.Helper()
	p := make([]byte, 4096)
	n, err := unix.Read(y.fd, p)
	if err != nil {
		y.t.Fatal(err)
	}
	return p[:n]
}
