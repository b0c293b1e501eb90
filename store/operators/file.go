package operators

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// The file and its limits.
const (
	fileName    = "operators.json"
	lockName    = "operators.lock"
	fileVersion = 1
	fileMax     = 1 << 20 // bytes
	// Max is how many operators a terminal may have.
	Max = 200
)

// document is the file: a version, the operators as they stand, and a sum over
// them, so that a flipped bit is a broken file and not another role.
type document struct {
	Version   int             `json:"version"`
	SHA256    string          `json:"sha256"`
	Operators json.RawMessage `json:"operators"`
}

// entry is one operator in the file.
type entry struct {
	Number   string `json:"number"`
	Name     string `json:"name"`
	Role     Role   `json:"role"`
	PIN      string `json:"pin"` // argon2id, with its parameters and salt
	Tries    int    `json:"wrong_pins,omitempty"`
	LockMS   int64  `json:"locked_ms,omitempty"`       // left of the lock …
	LockAtMS int64  `json:"locked_at_up_ms,omitempty"` // … when the machine was up so long
}

// BrokenError means that the operators can't be read. Nobody can be let in until a
// person has mended it; the text says how.
type BrokenError struct {
	Path string
	Err  error
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("%s can't be used: %v; put a copy back, or move it away and make the "+
		"operators anew with `terminal operators add`", e.Path, e.Err)
}

// Unwrap gives the cause.
func (e *BrokenError) Unwrap() error { return e.Err }

// read gives the operators. A missing file is fs.ErrNotExist, any other error is a
// *BrokenError.
func (b *Book) read() ([]entry, error) {
	path := filepath.Join(b.dir, fileName)
	all, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &BrokenError{path, err}
	}
	return all, err
}

func readFile(path string) ([]entry, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("mode %04o lets others at it: chmod 0600 it", info.Mode().Perm())
	case info.Size() > fileMax:
		return nil, fmt.Errorf("it has more than %d bytes", fileMax)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return decode(text)
}

// decode reads a file's text and believes nothing of it.
func decode(text []byte) ([]entry, error) {
	var d document
	if err := strict(text, &d); err != nil {
		return nil, fmt.Errorf("it is no JSON of ours: %w", err)
	}
	if d.Version != fileVersion {
		return nil, fmt.Errorf("version %d: this release reads version %d", d.Version, fileVersion)
	}
	if sum(d.Operators) != d.SHA256 {
		return nil, errors.New("it was changed: its SHA-256 does not fit")
	}
	var all []entry
	if err := strict(d.Operators, &all); err != nil {
		return nil, fmt.Errorf("its operators: %w", err)
	}
	if len(all) > Max {
		return nil, fmt.Errorf("more than %d operators", Max)
	}
	seen := map[string]bool{}
	for _, e := range all {
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("operator %q: %w", e.Number, err)
		}
		if seen[e.Number] {
			return nil, fmt.Errorf("operator %q is there twice", e.Number)
		}
		seen[e.Number] = true
	}
	return all, nil
}

func (e *entry) check() error {
	if err := (Operator{Number: e.Number, Name: e.Name, Role: e.Role}).Check(); err != nil {
		return err
	}
	if e.Tries < 0 || e.LockMS < 0 || e.LockMS > lockMax.Milliseconds() || e.LockAtMS < 0 {
		return errors.New("its lock is out of bounds")
	}
	_, err := parseHash(e.PIN)
	return err
}

// strict reads one JSON value, without fields that nobody knows and nothing after it.
func strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows it")
	}
	return nil
}

func sum(text []byte) string {
	h := sha256.Sum256(text)
	return hex.EncodeToString(h[:])
}

func encode(all []entry) ([]byte, error) {
	if all == nil {
		all = []entry{} // a list with nobody on it, which is not the same as no list
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	return json.Marshal(document{fileVersion, sum(text), text})
}

// write replaces the file. Nil means that the new one is durable; after an error
// the old or the new one is there, whole.
func (b *Book) write(all []entry) error {
	text, err := encode(all)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(b.dir, ".operators-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = temp.Write(append(text, '\n'))
	err = errors.Join(err, b.giveAway(temp), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), filepath.Join(b.dir, fileName))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	d, err := os.Open(b.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// giveAway makes a file that root has written the property of the directory's
// owner: else the terminal, which is not root, could not read its own operators.
func (b *Book) giveAway(f *os.File) error {
	if os.Geteuid() != 0 {
		return nil
	}
	var dir unix.Stat_t
	if err := unix.Stat(b.dir, &dir); err != nil {
		return err
	}
	return f.Chown(int(dir.Uid), int(dir.Gid))
}

// change lets one process at a time read, change and write the file: the terminal
// counts wrong PINs while a person sets a new one from the command line. do says
// whether there is something to write. The temporary file of a process that was
// killed in the middle stays behind and hurts nobody.
func (b *Book) change(do func(all []entry) ([]entry, bool, error)) error {
	guard, err := os.OpenFile(filepath.Join(b.dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("operators: %w", err)
	}
	defer func() { _ = guard.Close() }() // lets the lock go
	if err := errors.Join(b.giveAway(guard), unix.Flock(int(guard.Fd()), unix.LOCK_EX)); err != nil {
		return fmt.Errorf("operators: lock %s: %w", guard.Name(), err)
	}
	all, err := b.read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	all, changed, err := do(all)
	if changed {
		if writeErr := b.write(all); writeErr != nil {
			return fmt.Errorf("operators: %w", writeErr)
		}
	}
	return err
}
