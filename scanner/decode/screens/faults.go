package screens

import "math"

// faults are the classes of frames with a code. Each changes a scene by a strength
// from 1, hardly seen, to 4, what the best readers rarely read.
var faults = []struct {
	class string
	apply func(s *scene, strength int)
}{
	{"clean", func(*scene, int) {}},
	{"rotation", rotate},
	{"perspective", tilt},
	{"small", small},
	{"large", large},
	{"blur", func(s *scene, n int) { s.soften = pick(n, 0.35, 0.5, 0.65, 0.8) }},
	{"motion", func(s *scene, n int) {
		s.motion, s.motionAt = pick(n, 0.8, 1.3, 1.8, 2.3), s.chance.Float64()*math.Pi
	}},
	{"dim", func(s *scene, n int) {
		s.black, s.white, s.noise = pick(n, 10, 8, 6, 5), pick(n, 80, 50, 32, 22), pick(n, 2, 2, 2, 2)
	}},
	{"bright", func(s *scene, n int) {
		s.black, s.white, s.bloom = pick(n, 70, 120, 160, 190), pick(n, 320, 380, 430, 470), pick(n, 0.1, 0.2, 0.3, 0.4)
	}},
	{"contrast", func(s *scene, n int) {
		middle := 70 + 100*s.chance.Float64()
		d := pick(n, 35, 20, 12, 8)
		s.black, s.white, s.noise = middle-d, middle+d, 1.5
	}},
	{"glare", func(s *scene, n int) {
		s.spots, s.spotSize, s.streak = n, pick(n, 25, 35, 50, 65), n >= 3
	}},
	{"moire", func(s *scene, n int) {
		s.moire, s.beat = pick(n, 0.25, 0.4, 0.55, 0.7), 0.02+0.12*s.chance.Float64()
	}},
	{"noise", func(s *scene, n int) { s.noise = pick(n, 10, 20, 32, 45) }},
	{"inverted", func(s *scene, n int) {
		s.inverted = true
		s.white, s.noise = pick(n, 220, 160, 110, 80), pick(n, 2, 4, 6, 8)
	}},
	{"quiet", cutQuiet},
	{"cutoff", cutOff},
	{"curved", func(s *scene, n int) {
		s.bend, s.barrel = pick(n, 0.06, 0.12, 0.2, 0.3), pick(n, 0.02, 0.04, 0.07, 0.1)
		if s.chance.IntN(2) == 0 {
			s.bend = -s.bend
		}
	}},
	{"mjpeg", func(s *scene, n int) { s.jpeg = int(pick(n, 30, 15, 8, 4)) }},
	{"combined", combine},
}

func pick(strength int, one, two, three, four float64) float64 {
	return [...]float64{one, two, three, four}[strength-1]
}

func rotate(s *scene, n int) {
	from, to := pick(n, 8, 25, 45, 90), pick(n, 25, 45, 90, 180)
	s.pose.turn = (from + (to-from)*s.chance.Float64()) * math.Pi / 180
	if s.chance.IntN(2) == 0 {
		s.pose.turn = -s.pose.turn
	}
	s.fit()
}

// fit keeps a turned symbol inside of the frame.
func (s *scene) fit() {
	tall := math.Abs(math.Sin(s.pose.turn))
	if s.symbol != Bars {
		tall += math.Abs(math.Cos(s.pose.turn))
	}
	if most := H * 0.85 / max(tall, 0.1); s.extent > most {
		s.extent = most
	}
}

func tilt(s *scene, n int) {
	s.pose.tilt = pick(n, 20, 32, 44, 54) * math.Pi / 180
	s.pose.axis = s.chance.Float64() * 2 * math.Pi
}

func small(s *scene, n int) {
	module := pick(n, 3.2, 2.6, 2.1, 1.7)
	if s.symbol == Bars {
		module = pick(n, 1.9, 1.6, 1.35, 1.15)
	}
	s.extent = module * float64(s.count())
}

func large(s *scene, n int) {
	s.extent = pick(n, 480, 560, 630, 690)
	if s.symbol == Bars {
		s.extent = pick(n, 700, 850, 1000, 1150)
	}
	s.pose.x, s.pose.y, s.pose.turn = W/2, H/2, s.pose.turn/3
}

// cutQuiet lets something dark, or the frame's edge, come close to the symbol.
func cutQuiet(s *scene, n int) {
	modules := pick(n, 3, 1.6, 0.9, 0.5)
	if s.chance.IntN(3) == 0 {
		s.edgeQuiet = modules
	} else {
		s.quiet = modules
	}
}

// cutOff leaves of bars enough of their height. Of a QR it cuts the side with a finder
// pattern, or the corner without one.
func cutOff(s *scene, n int) {
	if s.symbol == Bars {
		s.edge = pick(n, 0.4, 0.6, 0.75, 0.88)
		return
	}
	s.edgeSide = 1 + s.chance.IntN(2)
	s.edge = pick(n, 0.02, 0.05, 0.09, 0.13)
	s.extent = min(s.extent, 400)
}

// combine puts several faults of lesser strength together.
func combine(s *scene, n int) {
	some := [...]func(*scene, int){
		rotate, tilt,
		func(s *scene, n int) { s.soften = pick(n, 0.3, 0.45, 0.6, 0.7) },
		func(s *scene, n int) { s.noise = pick(n, 8, 15, 22, 30) },
		func(s *scene, n int) {
			s.moire, s.beat = pick(n, 0.2, 0.35, 0.5, 0.6), 0.02+0.12*s.chance.Float64()
		},
		func(s *scene, n int) { s.white = pick(n, 140, 100, 80, 60) },
		func(s *scene, n int) { s.jpeg = int(pick(n, 40, 25, 15, 10)) },
		func(s *scene, n int) { s.spots, s.spotSize = n, pick(n, 20, 30, 40, 50) },
		func(s *scene, n int) { s.extent *= pick(n, 0.85, 0.75, 0.65, 0.6) },
	}
	s.chance.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	for _, fault := range some[:[...]int{2, 3, 3, 4}[n-1]] {
		fault(s, [...]int{1, 1, 2, 2}[n-1])
	}
}
