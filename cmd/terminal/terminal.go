package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/printer"
	"saoma/terminal/printer/printersim"
	"saoma/terminal/printer/raster"
	"saoma/terminal/printer/receipt"
	"saoma/terminal/scanner"
	"saoma/terminal/store/operators"
	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/engine"
	"saoma/terminal/ui"
)

// parts are what differs between a terminal and its demo.
type parts struct {
	cfg      *configs.Config
	acquirer acquirer.Acquirer
	sources  []scanner.Source
	sim      func(*terminal) ui.Sim // nil outside of the demo
	log      *slog.Logger
}

// terminal is all parts, built and ready to run.
type terminal struct {
	parts
	engine  *engine.Engine
	printer printer.Device
	slips   *slips
	lights  *lights
	staff   staff
	listen  net.Listener
	server  *http.Server

	mu       sync.Mutex
	scanners map[string]scanner.Status
	disk     disk
}

// How long the effects may take. A reversal asks up to five times.
const (
	reverseTimeout = 3 * time.Minute
	printTimeout   = time.Minute
	stopTimeout    = 5 * time.Second
)

// build makes a terminal from its parts, by hand. It opens the data directory, so
// that a second terminal is refused before it says that it is ready.
func build(p parts) (*terminal, error) {
	t := &terminal{parts: p, scanners: map[string]scanner.Status{}}
	can := p.acquirer.Capabilities()
	rules, err := moneyRules(p.cfg, can)
	if err != nil {
		return nil, err
	}
	t.staff = staff{operators.New(p.cfg.Terminal.DataDir)}
	rules.Operators = t.staff.guard(p.log)
	if t.slips, err = newSlips(p.cfg, can.Name); err != nil {
		return nil, err
	}
	if t.printer, err = newPrinter(p.cfg, t.slips); err != nil {
		return nil, err
	}
	if t.lights, err = newLights(p.cfg.Board, p.log); err != nil {
		return nil, err
	}
	first, err := t.openJournal()
	if err != nil {
		return nil, err
	}
	t.engine = engine.New(engine.Options{
		Rules: rules, Acquirer: p.acquirer, Printer: t, Log: p.log,
		Journal: func() (engine.Journal, error) {
			if j := first; j != nil {
				first = nil // opened above; anew only after a journal error
				return j, nil
			}
			return t.openJournal()
		},
		Vault: t.vault(), Chance: chance, Archive: archiving(p.cfg),
		Identity: txn.Identity{TerminalID: p.cfg.Terminal.ID, MerchantID: p.cfg.Terminal.MerchantID,
			Acquirer: can.Name},
		Timeouts: engine.Timeouts{Pay: can.AnswerTimeout, Query: can.AnswerTimeout,
			Reverse: reverseTimeout, Print: printTimeout},
	})
	if err := t.buildPages(can); err != nil {
		return nil, errors.Join(err, first.Close())
	}
	return t, nil
}

func (t *terminal) buildPages(can acquirer.Capabilities) error {
	o := ui.Options{Till: t.engine, Slips: t.slips, Devices: t.devices, Acquirer: can.Name,
		Presents: can.PresentWindow > 0, Reconcile: t.reconcile, Operators: t.staff, Shop: t.cfg.Terminal.MerchantName, Language: t.cfg.Terminal.Language, Log: t.log,
		DiskWritten: t.disk.written.Load}
	if t.sim != nil {
		o.Sim = t.sim(t)
	}
	pages, err := ui.New(o)
	if err != nil {
		return err
	}
	if t.listen, err = net.Listen("tcp", t.cfg.Terminal.Listen); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	t.server = &http.Server{Handler: pages, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelWarn)}
	return nil
}

// devices are the parts as tiles on the screen.
func (t *terminal) devices() []ui.Device {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []ui.Device
	for _, src := range t.sources {
		s := t.scanners[src.Name()]
		d := ui.Device{Name: src.Name(), Kind: "scanner", State: "ok", Cause: s.Cause}
		if c, ok := src.(scanner.Complainer); ok && s.Here {
			d.Cause = c.Complaint()
		}
		if h, ok := src.(scanner.Hinter); ok && s.Here {
			d.Hint = h.Hint()
		}
		if !s.Here || d.Cause != "" {
			d.State = "trouble"
		}
		all = append(all, d)
	}
	if t.printer != nil {
		d := ui.Device{Name: t.printer.Name(), Kind: "printer", State: "ok"}
		if trouble := t.printer.Trouble(); trouble != printer.NoTrouble {
			d.State, d.Cause = "trouble", string(trouble)
		}
		all = append(all, d)
	}
	return append(all, t.disk.tile())
}

func (t *terminal) scannerStatus(s scanner.Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.scanners[s.Name] = s
}

// PrintSlip lays a slip out from the durable sale and prints it; see engine.Printer.
func (t *terminal) PrintSlip(ctx context.Context, e txn.Print) error {
	if t.printer == nil {
		return errors.New(string(printer.Offline))
	}
	page, err := receipt.Layout(t.slips.shop, e)
	if err != nil {
		return err
	}
	err = t.printer.Print(ctx, page)
	var stopped *printer.Error
	if errors.As(err, &stopped) {
		return errors.New(string(stopped.Trouble)) // a word that the screen knows
	}
	return err
}

// slips draws slips for the printer and for the page.
type slips struct {
	shop receipt.Shop
	font *raster.Font
}

func newSlips(cfg *configs.Config, acquirerName string) (*slips, error) {
	font, err := raster.SlipFont()
	if err != nil {
		return nil, err
	}
	t := cfg.Terminal
	return &slips{font: font, shop: receipt.Shop{
		Name: t.MerchantName, NameEn: t.MerchantNameEn, MerchantID: t.MerchantID,
		TerminalID: t.ID, Operator: t.Operator, Acquirer: acquirerName,
		Language: receipt.Language(cfg.Printer.Language), OrderAsBars: cfg.Printer.OrderCode == "code128",
	}}, nil
}

// draw gives a page as a picture.
func (s *slips) draw(page printer.Page) (png []byte, rows int, err error) {
	b, err := raster.Draw(s.font, page)
	if err != nil {
		return nil, 0, err
	}
	var text bytes.Buffer
	if err := b.WritePNG(&text); err != nil {
		return nil, 0, err
	}
	return text.Bytes(), b.Rows(), nil
}

// PNG draws a slip for the page; see ui.Slips.
func (s *slips) PNG(slip txn.Print) ([]byte, error) {
	page, err := receipt.Layout(s.shop, slip)
	if err != nil {
		return nil, err
	}
	png, _, err := s.draw(page)
	return png, err
}

// Code draws a merchant code for the page; see ui.Slips.
func (s *slips) Code(text string) ([]byte, error) {
	png, _, err := s.draw(printer.Page{ID: "code", Blocks: []printer.Block{printer.QR{Text: text}}})
	return png, err
}

// newPrinter gives the printer of the config; nil for none.
func newPrinter(cfg *configs.Config, s *slips) (printer.Device, error) {
	if cfg.Printer.Kind == "none" {
		return nil, nil
	}
	dir := cfg.Printer.Dir
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(cfg.Terminal.DataDir, dir)
	}
	return printersim.New(s.draw, dir)
}
