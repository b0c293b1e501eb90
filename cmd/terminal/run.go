package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/allinpay"
)

// runTerminal is the daemon: a terminal with real devices and a real acquirer.
func runTerminal(ctx context.Context, io streams, args []string) error {
	flags := newFlags("run")
	path := flags.String("config", "", "the config")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if *path == "" || flags.NArg() > 0 {
		return &usageError{"run needs -config FILE and nothing else"}
	}
	cfg, err := loadConfig(*path)
	if err != nil {
		return err
	}
	acquirerConfig, err := allinpayConfig(cfg)
	if err != nil {
		return err
	}
	var clock bookClock
	acquirerConfig.CertificateTime = clock.now
	client, err := allinpay.New(acquirerConfig)
	if err != nil {
		return &configError{err}
	}
	defer client.Close()
	sources, err := scannerSources(cfg.Scanners)
	if err != nil {
		return &configError{err}
	}
	t, err := build(parts{cfg: cfg, acquirer: client, sources: sources,
		log: newLog(io.err, cfg.Log.Level)})
	if err != nil {
		return err
	}
	clock.books.Store(t.engine)
	err = t.run(ctx, func() {
		_, _ = fmt.Fprintf(io.out, "terminal ready on http://%s\n", t.listen.Addr())
	})
	if errors.Is(err, txn.ErrMoneyOpen) {
		return &moneyOpenError{fmt.Sprintf("%s names another terminal, merchant or acquirer than the "+
			"books, and money is open under the old one: %v. Start with the old config, let it finish, "+
			"settle; then change it", *path, err)}
	}
	return err
}

// newLog writes lines for people and machines alike. The level was checked.
func newLog(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level))
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}
