package camera

import (
	"errors"
	"fmt"

	"saoma/terminal/scanner/camera/v4l2"
)

// Controls are settings of the camera. What it lacks is passed over and noted.
type Controls struct {
	Exposure    Exposure
	Gain        *int32 // in the camera's own units; nil: as the camera has it
	Focus       *int32 // likewise; nil: it focuses by itself
	Brightness  *int32 // likewise; nil: as the camera has it
	PowerLineHz int    // 50 or 60: of the shop's lamps; 0: as the camera has it
}

// ExposureMode says who decides how long a frame is exposed.
type ExposureMode string

// The modes.
const (
	// ExposureSteady leaves it to the camera until it hunts or is blinded by a
	// bright screen; from then on it is set in slow steps by what the frames show.
	ExposureSteady ExposureMode = "steady"
	ExposureAuto   ExposureMode = "auto"
	ExposureFixed  ExposureMode = "fixed"
)

// Exposure is how long a frame is exposed.
type Exposure struct {
	Mode  ExposureMode // "": ExposureSteady
	Value int32        // of ExposureFixed, units of 100 µs, from 1
}

func (c Controls) check() error {
	var faults []error
	switch c.Exposure.Mode {
	case "", ExposureSteady, ExposureAuto:
	case ExposureFixed:
		if c.Exposure.Value < 1 {
			faults = append(faults, fmt.Errorf("an exposure of %d is not above zero", c.Exposure.Value))
		}
	default:
		faults = append(faults, fmt.Errorf("%q is no mode of exposure", string(c.Exposure.Mode)))
	}
	if hz := c.PowerLineHz; hz != 0 && hz != 50 && hz != 60 {
		faults = append(faults, fmt.Errorf("a power line of %d Hz is not 50 or 60", hz))
	}
	return errors.Join(faults...)
}

// wish is a control and the value that it should have.
type wish struct {
	name    string
	control v4l2.Control
	value   int32
	quiet   bool // a camera without it needs no note: it does what is wished anyway
}

// wishes are the controls in the order in which they can be set: an absolute value
// is taken only when the automatic is off.
func (c Controls) wishes() []wish {
	var all []wish
	add := func(w wish) { all = append(all, w) }
	if c.PowerLineHz != 0 {
		add(wish{"power line frequency", v4l2.PowerLineFrequency, int32(c.PowerLineHz/10 - 4), false})
	}
	if c.Exposure.Mode == ExposureFixed {
		add(wish{"manual exposure", v4l2.ExposureAuto, v4l2.ExposureManual, true})
		add(wish{"exposure", v4l2.ExposureAbsolute, c.Exposure.Value, false})
	}
	if c.Focus != nil {
		add(wish{"manual focus", v4l2.FocusAuto, 0, true})
		add(wish{"focus", v4l2.FocusAbsolute, *c.Focus, false})
	} else {
		add(wish{"automatic focus", v4l2.FocusAuto, 1, true})
	}
	if c.Gain != nil {
		add(wish{"manual gain", v4l2.AutoGain, 0, true})
		add(wish{"gain", v4l2.Gain, *c.Gain, false})
	}
	if c.Brightness != nil {
		add(wish{"brightness", v4l2.Brightness, *c.Brightness, false})
	}
	return all
}

// apply sets the controls and reads them back. The notes say what the camera did
// not take: it may still see well enough, so none of that is an error.
func (c Controls) apply(dev *v4l2.Device) (notes []string) {
	for _, w := range c.wishes() {
		got, err := dev.SetControl(w.control, w.value)
		switch {
		case errors.Is(err, v4l2.ErrNoControl) && w.quiet:
		case errors.Is(err, v4l2.ErrNoControl):
			notes = append(notes, fmt.Sprintf("it has no control for %s", w.name))
		case err != nil:
			notes = append(notes, fmt.Sprintf("%s: it refuses %d%s: %v", w.name, w.value,
				allowed(dev, w.control), err))
		case got != w.value:
			notes = append(notes, fmt.Sprintf("%s is %d instead of %d", w.name, got, w.value))
		}
	}
	return notes
}

// allowed says what a control takes, in words that follow a value.
func allowed(dev *v4l2.Device, c v4l2.Control) string {
	r, err := dev.Range(c)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (it takes %d to %d)", r.Min, r.Max)
}
