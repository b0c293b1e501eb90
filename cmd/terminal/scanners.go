package main

import (
	"fmt"

	"saoma/terminal/configs"
	"saoma/terminal/scanner"
	"saoma/terminal/scanner/camera"
	"saoma/terminal/scanner/hidscan"
	"saoma/terminal/scanner/serialscan"
)

// scannerSources builds the scanners of the config. Their devices need not be there.
func scannerSources(all []configs.Scanner) ([]scanner.Source, error) {
	var sources []scanner.Source
	for _, s := range all {
		src, err := scannerSource(s)
		if err != nil {
			return nil, err
		}
		sources = append(sources, src)
	}
	return sources, nil
}

func scannerSource(s configs.Scanner) (scanner.Source, error) {
	device := hidscan.Selector{Path: s.Path, USB: s.USB, Phys: s.Phys, Name: s.DeviceName}
	switch s.Kind {
	case "serial":
		return serialSource(s)
	case "hid":
		return hidscan.NewWedge(hidscan.WedgeConfig{Name: s.Name, Device: device, Layout: s.Layout,
			IdleGap: s.IdleGap(), Prefix: s.Prefix, Suffix: s.Suffix, GBK: s.AltCodes == "gbk"})
	case "hidpos":
		return hidscan.NewPOS(hidscan.POSConfig{Name: s.Name, Device: device})
	case "camera":
		return camera.New(cameraConfig(s))
	}
	return nil, fmt.Errorf("scanner %s: there is no kind %q", s.Name, s.Kind)
}

func serialSource(s configs.Scanner) (scanner.Source, error) {
	var orders serialscan.Orders
	for _, o := range []struct {
		bytes *string
		text  string
	}{{&orders.Start, s.StartOrder}, {&orders.Stop, s.StopOrder}, {&orders.Refuse, s.RefuseOrder}} {
		var err error
		if *o.bytes, err = configs.Unescape(o.text); err != nil {
			return nil, fmt.Errorf("scanner %s: order %s: %w", s.Name, o.text, err)
		}
	}
	return serialscan.New(serialscan.Config{Name: s.Name, Path: s.Path, Baud: s.Baud, DataBits: s.DataBits,
		Parity: s.Parity, StopBits: s.StopBits, Framing: serialscan.Framing(s.Framing), IdleGap: s.IdleGap(),
		Prefix: s.Prefix, Orders: orders})
}

// cameraConfig is what the config says of a camera. It was checked.
func cameraConfig(s configs.Scanner) camera.Config {
	number := func(setting string) *int32 {
		if n, ok := configs.Number(setting); ok {
			return &n
		}
		return nil
	}
	exposure := camera.Exposure{Mode: camera.ExposureMode(s.Exposure)}
	if n, ok := configs.Number(s.Exposure); ok {
		exposure = camera.Exposure{Mode: camera.ExposureFixed, Value: n}
	}
	return camera.Config{Name: s.Name, Path: s.Path, Width: s.Width, Height: s.Height, Rate: s.FPS,
		Format: camera.Format(s.Format), Controls: camera.Controls{Exposure: exposure,
			Gain: number(s.Gain), Focus: number(s.Focus), Brightness: number(s.Brightness),
			PowerLineHz: s.PowerLineHz}}
}
