package acquirersim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// fields are those of one request, signature included.
type fields map[string]string

// rule says what a field must look like.
type rule struct {
	form     *regexp.Regexp
	required bool
}

var (
	formNumber  = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
	formAmount  = regexp.MustCompile(`^[1-9][0-9]{0,11}$`)
	formText    = regexp.MustCompile(`^.{0,100}$`)
	formAny     = regexp.MustCompile(`^.{1,1000}$`)
	formTermNo  = regexp.MustCompile(`^[0-9]{8}$`)
	formLong    = regexp.MustCompile(`^[+-][0-9]{1,3}\.[0-9]{1,6}$`)
	formLat     = regexp.MustCompile(`^[+-][0-9]{1,2}\.[0-9]{1,6}$`)
	formDigits6 = regexp.MustCompile(`^[0-9]{6}$`)
	formDate    = regexp.MustCompile(`^[0-9]{8}$`)
	formOne     = regexp.MustCompile(`^1$`)
	formNative  = regexp.MustCompile(`^[WAU]01$`)
	formMinutes = regexp.MustCompile(`^([1-9]|[1-5][0-9]|60)$`)
)

// rulesOf gives the fields that an operation may have, besides the common ones.
func rulesOf(op Op) map[string]rule {
	number, amount := rule{formNumber, true}, rule{formAmount, true}
	either, text := rule{formNumber, false}, rule{formText, false}
	switch op {
	case OpPay:
		return map[string]rule{"reqsn": number, "trxamt": amount, "authcode": {formAny, true},
			"terminfo": {formAny, true}, "body": text, "remark": text}
	case OpPresent:
		return map[string]rule{"reqsn": number, "trxamt": amount, "paytype": {formNative, true},
			"validtime": {formMinutes, false}, "terminfo": {formAny, true}, "body": text,
			"remark": text}
	case OpBill:
		return map[string]rule{"date": {formDate, true}, "filetype": {formOne, false}}
	case OpQuery:
		return map[string]rule{"reqsn": either, "trxid": either}
	case OpClose:
		return map[string]rule{"oldreqsn": either, "oldtrxid": either}
	default:
		return map[string]rule{"reqsn": number, "trxamt": amount, "oldreqsn": either,
			"oldtrxid": either, "remark": text}
	}
}

// verify reads a request and holds it to the rules. The second result is the
// scheme's answer to one that breaks them; what was broken is noted.
func (s *Sim) verify(op Op, body string, replay bool) (fields, *answer) {
	p, fault := parseForm(body)
	if fault == "" {
		fault = s.checkWho(p)
	}
	if fault != "" {
		s.violation(string(op) + ": " + fault)
		return nil, unsignedNo("FAIL", fault)
	}
	if !s.opts.Keys.verify(p, s.opts.Merchant.AppID) {
		s.violation(string(op) + ": the signature does not verify")
		return nil, unsignedNo("SIGNAUTHERR", "验签失败")
	}
	fault = checkFields(op, p)
	if fault == "" && (op == OpPay || op == OpPresent) {
		fault = s.checkTerminal(p)
	}
	if fault == "" && !replay && s.randoms[p["randomstr"]] {
		fault = "randomstr was used before"
	}
	s.randoms[p["randomstr"]] = true
	if fault != "" {
		s.violation(string(op) + ": " + fault)
		return nil, s.no(p, "PARAMERR", fault)
	}
	return p, nil
}

func parseForm(body string) (fields, string) {
	values, err := url.ParseQuery(body)
	if err != nil || len(body) > requestMax {
		return nil, "the body is not a form"
	}
	p := fields{}
	for key, list := range values {
		if len(list) != 1 {
			return nil, "field " + key + " stands twice"
		}
		if !utf8.ValidString(list[0]) {
			return nil, "field " + key + " is not UTF-8"
		}
		p[key] = list[0]
	}
	return p, ""
}

func (s *Sim) checkWho(p fields) string {
	m := s.opts.Merchant
	switch {
	case p["cusid"] != m.CusID:
		return "cusid is not known"
	case p["appid"] != m.AppID:
		return "appid is not known"
	case p["orgid"] != m.OrgID:
		return "orgid is not known"
	case p["signtype"] != s.opts.Keys.sign:
		return "signtype is not " + s.opts.Keys.sign
	}
	return ""
}

func checkFields(op Op, p fields) string {
	// The page of the bill lists no version; integrators send one all the same.
	if p["version"] != "12" && (op != OpBill || p["version"] != "") {
		return "version is not 12"
	}
	if n := len(p["randomstr"]); n < 1 || n > 32 {
		return "randomstr does not have 1 to 32 characters"
	}
	rules := rulesOf(op)
	for key, rule := range rules {
		value := p[key]
		if value == "" && rule.required {
			return key + " is missing"
		}
		if value != "" && !rule.form.MatchString(value) {
			return key + " does not have its form"
		}
	}
	common := []string{"orgid", "cusid", "appid", "version", "randomstr", "signtype", "sign"}
	for key := range p {
		if _, known := rules[key]; !known && !slices.Contains(common, key) {
			return "field " + key + " is not of this operation"
		}
	}
	return checkTarget(op, p)
}

// checkTarget wants one name, and only one, for the order that is meant.
func checkTarget(op Op, p fields) string {
	named := 0
	for _, key := range []string{"oldreqsn", "oldtrxid"} {
		if p[key] != "" {
			named++
		}
	}
	if op == OpQuery {
		for _, key := range []string{"reqsn", "trxid"} {
			if p[key] != "" {
				named++
			}
		}
	}
	if op != OpPay && op != OpPresent && op != OpBill && named != 1 {
		return fmt.Sprintf("the order is named by %d fields", named)
	}
	return ""
}

// checkTerminal holds terminfo to the registration and to the central bank's rules.
func (s *Sim) checkTerminal(p fields) string {
	var t map[string]string
	if err := json.Unmarshal([]byte(p["terminfo"]), &t); err != nil {
		return "terminfo is not a JSON object of texts"
	}
	for key := range t {
		if !slices.Contains(terminfoKeys(), key) {
			return "terminfo has a field " + key
		}
	}
	code := p["authcode"]
	position := formLong.MatchString(t["longitude"]) && formLat.MatchString(t["latitude"])
	switch {
	case !formTermNo.MatchString(t["termno"]) || t["termno"] != s.opts.Merchant.TermNo:
		return "termno is not registered"
	case t["devicetype"] != "10" && t["devicetype"] != "11":
		return "devicetype is neither 10 nor 11"
	case t["devicetype"] == "10" && t["termsn"] == "" || len(t["termsn"]) > 50:
		return "termsn is missing or too long"
	case !position && t["longitude"]+t["latitude"] != "":
		return "longitude or latitude does not have its form"
	case !position && isUnionPay(code):
		return "a UnionPay code without a position"
	case !position && t["deviceip"] == "":
		return "neither deviceip nor a position"
	case len(t["deviceip"]) > 40 || len(t["appversion"]) > 8:
		return "deviceip or appversion is too long"
	}
	if code == "" && t["encryptrandnum"]+t["secrettext"] != "" {
		return "encryptrandnum or secrettext without a code"
	}
	return checkFactor(code, t["encryptrandnum"], t["secrettext"])
}

func terminfoKeys() []string {
	return []string{"termno", "devicetype", "termsn", "longitude", "latitude", "deviceip",
		"appversion", "encryptrandnum", "secrettext"}
}

// checkFactor: the last six digits are due with 19 digits and with EMVCo payloads.
func checkFactor(code, factor, secret string) string {
	due := len(code) == 19 || isPayload(code)
	switch {
	case factor == "" && due:
		return "encryptrandnum is missing"
	case factor == "":
	case !formDigits6.MatchString(factor):
		return "encryptrandnum is not six digits"
	case isPayload(code) && !strings.Contains(payloadDigits(code), factor):
		return "encryptrandnum is not in the payload's PAN"
	case !isPayload(code) && !strings.HasSuffix(code, factor):
		return "encryptrandnum is not the end of the code"
	}
	if secret == "" {
		return ""
	}
	if sealed, err := base64.StdEncoding.DecodeString(secret); err != nil || len(sealed) != 8 {
		return "secrettext is not 64 bits in base64"
	}
	return ""
}
