package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// busy makes a journal whose records are spread over all that there is: carried
// ones, ones in journal.db, and ones that are only in the log and its ring. It gives
// the directory as a power cut leaves it, and the records.
func busy(t *testing.T) (dir string, records []string) {
	t.Helper()
	live := filepath.Join(t.TempDir(), "books")
	j := mustOpen(t, live)
	appendAll(t, j, "forgotten", "and forgotten")
	if err := j.Compact([]byte("carry one"), []byte("carry two")); err != nil {
		t.Fatal(err)
	}
	records = []string{"carry one", "carry two"}
	for i := range 250 { // some 100 KiB: the ring goes round once
		r := fmt.Sprintf("record %d %0400d", i, i)
		appendAll(t, j, r)
		records = append(records, r)
	}
	if len(j.unbooked) == 0 || len(j.unbooked) == 250 {
		t.Fatalf("the ring has %d frames: the test needs both files", len(j.unbooked))
	}
	return copied(t, live), records
}

// TestAnySingleDamageIsMended is the promise of the package: whatever happens to
// one file, the terminal opens by itself with every record, or says what it can't
// prove.
func TestAnySingleDamageIsMended(t *testing.T) {
	dir, records := busy(t)
	for name, damage := range damages() {
		for _, file := range []string{logName, bookName} {
			at := copied(t, dir)
			path := filepath.Join(at, file)
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			j, err := Open(at)
			if file == logName && (name == "missing" || name == "empty" || name == "in its head") {
				if !errors.Is(err, ErrBroken) { // records after the last group can't be proven
					t.Errorf("%s %s: want ErrBroken, got %v", file, name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %s: %v", file, name, err)
				continue
			}
			if all, err := readAll(j); err != nil || !slices.Equal(all, records) {
				t.Errorf("%s %s: want all %d records, got %d, %v", file, name, len(records), len(all), err)
			}
			if len(j.Findings()) != 1 {
				t.Errorf("%s %s: want one finding, got %v", file, name, j.Findings())
			}
			if _, err := os.Stat(path + damagedSuffix); err != nil && name != "missing" {
				t.Errorf("%s %s: the evidence is not kept: %v", file, name, err)
			}
			_ = j.Close()
		}
	}
}

func damages() map[string]func(path string) error {
	cut := func(size int64) func(string) error {
		return func(path string) error { return os.Truncate(path, size) }
	}
	return map[string]func(path string) error{
		"missing":     os.Remove,
		"empty":       cut(0),
		"in its head": cut(1000),
		"cut after the ring, or early": func(path string) error {
			if filepath.Base(path) == logName {
				return os.Truncate(path, areaStart)
			}
			return os.Truncate(path, 5000)
		},
		"cut in the middle": func(path string) error {
			if filepath.Base(path) == logName {
				return os.Truncate(path, areaStart+50_000)
			}
			return os.Truncate(path, 50_000)
		},
		"all zeros behind the head": func(path string) error {
			return overwrite(path, 70_000, make([]byte, 1<<20))
		},
	}
}

func overwrite(path string, at int64, text []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	at = min(at, info.Size())
	_, err = f.WriteAt(text[:min(int64(len(text)), info.Size()-at)], at)
	return errors.Join(err, f.Close())
}

// TestARottenPageIsMendedWhereverItIs takes every page of both files in turn.
func TestARottenPageIsMendedWhereverItIs(t *testing.T) {
	dir, records := busy(t)
	chance := rand.New(rand.NewPCG(1, 2))
	for _, file := range []string{logName, bookName} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for at := int64(0); at < info.Size(); at += 4096 {
			page := make([]byte, 4096)
			for i := range page {
				page[i] = byte(chance.Uint32())
			}
			rotten := copied(t, dir)
			if err := overwrite(filepath.Join(rotten, file), at, page); err != nil {
				t.Fatal(err)
			}
			j, err := Open(rotten)
			if err != nil {
				t.Errorf("%s, page at %d: %v", file, at, err)
				continue
			}
			if all, err := readAll(j); err != nil || !slices.Equal(all, records) {
				t.Errorf("%s, page at %d: want %d records, got %d, %v", file, at, len(records), len(all), err)
			}
			_ = j.Close()
		}
	}
}

func TestDamageInBothFilesIsSaidAndAPersonMayGoOn(t *testing.T) {
	dir, records := busy(t)
	_ = overwrite(filepath.Join(dir, logName), areaStart+20_000, make([]byte, 4096))
	_ = os.Remove(filepath.Join(dir, bookName))
	if _, err := Open(dir); !errors.Is(err, ErrBroken) {
		t.Fatalf("want ErrBroken, got %v", err)
	}
	if b, err := Inspect(dir); !errors.Is(err, ErrBroken) || b == nil || b.Len() < 20 {
		t.Errorf("want what can be proven and why it is not all, got %v, %v", b, err)
	} else {
		_ = b.Close()
	}
	j, err := AcceptLoss(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := readAll(j)
	if err != nil || len(all) < 20 || !slices.Equal(all, records[:len(all)]) {
		t.Errorf("want the first records, got %d, %v", len(all), err)
	}
	if f := j.Findings(); len(f) != 1 || f[0].Code != FoundLoss {
		t.Errorf("want the loss as a finding, got %v", f)
	}
}

func TestAJournalThatWasClosedIsProvenByEitherFile(t *testing.T) {
	for _, file := range []string{logName, bookName} {
		dir := filled(t)
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
		j, err := Open(dir)
		if err != nil {
			t.Errorf("without %s: %v", file, err)
			continue
		}
		if all, err := readAll(j); err != nil || len(all) != 3 {
			t.Errorf("without %s: want 3 records, got %v, %v", file, all, err)
		}
		_ = j.Close()
	}
}

func TestRecordsOfAnotherJournalDoNotFit(t *testing.T) {
	mine, other := filled(t), filepath.Join(t.TempDir(), "other")
	j := mustOpen(t, other)
	appendAll(t, j, "uno", "due", "tre", "quattro")
	_ = j.Close()
	text, err := os.ReadFile(filepath.Join(other, logName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(mine, logName), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if j, err := Open(mine); !errors.Is(err, ErrBroken) {
		all, _ := readAll(j)
		t.Errorf("want ErrBroken, got %v: %v", err, all)
	}
}

// A journal that has lost everything must not look like one that never had anything.
func TestNothingLeftIsNotTakenForNothingThere(t *testing.T) {
	dir := filled(t)
	if err := mustOpen(t, dir).Close(); err != nil { // the ring is empty now
		t.Fatal(err)
	}
	for _, damage := range []struct {
		file string
		at   int64
	}{{logName, areaStart}, {bookName, 2 * 4096}} {
		if err := overwrite(filepath.Join(dir, damage.file), damage.at, make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir); !errors.Is(err, ErrBroken) {
		t.Errorf("want ErrBroken, got %v", err)
	}
	j, err := AcceptLoss(dir)
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, j, "a new beginning")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if all, err := readAll(mustOpen(t, dir)); err != nil || len(all) != 1 {
		t.Errorf("want to go on after the loss was accepted, got %v, %v", all, err)
	}
}
