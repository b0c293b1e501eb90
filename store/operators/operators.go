// Package operators keeps who may work at this terminal: number, name, role, and a
// PIN of which only an argon2id hash is kept. It checks PINs, counts wrong ones and
// locks, durably: a power cut is no way to a free try.
//
// It does not know what a role may do, nor who is on duty. The file operators.json
// in the data directory, mode 0600, is the whole truth: it is read anew for every
// question, so that a PIN that is set from the command line counts at once.
//
// Whoever can write the data directory can put an old file back, and with it an old
// count of wrong PINs. That is no boundary of this package.
package operators

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sys/unix"
)

// Role is what an operator is here for.
type Role string

// The roles.
const (
	Cashier    Role = "cashier"
	Supervisor Role = "supervisor"
	Technician Role = "technician"
)

// nameMax is the longest name, in characters.
const nameMax = 20

// Operator is a person who works at this terminal.
type Operator struct {
	Number string // 2 to 4 digits
	Name   string // 1 to 20 characters, without control characters
	Role   Role
	Wrong  int           // wrong PINs in a row
	Locked time.Duration // left of the lock, of running time; 0: not locked
}

// What can be wrong with a question about an operator.
var (
	// ErrWrong means that the number or the PIN is wrong. It does not say which.
	ErrWrong = errors.New("wrong operator or PIN")
	// ErrNone means that no operators were ever set up.
	ErrNone    = errors.New("no operators are set up: terminal operators add -data DIR")
	errUnknown = errors.New("there is no such operator")
)

// Book is the operators of a data directory. Any goroutine may use it.
type Book struct {
	dir    string
	uptime func() (time.Duration, error)
	one    chan struct{} // one PIN at a time: each takes 19 MiB
}

// New gives the operators of a directory. It touches nothing.
func New(dir string) *Book {
	return &Book{dir: dir, uptime: uptime, one: make(chan struct{}, 1)}
}

// uptime is how long this machine has run, also while it slept. No wall clock moves it.
func uptime() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0, fmt.Errorf("operators: uptime: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// All gives the operators by number. The error is ErrNone where there never was a
// list, or a *BrokenError. A list with nobody on it is none of both.
func (b *Book) All() ([]Operator, error) {
	up, err := b.uptime()
	if err != nil {
		return nil, err
	}
	entries, err := b.read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	all := make([]Operator, len(entries))
	for i := range entries {
		e := &entries[i]
		all[i] = Operator{e.Number, e.Name, e.Role, e.Tries, e.left(up)}
	}
	slices.SortFunc(all, func(a, b Operator) int { return strings.Compare(a.Number, b.Number) })
	return all, err
}

// Check gives the operator of a number, if the PIN is right. The error is ErrWrong,
// a *LockedError, ErrNone, a *BrokenError, ctx's while another PIN is being checked,
// or trouble with the disk: then nobody is let in. The try is durable before the
// PIN is looked at, so that no power cut makes it undone. The PIN is wiped.
func (b *Book) Check(ctx context.Context, number string, pin PIN) (Operator, error) {
	defer pin.Wipe()
	select {
	case b.one <- struct{}{}:
		defer func() { <-b.one }()
	case <-ctx.Done():
		return Operator{}, ctx.Err()
	}
	kept, err := b.count(number, pin)
	if err != nil {
		return Operator{}, err
	}
	h := nobody()
	if kept.Number != "" {
		if h, err = parseHash(kept.PIN); err != nil {
			return Operator{}, err
		}
	}
	if !h.fits(pin) || kept.Number == "" {
		return Operator{}, ErrWrong
	}
	if err := b.forgive(kept); err != nil {
		return Operator{}, err
	}
	return Operator{Number: kept.Number, Name: kept.Name, Role: kept.Role}, nil
}

// count notes a try as a wrong one, before it is known to be. An unknown number
// gives the zero entry.
func (b *Book) count(number string, pin PIN) (kept entry, err error) {
	up, err := b.uptime()
	if err != nil {
		return entry{}, err
	}
	err = b.change(func(all []entry) ([]entry, bool, error) {
		e := find(all, number)
		switch {
		case all == nil:
			return nil, false, ErrNone
		case !pin.wellFormed():
			return all, false, ErrWrong // no PIN at all: a slip of the finger, not a guess
		case e == nil:
			return all, false, nil
		case e.left(up) > 0:
			left := e.left(up)
			return all, e.progress(up), &LockedError{left}
		}
		e.guess(up)
		kept = *e
		return all, true, nil
	})
	return kept, err
}

// forgive takes the wrong tries back once the PIN was right, unless somebody has
// set another PIN meanwhile: then it was right too late.
func (b *Book) forgive(kept entry) error {
	return b.change(func(all []entry) ([]entry, bool, error) {
		e := find(all, kept.Number)
		if e == nil || e.PIN != kept.PIN {
			return all, false, ErrWrong
		}
		e.forgive()
		return all, true, nil
	})
}

// Add takes a new operator in. The first one must be a supervisor: nobody else could
// authorise what they do.
func (b *Book) Add(o Operator, pin PIN) error {
	defer pin.Wipe()
	if err := errors.Join(o.Check(), pin.check(o.Number)); err != nil {
		return err
	}
	kept, err := hash(pin)
	if err != nil {
		return err
	}
	return b.change(func(all []entry) ([]entry, bool, error) {
		switch {
		case find(all, o.Number) != nil:
			return all, false, fmt.Errorf("operator %s is there already", o.Number)
		case len(all) >= Max:
			return all, false, fmt.Errorf("there are %d operators, which is the most", Max)
		case o.Role != Supervisor && !supervised(all):
			return all, false, errors.New("the first operator must be a supervisor")
		}
		return append(all, entry{Number: o.Number, Name: o.Name, Role: o.Role, PIN: kept}), true, nil
	})
}

// SetPIN gives an operator a new PIN and lifts the lock.
func (b *Book) SetPIN(number string, pin PIN) error {
	defer pin.Wipe()
	if err := pin.check(number); err != nil {
		return err
	}
	kept, err := hash(pin)
	if err != nil {
		return err
	}
	return b.change(func(all []entry) ([]entry, bool, error) {
		e := find(all, number)
		if e == nil {
			return all, false, fmt.Errorf("operator %s: %w", number, errUnknown)
		}
		e.PIN = kept
		e.forgive()
		return all, true, nil
	})
}

// Remove takes an operator off the list: the last supervisor only as the last of all.
func (b *Book) Remove(number string) error {
	return b.change(func(all []entry) ([]entry, bool, error) {
		i := slices.IndexFunc(all, func(e entry) bool { return e.Number == number })
		if i < 0 {
			return all, false, fmt.Errorf("operator %s: %w", number, errUnknown)
		}
		all = slices.Delete(all, i, i+1)
		if len(all) > 0 && !supervised(all) {
			return all, false, errors.New("the last supervisor can't be removed while there are others")
		}
		return all, true, nil
	})
}

func find(all []entry, number string) *entry {
	for i := range all {
		if all[i].Number == number {
			return &all[i]
		}
	}
	return nil
}

func supervised(all []entry) bool {
	return slices.ContainsFunc(all, func(e entry) bool { return e.Role == Supervisor })
}

// Check names what an operator can't be.
func (o Operator) Check() error {
	var faults []error
	if len(o.Number) < 2 || len(o.Number) > 4 || strings.Trim(o.Number, "0123456789") != "" {
		faults = append(faults, fmt.Errorf("number %q is not 2 to 4 digits", o.Number))
	}
	if n := len([]rune(o.Name)); n < 1 || n > nameMax || strings.TrimSpace(o.Name) != o.Name ||
		strings.ContainsFunc(o.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		faults = append(faults, fmt.Errorf("name %q is not 1 to %d printable characters", o.Name, nameMax))
	}
	if o.Role != Cashier && o.Role != Supervisor && o.Role != Technician {
		faults = append(faults, fmt.Errorf("role %q is not cashier, supervisor or technician", o.Role))
	}
	return errors.Join(faults...)
}
