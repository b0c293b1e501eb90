package crashfs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// programVar tells this program, started once more, which program it is.
const programVar = "CRASHFS_TEST_PROGRAM"

// programs run on a mount. What they return is what they say.
var programs = map[string]func() error{
	"files": useFiles,
	"sync": func() error {
		return errors.Join(put("a", "x", unix.Fsync), put("b", "y", unix.Fsync))
	},
	"fill": func() error {
		if err := put("a", strings.Repeat("x", 3*pageLen), unix.Fsync); err != nil {
			return fmt.Errorf("there is room for the first: %w", err)
		}
		if err := put("b", strings.Repeat("y", 3*pageLen), unix.Fsync); !errors.Is(err, unix.ENOSPC) {
			return fmt.Errorf("want no room for the second, got %v", err)
		}
		if err := errors.Join(os.Remove("a"), put("b", strings.Repeat("y", 3*pageLen), unix.Fsync)); err != nil {
			return fmt.Errorf("there is room after one was removed: %w", err)
		}
		if err := os.WriteFile(AckName, []byte(FreeRoom), 0o600); err != nil {
			return err
		}
		return put("a", strings.Repeat("x", 9*pageLen), unix.Fsync)
	},
}

func TestMain(m *testing.M) {
	name := os.Getenv(programVar)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := errors.Join(Enter(), programs[name]()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// put writes a file and syncs it.
func put(name, text string, sync func(int) error) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = sync(int(f.Fd()))
	}
	return errors.Join(err, f.Close())
}

// useFiles does all that a store does to files, and looks whether it is so.
func useFiles() error {
	if err := errors.Join(os.Mkdir("dir", 0o700), put("dir/new", "hello", unix.Fdatasync),
		os.Rename("dir/new", "dir/file"), os.Link("dir/file", "dir/other")); err != nil {
		return err
	}
	f, err := os.OpenFile("dir/file", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	seen, err := unix.Mmap(int(f.Fd()), 0, 5, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte("J"), 0); err != nil {
		return err
	}
	if string(seen) != "Jello" {
		return fmt.Errorf("the map shows %q", seen)
	}
	if err := errors.Join(unix.Munmap(seen), f.Truncate(4), unix.Fallocate(int(f.Fd()), 0, 0, 6),
		os.Remove("dir/other"), os.Chmod("dir/file", 0o640)); err != nil {
		return err
	}
	text, err := os.ReadFile("dir/file")
	if err != nil || string(text) != "Jell\x00\x00" {
		return fmt.Errorf("the file holds %q, %w", text, err)
	}
	d, err := os.Open("dir")
	if err != nil {
		return err
	}
	names, err := d.Readdirnames(-1)
	if err != nil || !slices.Equal(names, []string{"file"}) {
		return fmt.Errorf("the directory has %q, %w", names, err)
	}
	return errors.Join(d.Sync(), d.Close(), os.WriteFile(AckName, []byte("7\n"), 0o600))
}

// run mounts, runs a program there and gives the log.
func run(t *testing.T, name string, faults Faults) (*Log, error) {
	t.Helper()
	if why := Why(); why != "" {
		t.Skipf("NOTHING IS MOUNTED HERE: %s", why)
	}
	var cmd *exec.Cmd
	started := make(chan struct{})
	faults.Kill = func() {
		<-started
		_ = cmd.Process.Kill()
	}
	m, err := New(faults)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	cmd = m.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programVar+"="+name)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	if err = cmd.Wait(); err != nil {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(out.Bytes()))
	}
	return m.Log(), err
}

func kinds(log *Log) []Kind {
	var all []Kind
	for _, e := range log.Entries {
		all = append(all, e.Kind)
	}
	return all
}

func TestTheLogHasAllThatAProgramDid(t *testing.T) {
	log, err := run(t, "files", Faults{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Kind{Make, Make, Write, Sync, Rename, Make, Write, Truncate, Allocate, Remove, SyncDir, Ack}
	if got := kinds(log); !slices.Equal(got, want) {
		t.Errorf("want %v, got %v", want, got)
	}
	var all *Image
	for c := range log.Crashes(Sampling{From: len(log.Entries)}) {
		all = c.Image // the last one: every write, and all names
		if c.Acked != 7 {
			t.Errorf("want 7 acknowledged, got %d", c.Acked)
		}
	}
	dir := t.TempDir()
	if err := all.WriteTo(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(dir + "/dir/file")
	if err != nil || string(text) != "Jell\x00\x00" {
		t.Errorf("want what the program saw, got %q, %v", text, err)
	}
	if info, err := os.Stat(dir + "/dir/file"); err != nil || info.Mode() != 0o640 {
		t.Errorf("want the mode that the program gave it, got %v, %v", info, err)
	}
}

func TestASyncFailsWhenItIsTold(t *testing.T) {
	log, err := run(t, "sync", Faults{FailSync: 1})
	if err == nil || !strings.Contains(err.Error(), "input/output error") {
		t.Errorf("want the program to see EIO, got %v", err)
	}
	if n := log.Count(LostSync); n != 1 || log.Count(Sync) != 1 {
		t.Errorf("want one failed and one good sync, got %v", kinds(log))
	}
	if log.Entries[log.Fault].Kind != LostSync {
		t.Errorf("the first fault is not at entry %d of %v", log.Fault, kinds(log))
	}
}

func TestADiskThatLiesSyncsNothing(t *testing.T) {
	log, err := run(t, "sync", Faults{DropSyncs: true})
	if err != nil || log.Count(Sync, LostSync) != 0 {
		t.Errorf("want no sync and no error, got %v, %v", kinds(log), err)
	}
}

func TestAFullDiskRefusesUntilThereIsRoom(t *testing.T) {
	if _, err := run(t, "fill", Faults{Room: 5 * pageLen}); err != nil {
		t.Error(err)
	}
}

func TestAProgramDiesAtAnyChange(t *testing.T) {
	whole, err := run(t, "sync", Faults{})
	if err != nil {
		t.Fatal(err)
	}
	for at := 1; at <= len(whole.Entries); at++ {
		log, err := run(t, "sync", Faults{KillAt: at})
		if err == nil || !strings.Contains(err.Error(), "killed") {
			t.Errorf("change %d: want the program killed, got %v", at, err)
		}
		if want := kinds(whole)[:at-1]; !slices.Equal(kinds(log), want) {
			t.Errorf("change %d: want %v, got %v", at, want, kinds(log))
		}
	}
}

func TestNoMountIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // others may be mounting at the same time
	if _, err := run(t, "sync", Faults{}); err != nil {
		t.Fatal(err)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(mounts, []byte(dir)) {
		t.Errorf("there is one in %s", mounts)
	}
}
