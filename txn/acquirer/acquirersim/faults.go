package acquirersim

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// FaultKind names what goes wrong with a request or its answer.
type FaultKind string

// The faults. Up to and including HoldRequest nothing reaches the ledger; in all
// others it has moved before the answer breaks.
const (
	LoseRequest FaultKind = "lose_request" // the line breaks on the way there
	HoldRequest FaultKind = "hold_request" // the same, and it arrives with Release

	LoseAnswer        FaultKind = "lose_answer"  // the line breaks on the way back
	Silent            FaultKind = "silent"       // no answer while the terminal waits
	DelayAnswer       FaultKind = "delay_answer" // by delay_ms
	HalfAnswer        FaultKind = "half_answer"
	DuplicateDelivery FaultKind = "duplicate_delivery" // a proxy on the way repeats it

	WrongSign   FaultKind = "wrong_sign"   // one bit of the signature
	WrongKey    FaultKind = "wrong_key"    // signed by a stranger
	WrongUID    FaultKind = "wrong_uid"    // SM2 with the standard's user id
	NoSign      FaultKind = "no_sign"      // the signature is missing
	Altered     FaultKind = "altered"      // the amount, after signing
	WrongAmount FaultKind = "wrong_amount" // truly signed, of another amount
	WrongOrder  FaultKind = "wrong_order"  // truly signed, of another order
	WrongCusID  FaultKind = "wrong_cusid"  // truly signed, of another merchant
	NoOrder     FaultKind = "no_order"     // truly signed, of no order at all
	EchoCode    FaultKind = "echo_code"    // truly signed, the payer code in its words
	TwiceKey    FaultKind = "twice_key"    // a field stands twice
	WrongLink   FaultKind = "wrong_link"   // truly signed, another payinfo or url
	Status      FaultKind = "status"       // truly signed, with another trxstatus
	RetCode     FaultKind = "retcode"      // unsigned, with another retcode

	HTTP500   FaultKind = "http_500"
	HTTP503   FaultKind = "http_503" // with Retry-After, if there is a value
	HTML502   FaultKind = "html_502"
	HTML200   FaultKind = "html_200"
	Empty200  FaultKind = "empty_200"
	Oversized FaultKind = "oversized"
	Redirect  FaultKind = "redirect"
)

func faultKinds() []FaultKind {
	return []FaultKind{LoseRequest, HoldRequest, LoseAnswer, Silent, DelayAnswer, HalfAnswer,
		DuplicateDelivery, WrongSign, WrongKey, WrongUID, NoSign, Altered, WrongAmount,
		WrongOrder, WrongCusID, NoOrder, EchoCode, TwiceKey, WrongLink, Status, RetCode,
		HTTP500, HTTP503, HTML502, HTML200, Empty200, Oversized, Redirect}
}

// Fault is one entry of a script.
type Fault struct {
	Op      Op        `json:"op"`  // OpAny: any operation
	Nth     int       `json:"nth"` // which request from now on, 0: every one
	Kind    FaultKind `json:"kind"`
	DelayMS int       `json:"delay_ms"` // of DelayAnswer
	Value   string    `json:"value"`    // of Status, RetCode, EchoCode, WrongLink, HTTP503

	seen int
}

// faultsMax bounds a script.
const faultsMax = 100

// AddFault adds to the script. The first fault that fits a request is its fault;
// one with a number is used up by it.
func (s *Sim) AddFault(f Fault) error {
	switch {
	case !slices.Contains(faultKinds(), f.Kind):
		return fmt.Errorf("fault kind %q is not known", string(f.Kind))
	case !slices.Contains(ops(), f.Op):
		return fmt.Errorf("operation %q is not known", string(f.Op))
	case f.Nth < 0 || f.DelayMS < 0:
		return fmt.Errorf("nth and delay_ms are not below zero")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.faults) == faultsMax {
		return fmt.Errorf("more than %d faults", faultsMax)
	}
	f.seen = 0
	s.faults = append(s.faults, &f)
	return nil
}

// ClearFaults ends the script.
func (s *Sim) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *Sim) takeFault(op Op) Fault {
	met := -1
	for i, f := range s.faults {
		if f.Op != op && f.Op != OpAny {
			continue
		}
		f.seen++
		if met < 0 && (f.Nth == 0 || f.seen == f.Nth) {
			met = i
		}
	}
	if met < 0 {
		return Fault{}
	}
	fault := *s.faults[met]
	if fault.Nth > 0 {
		s.faults = slices.Delete(s.faults, met, met+1)
	}
	return fault
}

// magicFault reads the last two digits of a payment's amount: .91 asks for a
// password that comes after 20 s (see pay), .92 loses the answer, .93 is delivered
// twice, .94 has a bad signature.
func magicFault(body string) Fault {
	values, err := url.ParseQuery(body)
	if err != nil {
		return Fault{}
	}
	amount := values.Get("trxamt")
	for ending, kind := range map[string]FaultKind{
		"92": LoseAnswer, "93": DuplicateDelivery, "94": WrongSign,
	} {
		if strings.HasSuffix(amount, ending) {
			return Fault{Op: OpPay, Kind: kind}
		}
	}
	return Fault{}
}

// spoil gives what is written instead of, or as, the answer.
func (s *Sim) spoil(f Fault, a answer) (status int, header map[string]string, text []byte) {
	header = map[string]string{"Content-Type": "application/json;charset=UTF-8"}
	page := map[string]string{"Content-Type": "text/html"}
	switch f.Kind {
	case HTTP500:
		return http.StatusInternalServerError, header, s.encode(a)
	case HTTP503:
		if f.Value != "" {
			page["Retry-After"] = f.Value
		}
		return http.StatusServiceUnavailable, page, []byte("<html>503</html>")
	case HTML502:
		return http.StatusBadGateway, page, []byte("<html>502 Bad Gateway</html>")
	case HTML200:
		return http.StatusOK, page, []byte("<html>login</html>")
	case Empty200:
		return http.StatusOK, header, nil
	case Oversized:
		return http.StatusOK, header, bytes.Repeat([]byte(" "), 70<<10)
	case Redirect:
		return http.StatusTemporaryRedirect, map[string]string{
			"Location": "/apiweb/unitorder/scanqrpay"}, nil
	case HalfAnswer:
		text = s.encode(a)
		return http.StatusOK, header, text[:len(text)/2]
	case TwiceKey:
		text = s.encode(a)
		return http.StatusOK, header, append([]byte(`{"trxstatus":"0000",`), text[1:]...)
	}
	if a.text != nil { // a bill has no fields and no signature
		header["Content-Type"] = "text/plain;charset=UTF-8"
		return http.StatusOK, header, a.text
	}
	s.falsify(f, &a)
	text = s.encode(a)
	if f.Kind == Altered {
		text = alter(text)
	}
	return http.StatusOK, header, text
}

// alter changes what an answer is about, after it was signed.
func alter(text []byte) []byte {
	for _, start := range []string{`amt":"`, `"payinfo":"`, `"url":"`, `"errmsg":"`} {
		if bytes.Contains(text, []byte(start)) {
			return bytes.ReplaceAll(text, []byte(start), []byte(start+"9"))
		}
	}
	return text
}

// falsify changes what is said, and how it is signed.
func (s *Sim) falsify(f Fault, a *answer) {
	said, keys := a.fields, s.opts.Keys
	switch f.Kind {
	case WrongAmount:
		said["trxamt"] = cmp.Or(said["trxamt"], "999") + "0"
		if said["initamt"] != "" {
			said["initamt"] += "0"
		}
	case WrongOrder:
		said["reqsn"] = "9999999999999999999999999999"
	case WrongCusID:
		said["cusid"] = "990000000000000"
	case NoOrder:
		delete(said, "reqsn")
	case Status:
		said["trxstatus"] = f.Value
	case WrongLink:
		for _, key := range []string{"payinfo", "url"} {
			if said[key] != "" {
				said[key] = f.Value
			}
		}
	case EchoCode:
		said["errmsg"] = "code " + f.Value
	case RetCode:
		a.fields, a.signed = fields{"retcode": f.Value, "retmsg": "系统异常"}, false
	case NoSign:
		a.signed = false
	case WrongSign:
		a.signed = false
		good := []byte(seal(keys.acquirer, acquirerUID, said))
		if good[0]++; good[0] < 'B' || good[0] > 'Z' {
			good[0] = 'A'
		}
		said["sign"] = string(good)
	case WrongKey:
		a.signed = false
		said["sign"] = seal(keys.stranger, acquirerUID, said)
	case WrongUID:
		a.signed = false
		said["sign"] = seal(keys.acquirer, defaultUID, said)
	}
}
