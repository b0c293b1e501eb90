package hidscan

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// openDevice opens for writing as well, for lights and orders; a device that may
// only be read is read.
func openDevice(path string) (*os.File, error) {
	const flags = unix.O_NONBLOCK | unix.O_CLOEXEC | unix.O_NOCTTY
	fd, err := unix.Open(path, unix.O_RDWR|flags, 0)
	if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EROFS) || errors.Is(err, unix.EPERM) {
		fd, err = unix.Open(path, unix.O_RDONLY|flags, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), path), nil
}

// with lends a file's descriptor for calls.
func with(file *os.File, do func(fd int) error) error {
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	controlled := raw.Control(func(fd uintptr) { err = do(int(fd)) })
	return errors.Join(controlled, err)
}

// write writes at once or not at all.
func write(file *os.File, p []byte) error {
	return with(file, func(fd int) error {
		_, err := unix.Write(fd, p)
		return err
	})
}
