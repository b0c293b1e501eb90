package scanner

// Symbology names a kind of symbol, such as QR_CODE; "" when nobody said which.
type Symbology string

// symbologies are the kinds that stand after the ] of an AIM identifier (ISO/IEC
// 15424), as far as scanners of a shop read them.
var symbologies = map[byte]Symbology{
	'A': "CODE_39", 'C': "CODE_128", 'd': "DATA_MATRIX", 'E': "EAN_UPC", 'e': "GS1_DATABAR",
	'F': "CODABAR", 'G': "CODE_93", 'I': "ITF", 'L': "PDF_417", 'Q': "QR_CODE", 'z': "AZTEC",
	'h': "HAN_XIN",
}

// aimLen is the length of an identifier: ], a letter for the symbology, and a
// letter or digit that says how it was read.
const aimLen = 3

// SplitAIM cuts the AIM identifier off what a device has read, also that of a
// symbology that has no name here.
func SplitAIM(read string) (aim, text string) {
	if len(read) < aimLen || read[0] != ']' || !isLetter(read[1]) || !isModifier(read[2]) {
		return "", read
	}
	return read[:aimLen], read[aimLen:]
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// isModifier says whether a byte may be the last of an identifier.
func isModifier(b byte) bool { return isLetter(b) || b >= '0' && b <= '9' }

// Symbology is what the device says that it has read, "" if it does not say.
func (s Scan) Symbology() Symbology {
	if len(s.AIM) < aimLen {
		return ""
	}
	return symbologies[s.AIM[1]]
}
