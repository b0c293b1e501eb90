package v4l2

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// The limits of what a device may say.
const (
	formatsMax   = 64
	intervalsMax = 64
	framesMax    = 8
	imageMax     = 64 << 20 // bytes of one frame
	sideMax      = 16 << 10 // pixels
	lineMax      = 64 << 10 // bytes
)

// Device is an open camera. One goroutine may use it, but for Wake.
type Device struct {
	File
	layout   Layout
	others   []Layout // that the kernel may speak instead
	requests Requests
	arg      []byte // of the call that is made: one at a time, and nothing to collect
	mapped   [][]byte
}

// Open opens a device. Which of several ABIs the kernel speaks shows in Start.
func Open(kernel Kernel, path string) (*Device, error) {
	file, err := kernel.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	may := kernel.Layouts()
	d := &Device{File: file, others: may[1:], arg: make([]byte, 256)}
	d.speak(may[0])
	return d, nil
}

func (d *Device) speak(l Layout) { d.layout, d.requests = l, l.Requests() }

func (d *Device) call(name string, request uint32, size int) error {
	return callError(name, d.Ioctl(request, d.arg[:size]))
}

// blank gives the structure of the next call, empty.
func (d *Device) blank(size int) []byte {
	clear(d.arg[:size])
	return d.arg[:size]
}

// Capability asks what the device is.
func (d *Device) Capability() (Capability, error) {
	b := d.blank(sizeCapability)
	if err := d.call("QUERYCAP", d.requests.QueryCap, sizeCapability); err != nil {
		return Capability{}, err
	}
	const (
		captures    = 0x1
		multiPlanar = 0x1000
		streams     = 0x4000000
		ofThisNode  = 0x80000000 // device_caps is filled in
	)
	can := get(b, 84)
	if can&ofThisNode != 0 {
		can = get(b, 88)
	}
	return Capability{Driver: text(b[:16]), Card: text(b[16:48]), Bus: text(b[48:80]),
		Captures: can&captures != 0, Streams: can&streams != 0,
		MultiPlanar: can&multiPlanar != 0}, nil
}

// text takes a string out of a fixed field.
func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(bytes.ToValidUTF8(b, []byte("?")))
}

// Formats lists the pixel formats that the device offers.
func (d *Device) Formats() ([]FourCC, error) {
	var all []FourCC
	for i := range uint32(formatsMax) {
		b := d.blank(sizeFmtDesc)
		put(b, 0, i)
		put(b, 4, TypeCapture)
		err := d.call("ENUM_FMT", d.requests.EnumFmt, sizeFmtDesc)
		if errors.Is(err, unix.EINVAL) {
			break
		}
		if err != nil {
			return nil, err
		}
		all = append(all, FourCC(get(b, 44)))
	}
	return all, nil
}

// SetFormat asks for a format and gives the one that was granted: the device may
// change all of it.
func (d *Device) SetFormat(f Format) (Format, error) {
	size := d.layout.formatSize()
	d.layout.PutFormat(d.arg, f)
	if err := d.call("S_FMT", d.requests.SetFmt, size); err != nil {
		return Format{}, err
	}
	granted := d.layout.GetFormat(d.arg)
	if granted.Width <= 0 || granted.Height <= 0 || granted.SizeImage <= 0 ||
		granted.Width > sideMax || granted.Height > sideMax || granted.SizeImage > imageMax ||
		granted.BytesPerLine < 0 || granted.BytesPerLine > lineMax {
		return Format{}, fmt.Errorf("S_FMT: %d by %d pixels in %d bytes is no picture",
			granted.Width, granted.Height, granted.SizeImage)
	}
	return granted, nil
}

// Fastest gives the highest rate that is offered for a format; nothing, if the
// device does not say.
func (d *Device) Fastest(f Format) Rate {
	var best Rate
	for i := range uint32(intervalsMax) {
		b := d.blank(sizeInterval)
		put(b, 0, i)
		put(b, 4, uint32(f.Pixels))
		put(b, 8, uint32(f.Width))
		put(b, 12, uint32(f.Height))
		if d.call("ENUM_FRAMEINTERVALS", d.requests.EnumIntervals, sizeInterval) != nil {
			break
		}
		// One interval, or the shortest of a range: both stand first.
		rate := Rate{Frames: get(b, 24), Seconds: get(b, 20)}
		if rate.PerSecond() > best.PerSecond() {
			best = rate
		}
		const discrete = 1
		if get(b, 16) != discrete {
			break
		}
	}
	return best
}

// SetRate asks for a frame rate and gives the one that was granted; 0 where the
// device has none to set.
func (d *Device) SetRate(perSecond int) (float64, error) {
	b := d.blank(sizeParm)
	put(b, 0, TypeCapture)
	put(b, 12, 1)
	put(b, 16, uint32(perSecond))
	if err := d.call("S_PARM", d.requests.SetParm, sizeParm); err != nil {
		return 0, err
	}
	return Rate{Frames: get(b, 16), Seconds: get(b, 12)}.PerSecond(), nil
}

// Control reads a control.
func (d *Device) Control(c Control) (int32, error) {
	b := d.blank(sizeControl)
	put(b, 0, uint32(c))
	err := d.call("G_CTRL", d.requests.GetCtrl, sizeControl)
	return int32(get(b, 4)), noControl(err)
}

// SetControl sets a control and gives what the device made of it.
func (d *Device) SetControl(c Control, value int32) (int32, error) {
	b := d.blank(sizeControl)
	put(b, 0, uint32(c))
	put(b, 4, uint32(value))
	if err := d.call("S_CTRL", d.requests.SetCtrl, sizeControl); err != nil {
		return 0, noControl(err)
	}
	return d.Control(c)
}

// noControl tells a control that is missing from one that refuses.
func noControl(err error) error {
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTTY) {
		return fmt.Errorf("%w: %w", ErrNoControl, err)
	}
	return err
}

// Range asks what a control takes.
func (d *Device) Range(c Control) (Range, error) {
	b := d.blank(sizeQueryCtrl)
	put(b, 0, uint32(c))
	if err := d.call("QUERYCTRL", d.requests.QueryCtrl, sizeQueryCtrl); err != nil {
		return Range{}, noControl(err)
	}
	const disabled = 1
	if get(b, 56)&disabled != 0 {
		return Range{}, ErrNoControl
	}
	return Range{Min: int32(get(b, 40)), Max: int32(get(b, 44)), Step: int32(get(b, 48)),
		Default: int32(get(b, 52))}, nil
}
