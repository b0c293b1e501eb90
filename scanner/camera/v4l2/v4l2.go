// Package v4l2 speaks to Linux's video devices without cgo: it knows the kernel's
// calls, structures and their ABIs. It knows no pictures, and not what a camera is
// used for. The kernel stands behind an interface, so that a strict camera in
// memory can take its place.
package v4l2

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Kernel is what opens devices.
type Kernel interface {
	// Open opens a device so that no call on it blocks.
	Open(path string) (File, error)

	// Present says whether a device is there, without opening it.
	Present(path string) bool

	// Layouts are the ABIs that it may speak, the one to try first in front.
	Layouts() []Layout
}

// File is an open device. One goroutine may use it, but for Wake.
type File interface {
	// Ioctl makes one call; arg is the kernel's structure, in its layout.
	Ioctl(request uint32, arg []byte) error

	// Mmap maps a buffer of the device, for reading and writing.
	Mmap(offset int64, length int) ([]byte, error)
	Munmap(mapped []byte) error

	// Wait returns once a frame is there, the device is in trouble, Wake was called,
	// or the time is up. It may return early for no reason.
	Wait(timeout time.Duration) (Event, error)

	// Wake ends a Wait, or the next one. Any goroutine may call it until Close.
	Wake()

	Close() error
}

// Event says why a Wait has ended.
type Event uint8

// The events.
const (
	Timeout Event = iota
	Frame         // a frame may be there
	Woken
	Trouble // the device is gone, or has nothing to fill
)

// FourCC names a pixel format.
type FourCC uint32

// The pixel formats that are read here.
const (
	Grey  FourCC = 'G' | 'R'<<8 | 'E'<<16 | 'Y'<<24
	YUYV  FourCC = 'Y' | 'U'<<8 | 'Y'<<16 | 'V'<<24
	NV12  FourCC = 'N' | 'V'<<8 | '1'<<16 | '2'<<24
	MJPEG FourCC = 'M' | 'J'<<8 | 'P'<<16 | 'G'<<24
)

// String gives the four letters.
func (f FourCC) String() string {
	text := []byte{byte(f), byte(f >> 8), byte(f >> 16), byte(f >> 24)}
	for i, c := range text {
		if c < ' ' || c > '~' {
			text[i] = '?'
		}
	}
	return string(text)
}

// Control is a setting of a camera.
type Control uint32

// The controls that a reader of codes has a use for.
const (
	Brightness           Control = 0x00980900
	AutoGain             Control = 0x00980912
	Gain                 Control = 0x00980913
	PowerLineFrequency   Control = 0x00980918 // 0 off, 1 50 Hz, 2 60 Hz
	ExposureAuto         Control = 0x009a0901
	ExposureAbsolute     Control = 0x009a0902 // units of 100 µs
	ExposureAutoPriority Control = 0x009a0903 // whether exposure may cost frames
	FocusAbsolute        Control = 0x009a090a
	FocusAuto            Control = 0x009a090c
)

// The values of ExposureAuto that matter. Webcams offer ExposureAperture where
// others say ExposureByCamera.
const (
	ExposureByCamera = 0
	ExposureManual   = 1
	ExposureAperture = 3
)

// Capability is what a device says of itself.
type Capability struct {
	Driver, Card, Bus string
	Captures          bool // single-planar video
	Streams           bool
	MultiPlanar       bool // it captures, but only in several planes
}

// Format is the shape of frames.
type Format struct {
	Width, Height int
	Pixels        FourCC
	BytesPerLine  int
	SizeImage     int
}

// Buffer is one frame's memory as the kernel describes it.
type Buffer struct {
	Index     uint32
	BytesUsed uint32
	Flags     uint32
	Sequence  uint32
	Offset    uint32 // to map it by
	Length    uint32
}

// The flags of a buffer.
const (
	FlagMapped uint32 = 0x01
	FlagQueued uint32 = 0x02
	FlagDone   uint32 = 0x04
	FlagError  uint32 = 0x40 // the frame is broken
)

// Range is what a control takes.
type Range struct{ Min, Max, Step, Default int32 }

// Rate is frames per second as a fraction.
type Rate struct{ Frames, Seconds uint32 }

// PerSecond gives frames per second, 0 for none.
func (r Rate) PerSecond() float64 {
	if r.Seconds == 0 {
		return 0
	}
	return float64(r.Frames) / float64(r.Seconds)
}

// ErrNoControl means that a device does not have a control.
var ErrNoControl = errors.New("the camera has no such control")

// IsGone says whether an error means that the device was unplugged.
func IsGone(err error) bool {
	return errors.Is(err, unix.ENODEV) || errors.Is(err, unix.ENXIO) ||
		errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EIO)
}

// callError names the call that went wrong.
func callError(call string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("%s: the camera is used by another program: %w", call, err)
	}
	return fmt.Errorf("%s: %w", call, err)
}
