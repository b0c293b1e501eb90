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
	for _, src := range t.sources {
		running.Go(func() { scanner.Keep(devices, t.log, src, scans, t.scannerStatus) })
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

// await tells those scanners that look only while a code is awaited.
func (t *terminal) await(waiting bool) {
	for _, src := range t.sources {
		if a, ok := src.(interface{ Await(waiting bool) }); ok {
			a.Await(waiting)
		}
	}
}

// submit tells the engine of one scan.
func (t *terminal) submit(ctx context.Context, gate *scanner.Gate, scan scanner.Scan) {
	text := scan.Text.Reveal()
	if scan.Overlong {
		text = overlongCode
	}
	_, err := t.engine.Submit(ctx, txn.CodeScanned{Code: txn.NewPayCode(text)})
	var refusal txn.Refusal
	switch {
	case errors.As(err, &refusal):
		t.log.Info("scan refused", "part", scan.Source, "reason", string(refusal))
		if refusal == txn.ErrNoSale {
			gate.Unused(scan)
		}
	case err != nil && ctx.Err() == nil:
		t.log.Error("scan could not be used", "part", scan.Source, "err", err)
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
