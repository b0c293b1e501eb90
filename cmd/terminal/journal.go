package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"

	"saoma/terminal/store"
	"saoma/terminal/txn"
)

// journalWords are the subcommands of journal.
var journalWords = map[string]func(io streams, args []string) error{
	"list":   journalList,
	"show":   journalShow,
	"verify": journalVerify,
	"check":  journalCheck,
	"export": journalExport,
	"proof":  journalProof,
	"repair": journalRepair,
}

// journal looks into the books of a terminal that is not running.
func journal(_ context.Context, io streams, args []string) error {
	if len(args) == 0 {
		return &usageError{"journal needs a word: list, show, verify, check, export, proof or repair"}
	}
	run := journalWords[args[0]]
	if run == nil {
		return &usageError{fmt.Sprintf(
			"journal knows list, show, verify, check, export, proof and repair, not %q", args[0])}
	}
	return run(io, args[1:])
}

// dataFlags reads -data and what stands behind the flags.
func dataFlags(flags *flag.FlagSet, args []string, words int) (dir string, rest []string, err error) {
	data := flags.String("data", "", "the data directory")
	if err := parseFlags(flags, args); err != nil {
		return "", nil, err
	}
	if *data == "" || flags.NArg() != words {
		return "", nil, &usageError{fmt.Sprintf("%s needs -data DIR and %d more word(s)",
			flags.Name(), words)}
	}
	return *data, flags.Args(), nil
}

// withBooks opens a data directory for a look.
func withBooks(dir string, look func(*store.Books) error) error {
	books, err := store.Inspect(dir)
	if err != nil {
		if books != nil {
			err = errors.Join(err, books.Close())
		}
		return err
	}
	return errors.Join(look(books), books.Close())
}

func journalList(io streams, args []string) error {
	dir, _, err := dataFlags(newFlags("journal list"), args, 0)
	if err != nil {
		return err
	}
	return withBooks(dir, func(b *store.Books) error {
		return b.Replay(func(record []byte) error {
			_, err := fmt.Fprintf(io.out, "%s\n", record)
			return err
		})
	})
}

func journalVerify(io streams, args []string) error {
	dir, _, err := dataFlags(newFlags("journal verify"), args, 0)
	if err != nil {
		return err
	}
	return withBooks(dir, func(b *store.Books) error {
		if _, err := stateOf(b); err != nil {
			return err
		}
		_, err := fmt.Fprintf(io.out, "%d records, each in its place and unchanged\n", b.Len())
		return err
	})
}

// stateOf replays the books.
func stateOf(b interface {
	Replay(func([]byte) error) error
}) (*txn.State, error) {
	state := txn.NewReading()
	err := b.Replay(func(text []byte) error {
		r, err := txn.DecodeRecord(text)
		if err == nil {
			state.Apply(r)
		}
		return err
	})
	return state, err
}

// journalShow prints one transaction, and the records that made it.
func journalShow(io streams, args []string) error {
	dir, words, err := dataFlags(newFlags("journal show"), args, 1)
	if err != nil {
		return err
	}
	return withJournal(dir, func(j *store.Journal) error {
		state, err := stateOf(j)
		if err != nil {
			return err
		}
		sale, ok := state.Sale(state.FindRef(words[0]))
		if !ok {
			text, err := j.Archived(words[0])
			if err == nil && text == nil {
				err = fmt.Errorf("no transaction has the number %s", words[0])
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(io.out, "%s\n", text)
			return err
		}
		if err := json.NewEncoder(io.out).Encode(sale); err != nil {
			return err
		}
		return j.Replay(func(text []byte) error {
			r, err := txn.DecodeRecord(text)
			if err == nil && r.Order == sale.Order {
				_, err = fmt.Fprintf(io.out, "%s\n", text)
			}
			return err
		})
	})
}

// withJournal opens a journal that must be there already, mending what is damaged.
func withJournal(dir string, do func(*store.Journal) error) error {
	if err := withBooks(dir, func(*store.Books) error { return nil }); err != nil {
		return err
	}
	j, err := store.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(do(j), j.Close())
}

// checkJSON is what journal check says.
type checkJSON struct {
	Records  uint64          `json:"records"`
	Head     string          `json:"head"`
	Proven   bool            `json:"proven"`
	Problem  string          `json:"problem,omitempty"`
	Findings []store.Finding `json:"findings"`
	Identity txn.Identity    `json:"identity"`
	Open     txn.OpenMoney   `json:"open"`
	Sales    int             `json:"sales"`
}

// journalCheck says in what state the books are, and changes nothing.
func journalCheck(io streams, args []string) error {
	flags := newFlags("journal check")
	asJSON := flags.Bool("json", false, "as JSON")
	dir, _, err := dataFlags(flags, args, 0)
	if err != nil {
		return err
	}
	books, broken := store.Inspect(dir)
	if books == nil {
		return broken
	}
	defer func() { _ = books.Close() }()
	state, err := stateOf(books)
	if err != nil {
		return err
	}
	head := books.Head()
	c := checkJSON{Records: books.Len(), Head: fmt.Sprintf("%x", head), Proven: broken == nil,
		Findings: append([]store.Finding{}, books.Findings()...), Identity: state.Identity(),
		Open: state.OpenMoney(), Sales: len(state.Sales(0))}
	if broken != nil {
		c.Problem = broken.Error()
	}
	if *asJSON {
		err = json.NewEncoder(io.out).Encode(c)
	} else {
		err = c.print(io.out)
	}
	return errors.Join(err, broken)
}

func (c checkJSON) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%d records; %d sales at hand\nhead %s\n"+
		"open: %d transactions, %d for a person, %d batches, %d slips\n",
		c.Records, c.Sales, c.Head, c.Open.Transactions, c.Open.Hand, c.Open.Batches, c.Open.Slips)
	for _, f := range c.Findings {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s: %s; the next start mends it\n", f.Code, f.Detail)
		}
	}
	return err
}

// journalRepair goes on with what can be proven. A person must want it.
func journalRepair(io streams, args []string) error {
	flags := newFlags("journal repair")
	accept := flags.Bool("accept-loss", false, "go on without the records that can't be proven")
	dir, _, err := dataFlags(flags, args, 0)
	if err != nil {
		return err
	}
	err = withBooks(dir, func(*store.Books) error { return nil })
	switch {
	case err == nil:
		_, err = fmt.Fprintln(io.out, "nothing to repair: the books are proven complete")
		return err
	case !errors.Is(err, store.ErrBroken):
		return err
	case !*accept:
		return fmt.Errorf("%w\nwith -accept-loss the terminal goes on without what is missing: "+
			"first copy the directory, and reconcile with the acquirer afterwards", err)
	}
	j, err := store.AcceptLoss(dir)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(io.out, "the books go on after record %d; the damaged files are kept beside "+
		"them\nreconcile every open day with the acquirer's bill\n", j.Len())
	return errors.Join(err, j.Close())
}

// newFlags makes a flag set whose errors become usage errors.
func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet("terminal "+name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

func parseFlags(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return &usageError{fmt.Sprintf("%s: %v", flags.Name(), err)}
	}
	return nil
}
