package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "golang.org/x/image/webp" // many of the pictures that decoders are measured with

	"saoma/terminal/scanner/decode"
)

// pictureEndings are what is taken from a folder. A file that is named is tried
// whatever its ending.
var pictureEndings = []string{".png", ".jpg", ".jpeg", ".webp", ".gray"}

// size is that of a raw picture; zero: it is not raw.
type size struct{ w, h int }

var (
	sizeForm = regexp.MustCompile(`^(\d{1,5})x(\d{1,5})$`)
	// rawForm is the name of a raw picture, such as phone.1280x720.gray.
	rawForm = regexp.MustCompile(`\.(\d{1,5}x\d{1,5})\.gray$`)
)

func parseSize(text string) (size, bool) {
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return size{}, false
	}
	w, _ := strconv.Atoi(m[1]) // at most five digits
	h, _ := strconv.Atoi(m[2])
	return size{w, h}, w > 0 && h > 0 && int64(w)*int64(h) <= decode.ImagePixelsMax
}

// pictureFile is a picture on disk.
type pictureFile struct {
	name string
	raw  size
}

// findPictures lists files, and what is in folders and below, in order.
func findPictures(names []string, raw size) (all []pictureFile, faults []error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			all = append(all, named(name, raw)) // one that is missing is told when it is opened
			continue
		}
		before := len(all)
		err = filepath.WalkDir(name, func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() &&
				slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(path))) {
				all = append(all, named(path, raw))
			}
			return err
		})
		if err == nil && len(all) == before {
			err = fmt.Errorf("no picture in this folder: it takes %s", strings.Join(pictureEndings, ", "))
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	return all, faults
}

func named(name string, raw size) pictureFile {
	if m := rawForm.FindStringSubmatch(name); m != nil && raw == (size{}) {
		raw, _ = parseSize(m[1])
	}
	return pictureFile{name, raw}
}

// open reads the file and makes luma of it.
func (p pictureFile) open() (decode.Luma, stages, error) {
	f, err := os.Open(p.name)
	if err != nil {
		return decode.Luma{}, stages{}, err
	}
	defer func() { _ = f.Close() }()
	began := time.Now()
	if p.raw != (size{}) || strings.HasSuffix(p.name, ".gray") {
		luma, err := readRaw(f, p.raw)
		return luma, stages{read: milliseconds(time.Since(began))}, err
	}
	img, err := decode.ReadImage(f)
	if err != nil {
		return decode.Luma{}, stages{}, err
	}
	read := time.Now()
	luma := decode.FromImage(img)
	return luma, stages{milliseconds(read.Sub(began)), milliseconds(time.Since(read))}, nil
}

// readRaw wants exactly as many bytes as there are pixels: another number means
// another size.
func readRaw(r io.Reader, s size) (decode.Luma, error) {
	if s == (size{}) {
		return decode.Luma{}, fmt.Errorf("its name does not say its size: call it NAME.WIDTHxHEIGHT.gray, or use -raw")
	}
	pix, err := io.ReadAll(io.LimitReader(r, int64(s.w*s.h)+1))
	if err != nil {
		return decode.Luma{}, err
	}
	if len(pix) != s.w*s.h {
		return decode.Luma{}, fmt.Errorf("%d by %d pixels are %d bytes, and it has %s", s.w, s.h, s.w*s.h,
			moreThan(len(pix), s.w*s.h))
	}
	return decode.Luma{Pix: pix, Stride: s.w, W: s.w, H: s.h}, nil
}

func moreThan(n, most int) string {
	if n > most {
		return "more"
	}
	return strconv.Itoa(n)
}
