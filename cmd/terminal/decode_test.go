package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pictureFolder has one picture of each kind, and a file that is none.
func pictureFolder(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	p := qrPicture(t, "134567890123456789")
	var text bytes.Buffer
	img := &image.Gray{Pix: p.Pix, Stride: p.W, Rect: image.Rect(0, 0, p.W, p.H)}
	if err := png.Encode(&text, img); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"a.png": text.Bytes(), "sub/b.320x240.gray": p.Pix,
		"c.640x480.gray": bytes.Repeat([]byte{90}, 640*480), "notes.txt": []byte("x"), "raw.bin": p.Pix} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func runCommand(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = dispatch(t.Context(), streams{&stdout, &stderr}, args)
	return code, stdout.String(), stderr.String()
}

func TestDecodeReadsPicturesFoldersAndRawLuma(t *testing.T) {
	dir := pictureFolder(t)
	const corners = `\d+,\d+ \d+,\d+ \d+,\d+ \d+,\d+`
	for _, tt := range []struct {
		name string
		args []string
		code int
		want []string // expressions for the lines
	}{
		{"a folder", []string{dir}, exitFine, []string{
			`a\.png\tQR_CODE\t134567890123456789\t` + corners + `\tread [\d.]+, luma [\d.]+, decode [\d.]+ ms`,
			`c\.640x480\.gray\tno code: nothing_there\tread `,
			`sub/b\.320x240\.gray\tQR_CODE\t134567890123456789\t`}},
		{"raw", []string{"-raw", "320x240", filepath.Join(dir, "raw.bin")}, exitFine,
			[]string{`raw\.bin\tQR_CODE\t134567890123456789\t`}},
		{"repeated", []string{"-bench", "3", filepath.Join(dir, "a.png")}, exitFine,
			[]string{`a\.png\tQR_CODE.*decode: median [\d.]+, p95 [\d.]+ ms of 3`, `all 1\tmedian [\d.]+ ms\tp95 [\d.]+ ms`}},
		{"another size", []string{"-raw", "640x480", filepath.Join(dir, "raw.bin")}, exitFailed, nil},
		{"too many bytes", []string{"-raw", "32x24", filepath.Join(dir, "raw.bin")}, exitFailed, nil},
		{"no picture", []string{filepath.Join(dir, "notes.txt")}, exitFailed, nil},
		{"not there", []string{filepath.Join(dir, "none.png"), filepath.Join(dir, "a.png")}, exitFailed,
			[]string{`a\.png\tQR_CODE`}},
		{"an empty folder", []string{t.TempDir()}, exitFailed, nil},
		{"nothing", nil, exitUsage, nil},
		{"no size", []string{"-raw", "320", "x"}, exitUsage, nil},
		{"too large", []string{"-raw", "99999x99999", "x"}, exitUsage, nil},
	} {
		code, out, errs := runCommand(t, append([]string{"decode"}, tt.args...)...)
		if code != tt.code || code != exitFine && errs == "" {
			t.Errorf("%s: want exit code %d, got %d: %s", tt.name, tt.code, code, errs)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if out == "" {
			lines = nil
		}
		if len(lines) != len(tt.want) {
			t.Errorf("%s: want %d lines, got %q", tt.name, len(tt.want), lines)
			continue
		}
		for i, want := range tt.want {
			if !regexp.MustCompile(want).MatchString(lines[i]) {
				t.Errorf("%s: want a line like %s, got %s", tt.name, want, lines[i])
			}
		}
	}
}

func TestDecodesJSONKeepsItsShape(t *testing.T) {
	dir := pictureFolder(t)
	_, out, _ := runCommand(t, "decode", "-json", filepath.Join(dir, "a.png"), filepath.Join(dir, "c.640x480.gray"))
	for i, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		codes, isList := got["codes"].([]any)
		if len(got) != 4 || got["file"] == "" || !isList || len(codes) != 1-i || got["reason"] == nil || got["ms"] == nil {
			t.Errorf("got %s", line)
		}
	}
}
