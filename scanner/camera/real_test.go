package camera

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"saoma/terminal/scanner"
	"saoma/terminal/scanner/camera/v4l2"
)

// TestARealCameraGivesFrames looks through each capture device of this machine, or
// the one that TERMINAL_CAMERA names. Without one it skips, loudly; the hardware lab
// has some, and feeds them.
func TestARealCameraGivesFrames(t *testing.T) {
	paths, _ := filepath.Glob("/dev/video*")
	if one := os.Getenv("TERMINAL_CAMERA"); one != "" {
		paths = []string{one}
	}
	tried := 0
	for _, path := range paths {
		if !captures(path) {
			continue
		}
		tried++
		for _, format := range []Format{Auto, "grey", "nv12", "yuyv", "mjpeg"} {
			t.Run(filepath.Base(path)+" "+string(format), func(t *testing.T) { lookThrough(t, path, format) })
		}
	}
	if tried == 0 {
		t.Skip("SKIPPED: there is no /dev/video* here that captures: V4L2 was tried on a camera in memory only")
	}
}

func captures(path string) bool {
	dev, err := v4l2.Open(v4l2.Linux(), path)
	if err != nil {
		return false
	}
	defer func() { _ = dev.Close() }()
	can, err := dev.Capability()
	return err == nil && can.Captures && can.Streams
}

func lookThrough(t *testing.T, path string, format Format) {
	const enough = 10
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	frames := 0
	before := descriptors(t)
	s, err := New(Config{Name: path, Path: path, Width: 1280, Height: 720, Rate: 30, Format: format, Always: true,
		Saw: func(f Frame) {
			frames++
			if f.Luma.W*f.Luma.H == 0 || len(f.Luma.Pix) < (f.Luma.H-1)*f.Luma.Stride+f.Luma.W {
				t.Errorf("a frame of %d by %d", f.Luma.W, f.Luma.H)
			}
			if frames == enough {
				cancel()
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan scanner.Scan, 100)
	err = s.Run(ctx, out, func() {})
	st := s.State()
	t.Logf("%s: %s %dx%d at %.0f/s, %d frames, %d broken, %d dropped, notes %q, %d scans", st.Card,
		st.Format.Pixels, st.Format.Width, st.Format.Height, st.Rate, st.Frames, st.Broken, st.Dropped,
		st.Notes, len(out))
	if format != Auto && st.Format.Width == 0 {
		t.Skipf("SKIPPED: %v", err)
	}
	if frames < enough {
		t.Errorf("%d frames came: %v", frames, err)
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}
