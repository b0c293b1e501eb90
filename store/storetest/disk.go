package storetest

import (
	"bytes"
	"errors"
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
	Power   func() Cut // asked at every Append; nil for a power that never fails
	records [][]byte
}

// Open gives the journal of a process. An older one that is still open is dead.
func (d *Disk) Open() (*Session, error) { return &Session{disk: d}, nil }

// Records are the durable records, oldest first. They must not be changed.
func (d *Disk) Records() [][]byte { return d.records }

// Session is a Disk as one process sees it: of no use after a power cut.
type Session struct {
	disk *Disk
	dead bool
}

// Append makes the records durable, all or none.
func (s *Session) Append(records ...[]byte) error {
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
	for _, r := range records {
		s.disk.records = append(s.disk.records, bytes.Clone(r))
	}
	if cut == CutAfter {
		return ErrPowerCut
	}
	return nil
}

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
