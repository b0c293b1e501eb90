package v4l2

import (
	"encoding/binary"
	"unsafe"
)

// Layout is one ABI of the kernel: where the fields lie that depend on the size of
// a word and of a time. Go aligns 64-bit fields to 4 bytes on 32-bit machines and C
// on arm does not, so the structures are written by offset and not as Go structs.
// All of them can be tested on any machine.
type Layout struct {
	Name string
	word int // bytes of a pointer
	time int // bytes of seconds in a time
}

// The ABIs. A 32-bit kernel before 5.6 knows Word32Time32 only; a later one may
// have it switched off, since its seconds end in 2038.
var (
	Word64       = Layout{"64-bit", 8, 8}
	Word32Time64 = Layout{"32-bit, 64-bit time", 4, 8}
	Word32Time32 = Layout{"32-bit, 32-bit time", 4, 4}
)

// layouts are the ABIs that this machine's kernel may speak.
func layouts() []Layout {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		return []Layout{Word64}
	}
	return []Layout{Word32Time64, Word32Time32}
}

// The sizes of the structures that are the same everywhere.
const (
	sizeCapability = 104
	sizeFmtDesc    = 64
	sizeParm       = 204
	sizeReqBufs    = 20
	sizeInterval   = 52
	sizeControl    = 8
	sizeQueryCtrl  = 68
	sizeInt        = 4
)

// bufferAt are the offsets of struct v4l2_buffer.
type bufferAt struct{ sequence, memory, offset, length, size int }

func (l Layout) buffer() bufferAt {
	const indexToField = 5 * 4
	const timecode = 16
	stamp := roundUp(indexToField, l.time)
	var at bufferAt
	at.sequence = stamp + 2*l.time + timecode
	at.memory = at.sequence + 4
	at.offset = at.memory + 4
	at.length = at.offset + l.word
	at.size = roundUp(at.length+4+4+4, max(l.word, l.time))
	return at
}

// pixAt is where the picture's format stands in struct v4l2_format: a union with
// pointers, aligned to a word.
func (l Layout) pixAt() int { return l.word }

func (l Layout) formatSize() int { return l.word + 200 }

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// The requests. The size of a structure is part of its number, so a wrong layout
// is refused as an unknown request and never written over.
const (
	write = 1
	read  = 2
)

func request(direction, number, size int) uint32 {
	return uint32(direction)<<30 | uint32(size)<<16 | 'V'<<8 | uint32(number)
}

// Requests are the numbers of one ABI.
type Requests struct {
	QueryCap, EnumFmt, SetFmt, ReqBufs, QueryBuf, Queue, Dequeue uint32
	StreamOn, StreamOff, SetParm, GetCtrl, SetCtrl               uint32
	QueryCtrl, EnumIntervals                                     uint32
}

// Requests gives the numbers of this ABI.
func (l Layout) Requests() Requests {
	buffer := l.buffer().size
	return Requests{
		QueryCap:      request(read, 0, sizeCapability),
		EnumFmt:       request(read|write, 2, sizeFmtDesc),
		SetFmt:        request(read|write, 5, l.formatSize()),
		ReqBufs:       request(read|write, 8, sizeReqBufs),
		QueryBuf:      request(read|write, 9, buffer),
		Queue:         request(read|write, 15, buffer),
		Dequeue:       request(read|write, 17, buffer),
		StreamOn:      request(write, 18, sizeInt),
		StreamOff:     request(write, 19, sizeInt),
		SetParm:       request(read|write, 22, sizeParm),
		GetCtrl:       request(read|write, 27, sizeControl),
		SetCtrl:       request(read|write, 28, sizeControl),
		QueryCtrl:     request(read|write, 36, sizeQueryCtrl),
		EnumIntervals: request(read|write, 75, sizeInterval),
	}
}

// The one kind of buffer and of memory that is used here.
const (
	TypeCapture uint32 = 1
	MemoryMmap  uint32 = 1
)

var order = binary.NativeEndian

func get(b []byte, at int) uint32    { return order.Uint32(b[at:]) }
func put(b []byte, at int, v uint32) { order.PutUint32(b[at:], v) }

// PutBuffer writes struct v4l2_buffer.
func (l Layout) PutBuffer(b []byte, v Buffer) {
	at := l.buffer()
	clear(b[:at.size])
	put(b, 0, v.Index)
	put(b, 4, TypeCapture)
	put(b, 8, v.BytesUsed)
	put(b, 12, v.Flags)
	put(b, at.sequence, v.Sequence)
	put(b, at.memory, MemoryMmap)
	put(b, at.offset, v.Offset)
	put(b, at.length, v.Length)
}

// GetBuffer reads struct v4l2_buffer.
func (l Layout) GetBuffer(b []byte) Buffer {
	at := l.buffer()
	return Buffer{Index: get(b, 0), BytesUsed: get(b, 8), Flags: get(b, 12),
		Sequence: get(b, at.sequence), Offset: get(b, at.offset), Length: get(b, at.length)}
}

// PutFormat writes struct v4l2_format.
func (l Layout) PutFormat(b []byte, f Format) {
	clear(b[:l.formatSize()])
	put(b, 0, TypeCapture)
	pix := b[l.pixAt():]
	put(pix, 0, uint32(f.Width))
	put(pix, 4, uint32(f.Height))
	put(pix, 8, uint32(f.Pixels))
	put(pix, 12, 1) // whole frames, not interlaced
	put(pix, 16, uint32(f.BytesPerLine))
	put(pix, 20, uint32(f.SizeImage))
}

// GetFormat reads struct v4l2_format.
func (l Layout) GetFormat(b []byte) Format {
	pix := b[l.pixAt():]
	return Format{Width: int(get(pix, 0)), Height: int(get(pix, 4)), Pixels: FourCC(get(pix, 8)),
		BytesPerLine: int(get(pix, 16)), SizeImage: int(get(pix, 20))}
}
