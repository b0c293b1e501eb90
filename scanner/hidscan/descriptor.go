package hidscan

import (
	"errors"
	"fmt"
)

// The limits of a report descriptor. The kernel's own for its length is the same.
const (
	descriptorMax = 4096     // bytes
	reportBitsMax = 8 * 4096 // of one report
	pushMax       = 16
	nestingMax    = 32
	fieldsMax     = 1024
	usagesMax     = 256 // of one field
)

// The kinds of main items that make fields.
const (
	inputItem  = 8
	outputItem = 9
)

// field is a run of equal values in a report that mean the same.
type field struct {
	item   byte // inputItem or outputItem
	report byte // its report's number, 0 if reports have none
	usage  uint32
	offset int // bits from the report's begin, its number not counted
	size   int // bits of one value
	count  int
}

// descriptor says what stands in the reports of a device.
type descriptor struct {
	fields   []field
	numbered bool            // a report begins with its number
	bits     map[[2]byte]int // the length of a report by item and number, bits
}

// usages are a range of usages.
type usages struct{ first, last uint32 }

// globals hold until they are set anew; push and pop keep them.
type globals struct {
	page, size, count uint32
	report            byte
}

// parser reads a descriptor item by item.
type parser struct {
	descriptor
	globals
	stack   []globals
	nesting int

	// Of the next main item only.
	usages  []usages
	minimum uint32
}

// parseDescriptor reads what a device says of its reports. It takes any bytes.
func parseDescriptor(p []byte) (descriptor, error) {
	if len(p) > descriptorMax {
		return descriptor{}, fmt.Errorf("a report descriptor of %d bytes; at most %d", len(p), descriptorMax)
	}
	d := parser{descriptor: descriptor{bits: map[[2]byte]int{}}}
	for at := 0; at < len(p); {
		body, next, err := item(p, at)
		if err != nil {
			return descriptor{}, err
		}
		if err := d.take(p[at], value(body), len(body)); err != nil {
			return descriptor{}, fmt.Errorf("report descriptor, byte %d: %w", at, err)
		}
		at = next
	}
	if d.nesting != 0 {
		return descriptor{}, errors.New("report descriptor: a collection has no end")
	}
	return d.descriptor, nil
}

// longItem is the head of an item that says its length in the next byte. None is
// defined yet; they are passed over.
const longItem = 0xfe

// item gives the body of the item at a place, and where the next one begins.
func item(p []byte, at int) (body []byte, next int, err error) {
	head, begin := p[at], at+1
	size := int(head & 3)
	if size == 3 {
		size = 4
	}
	if head == longItem {
		if at+1 >= len(p) {
			return nil, 0, fmt.Errorf("report descriptor, byte %d: it ends in an item", at)
		}
		size, begin = int(p[at+1]), at+3
	}
	if begin+size > len(p) {
		return nil, 0, fmt.Errorf("report descriptor, byte %d: it ends in an item", at)
	}
	return p[begin : begin+size], begin + size, nil
}

// value is a little-endian number of up to four bytes.
func value(body []byte) (v uint32) {
	for i, b := range body[:min(len(body), 4)] {
		v |= uint32(b) << (8 * i)
	}
	return v
}

// take takes one item. Its head is its tag, its type, and its size.
func (d *parser) take(head byte, v uint32, size int) error {
	if head == longItem {
		return nil
	}
	switch tag := head >> 4; head >> 2 & 3 {
	case 0:
		defer d.forget()
		return d.main(tag, v)
	case 1:
		return d.global(tag, v)
	case 2:
		return d.local(tag, v, size)
	}
	return nil // reserved
}

func (d *parser) main(tag byte, v uint32) error {
	switch tag {
	case inputItem, outputItem:
		return d.add(tag, v)
	case 10:
		if d.nesting++; d.nesting > nestingMax {
			return fmt.Errorf("more than %d collections in each other", nestingMax)
		}
	case 12:
		if d.nesting--; d.nesting < 0 {
			return errors.New("the end of no collection")
		}
	}
	return nil // features are not read
}

func (d *parser) global(tag byte, v uint32) error {
	switch tag {
	case 0:
		d.page = v
	case 7:
		d.size = v
	case 8:
		if v == 0 || v > 0xff {
			return fmt.Errorf("%d is no number of a report", v)
		}
		d.report, d.numbered = byte(v), true
	case 9:
		d.count = v
	case 10:
		if len(d.stack) == pushMax {
			return fmt.Errorf("more than %d pushes", pushMax)
		}
		d.stack = append(d.stack, d.globals)
	case 11:
		if len(d.stack) == 0 {
			return errors.New("a pop without its push")
		}
		d.globals, d.stack = d.stack[len(d.stack)-1], d.stack[:len(d.stack)-1]
	}
	return nil
}

// local takes usages. One of four bytes has its page with it.
func (d *parser) local(tag byte, v uint32, size int) error {
	if size < 4 {
		v |= d.page << 16
	}
	switch tag {
	case 0:
		d.usages = append(d.usages, usages{v, v})
	case 1:
		d.minimum = v
	case 2:
		d.usages = append(d.usages, usages{d.minimum, max(v, d.minimum)})
	}
	if len(d.usages) > usagesMax {
		return fmt.Errorf("more than %d usages of one field", usagesMax)
	}
	return nil
}

func (d *parser) forget() { d.usages, d.minimum = d.usages[:0], 0 }

// Bits of a main item's value.
const (
	isConstant = 1
	isVariable = 2
)

// add adds the fields of one item: a run of values for each usage, the last of which
// holds for all values that are left. Padding has none. An array, whose values are
// usages themselves, is one field of its first usage.
func (d *parser) add(kind byte, flags uint32) error {
	key := [2]byte{kind, d.report}
	at := d.bits[key]
	if d.size > reportBitsMax || d.count > reportBitsMax || at+int(d.size*d.count) > reportBitsMax {
		return fmt.Errorf("report %d is longer than %d bytes", d.report, reportBitsMax/8)
	}
	size, left := int(d.size), int(d.count)
	d.bits[key] = at + size*left
	if flags&isConstant != 0 || size == 0 {
		return nil
	}
	for i, u := range d.usages {
		for usage := u.first; left > 0; usage++ {
			last := i == len(d.usages)-1 && usage == u.last
			n := 1
			if last || flags&isVariable == 0 {
				n = left
			}
			if len(d.fields) == fieldsMax {
				return fmt.Errorf("more than %d fields", fieldsMax)
			}
			d.fields = append(d.fields, field{kind, d.report, usage, at, size, n})
			at, left = at+n*size, left-n
			if usage == u.last {
				break
			}
		}
	}
	return nil
}
