package store

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ReserveLen is how many bytes of the disk are held back, so that what is under way
// can be ended when the disk is full: far more than 500 reversals.
const ReserveLen = 16 << 20

const reserveName = "reserve"

// reserve is the file that holds them.
type reserve struct {
	dir  string
	here bool
}

// fill makes the reserve if it is not there. Then the disk has room.
func (r *reserve) fill() {
	if r.here {
		return
	}
	path := filepath.Join(r.dir, reserveName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return
	}
	err = unix.Fallocate(int(f.Fd()), 0, 0, ReserveLen)
	if errors.Is(err, unix.EOPNOTSUPP) {
		err = fillWithZeros(f)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path) // half a reserve takes the room that it should keep
		return
	}
	r.here = true
}

// fillWithZeros is for file systems that can't hold room back.
func fillWithZeros(f *os.File) error {
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < ReserveLen; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros, at); err != nil {
			return err
		}
	}
	return f.Sync()
}

// free gives the room back. It says whether there was any.
func (r *reserve) free() bool {
	if !r.here {
		return false
	}
	r.here = false
	return errors.Join(os.Remove(filepath.Join(r.dir, reserveName)), syncDir(r.dir)) == nil
}

// retry does it once more on the reserve's room if the disk is full.
func (r *reserve) retry(do func() error) error {
	err := do()
	if errors.Is(err, unix.ENOSPC) && r.free() {
		return do()
	}
	return err
}
