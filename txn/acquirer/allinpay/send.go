package allinpay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"saoma/terminal/txn"
)

// answerMax is the largest body of an answer, bytes. Real ones have about 1 KiB.
const answerMax = 64 << 10

// reply is what came of one request.
type reply struct {
	fields    params    // of the answer, nil when there is none
	authentic bool      // the signature was verified over all of fields
	notSent   bool      // no byte of the request has left
	layer     txn.Layer // where it ended without a usable answer
	alarm     string    // why fields are not believed
	text      string    // why nothing was sent
}

// call sends one request and reads its answer, within the answer timeout. It
// never repeats.
func (c *Client) call(ctx context.Context, path string, p params) reply {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.AnswerTimeout)
	defer cancel()
	body, err := c.encode(p)
	if err != nil {
		return reply{notSent: true, text: err.Error()}
	}
	defer body.wipe()
	left := new(departure)
	resp, err := c.post(left.watch(ctx), path, body)
	if err != nil {
		return reply{notSent: !left.begun.Load(), layer: left.layer(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK { // a redirect, too
		return reply{layer: txn.LayerBank}
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerMax+1))
	switch {
	case err != nil:
		return reply{layer: left.layer(err)}
	case len(text) > answerMax:
		return reply{layer: txn.LayerBank}
	}
	return c.read(text)
}

func (c *Client) post(ctx context.Context, path string, body *form) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.BaseURL+path, nil)
	if err != nil {
		return nil, err
	}
	req.Body, req.ContentLength = body.reader(), int64(body.size)
	// With GetBody the transport may take a fresh connection when it finds that
	// an idle one was closed before a byte was written. Once a byte is written it
	// does not repeat a POST, unless the header has an idempotency key: so none.
	req.GetBody = func() (io.ReadCloser, error) { return body.reader(), nil }
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("Accept", "application/json")
	// RoundTrip and not a http.Client: it follows no redirect, keeps no cookie
	// and puts no address into an error.
	return c.transport.RoundTrip(req)
}

// departure knows whether bytes of a request may have left.
type departure struct {
	begun    atomic.Bool
	rejected atomic.Bool // the handshake ended without trust
	answered atomic.Bool
}

func (d *departure) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// The transport asks for a connection a second time only if nothing was
		// written on the first, a stale idle one: then nothing has left so far.
		GetConn: func(string) { d.begun.Store(false) },
		// Called after the handshake and before the first byte. From here on
		// nobody can vouch for anything.
		GotConn: func(httptrace.GotConnInfo) { d.begun.Store(true) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			d.rejected.Store(err != nil)
		},
		GotFirstResponseByte: func() { d.answered.Store(true) },
	})
}

// layer names where the way ended.
func (d *departure) layer(err error) txn.Layer {
	var (
		dns     *net.DNSError
		invalid x509.CertificateInvalidError
		timed   net.Error
		op      *net.OpError
	)
	switch {
	case errors.As(err, &dns):
		return txn.LayerDNS
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return txn.LayerTime // not yet valid has the same reason
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return txn.LayerTLS // an alert, in the words of crypto/tls
	case errors.As(err, &timed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, context.Canceled):
		return txn.LayerLine
	case d.rejected.Load():
		return txn.LayerTLS
	case d.answered.Load():
		return txn.LayerBank // bytes came, but they are not HTTP
	}
	return txn.LayerLine
}
