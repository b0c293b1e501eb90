package decode

// outside stands for the shade of a module that is not in the picture.
const outside = -1

// modules are the shades of a symbol's modules, and what they mean.
type modules struct {
	dim    int
	places []point // of the modules' middles, in the picture
	shades []int32 // 256 times the shade, or outside
	worked []int32 // the shades, sharpened
	limits []int32 // the threshold of each module
	soft   []int32 // how dark each module is: 256 is as dark as the mean dark one
	sums   []int32 // integral of the shades, with a row and a column of zeros
	counts []int32 // integral of how many there are
}

// take samples the picture at each module of a grid, in its middle or, when the grid
// is sure, at several points of it.
func (m *modules) take(v *view, g *grid, isSure bool) {
	m.dim = g.dim
	n := g.dim * g.dim
	m.places = grown(m.places, n)
	m.shades = grown(m.shades, n)
	m.worked = grown(m.worked, n)
	m.limits = grown(m.limits, n)
	m.soft = grown(m.soft, n)
	for y := range g.dim {
		for x := range g.dim {
			m.places[y*g.dim+x] = g.to(float64(x)+0.5, float64(y)+0.5)
		}
	}
	for y := range g.dim {
		for x := range g.dim {
			m.shades[y*g.dim+x] = m.sample(v, x, y, isSure)
		}
	}
}

// sample takes a module's middle, or the mean of that and four points around it.
func (m *modules) sample(v *view, x, y int, around bool) int32 {
	i := y*m.dim + x
	c := m.places[i]
	if !v.luma.holds(c.x/v.scale, c.y/v.scale) {
		return outside
	}
	if !around {
		return v.at(c)
	}
	const part = 0.23 // of a module, from the middle to the points
	beside, below := i+1, i+m.dim
	signX, signY := float32(part), float32(part)
	if x == m.dim-1 {
		beside, signX = i-1, -part
	}
	if y == m.dim-1 {
		below, signY = i-m.dim, -part
	}
	du, dv := m.places[beside].minus(c), m.places[below].minus(c)
	sum := 2 * v.at(c)
	sum += v.at(c.plus(du, signX).plus(dv, signY)) + v.at(c.plus(du, -signX).plus(dv, -signY))
	sum += v.at(c.plus(du, -signX).plus(dv, signY)) + v.at(c.plus(du, signX).plus(dv, -signY))
	return sum / 6
}

// sharpen takes from each module a share of what its neighbours are brighter, in
// 16ths each: what blur has mixed is parted again.
func (m *modules) sharpen(across, down int32) {
	dim := m.dim
	for y := range dim {
		for x := range dim {
			i := y*dim + x
			c := m.shades[i]
			if c == outside {
				m.worked[i] = c
				continue
			}
			sum := int32(0)
			if x > 0 && x < dim-1 {
				sum += across * (2*c - inside(m.shades[i-1], c) - inside(m.shades[i+1], c))
			}
			if y > 0 && y < dim-1 {
				sum += down * (2*c - inside(m.shades[i-dim], c) - inside(m.shades[i+dim], c))
			}
			m.worked[i] = max(c+sum/16, 0)
		}
	}
}

func inside(shade, otherwise int32) int32 {
	if shade == outside {
		return otherwise
	}
	return shade
}

// decide compares each module with its threshold: the mean of the modules around it.
func (m *modules) decide(reach int) {
	m.integrate()
	w := m.dim + 1
	for y := range m.dim {
		y0, y1 := max(y-reach, 0)*w, min(y+reach+1, m.dim)*w
		for x := range m.dim {
			x0, x1 := max(x-reach, 0), min(x+reach+1, m.dim)
			sum := m.sums[y1+x1] - m.sums[y0+x1] - m.sums[y1+x0] + m.sums[y0+x0]
			n := m.counts[y1+x1] - m.counts[y0+x1] - m.counts[y1+x0] + m.counts[y0+x0]
			m.limits[y*m.dim+x] = sum / max(n, 1) << 4
		}
	}
	m.weigh()
}

// integrate sums up the shades, 16 to one so that the sum of all fits.
func (m *modules) integrate() {
	w := m.dim + 1
	m.sums = grown(m.sums, w*w)
	m.counts = grown(m.counts, w*w)
	clear(m.sums[:w])
	clear(m.counts[:w])
	for y := range m.dim {
		var sum, count int32
		at := (y + 1) * w
		m.sums[at], m.counts[at] = 0, 0
		for x := range m.dim {
			if shade := m.worked[y*m.dim+x]; shade != outside {
				sum += shade >> 4
				count++
			}
			m.sums[at+x+1] = m.sums[at+x+1-w] + sum
			m.counts[at+x+1] = m.counts[at+x+1-w] + count
		}
	}
}

// decideByWhole compares each module with the threshold that parts all best.
func (m *modules) decideByWhole() {
	var count [256]int32
	total, sum := int32(0), int32(0)
	for _, s := range m.worked {
		if s != outside {
			v := min(s>>8, 255)
			count[v]++
			total++
			sum += v
		}
	}
	best, limit := float32(0), int32(0)
	darker, darkerSum := int32(0), int32(0)
	for v, n := range count {
		darker += n
		darkerSum += n * int32(v)
		if darker == 0 || darker == total {
			continue
		}
		apart := float32(sum-darkerSum)/float32(total-darker) - float32(darkerSum)/float32(darker)
		if part := float32(darker) * float32(total-darker) * apart * apart; part > best {
			best, limit = part, int32(v)<<8+255
		}
	}
	for i := range m.limits {
		m.limits[i] = limit
	}
	m.weigh()
}

// weigh turns shades and thresholds into how surely each module is dark.
func (m *modules) weigh() {
	var off, n int64
	for i, s := range m.worked {
		if s != outside {
			off += int64(abs(m.limits[i] - s))
			n++
		}
	}
	mean := int32(max(off/max(n, 1), 1))
	for i, s := range m.worked {
		if s == outside {
			m.soft[i] = 0
			continue
		}
		m.soft[i] = min(max((m.limits[i]-s)*256/mean, -512), 512)
	}
}
