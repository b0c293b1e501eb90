package decode

// The field of QR codes: bytes, modulo x^8 + x^4 + x^3 + x^2 + 1.
const fieldPolynomial = 0x11D

// field has the powers of 2 in it, twice so that sums of exponents need no modulo,
// and their exponents.
type field struct {
	power    [512]uint8
	exponent [256]uint8
}

func newField() *field {
	f := &field{}
	x := 1
	for i := range 255 {
		f.power[i], f.power[i+255] = uint8(x), uint8(x)
		f.exponent[x] = uint8(i)
		if x <<= 1; x > 255 {
			x ^= fieldPolynomial
		}
	}
	return f
}

func (f *field) times(a, b uint8) uint8 {
	if a == 0 || b == 0 {
		return 0
	}
	return f.power[int(f.exponent[a])+int(f.exponent[b])]
}

func (f *field) over(a, b uint8) uint8 { // b is not 0
	if a == 0 {
		return 0
	}
	return f.power[int(f.exponent[a])+255-int(f.exponent[b])]
}

// polynomial has its constant first.
type polynomial [256]uint8

func (f *field) value(p *polynomial, degree int, x uint8) uint8 {
	var v uint8
	for i := degree; i >= 0; i-- {
		v = f.times(v, x) ^ p[i]
	}
	return v
}

// correct repairs a block whose last check bytes are Reed-Solomon's. lost are the
// places of bytes that are not to be believed. It says how many bytes it repaired
// that were not in lost, and whether it could; if not, the block is as it was.
// spare is how many of the check bytes must be left over as a proof.
func (f *field) correct(block []uint8, check int, lost []int, spare int) (repaired int, ok bool) {
	var syndromes [256]uint8
	if f.syndromes(block, check, &syndromes) {
		return 0, true
	}
	if len(lost)+spare > check {
		return 0, false
	}
	locator, degree := f.locate(&syndromes, check, block, lost)
	errors := degree - len(lost)
	if errors < 0 || len(lost)+2*errors+spare > check {
		return 0, false
	}
	var places [256]int
	n := 0
	for i := range block {
		if f.value(&locator, degree, f.power[255-f.exponentOf(block, i)]) == 0 {
			places[n] = i
			n++
		}
	}
	if n != degree {
		return 0, false
	}
	var kept [256]uint8
	copy(kept[:], block)
	f.repair(block, &syndromes, &locator, check, places[:n])
	if !f.syndromes(block, check, &syndromes) {
		copy(block, kept[:]) // what was wrong lies outside of what can be repaired
		return 0, false
	}
	return errors, true
}

// exponentOf gives the exponent that stands for a place: the last byte's is 0.
func (f *field) exponentOf(block []uint8, place int) int { return len(block) - 1 - place }

// syndromes says whether all are zero, which means that nothing is wrong.
func (f *field) syndromes(block []uint8, check int, s *[256]uint8) bool {
	fine := true
	for i := range check {
		var v uint8
		for _, b := range block {
			if v != 0 {
				v = f.power[int(f.exponent[v])+i]
			}
			v ^= b
		}
		s[i] = v
		fine = fine && v == 0
	}
	return fine
}

// locate finds the polynomial whose roots are the wrong places, by Berlekamp and
// Massey's way, begun with the places that are lost.
func (f *field) locate(s *[256]uint8, check int, block []uint8, lost []int) (polynomial, int) {
	var locator, before polynomial
	locator[0] = 1
	for n, place := range lost {
		root := f.power[f.exponentOf(block, place)]
		for i := n + 1; i > 0; i-- {
			locator[i] ^= f.times(locator[i-1], root)
		}
	}
	before = locator
	degree, shift, last := len(lost), 1, uint8(1)
	for k := len(lost); k < check; k++ {
		var off uint8
		for i := 0; i <= degree; i++ {
			off ^= f.times(locator[i], s[k-i])
		}
		if off == 0 {
			shift++
			continue
		}
		kept := locator
		scale := f.over(off, last)
		for i := shift; i < len(locator); i++ {
			locator[i] ^= f.times(scale, before[i-shift])
		}
		if 2*degree > k+len(lost) {
			shift++
			continue
		}
		degree, before, last, shift = k+1+len(lost)-degree, kept, off, 1
	}
	return locator, degree
}

// repair puts right what is wrong at the places, by Forney's formula.
func (f *field) repair(block []uint8, s *[256]uint8, locator *polynomial, check int, places []int) {
	var evaluator, slope polynomial
	for i := range check {
		for j := 0; j <= i; j++ {
			evaluator[i] ^= f.times(s[i-j], locator[j])
		}
	}
	for i := 1; i < len(locator); i += 2 {
		slope[i-1] = locator[i]
	}
	for _, place := range places {
		e := f.exponentOf(block, place)
		inverse := f.power[255-e]
		below := f.value(&slope, len(places), inverse)
		if below == 0 {
			return
		}
		wrong := f.over(f.value(&evaluator, check-1, inverse), below)
		block[place] ^= f.times(wrong, f.power[e])
	}
}
