package configs

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checker collects the faults of a config that could be read.
type checker struct {
	file   string
	at     lines
	bad    map[string]bool // keys that have a fault already
	faults Faults
}

// fault tells one; only the first of a key is kept.
func (c *checker) fault(key, want, problem string, args ...any) {
	if c.bad[key] {
		return
	}
	c.bad[key] = true
	c.faults = append(c.faults, Fault{File: c.file, Line: c.at.of(key), Key: key,
		Problem: fmt.Sprintf(problem, args...), Want: want})
}

var (
	eightDigits   = regexp.MustCompile(`^\d{8}$`)
	merchantForm  = regexp.MustCompile(`^\d{15}$`)
	cusIDForm     = regexp.MustCompile(`^\d{1,15}$`)
	appIDForm     = regexp.MustCompile(`^\d{1,8}$`)
	operatorForm  = regexp.MustCompile(`^[0-9A-Za-z]{1,8}$`)
	serialForm    = regexp.MustCompile(`^[0-9A-Za-z]{1,50}$`)
	latitudeForm  = regexp.MustCompile(`^[+-]\d{1,2}\.\d{1,6}$`)
	longitudeForm = regexp.MustCompile(`^[+-]\d{1,3}\.\d{1,6}$`)
	pinForm       = regexp.MustCompile(`^[0-9A-Za-z_.:-]{1,40}$`)
	familyForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)
	hostForm      = regexp.MustCompile(`^([a-z0-9-]+\.)+[a-z0-9-]+$`)
	schemeForm    = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://$`)
	aidForm       = regexp.MustCompile(`^([0-9A-Fa-f]{2}){5,16}$`)
)

// bauds are the rates that tarm/serial can set on Linux.
var bauds = []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200}

func (c *checker) all(config *Config) {
	if config.Version != Version {
		c.fault("version", fmt.Sprintf("version = %d stands at the top", Version),
			"%d is not a version that this release reads", config.Version)
	}
	c.terminal(config.Terminal)
	for i, s := range config.Scanners {
		c.scanner(fmt.Sprintf("scanner[%d]", i), s)
	}
	c.printer(config.Printer)
	c.allinpay(config.Acquirer.Allinpay)
	c.timing(config.Timing)
	c.offline(config.Offline)
	c.codes(config.Codes)
	for key, pin := range map[string]string{"board.green_pin": config.Board.GreenPin,
		"board.red_pin": config.Board.RedPin, "board.scanner_pin": config.Board.ScannerPin} {
		if pin != "" {
			c.form(key, pin, pinForm, "the name of a GPIO line")
		}
	}
	c.oneOf("log.level", config.Log.Level, "debug", "info", "warn", "error")
}

func (c *checker) terminal(t Terminal) {
	c.form("terminal.id", t.ID, eightDigits, "8 digits, as the acquirer has registered them")
	c.form("terminal.serial", t.Serial, serialForm, "1 to 50 letters or digits, from the type plate")
	c.form("terminal.merchant_id", t.MerchantID, merchantForm, "15 digits")
	c.name("terminal.merchant_name", t.MerchantName, true)
	c.name("terminal.merchant_name_en", t.MerchantNameEn, false)
	c.form("terminal.operator", t.Operator, operatorForm, "1 to 8 letters or digits")
	c.oneOf("terminal.language", t.Language, "zh-CN", "en")
	if t.DataDir == "" {
		c.fault("terminal.data_dir", "a directory", "is empty")
	}
	c.loopback("terminal.listen", t.Listen)
	if t.Latitude != "" || t.Longitude != "" {
		c.form("terminal.latitude", t.Latitude, latitudeForm, "degrees such as +31.221345")
		c.form("terminal.longitude", t.Longitude, longitudeForm, "degrees such as +121.48352")
	} else if t.IP == "" {
		c.fault("terminal.latitude", "latitude and longitude, or ip",
			"the acquirer must be told where the terminal is")
	}
	if t.IP != "" && net.ParseIP(t.IP) == nil {
		c.fault("terminal.ip", "such as 192.0.2.7", "%q is not an address", t.IP)
	}
	c.within("terminal.max_amount_fen", t.MaxAmountFen, 1, 999_999_999_999)
}

func (c *checker) scanner(key string, s Scanner) {
	c.oneOf(key+".kind", s.Kind, "serial", "camera")
	if s.Kind == "camera" {
		c.camera(key, s)
		return
	}
	if !strings.HasPrefix(s.Path, "/") {
		c.fault(key+".path", "a path such as /dev/serial/by-path/…", "%q is not a device", s.Path)
	}
	if !slices.Contains(bauds, s.Baud) {
		c.fault(key+".baud", "allowed: "+strings.Trim(fmt.Sprint(bauds), "[]"),
			"%d is not a rate", s.Baud)
	}
	c.oneOf(key+".framing", s.Framing, "auto", "cr", "lf", "crlf", "none")
	c.within(key+".idle_gap_ms", int64(s.IdleGapMS), 100, 2000)
	if len(s.Prefix) > 16 || strings.ContainsFunc(s.Prefix, unicode.IsControl) {
		c.fault(key+".prefix", "at most 16 printable characters", "%q is no prefix", s.Prefix)
	}
}

func (c *checker) printer(p Printer) {
	c.oneOf("printer.kind", p.Kind, "file", "none")
	if p.Kind == "file" && p.Dir == "" {
		c.fault("printer.dir", "a directory for the pictures of slips", "is missing")
	}
	for _, copy := range p.Copies {
		c.oneOf("printer.copies", copy, "merchant", "customer")
	}
	if len(p.Copies) > 2 || len(p.Copies) == 2 && p.Copies[0] == p.Copies[1] {
		c.fault("printer.copies", "each of merchant and customer once", "%q stands twice", p.Copies[0])
	}
	c.oneOf("printer.order_code", p.OrderCode, "qr", "code128")
	c.oneOf("printer.language", p.Language, "zh", "en", "both")
}

func (c *checker) allinpay(a *Allinpay) {
	const at = "acquirer.allinpay"
	if a == nil {
		c.fault(at, "a block [acquirer.allinpay]", "no acquirer is configured")
		return
	}
	c.https(at+".base_url", a.BaseURL, "https://vsp.allinpay.com/apiweb")
	c.https(at+".bill_url", a.BillURL, "https://cus.allinpay.com/cusapi/trxfile/get")
	c.hosts(at, a)
	if a.OrgID != "" {
		c.form(at+".orgid", a.OrgID, cusIDForm, "up to 15 digits")
	}
	c.form(at+".cusid", a.CusID, cusIDForm, "up to 15 digits, issued at boarding")
	c.form(at+".appid", a.AppID, appIDForm, "up to 8 digits, issued at boarding")
	c.oneOf(at+".sign", a.Sign, "RSA", "SM2")
	if a.PrivateKeyFile == "" {
		c.fault(at+".private_key_file", "the path of a PEM file, mode 0600", "is missing")
	}
	if a.AcquirerKeyFile == "" {
		c.fault(at+".acquirer_public_key_file", "the path of a PEM file", "is missing")
	}
	c.within(at+".answer_timeout_s", int64(a.AnswerTimeoutS), 1, 60)
	c.within(at+".connect_timeout_s", int64(a.ConnectTimeoutS), 1, 30)
	c.oneOf(at+".present_paytype", a.PresentPayType, "", "W01", "A01", "U01")
	c.oneOf(at+".device_type", a.DeviceType, "10", "11")
	c.oneOf(at+".encrypt_rand", a.EncryptRand, "last6", "omit")
}

func (c *checker) https(key, address, such string) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		c.fault(key, "an https address such as "+such, "%q is not one", address)
	}
}

func (c *checker) hosts(at string, a *Allinpay) {
	for _, host := range a.PresentHosts {
		if !hostForm.MatchString(host) && !schemeForm.MatchString(host) {
			c.fault(at+".present_hosts", "hosts such as qr.alipay.com, or schemes such as weixin://",
				"%q is neither", host)
		}
	}
	for _, host := range a.BillHosts {
		if !hostForm.MatchString(host) {
			c.fault(at+".bill_hosts", "hosts such as cus.allinpay.com", "%q is not one", host)
		}
	}
}

func (c *checker) timing(t Timing) {
	c.within("timing.scan_window_s", int64(t.ScanWindowS), 10, 900)
	c.within("timing.first_query_s", int64(t.FirstQueryS), 1, 30)
	c.within("timing.query_every_s", int64(t.QueryEveryS), 5, 60)
	c.within("timing.pay_window_s", int64(t.PayWindowS), 30, 180)
	c.within("timing.message_life_s", int64(t.MessageLifeS), 60, 3600)
	c.within("timing.reverse_retry_s", int64(t.ReverseRetryS), 1, 60)
	c.within("timing.reverse_retry_max_s", int64(t.ReverseRetryMaxS), 60, 3600)
	c.within("timing.slip_retry_s", int64(t.SlipRetryS), 1, 600)
	c.within("timing.present_window_s", int64(t.PresentWindowS), 60, 900)
	if t.PresentWindowS%60 != 0 {
		c.fault("timing.present_window_s", "whole minutes, as the acquirer counts them",
			"%d is not that", t.PresentWindowS)
	}
	c.within("timing.refund_query_s", int64(t.RefundQueryS), 10, 3600)
	c.within("timing.code_life_s", int64(t.CodeLifeS), 10, 120)
	c.within("timing.hand_tries", int64(t.HandTries), 5, 1000)
	c.within("timing.hand_after_h", int64(t.HandAfterH), 1, 168)
	if t.PayWindowS <= t.FirstQueryS && !c.bad["timing.first_query_s"] {
		c.fault("timing.pay_window_s", "more than first_query_s",
			"%d s end before the first query", t.PayWindowS)
	}
}

func (c *checker) offline(o Offline) {
	c.within("offline.per_sale_fen", o.PerSaleFen, 1, 999_999_999_999)
	c.within("offline.count", int64(o.Count), 1, 100)
	c.within("offline.sum_fen", o.SumFen, 1, 999_999_999_999)
	c.within("offline.age_h", int64(o.AgeH), 1, 168)
	if o.KeyFile == "" {
		c.fault("offline.key_file", "a path outside of data_dir", "is missing")
	}
}

func (c *checker) codes(t Codes) {
	c.oneOf("codes.charset", t.Charset, "digits")
	c.oneOf("codes.on_unknown_numeric", t.OnUnknownNumeric, "ask_acquirer", "reject")
	if n := t.UnknownLen; len(n) != 2 || n[0] < 16 || n[1] > 24 || n[0] > n[1] {
		c.fault("codes.unknown_len", "two numbers from 16 to 24, the smaller first", "%v is no range", n)
	}
	for key, aids := range map[string][]string{
		"codes.cpm_aids": t.CPMAIDs, "codes.cpm_preference": t.CPMPreference} {
		for _, aid := range aids {
			c.form(key, aid, aidForm, "10 to 32 hexadecimal digits")
		}
	}
	if len(t.Families) == 0 {
		c.fault("codes.family", "at least one block [[codes.family]]", "no payment code would be taken")
	}
	seen := map[string]bool{}
	for i, f := range t.Families {
		key := fmt.Sprintf("codes.family[%d]", i)
		c.family(key, f)
		if seen[f.ID] {
			c.fault(key+".id", "", "%q stands twice", f.ID)
		}
		seen[f.ID] = true
	}
}

func (c *checker) family(key string, f Family) {
	c.form(key+".id", f.ID, familyForm, "lower-case letters, digits and dots")
	if _, err := regexp.Compile(f.RE); err != nil {
		c.fault(key+".re", "a regular expression", "%v", err)
	} else if !strings.HasPrefix(f.RE, "^") || !strings.HasSuffix(f.RE, "$") {
		c.fault(key+".re", "it must begin with ^ and end with $", "%q fits parts of a code", f.RE)
	}
	c.oneOf(key+".network", f.Network, "wallet", "unionpay", "ecny", "bank", "nucc")
	c.oneOf(key+".confidence", f.Confidence, "H", "M", "L")
	c.oneOf(key+".offline", f.Offline, "refuse", "hold", "store")
	for _, soft := range f.Soft {
		c.oneOf(key+".soft", soft, "resident_id", "gs1_ai01", "allinpay_refund")
	}
}

func (c *checker) form(key, value string, form *regexp.Regexp, want string) {
	if value == "" {
		c.fault(key, want, "is missing")
	} else if !form.MatchString(value) {
		c.fault(key, want, "%q is not that", value)
	}
}

func (c *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.fault(key, "allowed: "+strings.Join(allowed, ", "), "%q is not allowed", value)
	}
}

func (c *checker) within(key string, n, least, most int64) {
	if n < least || n > most {
		c.fault(key, fmt.Sprintf("allowed: %d to %d", least, most), "%d is out of range", n)
	}
}

// name is what stands on slips: printable, and short enough for a line or two.
func (c *checker) name(key, value string, needed bool) {
	const want = "1 to 40 printable characters"
	switch {
	case value == "" && needed:
		c.fault(key, want, "is missing")
	case utf8.RuneCountInString(value) > 40:
		c.fault(key, want, "has %d characters", utf8.RuneCountInString(value))
	case strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }):
		c.fault(key, want, "%q has characters that can't be printed", value)
	}
}

// loopback keeps the page on this machine: nobody signs in to it.
func (c *checker) loopback(key, value string) {
	const want = "a loopback address and port such as 127.0.0.1:8080"
	host, _, err := net.SplitHostPort(value)
	if err != nil {
		c.fault(key, want, "%q is no address and port", value)
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		c.fault(key, want, "%q can be reached from other machines, and nobody signs in to the page",
			value)
	}
}
