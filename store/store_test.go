package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"saoma/terminal/store/storetest"
)

func TestJournalKeepsTheContract(t *testing.T) {
	storetest.Suite(t, func(t *testing.T) func() (storetest.Journal, error) {
		dir := filepath.Join(t.TempDir(), "books")
		return func() (storetest.Journal, error) { return Open(dir) }
	})
}

// filled makes a journal of three records and closes it.
func filled(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "books")
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []string{"one", "two", "three"} {
		if err := j.Append([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// replayAfter changes the closed file behind the journal's back, and replays it.
func replayAfter(t *testing.T, change func(records, meta *bbolt.Bucket) error) error {
	t.Helper()
	dir := filled(t)
	db, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return change(tx.Bucket(recordBucket), tx.Bucket(metaBucket))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	j, err := Open(dir)
	if err != nil {
		return err
	}
	defer j.Close()
	return j.Replay(func([]byte) error { return nil })
}

func TestEveryTamperedJournalIsBroken(t *testing.T) {
	key := func(seq uint64) []byte { return link{seq: seq}.key() }
	for name, change := range map[string]func(records, meta *bbolt.Bucket) error{
		"a byte of a record is changed": func(b, _ *bbolt.Bucket) error {
			v := slices.Clone(b.Get(key(2)))
			v[len(v)-1] ^= 1
			return b.Put(key(2), v)
		},
		"a byte of a hash is changed": func(b, _ *bbolt.Bucket) error {
			v := slices.Clone(b.Get(key(1)))
			v[0] ^= 1
			return b.Put(key(1), v)
		},
		"the first record is gone":  func(b, _ *bbolt.Bucket) error { return b.Delete(key(1)) },
		"a middle record is gone":   func(b, _ *bbolt.Bucket) error { return b.Delete(key(2)) },
		"the last record is gone":   func(b, _ *bbolt.Bucket) error { return b.Delete(key(3)) },
		"a record is cut off":       func(b, _ *bbolt.Bucket) error { return b.Put(key(3), []byte("x")) },
		"a record stands behind":    func(b, _ *bbolt.Bucket) error { return b.Put(key(4), b.Get(key(3))) },
		"two records change places": swap(key(2), key(3)),
		"the head is another": func(_, meta *bbolt.Bucket) error {
			v := slices.Clone(meta.Get(headKey))
			v[20] ^= 1
			return meta.Put(headKey, v)
		},
		"the head is cut off": func(_, meta *bbolt.Bucket) error {
			return meta.Put(headKey, []byte("x"))
		},
	} {
		if err := replayAfter(t, change); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: want ErrBroken, got %v", name, err)
		}
	}
	if err := replayAfter(t, func(_, _ *bbolt.Bucket) error { return nil }); err != nil {
		t.Errorf("nothing was changed, but: %v", err)
	}
}

func swap(a, b []byte) func(records, meta *bbolt.Bucket) error {
	return func(records, _ *bbolt.Bucket) error {
		va, vb := slices.Clone(records.Get(a)), slices.Clone(records.Get(b))
		return errors.Join(records.Put(a, vb), records.Put(b, va))
	}
}

func TestAJournalOfALaterFormatIsRefused(t *testing.T) {
	err := replayAfter(t, func(_, meta *bbolt.Bucket) error {
		return meta.Put(formatKey, []byte{format + 1})
	})
	if err == nil || errors.Is(err, ErrBroken) {
		t.Errorf("want a refusal that is not ErrBroken, got %v", err)
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := filled(t)
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrHeld) {
		t.Errorf("want ErrHeld, got %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j, err = Open(dir)
	if err != nil {
		t.Fatalf("after the first has closed: %v", err)
	}
	_ = j.Close()
}

func TestLookingIntoAJournalMakesNone(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenExisting(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("want that there is none, got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("it left %v", left)
	}
	j, err := OpenExisting(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
}

func TestAHalfMadeJournalIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, newName), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
}

func TestADoorThatIsOpenToOthersIsRefused(t *testing.T) {
	for name, open := range map[string]func(dir string) error{
		"directory for all to write": func(dir string) error { return os.Chmod(dir, 0o777) },
		"file for all to read": func(dir string) error {
			return os.Chmod(filepath.Join(dir, fileName), 0o644)
		},
		"file is a link": func(dir string) error {
			path := filepath.Join(dir, fileName)
			return errors.Join(os.Rename(path, path+".real"), os.Symlink(path+".real", path))
		},
	} {
		dir := filled(t)
		if err := open(dir); err != nil {
			t.Fatal(err)
		}
		if j, err := Open(dir); err == nil {
			_ = j.Close()
			t.Errorf("%s: it was opened", name)
		}
	}
}

func TestARecordOutsideTheLimitsIsRefusedAndNothingIsKept(t *testing.T) {
	j, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for _, size := range []int{0, recordSize + 1} {
		if err := j.Append([]byte("fine"), make([]byte, size)); err == nil {
			t.Errorf("a record of %d bytes was kept", size)
		}
	}
	if j.Len() != 0 {
		t.Errorf("want no record, got %d", j.Len())
	}
}

func BenchmarkAppend(b *testing.B) {
	j, err := Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	record := []byte(fmt.Sprintf("%0500d", 1))
	for b.Loop() {
		if err := j.Append(record); err != nil {
			b.Fatal(err)
		}
	}
}
