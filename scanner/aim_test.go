package scanner

import "testing"

func TestAnAIMIdentifierIsTakenOffAndSaysWhatWasRead(t *testing.T) {
	for _, tt := range []struct {
		read, aim, text string
		symbology       Symbology
	}{
		{"]C0134567890123456789", "]C0", "134567890123456789", "CODE_128"},
		{"]C1010123456789012345", "]C1", "010123456789012345", "CODE_128"},
		{"]Q1134567890123456789", "]Q1", "134567890123456789", "QR_CODE"},
		{"]d2134567890123456789", "]d2", "134567890123456789", "DATA_MATRIX"},
		{"]E05901234123457", "]E0", "5901234123457", "EAN_UPC"},
		{"134567890123456789", "", "134567890123456789", ""},
		{"]Y0134567890123456789", "]Y0", "134567890123456789", ""}, // a symbology without a name here
		{"]10134", "", "]10134", ""},
		{"]C.134", "", "]C.134", ""},
		{"]C0", "]C0", "", "CODE_128"},
		{"]C", "", "]C", ""},
		{"]", "", "]", ""},
		{"", "", "", ""},
		{"x]C0134", "", "x]C0134", ""},
	} {
		s := Seen(tt.read, "x", start)
		if s.AIM != tt.aim || s.Text.Reveal() != tt.text || s.Symbology() != tt.symbology || s.Overlong {
			t.Errorf("%s: got %q, %q, %q", tt.read, s.AIM, s.Text.Reveal(), s.Symbology())
		}
	}
}
