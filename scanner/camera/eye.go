package camera

import (
	"encoding/binary"
	"errors"
	"fmt"

	"saoma/terminal/scanner/camera/mjpeg"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/scanner/decode"
)

// errShort means that bytes of a frame are missing.
var errShort = errors.New("the frame is too short")

// eye turns frames into luma. It keeps its memory between them.
type eye struct {
	luma []byte
	jpeg mjpeg.Decoder
}

// see gives the luma of a frame. Where the device's memory has it, it is not
// copied; it is lent until the next call, or until the buffer is given back.
func (e *eye) see(f v4l2.Format, frame []byte) (decode.Luma, error) {
	if f.Pixels == v4l2.MJPEG {
		p, err := e.jpeg.Decode(frame)
		if err != nil {
			return decode.Luma{}, err
		}
		return decode.Luma{Pix: p.Pix, Stride: p.Stride, W: p.W, H: p.H}, nil
	}
	if len(frame) < lumaBytes(f) {
		return decode.Luma{}, fmt.Errorf("%w: %d of %d bytes", errShort, len(frame), lumaBytes(f))
	}
	if f.Pixels != v4l2.YUYV {
		return decode.Luma{Pix: frame, Stride: f.BytesPerLine, W: f.Width, H: f.Height}, nil
	}
	if need := f.Width * f.Height; cap(e.luma) < need {
		e.luma = make([]byte, need)
	} else {
		e.luma = e.luma[:need]
	}
	for y := range f.Height {
		everySecond(e.luma[y*f.Width:(y+1)*f.Width], frame[y*f.BytesPerLine:])
	}
	return decode.Luma{Pix: e.luma, Stride: f.Width, W: f.Width, H: f.Height}, nil
}

// everySecond takes the bytes at even places, eight at a time: of sixteen in two
// words the odd ones are masked off and the rest is pushed together.
func everySecond(to, from []byte) {
	from = from[:2*len(to)]
	for len(to) >= 8 {
		a := pushed(binary.LittleEndian.Uint64(from))
		b := pushed(binary.LittleEndian.Uint64(from[8:]))
		binary.LittleEndian.PutUint64(to, a|b<<32)
		to, from = to[8:], from[16:]
	}
	for i := range to {
		to[i] = from[2*i]
	}
}

func pushed(v uint64) uint64 {
	v &= 0x00FF00FF00FF00FF
	v = (v | v>>8) & 0x0000FFFF0000FFFF
	return (v | v>>16) & 0xFFFFFFFF
}

// light is how bright a picture is.
type light struct {
	mean   int
	bright int // a twentieth of the picture is at least so bright
	burnt  int // thousandths of the picture that are as bright as can be
}

// The grid of the pixels that are metered: some 3,600 of 720p.
const (
	meterEvery = 16
	burntFrom  = 250
)

// meter looks at pixels here and there.
func meter(l decode.Luma) light {
	var count [256]int32
	n := 0
	for y := meterEvery / 2; y < l.H; y += meterEvery {
		row := l.Pix[y*l.Stride : y*l.Stride+l.W]
		for x := meterEvery / 2; x < l.W; x += meterEvery {
			count[row[x]]++
			n++
		}
	}
	if n == 0 {
		return light{}
	}
	var sum, above, burnt int
	bright := 255
	for v := 255; v >= 0; v-- {
		c := int(count[v])
		sum += v * c
		if above += c; above*20 < n {
			bright = v - 1
		}
		if v >= burntFrom {
			burnt += c
		}
	}
	return light{mean: sum / n, bright: max(0, bright), burnt: burnt * 1000 / n}
}
