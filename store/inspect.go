package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Books is a data directory that is looked into: nothing in it is changed.
type Books struct {
	history
	lock *os.File
}

// Inspect reads a journal that must be there already, and that no other process has
// open. The error is ErrBroken when records may be lost; then the Books, if not nil,
// are what can be proven.
func Inspect(dir string) (*Books, error) {
	found, err := readSources(dir)
	if err == nil && found.fresh() {
		err = fmt.Errorf("no journal in %s: %w", dir, os.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	lock, err := takeLock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	if found, err = readSources(dir); err != nil { // again: now nobody changes it
		return nil, errors.Join(err, lock.Close())
	}
	h, err := found.merge()
	return &Books{history: h, lock: lock}, err
}

// Replay gives every record since the last Compact, as the Journal's does.
func (b *Books) Replay(read func(record []byte) error) error { return b.replay(read) }

// Len is the number of the last record, since the terminal's first.
func (b *Books) Len() uint64 { return b.head.seq }

// Head is the hash of the last frame: it stands for all of the records.
func (b *Books) Head() [32]byte { return b.head.hash }

// Findings is what Open would mend.
func (b *Books) Findings() []Finding { return b.findings }

// Close gives the directory free.
func (b *Books) Close() error { return b.lock.Close() }
