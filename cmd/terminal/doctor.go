package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/store"
	"saoma/terminal/txn/acquirer/allinpay"
)

// doctorMax is how long the whole self-test may take.
const doctorMax = 8 * time.Second

// health is how a check has ended.
type health string

// The healths. What is skipped could not be looked at, and says why.
const (
	healthy health = "ok"
	trouble health = "trouble"
	skipped health = "skipped"
)

// finding is one thing that the doctor has looked at, and its machine-readable line.
type finding struct {
	Check string  `json:"check"`
	Name  string  `json:"name,omitempty"` // of the device, where there are several
	State health  `json:"state"`
	Text  string  `json:"text"`           // a sentence
	Cure  string  `json:"cure,omitempty"` // what to do
	MS    float64 `json:"ms"`
}

// doctor is the self-test of a terminal.
type doctor struct {
	cfg    *configs.Config
	host   allinpay.Config
	log    *slog.Logger
	kernel v4l2.Kernel // nil: this machine's
	now    func() time.Time
	busy   bool // the terminal is running and has the devices
}

// errUnwell makes the exit code; what is wrong was printed.
var errUnwell = errors.New("the doctor has found trouble")

// runDoctor is the subcommand.
func runDoctor(ctx context.Context, io streams, args []string) error {
	flags := newFlags("doctor")
	path := flags.String("config", "", "the config")
	asJSON := flags.Bool("json", false, "one JSON object for each check")
	preview := flags.String("preview", "", "a PNG file to write, or - to watch: what a camera sees")
	which := flags.String("scanner", "", "the name of the camera for -preview; the first one, if empty")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if *path == "" || flags.NArg() > 0 {
		return &usageError{"doctor needs -config FILE and nothing else but its flags"}
	}
	tell := printFinding(io.out, *asJSON)
	cfg, host, err := wholeConfig(*path)
	if err != nil {
		if !*asJSON {
			return err
		}
		return errors.Join(err, tell(finding{Check: "config", State: trouble, Text: err.Error(),
			Cure: "mend the lines that are named; terminal check -config FILE looks again"}))
	}
	d := &doctor{cfg: cfg, host: host, log: slog.New(slog.DiscardHandler), now: time.Now}
	if *preview != "" {
		return d.preview(ctx, io.out, *preview, *which)
	}
	if err := tell(finding{Check: "config", State: healthy, Text: *path + ": no fault found"}); err != nil {
		return err
	}
	return d.examine(ctx, tell)
}

// printFinding writes findings for people or for machines.
func printFinding(w io.Writer, asJSON bool) func(finding) error {
	if asJSON {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		return func(f finding) error { return out.Encode(f) }
	}
	return func(f finding) error {
		name := f.Check
		if f.Name != "" {
			name += " " + f.Name
		}
		_, err := fmt.Fprintf(w, "%-8s %s: %s\n", f.State, name, f.Text)
		if f.Cure != "" && err == nil {
			_, err = fmt.Fprintf(w, "%-8s   -> %s\n", "", f.Cure)
		}
		return err
	}
}

// examine looks at everything at once, and tells the findings in a fixed order.
func (d *doctor) examine(ctx context.Context, tell func(finding) error) error {
	ctx, cancel := context.WithTimeout(ctx, doctorMax)
	defer cancel()
	books, openErr := store.Inspect(d.cfg.Terminal.DataDir)
	d.busy = errors.Is(openErr, store.ErrHeld)
	checks := []func(context.Context) []finding{
		one(d.disk), one(func(ctx context.Context) finding { return d.journal(ctx, books, openErr) }),
		one(d.clock), one(d.printer), one(d.board), d.acquirer,
	}
	for _, s := range d.cfg.Scanners {
		checks = append(checks, one(func(ctx context.Context) finding { return d.scanner(ctx, s) }))
	}
	found := make([][]finding, len(checks))
	var running sync.WaitGroup
	for i, check := range checks {
		running.Go(func() { found[i] = check(ctx) })
	}
	running.Wait()
	var err error
	for _, some := range found {
		for _, f := range some {
			err = errors.Join(err, tell(f))
			if f.State == trouble && !errors.Is(err, errUnwell) {
				err = errors.Join(err, errUnwell)
			}
		}
	}
	return err
}

// one times a check that has one finding.
func one(check func(context.Context) finding) func(context.Context) []finding {
	return func(ctx context.Context) []finding {
		began := time.Now()
		f := check(ctx)
		f.MS = milliseconds(time.Since(began))
		return []finding{f}
	}
}
