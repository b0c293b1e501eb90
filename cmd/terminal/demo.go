package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/printer/printersim"
	"saoma/terminal/scanner"
	"saoma/terminal/scanner/decode"
	"saoma/terminal/scanner/scannersim"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/allinpay"
	"saoma/terminal/ui"
)

// demo is a whole terminal whose scanner, printer, payer, line and acquirer are
// made up. The acquirer is the strict simulator, spoken to over real TLS with real
// signatures by keys of this process.
func demo(ctx context.Context, io streams, args []string) error {
	flags := newFlags("demo")
	addr := flags.String("addr", "127.0.0.1:8080", "where the page is served; loopback only")
	data := flags.String("data", "", "directory for the books; a temporary one, if empty")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return &usageError{"demo takes no arguments besides its flags"}
	}
	cfg, cleanUp, err := demoConfig(*addr, *data)
	if err != nil {
		return err
	}
	defer cleanUp()
	world, err := newDemoWorld(cfg)
	if err != nil {
		return err
	}
	defer world.close()
	log := slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: slog.LevelInfo}))
	t, err := build(parts{cfg: cfg, acquirer: world.client, sources: []scanner.Source{world.scanner},
		sim: world.join, log: log})
	if err != nil {
		return err
	}
	return t.run(ctx, func() {
		_, _ = fmt.Fprintf(io.out, "The demo terminal is ready: open http://%s in a browser.\n"+
			"Books and slips are in %s. Nothing here moves money. Ctrl-C ends it.\n",
			t.listen.Addr(), cfg.Terminal.DataDir)
	})
}

// demoConfig fills the demo's config in.
func demoConfig(addr, data string) (cfg *configs.Config, cleanUp func(), err error) {
	name, text := configs.Demo()
	// The address takes the way of every config, so that the same check refuses
	// one that others could reach.
	text = bytes.Replace(text, []byte("[terminal]\n"),
		fmt.Appendf(nil, "[terminal]\nlisten = %q\n", addr), 1)
	if cfg, err = configs.Parse(name, text); err != nil {
		return nil, nil, &usageError{fmt.Sprintf("-addr %s: %v", addr, err)}
	}
	cleanUp = func() {}
	if data == "" {
		if data, err = os.MkdirTemp("", "terminal-demo-"); err != nil {
			return nil, nil, err
		}
		cleanUp = func() { _ = os.RemoveAll(data) }
	}
	cfg.Terminal.DataDir = data
	return cfg, cleanUp, nil
}

// demoWorld is everything around the demo's terminal.
type demoWorld struct {
	sim     *acquirersim.Sim
	server  *http.Server
	relay   *acquirersim.Relay
	client  *allinpay.Client
	scanner *scannersim.Source
	printer *printersim.Device
}

// newDemoWorld starts an acquirer behind a line that can be cut.
func newDemoWorld(cfg *configs.Config) (*demoWorld, error) {
	keys, err := acquirersim.GenerateKeys(cfg.Acquirer.Allinpay.Sign)
	if err != nil {
		return nil, err
	}
	a := cfg.Acquirer.Allinpay
	w := &demoWorld{scanner: scannersim.New("demo scanner")}
	if w.sim, err = acquirersim.New(acquirersim.Options{
		Merchant: acquirersim.Merchant{CusID: a.CusID, AppID: a.AppID, TermNo: cfg.Terminal.ID},
		Keys:     keys, Now: time.Now, Seed: uint64(time.Now().UnixNano()),
	}); err != nil {
		return nil, err
	}
	certificate, roots, _, err := acquirersim.SelfSigned(time.Now(), "127.0.0.1")
	if err != nil {
		return nil, err
	}
	listen, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		return nil, err
	}
	w.server = &http.Server{Handler: w.sim.Handler(), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = w.server.Serve(listen) }() // ends with close
	return w, w.connect(cfg, keys, roots, listen.Addr())
}

// connect lays the line and makes the adapter that uses it.
func (w *demoWorld) connect(cfg *configs.Config, keys acquirersim.Keys, roots *x509.CertPool,
	target net.Addr) error {
	var err error
	if w.relay, err = acquirersim.NewRelay("127.0.0.1:0", target.String()); err != nil {
		return err
	}
	c, err := allinpayParts(cfg, keys.MerchantPrivatePEM, keys.AcquirerPublicPEM)
	if err != nil {
		return err
	}
	c.BaseURL, c.RootCAs = "https://"+w.relay.Addr()+"/apiweb", roots
	c.BillURL = "https://" + w.relay.Addr() + "/cusapi/trxfile/get"
	w.client, err = allinpay.New(c)
	return err
}

func (w *demoWorld) close() {
	w.client.Close()
	w.relay.Close()
	_ = w.server.Close()
}

// join takes the terminal's printer over, once there is one.
func (w *demoWorld) join(t *terminal) ui.Sim {
	w.printer, _ = t.printer.(*printersim.Device)
	return w
}

// Scan shows a code to the scanner.
func (w *demoWorld) Scan(code string) error { return w.scanner.Show(code) }

// Image shows a picture to the scanner.
func (w *demoWorld) Image(picture []byte) (codes []string, reason string, err error) {
	img, err := decode.ReadImage(bytes.NewReader(picture))
	if err != nil {
		return nil, "", err
	}
	r := decode.New().Decode(decode.FromImage(img))
	for _, c := range r.Codes {
		codes = append(codes, c.Text)
		err = errors.Join(err, w.scanner.Show(c.Text))
	}
	return codes, string(r.Reason), err
}

// NewCode lets a customer's wallet show a code.
func (w *demoWorld) NewCode(wallet string) (string, error) { return w.sim.IssueCode(wallet) }

// ScanCode lets a customer scan the terminal's code and pay.
func (w *demoWorld) ScanCode(order string) error { return w.sim.PayerScans(order) }

// passwordAfterS is how long the demo's payer types, seconds.
const passwordAfterS = 8

// SetPayer says how the payer behaves from now on.
func (w *demoWorld) SetPayer(mode string) error {
	p := acquirersim.Payer{Mode: acquirersim.Mode(mode)}
	if p.Mode == acquirersim.Password {
		p.AfterS = passwordAfterS
	}
	return w.sim.SetPayer(p)
}

// SetLine cuts or mends the line to the acquirer.
func (w *demoWorld) SetLine(up bool) error {
	if up {
		return w.relay.Mend()
	}
	w.relay.Cut()
	return nil
}

// SetPaper puts a roll in or takes it out.
func (w *demoWorld) SetPaper(in bool) error {
	if w.printer == nil {
		return errors.New("this terminal has no printer")
	}
	rows := -1
	if !in {
		rows = 0
	}
	w.printer.SetPaper(rows)
	return nil
}
