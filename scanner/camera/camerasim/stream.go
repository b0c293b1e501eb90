package camerasim

import (
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/scanner/camera/v4l2"
)

const (
	pageSize   = 4096
	buffersMax = 32
	// poison is what the memory of a buffer holds while it is the device's.
	poison = 0x55
)

func (f *file) requestBuffers(arg []byte) error {
	c := f.camera
	if get(arg, 4) != v4l2.TypeCapture || get(arg, 8) != v4l2.MemoryMmap {
		return unix.EINVAL
	}
	count := int(get(arg, 0))
	switch {
	case c.owner != nil && c.owner != f, f.stop != nil, f.mapped > 0:
		return unix.EBUSY
	case f.format.SizeImage == 0:
		return unix.EINVAL // this driver has no format before it is set
	case count == 0:
		f.buffers, c.owner = nil, nil
		return nil
	}
	count = min(max(count, buffersMin), buffersMax)
	size := (f.format.SizeImage + pageSize - 1) / pageSize * pageSize
	f.buffers = nil
	for i := range count {
		f.buffers = append(f.buffers, &buffer{memory: make([]byte, size), v: v4l2.Buffer{
			Index: uint32(i), Offset: uint32(i * size), Length: uint32(size)}})
	}
	c.owner = f
	put(arg, 0, uint32(count))
	return nil
}

func (f *file) bufferCall(request uint32, arg []byte) error {
	l := f.camera.o.Layout
	if get(arg, 4) != v4l2.TypeCapture {
		return unix.EINVAL
	}
	if request == f.requests.Dequeue {
		b, err := f.dequeue()
		if err == nil {
			l.PutBuffer(arg, b.v)
		}
		return err
	}
	i := int(l.GetBuffer(arg).Index)
	if i >= len(f.buffers) {
		return unix.EINVAL
	}
	b := f.buffers[i]
	if request == f.requests.Queue {
		if b.v.Flags&(v4l2.FlagQueued|v4l2.FlagDone) != 0 {
			return unix.EINVAL
		}
		f.give(b)
	}
	l.PutBuffer(arg, b.v)
	return nil
}

// give takes a buffer from the program: what it held is no more.
func (f *file) give(b *buffer) {
	for i := range b.memory {
		b.memory[i] = poison
	}
	b.v.Flags = b.v.Flags&v4l2.FlagMapped | v4l2.FlagQueued
	b.v.BytesUsed = 0
	f.queue = append(f.queue, b)
	f.camera.queued++
}

func (f *file) dequeue() (*buffer, error) {
	switch {
	case f.stop == nil:
		return nil, unix.EINVAL
	case len(f.done) == 0:
		return nil, unix.EAGAIN
	}
	b := f.done[0]
	f.done = f.done[1:]
	b.v.Flags &^= v4l2.FlagDone
	return b, nil
}

func (f *file) streamOn() error {
	switch {
	case len(f.buffers) == 0:
		return unix.EINVAL
	case f.stop != nil:
		return nil
	}
	f.stop, f.stopped = make(chan struct{}), make(chan struct{})
	go f.deliver(f.stop, f.stopped, f.period())
	return nil
}

func (f *file) streamOff() error {
	f.endStream()
	for _, b := range f.buffers {
		b.v.Flags &= v4l2.FlagMapped
	}
	f.queue, f.done = nil, nil
	return nil
}

// endStream waits for the delivery to end. The lock is let go meanwhile.
func (f *file) endStream() {
	if f.stop == nil {
		return
	}
	stop, stopped := f.stop, f.stopped
	f.stop = nil
	close(stop)
	f.camera.mu.Unlock()
	<-stopped
	f.camera.mu.Lock()
}

func (f *file) deliver(stop, stopped chan struct{}, period time.Duration) {
	defer close(stopped)
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			f.capture()
		case <-stop:
			return
		}
	}
}

// capture fills the buffer whose turn it is. Without one the frame is lost, as its
// number shows.
func (f *file) capture() {
	c := f.camera
	c.mu.Lock()
	defer c.mu.Unlock()
	f.sequence++
	if f.gone || f.stop == nil || len(f.queue) == 0 || c.fault == Silent {
		return
	}
	b := f.queue[0]
	f.queue = f.queue[1:]
	n := f.expose(b.memory)
	b.v.Flags = b.v.Flags&v4l2.FlagMapped | v4l2.FlagDone
	b.v.Sequence = f.sequence
	switch c.fault {
	case Broken:
		b.v.Flags |= v4l2.FlagError
	case Short:
		n /= 2
	case Empty:
		n = 0
	case Noise:
		for i := range n {
			b.memory[i] = byte(i*7919 + i>>8)
		}
	}
	b.v.BytesUsed = uint32(n)
	f.done = append(f.done, b)
	signal(f.ready)
}

// expose writes the picture in the format that was agreed on.
func (f *file) expose(memory []byte) int {
	o, w, h := f.camera.o, f.format.Width, f.format.Height
	p := fitted(f.camera.picture, w, h)
	if o.Meter != nil {
		p = o.Meter(p, f.camera.controls)
	}
	switch f.format.Pixels {
	case v4l2.MJPEG:
		return copy(memory, o.Encode(p))
	case v4l2.YUYV:
		for i, v := range p.Pix {
			memory[2*i], memory[2*i+1] = v, 128
		}
	default:
		for y := range h {
			line := memory[y*f.format.BytesPerLine:]
			copy(line[:w], p.Pix[y*w:(y+1)*w])
			for x := w; x < f.format.BytesPerLine; x++ {
				line[x] = 0xEE // padding is not picture
			}
		}
	}
	return f.format.SizeImage
}

// fitted centres a picture in the frame, on mid-grey.
func fitted(p Picture, w, h int) Picture {
	if p.W == w && p.H == h {
		return p
	}
	out := Picture{make([]byte, w*h), w, h}
	for i := range out.Pix {
		out.Pix[i] = 128
	}
	dx, dy := (w-p.W)/2, (h-p.H)/2
	for y := range p.H {
		for x := range p.W {
			if x+dx >= 0 && x+dx < w && y+dy >= 0 && y+dy < h {
				out.Pix[(y+dy)*w+x+dx] = p.Pix[y*p.W+x]
			}
		}
	}
	return out
}

// Mmap gives the memory of the buffer at an offset.
func (f *file) Mmap(offset int64, length int) ([]byte, error) {
	c := f.camera
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.gone {
		return nil, unix.ENODEV
	}
	for _, b := range f.buffers {
		if int64(b.v.Offset) == offset && int(b.v.Length) == length {
			f.mapped++
			c.mapped++
			b.v.Flags |= v4l2.FlagMapped
			return b.memory, nil
		}
	}
	return nil, unix.EINVAL
}

// Munmap gives it back, also after the device is gone.
func (f *file) Munmap(mapped []byte) error {
	c := f.camera
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range f.buffers {
		if len(mapped) > 0 && &mapped[0] == &b.memory[0] && b.v.Flags&v4l2.FlagMapped != 0 {
			f.mapped--
			c.mapped--
			b.v.Flags &^= v4l2.FlagMapped
			return nil
		}
	}
	return unix.EINVAL
}
