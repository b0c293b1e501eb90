package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
)

// A frame is what one Append made durable. It has the same bytes wherever it is
// kept, and they prove themselves, so that a frame is found in what is left of a
// damaged file without knowing anything of that file's order:
//
//	magic    4   ff 'S' 'J' '2': no text has the first byte
//	length   4   of the records, in bytes
//	first    8   the number of the first record, from 1
//	count    4   of the records
//	flags    4
//	before  32   the hash of the frame before it
//	hash    32   SHA-256 over all of the above and the records
//	records      length (4) and bytes, each
//
// All numbers are big endian.
type frame struct {
	text  []byte // all of it
	first uint64
	count uint32
	flags uint32
}

const (
	frameMagic = "\xffSJ2"
	hashAt     = 56
	recordsAt  = hashAt + sha256.Size
	hashedLen  = hashAt // what of the head is under the hash

	flagStart = 1 // it carries all that is needed of what was before
	flagEnd   = 2 // it has no records: the journal was closed after the frame before it
	flagsAll  = flagStart | flagEnd

	recordSize = 1 << 20 // bytes; a record is a few hundred
)

// link is one place in the chain of frames: the number of the last record there
// and the hash of its frame.
type link struct {
	seq  uint64
	hash [sha256.Size]byte
}

// newFrame makes the frame that follows. The error says which record is no record.
func (l link) newFrame(flags uint32, records [][]byte) (frame, error) {
	size := recordsAt
	for _, r := range records {
		if len(r) == 0 || len(r) > recordSize {
			return frame{}, fmt.Errorf("a record of %d bytes is not within 1 to %d", len(r), recordSize)
		}
		size += 4 + len(r)
	}
	f := frame{text: make([]byte, 0, size), first: l.seq + 1, count: uint32(len(records)), flags: flags}
	f.text = append(f.text, frameMagic...)
	f.text = binary.BigEndian.AppendUint32(f.text, uint32(size-recordsAt))
	f.text = binary.BigEndian.AppendUint64(f.text, f.first)
	f.text = binary.BigEndian.AppendUint32(f.text, f.count)
	f.text = binary.BigEndian.AppendUint32(f.text, f.flags)
	f.text = append(f.text, l.hash[:]...)
	f.text = f.text[:recordsAt]
	for _, r := range records {
		f.text = binary.BigEndian.AppendUint32(f.text, uint32(len(r)))
		f.text = append(f.text, r...)
	}
	sum := f.sum()
	copy(f.text[hashAt:], sum[:])
	return f, nil
}

func (f frame) sum() [sha256.Size]byte {
	h := sha256.New()
	_, _ = h.Write(f.text[:hashedLen])
	_, _ = h.Write(f.text[recordsAt:])
	return [sha256.Size]byte(h.Sum(nil))
}

// before is the hash that the frame follows.
func (f frame) before() [sha256.Size]byte {
	return [sha256.Size]byte(f.text[hashAt-sha256.Size : hashAt])
}

// link is the place after the frame.
func (f frame) link() link {
	return link{f.first + uint64(f.count) - 1, [sha256.Size]byte(f.text[hashAt:recordsAt])}
}

// key is the frame's in journal.db.
func (f frame) key() []byte { return binary.BigEndian.AppendUint64(nil, f.first) }

// parseFrame reads the frame that text begins with. It is not one if a single bit
// of it is wrong.
func parseFrame(text []byte) (frame, bool) {
	if len(text) < recordsAt || string(text[:4]) != frameMagic {
		return frame{}, false
	}
	size := recordsAt + uint64(binary.BigEndian.Uint32(text[4:]))
	if size > uint64(len(text)) {
		return frame{}, false
	}
	f := frame{text: text[:size:size], first: binary.BigEndian.Uint64(text[8:]),
		count: binary.BigEndian.Uint32(text[16:]), flags: binary.BigEndian.Uint32(text[20:])}
	if f.flags&^flagsAll != 0 || f.first == 0 || f.sum() != [sha256.Size]byte(text[hashAt:recordsAt]) {
		return frame{}, false
	}
	n := uint32(0)
	for range f.records() {
		n++
	}
	return f, n == f.count && (n > 0) == (f.flags&flagEnd == 0)
}

// records gives the records, in order. The bytes are the frame's own.
func (f frame) records() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		rest := f.text[recordsAt:]
		for len(rest) >= 4 {
			size := uint64(binary.BigEndian.Uint32(rest))
			if size == 0 || size > uint64(len(rest)-4) {
				return
			}
			if !yield(rest[4 : 4+size]) {
				return
			}
			rest = rest[4+size:]
		}
	}
}

// findFrames gives every frame that is whole in the bytes of a file, wherever it
// stands: between torn writes, in pages that bbolt no longer reaches, anywhere.
func findFrames(file []byte) []frame {
	var all []frame
	for {
		at := bytes.Index(file, []byte(frameMagic))
		if at < 0 {
			return all
		}
		file = file[at:]
		f, ok := parseFrame(file)
		if !ok {
			file = file[1:]
			continue
		}
		all = append(all, f)
		file = file[len(f.text):]
	}
}
