package decode

// refine moves a grid to where the edges between dark and light modules really are.
// It says how far it moved it, in modules.
func (m *modules) refine(v *view, g *grid) float64 {
	var across, down equations
	edges := 0
	for y := range m.dim {
		for x := range m.dim {
			i := y*m.dim + x
			a, b := float64(x)/float64(m.dim), float64(y)/float64(m.dim)
			half := 0.5 / float64(m.dim)
			if x+1 < m.dim {
				if shift, ok := m.edge(v, i, i+1); ok {
					across.add(termsAt(a+2*half, b+half), shift, 1)
					edges++
				}
			}
			if y+1 < m.dim {
				if shift, ok := m.edge(v, i, i+m.dim); ok {
					down.add(termsAt(a+half, b+2*half), shift, 1)
					edges++
				}
			}
		}
	}
	if edges < 40 {
		return 0
	}
	return max(g.du.add(&across), g.dv.add(&down))
}

func termsAt(u, v float64) [8]float64 { return [8]float64{1, u, v, u * u, u * v, v * v} }

// add solves for what a bend lacks, and says how much that is at the most.
func (b *bend) add(e *equations) float64 {
	n := e.sums[0][0]
	for k := range 6 {
		e.sums[k][k] += 1e-6 * (n + 1)
	}
	for k := 3; k < 6; k++ {
		e.sums[k][k] += 0.01 * n // few things are bent
	}
	more, ok := e.solve(6)
	if !ok {
		return 0
	}
	most := 0.0
	step := bend(more[:6])
	for _, at := range [5][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0.5, 0.5}} {
		d := step.at(at[0], at[1])
		most = max(most, d, -d)
	}
	if most > 3 {
		return 0 // that is no small correction: the edges are not the symbol's
	}
	for k := range b {
		b[k] += step[k]
	}
	return most
}

// edge says how far the edge between two modules lies from where the grid has it,
// in modules, and whether there is an edge.
func (m *modules) edge(v *view, i, j int) (float64, bool) {
	if m.worked[i] == outside || m.worked[j] == outside {
		return 0, false
	}
	a, b := m.soft[i], m.soft[j]
	if a > 0 == (b > 0) || abs(a) < 100 || abs(b) < 100 {
		return 0, false
	}
	first, second := m.limits[i]-m.shades[i], m.limits[j]-m.shades[j]
	if first == second {
		return 0, false
	}
	p, q := m.places[i], m.places[j]
	shade := v.at(point{(p.x + q.x) / 2, (p.y + q.y) / 2})
	between := (m.limits[i]+m.limits[j])/2 - shade
	shift := float64(between) / float64(first-second)
	return 0.8 * min(max(shift, -0.4), 0.4), true
}
