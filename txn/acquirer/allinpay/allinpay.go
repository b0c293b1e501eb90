// Package allinpay speaks Allinpay's SYB interface, version 12, to an acquirer's
// host: signed forms out, signed JSON back, one HTTPS request for each question.
//
// It knows Allinpay's fields, codes and signatures, and when a request has surely
// not left. It knows no state of a sale and repeats nothing by itself: whoever
// calls decides when to ask again. It has never been certified by Allinpay; what
// the published pages leave open is said where the code decides it.
package allinpay

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"saoma/terminal/txn/acquirer"
)

// The figures of the interface and of its use.
const (
	protocolVersion = "12"
	orderLenMax     = 31  // reqsn takes 32; a reversal's own number adds a letter
	codeLenMax      = 24  // digits of the longest payer code
	payloadLenMax   = 512 // an EMVCo payload: what a reader has to return (CPM 4.1.1.1)

	// AnswerTimeoutDefault is how long one request waits when Config says nothing.
	AnswerTimeoutDefault = 30 * time.Second
	// Allinpay asks for a query about every 10 s and leaves the window to us.
	firstQuery = 5 * time.Second
	queryEvery = 10 * time.Second
	payWindow  = 60 * time.Second
	// A request whose connection we gave up can lie in the host's queue for a
	// while. No figure is published; two minutes are the longest that a
	// gateway's own time limits commonly allow, one more is for the replicas.
	messageLife = 3 * time.Minute

	idleConnLife = 30 * time.Second // shorter than a host keeps an idle connection
	headerMax    = 16 << 10         // bytes of an answer's HTTP header
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

	AnswerTimeout time.Duration    // of one request, 0: AnswerTimeoutDefault
	Now           func() time.Time // the terminal's clock
	Rand          io.Reader        // crypto/rand.Reader

	// DialContext replaces the dialler, for tests. Nil: the net package's.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Client is an acquirer.Acquirer. Make it with New.
type Client struct {
	cfg       Config
	signer    signer
	verifier  verifier
	transport *http.Transport
}

var _ acquirer.Acquirer = (*Client)(nil)

// New checks cfg as a whole and reports every fault at once. It sends nothing.
func New(cfg Config) (*Client, error) {
	if cfg.AnswerTimeout == 0 {
		cfg.AnswerTimeout = AnswerTimeoutDefault
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	if err := cfg.check(); err != nil {
		return nil, err
	}
	signer, errSigner := newSigner(cfg.Sign, cfg.PrivateKey, cfg.AppID, cfg.Rand)
	verifier, errVerifier := newVerifier(cfg.Sign, cfg.AcquirerKey)
	if err := errors.Join(errSigner, errVerifier); err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, signer: signer, verifier: verifier, transport: newTransport(cfg)}, nil
}

// Capabilities are Allinpay's figures; see acquirer.Capabilities.
func (c *Client) Capabilities() acquirer.Capabilities {
	return acquirer.Capabilities{
		Name:            "allinpay",
		OrderLenMax:     orderLenMax,
		CodeLenMax:      c.codeLenMax(),
		TakesCPMPayload: c.cfg.TakesCPMPayload,
		AnswerTimeout:   c.cfg.AnswerTimeout,
		FirstQuery:      firstQuery,
		QueryEvery:      queryEvery,
		PayWindow:       payWindow,
		MessageLife:     messageLife,
	}
}

// Close lets go of idle connections. The client stays usable.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func (c *Client) codeLenMax() int {
	if c.cfg.TakesCPMPayload {
		return payloadLenMax
	}
	return codeLenMax
}

var (
	cusIDForm = regexp.MustCompile(`^\d{1,15}$`)
	appIDForm = regexp.MustCompile(`^\d{1,8}$`)
	orgIDForm = regexp.MustCompile(`^\d{0,15}$`)
)

func (cfg *Config) check() error {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf("allinpay: "+format, args...))
		}
	}
	u, err := url.Parse(cfg.BaseURL)
	fault(err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.User != nil,
		"base_url is not an https address without user and query")
	fault(!orgIDForm.MatchString(cfg.OrgID), "orgid %q is not up to 15 digits", cfg.OrgID)
	fault(!cusIDForm.MatchString(cfg.CusID), "cusid %q is not 1 to 15 digits", cfg.CusID)
	fault(!appIDForm.MatchString(cfg.AppID), "appid %q is not 1 to 8 digits", cfg.AppID)
	fault(cfg.AnswerTimeout < 0, "an answer timeout of %s is below zero", cfg.AnswerTimeout)
	fault(cfg.Now == nil, "no clock")
	fault(cfg.Rand == nil, "no source of random bytes")
	return errors.Join(append(faults, cfg.Terminal.check()...)...)
}

func newTransport(cfg Config) *http.Transport {
	return &http.Transport{
		DialContext:         cfg.DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		TLSClientConfig: &tls.Config{
			RootCAs:            cfg.RootCAs,
			MinVersion:         tls.VersionTLS12,
			Time:               cfg.Now, // a wrong clock must show as such
			ClientSessionCache: tls.NewLRUClientSessionCache(4),
		},
		// HTTP/1.1 only: with HTTP/2 the transport repeats requests that a
		// server says it has not looked at, and we would have to believe it.
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        idleConnLife,
		MaxResponseHeaderBytes: headerMax,
		DisableCompression:     true,
	}
}
