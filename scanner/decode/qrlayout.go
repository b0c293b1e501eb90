package decode

import "github.com/makiuchi-d/gozxing/qrcode/decoder"

const (
	versionsMax   = 40
	dimMax        = 17 + 4*versionsMax
	alignmentsMax = 46
)

// layout is what a version of the symbol looks like.
type layout struct {
	version *decoder.Version
	dim     int
	fixed   []bool   // the modules that hold no data
	order   []uint16 // where each data bit lies: row*dim + column
	centres [][2]int // of the alignment patterns, column and row
}

// newLayout builds the layout of a version, 1 to 40.
func newLayout(number int) *layout {
	version, err := decoder.Version_GetVersionForNumber(number)
	if err != nil {
		panic(err) // the caller counts from 1 to 40
	}
	dim := 17 + 4*number
	l := &layout{version: version, dim: dim, fixed: make([]bool, dim*dim)}
	l.fix(0, 0, 9, 9)
	l.fix(dim-8, 0, 8, 9)
	l.fix(0, dim-8, 9, 8)
	l.fix(6, 0, 1, dim)
	l.fix(0, 6, dim, 1)
	places := version.GetAlignmentPatternCenters()
	last := len(places) - 1
	for j, y := range places {
		for i, x := range places {
			if i == 0 && j == 0 || i == last && j == 0 || i == 0 && j == last {
				continue // the finder patterns are there
			}
			l.centres = append(l.centres, [2]int{x, y})
			l.fix(x-2, y-2, 5, 5)
		}
	}
	if number >= 7 {
		l.fix(dim-11, 0, 3, 6)
		l.fix(0, dim-11, 6, 3)
	}
	l.sort()
	return l
}

func (l *layout) fix(x, y, w, h int) {
	for j := y; j < y+h; j++ {
		for i := x; i < x+w; i++ {
			l.fixed[j*l.dim+i] = true
		}
	}
}

// sort lists the data bits: two columns at a time from the right, up and down.
func (l *layout) sort() {
	up := true
	for right := l.dim - 1; right > 0; right -= 2 {
		if right == 6 {
			right--
		}
		for k := range l.dim {
			y := k
			if up {
				y = l.dim - 1 - k
			}
			for x := right; x >= right-1; x-- {
				if !l.fixed[y*l.dim+x] {
					l.order = append(l.order, uint16(y*l.dim+x))
				}
			}
		}
		up = !up
	}
}

// isMasked says whether a mask, 0 to 7, turns the module at column x and row y.
func isMasked(mask, x, y int) bool {
	switch mask {
	case 0:
		return (x+y)%2 == 0
	case 1:
		return y%2 == 0
	case 2:
		return x%3 == 0
	case 3:
		return (x+y)%3 == 0
	case 4:
		return (y/2+x/3)%2 == 0
	case 5:
		return x*y%6 == 0
	case 6:
		return x*y%6 < 3
	}
	return (x+y+x*y%3)%2 == 0
}
