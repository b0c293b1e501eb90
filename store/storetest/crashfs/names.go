//go:build linux && (amd64 || arm64)

package crashfs

import (
	"maps"
	"slices"

	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

func (s *fileSystem) Lookup(_ <-chan struct{}, in *fuse.InHeader, name string, out *fuse.EntryOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.named(in.NodeId, name)
	if n == nil {
		return fuse.ENOENT
	}
	n.entry(out)
	return fuse.OK
}

// named gives what has a name, nil for nothing.
func (s *fileSystem) named(dir uint64, name string) *node {
	if dir == Root && name == AckName {
		return s.nodes[ackID]
	}
	return s.nodes[s.nodes[dir].names[name]]
}

func (n *node) entry(out *fuse.EntryOut) {
	out.NodeId = n.id
	n.attr(&out.Attr)
	out.SetAttrTimeout(remember)
	out.SetEntryTimeout(remember)
}

// add makes a file or a directory.
func (s *fileSystem) add(dir uint64, name string, mode uint32, out *fuse.EntryOut) (*node, fuse.Status) {
	if s.named(dir, name) != nil {
		return nil, fuse.Status(unix.EEXIST)
	}
	n := &node{id: uint64(len(s.nodes)) + 1, mode: mode}
	if mode&unix.S_IFMT == unix.S_IFDIR {
		n.names = map[string]uint64{}
	}
	if status := s.link(n, dir, name); !status.Ok() {
		return nil, status
	}
	s.nodes[n.id] = n
	n.entry(out)
	return n, fuse.OK
}

func (s *fileSystem) link(n *node, dir uint64, name string) fuse.Status {
	status := s.change(Entry{Kind: Make, Inode: n.id, Dir: dir, Name: name})
	if status.Ok() {
		s.nodes[dir].names[name] = n.id
		n.links++
	}
	return status
}

func (s *fileSystem) Create(_ <-chan struct{}, in *fuse.CreateIn, name string, out *fuse.CreateOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Flags&unix.O_DSYNC != 0 {
		return fuse.EINVAL
	}
	n, status := s.add(in.NodeId, name, unix.S_IFREG|in.Mode&0o777, &out.EntryOut)
	if status.Ok() {
		n.open++
		out.OpenFlags = fuse.FOPEN_KEEP_CACHE
	}
	return status
}

func (s *fileSystem) Mkdir(_ <-chan struct{}, in *fuse.MkdirIn, name string, out *fuse.EntryOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, status := s.add(in.NodeId, name, unix.S_IFDIR|in.Mode&0o777, out)
	return status
}

func (s *fileSystem) Link(_ <-chan struct{}, in *fuse.LinkIn, name string, out *fuse.EntryOut) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.named(in.NodeId, name) != nil {
		return fuse.Status(unix.EEXIST)
	}
	n := s.nodes[in.Oldnodeid]
	status := s.link(n, in.NodeId, name)
	n.entry(out)
	return status
}

func (s *fileSystem) Unlink(_ <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	return s.remove(in.NodeId, name)
}

func (s *fileSystem) Rmdir(_ <-chan struct{}, in *fuse.InHeader, name string) fuse.Status {
	return s.remove(in.NodeId, name)
}

func (s *fileSystem) remove(dir uint64, name string) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.named(dir, name)
	switch {
	case n == nil:
		return fuse.ENOENT
	case len(n.names) > 0:
		return fuse.Status(unix.ENOTEMPTY)
	case n.id == ackID:
		return fuse.EPERM
	}
	status := s.change(Entry{Kind: Remove, Inode: n.id, Dir: dir, Name: name})
	if status.Ok() {
		delete(s.nodes[dir].names, name)
		n.links--
		s.forget(n)
	}
	return status
}

func (s *fileSystem) Rename(_ <-chan struct{}, in *fuse.RenameIn, name, newName string) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, old := s.named(in.NodeId, name), s.named(in.Newdir, newName)
	switch {
	case n == nil:
		return fuse.ENOENT
	case in.Flags&^unix.RENAME_NOREPLACE != 0 || n.id == ackID || old != nil && old.id == ackID:
		return fuse.EINVAL
	case in.Flags != 0 && old != nil:
		return fuse.Status(unix.EEXIST)
	case old == n:
		return fuse.OK // as rename(2) has it: both names stay
	case old != nil && len(old.names) > 0:
		return fuse.Status(unix.ENOTEMPTY)
	}
	status := s.change(Entry{
		Kind: Rename, Inode: n.id,
		Dir: in.NodeId, Name: name, NewDir: in.Newdir, NewName: newName,
	})
	if status.Ok() {
		delete(s.nodes[in.NodeId].names, name)
		s.nodes[in.Newdir].names[newName] = n.id
		if old != nil {
			old.links--
			s.forget(old)
		}
	}
	return status
}

func (s *fileSystem) OpenDir(<-chan struct{}, *fuse.OpenIn, *fuse.OpenOut) fuse.Status {
	return fuse.OK
}

func (s *fileSystem) ReadDir(_ <-chan struct{}, in *fuse.ReadIn, out *fuse.DirEntryList) fuse.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := s.nodes[in.NodeId].names
	for i, name := range slices.Sorted(maps.Keys(names)) {
		if uint64(i) < in.Offset {
			continue
		}
		n := s.nodes[names[name]]
		if !out.AddDirEntry(fuse.DirEntry{Name: name, Ino: n.id, Mode: n.mode, Off: uint64(i + 1)}) {
			break
		}
	}
	return fuse.OK
}
