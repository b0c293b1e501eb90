package decode

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"saoma/terminal/scanner/decode/screens"
)

// peer is a reader of frames, ours or another: what it read, and how long that took.
type peer struct {
	name string
	read func(l Luma) (texts []string, took time.Duration)
}

// BenchmarkPeers reads the same pictures with our decoder and with others, on one
// thread each, and prints a table for docs/figures.md. Peers that are not installed
// are left out, and it says so.
func BenchmarkPeers(b *testing.B) {
	peers := []peer{ours(), plain(), oursBars()}
	for _, p := range []struct{ name, source, library string }{
		{"ZBar", "zbar.cpp", "zbar"}, {"ZXing-C++", "zxing.cpp", "ZXing"},
	} {
		read, err := start(b, p.source, p.library)
		if err != nil {
			fmt.Printf("%s is left out: %v\n", p.name, err)
			continue
		}
		peers = append(peers, peer{p.name, read})
	}
	for b.Loop() {
		rows := newTable(peers)
		for _, name := range pictureFolders(b) {
			for _, p := range readIndex(b)[name] {
				rows.add(class{"pictures", name}, p.luma, p.texts)
			}
		}
		draw := screens.NewRenderer()
		for _, f := range screens.All(1) {
			kind := string(f.Symbol)
			if f.Symbol == screens.None {
				kind = "nothing"
			}
			pix := slices.Clone(draw.Draw(f))
			rows.add(class{kind, f.Class}, Luma{pix, screens.W, screens.W, screens.H}, f.Want)
		}
		fmt.Print(rows)
	}
}

func pictureFolders(b *testing.B) []string {
	var names []string
	for name := range readIndex(b) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func ours() peer {
	d := New()
	return peer{"ours", func(l Luma) (texts []string, took time.Duration) {
		began := time.Now()
		r := d.Decode(l)
		took = time.Since(began)
		for _, c := range r.Codes {
			texts = append(texts, c.Text)
		}
		return texts, took
	}}
}

// oursBars is the share of Code 128 in ours; the halving of the frame is not in it,
// as the search for QR codes needs it as well.
func oursBars() peer {
	d := newLineReader()
	return peer{"ours, bars", func(l Luma) (texts []string, took time.Duration) {
		half := halfOf(l)
		began := time.Now()
		codes := d.read(l, half)
		took = time.Since(began)
		for _, c := range codes {
			texts = append(texts, c.Text)
		}
		return texts, took
	}}
}

// plain is gozxing as its examples use it.
func plain() peer {
	readers := []gozxing.Reader{qrcode.NewQRCodeReader(), oned.NewCode128Reader()}
	return peer{"gozxing", func(l Luma) (texts []string, took time.Duration) {
		pix := l.Pix
		if l.Stride != l.W {
			pix = make([]byte, 0, l.W*l.H)
			for y := range l.H {
				pix = append(pix, l.Pix[y*l.Stride:y*l.Stride+l.W]...)
			}
		}
		began := time.Now()
		source, err := gozxing.NewPlanarYUVLuminanceSource(pix, l.W, l.H, 0, 0, l.W, l.H, false)
		if err != nil {
			return nil, time.Since(began)
		}
		bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
		if err != nil {
			return nil, time.Since(began)
		}
		for _, reader := range readers {
			if result, err := reader.Decode(bitmap, nil); err == nil {
				texts = append(texts, result.GetText())
			}
			reader.Reset()
		}
		return texts, time.Since(began)
	}}
}

// start compiles a peer's program and runs it for as long as the benchmark.
func start(b *testing.B, source, library string) (func(Luma) ([]string, time.Duration), error) {
	program := filepath.Join(b.TempDir(), library)
	compile := exec.Command("c++", "-O2", "-std=c++17", "-o", program,
		filepath.Join("peers", source), "-l"+library)
	if out, err := compile.CombinedOutput(); err != nil {
		line, _, _ := strings.Cut(string(out), "\n")
		return nil, fmt.Errorf("compile peers/%s (scripts/peers installs what it needs): %v: %s",
			source, err, line)
	}
	c := exec.Command(program)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = c.Wait()
	})
	answers := bufio.NewReader(out)
	return func(l Luma) ([]string, time.Duration) {
		texts, took, err := ask(in, answers, l)
		if err != nil {
			b.Fatalf("%s: %v", program, err)
		}
		return texts, took
	}, nil
}

func ask(in io.Writer, out io.Reader, l Luma) (texts []string, took time.Duration, err error) {
	frame := binary.LittleEndian.AppendUint32(nil, uint32(l.W))
	frame = binary.LittleEndian.AppendUint32(frame, uint32(l.H))
	for y := range l.H {
		frame = append(frame, l.Pix[y*l.Stride:y*l.Stride+l.W]...)
	}
	if _, err := in.Write(frame); err != nil {
		return nil, 0, err
	}
	var head struct {
		Took  time.Duration
		Count uint32
	}
	if err := binary.Read(out, binary.LittleEndian, &head); err != nil {
		return nil, 0, err
	}
	for range head.Count {
		var n uint32
		if err := binary.Read(out, binary.LittleEndian, &n); err != nil {
			return nil, 0, err
		}
		text := make([]byte, n)
		if _, err := io.ReadFull(out, text); err != nil {
			return nil, 0, err
		}
		texts = append(texts, string(text))
	}
	return texts, head.Took, nil
}
