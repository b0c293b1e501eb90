package v4l2

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Start asks for buffers, maps them, gives them to the device and lets it stream.
// After an error the device is to be closed.
func (d *Device) Start(buffers int) error {
	n, err := d.requestBuffers(buffers)
	if err != nil {
		return err
	}
	if n == 0 || n > framesMax {
		return fmt.Errorf("REQBUFS: the device gives %d buffers", n)
	}
	for i := range n {
		if err := d.mapBuffer(i); err != nil {
			return err
		}
	}
	for i := range n {
		if err := d.Queue(i); err != nil {
			return err
		}
	}
	put(d.arg, 0, TypeCapture)
	return d.call("STREAMON", d.requests.StreamOn, sizeInt)
}

func (d *Device) requestBuffers(count int) (uint32, error) {
	b := d.blank(sizeReqBufs)
	put(b, 0, uint32(count))
	put(b, 4, TypeCapture)
	put(b, 8, MemoryMmap)
	err := d.call("REQBUFS", d.requests.ReqBufs, sizeReqBufs)
	return get(b, 0), err
}

func (d *Device) mapBuffer(index uint32) error {
	v, err := d.queryBuffer(index)
	if err != nil {
		return err
	}
	if v.Length == 0 || v.Length > imageMax {
		return fmt.Errorf("QUERYBUF: a buffer of %d bytes", v.Length)
	}
	memory, err := d.Mmap(int64(v.Offset), int(v.Length))
	if err != nil {
		return callError("mmap", err)
	}
	d.mapped = append(d.mapped, memory)
	return nil
}

// queryBuffer is the first call whose structure holds a time, so here it shows
// which ABI a 32-bit kernel speaks: another one's number is unknown to it.
func (d *Device) queryBuffer(index uint32) (Buffer, error) {
	for {
		d.layout.PutBuffer(d.arg, Buffer{Index: index})
		err := d.call("QUERYBUF", d.requests.QueryBuf, d.layout.buffer().size)
		if !errors.Is(err, unix.ENOTTY) || len(d.others) == 0 {
			return d.layout.GetBuffer(d.arg), err
		}
		d.speak(d.others[0])
		d.others = d.others[1:]
	}
}

// Queue gives a buffer to the device. From here on its memory is the device's.
func (d *Device) Queue(index uint32) error {
	d.layout.PutBuffer(d.arg, Buffer{Index: index})
	return callError("QBUF", d.Ioctl(d.requests.Queue, d.arg[:d.layout.buffer().size]))
}

// Dequeue takes the oldest frame that is there; ok is false when none is. Its
// memory is the caller's until Queue.
func (d *Device) Dequeue() (v Buffer, memory []byte, ok bool, err error) {
	d.layout.PutBuffer(d.arg, Buffer{})
	err = d.Ioctl(d.requests.Dequeue, d.arg[:d.layout.buffer().size])
	if err == unix.EAGAIN { // as it comes: this is the usual answer, and costs nothing
		return Buffer{}, nil, false, nil
	}
	if err != nil {
		return Buffer{}, nil, false, callError("DQBUF", err)
	}
	v = d.layout.GetBuffer(d.arg)
	if int(v.Index) >= len(d.mapped) || int(v.BytesUsed) > len(d.mapped[v.Index]) {
		return v, nil, false, fmt.Errorf("DQBUF: %d bytes in buffer %d of %d: not what was asked for",
			v.BytesUsed, v.Index, len(d.mapped))
	}
	return v, d.mapped[v.Index], true, nil
}

// Close stops the stream, gives the memory back and closes the device, also one
// that is gone. Whatever was dequeued may not be touched afterwards.
func (d *Device) Close() error {
	put(d.arg, 0, TypeCapture)
	_ = d.Ioctl(d.requests.StreamOff, d.arg[:sizeInt]) // closing stops it, too
	var faults []error
	for _, memory := range d.mapped {
		faults = append(faults, callError("munmap", d.Munmap(memory)))
	}
	d.mapped = nil
	return errors.Join(append(faults, d.File.Close())...)
}
