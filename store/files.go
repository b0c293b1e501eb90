package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// The endings of names. A file is made aside and renamed, because a power cut while
// it is made in place leaves one that can't be opened; one that was found damaged
// is kept as evidence.
const (
	newSuffix     = ".new"
	damagedSuffix = ".damaged"
	lockName      = "lock"
)

// makeDir makes the directory, and refuses one that others may write to.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("data directory %s: mode %04o lets other users change the books; "+
			"chmod 0700 it", dir, mode)
	}
	return nil
}

// takeLock locks a file of its own, since the others are renamed.
func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errors.Join(ErrHeld, f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// readOwn reads a file of the data directory: nil and no error if there is none. It
// refuses a link, and one that others may read or write.
func readOwn(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := ownFile(path, info); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if text == nil {
		text = []byte{}
	}
	return text, err
}

func ownFile(path string, info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file: move it away", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s: mode %04o lets other users in; chmod 0600 it", path, mode)
	}
	return nil
}

// putInPlace gives the file that was made aside, and synced, its name.
func putInPlace(dir, name string) error {
	path := filepath.Join(dir, name)
	if err := os.Rename(path+newSuffix, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// keepDamaged keeps a damaged file under another name, beside the one that will
// replace it. Without it the terminal goes on all the same.
func keepDamaged(dir, name string) {
	path := filepath.Join(dir, name)
	_ = os.Remove(path + damagedSuffix)
	_ = os.Link(path, path+damagedSuffix)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// discard closes and removes a file that was made in vain.
func discard(err error, f *os.File) error {
	return errors.Join(err, f.Close(), ignoreMissing(os.Remove(f.Name())))
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
