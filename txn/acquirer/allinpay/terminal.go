package allinpay

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// FactorPolicy says whether encryptrandnum is sent with codes for which the
// central bank's rules do not ask for it: all but 19 digits and EMVCo payloads.
type FactorPolicy string

// The policies. An acquirer says at boarding which it wants.
const (
	FactorLast6 FactorPolicy = "last6" // with every code: its last six digits
	FactorOmit  FactorPolicy = "omit"  // only with 19 digits and EMVCo payloads
)

// Terminal is what Allinpay wants to know about the device (terminfo). TermNo is
// registered with the acquirer before the first sale.
type Terminal struct {
	TermNo     string // 8 digits
	DeviceType string // "10" barcode terminal, "11" auxiliary
	SerialNo   string // termsn, up to 50 characters, required for type 10
	Longitude  string // as +121.48352, required for UnionPay codes
	Latitude   string // as +31.221345
	DeviceIP   string // required without a position
	AppVersion string // up to 8 characters
	Factor     FactorPolicy

	// SerialCipher gives the 64 bits of secrettext over the hardware serial
	// number and the factor. The algorithm is not published and lives in the
	// device's secure element. Nil: secrettext is left out.
	SerialCipher func(serialNo, factor string) ([8]byte, error)
}

var (
	termNoForm    = regexp.MustCompile(`^\d{8}$`)
	longitudeForm = regexp.MustCompile(`^[+-]\d{1,3}\.\d{1,6}$`)
	latitudeForm  = regexp.MustCompile(`^[+-]\d{1,2}\.\d{1,6}$`)
	plainText     = regexp.MustCompile(`^[\x21-\x7e]*$`)
)

func (t *Terminal) check() []error {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf("allinpay: terminal: "+format, args...))
		}
	}
	fault(!termNoForm.MatchString(t.TermNo), "termno %q is not 8 digits", t.TermNo)
	fault(t.DeviceType != "10" && t.DeviceType != "11",
		"devicetype %q is neither 10 nor 11", t.DeviceType)
	fault(t.DeviceType == "10" && t.SerialNo == "", "devicetype 10 needs a termsn")
	fault(len(t.SerialNo) > 50 || !plainText.MatchString(t.SerialNo),
		"termsn %q is not up to 50 plain characters", t.SerialNo)
	fault((t.Longitude == "") != (t.Latitude == ""), "longitude and latitude come together")
	fault(t.Longitude != "" && !longitudeForm.MatchString(t.Longitude),
		"longitude %q is not like +121.48352", t.Longitude)
	fault(t.Latitude != "" && !latitudeForm.MatchString(t.Latitude),
		"latitude %q is not like +31.221345", t.Latitude)
	fault(t.Longitude == "" && t.DeviceIP == "", "neither a position nor a deviceip")
	fault(len(t.DeviceIP) > 40 || !plainText.MatchString(t.DeviceIP),
		"deviceip %q is not an address", t.DeviceIP)
	fault(len(t.AppVersion) > 8 || !plainText.MatchString(t.AppVersion),
		"appversion %q is not up to 8 plain characters", t.AppVersion)
	fault(t.Factor != FactorLast6 && t.Factor != FactorOmit,
		"encryptrandnum %q is neither last6 nor omit", t.Factor)
	return faults
}

// terminfo is the JSON object of that name.
type terminfo struct {
	TermNo         string `json:"termno"`
	DeviceType     string `json:"devicetype"`
	TermSN         string `json:"termsn,omitempty"`
	Longitude      string `json:"longitude,omitempty"`
	Latitude       string `json:"latitude,omitempty"`
	DeviceIP       string `json:"deviceip,omitempty"`
	AppVersion     string `json:"appversion,omitempty"`
	EncryptRandNum string `json:"encryptrandnum,omitempty"`
	SecretText     string `json:"secrettext,omitempty"`
}

// describe gives terminfo for one payer code; factor is the code's last six digits
// or, of an EMVCo payload, the PAN's.
func (t *Terminal) describe(code, factor string) (string, error) {
	about := terminfo{
		TermNo: t.TermNo, DeviceType: t.DeviceType, TermSN: t.SerialNo,
		Longitude: t.Longitude, Latitude: t.Latitude, DeviceIP: t.DeviceIP,
		AppVersion: t.AppVersion,
	}
	if t.Factor == FactorLast6 || len(code) == 19 || isPayload(code) {
		about.EncryptRandNum = factor
	}
	if t.SerialCipher != nil && about.EncryptRandNum != "" {
		sealed, err := t.SerialCipher(t.SerialNo, factor)
		if err != nil {
			return "", fmt.Errorf("seal serial number: %w", err)
		}
		about.SecretText = base64.StdEncoding.EncodeToString(sealed[:])
	}
	text, err := json.Marshal(about)
	return string(text), err
}

// isPayload tells an EMVCo payload (CPM 5.1.1.1) from digits.
func isPayload(code string) bool { return strings.HasPrefix(code, "hQVDUFY") }
