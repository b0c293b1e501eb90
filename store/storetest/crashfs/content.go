package crashfs

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"os"
	"slices"
)

const pageLen = 4096 // bytes

// page is never changed once it is made, so that thousands of states share it.
type page struct {
	bytes [pageLen]byte
	sum   uint64 // of the bytes; 0 for zeros
}

var (
	sumSeed  = maphash.MakeSeed()
	zeroPage = &page{} // takes room on the disk, as a hole does not
)

// content is what a file holds. Its zero value is an empty file.
type content struct {
	size  int64
	pages []*page // nil is a hole
}

func (c *content) clone() *content { return &content{c.size, slices.Clone(c.pages)} }

func (c *content) resize(size int64) {
	c.size = size
	n := int((size + pageLen - 1) / pageLen)
	if n > len(c.pages) {
		c.pages = append(c.pages, make([]*page, n-len(c.pages))...)
	}
	clear(c.pages[n:])
	c.pages = c.pages[:n]
}

// truncate sets the size. What is cut off reads as zeros if the file grows again.
func (c *content) truncate(size int64) {
	if tail := size % pageLen; size < c.size && tail != 0 {
		c.write(make([]byte, pageLen-tail), size)
	}
	c.resize(size)
}

// allocate takes room for n bytes at off, and makes the file as long as that.
func (c *content) allocate(off, n int64) {
	c.resize(max(c.size, off+n))
	for i := off / pageLen; i*pageLen < off+n; i++ {
		if c.pages[i] == nil {
			c.pages[i] = zeroPage
		}
	}
}

// missing is how many bytes of room allocate or write of n bytes at off would take.
func (c *content) missing(off, n int64) int64 {
	room := int64(0)
	for i := off / pageLen; i*pageLen < off+n; i++ {
		if i >= int64(len(c.pages)) || c.pages[i] == nil {
			room += pageLen
		}
	}
	return room
}

// room is how many bytes of the disk the file takes.
func (c *content) room() int64 {
	n := int64(0)
	for _, p := range c.pages {
		if p != nil {
			n += pageLen
		}
	}
	return n
}

func (c *content) write(text []byte, off int64) {
	c.resize(max(c.size, off+int64(len(text))))
	for len(text) > 0 {
		i, within := off/pageLen, int(off%pageLen)
		var next page
		if old := c.pages[i]; old != nil {
			next.bytes = old.bytes
		}
		n := copy(next.bytes[within:], text)
		c.pages[i] = made(&next)
		text, off = text[n:], off+int64(n)
	}
}

func made(p *page) *page {
	if p.bytes == zeroPage.bytes {
		return zeroPage
	}
	p.sum = maphash.Bytes(sumSeed, p.bytes[:])
	return p
}

// read fills b from off, and says how many bytes there were.
func (c *content) read(b []byte, off int64) int {
	if off >= c.size {
		return 0
	}
	b = b[:min(int64(len(b)), c.size-off)]
	for at := 0; at < len(b); {
		p, within := c.pages[(off+int64(at))/pageLen], (off+int64(at))%pageLen
		if p == nil {
			p = zeroPage
		}
		at += copy(b[at:], p.bytes[within:])
	}
	return len(b)
}

// addTo adds what the file holds to a sum. Holes and zeros count as the same.
func (c *content) addTo(sum *maphash.Hash) {
	text := binary.BigEndian.AppendUint64(nil, uint64(c.size))
	for i, p := range c.pages {
		if p != nil && p != zeroPage {
			text = binary.BigEndian.AppendUint64(text, uint64(i))
			text = binary.BigEndian.AppendUint64(text, p.sum)
		}
	}
	_, _ = sum.Write(text)
}

// writeTo writes the content to an empty file; zeros become holes.
func (c *content) writeTo(f *os.File) error {
	if err := f.Truncate(c.size); err != nil {
		return err
	}
	for i := 0; i < len(c.pages); {
		var run bytes.Buffer
		at := int64(i) * pageLen
		for ; i < len(c.pages) && c.pages[i] != nil && c.pages[i] != zeroPage; i++ {
			run.Write(c.pages[i].bytes[:])
		}
		if run.Len() == 0 {
			i++
			continue
		}
		text := run.Bytes()[:min(int64(run.Len()), c.size-at)]
		if _, err := f.WriteAt(text, at); err != nil {
			return err
		}
	}
	return nil
}
