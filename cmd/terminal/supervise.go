package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"

	"saoma/terminal/scanner"
	"saoma/terminal/txn"
)

// overlongCode stands for a scan that was too long to be kept: the classifier has
// to see that it is.
var overlongCode = string(make([]byte, scanner.ScanMax+1))

// run keeps all parts running until ctx ends, then stops them in reverse order:
// the pages and scanners first, so that nothing new comes, the books last. ready
// is called once a sale can be made.
func (t *terminal) run(ctx context.Context, ready func()) error {
	books, closeBooks := context.WithCancel(context.WithoutCancel(ctx))
	defer closeBooks()
	booksEnded := make(chan error, 1)
	go func() { booksEnded <- t.engine.Run(books) }()
	if _, err := t.engine.Sales(ctx, 1); err != nil { // replayed, once it answers
		closeBooks()
		return errors.Join(<-booksEnded, t.listen.Close())
	}
	devices, stopDevices := context.WithCancel(ctx)
	defer stopDevices()
	var running sync.WaitGroup
	scans := make(chan scanner.Scan)
	plugs := scanner.NewPlugs()
	running.Go(func() { t.listenForPlugs(devices, plugs) })
	keeper := scanner.Keeper{Log: t.log, Plugs: plugs, Out: scans, Told: t.scannerStatus}
	for _, src := range t.sources {
		running.Go(func() { keeper.Keep(devices, src) })
	}
	running.Go(func() { t.feed(devices, scans, t.engine.Watch(devices)) })
	running.Go(func() { t.lights.follow(devices, t.engine.Watch(devices)) })
	pages := make(chan error, 1)
	go func() { pages <- t.server.Serve(t.listen) }()
	ready()
	var err error
	select {
	case <-ctx.Done():
	case err = <-pages:
	case err = <-booksEnded:
		booksEnded <- nil
	}
	stopDevices()
	t.closePages()
	running.Wait()
	closeBooks()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, <-booksEnded)
}

// listenForPlugs lets scanners be found the moment they are plugged in. Without it
// they are found by the clock.
func (t *terminal) listenForPlugs(ctx context.Context, plugs *scanner.Plugs) {
	if err := plugs.Run(ctx); err != nil && ctx.Err() == nil {
		t.log.Warn("scanners are looked for by the clock alone", "err", err)
	}
}

// closePages lets requests end, but streams would never.
func (t *terminal) closePages() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout/10)
	defer cancel()
	if err := t.server.Shutdown(ctx); err != nil {
		_ = t.server.Close()
	}
}

// feed tells the engine what scanners see, and scanners whether a code is awaited.
func (t *terminal) feed(ctx context.Context, scans <-chan scanner.Scan, views <-chan txn.View) {
	gate, err := newGate()
	if err != nil {
		t.log.Error("scans can't be told apart", "err", err)
		return
	}
	awaited := false
	for {
		select {
		case scan := <-scans:
			if gate.Admit(scan) {
				t.submit(ctx, gate, scan)
			}
		case v, open := <-views:
			if !open {
				return
			}
			if v.AwaitsCode() == awaited {
				continue
			}
			awaited = !awaited
			t.await(awaited)
			if awaited {
				gate.Await()
			}
		case <-ctx.Done():
			return
		}
	}
}

// await tells the scanners whether a code is awaited, so that they look, or light up,
// then and only then.
func (t *terminal) await(waiting bool) {
	for _, src := range t.sources {
		if p, ok := src.(scanner.Prompter); ok {
			p.Await(waiting)
		}
	}
}

// submit tells the engine of one scan.
func (t *terminal) submit(ctx context.Context, gate *scanner.Gate, scan scanner.Scan) {
	_, err := t.engine.Submit(ctx, txn.CodeScanned{Code: txn.NewPayCode(readBy(scan))})
	var refusal txn.Refusal
	switch {
	case errors.As(err, &refusal):
		t.log.Info("scan refused", "part", scan.Source, "symbology", string(scan.Symbology()),
			"reason", string(refusal))
		t.tellRefused(scan.Source)
		if refusal == txn.ErrNoSale {
			gate.Unused(scan)
		}
	case err != nil && ctx.Err() == nil:
		t.log.Error("scan could not be used", "part", scan.Source, "err", err)
	}
}

// readBy is what the classifier gets of a scan: the AIM identifier, too, since what
// was read tells what a code may be.
func readBy(scan scanner.Scan) string {
	if scan.Overlong {
		return overlongCode
	}
	return scan.AIM + scan.Text.Reveal()
}

// tellRefused lets the scanner that has read a refused code say so.
func (t *terminal) tellRefused(name string) {
	for _, src := range t.sources {
		if p, ok := src.(scanner.Prompter); ok && src.Name() == name {
			p.Refuse()
		}
	}
}

// newGate drops repeats, with a key of this process.
func newGate() (*scanner.Gate, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	return scanner.NewGate(key), nil
}
