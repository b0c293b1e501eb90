//go:build linux && (amd64 || arm64)

package crashfs

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// The kernel is the only one who changes anything, so that it may remember for long.
const remember = time.Hour

func (s *fileSystem) String() string { return "crashfs" }

func (s *fileSystem) GetAttr(_ <-chan struct{}, in *fuse.GetAttrIn, out *fuse.AttrOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[in.NodeId]
	if n == nil {
		return fuse.ENOENT
	}
	n.attr(&out.Attr)
	out.SetTimeout(remember)
	return fuse.OK
}

func (n *node) attr(out *fuse.Attr) {
	out.Ino, out.Mode, out.Nlink = n.id, n.mode, uint32(n.links)
	out.Size, out.Blocks = uint64(n.file.size), uint64(n.file.room()/sector)
	out.Blksize = pageLen
}

func (s *fileSystem) SetAttr(_ <-chan struct{}, in *fuse.SetAttrIn, out *fuse.AttrOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[in.NodeId]
	if n == nil {
		return fuse.ENOENT
	}
	if size, ok := in.GetSize(); ok && n.id != ackID {
		if status := s.truncate(n, int64(size)); !status.Ok() {
			return status
		}
	}
	if mode, ok := in.GetMode(); ok {
		n.mode = n.mode&unix.S_IFMT | mode
	}
	n.attr(&out.Attr)
	out.SetTimeout(remember)
	return fuse.OK
}

func (s *fileSystem) truncate(n *node, size int64) fuse.Status {
	status := s.change(Entry{Kind: Truncate, Inode: n.id, Off: size})
	if status.Ok() {
		before := n.file.room()
		n.file.truncate(size)
		s.room += n.file.room() - before
	}
	return status
}

func (s *fileSystem) Open(_ <-chan struct{}, in *fuse.OpenIn, out *fuse.OpenOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[in.NodeId]
	if n == nil {
		return fuse.ENOENT
	}
	if in.Flags&unix.O_DSYNC != 0 {
		return fuse.EINVAL // O_SYNC too: the log would miss its promise
	}
	if in.Flags&unix.O_TRUNC != 0 && n.id != ackID {
		if status := s.truncate(n, 0); !status.Ok() {
			return status
		}
	}
	n.open++
	// Pages stay in the kernel, and are not bypassed: programs map files. Every write
	// comes here all the same.
	out.OpenFlags = fuse.FOPEN_KEEP_CACHE
	return fuse.OK
}

func (s *fileSystem) Release(_ <-chan struct{}, in *fuse.ReleaseIn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[in.NodeId]
	n.open--
	s.forget(n)
}

func (s *fileSystem) Read(_ <-chan struct{}, in *fuse.ReadIn, buf []byte) (fuse.ReadResult, fuse.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[in.NodeId].file.read(buf, int64(in.Offset))
	return fuse.ReadResultData(buf[:n]), fuse.OK
}

func (s *fileSystem) Write(_ <-chan struct{}, in *fuse.WriteIn, text []byte) (uint32, fuse.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, off := s.nodes[in.NodeId], int64(in.Offset)
	if n.id == ackID {
		return s.ack(text)
	}
	if status := s.take(n.file.missing(off, int64(len(text)))); !status.Ok() {
		return 0, status
	}
	status := s.change(Entry{Kind: Write, Inode: n.id, Off: off, Bytes: slices.Clone(text)})
	if !status.Ok() {
		return 0, status
	}
	n.file.write(text, off)
	return uint32(len(text)), fuse.OK
}

// Writev is what the kernel's larger writes come as.
func (s *fileSystem) Writev(cancel <-chan struct{}, in *fuse.WriteIn, texts [][]byte) (uint32, fuse.Status) {
	return s.Write(cancel, in, bytes.Join(texts, nil))
}

// ack hears what the program has to say.
func (s *fileSystem) ack(text []byte) (uint32, fuse.Status) {
	said := string(bytes.TrimSpace(text))
	if said == FreeRoom {
		s.faults.Room = 0
		return uint32(len(text)), fuse.OK
	}
	n, err := strconv.Atoi(said)
	if err != nil {
		return 0, fuse.EINVAL
	}
	s.log = append(s.log, Entry{Kind: Ack, N: n})
	return uint32(len(text)), fuse.OK
}

func (s *fileSystem) Fallocate(_ <-chan struct{}, in *fuse.FallocateIn) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, off, length := s.nodes[in.NodeId], int64(in.Offset), int64(in.Length)
	if in.Mode != 0 {
		return fuse.Status(unix.EOPNOTSUPP)
	}
	if status := s.take(n.file.missing(off, length)); !status.Ok() {
		return status
	}
	status := s.change(Entry{Kind: Allocate, Inode: n.id, Off: off, Len: length})
	if status.Ok() {
		n.file.allocate(off, length)
	}
	return status
}

func (s *fileSystem) Fsync(_ <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	return s.sync(Entry{Kind: Sync, Inode: in.NodeId})
}

func (s *fileSystem) FsyncDir(_ <-chan struct{}, in *fuse.FsyncIn) fuse.Status {
	return s.sync(Entry{Kind: SyncDir, Dir: in.NodeId})
}

func (s *fileSystem) sync(e Entry) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.syncs++
	switch {
	case e.Inode == ackID || s.faults.DropSyncs:
		return fuse.OK
	case s.syncs == s.faults.FailSync:
		s.strike()
		if e.Kind == Sync {
			// The names of a directory stay in the file system's own journal.
			s.log = append(s.log, Entry{Kind: LostSync, Inode: e.Inode})
		}
		return fuse.EIO
	}
	return s.change(e)
}

func (s *fileSystem) StatFs(_ <-chan struct{}, _ *fuse.InHeader, out *fuse.StatfsOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	room := s.faults.Room
	if room == 0 {
		room = 1 << 40
	}
	out.Bsize, out.Frsize, out.NameLen = pageLen, pageLen, 255
	out.Blocks = uint64(room / pageLen)
	out.Bfree = uint64(max(0, room-s.room) / pageLen)
	out.Bavail, out.Files, out.Ffree = out.Bfree, 1<<20, 1<<20
	return fuse.OK
}
