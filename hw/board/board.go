// Package board shows signals on the pins of a real board, through periph. It
// knows which light belongs to which signal; which pin is which light comes in.
package board

import (
	"errors"
	"fmt"

	"periph.io/x/conn/v3/gpio"

	"saoma/terminal/hw"
)

// Light is one output of the board. A light without a pin is left out.
type Light struct {
	Name      string // for errors, such as "green light"
	Pin       gpio.PinOut
	ActiveLow bool // on means gpio.Low
}

// Lights are the outputs of a board.
type Lights struct {
	Green, Red, Scanner Light // Scanner lights the reading window
}

// Board shows signals on lights. One goroutine may use it.
type Board struct{ lights Lights }

var _ hw.Board = (*Board)(nil)

// New takes the lights over and turns them off.
func New(lights Lights) (*Board, error) {
	b := &Board{lights}
	return b, b.Show(hw.Idle)
}

// Show sets each light to what the signal wants of it.
func (b *Board) Show(s hw.Signal) error {
	return errors.Join(
		b.lights.Green.set(s == hw.Approved || s == hw.Doubt),
		b.lights.Red.set(s == hw.Declined || s == hw.Doubt),
		b.lights.Scanner.set(s == hw.Waiting),
	)
}

// Halt turns every light off.
func (b *Board) Halt() error { return b.Show(hw.Idle) }

func (l Light) set(on bool) error {
	if l.Pin == nil {
		return nil
	}
	if err := l.Pin.Out(gpio.Level(on != l.ActiveLow)); err != nil {
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	return nil
}
