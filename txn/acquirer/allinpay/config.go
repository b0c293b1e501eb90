package allinpay

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What Config means where it says nothing.
const (
	AnswerTimeoutDefault  = 30 * time.Second
	ConnectTimeoutDefault = 2 * time.Second
	PresentWindowDefault  = 3 * time.Minute
	BillURLDefault        = "https://cus.allinpay.com/cusapi/trxfile/get"
)

// PresentHostsDefault is where the merchant codes of the three pay types point, and
// Allinpay's own.
func PresentHostsDefault() []string {
	return []string{"weixin://", "qr.alipay.com", "qr.95516.com", "syb.allinpay.com"}
}

// The bounds of Config.
const (
	presentWindowMin = time.Minute // validtime counts minutes
	presentWindowMax = time.Hour   // the shortest maximum of those that were published
	hostsMax         = 32          // entries of one list
)

// PayType is whose merchant code a Present asks for, as in the field paytype.
type PayType string

// The pay types whose answer is the text of a code. The others answer with what a
// web page or an app needs.
const (
	NativeWechat   PayType = "W01"
	NativeAlipay   PayType = "A01"
	NativeUnionPay PayType = "U01"
)

// Config is what a technician enters and the acquirer issues at boarding.
type Config struct {
	BaseURL string         // https only, such as https://vsp.allinpay.com/apiweb
	RootCAs *x509.CertPool // nil: the system's

	OrgID string // of a group of merchants, may be empty
	CusID string // merchant ID, up to 15 digits
	AppID string // up to 8 digits

	Sign        SignType
	PrivateKey  crypto.PrivateKey // the merchant's, from ParsePrivateKey
	AcquirerKey crypto.PublicKey  // Allinpay's, from ParsePublicKey

	Terminal Terminal

	// TakesCPMPayload says that the contract allows EMVCo payloads as authcode:
	// the published pages do not tell.
	TakesCPMPayload bool
	// Channels names the wallet of a channel number (chnlid) for payments that
	// NetsUnion cleared. It comes from the acquirer and may be empty.
	Channels map[string]string

	PresentPayType PayType       // "": no merchant codes
	PresentWindow  time.Duration // of a merchant code, 0: PresentWindowDefault
	// PresentHosts are where a merchant code may point: a host such as
	// qr.alipay.com, which stands for https and its subdomains too, or a scheme such
	// as weixin://, which stands for all of it. Empty: PresentHostsDefault.
	PresentHosts []string

	BillURL   string   // where bills are asked for, "": BillURLDefault
	BillHosts []string // where they may be fetched, besides BillURL's host

	ConnectTimeout time.Duration    // name, TCP and TLS, 0: ConnectTimeoutDefault
	AnswerTimeout  time.Duration    // from then on, 0: AnswerTimeoutDefault
	Now            func() time.Time // the terminal's clock

	// CertificateTime is the time by which the host's certificate is judged; Now, if nil.
	CertificateTime func() time.Time
	Rand            io.Reader // crypto/rand.Reader

	// DialContext replaces the dialler, for tests. Nil: the net package's.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// complete puts the defaults in.
func (cfg *Config) complete() {
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	if cfg.CertificateTime == nil {
		cfg.CertificateTime = cfg.Now // a wrong clock shows as such
	}
	if cfg.AnswerTimeout == 0 {
		cfg.AnswerTimeout = AnswerTimeoutDefault
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = ConnectTimeoutDefault
	}
	if cfg.PresentWindow == 0 {
		cfg.PresentWindow = PresentWindowDefault
	}
	if len(cfg.PresentHosts) == 0 {
		cfg.PresentHosts = PresentHostsDefault()
	}
	if cfg.BillURL == "" {
		cfg.BillURL = BillURLDefault
	}
}

var (
	cusIDForm  = regexp.MustCompile(`^\d{1,15}$`)
	appIDForm  = regexp.MustCompile(`^\d{1,8}$`)
	orgIDForm  = regexp.MustCompile(`^\d{0,15}$`)
	hostForm   = regexp.MustCompile(`^([a-z0-9-]+\.)+[a-z0-9-]+$`)
	schemeForm = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://$`)
)

func (cfg *Config) check() error {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf("allinpay: "+format, args...))
		}
	}
	fault(!isHTTPS(cfg.BaseURL), "base_url is not an https address without user and query")
	fault(!isHTTPS(cfg.BillURL), "bill_url is not an https address without user and query")
	fault(!orgIDForm.MatchString(cfg.OrgID), "orgid %q is not up to 15 digits", cfg.OrgID)
	fault(!cusIDForm.MatchString(cfg.CusID), "cusid %q is not 1 to 15 digits", cfg.CusID)
	fault(!appIDForm.MatchString(cfg.AppID), "appid %q is not 1 to 8 digits", cfg.AppID)
	fault(cfg.AnswerTimeout < 0, "an answer timeout of %s is below zero", cfg.AnswerTimeout)
	fault(cfg.ConnectTimeout < 0, "a connect timeout of %s is below zero", cfg.ConnectTimeout)
	fault(cfg.Now == nil, "no clock")
	fault(cfg.Rand == nil, "no source of random bytes")
	native := []PayType{"", NativeWechat, NativeAlipay, NativeUnionPay}
	fault(!slices.Contains(native, cfg.PresentPayType),
		"present paytype %q is not W01, A01 or U01", string(cfg.PresentPayType))
	fault(cfg.PresentWindow < presentWindowMin || cfg.PresentWindow > presentWindowMax ||
		cfg.PresentWindow%time.Minute != 0,
		"a present window of %s is not 1 to 60 whole minutes", cfg.PresentWindow)
	fault(len(cfg.PresentHosts) > hostsMax || len(cfg.BillHosts) > hostsMax,
		"a list has more than %d hosts", hostsMax)
	for _, entry := range cfg.PresentHosts {
		scheme := schemeForm.MatchString(entry) && entry != "https://" && entry != "http://"
		fault(!scheme && !hostForm.MatchString(entry),
			"present host %q is neither like qr.alipay.com nor like weixin://", entry)
	}
	for _, entry := range cfg.BillHosts {
		fault(!hostForm.MatchString(entry), "bill host %q is not like cus.allinpay.com", entry)
	}
	return errors.Join(append(faults, cfg.Terminal.check()...)...)
}

func isHTTPS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.RawQuery == "" &&
		u.User == nil
}

// isListed says whether host is one of hosts, or below one. Case does not matter.
func isListed(host string, hosts []string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(hosts, func(entry string) bool {
		return host == entry || strings.HasSuffix(host, "."+entry)
	})
}
