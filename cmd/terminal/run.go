package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"saoma/terminal/configs"
	"saoma/terminal/scanner"
	"saoma/terminal/scanner/camera"
	"saoma/terminal/scanner/serialscan"
	"saoma/terminal/txn/acquirer/allinpay"
)

// runTerminal is the daemon: a terminal with real devices and a real acquirer.
func runTerminal(ctx context.Context, io streams, args []string) error {
	flags := newFlags("run")
	path := flags.String("config", "", "the config")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if *path == "" || flags.NArg() > 0 {
		return &usageError{"run needs -config FILE and nothing else"}
	}
	cfg, err := loadConfig(*path)
	if err != nil {
		return err
	}
	acquirerConfig, err := allinpayConfig(cfg)
	if err != nil {
		return err
	}
	client, err := allinpay.New(acquirerConfig)
	if err != nil {
		return &configError{err}
	}
	defer client.Close()
	sources, err := scannerSources(cfg.Scanners)
	if err != nil {
		return &configError{err}
	}
	t, err := build(parts{cfg: cfg, acquirer: client, sources: sources,
		log: newLog(io.err, cfg.Log.Level)})
	if err != nil {
		return err
	}
	return t.run(ctx, func() {
		_, _ = fmt.Fprintf(io.out, "terminal ready on http://%s\n", t.listen.Addr())
	})
}

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
	if s.Kind == "camera" {
		return camera.New(cameraConfig(s))
	}
	return serialscan.New(serialscan.Config{Name: s.Name, Path: s.Path, Baud: s.Baud,
		Framing: serialscan.Framing(s.Framing), IdleGap: s.IdleGap(), Prefix: s.Prefix})
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

// newLog writes lines for people and machines alike. The level was checked.
func newLog(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level))
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}
