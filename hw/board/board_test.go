package board

import (
	"errors"
	"strings"
	"testing"

	"periph.io/x/conn/v3/gpio"

	"saoma/terminal/hw"
)

// pin remembers its level; broken ones refuse to move.
type pin struct {
	gpio.PinIO
	level  gpio.Level
	broken bool
}

func (p *pin) Out(l gpio.Level) error {
	if p.broken {
		return errors.New("input/output error")
	}
	p.level = l
	return nil
}

func lit(green, red, scanner *pin) Lights {
	return Lights{
		Green:   Light{Name: "green light", Pin: green},
		Red:     Light{Name: "red light", Pin: red, ActiveLow: true},
		Scanner: Light{Name: "scanner light", Pin: scanner},
	}
}

func TestEachSignalHasItsLights(t *testing.T) {
	green, red, scanner := &pin{level: true}, &pin{}, &pin{level: true}
	b, err := New(lit(green, red, scanner))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		signal              hw.Signal
		green, red, scanner bool
	}{
		{hw.Idle, false, false, false},
		{hw.Waiting, false, false, true},
		{hw.Approved, true, false, false},
		{hw.Declined, false, true, false},
		{hw.Doubt, true, true, false},
		{hw.Idle, false, false, false},
	} {
		if err := b.Show(tt.signal); err != nil {
			t.Fatal(err)
		}
		got := [3]bool{bool(green.level), !bool(red.level), bool(scanner.level)}
		if want := [3]bool{tt.green, tt.red, tt.scanner}; got != want {
			t.Errorf("signal %d: want green, red, scanner %v, got %v", tt.signal, want, got)
		}
	}
}

func TestHaltLeavesEveryLightOffAlsoWhenOneIsBroken(t *testing.T) {
	green, red, scanner := &pin{}, &pin{}, &pin{}
	b, _ := New(lit(green, red, scanner))
	_ = b.Show(hw.Doubt)
	green.broken = true
	if err := b.Halt(); err == nil || !strings.Contains(err.Error(), "green light") {
		t.Errorf("want an error that names the green light, got %v", err)
	}
	if red.level != gpio.High {
		t.Error("the red light, active low, is still on")
	}
}

func TestABoardWithoutLightsIsFine(t *testing.T) {
	b, err := New(Lights{})
	if err := errors.Join(err, b.Show(hw.Doubt), b.Halt()); err != nil {
		t.Error(err)
	}
}
