package paycode

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	aimPrefix = regexp.MustCompile(`^\][A-Za-z][0-9A-Za-z]`)
	faceToken = regexp.MustCompile(`^fp[0-9A-Za-z]{33}$`)
	mpmShape  = regexp.MustCompile(`^00\d{2}0\d`)
)

// Classify says what a scanned text is. It takes any bytes.
func (t *Table) Classify(raw string) Code {
	if len(raw) > InputMax {
		return Code{Result: "TOO_LONG", Reason: ReasonTooLong}
	}
	text := strings.Trim(raw, "\r\n\t ")
	symbology := aimPrefix.FindString(text)
	text = text[len(symbology):]
	c := t.classify(text, symbology)
	c.Symbology, c.Text = symbology, Secret{&text}
	if c.Verdict == Refuse {
		c.Text = Secret{}
	}
	return c
}

func (t *Table) classify(text, symbology string) Code {
	switch {
	case text == "":
		return Code{Result: "UNKNOWN", Reason: ReasonEmpty}
	case strings.ContainsFunc(text, unicode.IsControl):
		return Code{Result: "UNKNOWN", Reason: ReasonUnknownCode}
	case strings.HasPrefix(text, cpmPrefix):
		return t.cpm(text)
	case digits(text):
		return t.numeric(text, symbology)
	case faceToken.MatchString(text):
		return Code{Result: "ALIPAY_FACE", Reason: ReasonFaceToken}
	case mpmShape.MatchString(text):
		return mpm(text)
	case strings.Contains(text, "://"):
		return merchantURL(text)
	}
	return Code{Result: "UNKNOWN", Reason: ReasonUnknownCode}
}

// numeric classifies a code of digits alone.
func (t *Table) numeric(text, symbology string) Code {
	disabled := false
	for _, f := range t.families {
		if !f.re.MatchString(text) {
			continue
		}
		if f.Enabled {
			return f.code(text, symbology)
		}
		disabled = true
	}
	c := Code{Result: "UNKNOWN_NUMERIC"}
	n := len(text)
	switch {
	case disabled:
		c.Reason = ReasonFamilyDisabled
	case goods(text):
		c.Reason = ReasonGoodsBarcode
	case cardNumber(text):
		c.Reason = ReasonCardNumber
	case strings.HasPrefix(text, "000201"):
		c.Reason = ReasonMerchantCode // cut off: a whole one has letters in ID 58
	case !t.rules.AskUnknown || n < t.rules.UnknownLen[0] || n > t.rules.UnknownLen[1]:
		c.Reason = ReasonUnknownCode
	default:
		c.Verdict, c.Family, c.Factor = Accept, "unknown", lastSix(text)
		if residentID(text) {
			c.Verdict, c.Flags = Confirm, []string{"RESIDENT_ID"}
		}
	}
	return c
}

// code is a code of this family, with what it may be instead.
func (f family) code(text, symbology string) Code {
	c := Code{Result: f.Label, Family: f.ID, Wallet: f.Wallet, Factor: lastSix(text), Verdict: Accept}
	for _, soft := range f.soft {
		if !soft.holds(text) {
			continue
		}
		c.Flags = append(c.Flags, soft.flag)
		c.Verdict = Confirm
		if soft.sureWith[symbology] {
			c.Verdict, c.Reason = Refuse, ReasonGoodsBarcode
			return c
		}
	}
	return c
}

// lastSix is the encryption random factor of a code of digits (payment-codes.md, 15.1).
func lastSix(text string) string {
	if len(text) < 6 {
		return ""
	}
	return text[len(text)-6:]
}
