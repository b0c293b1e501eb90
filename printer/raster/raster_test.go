package raster

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/text/encoding/simplifiedchinese"

	"saoma/terminal/printer"
)

const order = "8000000126112417230000000014"

func slipFontOf(t testing.TB) *Font {
	t.Helper()
	f, err := SlipFont()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func draw(t testing.TB, blocks ...printer.Block) *Bitmap {
	t.Helper()
	b, err := Draw(slipFontOf(t), printer.Page{ID: "1", Blocks: blocks})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// gb2312 is every character of two rows' range of GB 2312.
func gb2312(t *testing.T, first, last byte) []rune {
	t.Helper()
	var all []rune
	decoder := simplifiedchinese.GBK.NewDecoder()
	for row := first; row <= last; row++ {
		for cell := byte(0xA1); cell <= 0xFE; cell++ {
			text, err := decoder.Bytes([]byte{row, cell})
			if c := []rune(string(text)); err == nil && len(c) == 1 && c[0] != 0xFFFD {
				all = append(all, c[0])
			}
		}
	}
	return all
}

func TestEveryCharacterOfGB2312IsThereAndNoTwoLookAlike(t *testing.T) {
	f := slipFontOf(t)
	hanzi := gb2312(t, 0xB0, 0xF7)
	if len(hanzi) != 6763 {
		t.Fatalf("want the 6763 of GB 2312, got %d", len(hanzi))
	}
	seen := map[string]rune{}
	for _, c := range hanzi {
		g, ok := f.glyph(c)
		if !ok || len(bytes.Trim(g.rows, "\x00")) == 0 {
			t.Errorf("%c is missing or blank", c)
		}
		if other, twice := seen[string(g.rows)]; twice {
			t.Errorf("%c looks like %c", c, other)
		}
		seen[string(g.rows)] = c
	}
	for _, c := range gb2312(t, 0xA1, 0xA9) {
		if g, ok := f.glyph(c); !ok || len(bytes.Trim(g.rows, "\x00")) == 0 && c != '　' {
			t.Errorf("%U %c is missing or blank", c, c)
		}
	}
}

func TestEveryIdeographOfGB18030Level1IsThere(t *testing.T) {
	f := slipFontOf(t)
	for _, r := range [][2]rune{{0x3400, 0x4DB5}, {0x4E00, 0x9FA5}, {0x9FA6, 0x9FEF}} {
		for c := r[0]; c <= r[1]; c++ {
			if g, ok := f.glyph(c); !ok || g.width != fullWidth || len(bytes.Trim(g.rows, "\x00")) == 0 {
				t.Errorf("%U is missing or blank", c)
			}
		}
	}
	for c := rune('!'); c <= '~'; c++ {
		if g, ok := f.glyph(c); !ok || g.width != halfWidth || len(bytes.Trim(g.rows, "\x00")) == 0 {
			t.Errorf("%c is missing, blank or not half as wide", c)
		}
	}
}

func TestACharacterThatIsMissingIsABoxAndCounted(t *testing.T) {
	b := draw(t, printer.Text{Text: "a😀b\U00020BB7"})
	if b.Missing != 2 {
		t.Errorf("want 2 missing, got %d", b.Missing)
	}
	if !b.Black(12+12, 2) {
		t.Error("there is no box on the paper")
	}
}

func TestADamagedFontPackIsRefused(t *testing.T) {
	for name, damage := range map[string]func(p []byte) []byte{
		"empty":         func([]byte) []byte { return nil },
		"other version": func(p []byte) []byte { p[7] = '2'; return p },
		"cut off":       func(p []byte) []byte { return p[:len(p)-1] },
		"many ranges":   func(p []byte) []byte { p[8] = 0x7F; return p },
		"odd width":     func(p []byte) []byte { p[12+11] = 13; return p },
		"out of order":  func(p []byte) []byte { p[12+1] = 0xFF; return p },
	} {
		if _, err := readFont(damage(bytes.Clone(slipFont))); err == nil {
			t.Errorf("%s: it was read", name)
		}
	}
}

// read decodes what is on paper.
func read(t *testing.T, reader gozxing.Reader, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := reader.Decode(bitmap, nil)
	if err != nil {
		t.Fatalf("it can't be read: %v", err)
	}
	return result.GetText()
}

func TestWhatIsDrawnCanBeRead(t *testing.T) {
	for _, text := range []string{order, "A", "https://example.com/" + strings.Repeat("x", 60)} {
		if got := read(t, qrcode.NewQRCodeReader(), draw(t, printer.QR{Text: text}).Image()); got != text {
			t.Errorf("QR: want %s, got %s", text, got)
		}
	}
	for _, text := range []string{order, "A1b2", "123"} {
		// The paper's blank margins are the quiet zone.
		b := draw(t, printer.Bars{Text: text})
		wide := image.NewGray(image.Rect(0, 0, printer.DotsPerRow+80, b.Rows()))
		for y := range b.Rows() {
			for x := range wide.Rect.Dx() {
				if !b.Black(x-40, y) {
					wide.Pix[wide.PixOffset(x, y)] = 255
				}
			}
		}
		if got := read(t, oned.NewCode128Reader(), wide); got != text {
			t.Errorf("Code 128: want %s, got %s", text, got)
		}
	}
}

func TestAnOrderNumberIsAQRCodeOfVersion1With8DotModules(t *testing.T) {
	b := draw(t, printer.QR{Text: order})
	if want := (21 + 2*qrQuiet) * 8; b.Rows() != want {
		t.Errorf("want %d rows, got %d", want, b.Rows())
	}
}

func TestAnOrderNumberAsBarsTakes378Dots(t *testing.T) {
	b := draw(t, printer.Bars{Text: order})
	first, last := printer.DotsPerRow, 0
	for x := range printer.DotsPerRow {
		if b.Black(x, b.Rows()/2) {
			first, last = min(first, x), max(last, x)
		}
	}
	if last-first+1 != 378 {
		t.Errorf("want 378 dots, got %d", last-first+1)
	}
}

func TestWhatCanNotBeDrawnIsAnErrorAndNoPanic(t *testing.T) {
	for _, block := range []printer.Block{
		printer.QR{}, printer.QR{Text: strings.Repeat("x", 4000)},
		printer.Bars{}, printer.Bars{Text: "最"}, printer.Bars{Text: strings.Repeat("x", 60)},
		printer.Bars{Text: strings.Repeat("1", 200)},
		printer.Feed{Rows: -1}, printer.Feed{Rows: RowsMax + 1},
		printer.Text{Text: strings.Repeat("x", 10_000)}, nil,
	} {
		if _, err := Draw(slipFontOf(t), printer.Page{Blocks: []printer.Block{block}}); err == nil {
			t.Errorf("%T was drawn", block)
		}
	}
}

func TestTextIsWrappedWithinThePaper(t *testing.T) {
	f := slipFontOf(t)
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 384, ""},
		{"西湖龙井茶庄", 384, "西湖龙井茶庄"},
		{"西湖龙井茶庄", 72, "西湖龙|井茶庄"},
		{"West Lake Tea House", 120, "West Lake|Tea House"},
		{"abcdefghij", 60, "abcde|fghij"},
		{"a 西湖龙井", 96, "a 西湖龙|井"},
	} {
		lines := f.wrap(tt.text, tt.width)
		if got := strings.Join(lines, "|"); got != tt.want {
			t.Errorf("%q: want %s, got %s", tt.text, tt.want, got)
		}
		for _, line := range lines {
			if f.width(line) > tt.width {
				t.Errorf("%q is wider than %d", line, tt.width)
			}
		}
	}
}

func TestARuleIsDottedSoThatTheHeadIsNotHeatedAllAtOnce(t *testing.T) {
	b := draw(t, printer.Rule{})
	for y := range b.Rows() {
		black := 0
		for x := range printer.DotsPerRow {
			if b.Black(x, y) {
				black++
			}
		}
		if black > 45 {
			t.Errorf("row %d has %d black dots, more than one group", y, black)
		}
	}
}

func TestAPairGoesIntoTwoLinesWhenItDoesNotFit(t *testing.T) {
	one := draw(t, printer.Pair{Label: "批次号 BATCH", Value: "000001"}).Rows()
	two := draw(t, printer.Pair{Label: "订单号 ORDER", Value: order}).Rows()
	if one != 30 || two != 60 {
		t.Errorf("want 30 and 60 rows, got %d and %d", one, two)
	}
}

func TestThePictureIsThePaper(t *testing.T) {
	b := draw(t, printer.Text{Text: "¥10.50 微信支付", Align: printer.Centre, Double: true})
	var text bytes.Buffer
	if err := b.WritePNG(&text); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&text)
	if err != nil {
		t.Fatal(err)
	}
	for y := range b.Rows() {
		for x := range printer.DotsPerRow {
			if r, _, _, _ := img.At(x, y).RGBA(); (r == 0) != b.Black(x, y) {
				t.Fatalf("dot %d,%d differs", x, y)
			}
		}
	}
}

func FuzzDraw(f *testing.F) {
	f.Add("西湖 West Lake", "1", true)
	font := slipFontOf(f)
	f.Fuzz(func(t *testing.T, text, symbol string, double bool) {
		for _, block := range []printer.Block{printer.Text{Text: text, Double: double},
			printer.Pair{Label: symbol, Value: text, Double: double},
			printer.QR{Text: symbol}, printer.Bars{Text: symbol}} {
			b, err := Draw(font, printer.Page{Blocks: []printer.Block{block}})
			if err == nil && len(b.Bits)%rowBytes != 0 {
				t.Error("a row is not whole")
			}
		}
	})
}
