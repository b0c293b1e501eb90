// Command acquirersim is the simulated acquirer as a program of its own, for the lab
// and for trying a terminal by hand. See docs/acquirersim.md.
//
//	acquirersim [-addr 127.0.0.1:8443] [-control 127.0.0.1:8444] [-dir acquirersim]
//	            [-sign RSA|SM2] [-termno 10000001] [-hosts NAME,…] [-cpm] [-magic]
//	            [-refund-s SECONDS]
//
// It makes new keys and certificates at each start, writes the terminal's half of
// them to -dir, prints the part of a terminal's config that fits, and serves until
// it is told to stop. Exit codes: 0 stopped, 1 it could not go on, 2 wrong usage.
// It knows no rule of the protocol: those are in txn/acquirer/acquirersim.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit codes.
const (
	exitFine  = 0
	exitError = 1
	exitUsage = 2
)

func run(ctx context.Context, args []string, out, complaints io.Writer) int {
	set, err := parseSettings(args, complaints)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitFine
	case err != nil:
		return exitUsage // said by package flag or by parseSettings
	}
	if err := serve(ctx, set, out); err != nil {
		_, _ = fmt.Fprintf(complaints, "acquirersim: %v\n", err)
		return exitError
	}
	return exitFine
}
