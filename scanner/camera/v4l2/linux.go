package v4l2

import (
	"errors"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Linux is the kernel of this machine.
func Linux() Kernel { return linux{} }

type linux struct{}

func (linux) Present(path string) bool { return unix.Access(path, unix.F_OK) == nil }

func (linux) Layouts() []Layout { return layouts() }

// Open does not go through the os package: that registers a file with epoll, at
// which the driver starts its emulation of read(2), and REQBUFS then says EBUSY.
func (linux) Open(path string) (File, error) {
	fd, err := again(func() (int, error) {
		return unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	f := &file{fd: fd}
	if err := unix.Pipe2(f.pipe[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	f.poll[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
	f.poll[1] = unix.PollFd{Fd: int32(f.pipe[0]), Events: unix.POLLIN}
	return f, nil
}

// file is an open device, and the pipe that ends a wait for it.
type file struct {
	fd   int
	pipe [2]int
	poll [2]unix.PollFd
}

func (f *file) Ioctl(request uint32, arg []byte) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(f.fd), uintptr(request),
			uintptr(unsafe.Pointer(unsafe.SliceData(arg))))
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
			continue
		}
		return errno
	}
}

func (f *file) Mmap(offset int64, length int) ([]byte, error) {
	return unix.Mmap(f.fd, offset, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

func (f *file) Munmap(mapped []byte) error { return unix.Munmap(mapped) }

func (f *file) Wait(timeout time.Duration) (Event, error) {
	n, err := unix.Poll(f.poll[:], int(max(0, timeout.Milliseconds())))
	switch {
	case err == unix.EINTR, err == nil && n == 0:
		return Timeout, nil
	case err != nil:
		return Timeout, err
	case f.poll[1].Revents != 0:
		var pipe [16]byte
		_, _ = unix.Read(f.pipe[0], pipe[:])
		return Woken, nil
	case f.poll[0].Revents&unix.POLLIN != 0:
		return Frame, nil
	}
	return Trouble, nil
}

// Wake writes to the pipe. A full one has woken the wait already.
func (f *file) Wake() { _, _ = unix.Write(f.pipe[1], []byte{0}) }

func (f *file) Close() error {
	return errors.Join(unix.Close(f.fd), unix.Close(f.pipe[0]), unix.Close(f.pipe[1]))
}

// again repeats a call that a signal has interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}
