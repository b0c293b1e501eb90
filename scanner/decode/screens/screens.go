// Package screens draws what the terminal's camera sees when a customer holds up a
// phone: frames of 1280 by 720 pixels in shades of grey, each with one fault of light,
// lens, screen or hand in a graded strength, and frames without a code. The same seed
// draws the same frames. It is for tests and benchmarks; it does not read codes.
package screens

import "math/rand/v2"

// W and H are the size of a frame in pixels.
const W, H = 1280, 720

// Symbol says which symbols the wallet's page in a frame shows.
type Symbol string

// The kinds of pages.
const (
	None Symbol = ""
	QR   Symbol = "QR_CODE"
	Bars Symbol = "CODE_128"
	Both Symbol = "BOTH" // the bars above the QR, as wallets show them
)

// Frame is one picture, not yet drawn.
type Frame struct {
	Class    string // the fault, or what is seen instead of a code
	Strength int    // 1 to 4
	Symbol   Symbol
	Want     []string // the texts in it; none in a frame without a code

	seed uint64
}

// Classes are the faults of frames with a code.
func Classes() []string {
	names := make([]string, len(faults))
	for i, f := range faults {
		names[i] = f.class
	}
	return names
}

// Empty are the classes of frames without a code.
func Empty() []string {
	names := make([]string, len(sights))
	for i, s := range sights {
		names[i] = s.class
	}
	return names
}

// The number of frames of each class and strength.
const (
	strengths  = 4
	perQR      = 4
	perBars    = 4
	perBoth    = 1
	perNothing = 4
)

// All gives the frames of a seed: 19 faults in 4 strengths, each with QR codes, with
// Code 128 and with both, and frames without a code. None is drawn yet.
func All(seed uint64) []Frame {
	chance := rand.New(rand.NewPCG(seed, 0x5c4ee2))
	var all []Frame
	for _, f := range faults {
		for s := 1; s <= strengths; s++ {
			for i := range perQR + perBars + perBoth {
				frame := Frame{Class: f.class, Strength: s, seed: chance.Uint64()}
				switch {
				case i < perQR:
					frame.Symbol = QR
				case i < perQR+perBars:
					frame.Symbol = Bars
				default:
					frame.Symbol = Both
				}
				frame.Want = frame.scene().texts()
				all = append(all, frame)
			}
		}
	}
	for _, sight := range sights {
		for s := 1; s <= strengths; s++ {
			for range perNothing {
				all = append(all, Frame{Class: sight.class, Strength: s, seed: chance.Uint64()})
			}
		}
	}
	return all
}

// Renderer draws frames. It keeps its buffers, so one goroutine may use it.
type Renderer struct {
	pix, spare []byte
	page       plane
	mips       [3]plane
	sums       []int32
}

// NewRenderer makes a renderer.
func NewRenderer() *Renderer {
	return &Renderer{pix: make([]byte, W*H), spare: make([]byte, W*H)}
}

// Draw gives the pixels of a frame, row by row without gaps. They are the renderer's
// own and change with its next frame. A frame takes some 10 ms.
func (r *Renderer) Draw(f Frame) []byte {
	s := f.scene()
	r.background(s)
	if f.Symbol == None {
		for _, sight := range sights {
			if sight.class == f.Class {
				sight.draw(r, s, f.Strength)
			}
		}
	} else {
		r.drawPage(s)
		r.project(s, s.pose.matrix(), phoneW, phoneH)
	}
	r.finish(s)
	return r.pix
}

// scene works out all that chance decides about a frame with a code.
func (f Frame) scene() *scene {
	s := newScene(f)
	for _, fault := range faults {
		if fault.class == f.Class {
			fault.apply(s, f.Strength)
		}
	}
	s.place()
	return s
}
