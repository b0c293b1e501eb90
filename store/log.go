package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// log is journal.log: what an Append is durable in.
//
//	0          a line for people
//	markAt     an end frame: how far the records went when the file was made. What
//	           does not go so far any more has lost something
//	headLen    the ring, ringLen bytes: the frames since journal.db was brought up
//	           to date, once more
//	areaStart  every frame since the last start, one after the other, then zeros
//
// The ring makes that no frame has its only copy in one place: a rotten page, or an
// end that was cut off, takes one of two. What lies before the ring's frames is in
// journal.db. Both are written before the one fdatasync of an Append. The file is
// filled with zeros in steps of chunkLen ahead of its use, so that a sync has no
// new size to write down and a full disk is met before a frame is on its way.
type log struct {
	f       *os.File
	end     int64 // of the frames in the area
	size    int64 // of the file
	ring    int   // bytes used of it
	written uint64
}

const (
	logName   = "journal.log"
	logLine   = "saoma terminal journal, format 2: see the package store. Do not edit.\n"
	markAt    = 512
	headLen   = 4096
	ringLen   = 64 << 10
	areaStart = headLen + ringLen
	chunkLen  = 64 << 10
)

// newLog writes a log with these frames under its name and opens it. Whatever had
// the name is replaced at once, or, after an error, not at all.
func newLog(dir string, frames []frame, head link) (*log, error) {
	aside := filepath.Join(dir, logName+newSuffix)
	f, err := os.OpenFile(aside, os.O_RDWR|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	l := &log{f: f, end: areaStart}
	if err := l.fill(frames, head); err != nil {
		return nil, discard(err, f)
	}
	if err := putInPlace(dir, logName); err != nil {
		return nil, discard(err, f)
	}
	return l, nil
}

func (l *log) fill(frames []frame, head link) error {
	mark, err := head.newFrame(flagEnd, nil)
	if err != nil {
		return err
	}
	page := make([]byte, headLen)
	copy(page, logLine)
	copy(page[markAt:], mark.text)
	if err := l.write(page, 0); err != nil {
		return err
	}
	if err := l.write(make([]byte, ringLen), headLen); err != nil {
		return err
	}
	l.size = areaStart
	for _, f := range frames {
		if err := l.makeRoom(len(f.text)); err != nil {
			return err
		}
		if err := l.write(f.text, l.end); err != nil {
			return err
		}
		l.end += int64(len(f.text))
	}
	if err := l.makeRoom(1); err != nil {
		return err
	}
	return l.f.Sync()
}

// fitsRing says whether the ring has room for a frame.
func (l *log) fitsRing(f frame) bool { return l.ring+len(f.text) <= ringLen }

// append makes the frame durable.
func (l *log) append(f frame) error {
	if err := l.makeRoom(len(f.text)); err != nil {
		return err
	}
	if err := l.write(f.text, l.end); err != nil {
		return err
	}
	if l.fitsRing(f) {
		if err := l.write(f.text, int64(headLen+l.ring)); err != nil {
			return err
		}
		l.ring += len(f.text)
	}
	if err := unix.Fdatasync(int(l.f.Fd())); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	l.end += int64(len(f.text))
	return nil
}

// makeRoom fills the file up with zeros for n bytes more.
func (l *log) makeRoom(n int) error {
	for l.size < l.end+int64(n) {
		if err := l.write(make([]byte, chunkLen), l.size); err != nil {
			return err
		}
		l.size += chunkLen
	}
	return nil
}

func (l *log) write(text []byte, at int64) error {
	n, err := l.f.WriteAt(text, at)
	l.written += uint64(n)
	return err
}

// logIsWhole says whether the bytes can be all of a log: then the last frame in
// them is the last one that was ever acknowledged. A file that was cut off within
// its ring can't tell.
func logIsWhole(file []byte) bool {
	return len(file) >= areaStart && bytes.HasPrefix(file, []byte(logLine)) ||
		len(file) >= areaStart+chunkLen
}
