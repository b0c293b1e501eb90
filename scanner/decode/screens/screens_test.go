package screens

import (
	"flag"
	"fmt"
	"hash/fnv"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var folder = flag.String("folder", "", "write the frames of one seed into this folder, to look at")

func TestTheSameSeedDrawsTheSameFrames(t *testing.T) {
	all, again, other := All(1), All(1), All(2)
	if len(all) < 600 || len(all) != len(again) {
		t.Fatalf("want 600 frames and more, got %d and %d", len(all), len(again))
	}
	a, b := NewRenderer(), NewRenderer()
	a.Draw(other[5]) // what was drawn before does not matter
	for i := 0; i < len(all); i += 41 {
		if x, y := sum(a.Draw(all[i])), sum(b.Draw(again[i])); x != y {
			t.Errorf("frame %d: want %x again, got %x", i, x, y)
		}
		if slices.Equal(a.Draw(all[i]), b.Draw(other[i])) {
			t.Errorf("frame %d is the same with another seed", i)
		}
	}
}

func sum(pix []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(pix)
	return h.Sum64()
}

func TestEveryClassHasFramesOfEachStrength(t *testing.T) {
	seen := map[string]int{}
	for _, f := range All(3) {
		seen[fmt.Sprint(f.Class, f.Strength, f.Symbol)]++
		if (len(f.Want) == 0) != (f.Symbol == None) {
			t.Errorf("%s %d: a page of %q wants %q", f.Class, f.Strength, f.Symbol, f.Want)
		}
	}
	for strength := 1; strength <= strengths; strength++ {
		for _, class := range Classes() {
			for _, symbol := range []Symbol{QR, Bars, Both} {
				if seen[fmt.Sprint(class, strength, symbol)] == 0 {
					t.Errorf("no %s of strength %d with %s", class, strength, symbol)
				}
			}
		}
		for _, class := range Empty() {
			if seen[fmt.Sprint(class, strength, None)] == 0 {
				t.Errorf("no %s of strength %d", class, strength)
			}
		}
	}
}

// What is drawn without a fault has to be what the symbology's own reader reads. Of
// bars it follows rows alone, so a few that are narrow and held askew escape it.
func TestTheReferenceReadsCleanFrames(t *testing.T) {
	r := NewRenderer()
	missed := 0
	for _, f := range All(4) {
		if f.Class != "clean" {
			continue
		}
		pix := r.Draw(f)
		source, err := gozxing.NewPlanarYUVLuminanceSource(pix, W, H, 0, 0, W, H, false)
		if err != nil {
			t.Fatal(err)
		}
		bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
		if err != nil {
			t.Fatal(err)
		}
		var reader gozxing.Reader = qrcode.NewQRCodeReader()
		if f.Symbol == Bars {
			reader = oned.NewCode128Reader()
		}
		result, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{
			gozxing.DecodeHintType_TRY_HARDER: true})
		if err != nil && f.Symbol == Bars {
			missed++
		} else if err != nil {
			t.Errorf("strength %d, %s: want %q, got %v", f.Strength, f.Symbol, f.Want, err)
		} else if !slices.Contains(f.Want, result.GetText()) {
			t.Errorf("strength %d, %s: want %q, got %q", f.Strength, f.Symbol, f.Want, result.GetText())
		}
	}
	if missed > strengths*perBars/4 {
		t.Errorf("want most of %d clean bars read, %d were not", strengths*perBars, missed)
	}
}

func TestFramesToLookAt(t *testing.T) {
	if *folder == "" {
		t.Skip("only with -folder")
	}
	r := NewRenderer()
	for i, f := range All(1) {
		name := fmt.Sprintf("%s-%d-%s-%03d.png", f.Class, f.Strength, f.Symbol, i)
		out, err := os.Create(filepath.Join(*folder, name))
		if err != nil {
			t.Fatal(err)
		}
		img := &image.Gray{Pix: r.Draw(f), Stride: W, Rect: image.Rect(0, 0, W, H)}
		if err := png.Encode(out, img); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	frames := All(1)
	r := NewRenderer()
	for i := 0; b.Loop(); i++ {
		r.Draw(frames[i%len(frames)])
	}
}
