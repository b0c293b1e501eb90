package paycode

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// errTLV means that a text is not made of ID, length and value.
var errTLV = errors.New("not ID, length, value")

// field is one object of an EMVCo merchant code.
type field struct{ id, value string }

// mpm classifies what looks like an EMVCo merchant-presented code (specification
// v1.1, section numbers of payment-codes.md 9). The structure is judged before
// the check value, so that a damaged code is told from a foreign one.
func mpm(text string) Code {
	fields, err := mpmFields(text)
	switch {
	case err != nil:
		return Code{Result: "BAD_TLV", Reason: ReasonDamagedCode}
	case fields[0].id != "00" || fields[0].value != "01":
		return Code{Result: "NOT_MPM", Reason: ReasonUnknownCode}
	case fields[len(fields)-1].id != "63":
		return Code{Result: "BAD_TLV", Reason: ReasonDamagedCode}
	}
	want := fmt.Sprintf("%04X", crc16(text[:len(text)-4]))
	if !strings.EqualFold(fields[len(fields)-1].value, want) {
		return Code{Result: "BAD_CRC", Reason: ReasonDamagedCode}
	}
	c := Code{Result: "MPM_VALID", Reason: ReasonMerchantCode}
	if !mpmComplete(fields) {
		c.Flags = []string{"MISSING_MANDATORY"} // real codes of some countries leave some out
	}
	return c
}

// mpmFields takes a merchant code apart, and its templates too.
func mpmFields(text string) ([]field, error) {
	fields, err := tlvFields(text)
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		if mpmTemplate(f.id) {
			if _, err := tlvFields(f.value); err != nil {
				return nil, fmt.Errorf("in %s: %w", f.id, err)
			}
		}
		if f.id == "63" && len(f.value) != 4 {
			return nil, errTLV
		}
	}
	return fields, nil
}

// mpmTemplate says whether an object of this ID holds objects itself.
func mpmTemplate(id string) bool {
	return id >= "26" && id <= "51" || id == "62" || id == "64" || id >= "80"
}

// tlvFields takes one level apart: two digits of ID, two of length in characters,
// the value. Each ID stands once.
func tlvFields(text string) ([]field, error) {
	var fields []field
	seen := map[string]bool{}
	for text != "" {
		if len(text) < 5 || !digits(text[:4]) || !utf8.ValidString(text) {
			return nil, errTLV
		}
		id := text[:2]
		n, _ := strconv.Atoi(text[2:4]) // two digits, seen above
		value, rest, ok := cutRunes(text[4:], n)
		if !ok || n == 0 || seen[id] {
			return nil, errTLV
		}
		seen[id] = true
		fields = append(fields, field{id, value})
		text = rest
	}
	if len(fields) == 0 {
		return nil, errTLV
	}
	return fields, nil
}

// cutRunes cuts after n characters; lengths do not count bytes.
func cutRunes(text string, n int) (before, after string, ok bool) {
	end := 0
	for range n {
		if end >= len(text) {
			return "", "", false
		}
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return text[:end], text[end:], true
}

// mpmComplete says whether all that the specification demands is there.
func mpmComplete(fields []field) bool {
	has := map[string]bool{}
	account := false
	for _, f := range fields {
		has[f.id] = true
		account = account || f.id >= "02" && f.id <= "51"
	}
	return account && has["52"] && has["53"] && has["58"] && has["59"] && has["60"]
}

// crc16 is CRC-16/CCITT-FALSE: polynomial 1021, from FFFF.
func crc16(text string) uint16 {
	crc := uint16(0xFFFF)
	for i := range len(text) {
		crc ^= uint16(text[i]) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
