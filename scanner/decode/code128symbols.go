package decode

// What a Code 128 is made of: 107 patterns, and what they say in three subsets.

// bars128 holds the widths of bars and spaces in turn, in modules. The stop has one
// bar of two modules more.
var bars128 = [107][6]uint8{
	{2, 1, 2, 2, 2, 2}, {2, 2, 2, 1, 2, 2}, {2, 2, 2, 2, 2, 1}, {1, 2, 1, 2, 2, 3}, {1, 2, 1, 3, 2, 2},
	{1, 3, 1, 2, 2, 2}, {1, 2, 2, 2, 1, 3}, {1, 2, 2, 3, 1, 2}, {1, 3, 2, 2, 1, 2}, {2, 2, 1, 2, 1, 3},
	{2, 2, 1, 3, 1, 2}, {2, 3, 1, 2, 1, 2}, {1, 1, 2, 2, 3, 2}, {1, 2, 2, 1, 3, 2}, {1, 2, 2, 2, 3, 1},
	{1, 1, 3, 2, 2, 2}, {1, 2, 3, 1, 2, 2}, {1, 2, 3, 2, 2, 1}, {2, 2, 3, 2, 1, 1}, {2, 2, 1, 1, 3, 2},
	{2, 2, 1, 2, 3, 1}, {2, 1, 3, 2, 1, 2}, {2, 2, 3, 1, 1, 2}, {3, 1, 2, 1, 3, 1}, {3, 1, 1, 2, 2, 2},
	{3, 2, 1, 1, 2, 2}, {3, 2, 1, 2, 2, 1}, {3, 1, 2, 2, 1, 2}, {3, 2, 2, 1, 1, 2}, {3, 2, 2, 2, 1, 1},
	{2, 1, 2, 1, 2, 3}, {2, 1, 2, 3, 2, 1}, {2, 3, 2, 1, 2, 1}, {1, 1, 1, 3, 2, 3}, {1, 3, 1, 1, 2, 3},
	{1, 3, 1, 3, 2, 1}, {1, 1, 2, 3, 1, 3}, {1, 3, 2, 1, 1, 3}, {1, 3, 2, 3, 1, 1}, {2, 1, 1, 3, 1, 3},
	{2, 3, 1, 1, 1, 3}, {2, 3, 1, 3, 1, 1}, {1, 1, 2, 1, 3, 3}, {1, 1, 2, 3, 3, 1}, {1, 3, 2, 1, 3, 1},
	{1, 1, 3, 1, 2, 3}, {1, 1, 3, 3, 2, 1}, {1, 3, 3, 1, 2, 1}, {3, 1, 3, 1, 2, 1}, {2, 1, 1, 3, 3, 1},
	{2, 3, 1, 1, 3, 1}, {2, 1, 3, 1, 1, 3}, {2, 1, 3, 3, 1, 1}, {2, 1, 3, 1, 3, 1}, {3, 1, 1, 1, 2, 3},
	{3, 1, 1, 3, 2, 1}, {3, 3, 1, 1, 2, 1}, {3, 1, 2, 1, 1, 3}, {3, 1, 2, 3, 1, 1}, {3, 3, 2, 1, 1, 1},
	{3, 1, 4, 1, 1, 1}, {2, 2, 1, 4, 1, 1}, {4, 3, 1, 1, 1, 1}, {1, 1, 1, 2, 2, 4}, {1, 1, 1, 4, 2, 2},
	{1, 2, 1, 1, 2, 4}, {1, 2, 1, 4, 2, 1}, {1, 4, 1, 1, 2, 2}, {1, 4, 1, 2, 2, 1}, {1, 1, 2, 2, 1, 4},
	{1, 1, 2, 4, 1, 2}, {1, 2, 2, 1, 1, 4}, {1, 2, 2, 4, 1, 1}, {1, 4, 2, 1, 1, 2}, {1, 4, 2, 2, 1, 1},
	{2, 4, 1, 2, 1, 1}, {2, 2, 1, 1, 1, 4}, {4, 1, 3, 1, 1, 1}, {2, 4, 1, 1, 1, 2}, {1, 3, 4, 1, 1, 1},
	{1, 1, 1, 2, 4, 2}, {1, 2, 1, 1, 4, 2}, {1, 2, 1, 2, 4, 1}, {1, 1, 4, 2, 1, 2}, {1, 2, 4, 1, 1, 2},
	{1, 2, 4, 2, 1, 1}, {4, 1, 1, 2, 1, 2}, {4, 2, 1, 1, 1, 2}, {4, 2, 1, 2, 1, 1}, {2, 1, 2, 1, 4, 1},
	{2, 1, 4, 1, 2, 1}, {4, 1, 2, 1, 2, 1}, {1, 1, 1, 1, 4, 3}, {1, 1, 1, 3, 4, 1}, {1, 3, 1, 1, 4, 1},
	{1, 1, 4, 1, 1, 3}, {1, 1, 4, 3, 1, 1}, {4, 1, 1, 1, 1, 3}, {4, 1, 1, 3, 1, 1}, {1, 1, 3, 1, 4, 1},
	{1, 1, 4, 1, 3, 1}, {3, 1, 1, 1, 4, 1}, {4, 1, 1, 1, 3, 1}, {2, 1, 1, 4, 1, 2}, {2, 1, 1, 2, 1, 4},
	{2, 1, 1, 2, 3, 2}, {2, 3, 3, 1, 1, 1},
}

// Symbol values with a meaning of their own.
const (
	shift128  = 98
	toC128    = 99
	toB128    = 100 // in A and C; FNC4 in B
	toA128    = 101 // in B and C; FNC4 in A
	fnc1      = 102
	startA    = 103
	startB    = 104
	startC    = 105
	stop128   = 106
	mod128    = 103
	symbols   = 80 // at most, of those before the stop
	symbolMin = 3  // start, one that says something, checksum
)

// sequence is what was read of a symbol: values from start to checksum.
type sequence struct {
	values [symbols]uint8
	n      int
}

func (s *sequence) equal(o *sequence) bool {
	return s.n == o.n && s.values == o.values
}

// adds says whether the checksum fits.
func (s *sequence) adds() bool {
	if s.n < symbolMin || s.values[0] < startA {
		return false
	}
	sum := int(s.values[0])
	for i := 1; i < s.n-1; i++ {
		sum += i * int(s.values[i])
	}
	return sum%mod128 == int(s.values[s.n-1])
}

// digits gives how many digits the symbol says, -1 when it says anything else as well.
// Function 1 in front marks a goods code by GS1, which may have any digits.
func (s *sequence) digits() int {
	var buf [2 * symbols]byte
	text, ok := s.text(buf[:0])
	if !ok || s.values[1] == fnc1 {
		return -1
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
	}
	return len(text)
}

// text appends what the values say in Latin-1; false when they do not say anything
// that a writer would have written.
func (s *sequence) text(to []byte) ([]byte, bool) {
	set := s.values[0]
	shifted := false
	high, once := false, false // FNC4 lifts a letter; two of them, all that follow
	start := len(to)
	for i := 1; i < s.n-1; i++ {
		v := s.values[i]
		if v >= startA {
			return to, false
		}
		now := set
		if shifted {
			now, shifted = startA+startB-set, false
		}
		if now == startC {
			switch {
			case v < 100:
				to = append(to, '0'+v/10, '0'+v%10)
			case v == toB128:
				set = startB
			case v == toA128:
				set = startA
			}
			continue
		}
		switch {
		case v < 96:
			to = append(to, letter(now, v, high != once))
			once = false
		case v == shift128:
			shifted = true
		case v == toC128:
			set = startC
		case v == toB128 && now == startA:
			set = startB
		case v == toA128 && now == startB:
			set = startA
		case v == toA128 || v == toB128: // FNC4
			high, once = high != once, !once
		}
	}
	return to, len(to) > start && !shifted
}

// letter is what a value below 96 means in subset A or B.
func letter(set, v uint8, high bool) byte {
	c := v + ' '
	if set == startA && v >= 64 {
		c = v - 64
	}
	if high {
		c += 128
	}
	return c
}
