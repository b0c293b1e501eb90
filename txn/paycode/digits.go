package paycode

import "time"

// softTest looks for another thing that a payer code may be.
type softTest struct {
	flag     string
	holds    func(text string) bool
	sureWith map[string]bool // symbologies with which it is no payer code for certain
}

var softTests = map[string]softTest{
	"resident_id":     {flag: "RESIDENT_ID", holds: residentID},
	"allinpay_refund": {flag: "ALLINPAY_REFUND", holds: allinpayRefund},
	"gs1_ai01": {flag: "GS1_AI01", holds: gs1WithGTIN,
		sureWith: map[string]bool{"]C1": true, "]d2": true}}, // GS1-128, GS1 DataMatrix
}

// residentID: 18 digits with a plausible date of birth and the check digit of
// GB 11643 (ISO 7064 MOD 11-2). About one random code in 20,000 passes.
func residentID(text string) bool {
	if len(text) != 18 || !digits(text) {
		return false
	}
	born, err := time.Parse("20060102", text[6:14])
	if err != nil || born.Year() < 1900 || born.Year() > 2099 {
		return false
	}
	check := 0
	for i := range 17 {
		check = (check + int(text[i]-'0')) * 2 % 11
	}
	return (check+int(text[17]-'0'))%11 == 1
}

// allinpayRefund: what Allinpay's terminals print on a slip to find it again.
func allinpayRefund(text string) bool { return len(text) == 18 && text[:3] == "250" }

// gs1WithGTIN: application identifier 01 with a right GTIN-14, then identifier 10.
func gs1WithGTIN(text string) bool {
	return len(text) >= 18 && text[:2] == "01" && gtin(text[2:16]) && text[16:18] == "10"
}

// goods: EAN-8, UPC-A, EAN-13 or ITF-14 with a right check digit.
func goods(text string) bool {
	switch len(text) {
	case 8, 12, 13, 14:
		return gtin(text)
	}
	return false
}

// gtin checks the check digit: weights 3 and 1 from the right (GS1).
func gtin(text string) bool {
	sum := 0
	for i := range len(text) {
		d := int(text[len(text)-1-i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}

// cardNumber: the shape of a UnionPay card, 16 to 19 digits from 62 with a right
// check digit by Luhn. A code of 19 digits has found its family before.
func cardNumber(text string) bool {
	if len(text) < 16 || len(text) > 19 || text[:2] != "62" {
		return false
	}
	sum := 0
	for i := range len(text) {
		d := int(text[len(text)-1-i] - '0')
		if i%2 == 1 {
			d = d*2/10 + d*2%10
		}
		sum += d
	}
	return sum%10 == 0
}
