// Command terminal is the smart POS terminal: one daemon that lets a cashier
// scan a customer's payment code and be paid. This package builds the parts from
// the config, by hand, and keeps them running; it decides nothing about money
// and drives no device itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"saoma/terminal/txn"
)

// The exit codes. Scripts rely on them.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
	exitConfig = 3 // the config is wrong
	exitMoney  = 4 // refused, because money is open
)

// command is one subcommand. It gets the arguments after its name.
type command struct {
	name    string
	usage   string
	summary string
	run     func(ctx context.Context, io streams, args []string) error
}

// streams are where a command reads and writes.
type streams struct {
	out, err io.Writer
}

// usageError is a wrong command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func commands() []command {
	return []command{
		{"demo", "demo [-addr 127.0.0.1:8080] [-data DIR]",
			"a working terminal with everything simulated in one process", demo},
		{"run", "run -config FILE", "the terminal", runTerminal},
		{"check", "check -config FILE", "every fault of a config, with its line", check},
		{"doctor", "doctor -config FILE [-json] [-preview FILE.png|-]",
			"a self-test: devices, books, clock, disk, line", runDoctor},
		{"classify", "classify [-json] [-all] [-config FILE] CODE...",
			"what a code is, by the config's table", classify},
		{"decode", "decode [-json] [-bench N] [-raw WxH] IMAGE|DIR...",
			"the codes in pictures, or why there is none", decodeImages},
		{"journal", "journal WORD -data DIR ...", "the books of a terminal that is not running: " +
			"list, show, verify, check, export, proof, repair", journal},
		{"reset", "reset -data DIR -export FILE", "export the books of a terminal that is not running, " +
			"and empty them", reset},
		{"operators", "operators list|add|set-pin|remove -data DIR",
			"who may work at a terminal; a PIN is typed, or read by -pin-stdin", staffCommand},
		{"version", "version", "what this is", version},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := dispatch(ctx, streams{os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// dispatch runs a command line and gives its exit code.
func dispatch(ctx context.Context, io streams, args []string) int {
	if len(args) == 0 {
		printUsage(io.err)
		return exitUsage
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool {
		return c.name == args[0] || args[0] == "-"+c.name || args[0] == "--"+c.name
	})
	switch {
	case i >= 0:
		return exitCode(io, all[i].run(ctx, io, args[1:]))
	case args[0] == "help" || args[0] == "-h" || args[0] == "--help":
		printUsage(io.out)
		return exitFine
	}
	_, _ = fmt.Fprintf(io.err, "terminal: there is no command %q\n\n", args[0])
	printUsage(io.err)
	return exitUsage
}

func exitCode(io streams, err error) int {
	if err == nil {
		return exitFine
	}
	_, _ = fmt.Fprintf(io.err, "terminal: %v\n", err)
	var usage *usageError
	var config *configError
	switch {
	case errors.Is(err, txn.ErrMoneyOpen):
		return exitMoney
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &config):
		return exitConfig
	}
	return exitFailed
}

func printUsage(w io.Writer) {
	_, _ = fmt.Fprint(w, "usage: terminal COMMAND\n\n")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-50s %s\n", c.usage, c.summary)
	}
	_, _ = fmt.Fprint(w, "\nexit codes: 0 fine, 1 it failed, 2 wrong usage, "+
		"3 the config is wrong,\n            4 refused because money is open\n")
}

// release is set by the linker: -X main.release=1.2.3.
var release = "development"

func version(_ context.Context, io streams, args []string) error {
	if len(args) > 0 {
		return &usageError{"version takes no arguments"}
	}
	goVersion := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		goVersion = info.GoVersion
	}
	_, err := fmt.Fprintf(io.out, "terminal %s (%s)\n", release, goVersion)
	return err
}
