package v4l2

import (
	"bytes"
	"testing"
	"unsafe"
)

// The numbers are those of the kernel's header: a size that is off by one byte
// makes another number.
func TestEveryABIHasTheKernelsSizesAndNumbers(t *testing.T) {
	for _, tt := range []struct {
		layout                                    Layout
		buffer, offset, length, sequence          int
		format                                    int
		setFmt, queryBuf, queue, dequeue, setParm uint32
	}{
		{Word64, 88, 64, 72, 56, 208, 0xc0d05605, 0xc0585609, 0xc058560f, 0xc0585611, 0xc0cc5616},
		{Word32Time64, 80, 64, 68, 56, 204, 0xc0cc5605, 0xc0505609, 0xc050560f, 0xc0505611, 0xc0cc5616},
		{Word32Time32, 68, 52, 56, 44, 204, 0xc0cc5605, 0xc0445609, 0xc044560f, 0xc0445611, 0xc0cc5616},
	} {
		at, r := tt.layout.buffer(), tt.layout.Requests()
		if at.size != tt.buffer || at.offset != tt.offset || at.length != tt.length ||
			at.sequence != tt.sequence || tt.layout.formatSize() != tt.format {
			t.Errorf("%s: the offsets are %+v, the format has %d bytes", tt.layout.Name, at,
				tt.layout.formatSize())
		}
		for name, pair := range map[string][2]uint32{
			"S_FMT": {tt.setFmt, r.SetFmt}, "QUERYBUF": {tt.queryBuf, r.QueryBuf},
			"QBUF": {tt.queue, r.Queue}, "DQBUF": {tt.dequeue, r.Dequeue},
			"S_PARM": {tt.setParm, r.SetParm}, "QUERYCAP": {0x80685600, r.QueryCap},
			"ENUM_FMT": {0xc0405602, r.EnumFmt}, "REQBUFS": {0xc0145608, r.ReqBufs},
			"STREAMON": {0x40045612, r.StreamOn}, "STREAMOFF": {0x40045613, r.StreamOff},
			"G_CTRL": {0xc008561b, r.GetCtrl}, "S_CTRL": {0xc008561c, r.SetCtrl},
			"QUERYCTRL": {0xc0445624, r.QueryCtrl}, "ENUM_FRAMEINTERVALS": {0xc034564b, r.EnumIntervals},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: want %s %#x, got %#x", tt.layout.Name, name, pair[0], pair[1])
			}
		}
	}
}

func TestThisMachineTriesTheABIsOfItsWord(t *testing.T) {
	want := []Layout{Word64}
	if unsafe.Sizeof(uintptr(0)) == 4 {
		want = []Layout{Word32Time64, Word32Time32}
	}
	got := Linux().Layouts()
	if len(got) != len(want) || got[0] != want[0] {
		t.Errorf("want %v, got %v", want, got)
	}
}

func TestWhatIsWrittenIsReadAndNothingBeyond(t *testing.T) {
	for _, l := range []Layout{Word64, Word32Time64, Word32Time32} {
		b := bytes.Repeat([]byte{0xAA}, 256)
		v := Buffer{Index: 1, BytesUsed: 2, Flags: 3, Sequence: 4, Offset: 5, Length: 6}
		l.PutBuffer(b, v)
		if got := l.GetBuffer(b); got != v {
			t.Errorf("%s: want %+v, got %+v", l.Name, v, got)
		}
		if n := l.buffer().size; b[n] != 0xAA || b[n-1] == 0xAA {
			t.Errorf("%s: a buffer of %d bytes was not written as such", l.Name, n)
		}
		b = bytes.Repeat([]byte{0xAA}, 256)
		f := Format{Width: 1280, Height: 720, Pixels: MJPEG, BytesPerLine: 7, SizeImage: 8}
		l.PutFormat(b, f)
		if got := l.GetFormat(b); got != f {
			t.Errorf("%s: want %+v, got %+v", l.Name, f, got)
		}
		if n := l.formatSize(); b[n] != 0xAA || b[n-1] == 0xAA {
			t.Errorf("%s: a format of %d bytes was not written as such", l.Name, n)
		}
	}
}

func TestAPixelFormatIsShownByItsLetters(t *testing.T) {
	for f, want := range map[FourCC]string{Grey: "GREY", YUYV: "YUYV", NV12: "NV12", MJPEG: "MJPG", 1: "????"} {
		if f.String() != want {
			t.Errorf("want %s, got %s", want, f)
		}
	}
}
