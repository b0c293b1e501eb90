package decode

// Codes with modules smaller than this, in pixels, are seen at half size by chance
// only. They are looked for in all pixels, but only in every sparseStep-th row.
const (
	smallModule = 4
	sparseStep  = 4
)

// sparse is a picture of dark and light of which rows are made when they are looked
// at. The thresholds are those of the picture at half its size.
type sparse struct {
	bits   bitPlane
	luma   Luma
	made   []bool // rows
	band   int    // the row of blocks whose limits are at hand
	limits []uint8
	plain  []bool // words of a row that are light at half size
	half   *binarizer
}

// begin starts with a new picture. A row that is not made yet is light.
func (s *sparse) begin(l Luma, half *binarizer) {
	s.luma, s.half = l, half
	s.bits.w, s.bits.h = l.W, l.H
	s.bits.stride = (l.W + 63) / 64
	s.bits.words = grown(s.bits.words, s.bits.stride*l.H)
	clear(s.bits.words)
	s.made = grown(s.made, l.H)
	clear(s.made)
	s.limits = grown(s.limits, (l.W+blockSize-1)/blockSize)
	s.plain = grown(s.plain, s.bits.stride)
	s.band = -1
}

// make makes the rows around one.
func (s *sparse) make(y, reach int) {
	for k := max(y-reach, 0); k < min(y+reach+1, s.luma.H); k++ {
		if s.made[k] {
			continue
		}
		s.made[k] = true
		s.turnTo(min(k/2/blockSize, s.half.bh-1))
		packRow(s.bits.words[k*s.bits.stride:(k+1)*s.bits.stride], s.luma.row(k), s.limits, s.plain)
	}
}

// turnTo takes the limits of a row of blocks at half size.
func (s *sparse) turnTo(band int) {
	if s.band == band {
		return
	}
	s.band = band
	lows := s.half.lo[band*s.half.bw : (band+1)*s.half.bw]
	limits := s.half.limit[band*s.half.bw : (band+1)*s.half.bw]
	for i := range s.limits {
		s.limits[i] = limits[min(i/2, s.half.bw-1)]
	}
	for i := range s.plain {
		s.plain[i] = true
		for k := i * 4; k < min(i*4+4, len(lows)); k++ {
			if lows[k] < limits[k] {
				s.plain[i] = false
				break
			}
		}
	}
}

// standsOut is the contrast, of 256 shades, below which small runs are taken for noise.
const standsOut = 20

// stands says whether a run differs from the one before it. edges are where the two
// begin and end.
func (s *sparse) stands(y int, edges []int32) bool {
	row := s.luma.row(y)
	before, middle := row[(edges[0]+edges[1])/2], row[(edges[1]+edges[2])/2]
	return abs(int32(before)-int32(middle)) >= standsOut
}

// searchSparse looks for small finder patterns.
func (f *finders) searchSparse(s *sparse) {
	f.begin(s.luma.W)
	f.rows = s
	for y := sparseStep / 2; y < s.luma.H; y += sparseStep {
		s.make(y, 0)
		f.searchRow(&s.bits, y)
	}
	f.rows = nil
}
