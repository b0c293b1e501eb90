package hidscan

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// wordLen is the kernel's long, bytes. Two of them, the time, stand at the head of
// each event: so an event has 16 bytes on a 32-bit board and 24 on a 64-bit one.
const wordLen = bits.UintSize / 8

// eventLen is the length of an event whose time has words of that length, bytes.
func eventLen(word int) int { return 2*word + 8 }

// event is one input_event of the kernel, without its time.
type event struct {
	kind, code uint16
	value      int32
}

// The kinds of events, and codes, that matter here; see input-event-codes of Linux.
const (
	evSyn = 0
	evKey = 1
	evLED = 17

	synReport  = 0
	synDropped = 3

	ledNum  = 0
	ledCaps = 1

	released = 0
	pressed  = 1 // 2 is a repeat
)

// readEvents takes apart what one read gave. The kernel gives whole events.
func readEvents(p []byte, word int) ([]event, error) {
	size := eventLen(word)
	if len(p)%size != 0 {
		return nil, fmt.Errorf("%d bytes are no events of %d bytes each", len(p), size)
	}
	events := make([]event, 0, len(p)/size)
	for ; len(p) > 0; p = p[size:] {
		body := p[2*word:]
		events = append(events, event{binary.NativeEndian.Uint16(body),
			binary.NativeEndian.Uint16(body[2:]), int32(binary.NativeEndian.Uint32(body[4:]))})
	}
	return events, nil
}

// appendEvent adds an event, without its time, which the kernel sets.
func appendEvent(p []byte, e event, word int) []byte {
	p = append(p, make([]byte, 2*word)...)
	p = binary.NativeEndian.AppendUint16(p, e.kind)
	p = binary.NativeEndian.AppendUint16(p, e.code)
	return binary.NativeEndian.AppendUint32(p, uint32(e.value))
}

// keySet is a set of keys by their codes, as the kernel gives it: a bit for each.
type keySet [keyMax / 8]byte

// keyMax is how many codes of keys there are.
const keyMax = 768

func (s *keySet) has(code uint16) bool {
	return code < keyMax && s[code/8]>>(code%8)&1 == 1
}

func (s *keySet) set(code uint16, on bool) {
	switch {
	case code >= keyMax:
	case on:
		s[code/8] |= 1 << (code % 8)
	default:
		s[code/8] &^= 1 << (code % 8)
	}
}
