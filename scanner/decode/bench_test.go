package decode

import (
	"bufio"
	"bytes"
	"encoding/json"
	"image"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/webp"
)

// pictures lie beside the repository.
const pictures = "../../../shared/images"

// picture is one line of the index: what is seen, and the texts that are in it.
// There are none in a picture without a code.
type picture struct {
	luma  Luma
	texts []string
}

// BenchmarkPictures reads the reference pictures, each once in a round, and says
// how many gave the right text and how many a wrong one, and how long one took in
// the median.
func BenchmarkPictures(b *testing.B) {
	folders := readIndex(b)
	if len(folders) == 0 {
		b.Skip("there are no reference pictures in ../shared/images")
	}
	names := make([]string, 0, len(folders))
	for name := range folders {
		names = append(names, name)
	}
	slices.Sort(names)
	var all []picture
	for _, name := range names {
		all = append(all, folders[name]...)
		b.Run(name, func(b *testing.B) { readAll(b, folders[name]) })
	}
	b.Run("all", func(b *testing.B) { readAll(b, all) })
}

func readAll(b *testing.B, pictures []picture) {
	d := New()
	var took []time.Duration
	right, wrong := 0, 0
	for b.Loop() {
		took, right, wrong = took[:0], 0, 0
		for _, p := range pictures {
			began := time.Now()
			r := d.Decode(p.luma)
			took = append(took, time.Since(began))
			for _, c := range r.Codes {
				if slices.Contains(p.texts, c.Text) {
					right++
				} else {
					wrong++
				}
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms/picture")
	b.ReportMetric(float64(right), "right")
	b.ReportMetric(float64(wrong), "wrong")
	b.ReportMetric(float64(len(pictures)), "pictures")
}

// readIndex gives the pictures of each folder.
func readIndex(b testing.TB) map[string][]picture {
	b.Helper()
	index, err := os.Open(filepath.Join(pictures, "index.tsv"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = index.Close() }()
	folders := map[string][]picture{}
	lines := bufio.NewScanner(index)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 || fields[0] == "file" {
			continue
		}
		p := picture{luma: readLuma(b, fields[0])}
		if err := json.Unmarshal([]byte(fields[2]), &p.texts); err != nil {
			b.Fatalf("%s: %v", fields[0], err)
		}
		if fields[1] != "NONE" && len(p.texts) == 0 {
			continue // a part of a longer text: the index does not say which
		}
		folder := path.Dir(fields[0])
		folders[folder] = append(folders[folder], p)
	}
	if err := lines.Err(); err != nil {
		b.Fatal(err)
	}
	return folders
}

// readLuma also takes WebP, which the terminal does not.
func readLuma(b testing.TB, name string) Luma {
	b.Helper()
	file, err := os.ReadFile(filepath.Join(pictures, name))
	if err != nil {
		b.Fatal(err)
	}
	var img image.Image
	if path.Ext(name) == ".webp" {
		img, err = webp.Decode(bytes.NewReader(file))
	} else {
		img, err = ReadImage(bytes.NewReader(file))
	}
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	return FromImage(img)
}
