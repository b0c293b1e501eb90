package hidscan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"
)

// inputs is what the kernel offers of event devices. Tests put sockets in its place.
type inputs interface {
	devices

	grab(file *os.File) error
	held(file *os.File) (keySet, error) // the keys that are down now
	keys(file *os.File) (keySet, error) // the keys that there are
	light(file *os.File, caps bool)     // num lock on, caps lock as told; a scanner may have none
}

// evdev is the kernel itself.
type evdev struct{}

// The calls of evdev; see input.h of Linux. The length of an answer is part of a
// call's number.
const (
	eviocgid   = 0x80084502
	eviocgrab  = 0x40044590
	eviocgname = 0x80004506
	eviocgphys = 0x80004507
	eviocgkey  = 0x80004518
	eviocgbit  = 0x80004520 // and the kind of events

	lengthShift = 16
)

func (evdev) paths() ([]string, error) { return filepath.Glob("/dev/input/event*") }

func (evdev) open(path string) (*os.File, error) { return openDevice(path) }

func (evdev) identity(file *os.File) (identity, error) {
	var id [4]uint16 // bus, vendor, product, version
	if err := call(file, eviocgid, unsafe.Pointer(&id)); err != nil {
		return identity{}, err
	}
	return identity{usb: fmt.Sprintf("%04x:%04x", id[1], id[2]), phys: word(file, eviocgphys),
		name: word(file, eviocgname)}, nil
}

// word asks for a text, "" for none: a device made by a program has no phys.
func word(file *os.File, request uint) string {
	var text [256]byte
	if call(file, request|uint(len(text))<<lengthShift, unsafe.Pointer(&text)) != nil {
		return ""
	}
	before, _, _ := bytes.Cut(text[:], []byte{0})
	return string(before)
}

func (evdev) grab(file *os.File) error {
	return with(file, func(fd int) error { return unix.IoctlSetInt(fd, eviocgrab, 1) })
}

func (evdev) held(file *os.File) (keySet, error) { return set(file, eviocgkey) }

func (evdev) keys(file *os.File) (keySet, error) { return set(file, eviocgbit+evKey) }

func set(file *os.File, request uint) (s keySet, err error) {
	err = call(file, request|uint(len(s))<<lengthShift, unsafe.Pointer(&s))
	return s, err
}

// light is a wish: many scanners have no lights, and some can't be written to.
func (evdev) light(file *os.File, caps bool) {
	_ = write(file, lights(caps))
}

// lights are the events that set them.
func lights(caps bool) []byte {
	on := map[bool]int32{true: 1}
	p := appendEvent(nil, event{evLED, ledNum, 1}, wordLen)
	p = appendEvent(p, event{evLED, ledCaps, on[caps]}, wordLen)
	return appendEvent(p, event{evSyn, synReport, 0}, wordLen)
}

// call makes a call that gives an answer.
func call(file *os.File, request uint, answer unsafe.Pointer) error {
	return with(file, func(fd int) error {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(answer))
		if errno != 0 {
			return errno
		}
		return nil
	})
}
