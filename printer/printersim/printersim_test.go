package printersim

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"saoma/terminal/printer"
	"saoma/terminal/printer/printertest"
)

// drawn is a picture of a hundred rows, or an error for a page with an empty QR.
func drawn(p printer.Page) ([]byte, int, error) {
	for _, b := range p.Blocks {
		if q, ok := b.(printer.QR); ok && q.Text == "" {
			return nil, 0, errors.New("empty")
		}
	}
	return []byte("picture of " + p.ID), 100, nil
}

func newDevice(t *testing.T, dir string) *Device {
	t.Helper()
	d, err := New(drawn, dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestItKeepsTheContract(t *testing.T) {
	printertest.Suite(t, func(t *testing.T) printertest.Bench {
		d := newDevice(t, filepath.Join(t.TempDir(), "slips"))
		return printertest.Bench{Device: d,
			PaperOut: func() { d.SetPaper(50) }, PaperIn: func() { d.SetPaper(-1) },
			WholeOnes: func() []string {
				var ids []string
				for _, s := range d.Slips() {
					if s.Whole {
						ids = append(ids, s.ID)
					}
				}
				return ids
			}}
	})
}

func TestASlipIsAFileAndASecondOneDoesNotReplaceIt(t *testing.T) {
	dir := t.TempDir()
	d := newDevice(t, dir)
	for range 3 {
		if err := d.Print(t.Context(), printertest.Page("1-merchant")); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), "1-merchant-2.png 1-merchant-3.png 1-merchant.png"; got != want {
		t.Errorf("want %s, got %s", want, got)
	}
}

func TestAPageWhoseNameLeavesTheDirectoryIsRefused(t *testing.T) {
	d := newDevice(t, t.TempDir())
	for _, id := range []string{"", "../x", "a/b", "a\x00", "最"} {
		var e *printer.Error
		if err := d.Print(t.Context(), printertest.Page(id)); !errors.As(err, &e) || e.Trouble != printer.Disk {
			t.Errorf("%q: want %s, got %v", id, printer.Disk, err)
		}
	}
}

func TestAnOpenCoverStopsIt(t *testing.T) {
	d := newDevice(t, "")
	d.SetCover(true)
	if err := d.Print(t.Context(), printertest.Page("1")); err == nil || d.Trouble() != printer.CoverOpen {
		t.Errorf("want %s, got %v", printer.CoverOpen, err)
	}
}

func TestOnlyTheNewestSlipsAreKept(t *testing.T) {
	d := newDevice(t, "")
	for range keptMax + 5 {
		if err := d.Print(t.Context(), printertest.Page("1")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.Slips()); n != keptMax {
		t.Errorf("want %d, got %d", keptMax, n)
	}
}
