package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"saoma/terminal/store/operators"
	"saoma/terminal/txn"
	"saoma/terminal/ui"
)

// staff are the operators as the pages want them.
type staff struct{ *operators.Book }

// Check finds out who a person is; see ui.Operators.
func (s staff) Check(ctx context.Context, number string, pin []byte) (txn.Person, string, error) {
	o, err := s.Book.Check(ctx, number, operators.NewPIN(pin))
	var locked *operators.LockedError
	var broken *operators.BrokenError
	switch {
	case err == nil:
		return txn.Person{Operator: o.Number, Role: txn.Role(o.Role)}, o.Name, nil
	case errors.As(err, &locked):
		err = &ui.LockedError{Left: locked.Left}
	case errors.Is(err, operators.ErrWrong):
		err = ui.ErrWrongPIN
	case errors.Is(err, operators.ErrNone):
		err = ui.ErrNoOperators
	case errors.As(err, &broken):
		err = fmt.Errorf("%w: %w", ui.ErrOperatorsBroken, err)
	}
	return txn.Person{}, "", err
}

var _ ui.Operators = staff{}

// guard says whether operators have to sign on. It is asked once, when the terminal
// starts: whoever makes the first operator starts it anew.
func (s staff) guard(log *slog.Logger) txn.Guard {
	all, err := s.All()
	switch {
	case errors.Is(err, operators.ErrNone):
		return txn.GuardNone
	case err != nil:
		log.Error("operators can't be read: what takes a supervisor is refused", "err", err)
		return txn.GuardBroken
	case len(all) == 0:
		return txn.GuardOff
	}
	return txn.GuardOn
}
