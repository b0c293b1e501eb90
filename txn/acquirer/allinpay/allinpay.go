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
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"saoma/terminal/txn/acquirer"
)

// The figures of the interface and of its use.
const (
	protocolVersion = "12"
	orderLenMax     = 31  // reqsn takes 32; a reversal's own number adds a letter
	codeLenMax      = 24  // digits of the longest payer code
	payloadLenMax   = 512 // an EMVCo payload: what a reader has to return (CPM 4.1.1.1)

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
	cfg.complete()
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
	can := acquirer.Capabilities{
		Name:            "allinpay",
		OrderLenMax:     orderLenMax,
		CodeLenMax:      c.codeLenMax(),
		TakesCPMPayload: c.cfg.TakesCPMPayload,
		AnswerTimeout:   c.cfg.ConnectTimeout + c.cfg.AnswerTimeout,
		FirstQuery:      firstQuery,
		QueryEvery:      queryEvery,
		PayWindow:       payWindow,
		MessageLife:     messageLife,
		VoidsSameDay:    true,
	}
	if c.cfg.PresentPayType != "" {
		can.PresentWindow = c.cfg.PresentWindow
		can.PresentHosts = slices.Clone(c.cfg.PresentHosts)
	}
	return can
}

// Close lets go of idle connections. The client stays usable.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func (c *Client) codeLenMax() int {
	if c.cfg.TakesCPMPayload {
		return payloadLenMax
	}
	return codeLenMax
}

func newTransport(cfg Config) *http.Transport {
	return &http.Transport{
		DialContext:         boundDial(cfg),
		TLSHandshakeTimeout: cfg.ConnectTimeout,
		TLSClientConfig: &tls.Config{
			RootCAs:            cfg.RootCAs,
			MinVersion:         tls.VersionTLS12,
			Time:               cfg.CertificateTime,
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

// boundDial gives up a connection that does not come. The transport dials on without
// the request that wanted it, and on a dead line it would do so for minutes. The
// request gives up first: it then still sees at which stage.
func boundDial(cfg Config) func(ctx context.Context, network, addr string) (net.Conn, error) {
	dial := cfg.DialContext
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, 2*cfg.ConnectTimeout)
		defer cancel()
		return dial(ctx, network, addr)
	}
}
