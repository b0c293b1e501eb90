package decode

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkPictures reads the reference pictures beside the repository, and says
// how many gave a code and how long one took in the median. Where there are none
// it says so.
func BenchmarkPictures(b *testing.B) {
	folders, _ := filepath.Glob("../../../shared/images/zx*")
	if len(folders) == 0 {
		b.Skip("there are no reference pictures in ../shared/images")
	}
	for _, folder := range folders {
		b.Run(filepath.Base(folder), func(b *testing.B) { benchFolder(b, folder) })
	}
}

func benchFolder(b *testing.B, folder string) {
	var pictures []Luma
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, name := range files {
		if ext := strings.ToLower(filepath.Ext(name)); ext != ".png" && ext != ".jpg" && ext != ".jpeg" {
			continue
		}
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		img, err := ReadImage(f)
		_ = f.Close()
		if err == nil {
			pictures = append(pictures, FromImage(img))
		}
	}
	if len(pictures) == 0 {
		b.Skip("no picture that can be read")
	}
	var took []time.Duration
	reads := 0
	for b.Loop() {
		took, reads = took[:0], 0
		d := New()
		for _, p := range pictures {
			began := time.Now()
			if r := d.Decode(p); len(r.Codes) > 0 {
				reads++
			}
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms/picture")
	b.ReportMetric(float64(reads), "codes")
	b.ReportMetric(float64(len(pictures)), "pictures")
}
