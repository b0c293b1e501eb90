package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"saoma/terminal/store"
	"saoma/terminal/txn"
)

// moneyOpenError refuses what would lose money that is under way: exit code 4.
type moneyOpenError struct{ text string }

func (e *moneyOpenError) Error() string { return e.text }

// Unwrap makes it a txn.ErrMoneyOpen.
func (e *moneyOpenError) Unwrap() error { return txn.ErrMoneyOpen }

// reset makes a terminal that is not running as new: the books are exported, signed,
// and then emptied. Numbers go on where they were.
func reset(_ context.Context, io streams, args []string) error {
	flags := newFlags("reset")
	out := flags.String("export", "", "where the books are written before they are emptied")
	dir, _, err := dataFlags(flags, args, 0)
	if err != nil {
		return err
	}
	if *out == "" {
		return &usageError{"reset needs -export FILE: what is in the books is written there first"}
	}
	if inside, err := filepath.Rel(dir, *out); err == nil && filepath.IsLocal(inside) {
		return &usageError{"reset: -export must lie outside of the data directory"}
	}
	return withJournal(dir, func(j *store.Journal) error {
		state, err := stateOf(j)
		if err != nil {
			return err
		}
		if err := nothingOpen(state); err != nil {
			return err
		}
		if _, err := os.Lstat(*out); err == nil {
			return fmt.Errorf("%s is there already: name another file", *out)
		}
		head, err := export(dir, j, *out)
		if err != nil {
			return err
		}
		if err := empty(dir, j, state); err != nil {
			return err
		}
		_, err = fmt.Fprintf(io.out, "the books are empty; %d records are in %s\nsigned by %s\n",
			head.Records, *out, head.PublicKey)
		return err
	})
}

func nothingOpen(state *txn.State) error {
	open := state.OpenMoney()
	if open == (txn.OpenMoney{}) {
		return nil
	}
	return &moneyOpenError{fmt.Sprintf("refused, money is open. Transactions not final: %d; "+
		"with a person: %d; batches not settled: %d; slips not on paper: %d. "+
		"Start the terminal, let it finish, close the list, settle; then try again",
		open.Transactions, open.Hand, open.Batches, open.Slips)}
}

// empty removes all but the counters, and the key that has signed.
func empty(dir string, j *store.Journal, state *txn.State) error {
	if err := j.Empty(state.ResetCarried(time.Now()).Encode()); err != nil {
		return err
	}
	var errs []error
	for _, name := range []string{"vault.db", "operators.json"} {
		if err := os.Remove(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
