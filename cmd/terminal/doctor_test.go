package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/scanner/camera/camerasim"
	"saoma/terminal/scanner/camera/v4l2"
	"saoma/terminal/scanner/decode"
	"saoma/terminal/store"
	"saoma/terminal/txn/acquirer/acquirersim"
)

// examined runs the doctor as a command and gives the findings by their check.
func examined(t *testing.T, config string) (code int, found map[string]finding) {
	t.Helper()
	began := time.Now()
	code, out, _ := runCommand(t, "doctor", "-config", config, "-json")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	found = map[string]finding{}
	for line := range strings.Lines(out) {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		found[f.Check] = f
	}
	return code, found
}

// wants compares the healths of some checks.
func wants(t *testing.T, found map[string]finding, want map[string]health) {
	t.Helper()
	for check, state := range want {
		f := found[check]
		if f.State != state {
			t.Errorf("%s: want %q, got %+v", check, state, f)
		}
		if f.Text == "" {
			t.Errorf("%s says nothing", check)
		}
	}
}

func TestTheDoctorFindsASoundTerminalSound(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	code, found := examined(t, s.config)
	if code != exitFine {
		t.Errorf("want exit code 0, got %d", code)
	}
	wants(t, found, map[string]health{"config": healthy, "disk": healthy, "journal": healthy,
		"clock": healthy, "printer": healthy, "board": skipped, "dns": healthy, "line": healthy,
		"tls": healthy, "certificate": healthy, "time": healthy, "echo": healthy, "scanner": healthy})
	_, out, _ := runCommand(t, "doctor", "-config", s.config)
	if !strings.Contains(out, "ok       echo: the acquirer has answered") {
		t.Errorf("for people:\n%s", out)
	}
}

func TestTheDoctorNamesTheLayerThatDoesNotCarry(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	for _, tt := range []struct {
		name   string
		change [2]string
		want   map[string]health
	}{
		{"a name that nobody has", [2]string{"https://" + s.line.Addr() + "/apiweb", "https://nobody.invalid/apiweb"},
			map[string]health{"dns": trouble, "line": skipped, "echo": skipped}},
		{"a port that is closed", [2]string{"https://" + s.line.Addr() + "/apiweb", "https://127.0.0.1:1/apiweb"},
			map[string]health{"dns": healthy, "line": trouble, "tls": skipped}},
		{"an authority of somebody else", [2]string{"ca_file = ", "#ca_file = "},
			map[string]health{"line": healthy, "tls": trouble, "certificate": skipped, "time": skipped}},
		{"another merchant's key", [2]string{`appid = "00000051"`, `appid = "00000052"`},
			map[string]health{"tls": healthy, "time": healthy, "echo": trouble}},
	} {
		text, err := os.ReadFile(s.config)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(text, []byte(tt.change[0]), []byte(tt.change[1]), 1)
		if bytes.Equal(changed, text) {
			t.Fatalf("%s: nothing was changed", tt.name)
		}
		other := filepath.Join(s.dir, "other.toml")
		if err := os.WriteFile(other, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		code, found := examined(t, other)
		if code != exitFailed {
			t.Errorf("%s: want exit code 1, got %d", tt.name, code)
		}
		t.Run(tt.name, func(t *testing.T) { wants(t, found, tt.want) })
	}
}

func TestTheDoctorRefusesAWrongConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.toml")
	if err := os.WriteFile(path, []byte("version = 2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, found := examined(t, path)
	if code != exitConfig || found["config"].State != trouble || len(found) != 1 {
		t.Errorf("got exit code %d, %+v", code, found)
	}
}

func TestTheDoctorSeesBrokenBooksAndLeavesARunningTerminalAlone(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	j, err := store.Open(filepath.Join(s.dir, "books"))
	if err != nil {
		t.Fatal(err)
	}
	code, found := examined(t, s.config) // another process, as it were, has the books
	wants(t, found, map[string]health{"journal": skipped, "scanner": skipped, "echo": healthy})
	if code != exitFine {
		t.Errorf("want exit code 0, got %d", code)
	}
	if err := j.Append([]byte("not a record")); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	code, found = examined(t, s.config)
	wants(t, found, map[string]health{"journal": trouble})
	if code != exitFailed || found["journal"].Cure == "" {
		t.Errorf("got exit code %d, %+v", code, found["journal"])
	}
}

func TestAWrongClockIsToldFromAWrongCertificate(t *testing.T) {
	s := newShop(t, acquirersim.SignRSA)
	cfg, host, err := wholeConfig(s.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		off  time.Duration
		want map[string]health
		cure string
	}{
		{0, map[string]health{"tls": healthy, "time": healthy}, ""},
		{5 * time.Minute, map[string]health{"tls": healthy, "time": trouble}, "set the clock"},
		{-30 * 365 * 24 * time.Hour, map[string]health{"tls": trouble, "time": skipped}, "set it"},
	} {
		d := &doctor{cfg: cfg, host: host, log: slog.New(slog.DiscardHandler),
			now: func() time.Time { return time.Now().Add(tt.off) }}
		found := map[string]finding{}
		var cures string
		for _, f := range d.acquirer(t.Context()) {
			found[f.Check] = f
			cures += f.Cure
		}
		wants(t, found, tt.want)
		if !strings.Contains(cures, tt.cure) {
			t.Errorf("%s: want a cure with %q, got %q", tt.off, tt.cure, cures)
		}
		clock := d.clock(t.Context())
		if before := tt.off < -24*time.Hour; (clock.State == trouble) != before {
			t.Errorf("%s: got %+v", tt.off, clock)
		}
	}
}

// cameraDoctor has a camera in memory that sees a phone.
func cameraDoctor(t *testing.T) (*doctor, *camerasim.Camera) {
	sim := camerasim.New(camerasim.Options{Formats: []v4l2.FourCC{v4l2.YUYV}})
	sim.Show(qrPicture(t, "134567890123456789"))
	return &doctor{kernel: sim, cfg: &configs.Config{Scanners: []configs.Scanner{
		{Kind: "serial", Name: "serial"},
		{Kind: "camera", Name: "eye", Path: sim.Path(), Width: 320, Height: 240, FPS: 30, Format: "auto",
			Exposure: "steady", Gain: "leave", Focus: "auto", Brightness: "leave", PowerLineHz: 50}}}}, sim
}

func TestTheDoctorSaysWhatACameraSeesAndNeverTheCode(t *testing.T) {
	d, sim := cameraDoctor(t)
	f := d.scanner(t.Context(), d.cfg.Scanners[1])
	for _, want := range []string{"YUYV, 320 by 240", "30 frames per second", "18 characters", "no control for power line"} {
		if !strings.Contains(f.Text, want) {
			t.Errorf("want %q in %q", want, f.Text)
		}
	}
	if f.State != healthy || strings.Contains(f.Text, "134567890123456789") {
		t.Errorf("got %+v", f)
	}
	sim.Unplug()
	if f := d.scanner(t.Context(), d.cfg.Scanners[1]); f.State != trouble || !strings.Contains(f.Text, "no such file") {
		t.Errorf("unplugged: got %+v", f)
	}
}

func TestAPreviewIsAPictureOrText(t *testing.T) {
	d, _ := cameraDoctor(t)
	file := filepath.Join(t.TempDir(), "p.png")
	var out bytes.Buffer
	if err := d.preview(t.Context(), &out, file, ""); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	r := decode.New().Decode(decode.FromImage(img))
	if len(r.Codes) != 1 || r.Codes[0].Text != "134567890123456789" {
		t.Errorf("the picture shows %+v", r)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	if err := d.preview(t.Context(), &out, file, "nobody"); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got %v", err)
	}
	out.Reset()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := d.preview(ctx, &out, "-", "eye"); err != nil {
		t.Errorf("watching ends without an error: %v", err)
	}
	if !strings.Contains(out.String(), "█") || !strings.Contains(out.String(), "YUYV") {
		t.Errorf("got\n%s", out.String())
	}
}

func TestArtIsBlackWhiteAndShades(t *testing.T) {
	l := decode.Luma{Pix: make([]byte, 16*16), Stride: 16, W: 16, H: 16}
	for i := range l.Pix {
		switch {
		case i%16 < 4: // black
		case i%16 < 8:
			l.Pix[i] = 255
		case i%16 < 12:
			l.Pix[i] = 128
		case i/16 < 8:
			l.Pix[i] = 255 // white above black
		}
	}
	const want = "    ████▀▄▀▄████\n" +
		"    ████▀▄▀▄████\n" +
		"    ████▀▄▀▄████\n" +
		"    ████▀▄▀▄████\n" +
		"    ████▀▄▀▄    \n" +
		"    ████▀▄▀▄    \n" +
		"    ████▀▄▀▄    \n" +
		"    ████▀▄▀▄    \n"
	if got := art(l, 16, 8); got != want {
		t.Errorf("want\n%s\ngot\n%s", want, got)
	}
}
