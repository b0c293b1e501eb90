package paycode

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// cpmPrefix is how every EMVCo consumer-presented code begins: the base64 of tag
// 85 with "CPV" (specification v1.1, 5.1.1.1).
const cpmPrefix = "hQVDUFY"

// The tags of a consumer-presented code that the terminal looks into.
const (
	tagFormat      = 0x85
	tagApplication = 0x61
	tagCommon      = 0x62
	tagADF         = 0x4F
	tagTrack2      = 0x57
	tagPAN         = 0x5A
)

// object is one BER-TLV object.
type object struct {
	tag         uint32
	constructed bool
	value       []byte
}

// cpm classifies an EMVCo consumer-presented code; the rules are those of
// payment-codes.md, section 10.1.
func (t *Table) cpm(text string) Code {
	damaged := func(result string) Code { return Code{Result: result, Reason: ReasonDamagedCode} }
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return damaged("CPM_BAD_BASE64")
	}
	objects, err := berObjects(data)
	if err != nil {
		return damaged("CPM_BAD_TLV")
	}
	if objects[0].tag != tagFormat || string(objects[0].value) != "CPV01" {
		return damaged("CPM_BAD_VERSION")
	}
	var apps [][]object
	var common []object
	hasCommon := false
	for _, o := range objects[1:] {
		if o.tag != tagApplication && o.tag != tagCommon {
			continue // other templates are ignored
		}
		inner, err := berObjects(o.value)
		if err != nil || o.tag == tagCommon && hasCommon {
			return damaged("CPM_BAD_TLV")
		}
		if o.tag == tagCommon {
			common, hasCommon = inner, true
			continue
		}
		apps = append(apps, inner)
	}
	switch {
	case len(apps) == 0:
		return damaged("CPM_NO_APP_TEMPLATE")
	case len(apps) > 2:
		return damaged("CPM_BAD_TLV")
	}
	return t.application(apps, common)
}

// application judges the application that is chosen from a code.
func (t *Table) application(apps [][]object, common []object) Code {
	apps = slices.DeleteFunc(apps, func(app []object) bool { return adf(app) == nil })
	if len(apps) == 0 {
		return Code{Result: "CPM_NO_ELIGIBLE_APP", Reason: ReasonNotAccepted}
	}
	app, supported := t.choose(apps)
	data := slices.Concat(app, common)
	pan := cpmPAN(data)
	c := Code{Result: "CPM_UNSUPPORTED_AID", Reason: ReasonNotAccepted, Factor: lastSix(pan)}
	switch {
	case !supported:
	case primitiveTwice(data):
		c.Result, c.Reason = "CPM_DUPLICATE", ReasonDamagedCode
	case pan == "":
		c.Result, c.Reason = "CPM_NO_PAN", ReasonDamagedCode
	default:
		scheme := cpmScheme(adf(app))
		c.Result, c.Reason, c.Verdict = "CPM_EMV/"+strings.ToUpper(scheme), ReasonNone, Accept
		c.Family, c.Wallet = "cpm."+scheme, scheme
	}
	return c
}

// choose takes the merchant's preference among the supported applications, else
// the first; when none is supported, it gives the first of all and false.
func (t *Table) choose(apps [][]object) (app []object, supported bool) {
	begins := func(list [][]byte, app []object) bool {
		return slices.ContainsFunc(list, func(aid []byte) bool { return bytes.HasPrefix(adf(app), aid) })
	}
	var ours [][]object
	for _, a := range apps {
		if begins(t.aids, a) {
			ours = append(ours, a)
		}
	}
	for _, aid := range t.prefer {
		for _, a := range ours {
			if bytes.HasPrefix(adf(a), aid) {
				return a, true
			}
		}
	}
	if len(ours) > 0 {
		return ours[0], true
	}
	return apps[0], false
}

// cpmScheme names the owner of an application: UnionPay, or the registered
// application provider identifier in hex.
func cpmScheme(aid []byte) string {
	rid := hex.EncodeToString(aid[:5])
	if rid == "a000000333" {
		return "unionpay"
	}
	return rid
}

// adf gives the application's name, nil when it is missing or not 5 to 16 bytes.
func adf(app []object) []byte {
	for _, o := range app {
		if o.tag == tagADF && len(o.value) >= 5 && len(o.value) <= 16 {
			return o.value
		}
	}
	return nil
}

// primitiveTwice says whether a primitive object stands twice, which the
// specification calls an error (5.1.1.10).
func primitiveTwice(data []object) bool {
	seen := map[uint32]bool{}
	for _, o := range data {
		if o.constructed {
			continue
		}
		if seen[o.tag] {
			return true
		}
		seen[o.tag] = true
	}
	return false
}

// cpmPAN reads the account number from track 2, else from the PAN object; ""
// when there is none of 8 to 19 digits. Only track 2 has the separator D.
func cpmPAN(data []object) string {
	for _, tag := range []uint32{tagTrack2, tagPAN} {
		for _, o := range data {
			if o.tag != tag {
				continue
			}
			pan, _, isTrack := strings.Cut(hex.EncodeToString(o.value), "d")
			pan = strings.TrimRight(pan, "f") // a PAN may be padded up to its 10 bytes
			if isTrack == (tag == tagTrack2) && digits(pan) && len(pan) >= 8 && len(pan) <= 19 {
				return pan
			}
		}
	}
	return ""
}

var errBER = errors.New("not BER-TLV")

// berObjects takes one level of BER-TLV apart: tags of up to 3 bytes, definite
// lengths of up to 2. Every length is held against what is left. An empty level has
// no objects, and is not broken.
func berObjects(data []byte) ([]object, error) {
	var objects []object
	for len(data) > 0 {
		o := object{tag: uint32(data[0]), constructed: data[0]&0x20 != 0}
		long := data[0]&0x1F == 0x1F
		data = data[1:]
		for n := 0; long; n++ {
			if len(data) == 0 || n == 2 {
				return nil, errBER
			}
			o.tag = o.tag<<8 | uint32(data[0])
			long = data[0]&0x80 != 0
			data = data[1:]
		}
		size, rest, ok := berLength(data)
		if !ok || size > len(rest) {
			return nil, errBER
		}
		o.value, data = rest[:size], rest[size:]
		objects = append(objects, o)
	}
	return objects, nil
}

func berLength(data []byte) (size int, rest []byte, ok bool) {
	switch {
	case len(data) >= 1 && data[0] < 0x80:
		return int(data[0]), data[1:], true
	case len(data) >= 2 && data[0] == 0x81:
		return int(data[1]), data[2:], true
	case len(data) >= 3 && data[0] == 0x82:
		return int(data[1])<<8 | int(data[2]), data[3:], true
	}
	return 0, nil, false
}
