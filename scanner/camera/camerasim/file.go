package camerasim

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/scanner/camera/v4l2"
)

// buffersMin is how many buffers this driver wants to have at least.
const buffersMin = 2

// file is an open descriptor. Its camera's lock guards it.
type file struct {
	camera   *Camera
	requests v4l2.Requests
	gone     bool
	closed   bool
	format   v4l2.Format
	rate     int
	buffers  []*buffer
	mapped   int
	done     []*buffer // in the order of their frames
	queue    []*buffer // to be filled
	sequence uint32
	stop     chan struct{} // of the stream; nil: none
	stopped  chan struct{}

	wake, ready chan struct{}
}

// buffer is one frame's memory.
type buffer struct {
	v      v4l2.Buffer
	memory []byte
}

var order = binary.NativeEndian

func get(b []byte, at int) uint32    { return order.Uint32(b[at:]) }
func put(b []byte, at int, v uint32) { order.PutUint32(b[at:], v) }

// Ioctl answers as the kernel does. A number of another ABI is unknown.
func (f *file) Ioctl(request uint32, arg []byte) error {
	c := f.camera
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case f.closed:
		return unix.EBADF
	case f.gone:
		return unix.ENODEV
	case len(arg) != int(request>>16&0x3FFF):
		return unix.EFAULT
	}
	r := f.requests
	switch request {
	case r.QueryCap:
		return f.capability(arg)
	case r.EnumFmt:
		return f.enumFormat(arg)
	case r.SetFmt:
		return f.setFormat(arg)
	case r.EnumIntervals:
		return f.enumIntervals(arg)
	case r.SetParm:
		return f.setParm(arg)
	case r.ReqBufs:
		return f.requestBuffers(arg)
	case r.QueryBuf, r.Queue, r.Dequeue:
		return f.bufferCall(request, arg)
	case r.StreamOn:
		return f.streamOn()
	case r.StreamOff:
		return f.streamOff()
	case r.GetCtrl, r.SetCtrl, r.QueryCtrl:
		return f.control(request, arg)
	}
	return unix.ENOTTY
}

func (f *file) capability(arg []byte) error {
	copy(arg, "camerasim")
	copy(arg[16:], "Camera in memory")
	put(arg, 84, 0x84000001|0x1000) // of the whole device: it has other nodes as well
	put(arg, 88, 0x04000001)
	return nil
}

func (f *file) enumFormat(arg []byte) error {
	i := int(get(arg, 0))
	if get(arg, 4) != v4l2.TypeCapture || i >= len(f.camera.o.Formats) {
		return unix.EINVAL
	}
	put(arg, 44, uint32(f.camera.o.Formats[i]))
	return nil
}

// setFormat grants what it has: another pixel format becomes its first one.
func (f *file) setFormat(arg []byte) error {
	if get(arg, 0) != v4l2.TypeCapture {
		return unix.EINVAL
	}
	if f.camera.owner != nil {
		return unix.EBUSY
	}
	l, o := f.camera.o.Layout, f.camera.o
	want := l.GetFormat(arg)
	known := false
	for _, have := range o.Formats {
		known = known || have == want.Pixels
	}
	if !known {
		want.Pixels = o.Formats[0]
	}
	want.Width, want.Height = min(max(want.Width, 64), 1920)&^15, min(max(want.Height, 64), 1080)&^7
	line := want.Width + o.Padding
	switch want.Pixels {
	case v4l2.Grey:
		want.BytesPerLine, want.SizeImage = line, line*want.Height
	case v4l2.NV12:
		want.BytesPerLine, want.SizeImage = line, line*want.Height*3/2
	case v4l2.YUYV:
		want.BytesPerLine, want.SizeImage = 2*want.Width, 2*want.Width*want.Height
	default:
		want.BytesPerLine, want.SizeImage = 0, 2*want.Width*want.Height
	}
	f.format = want
	f.rate = f.camera.fastest(want.Pixels)
	l.PutFormat(arg, want)
	return nil
}

func (f *file) enumIntervals(arg []byte) error {
	if get(arg, 0) > 0 {
		return unix.EINVAL
	}
	put(arg, 16, 1)
	put(arg, 20, 1)
	put(arg, 24, uint32(f.camera.fastest(v4l2.FourCC(get(arg, 4)))))
	return nil
}

func (f *file) setParm(arg []byte) error {
	if get(arg, 0) != v4l2.TypeCapture {
		return unix.EINVAL
	}
	if seconds, frames := get(arg, 12), get(arg, 16); seconds > 0 && frames/seconds > 0 {
		f.rate = min(int(frames/seconds), f.camera.fastest(f.format.Pixels))
	}
	put(arg, 12, 1)
	put(arg, 16, uint32(f.rate))
	return nil
}

func (f *file) control(request uint32, arg []byte) error {
	id := v4l2.Control(get(arg, 0))
	r, known := f.camera.o.Controls[id]
	if !known {
		return unix.EINVAL
	}
	switch request {
	case f.requests.QueryCtrl:
		put(arg, 40, uint32(r.Min))
		put(arg, 44, uint32(r.Max))
		put(arg, 48, uint32(r.Step))
		put(arg, 52, uint32(r.Default))
	case f.requests.SetCtrl:
		v := int32(get(arg, 4))
		if v < r.Min || v > r.Max {
			return unix.ERANGE
		}
		f.camera.controls[id] = v
	case f.requests.GetCtrl:
		put(arg, 4, uint32(f.camera.controls[id]))
	}
	return nil
}

// Wait is poll on the device and on what Wake writes to.
func (f *file) Wait(timeout time.Duration) (v4l2.Event, error) {
	f.camera.mu.Lock()
	gone, idle, done := f.gone, f.stop == nil, len(f.done) > 0
	f.camera.mu.Unlock()
	switch {
	case gone || idle:
		return v4l2.Trouble, nil
	case done:
		return v4l2.Frame, nil
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-f.wake:
		return v4l2.Woken, nil
	case <-f.ready:
		return v4l2.Frame, nil // or gone: the next call tells
	case <-timer.C:
		return v4l2.Timeout, nil
	}
}

// Wake ends a Wait, or the next one.
func (f *file) Wake() { signal(f.wake) }

// signal leaves a mark that is seen once.
func signal(mark chan struct{}) {
	select {
	case mark <- struct{}{}:
	default:
	}
}

// vanish is the unplugging.
func (f *file) vanish() {
	f.gone = true
	signal(f.ready)
}

// Close ends the stream and gives all back.
func (f *file) Close() error {
	c := f.camera
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.closed {
		return unix.EBADF
	}
	f.endStream()
	f.closed = true
	c.closed(f)
	return nil
}
