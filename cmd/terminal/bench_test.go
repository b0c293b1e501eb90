package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/configs"
	"saoma/terminal/scanner"
	"saoma/terminal/scanner/scannersim"
	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/allinpay"
)

// BenchmarkScanToRequest measures from the moment a scanner hands over a code to
// the moment the request has arrived at the acquirer on the same machine: gate,
// classifier, decision, the record on disk, signature and TLS are in it. The floor
// is one fdatasync of 4 KiB on the same disk, in turn with the sales.
func BenchmarkScanToRequest(b *testing.B) {
	b.Run("connected", func(b *testing.B) { scanToRequest(b, func(*allinpay.Client) {}) })
	b.Run("connecting", func(b *testing.B) { scanToRequest(b, (*allinpay.Client).Close) })
}

func scanToRequest(b *testing.B, before func(*allinpay.Client)) {
	counter := newCounter(b)
	floor := newFloor(b)
	var took, synced []time.Duration
	for b.Loop() {
		before(counter.client)
		took = append(took, counter.sell())
		synced = append(synced, floor.sync())
	}
	slices.Sort(took)
	slices.Sort(synced)
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	at := func(d []time.Duration, percent int) time.Duration { return d[(len(d)-1)*percent/100] }
	b.ReportMetric(0, "ns/op") // a sale's whole time, which is not what is asked
	b.ReportMetric(us(at(took, 50)), "p50-µs")
	b.ReportMetric(us(at(took, 99)), "p99-µs")
	b.ReportMetric(us(at(synced, 50)), "fsync-p50-µs")
	b.ReportMetric(us(at(synced, 99)), "fsync-p99-µs")
	b.ReportMetric(us(at(took, 50))/us(at(synced, 50)), "p50/fsync")
}

// counter is a terminal in this process that sells to an acquirer over TLS.
type counter struct {
	b       testing.TB
	sim     *acquirersim.Sim
	client  *allinpay.Client
	scanner *scannersim.Source
	till    *terminal
	views   <-chan txn.View
	arrived chan time.Time
}

// newCounter has a scanner that the test shows codes to, and others.
func newCounter(b testing.TB, others ...scanner.Source) *counter {
	b.Helper()
	cfg, _, err := demoConfig("127.0.0.1:0", b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	cfg.Printer.Kind = "none"
	keys, err := acquirersim.GenerateKeys(acquirersim.SignRSA)
	if err != nil {
		b.Fatal(err)
	}
	c := &counter{b: b, scanner: scannersim.New("scanner"), arrived: make(chan time.Time, 1)}
	a := cfg.Acquirer.Allinpay
	c.sim, err = acquirersim.New(acquirersim.Options{Keys: keys, Now: time.Now, Seed: 1,
		Merchant: acquirersim.Merchant{CusID: a.CusID, AppID: a.AppID, TermNo: cfg.Terminal.ID}})
	if err != nil {
		b.Fatal(err)
	}
	url, roots := c.serve()
	parts, err := allinpayParts(cfg, keys.MerchantPrivatePEM, keys.AcquirerPublicPEM)
	if err != nil {
		b.Fatal(err)
	}
	parts.BaseURL, parts.RootCAs = url+"/apiweb", roots
	if c.client, err = allinpay.New(parts); err != nil {
		b.Fatal(err)
	}
	c.till, err = build(partsOf(cfg, c.client, append(others, c.scanner)...))
	if err != nil {
		b.Fatal(err)
	}
	c.run()
	return c
}

// serve starts the acquirer and notes when payments arrive.
func (c *counter) serve() (url string, roots *x509.CertPool) {
	certificate, roots, _, err := acquirersim.SelfSigned(time.Now(), "127.0.0.1")
	if err != nil {
		c.b.Fatal(err)
	}
	inner := c.sim.Handler()
	server := httptest.NewUnstartedServer(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/apiweb/unitorder/scanqrpay" {
				c.arrived <- time.Now()
			}
			inner.ServeHTTP(w, r)
		}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	c.b.Cleanup(server.Close)
	return server.URL, roots
}

func (c *counter) run() {
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- c.till.run(ctx, func() { close(ready) }) }()
	<-ready
	c.views = c.till.engine.Watch(ctx)
	c.b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			c.b.Error(err)
		}
	})
}

// sell sells once and says how long the request took to arrive.
func (c *counter) sell() time.Duration {
	opened, err := c.till.engine.Submit(c.b.Context(), txn.SaleAsked{Amount: 1050})
	if err != nil {
		c.b.Fatal(err)
	}
	code, err := c.sim.IssueCode("wechat")
	if err != nil {
		c.b.Fatal(err)
	}
	began := time.Now()
	if err := c.scanner.Show(code); err != nil {
		c.b.Fatal(err)
	}
	took := (<-c.arrived).Sub(began)
	for v := range c.views {
		sale := v.Current
		if sale == nil || sale.Order != opened.Current.Order || !sale.Phase.Final() {
			continue // a view of before
		}
		if sale.Phase != txn.Approved {
			c.b.Fatalf("want it approved, it is %s", sale.Phase)
		}
		break
	}
	return took
}

// floor is what one durable write costs on the disk of temporary files.
type floor struct {
	b    *testing.B
	file *os.File
	page [4096]byte
	at   int64
}

func newFloor(b *testing.B) *floor {
	file, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = file.Close() })
	return &floor{b: b, file: file}
}

func (f *floor) sync() time.Duration {
	began := time.Now()
	if _, err := f.file.WriteAt(f.page[:], f.at); err != nil {
		f.b.Fatal(err)
	}
	if err := unix.Fdatasync(int(f.file.Fd())); err != nil {
		f.b.Fatal(err)
	}
	f.at += int64(len(f.page))
	return time.Since(began)
}

func partsOf(cfg *configs.Config, client *allinpay.Client, sources ...scanner.Source) parts {
	return parts{cfg: cfg, acquirer: client, sources: sources,
		log: slog.New(slog.DiscardHandler)}
}
