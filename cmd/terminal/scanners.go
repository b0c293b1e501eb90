package main

import (
	"fmt"

	"saoma/terminal/configs"
	"saoma/terminal/scanner"
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
