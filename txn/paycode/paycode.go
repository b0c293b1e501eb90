// Package paycode says what a scanned code is: which family of payer codes, or
// why it is none. It goes by a table that the config gives, for the owners of
// the schemes treat their prefixes as data that changes.
//
// The package is pure: no clock, no I/O, no goroutine. Its answer serves early
// refusal, display and routing; it is never proof. Which wallet a code belongs
// to, and over which clearing house it is paid, only the acquirer knows.
package paycode

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// InputMax is the longest text that is looked at, in bytes.
const InputMax = 4096

// Verdict is what the terminal does with a code.
type Verdict uint8

// The verdicts. The zero value is the safe one.
const (
	Refuse  Verdict = iota // not for the acquirer; Reason says why
	Confirm                // a soft flag: the cashier has to say that it is a payment code
	Accept                 // may be sent to the acquirer
)

// Reason says why a code is refused. It is stable: the screen turns it into words.
type Reason string

// The reasons.
const (
	ReasonNone           Reason = ""
	ReasonEmpty          Reason = "empty"           // nothing was read
	ReasonTooLong        Reason = "too_long"        // longer than any payment code
	ReasonUnknownCode    Reason = "unknown_code"    // nothing the terminal knows
	ReasonFamilyDisabled Reason = "family_disabled" // known, but switched off in the config
	ReasonMerchantCode   Reason = "merchant_code"   // a code that a shop shows, not a customer
	ReasonGoodsBarcode   Reason = "goods_barcode"   // of a thing on sale
	ReasonCardNumber     Reason = "card_number"     // of a bank card: never sent, never kept
	ReasonForeignURL     Reason = "foreign_url"     // a web address
	ReasonDamagedCode    Reason = "damaged_code"    // a payment code that was cut or altered
	ReasonNotAccepted    Reason = "not_accepted"    // a payment code the acquirer does not take
	ReasonFaceToken      Reason = "face_token"      // of face payment, which nobody can scan
)

// Code is what a scanned text is.
type Code struct {
	Result    string   // label, such as WECHAT, UNIONPAY/CCB, MERCHANT/ALIPAY, UNKNOWN
	Flags     []string // soft flags: what it may be instead, such as RESIDENT_ID
	Family    string   // id of the family in the table; "unknown" when the acquirer is asked
	Wallet    string   // what to call it on the screen, "" when nobody can tell
	Factor    string   // "encryption random factor": last six digits of the code or its PAN
	Symbology string   // AIM identifier, such as ]C0, when the scanner sent one
	Verdict   Verdict
	Reason    Reason // why it is refused
	Text      Secret // the code itself, without identifier and white space
}

// Label is the result with its flags, as in "WECHAT !RESIDENT_ID".
func (c Code) Label() string {
	return strings.Join(append([]string{c.Result}, c.Flags...), " !")
}

// Secret is the text of a code: a bearer secret. No verb of fmt and no encoder
// shows it.
type Secret struct{ text *string } // a pointer: fmt prints unexported strings in clear

// Reveal gives the text in clear, for the acquirer's request alone.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format hides the text from every verb of fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "payer code") }

// MarshalText refuses: a payer code is never written down.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("a payer code is never written down")
}

var _ json.Marshaler = Code{}

// MarshalJSON refuses for the same reason.
func (c Code) MarshalJSON() ([]byte, error) { return c.Text.MarshalText() }

// Mask hides a code for records and slips: the first two and the last four of 16
// to 24 digits. Anything else is hidden whole.
func Mask(code string) string {
	if len(code) < 16 || len(code) > 24 || !digits(code) {
		return "***"
	}
	return code[:2] + strings.Repeat("*", len(code)-6) + code[len(code)-4:]
}

// digits says whether s is one or more of '0' to '9'. Other alphabets have
// digits too; a payment code has none of them.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
