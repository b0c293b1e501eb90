package storetest

import (
	"bytes"
	"errors"
	"maps"
	"slices"
)

// ErrPowerCut is what Append returns when the power fails. Whether the records
// are durable is not in it, as with a real disk.
var ErrPowerCut = errors.New("the power failed")

// Cut says when the power fails during an Append.
type Cut int

// The cuts.
const (
	NoCut     Cut = iota
	CutBefore     // nothing of the Append is durable
	CutAfter      // all of it is durable, but nobody was told
)

// Disk is a journal in memory that survives the processes that use it. It is not
// safe for concurrent use. The zero value is empty and its power never fails.
type Disk struct {
	Power   func() Cut // asked at every Append and Compact; nil for a power that never fails
	records [][]byte
	archive map[string]entry
	all     [][]byte
}

// entry is what was archived.
type entry struct {
	days []string
	refs []string
	text []byte
}

// Open gives the journal of a process. An older one that is still open is dead.
func (d *Disk) Open() (*Session, error) { return &Session{disk: d}, nil }

// All are the records that were ever made durable by Append, oldest first, also
// those that a Compact has replaced. They must not be changed.
func (d *Disk) All() [][]byte { return d.all }

// Entries are the texts of the archive, by name.
func (d *Disk) Entries() map[string][]byte {
	texts := make(map[string][]byte, len(d.archive))
	for name, e := range d.archive {
		texts[name] = e.text
	}
	return texts
}

// Records are the durable records, oldest first. They must not be changed.
func (d *Disk) Records() [][]byte { return d.records }

// Session is a Disk as one process sees it: of no use after a power cut.
type Session struct {
	disk    *Disk
	dead    bool
	waiting map[string]entry
}

// Append makes the records durable, all or none.
func (s *Session) Append(records ...[]byte) error {
	return s.write(func() {
		s.disk.keep(records)
		s.disk.all = append(s.disk.all, s.disk.records[len(s.disk.records)-len(records):]...)
	})
}

// Compact replaces all records by carry, after making durable what was archived.
func (s *Session) Compact(carry ...[]byte) error {
	return s.write(func() {
		for name, e := range s.waiting {
			if s.disk.archive == nil {
				s.disk.archive = map[string]entry{}
			}
			s.disk.archive[name] = e
		}
		s.waiting, s.disk.records = nil, nil
		s.disk.keep(carry)
	})
}

func (s *Session) write(do func()) error {
	if s.dead {
		return ErrPowerCut
	}
	cut := NoCut
	if s.disk.Power != nil {
		cut = s.disk.Power()
	}
	s.dead = cut != NoCut
	if cut == CutBefore {
		return ErrPowerCut
	}
	do()
	if cut == CutAfter {
		return ErrPowerCut
	}
	return nil
}

func (d *Disk) keep(records [][]byte) {
	for _, r := range records {
		d.records = append(d.records, bytes.Clone(r))
	}
}

// Archive keeps a transaction, from the next Compact on.
func (s *Session) Archive(name string, days, refs []string, text []byte) error {
	if s.waiting == nil {
		s.waiting = map[string]entry{}
	}
	s.waiting[name] = entry{slices.Sorted(slices.Values(days)), slices.Clone(refs), bytes.Clone(text)}
	return nil
}

// Archived gives what was archived under a name or another number.
func (s *Session) Archived(ref string) ([]byte, error) {
	if s.dead {
		return nil, ErrPowerCut
	}
	if e, ok := s.disk.archive[ref]; ok {
		return bytes.Clone(e.text), nil
	}
	for _, e := range s.disk.archive {
		if slices.Contains(e.refs, ref) {
			return bytes.Clone(e.text), nil
		}
	}
	return nil, nil
}

// ArchivedOn gives what was archived of a day.
func (s *Session) ArchivedOn(day string, read func(text []byte) error) error {
	for _, name := range slices.Sorted(maps.Keys(s.disk.archive)) {
		if e := s.disk.archive[name]; slices.Contains(e.days, day) {
			if err := read(e.text); err != nil {
				return err
			}
		}
	}
	return nil
}

// Drop removes what was archived of before a day.
func (s *Session) Drop(before string) (int, error) {
	n := 0
	for name, e := range s.disk.archive {
		if e.days[len(e.days)-1] < before {
			delete(s.disk.archive, name)
			n++
		}
	}
	return n, nil
}

// Low says that there is always room.
func (s *Session) Low() bool { return false }

// Replay gives every durable record, oldest first.
func (s *Session) Replay(read func(record []byte) error) error {
	if s.dead {
		return ErrPowerCut
	}
	for _, r := range s.disk.records {
		if err := read(r); err != nil {
			return err
		}
	}
	return nil
}

// Close ends this process's view of the disk.
func (s *Session) Close() error {
	s.dead = true
	return nil
}
