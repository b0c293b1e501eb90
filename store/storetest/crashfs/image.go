package crashfs

import (
	"errors"
	"hash/maphash"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Image is what a disk holds after a power cut.
type Image struct{ entries []imageEntry }

type imageEntry struct {
	path string
	mode uint32
	file *content // nil for a directory
}

// add adds what is in one directory. A directory whose names are not durable is
// empty, and a file with two names is two files: nobody can tell.
func (m *Image) add(path string, dir uint64, dirs map[uint64]map[string]uint64,
	modes map[uint64]uint32, contentOf func(inode uint64) *content,
) {
	for _, name := range slices.Sorted(maps.Keys(dirs[dir])) {
		inode := dirs[dir][name]
		e := imageEntry{path: filepath.Join(path, name), mode: modes[inode]}
		if e.mode&syscall.S_IFMT == syscall.S_IFDIR {
			m.entries = append(m.entries, e)
			m.add(e.path, inode, dirs, modes, contentOf)
			continue
		}
		e.file = contentOf(inode)
		m.entries = append(m.entries, e)
	}
}

// Sum is the same for images that hold the same, within one process.
func (m *Image) Sum() uint64 {
	var sum maphash.Hash
	sum.SetSeed(sumSeed)
	for _, e := range m.entries {
		_, _ = sum.WriteString(e.path)
		_, _ = sum.Write([]byte{0, byte(e.mode >> 8), byte(e.mode)})
		if e.file != nil {
			e.file.addTo(&sum)
		}
	}
	return sum.Sum64()
}

// Names are the paths in the image, each directory before what is in it.
func (m *Image) Names() []string {
	var names []string
	for _, e := range m.entries {
		names = append(names, e.path)
	}
	return names
}

// File is what a file holds, and whether it is there.
func (m *Image) File(path string) ([]byte, bool) {
	for _, e := range m.entries {
		if e.path == path && e.file != nil {
			text := make([]byte, e.file.size)
			e.file.read(text, 0)
			return text, true
		}
	}
	return nil, false
}

// WriteTo makes the image's files below dir, which is there and empty.
func (m *Image) WriteTo(dir string) error {
	for _, e := range m.entries {
		path := filepath.Join(dir, e.path)
		if e.file == nil {
			if err := os.Mkdir(path, os.FileMode(e.mode&0o777)); err != nil {
				return err
			}
			continue
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, os.FileMode(e.mode&0o777))
		if err != nil {
			return err
		}
		if err := errors.Join(e.file.writeTo(f), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
