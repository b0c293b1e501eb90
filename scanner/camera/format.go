package camera

import (
	"fmt"
	"strings"

	"saoma/terminal/scanner/camera/v4l2"
)

// Format is what the config says of the pixel format.
type Format string

// Auto takes whatever costs least and is fast and large enough.
const Auto Format = "auto"

// cheapest is the order of the formats by what it costs to get at the luma: it is
// there as it is, in a plane of its own, in every second byte, or behind a JPEG.
var cheapest = []struct {
	name   Format
	pixels v4l2.FourCC
}{
	{"grey", v4l2.Grey}, {"nv12", v4l2.NV12}, {"yuyv", v4l2.YUYV}, {"mjpeg", v4l2.MJPEG},
}

// candidates are the pixel formats that may be taken, the cheapest first.
func (f Format) candidates() []v4l2.FourCC {
	var all []v4l2.FourCC
	for _, c := range cheapest {
		if f == Auto || f == "" || f == c.name {
			all = append(all, c.pixels)
		}
	}
	return all
}

// offer is a format that a camera has granted, and how fast it can be.
type offer struct {
	format v4l2.Format
	rate   float64 // frames per second; 0: it does not say
}

// fastEnough is which part of the wanted rate is as good as all of it.
const fastEnough = 0.8

// worth is how good an offer is, from 0 to 1: which part it gives of the pixels and
// of the frames that are wanted.
func (o offer) worth(cfg Config) float64 {
	got := float64(min(o.format.Width, cfg.Width) * min(o.format.Height, cfg.Height))
	worth := got / float64(cfg.Width*cfg.Height)
	if o.rate > 0 {
		worth *= min(1, o.rate/(fastEnough*float64(cfg.Rate)))
	}
	return worth
}

// best picks the cheapest offer that gives all that is wanted, else the one that
// gives most: a camera on USB 2 has 720p in YUYV at 10 frames per second, and in
// MJPEG at 30.
func best(offers []offer, cfg Config) offer {
	top := offers[0]
	for _, o := range offers[1:] {
		if o.worth(cfg) > top.worth(cfg) {
			top = o
		}
	}
	return top
}

// negotiate agrees on a format with the camera.
func negotiate(dev *v4l2.Device, cfg Config) (v4l2.Format, error) {
	has, err := dev.Formats()
	if err != nil {
		return v4l2.Format{}, err
	}
	var offers []offer
	for _, pixels := range cfg.Format.candidates() {
		for _, h := range has {
			if h != pixels {
				continue
			}
			granted, err := dev.SetFormat(v4l2.Format{Width: cfg.Width, Height: cfg.Height, Pixels: pixels})
			if err != nil {
				return v4l2.Format{}, err
			}
			if granted.Pixels == pixels {
				offers = append(offers, offer{granted, dev.Fastest(granted).PerSecond()})
			}
			break
		}
	}
	if len(offers) == 0 {
		return v4l2.Format{}, fmt.Errorf("it offers %s, and of these none is read or allowed by format = %q",
			letters(has), string(cfg.Format))
	}
	granted, err := dev.SetFormat(best(offers, cfg).format)
	if err != nil {
		return v4l2.Format{}, err
	}
	return granted, fits(granted)
}

// fits wants the picture to lie within the frame: its size is the driver's word.
func fits(f v4l2.Format) error {
	need := 0
	switch f.Pixels {
	case v4l2.Grey, v4l2.NV12:
		if f.BytesPerLine < f.Width {
			return fmt.Errorf("S_FMT: lines of %d bytes hold no %d pixels", f.BytesPerLine, f.Width)
		}
		need = lumaBytes(f)
	case v4l2.YUYV:
		if f.BytesPerLine < 2*f.Width || f.Width%2 != 0 {
			return fmt.Errorf("S_FMT: lines of %d bytes hold no %d pixels", f.BytesPerLine, f.Width)
		}
		need = lumaBytes(f)
	}
	if f.SizeImage < need {
		return fmt.Errorf("S_FMT: %d bytes hold no %d by %d pixels", f.SizeImage, f.Width, f.Height)
	}
	return nil
}

// lumaBytes is how many bytes of a frame it takes to have all of the luma.
func lumaBytes(f v4l2.Format) int {
	last := f.Width
	if f.Pixels == v4l2.YUYV {
		last = 2 * f.Width
	}
	return (f.Height-1)*f.BytesPerLine + last
}

func letters(all []v4l2.FourCC) string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.String()
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
