//go:build linux && (amd64 || arm64)

package crashfs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// Mount is a mounted directory. It has no path: only processes that were made by
// Command see it, and it is gone with the last of them, however this one ends.
type Mount struct {
	served chan struct{}
	fs     *fileSystem
	root   *os.File
}

// Why says why there can be no mount here; "" if there can.
func Why() string {
	if os.Geteuid() != 0 {
		return "only root may mount a file system"
	}
	f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		return fmt.Sprintf("there is no FUSE: %v", err)
	}
	_ = f.Close()
	return ""
}

const largestWrite = 1 << 20 // bytes; a larger one comes in parts

// New mounts an empty directory. Its faults may not be changed afterwards.
func New(faults Faults) (*Mount, error) {
	device, root, err := mount()
	if err != nil {
		return nil, fmt.Errorf("mount: %w", err)
	}
	m := &Mount{
		served: make(chan struct{}),
		fs:     newFileSystem(faults),
		root:   os.NewFile(uintptr(root), "root of the mount"),
	}
	server, err := fuse.NewServer(m.fs, fmt.Sprintf("/dev/fd/%d", device), &fuse.MountOptions{
		MaxWrite:           largestWrite,
		DisableXAttrs:      true,
		DisableReadDirPlus: true,
	})
	if err != nil {
		return nil, fmt.Errorf("mount: %w", errors.Join(err, m.root.Close()))
	}
	go func() { defer close(m.served); server.Serve() }()
	return m, nil
}

// mount gives the kernel's end of a mount, and its root, which alone keeps it alive.
// The FUSE library could mount too, but without telling the kernel that no other
// program may have its end: a child that has it waits for ever when this process dies.
func mount() (device, root int, err error) {
	dir, err := os.MkdirTemp("", "crashfs")
	if err != nil {
		return 0, 0, err
	}
	defer os.Remove(dir)
	device, err = unix.Open("/dev/fuse", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, 0, err
	}
	err = unix.Mount("crashfs", dir, "fuse.crashfs", unix.MS_NOSUID|unix.MS_NODEV, fmt.Sprintf(
		"fd=%d,rootmode=%o,user_id=0,group_id=0,max_read=%d", device, unix.S_IFDIR, largestWrite))
	if err != nil {
		return 0, 0, errors.Join(err, unix.Close(device))
	}
	root, err = unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err := errors.Join(err, unix.Unmount(dir, unix.MNT_DETACH)); err != nil {
		return 0, 0, errors.Join(err, unix.Close(device))
	}
	return device, root, nil
}

// Command makes a command that finds the mount at DirFD. It must call Enter first.
func (m *Mount) Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.ExtraFiles = []*os.File{m.root}
	return cmd
}

// Log is all that was done so far. The programs must have ended.
func (m *Mount) Log() *Log {
	m.fs.mu.Lock()
	defer m.fs.mu.Unlock()
	modes := map[uint64]uint32{}
	for id, n := range m.fs.nodes {
		modes[id] = n.mode
	}
	return &Log{Entries: slices.Clone(m.fs.log), Modes: modes, Fault: m.fs.fault}
}

// Close ends the mount. The programs must have ended.
func (m *Mount) Close() error {
	err := m.root.Close()
	select {
	case <-m.served:
		return err
	case <-time.After(5 * time.Second):
		return errors.Join(err, errors.New("unmount: a program still has the directory open"))
	}
}

// fileSystem is the directory, as the kernel sees it, and the log of its changes.
type fileSystem struct {
	fuse.RawFileSystem
	faults Faults

	mu      sync.Mutex
	nodes   map[uint64]*node
	log     []Entry
	changes int   // that were asked for
	syncs   int   // that were asked for
	room    int64 // bytes taken of the disk
	fault   int   // entries at the first fault
}

type node struct {
	id    uint64
	mode  uint32
	names map[string]uint64 // nil for a file
	file  content
	links int // names it has
	open  int // descriptors
}

const ackID = 2

func newFileSystem(faults Faults) *fileSystem {
	return &fileSystem{
		RawFileSystem: fuse.NewDefaultRawFileSystem(),
		faults:        faults,
		nodes: map[uint64]*node{
			Root:  {id: Root, mode: unix.S_IFDIR | 0o700, names: map[string]uint64{}, links: 1},
			ackID: {id: ackID, mode: unix.S_IFREG | 0o600, links: 1},
		},
	}
}

// change counts a change and writes it down, unless the program dies of it.
func (s *fileSystem) change(e Entry) fuse.Status {
	if s.changes++; s.changes == s.faults.KillAt {
		s.strike()
		s.faults.Kill()
		return fuse.EIO
	}
	s.log = append(s.log, e)
	return fuse.OK
}

// strike remembers the first fault.
func (s *fileSystem) strike() {
	if s.fault == 0 {
		s.fault = len(s.log)
	}
}

// take takes room on the disk, or gives some back.
func (s *fileSystem) take(n int64) fuse.Status {
	if s.faults.Room != 0 && n > 0 && s.room+n > s.faults.Room {
		s.strike()
		return fuse.Status(unix.ENOSPC)
	}
	s.room += n
	return fuse.OK
}

// forget gives back the room of a file without names that nobody has open.
func (s *fileSystem) forget(n *node) {
	if n.links == 0 && n.open == 0 && n.names == nil {
		s.room -= n.file.room()
		n.file = content{}
	}
}
