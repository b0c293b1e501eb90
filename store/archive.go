package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"go.etcd.io/bbolt"
)

// archive is archive.db: transactions that are settled and at rest.
//
//	entries   name -> entry
//	refs      another number of it -> name
//	days      day, 0, name -> nothing: what is dropped first
//
// It is opened when it is first needed, so that a damaged one stops no sale. Each
// entry proves itself, and is not believed else. A file that bbolt can't use is set
// aside, and every entry that is whole in it is carried over to a new one.
type archive struct {
	dir      string
	db       *bbolt.DB
	waiting  []entry // given to Archive, and not durable yet
	findings []Finding
}

// The limits of the archive.
const (
	archiveName  = "archive.db"
	archiveGroup = 500     // entries that one commit takes
	dropsMax     = 5_000   // entries that one Drop removes: the next one goes on
	entrySize    = 1 << 20 // bytes
)

var (
	entryBucket = []byte("entries")
	refBucket   = []byte("refs")
	dayBucket   = []byte("days")
)

// Archive keeps a transaction that the journal is to forget: by its name, its other
// numbers, and the days on which something happened to it (texts that sort as days
// do; its age counts from the last). It is durable once Compact has returned nil. One
// of that name is replaced.
func (j *Journal) Archive(name string, days, refs []string, text []byte) error {
	e := entry{version: j.head.seq, name: name, days: slices.Sorted(slices.Values(days)),
		refs: refs, text: text}
	if _, ok := parseEntry(e.encode()); !ok || len(days) == 0 || len(text) > entrySize {
		return fmt.Errorf("archive: %q can't be an entry", name)
	}
	j.archive.waiting = append(j.archive.waiting, e)
	return nil
}

// Archived gives an archived transaction by its name or another number of it; nil
// if there is none.
func (j *Journal) Archived(ref string) ([]byte, error) {
	var text []byte
	err := j.archive.use(func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			e, err := find(tx, ref)
			text = bytes.Clone(e.text)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archiveName, err)
	}
	return text, nil
}

func find(tx *bbolt.Tx, ref string) (entry, error) {
	name := []byte(ref)
	value := tx.Bucket(entryBucket).Get(name)
	if value == nil {
		name = tx.Bucket(refBucket).Get(name)
		if name == nil {
			return entry{}, nil
		}
		value = tx.Bucket(entryBucket).Get(name)
	}
	e, ok := parseEntry(value)
	if !ok || !e.has(ref) {
		return entry{}, fmt.Errorf("%w: what stands for %q is not it", errDamaged, ref)
	}
	return e, nil
}

// ArchivedOn gives every archived transaction of a day to read.
func (j *Journal) ArchivedOn(day string, read func(text []byte) error) error {
	err := j.archive.use(func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			c := tx.Bucket(dayBucket).Cursor()
			prefix := []byte(day + "\x00")
			for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
				e, err := find(tx, string(k[len(prefix):]))
				if err != nil {
					return err
				}
				if e.text != nil {
					if err := read(e.text); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", archiveName, err)
	}
	return nil
}

// Entries gives every archived transaction to read, by name.
func (j *Journal) Entries(read func(text []byte) error) error {
	err := j.archive.use(func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			return tx.Bucket(entryBucket).ForEach(func(_, value []byte) error {
				e, ok := parseEntry(value)
				if !ok {
					return fmt.Errorf("%w: an entry is not whole", errDamaged)
				}
				return read(e.text)
			})
		})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", archiveName, err)
	}
	return nil
}

// Drop removes what is of before a day, dropsMax at most, and says how many it were.
func (j *Journal) Drop(before string) (int, error) {
	n := 0
	err := j.archive.use(func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			var old [][]byte
			days := tx.Bucket(dayBucket).Cursor()
			for k, _ := days.First(); k != nil && string(k) < before && len(old) < dropsMax; k, _ = days.Next() {
				old = append(old, bytes.Clone(k))
			}
			n = len(old)
			return dropDays(tx, old)
		})
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", archiveName, err)
	}
	return n, nil
}

func dropDays(tx *bbolt.Tx, keys [][]byte) error {
	for _, k := range keys {
		_, name, _ := bytes.Cut(k, []byte{0})
		e, ok := parseEntry(tx.Bucket(entryBucket).Get(name))
		if ok && e.dayKey(e.days[len(e.days)-1]) == string(k) {
			for _, ref := range e.refs {
				if err := tx.Bucket(refBucket).Delete([]byte(ref)); err != nil {
					return err
				}
			}
			if err := tx.Bucket(entryBucket).Delete(name); err != nil {
				return err
			}
		}
		if err := tx.Bucket(dayBucket).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// flush makes what waits durable.
func (a *archive) flush() error {
	for len(a.waiting) > 0 {
		group := a.waiting[:min(archiveGroup, len(a.waiting))]
		if err := a.use(func(db *bbolt.DB) error { return putEntries(db, group) }); err != nil {
			return fmt.Errorf("%s: %w", archiveName, err)
		}
		a.waiting = a.waiting[len(group):]
	}
	a.waiting = nil
	return nil
}

func putEntries(db *bbolt.DB, group []entry) error {
	return db.Update(func(tx *bbolt.Tx) error {
		for _, e := range group {
			if err := putEntry(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func putEntry(tx *bbolt.Tx, e entry) error {
	if err := tx.Bucket(entryBucket).Put([]byte(e.name), e.encode()); err != nil {
		return err
	}
	for _, ref := range e.refs {
		if err := tx.Bucket(refBucket).Put([]byte(ref), []byte(e.name)); err != nil {
			return err
		}
	}
	for _, day := range e.days {
		if err := tx.Bucket(dayBucket).Put([]byte(e.dayKey(day)), nil); err != nil {
			return err
		}
	}
	return nil
}

// errDamaged is what makes the archive be mended.
var errDamaged = errors.New("damaged")

// use opens the archive if it is not open, and mends it, once, if it is damaged.
func (a *archive) use(do func(*bbolt.DB) error) error {
	err := guard(func() error { return a.try(do) })
	if !errors.Is(err, errDamaged) {
		return err
	}
	if err := a.mend(err); err != nil {
		return err
	}
	return guard(func() error { return a.try(do) })
}

func (a *archive) try(do func(*bbolt.DB) error) error {
	if a.db == nil {
		db, err := openArchive(a.dir)
		if err != nil {
			return err
		}
		a.db = db
	}
	return do(a.db)
}

// guard turns what bbolt does with a damaged file, a panic or a fault, into
// errDamaged.
func guard(do func() error) (err error) {
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", errDamaged, fault)
		}
	}()
	return do()
}

func openArchive(dir string) (*bbolt.DB, error) {
	path := filepath.Join(dir, archiveName)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return newArchive(dir, nil)
	case err != nil:
		return nil, err
	}
	if err := ownFile(path, info); err != nil {
		return nil, err
	}
	db, err := openBolt(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return db, nil
}

// newArchive writes an archive with these entries under its name.
func newArchive(dir string, entries []entry) (*bbolt.DB, error) {
	aside := filepath.Join(dir, archiveName+newSuffix)
	if err := ignoreMissing(os.Remove(aside)); err != nil {
		return nil, err
	}
	db, err := openBolt(aside)
	if err != nil {
		return nil, err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{entryBucket, refBucket, dayBucket} {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return nil
	})
	for len(entries) > 0 && err == nil {
		n := min(archiveGroup, len(entries))
		err = putEntries(db, entries[:n])
		entries = entries[n:]
	}
	if err = errors.Join(err, db.Sync()); err == nil {
		err = putInPlace(dir, archiveName)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close(), ignoreMissing(os.Remove(aside)))
	}
	return db, nil
}

// mend carries every whole entry over to a new file.
func (a *archive) mend(cause error) error {
	_ = guard(a.close)
	a.db = nil
	file, err := readOwn(filepath.Join(a.dir, archiveName))
	if err != nil {
		return err
	}
	entries := findEntries(file)
	keepDamaged(a.dir, archiveName)
	db, err := newArchive(a.dir, entries)
	if err != nil {
		return err
	}
	a.db = db
	a.findings = append(a.findings, Finding{FoundArchive,
		fmt.Sprintf("%v; %d entries are whole", cause, len(entries))})
	return nil
}

func (a *archive) close() error {
	if a.db == nil {
		return nil
	}
	db := a.db
	a.db = nil
	return db.Close()
}
