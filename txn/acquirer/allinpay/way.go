package allinpay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"saoma/terminal/txn"
)

// way is one request's way to the host. It knows whether bytes may have left, gives
// a connection ConnectTimeout to stand, and the answer AnswerTimeout from then on.
type way struct {
	connectMax, answerMax time.Duration

	giveUp  context.CancelCauseFunc
	connect *time.Timer
	answer  *time.Timer

	begun     atomic.Bool
	resolving atomic.Bool
	rejected  atomic.Bool // the handshake ended without trust
	answered  atomic.Bool
}

var (
	errNoConnection = errors.New("no connection in time")
	errNoAnswer     = errors.New("no answer in time")
)

// setOut starts the way of one request, which must use the context that it gives.
func (c *Client) setOut(ctx context.Context) (context.Context, *way) {
	w := &way{connectMax: c.cfg.ConnectTimeout, answerMax: c.cfg.AnswerTimeout}
	ctx, w.giveUp = context.WithCancelCause(ctx)
	w.connect = time.AfterFunc(w.connectMax, func() {
		// Should the connection come at this very moment, then begun is set by
		// the time that anyone asks, and the outcome is unknown.
		if !w.begun.Load() {
			w.giveUp(errNoConnection)
		}
	})
	w.answer = time.AfterFunc(w.connectMax+w.answerMax, func() { w.giveUp(errNoAnswer) })
	return httptrace.WithClientTrace(ctx, w.trace()), w
}

// end lets go of everything.
func (w *way) end() {
	w.connect.Stop()
	w.answer.Stop()
	w.giveUp(nil)
}

func (w *way) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		// The transport asks for a connection a second time only if nothing was
		// written on the first, a stale idle one: then nothing has left so far.
		GetConn: func(string) {
			w.begun.Store(false)
			w.connect.Reset(w.connectMax)
			w.answer.Reset(w.connectMax + w.answerMax)
		},
		// Called after the handshake and before the first byte. From here on
		// nobody can vouch for anything.
		GotConn: func(httptrace.GotConnInfo) {
			w.begun.Store(true)
			w.connect.Stop()
			w.answer.Reset(w.answerMax)
		},
		DNSStart: func(httptrace.DNSStartInfo) { w.resolving.Store(true) },
		DNSDone:  func(httptrace.DNSDoneInfo) { w.resolving.Store(false) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			w.rejected.Store(err != nil)
		},
		GotFirstResponseByte: func() { w.answered.Store(true) },
	}
}

// broken is what a request has come to that ended with err.
func (w *way) broken(err error) reply {
	return reply{notSent: !w.begun.Load(), layer: w.layer(err)}
}

// layer names where the way ended.
func (w *way) layer(err error) txn.Layer {
	var (
		dns     *net.DNSError
		invalid x509.CertificateInvalidError
		timed   net.Error
		op      *net.OpError
	)
	switch {
	case errors.As(err, &dns), !w.begun.Load() && w.resolving.Load():
		return txn.LayerDNS
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return txn.LayerTime // not yet valid has the same reason
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return txn.LayerTLS // an alert, in the words of crypto/tls
	case errors.As(err, &timed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, context.Canceled), errors.Is(err, errNoConnection),
		errors.Is(err, errNoAnswer):
		return txn.LayerLine
	case w.rejected.Load():
		return txn.LayerTLS
	case w.answered.Load():
		return txn.LayerBank // bytes came, but they are not HTTP
	}
	return txn.LayerLine
}
