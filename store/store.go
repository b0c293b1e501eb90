// Package store keeps the terminal's records on one disk, for one process: a
// journal that opens by itself after any single damage, or says what it can't
// prove, and an archive of what is settled.
//
// It knows how to make bytes durable, in order, and how to notice that one of them
// is missing or changed. It does not know what the records say.
//
// The layout of a data directory:
//
//	lock           held by the process that has it open; never renamed
//	journal.log    what an Append is durable in: one write, one sync
//	journal.db     bbolt: the same, brought up to date in groups
//	archive.db     bbolt: what was settled, for refunds and the office
//	reserve        room for the day on which the disk is full
//	*.new          being made;  *.damaged: kept as evidence
//
// Each record is in two places from the moment it is acknowledged: in journal.log,
// and in that file's ring or in journal.db. See log, book and merge.
package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrHeld means that another process has the data directory.
var ErrHeld = errors.New("another process has this data directory: " +
	"stop the other terminal first, or use another directory")

// Journal is an open data directory. One goroutine may use it.
type Journal struct {
	dir      string
	lock     *os.File
	log      *log
	book     *book
	archive  *archive
	reserve  reserve
	head     link
	unbooked []frame // in the ring, and not in journal.db
	findings []Finding
	written  uint64 // by logs and books of before
	broken   error  // of the last use: nobody knows what is durable
}

// Open opens the journal in dir, which is made (mode 0700) if it is missing. It
// mends what was damaged; see Findings. The error is ErrHeld if another process has
// it, and ErrBroken if acknowledged records may be lost.
func Open(dir string) (*Journal, error) {
	return open(dir, func(s sources) (history, error) { return s.merge() })
}

// AcceptLoss opens a journal that Open says is broken, with the records that can be
// proven. The damaged files are kept. Only a person may decide so.
func AcceptLoss(dir string) (*Journal, error) {
	return open(dir, func(s sources) (history, error) {
		h, err := s.merge()
		if errors.Is(err, ErrBroken) {
			h.findings = append(h.findings, Finding{FoundLoss, err.Error()})
			keepDamaged(dir, logName)
			keepDamaged(dir, bookName)
			err = nil
		}
		return h, err
	})
}

func open(dir string, prove func(sources) (history, error)) (*Journal, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	lock, err := takeLock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, lock: lock, reserve: reserve{dir: dir}, archive: &archive{dir: dir}}
	if err := j.restore(prove); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal in %s: %w", dir, err), j.Close())
	}
	return j, nil
}

// restore writes both files anew with what the old ones prove.
func (j *Journal) restore(prove func(sources) (history, error)) error {
	found, err := readSources(j.dir)
	if err != nil {
		return err
	}
	h, err := prove(found)
	if err != nil {
		return err
	}
	j.findings = h.findings
	for _, f := range h.findings {
		switch f.Code {
		case FoundLog:
			keepDamaged(j.dir, logName)
		case FoundBook:
			keepDamaged(j.dir, bookName)
		}
	}
	j.reserve.fill()
	return j.rewrite(h.frames, h.head, found.fresh())
}

func readSources(dir string) (sources, error) {
	var s sources
	var err error
	if s.log, err = readOwn(filepath.Join(dir, logName)); err != nil {
		return s, err
	}
	s.book, err = readOwn(filepath.Join(dir, bookName))
	return s, err
}

// rewrite replaces both files. The order is such that, wherever the power fails,
// what is there proves itself: journal.log is the first file of a directory, so one
// that is missing was lost; later it is the last to be replaced, so that no frame's
// only copy is in it.
func (j *Journal) rewrite(frames []frame, head link, logFirst bool) error {
	var log *log
	var book *book
	makeLog := func() (err error) { log, err = newLog(j.dir, frames, head); return err }
	makeBook := func() (err error) { book, err = newBook(j.dir, frames); return err }
	steps := []func() error{makeBook, makeLog}
	if logFirst {
		steps = []func() error{makeLog, makeBook}
	}
	for _, step := range steps {
		if err := j.reserve.retry(step); err != nil {
			if log != nil {
				err = errors.Join(err, log.f.Close())
			}
			if book != nil {
				err = errors.Join(err, book.db.Close())
			}
			return err
		}
	}
	err := j.closeFiles()
	j.log, j.book, j.head, j.unbooked = log, book, head, nil
	return err
}

// Append makes the records durable, all or none. After an error nobody knows
// which: close the journal and open it anew.
func (j *Journal) Append(records ...[]byte) error {
	if j.broken != nil {
		return fmt.Errorf("append: the journal must be opened anew: %w", j.broken)
	}
	f, err := j.head.newFrame(0, records)
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if err := j.append(f); err != nil {
		j.broken = err
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

func (j *Journal) append(f frame) error {
	if !j.log.fitsRing(f) {
		if err := j.bringUp(); err != nil {
			return err
		}
	}
	if err := j.reserve.retry(func() error { return j.log.append(f) }); err != nil {
		return fmt.Errorf("%s: %w", logName, err)
	}
	j.head = f.link()
	j.unbooked = append(j.unbooked, f)
	if len(f.text) > ringLen {
		return j.bringUp() // it is not in the ring
	}
	return nil
}

// bringUp brings journal.db up to date. Then the ring is free.
func (j *Journal) bringUp() error {
	if len(j.unbooked) == 0 {
		return nil
	}
	if err := j.reserve.retry(func() error { return j.book.add(j.unbooked) }); err != nil {
		return err
	}
	j.unbooked, j.log.ring = nil, 0
	return nil
}

// Replay gives every record since the last Compact, oldest first, after verifying
// its place. The bytes are valid only during the call. The error is ErrBroken when
// one is missing or changed, or what read returned.
func (j *Journal) Replay(read func(record []byte) error) error {
	file, err := os.ReadFile(filepath.Join(j.dir, logName))
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	h, err := chain(findFrames(file))
	if err != nil {
		return err
	}
	if h.head != j.head {
		return fmt.Errorf("%w: %s ends at record %d, not at %d", ErrBroken, logName,
			h.head.seq, j.head.seq)
	}
	return h.replay(read)
}

func (h history) replay(read func(record []byte) error) error {
	for _, f := range h.frames {
		seq := f.first
		for record := range f.records() {
			if err := read(record); err != nil {
				return fmt.Errorf("record %d: %w", seq, err)
			}
			seq++
		}
	}
	return nil
}

// Compact replaces all records by carry: what is still needed of them. It is all or
// nothing, as an Append is. What was given to Archive is durable first.
func (j *Journal) Compact(carry ...[]byte) error {
	if j.broken != nil {
		return fmt.Errorf("compact: the journal must be opened anew: %w", j.broken)
	}
	f, err := j.head.newFrame(flagStart, carry)
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	if err = j.reserve.retry(j.archive.flush); err == nil {
		err = j.rewrite([]frame{f}, f.link(), false)
	}
	if err != nil {
		j.broken = err
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

// Empty forgets everything but carry, also the archive.
func (j *Journal) Empty(carry ...[]byte) error {
	j.archive.waiting = nil
	if err := j.Compact(carry...); err != nil {
		return err
	}
	err := j.archive.close()
	for _, name := range []string{archiveName, archiveName + damagedSuffix,
		logName + damagedSuffix, bookName + damagedSuffix} {
		err = errors.Join(err, ignoreMissing(os.Remove(filepath.Join(j.dir, name))))
	}
	return errors.Join(err, syncDir(j.dir))
}

// Len is the number of the last record, since the terminal's first.
func (j *Journal) Len() uint64 { return j.head.seq }

// Head is the hash of the last frame: it stands for all of the records.
func (j *Journal) Head() [32]byte { return j.head.hash }

// Written is how many bytes were given to the disk since Open, the archive's not
// counted.
func (j *Journal) Written() uint64 { return j.written + j.fileBytes() }

func (j *Journal) fileBytes() uint64 {
	var n uint64
	if j.log != nil {
		n += j.log.written
	}
	if j.book != nil {
		n += j.book.written
	}
	return n
}

// Findings is what was mended since Open.
func (j *Journal) Findings() []Finding { return append(j.findings, j.archive.findings...) }

// Low says whether the disk is so full that only what is under way may be ended.
// It tries to get out of that.
func (j *Journal) Low() bool {
	j.reserve.fill()
	return !j.reserve.here
}

// Close gives the directory free.
func (j *Journal) Close() error {
	var err error
	if j.book != nil && j.broken == nil {
		if err = j.bringUp(); err == nil {
			err = j.book.close(j.head)
			j.book = nil
		}
	}
	return errors.Join(err, j.closeFiles(), j.archive.close(), j.lock.Close())
}

// closeFiles closes both files as they are.
func (j *Journal) closeFiles() error {
	j.written += j.fileBytes()
	var err error
	if j.log != nil {
		err = j.log.f.Close()
	}
	if j.book != nil {
		err = errors.Join(err, j.book.db.Close())
	}
	j.log, j.book = nil, nil
	return err
}
