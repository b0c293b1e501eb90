package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"saoma/terminal/store"
	"saoma/terminal/txn"
)

// journal looks into the books of a terminal that is not running.
func journal(_ context.Context, io streams, args []string) error {
	if len(args) == 0 {
		return &usageError{"journal needs a word: list or verify"}
	}
	flags := newFlags("journal " + args[0])
	data := flags.String("data", "", "the data directory")
	if err := parseFlags(flags, args[1:]); err != nil {
		return err
	}
	if *data == "" || flags.NArg() > 0 {
		return &usageError{"journal " + args[0] + " needs -data DIR and nothing else"}
	}
	var read func(record []byte) error
	switch args[0] {
	case "list":
		read = func(record []byte) error {
			_, err := fmt.Fprintf(io.out, "%s\n", record)
			return err
		}
	case "verify":
		read = func(record []byte) error {
			_, err := txn.DecodeRecord(record)
			return err
		}
	default:
		return &usageError{fmt.Sprintf("journal knows list and verify, not %q", args[0])}
	}
	j, err := store.Inspect(*data)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }()
	if err := j.Replay(read); err != nil {
		return err
	}
	if args[0] == "verify" {
		_, err = fmt.Fprintf(io.out, "%d records, each in its place and unchanged\n", j.Len())
	}
	return err
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
