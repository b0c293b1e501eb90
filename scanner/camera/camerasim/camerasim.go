// Package camerasim is a camera in memory behind the kernel's interface of V4L2. It
// is strict: calls in the wrong order get the errno that the kernel gives, and a
// buffer that is the device's is overwritten at once, so that whoever still reads
// it sees nonsense. It knows no codes: it shows pictures that it is given.
package camerasim

import (
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/scanner/camera/v4l2"
)

// Picture is what the camera sees: a byte of luma for each pixel, without gaps.
type Picture struct {
	Pix  []byte
	W, H int
}

// Options say what kind of camera it is.
type Options struct {
	Path    string
	Formats []v4l2.FourCC
	// Fastest is the highest rate of a format, frames per second; 30 where it has none.
	Fastest  map[v4l2.FourCC]int
	Layout   v4l2.Layout // zero: this machine's
	Controls map[v4l2.Control]v4l2.Range
	// Padding is what each line of GREY and NV12 has in addition, bytes.
	Padding int
	// Encode makes a JPEG of a picture, for MJPEG.
	Encode func(Picture) []byte
	// Meter changes what is seen by the controls as they are set; nil: not at all.
	Meter func(p Picture, controls map[v4l2.Control]int32) Picture
}

// Camera is the device and the kernel beneath it. Its methods may be called from
// any goroutine.
type Camera struct {
	o Options

	mu       sync.Mutex
	here     bool
	refusal  error // of each Open
	picture  Picture
	fault    Fault
	controls map[v4l2.Control]int32
	files    []*file // open ones
	owner    *file   // that has buffers
	opened   int
	queued   int // buffers given to the device, ever
	mapped   int // buffers; closing a descriptor does not give them back
}

var _ v4l2.Kernel = (*Camera)(nil)

// Fault is what is wrong with the frames that are delivered.
type Fault uint8

// The faults.
const (
	Sound  Fault = iota
	Silent       // no frame comes
	Broken       // with the kernel's error flag
	Short        // half of the bytes are missing
	Empty        // no bytes at all
	Noise        // bytes, but no picture
)

// New makes a camera that is plugged in and sees mid-grey.
func New(o Options) *Camera {
	if o.Path == "" {
		o.Path = "/dev/v4l/by-path/sim"
	}
	if o.Layout == (v4l2.Layout{}) {
		o.Layout = v4l2.Linux().Layouts()[0]
	}
	c := &Camera{o: o, here: true, controls: map[v4l2.Control]int32{}}
	for id, r := range o.Controls {
		c.controls[id] = r.Default
	}
	return c
}

// Path is where it is opened.
func (c *Camera) Path() string { return c.o.Path }

// Show changes what the camera sees from the next frame on.
func (c *Camera) Show(p Picture) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.picture = p
}

// Fail sets what is wrong from the next frame on.
func (c *Camera) Fail(f Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fault = f
}

// Refuse lets each Open fail; nil ends that.
func (c *Camera) Refuse(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusal = err
}

// Unplug takes the camera away: what is open stays so, and fails.
func (c *Camera) Unplug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.here = false
	for _, f := range c.files {
		f.vanish()
	}
}

// Plug brings it back.
func (c *Camera) Plug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.here = true
}

// Control gives the value that is set.
func (c *Camera) Control(id v4l2.Control) int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.controls[id]
}

// Usage is what a camera's user holds.
type Usage struct {
	Open   int // descriptors
	Mapped int // buffers
	Opened int // since New
	Queued int // since New
}

// Usage says what is held now.
func (c *Camera) Usage() Usage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Usage{Open: len(c.files), Mapped: c.mapped, Opened: c.opened, Queued: c.queued}
}

// Layouts are those of this camera's kernel. Like a 32-bit kernel it is asked in
// its newest words first.
func (c *Camera) Layouts() []v4l2.Layout {
	if c.o.Layout == v4l2.Word32Time32 {
		return []v4l2.Layout{v4l2.Word32Time64, v4l2.Word32Time32}
	}
	return []v4l2.Layout{c.o.Layout}
}

// Present says whether it is plugged in.
func (c *Camera) Present(path string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.here && path == c.o.Path
}

// Open opens it. Several may, but only one has buffers.
func (c *Camera) Open(path string) (v4l2.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.here || path != c.o.Path:
		return nil, unix.ENOENT
	case c.refusal != nil:
		return nil, c.refusal
	}
	f := &file{camera: c, requests: c.o.Layout.Requests(), wake: make(chan struct{}, 1),
		ready: make(chan struct{}, 1)}
	c.files = append(c.files, f)
	c.opened++
	return f, nil
}

func (c *Camera) fastest(format v4l2.FourCC) int {
	if n := c.o.Fastest[format]; n > 0 {
		return n
	}
	return 30
}

// closed forgets a file.
func (c *Camera) closed(f *file) {
	c.files = slices.DeleteFunc(c.files, func(other *file) bool { return other == f })
	if c.owner == f {
		c.owner = nil
	}
}

// period is the time between frames.
func (f *file) period() time.Duration { return time.Second / time.Duration(f.rate) }
