// Package store keeps the terminal's records on one disk: a journal whose
// records are chained by SHA-256, in one bbolt file, for one process.
//
// It knows how to make bytes durable, in order, and how to notice that one of
// them is missing or changed. It does not know what the records say.
//
// The layout of a data directory:
//
//	lock         held by the process that has the journal open; never renamed
//	journal.db   bbolt, mode 0600
//	  meta       "format" -> 1; "head" -> sequence (8) and hash (32) of the last record
//	  records    sequence (8, big endian, from 1) -> hash (32) and the record
//
// The hash of a record is SHA-256 over the hash before it, its sequence and its
// bytes; the first one follows 32 zero bytes.
package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// ErrHeld means that another process has the data directory.
var ErrHeld = errors.New("another process has this data directory: " +
	"stop the other terminal first, or use another directory")

// ErrBroken means that a record is missing or changed. Do not sell, say so, and
// keep the file: it is evidence.
var ErrBroken = errors.New("the chain of records is broken")

const (
	fileName   = "journal.db"
	newName    = "journal.db.new"
	lockName   = "lock"
	format     = 1
	headLen    = 8 + sha256.Size
	recordSize = 1 << 20 // bytes; a record is a few hundred
)

var (
	metaBucket   = []byte("meta")
	recordBucket = []byte("records")
	formatKey    = []byte("format")
	headKey      = []byte("head")
)

// Journal is an open data directory. One goroutine may use it.
type Journal struct {
	db   *bbolt.DB
	lock *os.File
	head link
}

// link is one place in the chain of records.
type link struct {
	seq  uint64
	hash [sha256.Size]byte
}

// next is the link of the record that follows.
func (l link) next(record []byte) link {
	h := sha256.New()
	_, _ = h.Write(l.hash[:])
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, l.seq+1))
	_, _ = h.Write(record)
	return link{l.seq + 1, [sha256.Size]byte(h.Sum(nil))}
}

func (l link) key() []byte { return binary.BigEndian.AppendUint64(nil, l.seq) }

func (l link) encode() []byte { return append(l.key(), l.hash[:]...) }

// Open opens the journal in dir, which is made (mode 0700) if it is missing. The
// error is ErrHeld if another process has it. It does not verify the records:
// Replay does.
func Open(dir string) (*Journal, error) {
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	return openIn(dir)
}

// OpenExisting opens a journal that must be there already: to look into it.
func OpenExisting(dir string) (*Journal, error) {
	if _, err := os.Lstat(filepath.Join(dir, fileName)); err != nil {
		return nil, fmt.Errorf("no journal there: %w", err)
	}
	return openIn(dir)
}

func openIn(dir string) (*Journal, error) {
	lock, err := takeLock(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	db, err := openFile(dir)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	j := &Journal{db: db, lock: lock}
	if err := db.View(j.readHead); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// makeDir makes the directory, and refuses one that others may write to.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("data directory %s: mode %04o lets other users change the books; "+
			"chmod 0700 it", dir, mode)
	}
	return nil
}

// takeLock locks a file of its own, since bbolt's may be renamed under a process.
func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errors.Join(ErrHeld, f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// openFile opens journal.db. A missing one is made aside and renamed, because a
// power cut while bbolt creates a file in place leaves one that can't be opened.
func openFile(dir string) (*bbolt.DB, error) {
	path, aside := filepath.Join(dir, fileName), filepath.Join(dir, newName)
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		if err := create(aside); err != nil {
			return nil, fmt.Errorf("create journal: %w", err)
		}
		if err := os.Rename(aside, path); err != nil {
			return nil, fmt.Errorf("create journal: %w", err)
		}
		if err := syncDir(dir); err != nil {
			return nil, fmt.Errorf("create journal: %w", err)
		}
	}
	db, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	return db, nil
}

func open(path string) (*bbolt.DB, error) {
	return bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:      time.Second, // 0 would wait for ever
		FreelistType: bbolt.FreelistMapType,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag|unix.O_NOFOLLOW, mode)
			if err != nil {
				return nil, err
			}
			info, err := f.Stat()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				err = fmt.Errorf("mode %04o lets other users in; chmod 0600 it",
					info.Mode().Perm())
			}
			if err != nil {
				return nil, errors.Join(err, f.Close())
			}
			return f, nil
		},
	})
}

// create makes an empty journal under a name that Open does not look for.
func create(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	db, err := open(path)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		if _, err := tx.CreateBucket(recordBucket); err != nil {
			return err
		}
		meta, err := tx.CreateBucket(metaBucket)
		if err != nil {
			return err
		}
		if err := meta.Put(headKey, link{}.encode()); err != nil {
			return err
		}
		return meta.Put(formatKey, []byte{format})
	})
	return errors.Join(err, db.Sync(), db.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (j *Journal) readHead(tx *bbolt.Tx) error {
	meta := tx.Bucket(metaBucket)
	if meta == nil || tx.Bucket(recordBucket) == nil {
		return fmt.Errorf("%w: a bucket is missing", ErrBroken)
	}
	if v := meta.Get(formatKey); !bytes.Equal(v, []byte{format}) {
		return fmt.Errorf("journal format %x: this release reads format %d", v, format)
	}
	v := meta.Get(headKey)
	if len(v) != headLen {
		return fmt.Errorf("%w: the head has %d bytes", ErrBroken, len(v))
	}
	j.head = link{binary.BigEndian.Uint64(v), [sha256.Size]byte(v[8:])}
	return nil
}

// Append makes the records durable, all or none. After an error nobody knows
// which: close the journal and open it anew.
func (j *Journal) Append(records ...[]byte) error {
	head := j.head
	err := j.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(recordBucket)
		bucket.FillPercent = 0.95 // keys only grow: full pages stay full
		for _, record := range records {
			if len(record) == 0 || len(record) > recordSize {
				return fmt.Errorf("a record of %d bytes is not within 1 to %d",
					len(record), recordSize)
			}
			head = head.next(record)
			value := append(head.hash[:len(head.hash):len(head.hash)], record...)
			if err := bucket.Put(head.key(), value); err != nil {
				return err
			}
		}
		return tx.Bucket(metaBucket).Put(headKey, head.encode())
	})
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	j.head = head
	return nil
}

// Replay gives every record, oldest first, after verifying its place in the
// chain. The bytes are valid only during the call. The error is ErrBroken when
// one is missing or changed, or what read returned.
func (j *Journal) Replay(read func(record []byte) error) error {
	return j.db.View(func(tx *bbolt.Tx) error {
		var at link
		cursor := tx.Bucket(recordBucket).Cursor()
		for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
			if len(v) <= sha256.Size {
				return fmt.Errorf("%w: record %d is cut off", ErrBroken, at.seq+1)
			}
			at = at.next(v[sha256.Size:])
			if !bytes.Equal(k, at.key()) || !bytes.Equal(v[:sha256.Size], at.hash[:]) {
				return fmt.Errorf("%w: record %d is missing or changed", ErrBroken, at.seq)
			}
			if err := read(v[sha256.Size:]); err != nil {
				return fmt.Errorf("record %d: %w", at.seq, err)
			}
		}
		if at != j.head {
			return fmt.Errorf("%w: it ends at record %d, its head says %d",
				ErrBroken, at.seq, j.head.seq)
		}
		return nil
	})
}

// Len is the number of records.
func (j *Journal) Len() uint64 { return j.head.seq }

// Close gives the directory free.
func (j *Journal) Close() error {
	return errors.Join(j.db.Close(), j.lock.Close())
}
