package camera

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/camera/camerasim"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/scanner/decode"
	"saoma/terminal/scanner/scannertest"
)

// The pictures of most tests carry their text in their first pixels, so that any
// text can be shown and a look costs nothing.
const (
	width, height = 320, 240
	magic         = 0xC0DE
)

// page is a picture with a text. Another number is another presentation.
func page(number uint32, text string) camerasim.Picture {
	p := camerasim.Picture{Pix: make([]byte, width*height), W: width, H: height}
	binary.BigEndian.PutUint16(p.Pix, magic)
	binary.BigEndian.PutUint32(p.Pix[2:], number)
	binary.BigEndian.PutUint16(p.Pix[6:], uint16(len(text)))
	copy(p.Pix[8:], text)
	return p
}

// pageReader reads such pictures.
type pageReader struct {
	once  bool          // each presentation is read only once
	takes time.Duration // for one picture
	last  uint32
}

func (r *pageReader) Decode(l decode.Luma) decode.Result {
	time.Sleep(r.takes) // of synthetic time
	if binary.BigEndian.Uint16(l.Pix) != magic {
		return decode.Result{Reason: decode.Nothing}
	}
	number, n := binary.BigEndian.Uint32(l.Pix[2:]), int(binary.BigEndian.Uint16(l.Pix[6:]))
	if r.once && number == r.last {
		return decode.Result{Reason: decode.Nothing}
	}
	r.last = number
	text := make([]byte, n)
	for i := range text {
		at := 8 + i
		text[i] = l.Pix[at/l.W*l.Stride+at%l.W]
	}
	return decode.Result{Codes: []decode.Code{{Text: string(text), Symbology: decode.QRCode}}}
}

func config(sim *camerasim.Camera) Config {
	return Config{Name: "camera", Path: sim.Path(), Width: width, Height: height, Rate: 30, Kernel: sim,
		Always: true}
}

// source makes a source that reads pages from a camera in memory.
func source(t *testing.T, sim *camerasim.Camera, change func(*Config)) *Source {
	t.Helper()
	cfg := config(sim)
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.reader = &pageReader{once: true}
	return s
}

func greyCamera() *camerasim.Camera {
	return camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{v4l2.Grey}})
}

func TestACameraPassesTheSuiteOfAllSources(t *testing.T) {
	scannertest.Suite(t, func(t *testing.T) (scanner.Source, func(string)) {
		sim := greyCamera()
		number := uint32(0)
		return source(t, sim, nil), func(code string) {
			number++
			sim.Show(page(number, code))
		}
	})
}

func TestEveryFormatAndABIGivesTheSamePicture(t *testing.T) {
	for _, layout := range []v4l2.Layout{v4l2.Word64, v4l2.Word32Time64, v4l2.Word32Time32} {
		for _, format := range []v4l2.FourCC{v4l2.Grey, v4l2.NV12, v4l2.YUYV} {
			for _, padding := range []int{0, 24} {
				sim := camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{format}, Layout: layout,
					Padding: padding})
				sim.Show(page(1, "134567890123456789"))
				r := scannertest.Run(t, source(t, sim, nil))
				r.Want("134567890123456789")
				if err := r.Stop(); !errors.Is(err, context.Canceled) {
					t.Errorf("%s %s: %v", layout.Name, format, err)
				}
				if u := sim.Usage(); u.Open != 0 || u.Mapped != 0 {
					t.Errorf("%s %s: %+v is still held", layout.Name, format, u)
				}
			}
		}
	}
}

func TestTheCameraIsOpenOnlyWhileACodeIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := greyCamera()
		sim.Show(page(1, "134567890123456789"))
		s := source(t, sim, func(c *Config) { c.Always = false })
		r := scannertest.Run(t, s)
		time.Sleep(5 * time.Second)
		if u := sim.Usage(); u.Open != 0 || u.Queued != 0 {
			t.Errorf("nothing is awaited, and %+v is held", u)
		}
		s.Await(true)
		r.Want("134567890123456789")
		if u := sim.Usage(); u.Open != 1 {
			t.Errorf("it looks, but %+v", u)
		}
		s.Await(false)
		synctest.Wait()
		if u := sim.Usage(); u.Open != 0 || u.Mapped != 0 {
			t.Errorf("nothing is awaited any more, and %+v is held", u)
		}
		_ = r.Stop()
	})
}

func TestTheCameraHintsWhyItSeesNoCodeWhileOneIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := source(t, greyCamera(), func(c *Config) { c.Always = false })
		r := scannertest.Run(t, s)
		hint := func(want string) {
			t.Helper()
			time.Sleep(time.Second)
			if got := s.Hint(); got != want {
				t.Errorf("want the hint %q, got %q", want, got)
			}
		}
		hint("")
		s.Await(true)
		hint("nothing_there")
		s.Await(false)
		hint("")
		_ = r.Stop()
	})
}

func TestAScanThatNobodyTakesDoesNotKeepTheCameraOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := greyCamera()
		sim.Show(page(1, "134567890123456789"))
		s := source(t, sim, func(c *Config) { c.Always = false })
		s.Await(true)
		r := scannertest.Run(t, s)
		time.Sleep(time.Second)
		s.Await(false)
		synctest.Wait()
		if u := sim.Usage(); u.Open != 0 {
			t.Errorf("%+v is held", u)
		}
		_ = r.Stop()
	})
}

func TestAnUnpluggedCameraIsToldAndCanBeRunAgain(t *testing.T) {
	for _, looks := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			sim := greyCamera()
			s := source(t, sim, func(c *Config) { c.Always = false })
			s.Await(looks)
			r := scannertest.Run(t, s)
			time.Sleep(300 * time.Millisecond)
			began := time.Now()
			sim.Unplug()
			err := r.Ended()
			if err == nil || time.Since(began) > time.Second {
				t.Errorf("looks %t: after %s: %v", looks, time.Since(began), err)
			}
			if u := sim.Usage(); u.Open != 0 || u.Mapped != 0 {
				t.Errorf("looks %t: %+v is held", looks, u)
			}
			if err := s.Run(t.Context(), nil, func() {}); !v4l2.IsGone(err) {
				t.Errorf("want it gone, got %v", err)
			}
			sim.Plug()
			s.Await(true)
			sim.Show(page(2, "301234567890123456"))
			r = scannertest.Run(t, s)
			r.Want("301234567890123456")
			_ = r.Stop()
		})
	}
}

func TestAThousandPlugCyclesLeakNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	synctest.Test(t, func(t *testing.T) {
		sim := greyCamera()
		s := source(t, sim, nil)
		s.reader = &pageReader{}
		cycles := 1000
		if testing.Short() {
			cycles = 100
		}
		for i := range cycles {
			sim.Plug()
			sim.Show(page(uint32(i), "134567890123456789"))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			out := make(chan scanner.Scan, 100)
			go func() { ended <- s.Run(ctx, out, func() {}) }()
			// Each cycle ends at another moment: before, in and after the first frames.
			time.Sleep(time.Duration(i) * time.Millisecond / 5)
			sim.Unplug()
			<-ended
			cancel()
		}
		if u := sim.Usage(); u.Open != 0 || u.Mapped != 0 || u.Opened < cycles {
			t.Errorf("after the last one: %+v", u)
		}
	})
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestBadFramesArePassedOverAndEndlessOnesAreTold(t *testing.T) {
	for _, tt := range []struct {
		fault  camerasim.Fault
		format v4l2.FourCC
		want   string
	}{
		{camerasim.Silent, v4l2.Grey, "no frame"},
		{camerasim.Broken, v4l2.Grey, "broken frames"},
		{camerasim.Short, v4l2.YUYV, "broken frames"},
		{camerasim.Short, v4l2.Grey, "broken frames"},
		{camerasim.Empty, v4l2.NV12, "broken frames"},
		{camerasim.Empty, v4l2.MJPEG, "broken frames"},
		{camerasim.Noise, v4l2.MJPEG, "broken frames"},
	} {
		synctest.Test(t, func(t *testing.T) {
			sim := camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{tt.format},
				Encode: func(camerasim.Picture) []byte { return make([]byte, 1000) }})
			r := scannertest.Run(t, source(t, sim, nil))
			if tt.format != v4l2.MJPEG {
				time.Sleep(500 * time.Millisecond)
				sim.Fail(tt.fault)
				time.Sleep(1500 * time.Millisecond)
				sim.Fail(camerasim.Sound)
				sim.Show(page(1, "134567890123456789"))
				r.Want("134567890123456789")
			}
			sim.Fail(tt.fault)
			began := time.Now()
			err := r.Ended()
			if err == nil || !strings.Contains(err.Error(), tt.want) ||
				time.Since(began) > silenceMax+100*time.Millisecond {
				t.Errorf("%v: after %s: %v", tt, time.Since(began), err)
			}
			if u := sim.Usage(); u.Open != 0 || u.Mapped != 0 {
				t.Errorf("%v: %+v is held", tt, u)
			}
		})
	}
}

func TestOnlyTheNewestFrameIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := greyCamera()
		s := source(t, sim, nil)
		s.reader = &pageReader{takes: 110 * time.Millisecond} // more than three frames
		r := scannertest.Run(t, s)
		time.Sleep(3 * time.Second)
		st := s.State()
		if st.Frames < 20 || st.Frames > 30 || st.Dropped < 2*st.Frames-5 {
			t.Errorf("of 90 frames %d were looked at and %d dropped", st.Frames, st.Dropped)
		}
		_ = r.Stop()
	})
}

func TestACodeInViewIsOneScanBesidesASecondScanner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := greyCamera()
		s := source(t, sim, nil)
		s.reader = &pageReader{}
		out := make(chan scanner.Scan)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = s.Run(ctx, out, func() {}) }()
		go func() { // a serial scanner that reads the same phone now and then
			for _, pause := range []time.Duration{5, 4, 8} {
				time.Sleep(pause * time.Second)
				select {
				case out <- scanner.Scan{Text: scanner.NewText("]Q1134567890123456789"), Source: "serial",
					At: time.Now()}:
				case <-ctx.Done():
				}
			}
		}()
		go func() {
			time.Sleep(10 * time.Millisecond)
			sim.Show(page(1, "134567890123456789")) // for 20 s
			time.Sleep(20 * time.Second)
			sim.Show(camerasim.Picture{})
			time.Sleep(scanner.GateWindow + time.Second)
			sim.Show(page(2, "134567890123456789")) // shown again
		}()
		gate := scanner.NewGate([32]byte{1})
		var admitted []string
		told := 0
		for end := time.After(30 * time.Second); ; {
			select {
			case scan := <-out:
				told++
				if gate.Admit(scan) {
					admitted = append(admitted, scan.Source)
				}
				continue
			case <-end:
			}
			break
		}
		if !slices.Equal(admitted, []string{"camera", "camera"}) {
			t.Errorf("two presentations were admitted as %v", admitted)
		}
		if told > 40 {
			t.Errorf("%d scans in 26 s of view: one each second is enough", told)
		}
	})
}

func TestTheTroubleOfACameraIsToldInASentence(t *testing.T) {
	for name, tt := range map[string]struct {
		prepare func(*camerasim.Camera)
		change  func(*Config)
		want    string
	}{
		"not there": {func(c *camerasim.Camera) { c.Unplug() }, nil, "no such file"},
		"forbidden": {func(c *camerasim.Camera) { c.Refuse(unix.EACCES) }, nil, "permission denied"},
		"no such format": {func(*camerasim.Camera) {}, func(c *Config) { c.Format = "nv12" },
			`it offers GREY, and of these none is read or allowed by format = "nv12"`},
	} {
		sim := greyCamera()
		tt.prepare(sim)
		err := source(t, sim, tt.change).Run(t.Context(), nil, func() {})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: want %q, got %v", name, tt.want, err)
		}
	}
}

func TestASecondProgramIsToldThatTheCameraIsUsed(t *testing.T) {
	sim := greyCamera()
	first := scannertest.Run(t, source(t, sim, nil))
	sim.Show(page(1, "x"))
	first.Want("x")
	err := source(t, sim, nil).Run(t.Context(), nil, func() {})
	if !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "used by another program") {
		t.Errorf("got %v", err)
	}
	_ = first.Stop()
}

func TestAConfigIsCheckedAsAWhole(t *testing.T) {
	_, err := New(Config{Width: 1, Height: 1, Format: "rgb", Controls: Controls{PowerLineHz: 55,
		Exposure: Exposure{Mode: ExposureFixed}}})
	for _, want := range []string{"no path", "width", "height", "frames per second", "rgb", "55 Hz", "exposure"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want a word of %q in %v", want, err)
		}
	}
}
