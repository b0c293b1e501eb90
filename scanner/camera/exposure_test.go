package camera

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"saoma/terminal/scanner/camera/camerasim"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/scanner/decode"
	"saoma/terminal/scanner/scannertest"
)

// phone is a dark shop with a bright screen in it, seen with an exposure: 100 is
// right for the shop and 20 for the screen.
func phone(exposure float64, share float64) light {
	shop, screen := min(255, 1.2*exposure), min(255, 9*exposure)
	l := light{mean: int(shop*(1-share) + screen*share), bright: int(shop)}
	if share >= 0.05 {
		l.bright = int(screen)
	}
	if screen >= 250 {
		l.burnt = int(share * 1000)
	}
	return l
}

func TestACameraThatHuntsIsTakenOverAndComesToRest(t *testing.T) {
	s := steady{least: 1, most: 333}
	automatic := 100.0
	swing := func(frame int) float64 { return automatic * math.Pow(4, math.Sin(float64(frame)/2)) }
	frame := 0
	for ; !s.holds; frame++ {
		if frame > 90 {
			t.Fatal("it was not taken over within three seconds")
		}
		if _, do := s.next(phone(swing(frame), 0.3)); do == takeOver {
			s.hold(int32(swing(frame)))
		}
	}
	changes, last := 0, 0
	for i := range 300 {
		if _, do := s.next(phone(float64(s.value), 0.3)); do == change {
			changes, last = changes+1, i
		}
	}
	l := phone(float64(s.value), 0.3)
	if l.bright < narrowLeast || l.bright > wideMost || l.burnt > burntMost {
		t.Errorf("at rest the screen is %+v with an exposure of %d", l, s.value)
	}
	if changes > 25 || last > 120 {
		t.Errorf("%d changes, the last one after %d frames: it hunts itself", changes, last)
	}
}

func TestACameraThatIsBlindedIsTakenOver(t *testing.T) {
	s := steady{least: 1, most: 333}
	for frame := range blindFrames {
		_, do := s.next(phone(100, 0.3))
		if (do == takeOver) != (frame == blindFrames-1) {
			t.Fatalf("frame %d: %v", frame, do)
		}
	}
}

func TestASteadyPictureIsLeftToTheCamera(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for name, mean := range map[string]func(frame int) int{
		"still":              func(int) int { return 100 },
		"noise":              func(int) int { return 100 + r.IntN(huntSwing) - huntSwing/2 },
		"a lamp goes on":     func(f int) int { return 100 + 80*min(1, f/50) },
		"a hand comes, goes": func(f int) int { return 100 - 40*min(1, f/50) + 40*min(1, f/100) },
		"a slow evening":     func(f int) int { return 200 - f/2 },
	} {
		s := steady{least: 1, most: 333}
		for frame := range 300 {
			if _, do := s.next(light{mean: mean(frame), bright: 200}); do != nothing {
				t.Errorf("%s: taken over at frame %d", name, frame)
				break
			}
		}
	}
}

func TestACameraThatFollowsLateIsNotOvershot(t *testing.T) {
	const lag = settleFrames - 1
	s := steady{least: 1, most: 333}
	s.hold(100)
	var set [300]int32 // by frame
	least := s.value
	for i := range set {
		seen := int32(100)
		if i > lag {
			seen = set[i-lag-1]
		}
		s.next(phone(float64(seen), 0.3))
		set[i] = s.value
		least = min(least, s.value)
	}
	if end := s.value; least < end || set[200] != end {
		t.Errorf("it went down to %d and ended at %d", least, end)
	}
}

func TestASmallScreenThatIsBurntIsMadeDarker(t *testing.T) {
	s := steady{least: 1, most: 333}
	s.hold(100)
	for range settleFrames {
		s.next(light{mean: 60, bright: 180, burnt: burntMost + 5})
	}
	if s.value != 80 {
		t.Errorf("want a fifth less of 100, got %d", s.value)
	}
}

func TestTheBandsHoldEachOther(t *testing.T) {
	// Whatever the light, one step from the wide band's edge must not end beyond its
	// other edge: that would be hunting by design.
	if wideLeast*5/4 > narrowMost || wideMost*4/5 < narrowLeast {
		t.Errorf("a step from %d or %d leaves %d to %d", wideLeast, wideMost, narrowLeast, narrowMost)
	}
}

func TestExposureStaysWithinItsBounds(t *testing.T) {
	s := steady{least: 5, most: 60}
	s.hold(1000)
	if s.value != 60 {
		t.Errorf("want 60, got %d", s.value)
	}
	for range 200 {
		s.next(light{bright: 255, burnt: 500})
	}
	if s.value != 5 {
		t.Errorf("too bright for ever: want 5, got %d", s.value)
	}
	for range 200 {
		s.next(light{})
	}
	if s.value != 60 {
		t.Errorf("too dark for ever: want 60, got %d", s.value)
	}
}

func TestLightIsMetered(t *testing.T) {
	pix := make([]byte, 160*160)
	for i := range pix {
		pix[i] = 40
	}
	for i := range 160 * 16 { // a tenth of it is burnt
		pix[i] = 255
	}
	l := meter(decode.Luma{Pix: pix, Stride: 160, W: 160, H: 160})
	if l.mean != (255+9*40)/10 || l.bright != 255 || l.burnt != 100 {
		t.Errorf("got %+v", l)
	}
	if l := meter(decode.Luma{}); l != (light{}) {
		t.Errorf("of nothing: %+v", l)
	}
}

// controls are those of a webcam.
func controls() map[v4l2.Control]v4l2.Range {
	return map[v4l2.Control]v4l2.Range{
		v4l2.ExposureAuto:         {Min: 0, Max: 3, Step: 1, Default: 3},
		v4l2.ExposureAbsolute:     {Min: 3, Max: 2047, Step: 1, Default: 250},
		v4l2.ExposureAutoPriority: {Min: 0, Max: 1, Step: 1, Default: 1},
		v4l2.FocusAuto:            {Min: 0, Max: 1, Step: 1, Default: 1},
		v4l2.FocusAbsolute:        {Min: 0, Max: 250, Step: 5, Default: 0},
		v4l2.Gain:                 {Min: 0, Max: 100, Step: 1, Default: 20},
		v4l2.PowerLineFrequency:   {Min: 0, Max: 2, Step: 1, Default: 2},
	}
}

func TestABlindedCameraIsMadeDarkerUntilTheScreenIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{v4l2.Grey}, Controls: controls(),
			Meter: func(p camerasim.Picture, set map[v4l2.Control]int32) camerasim.Picture {
				exposure := int(set[v4l2.ExposureAbsolute])
				if set[v4l2.ExposureAuto] != v4l2.ExposureManual {
					exposure = 250 // its automatic sees the dark shop
				}
				out := camerasim.Picture{Pix: make([]byte, len(p.Pix)), W: p.W, H: p.H}
				for i, v := range p.Pix {
					out.Pix[i] = byte(min(255, int(v)*exposure/40))
				}
				return out
			}})
		bright := camerasim.Picture{Pix: make([]byte, width*height), W: width, H: height}
		for i := range bright.Pix {
			bright.Pix[i] = 5
			if i > len(bright.Pix)/2 {
				bright.Pix[i] = 200
			}
		}
		sim.Show(bright)
		r := scannertest.Run(t, source(t, sim, nil))
		time.Sleep(6 * time.Second)
		if sim.Control(v4l2.ExposureAuto) != v4l2.ExposureManual {
			t.Error("it was not taken over")
		}
		if now := sim.Control(v4l2.ExposureAbsolute); now < 30 || now > 48 {
			t.Errorf("the screen needs an exposure of some 40, it has %d", now)
		}
		_ = r.Stop()
	})
}

func TestControlsAreSetReadBackAndNotedWhenTheyAreNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		focus, gain, brightness := int32(45), int32(500), int32(3)
		sim := camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{v4l2.Grey}, Controls: controls()})
		s := source(t, sim, func(c *Config) {
			c.Controls = Controls{Exposure: Exposure{Mode: ExposureFixed, Value: 80}, Focus: &focus,
				Gain: &gain, Brightness: &brightness, PowerLineHz: 50}
		})
		r := scannertest.Run(t, s)
		time.Sleep(time.Second)
		for control, want := range map[v4l2.Control]int32{v4l2.ExposureAuto: v4l2.ExposureManual,
			v4l2.ExposureAbsolute: 80, v4l2.FocusAuto: 0, v4l2.FocusAbsolute: 45,
			v4l2.PowerLineFrequency: 1, v4l2.Gain: 20} {
			if got := sim.Control(control); got != want {
				t.Errorf("control %#x: want %d, got %d", uint32(control), want, got)
			}
		}
		notes := s.State().Notes
		want := []string{"gain: it refuses 500 (it takes 0 to 100): S_CTRL: numerical result out of range",
			"it has no control for brightness"}
		if len(notes) != 2 || notes[0] != want[0] || notes[1] != want[1] {
			t.Errorf("want %q, got %q", want, notes)
		}
		_ = r.Stop()
	})
}
