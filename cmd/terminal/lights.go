package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"periph.io/x/conn/v3/gpio/gpioreg"
	"periph.io/x/host/v3"

	"saoma/terminal/configs"
	"saoma/terminal/hw"
	"saoma/terminal/hw/board"
	"saoma/terminal/hw/hwsim"
	"saoma/terminal/txn"
)

// resultShown is how long the lights show how a sale has ended.
const resultShown = 4 * time.Second

// lights follow the views.
type lights struct {
	board hw.Board
	log   *slog.Logger
}

// newLights takes the board's lights over. A board that names no pin has none.
func newLights(cfg configs.Board, log *slog.Logger) (*lights, error) {
	if cfg.GreenPin+cfg.RedPin+cfg.ScannerPin == "" {
		return &lights{&hwsim.Board{}, log}, nil
	}
	if _, err := host.Init(); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	light := func(name, pin string) (board.Light, error) {
		l := board.Light{Name: name, ActiveLow: cfg.ActiveLow}
		if pin == "" {
			return l, nil
		}
		p := gpioreg.ByName(pin)
		if p == nil {
			return l, fmt.Errorf("board: %s: there is no GPIO line %q", name, pin)
		}
		l.Pin = p
		return l, nil
	}
	var all board.Lights
	var err error
	if all.Green, err = light("green light", cfg.GreenPin); err != nil {
		return nil, err
	}
	if all.Red, err = light("red light", cfg.RedPin); err != nil {
		return nil, err
	}
	if all.Scanner, err = light("scanner light", cfg.ScannerPin); err != nil {
		return nil, err
	}
	b, err := board.New(all)
	if err != nil {
		return nil, err
	}
	return &lights{b, log}, nil
}

// follow shows each view by lights until views is closed; then all is off.
func (l *lights) follow(ctx context.Context, views <-chan txn.View) {
	defer func() { l.report(l.board.Halt()) }()
	off := time.NewTimer(0)
	defer off.Stop()
	for {
		select {
		case v, open := <-views:
			if !open {
				return
			}
			l.report(l.board.Show(signalOf(v)))
			off.Reset(resultShown)
		case <-off.C:
			l.report(l.board.Halt())
		case <-ctx.Done():
			return
		}
	}
}

func (l *lights) report(err error) {
	if err != nil {
		l.log.Warn("light is stuck", "part", "board", "err", err)
	}
}

// signalOf says what the lights show of a view.
func signalOf(v txn.View) hw.Signal {
	if v.Current == nil {
		return hw.Idle
	}
	switch p := v.Current.Phase; {
	case p == txn.Created || p == txn.Held:
		return hw.Waiting
	case p == txn.Approved:
		return hw.Approved
	case p == txn.Declined || p == txn.NotSent || p == txn.Reversed:
		return hw.Declined
	case p.InDoubt():
		return hw.Doubt
	}
	return hw.Idle
}
