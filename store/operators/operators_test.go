package operators

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// machine is a data directory on a machine whose uptime the test sets.
type machine struct {
	t   *testing.T
	dir string
	up  time.Duration
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	return &machine{t: t, dir: t.TempDir(), up: time.Hour}
}

// book is what a process that starts now has.
func (m *machine) book() *Book {
	b := New(m.dir)
	b.uptime = func() (time.Duration, error) { return m.up, nil }
	return b
}

func pin(digits string) PIN { return NewPIN([]byte(digits)) }

func (m *machine) staffed() *Book {
	m.t.Helper()
	b := m.book()
	for _, o := range []Operator{{Number: "09", Name: "店长", Role: Supervisor}, {Number: "01", Name: "小王", Role: Cashier}} {
		if err := b.Add(o, pin("8240"+o.Number)); err != nil {
			m.t.Fatal(err)
		}
	}
	return b
}

// try gives the error of one check of the cashier's PIN.
func (m *machine) try(digits string) error {
	m.t.Helper()
	_, err := m.book().Check(context.Background(), "01", pin(digits))
	return err
}

func (m *machine) wantLocked(want time.Duration) {
	m.t.Helper()
	var locked *LockedError
	if err := m.try("824001"); !errors.As(err, &locked) || locked.Left != want {
		m.t.Fatalf("want it locked for %s, got %v", want, err)
	}
}

func TestARightPINLetsItsOwnerIn(t *testing.T) {
	m := newMachine(t)
	b := m.staffed()
	got, err := b.Check(context.Background(), "09", pin("824009"))
	if want := (Operator{Number: "09", Name: "店长", Role: Supervisor}); err != nil || got != want {
		t.Errorf("want %+v, got %+v %v", want, got, err)
	}
	for number, digits := range map[string]string{"09": "824001", "01": "824009", "77": "824009", "": "", "1": "824001"} {
		if _, err := b.Check(context.Background(), number, pin(digits)); !errors.Is(err, ErrWrong) {
			t.Errorf("%s: want %v, got %v", number, ErrWrong, err)
		}
	}
}

func TestFiveWrongPINsLockAndEachMoreDoublesTheLock(t *testing.T) {
	m := newMachine(t)
	m.staffed()
	for range triesFree {
		if err := m.try("5555"); !errors.Is(err, ErrWrong) {
			t.Fatalf("want %v, got %v", ErrWrong, err)
		}
	}
	for _, lock := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		m.wantLocked(lock)
		m.up += lock
		if err := m.try("5555"); !errors.Is(err, ErrWrong) {
			t.Fatalf("after the lock: want %v, got %v", ErrWrong, err)
		}
	}
	m.up += 8 * time.Minute
	if err := m.try("824001"); err != nil {
		t.Fatal(err)
	}
	if err := m.try("5555"); !errors.Is(err, ErrWrong) {
		t.Fatal(err)
	}
	if err := m.try("824001"); err != nil {
		t.Errorf("a right PIN did not take the wrong ones back: %v", err)
	}
}

func TestALockDoublesUpToADay(t *testing.T) {
	for tries, want := range map[int]time.Duration{0: 0, 4: 0, 5: time.Minute, 6: 2 * time.Minute,
		15: 1024 * time.Minute, 16: lockMax, 1 << 30: lockMax} {
		if got := lockFor(tries); got != want {
			t.Errorf("%d tries: want %s, got %s", tries, want, got)
		}
	}
}

// A thief who cuts the power between his guess and its count would have tries
// without end.
func TestATryIsDurableBeforeThePINIsLookedAt(t *testing.T) {
	m := newMachine(t)
	b := m.staffed()
	for n := range triesFree {
		if _, err := b.count("01", pin("5555")); err != nil { // and here the power fails
			t.Fatal(err)
		}
		all, err := m.book().All()
		if err != nil || all[0].Wrong != n+1 {
			t.Fatalf("want %d wrong PINs on disk, got %+v %v", n+1, all, err)
		}
	}
	m.wantLocked(time.Minute)
}

func TestALockSurvivesARestartOfTheMachineAndOfTheProcess(t *testing.T) {
	m := newMachine(t)
	m.staffed()
	for range triesFree + 5 {
		_ = m.try("5555")
		m.up += lockMax
	}
	_ = m.try("5555") // the eleventh: 64 minutes
	m.wantLocked(64 * time.Minute)
	m.up = 10 * time.Minute // started anew
	m.wantLocked(54 * time.Minute)
	m.up = 10 * time.Minute // and again: what was sat out before is kept
	m.wantLocked(54 * time.Minute)
	m.up = 64*time.Minute + time.Second
	if err := m.try("824001"); err != nil {
		t.Errorf("want it over, got %v", err)
	}
}

// The first boot was short, the second has run longer than it: nothing tells them
// apart, and the guess must err on the side of the lock.
func TestUptimeOfAnotherBootNeverShortensALock(t *testing.T) {
	e := entry{LockMS: (10 * time.Minute).Milliseconds(), LockAtMS: (2 * time.Minute).Milliseconds()}
	for up, want := range map[time.Duration]time.Duration{
		0: 10 * time.Minute, time.Minute: 9 * time.Minute, 2 * time.Minute: 10 * time.Minute,
		5 * time.Minute: 7 * time.Minute, 12 * time.Minute: 0, 100 * time.Hour: 0,
	} {
		if got := e.left(up); got != want {
			t.Errorf("up %s: want %s left, got %s", up, want, got)
		}
	}
}

func TestAPINIsShownByNothing(t *testing.T) {
	p := pin("824001")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "pin", p)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "pin", p)
	shown := log.String() + fmt.Sprintf("%v %+v %#v %s %q %x %d", p, p, p, p, p, p, p) +
		fmt.Sprintf("%+v %v", struct{ P PIN }{p}, []PIN{p})
	if strings.Contains(shown, "824001") || strings.Contains(shown, fmt.Sprintf("%x", "824001")) {
		t.Errorf("the PIN is in clear in:\n%s", shown)
	}
	if text, err := json.Marshal(p); err == nil {
		t.Errorf("JSON took it: %s", text)
	}
	other := p
	p.Wipe()
	if len(other.reveal()) != 0 {
		t.Error("a copy still holds it")
	}
}

func TestAPINThatAnybodyWouldTryFirstIsRefusedWithAReason(t *testing.T) {
	for digits, why := range map[string]string{
		"0000": "same", "77777777": "same", "1234": "count", "4321": "count", "8901": "count",
		"123": "4 to 8", "123456789": "4 to 8", "12a4": "4 to 8", "": "4 to 8", "１２３４": "4 to 8",
		"1717": "repeats", "205205": "repeats", "0042": "own number",
	} {
		var weak *WeakPIN
		if err := pin(digits).check("42"); !errors.As(err, &weak) || !strings.Contains(weak.Why, why) {
			t.Errorf("%q: want %q, got %v", digits, why, err)
		}
	}
	for _, digits := range []string{"8240", "1235", "10203040", "0421"} {
		if err := pin(digits).check("42"); err != nil {
			t.Errorf("%s: %v", digits, err)
		}
	}
}

func TestTheListKeepsASupervisorAndItsLimits(t *testing.T) {
	b := newMachine(t).book()
	if _, err := b.All(); !errors.Is(err, ErrNone) {
		t.Errorf("want %v, got %v", ErrNone, err)
	}
	if _, err := b.Check(context.Background(), "01", pin("824001")); !errors.Is(err, ErrNone) {
		t.Errorf("want %v, got %v", ErrNone, err)
	}
	wants := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want %q, got %v", what, err)
		}
	}
	wants("must be a supervisor", b.Add(Operator{Number: "01", Name: "x", Role: Cashier}, pin("824001")))
	wants("number", b.Add(Operator{Number: "1", Name: "x", Role: Supervisor}, pin("824001")))
	wants("name", b.Add(Operator{Number: "01", Name: "a\x1bb", Role: Supervisor}, pin("824001")))
	wants("role", b.Add(Operator{Number: "01", Name: "x", Role: "boss"}, pin("824001")))
	if err := b.Add(Operator{Number: "09", Name: "x", Role: Supervisor}, pin("824009")); err != nil {
		t.Fatal(err)
	}
	wants("there already", b.Add(Operator{Number: "09", Name: "y", Role: Cashier}, pin("824009")))
	if err := b.Add(Operator{Number: "01", Name: "y", Role: Technician}, pin("824001")); err != nil {
		t.Fatal(err)
	}
	wants("last supervisor", b.Remove("09"))
	wants("no such operator", b.Remove("55"))
	wants("no such operator", b.SetPIN("55", pin("824009")))
	if err := errors.Join(b.Remove("01"), b.Remove("09")); err != nil {
		t.Fatal(err)
	}
	if all, err := b.All(); err != nil || len(all) != 0 {
		t.Errorf("want an empty list, which is not none: %v %v", all, err)
	}
}

func TestANewPINLiftsTheLock(t *testing.T) {
	m := newMachine(t)
	b := m.staffed()
	for range triesFree {
		_ = m.try("5555")
	}
	if err := b.SetPIN("01", pin("9053")); err != nil {
		t.Fatal(err)
	}
	if err := m.try("9053"); err != nil {
		t.Error(err)
	}
}

func TestChecksAtTheSameTimeAreAllCounted(t *testing.T) {
	m := newMachine(t)
	b := m.staffed()
	var all sync.WaitGroup
	for range triesFree {
		all.Go(func() { _, _ = b.Check(context.Background(), "01", pin("5555")) })
	}
	all.Wait()
	m.wantLocked(time.Minute)
}

func TestWhoWaitsForAnotherCheckMayGiveUp(t *testing.T) {
	b := newMachine(t).staffed()
	b.one <- struct{}{}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.Check(ctx, "01", pin("824001")); !errors.Is(err, context.Canceled) {
		t.Errorf("want %v, got %v", context.Canceled, err)
	}
}

func TestEachFlippedBitOfTheFileIsSeen(t *testing.T) {
	m := newMachine(t)
	m.staffed()
	path := filepath.Join(m.dir, fileName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole[:len(whole)-1] { // the last is the line's end
		for bit := range 8 {
			sick := bytes.Clone(whole)
			sick[i] ^= 1 << bit
			if got, err := decode(sick); err == nil && !same(t, got, whole) {
				t.Fatalf("bit %d of byte %d was not seen", bit, i)
			}
		}
	}
}

// same says whether entries are those of a file: JSON takes other letters of a
// field's name, and other blanks, for the same.
func same(t *testing.T, got []entry, whole []byte) bool {
	t.Helper()
	want, err := decode(whole)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(got) == fmt.Sprint(want)
}

func TestABrokenFileLetsNobodyInAndSaysWhatToDo(t *testing.T) {
	m := newMachine(t)
	b := m.staffed()
	path := filepath.Join(m.dir, fileName)
	whole, _ := os.ReadFile(path)
	for name, spoil := range map[string]func() error{
		"torn":  func() error { return os.WriteFile(path, whole[:len(whole)/2], 0o600) },
		"empty": func() error { return os.WriteFile(path, nil, 0o600) },
		"later": func() error {
			return os.WriteFile(path, bytes.Replace(whole, []byte(`n":1`), []byte(`n":2`), 1), 0o600)
		},
		"open":   func() error { return os.Chmod(path, 0o644) },
		"large":  func() error { return os.WriteFile(path, make([]byte, fileMax+1), 0o600) },
		"linked": func() error { return errors.Join(os.Rename(path, path+".x"), os.Symlink(path+".x", path)) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		var broken *BrokenError
		_, err := b.Check(context.Background(), "09", pin("824009"))
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), path) ||
			!strings.Contains(err.Error(), "terminal operators add") {
			t.Errorf("%s: want it said, got %v", name, err)
		}
		if err := b.Add(Operator{Number: "08", Name: "x", Role: Supervisor}, pin("824008")); !errors.As(err, &broken) {
			t.Errorf("%s: want nothing written over it, got %v", name, err)
		}
		if err := errors.Join(os.RemoveAll(path), os.WriteFile(path, whole, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADiskThatTakesNothingLetsNobodyIn(t *testing.T) {
	m := newMachine(t)
	b := m.staffed()
	gone := m.dir + ".away"
	if err := os.Rename(m.dir, gone); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Rename(gone, m.dir) })
	if _, err := b.Check(context.Background(), "09", pin("824009")); err == nil {
		t.Error("let in, though the try could not be kept")
	}
}

func TestAHashThatWouldEatTheMemoryIsNotTried(t *testing.T) {
	const rest = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, head := range []string{"$argon2id$v=19$m=4194304,t=2,p=1", "$argon2id$v=19$m=19456,t=0,p=1",
		"$argon2id$v=19$m=19456,t=2,p=200", "$argon2i$v=19$m=19456,t=2,p=1", "$argon2id$v=16$m=19456,t=2,p=1", ""} {
		if _, err := parseHash(head + rest); !errors.Is(err, errHash) {
			t.Errorf("%s: want %v, got %v", head, errHash, err)
		}
	}
	if _, err := parseHash("$argon2id$v=19$m=19456,t=2,p=1" + rest); err != nil {
		t.Error(err)
	}
}

func FuzzAFileIsReadOrRefused(f *testing.F) {
	whole, err := encode([]entry{{Number: "09", Name: "x", Role: Supervisor,
		PIN: "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range [][]byte{whole, whole[:40], {}, []byte(`{"version":1,"sha256":"","operators":null}`)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := decode(text)
		if err != nil {
			return
		}
		again, err := encode(all)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(again); err != nil {
			t.Errorf("what was read can't be read again: %v", err)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	h := nobody()
	for b.Loop() {
		_ = h.fits(pin("824001"))
	}
}
