package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// book is journal.db: every frame since the last start, but for those that are in
// the ring of journal.log. It takes them over in groups, since a commit of bbolt
// writes seven pages and syncs twice.
//
//	frames   the number of the first record (8, big endian) -> the frame
//	meta     "closed" -> the end frame, once the journal was closed
//
// It is written anew at each start, from frames that have proven themselves: no
// page that went bad while the terminal was off is ever built upon.
type book struct {
	db      *bbolt.DB
	written uint64
}

const bookName = "journal.db"

var (
	frameBucket = []byte("frames")
	metaBucket  = []byte("meta")
	closedKey   = []byte("closed")
)

// newBook writes a book with these frames under its name and opens it, as newLog.
func newBook(dir string, frames []frame) (*book, error) {
	aside := filepath.Join(dir, bookName+newSuffix)
	if err := ignoreMissing(os.Remove(aside)); err != nil {
		return nil, err
	}
	db, err := openBolt(aside)
	if err != nil {
		return nil, err
	}
	b := &book{db: db}
	err = b.update(func(tx *bbolt.Tx) error {
		if _, err := tx.CreateBucket(metaBucket); err != nil {
			return err
		}
		bucket, err := tx.CreateBucket(frameBucket)
		if err != nil {
			return err
		}
		return putFrames(bucket, frames)
	})
	if err = errors.Join(err, db.Sync()); err == nil {
		err = putInPlace(dir, bookName)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close(), ignoreMissing(os.Remove(aside)))
	}
	return b, nil
}

// add takes frames over.
func (b *book) add(frames []frame) error {
	return b.update(func(tx *bbolt.Tx) error { return putFrames(tx.Bucket(frameBucket), frames) })
}

func putFrames(bucket *bbolt.Bucket, frames []frame) error {
	bucket.FillPercent = 0.95 // keys only grow: full pages stay full
	for _, f := range frames {
		if err := bucket.Put(f.key(), f.text); err != nil {
			return err
		}
	}
	return nil
}

// close notes that nothing came after head, so that the book alone can prove it.
func (b *book) close(head link) error {
	end, err := head.newFrame(flagEnd, nil)
	if err != nil {
		return errors.Join(err, b.db.Close())
	}
	err = b.update(func(tx *bbolt.Tx) error {
		return tx.Bucket(metaBucket).Put(closedKey, end.text)
	})
	return errors.Join(err, b.db.Close())
}

// update also counts what is written: the changed pages and one of the two that
// say where the others are.
func (b *book) update(do func(*bbolt.Tx) error) error {
	before := b.db.Stats()
	if err := b.db.Update(do); err != nil {
		return fmt.Errorf("%s: %w", bookName, err)
	}
	after := b.db.Stats()
	b.written += uint64(after.TxStats.GetPageAlloc() - before.TxStats.GetPageAlloc())
	b.written += uint64(b.db.Info().PageSize)
	return nil
}

// openBolt opens a file of bbolt that is ours alone.
func openBolt(path string) (*bbolt.DB, error) {
	return bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:      time.Second, // 0 would wait for ever
		FreelistType: bbolt.FreelistMapType,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			f, err := os.OpenFile(name, flag|unix.O_NOFOLLOW, mode)
			if err != nil {
				return nil, err
			}
			info, err := f.Stat()
			if err == nil {
				err = ownFile(name, info)
			}
			if err != nil {
				return nil, errors.Join(err, f.Close())
			}
			return f, nil
		},
	})
}
