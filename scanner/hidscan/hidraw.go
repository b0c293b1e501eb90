package hidscan

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// raws is what the kernel offers of HID devices. Tests put sockets in its place.
type raws interface {
	devices

	descriptor(file *os.File) ([]byte, error)
}

// hidraw is the kernel itself.
type hidraw struct{}

func (hidraw) paths() ([]string, error) { return filepath.Glob("/dev/hidraw*") }

func (hidraw) open(path string) (*os.File, error) { return openDevice(path) }

func (hidraw) identity(file *os.File) (id identity, err error) {
	err = with(file, func(fd int) error {
		info, err := unix.IoctlHIDGetRawInfo(fd)
		if err != nil {
			return err
		}
		id.usb = fmt.Sprintf("%04x:%04x", uint16(info.Vendor), uint16(info.Product))
		id.name, _ = unix.IoctlHIDGetRawName(fd) // a device made by a program may have neither
		id.phys, _ = unix.IoctlHIDGetRawPhys(fd)
		return nil
	})
	return id, err
}

func (hidraw) descriptor(file *os.File) (text []byte, err error) {
	err = with(file, func(fd int) error {
		size, err := unix.IoctlGetInt(fd, unix.HIDIOCGRDESCSIZE)
		if err != nil {
			return err
		}
		d := unix.HIDRawReportDescriptor{Size: uint32(size)}
		if err := unix.IoctlHIDGetDesc(fd, &d); err != nil {
			return err
		}
		text = d.Value[:min(int(d.Size), len(d.Value))]
		return nil
	})
	return text, err
}
