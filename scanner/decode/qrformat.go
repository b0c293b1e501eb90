package decode

import "math/bits"

// isDark says how dark a module is, and -isDark how light: 256 is as dark as the
// mean dark one. A mirrored symbol has rows for columns.
func (m *modules) isDark(x, y int, mirrored bool) int32 {
	if mirrored {
		x, y = y, x
	}
	return m.soft[y*m.dim+x]
}

// format is the symbol's level of correction, as its two bits say it, and its mask.
type format struct {
	level    uint
	mask     int
	mirrored bool
	score    int32 // of 256: how well the symbol's bits suit it
}

// checked gives data bits with the check bits of a BCH code.
func checked(data, generator uint, checkBits int) uint {
	rest := data << checkBits
	for bits.Len(rest) > checkBits {
		rest ^= generator << (bits.Len(rest) - bits.Len(generator))
	}
	return data<<checkBits | rest
}

const (
	formatGenerator  = 0x537
	formatMask       = 0x5412
	formatBits       = 15
	versionGenerator = 0x1F25
	versionBits      = 18
)

// formatModule gives the modules that hold a bit of the format, the highest being 0.
func formatModule(i, dim int) (x1, y1, x2, y2 int) {
	switch {
	case i < 6:
		x1, y1 = i, 8
	case i == 6:
		x1, y1 = 7, 8
	case i == 7:
		x1, y1 = 8, 8
	case i == 8:
		x1, y1 = 8, 7
	default:
		x1, y1 = 8, 14-i
	}
	if i < 7 {
		return x1, y1, 8, dim - 1 - i
	}
	return x1, y1, dim - 15 + i, 8
}

// formats gives the likeliest format for the symbol as it is and for its mirror
// image, the likelier first. Both copies are weighed by how sure each module is.
func (m *modules) formats() [2]format {
	straight, mirrored := m.format(false), m.format(true)
	if mirrored.score > straight.score {
		return [2]format{mirrored, straight}
	}
	return [2]format{straight, mirrored}
}

func (m *modules) format(mirrored bool) format {
	var dark [formatBits]int32
	for i := range dark {
		x1, y1, x2, y2 := formatModule(i, m.dim)
		dark[i] = clamped(m.isDark(x1, y1, mirrored)) + clamped(m.isDark(x2, y2, mirrored))
	}
	best := format{mirrored: mirrored, score: -1 << 20}
	for data := range uint(32) {
		word := checked(data, formatGenerator, 10) ^ formatMask
		if score := match15(dark[:], word) / (2 * formatBits); score > best.score {
			best.score, best.level, best.mask = score, data>>3, int(data&7)
		}
	}
	return best
}

func clamped(v int32) int32 { return min(max(v, -256), 256) }

// match15 adds up how well the bits of a word, the highest first, suit the modules.
func match15(dark []int32, word uint) int32 {
	var sum int32
	for i, d := range dark {
		if word>>(len(dark)-1-i)&1 == 1 {
			sum += d
		} else {
			sum -= d
		}
	}
	return sum
}

// versionAs gives the version that a symbol of 45 modules or more says it has, and
// how well its bits suit that, of 256.
func (m *modules) versionAs() (number int, score int32) {
	var dark [versionBits]int32
	for i := range dark {
		long, short := m.dim-9-i%3, 5-i/3
		dark[i] = clamped(m.isDark(long, short, false)) + clamped(m.isDark(short, long, false))
	}
	for data := uint(7); data <= versionsMax; data++ {
		word := checked(data, versionGenerator, 12)
		if s := match15(dark[:], word) / (2 * versionBits); s > score {
			number, score = int(data), s
		}
	}
	return number, score
}

// versionSure is how well a version must be seen to be believed more than the
// symbol's size, of 256.
const versionSure = 190

// otherVersion gives the version that the symbol says it has, if it is another one.
func (m *modules) otherVersion(number int) (int, bool) {
	if number < 7 {
		return 0, false
	}
	said, score := m.versionAs()
	return said, said != number && score > versionSure
}

// fixedFit says how well the finder and timing patterns are where they should be:
// 256 if all of them are.
func (m *modules) fixedFit() int32 {
	var sum, n int32
	far := m.dim - 7
	for y := range 7 {
		for x := range 7 {
			want := int32(1)
			if isFinderLight(x, y) {
				want = -1
			}
			for _, at := range [3][2]int{{x, y}, {x + far, y}, {x, y + far}} {
				sum += want * clamped(m.isDark(at[0], at[1], false))
				n++
			}
		}
	}
	for i := 8; i < m.dim-8; i++ {
		want := int32(1 - 2*(i%2))
		sum += want * (clamped(m.isDark(i, 6, false)) + clamped(m.isDark(6, i, false)))
		n += 2
	}
	return sum / n
}
