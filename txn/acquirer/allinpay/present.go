package allinpay

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"saoma/terminal/txn"
)

const alarmCode = "the merchant code points to where none should"

// codeForm is what a merchant code may consist of: what a URL may, and no longer than
// one QR code that a phone reads from a page.
var codeForm = regexp.MustCompile(`^[0-9A-Za-z:/?#\[\]@!$&'()*+,;=._~%-]{1,512}$`)

// Present asks for a code that the payer scans; see acquirer.Acquirer.
//
// The page of this request is only partly public. reqsn, trxamt, paytype and
// validtime (minutes) are as integrators send them; terminfo is taken to be as for a
// payer code, without the factor that only a code can give. body is left out: the
// acquirer then shows the merchant's name. In the answer status 0000 means that the
// order was taken, payinfo is the code, and no amount is repeated: the order's number
// stands for it, and an amount that is there all the same must be ours.
func (c *Client) Present(ctx context.Context, e txn.Present) txn.Result {
	minutes := int(e.Ends.Sub(e.At) / time.Minute) // not longer than the code is shown
	switch {
	case c.cfg.PresentPayType == "":
		return refuse("merchant codes are not set up")
	case !numberForm.MatchString(string(e.Order)):
		return refuse("the order number is not 1 to 31 letters or digits")
	case e.Amount < 1 || e.Amount > txn.AmountMax:
		return refuse("the amount is out of range")
	case minutes < 1 || minutes > int(presentWindowMax/time.Minute):
		return refuse("the code would not be shown for 1 to 60 minutes")
	}
	about, err := c.cfg.Terminal.describe("", "")
	if err != nil {
		return refuse("terminal information can't be written")
	}
	rep := c.call(ctx, pathPresent, params{
		"reqsn": string(e.Order), "trxamt": fen(e.Amount), "terminfo": about,
		"paytype": string(c.cfg.PresentPayType), "validtime": strconv.Itoa(minutes),
	})
	res := c.result(askPresent, wanted{e.Order, e.Amount}, rep)
	if res.Outcome != txn.OutcomePending {
		return res
	}
	switch code := rep.fields["payinfo"]; {
	case code == "": // taken, but there is nothing to show
		return txn.Result{Authentic: true, Code: res.Code, Text: res.Text}
	case !mayPointTo(code, c.cfg.PresentHosts):
		return txn.Result{Layer: txn.LayerSignature, Alarm: alarmCode}
	default:
		res.Present = code
	}
	return res
}

// mayPointTo parses a code and never matches it by its beginning:
// https://qr.alipay.com@evil.example begins well.
func mayPointTo(code string, allowed []string) bool {
	u, err := url.Parse(code)
	if err != nil || !codeForm.MatchString(code) || u.User != nil || u.Port() != "" ||
		u.Host == "" || strings.HasSuffix(u.Host, ":") {
		return false
	}
	if u.Scheme == "https" {
		return isListed(u.Hostname(), allowed)
	}
	for _, entry := range allowed {
		if entry == u.Scheme+"://" {
			return true
		}
	}
	return false
}
