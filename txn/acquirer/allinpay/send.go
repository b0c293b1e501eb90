package allinpay

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"saoma/terminal/txn"
)

// answerMax is the largest body of an answer, bytes. Real ones have about 1 KiB.
const answerMax = 64 << 10

// retryAfterMax is the longest pause that a host can ask us for: anyone on the way
// can say 503.
const retryAfterMax = time.Hour

// reply is what came of one request.
type reply struct {
	fields     params        // of the answer, nil when there is none
	authentic  bool          // the signature was verified over all of fields
	notSent    bool          // no byte of the request has left
	layer      txn.Layer     // where it ended without a usable answer
	alarm      string        // why fields are not believed
	text       string        // why nothing was sent
	retryAfter time.Duration // a hint, not authenticated
}

// call asks one path of the interface.
func (c *Client) call(ctx context.Context, path string, p params) reply {
	p["version"] = protocolVersion
	return c.ask(ctx, c.cfg.BaseURL+path, p)
}

// ask sends one signed form and reads its answer. It never repeats.
func (c *Client) ask(ctx context.Context, address string, p params) reply {
	body, err := c.encode(p)
	if err != nil {
		return reply{notSent: true, text: err.Error()}
	}
	defer body.wipe()
	ctx, way := c.setOut(ctx)
	defer way.end()
	resp, err := c.post(ctx, address, body)
	if err != nil {
		return way.broken(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK { // a redirect, too
		return c.noAnswer(resp)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerMax+1))
	switch {
	case err != nil:
		return way.broken(err)
	case len(text) > answerMax:
		return reply{layer: txn.LayerBank}
	}
	return c.read(text)
}

func (c *Client) post(ctx context.Context, address string, body *form) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
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

// noAnswer is what a host says instead of an answer.
func (c *Client) noAnswer(resp *http.Response) reply {
	after := retryAfter(resp.Header.Get("Retry-After"), c.cfg.Now())
	return reply{layer: txn.LayerBank, retryAfter: after}
}

// retryAfter reads a header of that name: seconds, or a date (RFC 9110, 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	if at, err := http.ParseTime(text); err == nil {
		return max(0, min(at.Sub(now), retryAfterMax))
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if errors.Is(err, strconv.ErrRange) {
		return retryAfterMax
	}
	return min(time.Duration(n)*time.Second, retryAfterMax)
}
