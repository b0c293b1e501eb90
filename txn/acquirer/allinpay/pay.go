package allinpay

import (
	"context"
	"regexp"
	"strconv"

	"saoma/terminal/txn"
)

// The paths of the interface.
const (
	pathPay     = "/unitorder/scanqrpay"
	pathPresent = "/unitorder/pay"
	pathQuery   = "/tranx/query"
	pathClose   = "/tranx/close"
	pathCancel  = "/tranx/cancel"
	pathRefund  = "/tranx/refund"
)

// Pay asks for money by a payer code; see acquirer.Acquirer.
func (c *Client) Pay(ctx context.Context, e txn.Authorize) txn.Result {
	code := e.Code.Reveal()
	switch {
	case !numberForm.MatchString(string(e.Order)):
		return refuse("the order number is not 1 to 31 letters or digits")
	case e.Amount < 1 || e.Amount > txn.AmountMax:
		return refuse("the amount is out of range")
	case code == "" || len(code) > c.codeLenMax():
		return refuse("the payer code is empty or too long")
	}
	about, err := c.cfg.Terminal.describe(code, e.Factor)
	if err != nil {
		return refuse("terminal information: no cipher text")
	}
	rep := c.call(ctx, pathPay, params{
		"reqsn": string(e.Order), "trxamt": fen(e.Amount), "authcode": code, "terminfo": about,
	})
	rep.hide(code)
	return c.result(askPay, wanted{order: e.Order, amount: e.Amount}, rep)
}

// Query asks what became of an order; see acquirer.Acquirer.
func (c *Client) Query(ctx context.Context, e txn.Query) txn.Result {
	return c.query(ctx, wanted{order: e.Order}, e.AcquirerRef)
}

// Echo asks about an order that no sale can have: their numbers are digits. Whatever
// a verified answer says of it, the whole way works; see acquirer.Acquirer.
func (c *Client) Echo(ctx context.Context) txn.Result {
	order := "ECHO" + c.cfg.Terminal.TermNo
	rep := c.call(ctx, pathQuery, params{"reqsn": order})
	res := c.result(askNothing, wanted{order: txn.Order(order)}, rep)
	if res.Authentic {
		return txn.Result{Authentic: true, Code: res.Code, Text: res.Text}
	}
	return res
}

// query asks by the acquirer's own number if it is known, as Allinpay prefers.
func (c *Client) query(ctx context.Context, want wanted, ref string) txn.Result {
	p := params{"reqsn": string(want.order)}
	if ref != "" {
		p = params{"trxid": ref}
	}
	return c.result(askQuery, want, c.call(ctx, pathQuery, p))
}

var numberForm = regexp.MustCompile(`^[0-9A-Za-z]{1,31}$`)

func refuse(why string) txn.Result {
	return txn.Result{Outcome: txn.OutcomeNotSent, Text: why}
}

func fen(a txn.Amount) string { return strconv.FormatInt(int64(a), 10) }

// Settle is not spoken: Allinpay settles by its own books, and its bill is the proof.
func (c *Client) Settle(context.Context, txn.Settle) txn.Result {
	return refuse("this acquirer settles nothing with the terminal")
}

// Upload is not spoken; see Settle.
func (c *Client) Upload(context.Context, txn.Upload) txn.Result {
	return refuse("this acquirer takes no batches")
}
