package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"saoma/terminal/configs"
	"saoma/terminal/scanner/camera"
	"saoma/terminal/scanner/camera/camerasim"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/txn"
)

// qrPicture is a camera's view of a phone.
func qrPicture(t *testing.T, text string) camerasim.Picture {
	t.Helper()
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 240, 240, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := camerasim.Picture{Pix: bytes.Repeat([]byte{220}, 320*240), W: 320, H: 240}
	for y := range m.GetHeight() {
		for x := range m.GetWidth() {
			if m.Get(x, y) {
				p.Pix[y*320+x+40] = 20
			}
		}
	}
	return p
}

func TestACameraIsOpenOnlyForASaleAndItsCodeIsCharged(t *testing.T) {
	sim := camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{v4l2.YUYV}})
	eye, err := camera.New(camera.Config{Name: "camera", Path: sim.Path(), Width: 320, Height: 240,
		Rate: 30, Kernel: sim})
	if err != nil {
		t.Fatal(err)
	}
	counter := newCounter(t, eye)
	code, err := counter.sim.IssueCode("wechat")
	if err != nil {
		t.Fatal(err)
	}
	// The customer is too early: the phone lies there, and the scanner reads it too.
	sim.Show(qrPicture(t, code))
	if err := counter.scanner.Show(code); err != nil {
		t.Fatal(err)
	}
	if u := sim.Usage(); u.Queued != 0 {
		t.Errorf("no sale is open, and the camera looks: %+v", u)
	}
	opened, err := counter.till.engine.Submit(t.Context(), txn.SaleAsked{Amount: 1050})
	if err != nil {
		t.Fatal(err)
	}
	<-counter.arrived
	for v := range counter.views {
		if s := v.Current; s != nil && s.Order == opened.Current.Order && s.Phase.Final() {
			if s.Phase != txn.Approved {
				t.Errorf("want it approved, it is %s", s.Phase)
			}
			break
		}
	}
	deadline := time.After(10 * time.Second)
	for sim.Usage().Open > 0 {
		select {
		case <-deadline:
			t.Fatalf("the sale is over, and %+v is held", sim.Usage())
		case <-time.After(time.Millisecond):
		}
	}
}

func TestACamerasConfigReachesTheCamera(t *testing.T) {
	got := cameraConfig(configs.Scanner{Name: "n", Path: "/p", Width: 640, Height: 480, FPS: 15,
		Format: "nv12", Exposure: "80", Gain: "leave", Focus: "45", Brightness: "-3", PowerLineHz: 60})
	c := got.Controls
	if got.Rate != 15 || got.Format != "nv12" || c.Exposure.Mode != camera.ExposureFixed ||
		c.Exposure.Value != 80 || c.Gain != nil || *c.Focus != 45 || *c.Brightness != -3 || c.PowerLineHz != 60 {
		t.Errorf("got %+v", got)
	}
	got = cameraConfig(configs.Scanner{Exposure: "steady", Gain: "leave", Focus: "auto", Brightness: "leave"})
	if c := got.Controls; c.Exposure.Mode != camera.ExposureSteady || c.Focus != nil || c.Brightness != nil {
		t.Errorf("got %+v", c)
	}
}
