package screens

import "math"

// pose is how the phone is held before the camera.
type pose struct {
	centerX, centerY float64 // the point of the phone that is looked at
	x, y             float64 // where it is seen in the frame
	scale            float64 // pixels of the frame per pixel of the phone's picture
	turn, tilt, axis float64 // radians; axis is the direction that tilt turns about
}

// distance of the camera in pixels of the frame: the lens of a counter camera.
const distance = 1300.0

type matrix [9]float64

// matrix maps the frame to the phone's picture.
func (p pose) matrix() matrix {
	ct, st := math.Cos(p.turn), math.Sin(p.turn)
	ca, sa := math.Cos(p.axis), math.Sin(p.axis)
	c, s := math.Cos(p.tilt), math.Sin(p.tilt)
	// Turn in the plane, then about the axis (ca, sa): what stands off it comes nearer.
	m00, m01 := ct, -st
	m10, m11 := st, ct
	across := func(x, y float64) (ox, oy, oz float64) {
		along, off := x*ca+y*sa, -x*sa+y*ca
		return along*ca - off*c*sa, along*sa + off*c*ca, off * s
	}
	ax, ay, az := across(m00*p.scale, m10*p.scale)
	bx, by, bz := across(m01*p.scale, m11*p.scale)
	// (u, v) relative to the centre -> frame, by perspective.
	h := matrix{ax + p.x*az/distance, bx + p.x*bz/distance, p.x,
		ay + p.y*az/distance, by + p.y*bz/distance, p.y,
		az / distance, bz / distance, 1}
	return h.inverse()
}

func (m matrix) inverse() matrix {
	a, b, c, d, e, f, g, h, i := m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]
	det := a*(e*i-f*h) - b*(d*i-f*g) + c*(d*h-e*g)
	return matrix{(e*i - f*h) / det, (c*h - b*i) / det, (b*f - c*e) / det,
		(f*g - d*i) / det, (a*i - c*g) / det, (c*d - a*f) / det,
		(d*h - e*g) / det, (b*g - a*h) / det, (a*e - b*d) / det}
}

// locate gives the point of the phone's picture that a pixel of the frame sees.
func (s *scene) locate(m *matrix, x, y float64) (u, v float64) {
	if s.barrel != 0 {
		dx, dy := (x-W/2)/(W/2), (y-H/2)/(W/2)
		k := 1 + s.barrel*(dx*dx+dy*dy)
		x, y = W/2+dx*k*W/2, H/2+dy*k*W/2
	}
	w := m[6]*x + m[7]*y + m[8]
	u, v = (m[0]*x+m[1]*y+m[2])/w, (m[3]*x+m[4]*y+m[5])/w
	if s.bend != 0 {
		// The screen is part of a cylinder: straight lines become arcs, and what lies
		// beside the middle is narrower.
		t := u / phoneW
		v += s.bend * phoneW * t * t
		u *= 1 + math.Abs(s.bend)*t*t
	}
	return u + s.pose.centerX, v + s.pose.centerY
}

// step is how many pixels of a row are placed by a straight line between two points.
const step = 16

// project draws the phone's picture, w by h pixels, into the frame.
func (r *Renderer) project(s *scene, m matrix, w, h int) {
	level := r.shrink(s.pose.scale)
	from := r.page
	if level > 0 {
		from = r.mips[level-1]
	}
	div := 1 / float64(int(1)<<level)
	grid := newGrid(s)
	for y := range H {
		row := r.pix[y*W : (y+1)*W]
		u0, v0 := s.locate(&m, 0, float64(y))
		for x := 0; x < W; x += step {
			u1, v1 := s.locate(&m, float64(x+step), float64(y))
			if max(u0, u1) >= 0 && min(u0, u1) < float64(w) && max(v0, v1) >= 0 && min(v0, v1) < float64(h) {
				span := span{row: row[x : x+step], u: fix(u0 * div), v: fix(v0 * div),
					du: fix(u1*div-u0*div) / step, dv: fix(v1*div-v0*div) / step}
				if s.moire > 0 {
					span.drawGrid(&from, grid, 1<<level)
				} else {
					span.draw(&from)
				}
			}
			u0, v0 = u1, v1
		}
	}
}

func fix(v float64) int { return int(v * 65536) }

// span is a piece of a row, and where in the picture it begins and goes, in 65536ths
// of a pixel.
type span struct {
	row          []byte
	u, v, du, dv int
}

func (s *span) draw(from *plane) {
	u, v := s.u, s.v
	for i := range s.row {
		if c := from.at(u, v); c >= 0 {
			s.row[i] = byte(c)
		}
		u, v = u+s.du, v+s.dv
	}
}

// grid is the light of the screen's own pixels, point by point along both directions.
type grid struct {
	wave [256]int // 256 is full light
	per  float64  // waves per pixel of the phone's picture
}

// newGrid makes the screen's pixels nearly as wide as the sensor's: their beat is what
// one sees as moire.
func newGrid(s *scene) *grid {
	g := &grid{per: (1 + s.beat) * s.pose.scale}
	for i := range g.wave {
		g.wave[i] = int(256 * (1 - s.moire/2 + s.moire/2*math.Cos(2*math.Pi*float64(i)/256)))
	}
	return g
}

func (s *span) drawGrid(from *plane, g *grid, level int) {
	u, v := s.u, s.v
	k := int(g.per * 256 * float64(level))
	for i := range s.row {
		if c := from.at(u, v); c >= 0 {
			light := g.wave[u*k>>16&255] * (192 + g.wave[v*k>>16&255]>>2)
			s.row[i] = byte(c * light >> 16)
		}
		u, v = u+s.du, v+s.dv
	}
}
