package decode

import (
	"fmt"
	"slices"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// codewords are the bytes of a symbol, in its own order and then in blocks.
type codewords struct {
	field *field
	raw   []uint8
	sure  []int32 // how sure the least sure bit of each byte is
	data  []uint8
	block [256]uint8
	trust [256]int32
	lost  [256]int
}

// take reads the bytes out of the modules.
func (c *codewords) take(m *modules, l *layout, f format) {
	n := l.version.GetTotalCodewords()
	c.raw, c.sure = grown(c.raw, n), grown(c.sure, n)
	for i := range n {
		var value uint8
		sure := int32(1 << 20)
		for _, at := range l.order[i*8 : i*8+8] {
			x, y := int(at)%l.dim, int(at)/l.dim
			soft := m.isDark(x, y, f.mirrored)
			if isMasked(f.mask, x, y) {
				soft = -soft
			}
			value <<= 1
			if soft > 0 {
				value |= 1
			}
			sure = min(sure, abs(soft))
		}
		c.raw[i], c.sure[i] = value, sure
	}
}

// repair puts the blocks together and repairs them. It says whether all of them
// came out well.
func (c *codewords) repair(l *layout, level decoder.ErrorCorrectionLevel) bool {
	blocks := l.version.GetECBlocksForLevel(level)
	count, check := blocks.GetNumBlocks(), blocks.GetECCodewordsPerBlock()
	short := blocks.GetECBlocks()[0].GetDataCodewords()
	shorts := blocks.GetECBlocks()[0].GetCount()
	total := l.version.GetTotalCodewords() - count*check // of data
	c.data = c.data[:0]
	for b := range count {
		size := short
		if b >= shorts {
			size++
		}
		for i := range size + check {
			at := i*count + b
			switch {
			case i >= size:
				at = total + (i-size)*count + b
			case i == short: // only the long blocks have it
				at = short*count + b - shorts
			}
			c.block[i], c.trust[i] = c.raw[at], c.sure[at]
		}
		if !c.repairBlock(size, check) {
			return false
		}
		c.data = append(c.data, c.block[:size]...)
	}
	return true
}

// The bytes that are taken for lost are at most all of the check bytes but these:
// they must then be right by more than chance.
const spareBytes = 3

// repairBlock tries without lost bytes, and then takes more and more of the least
// sure ones for lost.
func (c *codewords) repairBlock(size, check int) bool {
	n := size + check
	if _, ok := c.field.correct(c.block[:n], check, nil, 0); ok {
		return true
	}
	for i := range n {
		c.lost[i] = i
	}
	slices.SortFunc(c.lost[:n], func(a, b int) int { return int(c.trust[a] - c.trust[b]) })
	most := check - spareBytes
	for _, lost := range [...]int{most / 3, most * 2 / 3, most} {
		if lost == 0 {
			continue
		}
		if _, ok := c.field.correct(c.block[:n], check, c.lost[:lost], spareBytes); ok {
			return true
		}
	}
	return false
}

// text gives what the data say. They come from a picture that anybody may have made,
// so a panic of the library is an error as well.
func (c *codewords) text(l *layout, level decoder.ErrorCorrectionLevel) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("gozxing: %v", p)
		}
	}()
	result, err := decoder.DecodedBitStreamParser_Decode(c.data, l.version, level, nil)
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}
