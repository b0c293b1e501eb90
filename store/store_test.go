package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

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
	j := mustOpen(t, dir)
	appendAll(t, j, "one", "two", "three")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func mustOpen(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func appendAll(t *testing.T, j *Journal, records ...string) {
	t.Helper()
	for _, r := range records {
		if err := j.Append([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
}

func readAll(j interface {
	Replay(func([]byte) error) error
}) (all []string, err error) {
	err = j.Replay(func(r []byte) error {
		all = append(all, string(r))
		return nil
	})
	return all, err
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
	if _, err := Inspect(dir); !errors.Is(err, ErrHeld) {
		t.Errorf("want ErrHeld also for a look, got %v", err)
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

func TestLookingIntoAJournalChangesNothing(t *testing.T) {
	empty := t.TempDir()
	if _, err := Inspect(empty); err == nil {
		t.Error("want that there is none")
	}
	if left, _ := os.ReadDir(empty); len(left) != 0 {
		t.Errorf("it left %v", left)
	}
	dir := filled(t)
	before := snapshot(t, dir)
	b, err := Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	if all, err := readAll(b); err != nil || fmt.Sprint(all) != "[one two three]" || b.Len() != 3 {
		t.Errorf("want three records, got %v, %v", all, err)
	}
	_ = b.Close()
	for name, text := range snapshot(t, dir) {
		if !bytes.Equal(text, before[name]) {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestAHalfMadeFileIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{logName, bookName, archiveName} {
		if err := os.WriteFile(filepath.Join(dir, name+newSuffix), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j := mustOpen(t, dir)
	if err := j.Archive("a", []string{"day"}, nil, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := j.Compact([]byte("carry")); err != nil {
		t.Error(err)
	}
}

func TestADoorThatIsOpenToOthersIsRefused(t *testing.T) {
	for name, open := range map[string]func(dir string) error{
		"directory for all to write": func(dir string) error { return os.Chmod(dir, 0o777) },
		"journal.log for all to read": func(dir string) error {
			return os.Chmod(filepath.Join(dir, logName), 0o644)
		},
		"journal.db for all to read": func(dir string) error {
			return os.Chmod(filepath.Join(dir, bookName), 0o644)
		},
		"file is a link": func(dir string) error {
			path := filepath.Join(dir, logName)
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
	j := mustOpen(t, t.TempDir())
	for _, size := range []int{0, recordSize + 1} {
		if err := j.Append([]byte("fine"), make([]byte, size)); err == nil {
			t.Errorf("a record of %d bytes was kept", size)
		}
	}
	if j.Len() != 0 {
		t.Errorf("want no record, got %d", j.Len())
	}
	appendAll(t, j, "and it goes on")
}

func TestRecordsLargerThanTheRingAreInBothFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "books")
	j := mustOpen(t, dir)
	large := string(bytes.Repeat([]byte("x"), 2*ringLen))
	appendAll(t, j, "small", large, "small again")
	cut := copied(t, dir)
	if err := os.Truncate(filepath.Join(cut, logName), areaStart); err != nil {
		t.Fatal(err)
	}
	all, err := readAll(mustOpen(t, cut))
	if err != nil || len(all) != 3 || all[1] != large {
		t.Errorf("want all three from journal.db and the ring, got %d, %v", len(all), err)
	}
}

func TestNumbersGoOnAfterACompact(t *testing.T) {
	dir := filled(t)
	j := mustOpen(t, dir)
	if err := j.Compact([]byte("carry one"), []byte("carry two")); err != nil {
		t.Fatal(err)
	}
	appendAll(t, j, "six")
	if j.Len() != 6 {
		t.Errorf("want 6 records since the first, got %d", j.Len())
	}
	_ = j.Close()
	j = mustOpen(t, dir)
	if all, _ := readAll(j); fmt.Sprint(all) != "[carry one carry two six]" || j.Len() != 6 {
		t.Errorf("got %v, %d", all, j.Len())
	}
}

// TestAFullDiskStillEndsWhatIsUnderWay fills a real file system.
func TestAFullDiskStillEndsWhatIsUnderWay(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: mounting a small file system needs root")
	}
	dir := t.TempDir()
	if err := unix.Mount("small", dir, "tmpfs", 0, "size=24m,mode=0700"); err != nil {
		t.Skipf("SKIPPED: mounting a small file system: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	j, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if j.Low() {
		t.Fatal("want that an empty disk is not low")
	}
	fill(t, filepath.Join(dir, "others"))
	record := bytes.Repeat([]byte("x"), 450)
	n := 0
	for ; n < 3000; n++ { // 500 reversals of six records each
		if err := j.Append(record); err != nil {
			t.Fatalf("record %d: %v", n, err)
		}
	}
	if !j.Low() {
		t.Error("want that the disk is low once the reserve is used")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if j, err = Open(dir); err != nil {
		t.Fatalf("opening on the full disk: %v", err)
	}
	if all, err := readAll(j); err != nil || len(all) != n {
		t.Errorf("want %d records, got %d, %v", n, len(all), err)
	}
	_ = os.Remove(filepath.Join(dir, "others"))
	if j.Low() {
		t.Error("want that it is not low once there is room again")
	}
	_ = j.Close()
}

// fill takes all the room that there is.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

// snapshot reads a directory.
func snapshot(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		if e.Name() == reserveName {
			continue
		}
		if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// copied is the directory as a power cut would leave it: of a journal that is open.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	for name, text := range snapshot(t, dir) {
		if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}
