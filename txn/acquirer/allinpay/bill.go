package allinpay

import (
	"bytes"
	"context"
	"io"
	"iter"
	"net/http"
	"net/url"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

// The figures of bills.
const (
	billMax      = 64 << 20         // bytes of a file
	billFetchMax = 10 * time.Minute // of a fetch, with what the caller does meanwhile
	billFileType = "1"              // the only published one
	billDay      = "20060102"
)

const alarmBill = "the bill's address points to where none should"

// Bill asks where a day's bill is and fetches it at once: its address lives for two
// minutes. The bill of a day is there from 06:00 of the next; until then the acquirer
// refuses. See acquirer.Acquirer.
//
// The answer with the address is signed. The file is not: that it is the acquirer's
// rests on the address and on TLS, and its rows are fit for comparing books, not for
// moving money.
func (c *Client) Bill(ctx context.Context, day time.Time) iter.Seq2[acquirer.BillRow, error] {
	return func(yield func(acquirer.BillRow, error) bool) {
		address, trouble := c.billAddress(ctx, day)
		if trouble == nil {
			trouble = c.fetchBill(ctx, address, yield)
		}
		if trouble != nil {
			yield(acquirer.BillRow{}, trouble)
		}
	}
}

// billAddress asks for the address of a day's bill. The page of this request lists no
// version, and neither a number nor a day in the answer.
func (c *Client) billAddress(ctx context.Context, day time.Time) (string, error) {
	rep := c.ask(ctx, c.cfg.BillURL, params{
		"date": day.In(txn.Beijing()).Format(billDay), "filetype": billFileType,
	})
	res := c.result(askNothing, wanted{}, rep)
	if !res.Authentic || rep.fields["retcode"] != retSuccess {
		return "", &acquirer.BillError{Result: res}
	}
	if !c.mayFetch(rep.fields["url"]) {
		return "", &acquirer.BillError{
			Result: txn.Result{Layer: txn.LayerSignature, Alarm: alarmBill}}
	}
	return rep.fields["url"], nil
}

// mayFetch holds an address to https, to the listed hosts and to our own port.
func (c *Client) mayFetch(address string) bool {
	home, errHome := url.Parse(c.cfg.BillURL)
	u, err := url.Parse(address)
	return err == nil && errHome == nil && u.Scheme == "https" && u.User == nil &&
		isListed(u.Hostname(), append([]string{home.Hostname()}, c.cfg.BillHosts...)) &&
		(u.Port() == "" || u.Port() == home.Port())
}

// fetchBill reads a bill as it comes and hands its rows on. It gives nil when the
// bill has ended, or when nobody wants more of it.
func (c *Client) fetchBill(
	ctx context.Context, address string, yield func(acquirer.BillRow, error) bool,
) error {
	ctx, way := c.setOut(ctx)
	defer way.end()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return billTrouble("the address is not one") // the error would show it
	}
	// The transport repeats a GET by itself, but none with a body that it can't have
	// again. This one turns out to be empty, and no body is sent.
	req.Body = io.NopCloser(new(bytes.Reader))
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return &acquirer.BillError{Result: c.result(askNothing, wanted{}, way.broken(err))}
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode != http.StatusOK:
		return &acquirer.BillError{Result: c.result(askNothing, wanted{}, c.noAnswer(resp))}
	case resp.ContentLength > billMax:
		return billTrouble("the file is too long")
	case resp.ContentLength < 0 && len(resp.TransferEncoding) == 0:
		// A file that ends where the connection does may have lost its rest.
		return billTrouble("the file does not say how long it is")
	}
	way.answer.Reset(billFetchMax)
	rows := billReader{from: &io.LimitedReader{R: resp.Body, N: billMax + 1}}
	return rows.each(yield)
}

// billTrouble is about a file that came and can't be used.
func billTrouble(why string) error {
	return &acquirer.BillError{Result: txn.Result{Layer: txn.LayerBank, Text: why}}
}
