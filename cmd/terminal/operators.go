package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"saoma/terminal/store/operators"
)

// typedMax is how much of a line is looked at for a PIN, in bytes.
const typedMax = 64

// staffing is a command line about operators.
type staffing struct {
	flags              *flag.FlagSet
	book               *operators.Book
	number, name, role string
	fromStdin, asJSON  bool
}

// staffCommand lists and changes the operators of a data directory. The terminal may
// be running: it sees a change at the next PIN. A PIN is never an argument, where
// every process of the machine could read it.
func staffCommand(ctx context.Context, io streams, args []string) error {
	if len(args) == 0 {
		return &usageError{"operators needs a word: list, add, set-pin or remove"}
	}
	do, ok := map[string]func(context.Context, streams, *staffing) error{"list": listStaff,
		"add": addStaff, "set-pin": setPIN, "remove": removeStaff}[args[0]]
	if !ok {
		return &usageError{fmt.Sprintf("operators knows list, add, set-pin and remove, not %q", args[0])}
	}
	s := &staffing{flags: newFlags("operators " + args[0])}
	data := s.flags.String("data", "", "the data directory")
	switch args[0] {
	case "list":
		s.flags.BoolVar(&s.asJSON, "json", false, "one JSON object a line")
	case "add":
		s.flags.StringVar(&s.name, "name", "", "1 to 20 characters")
		s.flags.StringVar(&s.role, "role", "", "cashier, supervisor or technician")
		fallthrough
	case "set-pin":
		s.flags.BoolVar(&s.fromStdin, "pin-stdin", false, "read the PIN from standard input")
		fallthrough
	case "remove":
		s.flags.StringVar(&s.number, "number", "", "2 to 4 digits")
	}
	if err := parseFlags(s.flags, args[1:]); err != nil {
		return err
	}
	if *data == "" || s.flags.NArg() > 0 || args[0] != "list" && s.number == "" {
		return &usageError{"operators " + args[0] + ": " + usageOfStaff}
	}
	s.book = operators.New(*data)
	return do(ctx, io, s)
}

const usageOfStaff = "list -data DIR [-json] | add -data DIR -number NN -name NAME -role ROLE [-pin-stdin] | " +
	"set-pin -data DIR -number NN [-pin-stdin] | remove -data DIR -number NN"

func listStaff(_ context.Context, io streams, s *staffing) error {
	all, err := s.book.All()
	if err != nil && !errors.Is(err, operators.ErrNone) {
		return err
	}
	if s.asJSON {
		for _, o := range all {
			err := json.NewEncoder(io.out).Encode(map[string]any{"number": o.Number, "name": o.Name,
				"role": o.Role, "wrong_pins": o.Wrong, "locked_s": int(o.Locked.Seconds())})
			if err != nil {
				return err
			}
		}
		return nil
	}
	if len(all) == 0 {
		_, err := fmt.Fprintln(io.out, "No operators are set up: whoever stands at the till may do everything.")
		return err
	}
	table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "number\trole\tname\tlock")
	for _, o := range all {
		lock := "-"
		if o.Locked > 0 {
			lock = fmt.Sprintf("%d wrong PINs, another %s of running time", o.Wrong, o.Locked.Round(1e9))
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", o.Number, o.Role, o.Name, lock)
	}
	return table.Flush()
}

func addStaff(ctx context.Context, io streams, s *staffing) error {
	o := operators.Operator{Number: s.number, Name: s.name, Role: operators.Role(s.role)}
	if err := o.Check(); err != nil {
		return &usageError{err.Error()}
	}
	_, err := s.book.All()
	first := errors.Is(err, operators.ErrNone)
	pin, err := s.newPIN(ctx, io)
	if err != nil {
		return err
	}
	if err := s.book.Add(o, pin); err != nil {
		return err
	}
	_, err = fmt.Fprintf(io.out, "%s %s, %s, is an operator now.\n", o.Number, o.Name, o.Role)
	if first {
		_, _ = fmt.Fprintln(io.out, "From its next start the terminal asks operators to sign on.")
	}
	return err
}

func setPIN(ctx context.Context, io streams, s *staffing) error {
	pin, err := s.newPIN(ctx, io)
	if err != nil {
		return err
	}
	if err := s.book.SetPIN(s.number, pin); err != nil {
		return err
	}
	_, err = fmt.Fprintf(io.out, "Operator %s has a new PIN and is not locked.\n", s.number)
	return err
}

func removeStaff(_ context.Context, io streams, s *staffing) error {
	if err := s.book.Remove(s.number); err != nil {
		return err
	}
	_, err := fmt.Fprintf(io.out, "Operator %s is removed; a shift that is running goes on to its end.\n", s.number)
	return err
}

// newPIN takes a PIN from a terminal, twice and without an echo, or from a pipe.
func (s *staffing) newPIN(ctx context.Context, to streams) (operators.PIN, error) {
	lines := bufio.NewReaderSize(os.Stdin, typedMax)
	if s.fromStdin {
		return readPIN(ctx, lines)
	}
	shown, err := unix.IoctlGetTermios(int(os.Stdin.Fd()), unix.TCGETS)
	if err != nil {
		return operators.PIN{}, &usageError{"standard input is no terminal: use -pin-stdin"}
	}
	hidden := *shown
	hidden.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(os.Stdin.Fd()), unix.TCSETSF, &hidden); err != nil {
		return operators.PIN{}, fmt.Errorf("terminal: %w", err)
	}
	defer func() { _ = unix.IoctlSetTermios(int(os.Stdin.Fd()), unix.TCSETSF, shown) }()
	var typed [2]operators.PIN
	for i, prompt := range []string{"PIN of operator " + s.number + ", 4 to 8 digits: ", "Once more: "} {
		_, _ = fmt.Fprint(to.err, prompt)
		typed[i], err = readPIN(ctx, lines)
		_, _ = fmt.Fprintln(to.err)
		if err != nil {
			return operators.PIN{}, err
		}
	}
	defer typed[1].Wipe()
	if !typed[0].Same(typed[1]) {
		typed[0].Wipe()
		return operators.PIN{}, errors.New("the two PINs differ: nothing was changed")
	}
	return typed[0], nil
}

// readPIN reads a line. Whoever interrupts it gets the echo back.
func readPIN(ctx context.Context, lines *bufio.Reader) (operators.PIN, error) {
	read := make(chan error, 1)
	var pin operators.PIN
	go func() { // ends with the line, or with the process
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) > 0 {
			err = nil // a pipe may end without one
		}
		for len(line) > 0 && (line[len(line)-1] == '\n' || line[len(line)-1] == '\r') {
			line = line[:len(line)-1]
		}
		pin = operators.NewPIN(append([]byte(nil), line...))
		clear(line)
		read <- err
	}()
	select {
	case err := <-read:
		if err != nil {
			return operators.PIN{}, fmt.Errorf("read the PIN: %w", err)
		}
		return pin, nil
	case <-ctx.Done():
		return operators.PIN{}, errors.New("interrupted: nothing was changed")
	}
}
