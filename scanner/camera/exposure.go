package camera

import "saoma/terminal/scanner/camera/v4l2"

// exposure keeps a camera's exposure steady, if it is asked to and the camera lets
// it.
type exposure struct {
	on     bool
	steady steady
}

// newExposure hands the exposure to the camera, and gets ready to take it over.
func newExposure(dev *v4l2.Device, cfg Config) exposure {
	if cfg.Controls.Exposure.Mode == ExposureFixed {
		return exposure{}
	}
	// Frames first: a camera that exposes for longer than a frame lasts halves its rate.
	_, _ = dev.SetControl(v4l2.ExposureAutoPriority, 0)
	if _, err := dev.SetControl(v4l2.ExposureAuto, v4l2.ExposureAperture); err != nil {
		_, _ = dev.SetControl(v4l2.ExposureAuto, v4l2.ExposureByCamera)
	}
	r, err := dev.Range(v4l2.ExposureAbsolute)
	if err != nil || r.Max <= 0 || cfg.Controls.Exposure.Mode == ExposureAuto {
		return exposure{}
	}
	longest := int32(10_000 / cfg.Rate) // a frame's time, in units of 100 µs
	return exposure{on: true, steady: steady{least: max(1, r.Min), most: max(1, r.Min, min(r.Max, longest))}}
}

// adjust looks at the light of one frame. A camera that refuses is left alone.
func (e *exposure) adjust(dev *v4l2.Device, l light) {
	if !e.on {
		return
	}
	switch value, do := e.steady.next(l); do {
	case takeOver:
		now, err := dev.Control(v4l2.ExposureAbsolute)
		if err != nil {
			e.on = false
			return
		}
		_, err = dev.SetControl(v4l2.ExposureAuto, v4l2.ExposureManual)
		e.on = err == nil
		e.set(dev, e.steady.hold(now))
	case change:
		e.set(dev, value)
	}
}

func (e *exposure) set(dev *v4l2.Device, value int32) {
	if !e.on {
		return
	}
	_, err := dev.SetControl(v4l2.ExposureAbsolute, value)
	e.on = err == nil
}

// do is what steady wants to be done.
type do uint8

const (
	nothing  do = iota
	takeOver    // switch the camera's own automatic off and tell hold what it was at
	change      // set the exposure to the value
)

// steady decides about the exposure from the light of each frame. It is pure.
//
//	watching --the camera hunts, or stays blinded--> holding
//	holding: the light leaves the wide band --> moving, a step each settleFrames
//	moving:  the light is in the narrow band --> holding
//
// It never goes back to watching: the camera would hunt again. The next look, at the
// next sale, begins anew.
type steady struct {
	least, most int32 // of the exposure

	holds bool

	// While it watches.
	frame   int
	extreme int // of the mean since it turned last
	falling bool
	turns   [huntTurns]int // the frames of the last turns, oldest first
	blinded int            // frames in a row

	// While it holds.
	value   int32
	moving  bool
	settled int // frames since the last step
}

// What makes a camera hunt: its mean goes up and down by huntSwing or more, and turns
// huntTurns times in huntFrames. A hand that comes and goes turns once or twice.
const (
	huntSwing  = 12
	huntTurns  = 5
	huntFrames = 60
)

// What blinds a camera: a part of the picture is burnt for a second.
const (
	blindBurnt  = 60 // thousandths
	blindFrames = 30
)

// The bands for the brightest twentieth of the picture, which is the screen. They
// lie within each other, so that a step that ends at an edge starts no other.
const (
	wideLeast, wideMost     = 110, 238
	narrowLeast, narrowMost = 150, 222
	burntMost               = 25 // thousandths
	// settleFrames is how long a camera takes to follow.
	settleFrames = 4
)

// next looks at one frame.
func (s *steady) next(l light) (value int32, _ do) {
	if !s.holds {
		if s.hunts(l) || s.isBlinded(l) {
			return 0, takeOver
		}
		return 0, nothing
	}
	s.settled++
	if s.settled < settleFrames {
		return 0, nothing
	}
	step := s.step(l)
	if step == s.value {
		return 0, nothing
	}
	s.value, s.settled = step, 0
	return step, change
}

// hold begins to hold, from what the camera was at. It gives the value to set.
func (s *steady) hold(value int32) int32 {
	s.holds, s.settled = true, 0
	s.value = min(max(value, s.least), s.most)
	return s.value
}

// step gives the exposure for the light: a quarter more or a fifth less, or the same.
func (s *steady) step(l light) int32 {
	least, most := wideLeast, wideMost
	if s.moving {
		least, most = narrowLeast, narrowMost
	}
	value := s.value
	switch {
	case l.bright > most || l.burnt > burntMost:
		value = min(value-1, value*4/5)
	case l.bright < least:
		value = max(value+1, value*5/4)
	}
	value = min(max(value, s.least), s.most)
	s.moving = value != s.value
	return value
}

func (s *steady) isBlinded(l light) bool {
	if l.burnt < blindBurnt {
		s.blinded = 0
		return false
	}
	s.blinded++
	return s.blinded >= blindFrames
}

// hunts follows the mean from one turn to the next.
func (s *steady) hunts(l light) bool {
	s.frame++
	if s.frame == 1 {
		s.extreme = l.mean
	}
	back := l.mean - s.extreme // how far it has come back from the extreme
	if !s.falling {
		back = -back
	}
	switch {
	case back < 0:
		s.extreme = l.mean
	case back >= huntSwing:
		s.falling, s.extreme = !s.falling, l.mean
		copy(s.turns[:], s.turns[1:])
		s.turns[huntTurns-1] = s.frame
	}
	return s.turns[0] > 0 && s.frame-s.turns[0] <= huntFrames
}
