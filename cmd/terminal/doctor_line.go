package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"saoma/terminal/txn/acquirer/allinpay"
)

// The limits of the way to the acquirer.
const (
	layerMax  = 2 * time.Second // each layer but the last
	echoMax   = 4 * time.Second
	skewMax   = time.Minute // signed requests of a clock that is further off are refused
	expirySay = 21 * 24 * time.Hour
)

// layers of the way to the acquirer, from below. Each needs those before it.
var layers = []string{"dns", "line", "tls", "certificate", "time", "echo"}

// wayUp is what the layers below have found.
type wayUp struct {
	d      *doctor
	config allinpay.Config
	host   string
	port   string
	addr   string // of the host
	conn   *tls.Conn
}

// acquirer climbs the way to the acquirer until a layer does not carry.
func (d *doctor) acquirer(ctx context.Context) []finding {
	w := &wayUp{d: d, config: d.host}
	defer w.close()
	u, err := url.Parse(d.host.BaseURL)
	if err != nil {
		return []finding{{Check: "line", State: trouble, Text: err.Error()}}
	}
	w.host, w.port = u.Hostname(), cmp.Or(u.Port(), "443")
	steps := []func(context.Context) finding{w.dns, w.line, w.tls, w.certificate, w.time, w.echo}
	var all []finding
	broken := ""
	for i, step := range steps {
		f := finding{State: skipped, Text: "not looked at: " + broken}
		if broken == "" {
			f = one(step)(ctx)[0]
		}
		f.Check = layers[i]
		// A wrong certificate or clock does not keep the layers above from being looked at.
		if f.State == trouble && f.Check != "certificate" && f.Check != "time" {
			broken = "the layer " + f.Check + " does not carry"
		}
		all = append(all, f)
	}
	return all
}

func (w *wayUp) close() {
	if w.conn != nil {
		_ = w.conn.Close()
	}
}

func (w *wayUp) dns(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, layerMax)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupHost(ctx, w.host)
	if err != nil {
		return finding{State: trouble, Text: err.Error(),
			Cure: "look at the cable, and at the name servers in /etc/resolv.conf"}
	}
	w.addr = net.JoinHostPort(addrs[0], w.port)
	return finding{State: healthy, Text: fmt.Sprintf("%s is %s", w.host, addrs[0])}
}

func (w *wayUp) line(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, layerMax)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", w.addr)
	if err != nil {
		return finding{State: trouble, Text: err.Error(),
			Cure: "look at the cable and the router; ask whether a firewall lets the terminal out to this address"}
	}
	w.conn = tls.Client(conn, &tls.Config{ServerName: w.host, RootCAs: w.config.RootCAs,
		MinVersion: tls.VersionTLS12, Time: w.d.now})
	return finding{State: healthy, Text: "connected to " + w.addr}
}

func (w *wayUp) tls(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, layerMax)
	defer cancel()
	err := w.conn.HandshakeContext(ctx)
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return finding{State: trouble, Text: err.Error(),
			Cure: fmt.Sprintf("if this terminal's clock (%s) is wrong, set it; else the acquirer's certificate has ended: call the acquirer",
				w.d.now().Format(time.RFC3339))}
	case err != nil:
		return finding{State: trouble, Text: err.Error(),
			Cure: "the host is not who it should be, or something on the way answers in its place: " +
				"look at ca_file and at proxies"}
	}
	return finding{State: healthy, Text: fmt.Sprintf("%s, %s", tls.VersionName(w.conn.ConnectionState().Version),
		tls.CipherSuiteName(w.conn.ConnectionState().CipherSuite))}
}

// certificate counts the days that the acquirer's chain has left.
func (w *wayUp) certificate(context.Context) finding {
	var first *x509.Certificate // to end
	for _, c := range w.conn.ConnectionState().VerifiedChains[0] {
		if first == nil || c.NotAfter.Before(first.NotAfter) {
			first = c
		}
	}
	left := first.NotAfter.Sub(w.d.now())
	f := finding{State: healthy, Text: fmt.Sprintf("%d days left, until %s (%s)", int(left.Hours()/24),
		first.NotAfter.Format(time.DateOnly), first.Subject.CommonName)}
	if left < expirySay {
		f.State, f.Cure = trouble, "tell the acquirer, or renew ca_file, before that day"
	}
	return f
}

// time compares the clock with what the host says of itself.
func (w *wayUp) time(ctx context.Context) finding {
	deadline := time.Now().Add(layerMax)
	if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
		deadline = end
	}
	_ = w.conn.SetDeadline(deadline)
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, "https://"+net.JoinHostPort(w.host, w.port)+"/", nil)
	if err == nil {
		err = req.Write(w.conn)
	}
	if err != nil {
		return finding{State: trouble, Text: err.Error()}
	}
	resp, err := http.ReadResponse(bufio.NewReader(w.conn), req)
	if err != nil {
		return finding{State: skipped, Text: "the host does not tell its time: " + err.Error()}
	}
	_ = resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return finding{State: skipped, Text: "the host does not tell its time"}
	}
	off := w.d.now().Sub(theirs).Round(time.Second)
	if off.Abs() > skewMax {
		return finding{State: trouble, Text: fmt.Sprintf("this clock is %s off the acquirer's", off),
			Cure: "set the clock, or look why its time server is not heard"}
	}
	return finding{State: healthy, Text: fmt.Sprintf("within %s of the acquirer's", max(off.Abs(), time.Second))}
}

// echo asks the acquirer something that moves nothing.
func (w *wayUp) echo(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, echoMax)
	defer cancel()
	client, err := allinpay.New(w.config)
	if err != nil {
		return finding{State: trouble, Text: err.Error()}
	}
	defer client.Close()
	said := client.Echo(ctx)
	switch {
	case said.Authentic:
		return finding{State: healthy, Text: "the acquirer has answered, and its signature is right"}
	case said.Alarm != "":
		return finding{State: trouble, Text: said.Alarm, Cure: "look at acquirer_public_key_file and sign"}
	}
	return finding{State: trouble, Text: fmt.Sprintf("no answer that counts, at layer %q %s %s", said.Layer,
		said.Code, said.Text), Cure: "look at cusid, appid, the keys and sign; else call the acquirer"}
}
