package allinpay

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

// The paths of the interface.
const (
	pathPay    = "/unitorder/scanqrpay"
	pathQuery  = "/tranx/query"
	pathClose  = "/tranx/close"
	pathCancel = "/tranx/cancel"
	pathRefund = "/tranx/refund"
)

const textLenMax = 200 // characters of the acquirer's words that are kept

// fintimeLayout is the time of a payment, Beijing time.
const fintimeLayout = "20060102150405"

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

// Refund gives back money of an approved order; see acquirer.Acquirer. When the
// acquirer knows the number already, it asks what became of it.
func (c *Client) Refund(ctx context.Context, r acquirer.Refund) txn.Result {
	switch {
	case !numberForm.MatchString(string(r.Number)) || r.Number == r.Order:
		return refuse("the refund number is not 1 to 31 letters or digits of its own")
	case r.Amount < 1 || r.Amount > txn.AmountMax:
		return refuse("the amount is out of range")
	}
	want := wanted{order: r.Number, amount: r.Amount}
	res := c.undo(ctx, pathRefund, want, r.Order, r.AcquirerRef)
	if res.Authentic && res.Code == statusDuplicate {
		res = c.query(ctx, want, "")
	}
	switch res.Outcome {
	case txn.OutcomeApproved: // the refund is what was approved
		res.Outcome = txn.OutcomeReversed
	case txn.OutcomeReversed: // 3050: the sale was cancelled, this refund is not paid
		res.Outcome = txn.OutcomeDeclined
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

// undo sends a cancel or a refund of sale under the number of want.
func (c *Client) undo(
	ctx context.Context, path string, want wanted, sale txn.Order, ref string,
) txn.Result {
	p := params{"reqsn": string(want.order), "trxamt": fen(want.amount)}
	if ref != "" {
		p["oldtrxid"] = ref
	} else {
		p["oldreqsn"] = string(sale)
	}
	return c.result(askUndo, want, c.call(ctx, path, p))
}

// wanted is what an answer must speak of.
type wanted struct {
	order  txn.Order
	amount txn.Amount // 0: any
}

// result turns a reply into what it means.
func (c *Client) result(q question, want wanted, rep reply) txn.Result {
	if rep.notSent {
		return txn.Result{Outcome: txn.OutcomeNotSent, Layer: rep.layer, Text: rep.text}
	}
	if rep.fields == nil || rep.alarm != "" {
		return txn.Result{Layer: rep.layer, Alarm: rep.alarm}
	}
	res := c.describe(rep.fields)
	if !rep.authentic { // the gateway's unsigned no: its words, and nothing else
		return txn.Result{Layer: rep.layer, Code: res.Code, Text: res.Text}
	}
	if alarm := c.contradiction(want, rep.fields, res); alarm != "" {
		return txn.Result{Layer: txn.LayerSignature, Alarm: alarm}
	}
	if res.Order == "" { // signed, but of no order: it could be an answer to another
		return txn.Result{Authentic: true, Code: res.Code, Text: res.Text}
	}
	res.Authentic = true
	res.Outcome = outcomeOf(q, rep.fields["retcode"], rep.fields["trxstatus"])
	if res.Outcome == txn.OutcomeApproved && res.Amount == 0 {
		return txn.Result{Layer: txn.LayerSignature, Alarm: alarmAmount}
	}
	return res
}

// contradiction says what a verified answer has that can't be an answer to us.
func (c *Client) contradiction(want wanted, fields params, res txn.Result) string {
	switch {
	case fields["cusid"] != c.cfg.CusID || fields["appid"] != c.cfg.AppID:
		return alarmMerchant
	case res.Order != "" && res.Order != want.order:
		return alarmOrder
	case want.amount != 0 && res.Amount != 0 && res.Amount != want.amount:
		return alarmAmount
	}
	return ""
}

// describe carries over what is printed and reconciled.
func (c *Client) describe(fields params) txn.Result {
	res := txn.Result{
		Order:       txn.Order(fields["reqsn"]),
		Amount:      amountOf(fields),
		AcquirerRef: plain(fields["trxid"]),
		ChannelRef:  plain(fields["chnltrxid"]),
		Wallet:      c.walletOf(fields),
		Clearing:    clearingOf(fields["paytype"]),
		Account:     accountOf(fields["accttype"]),
		Code:        plain(fields["trxstatus"]),
		Text:        plain(fields["errmsg"]),
	}
	if at, err := time.ParseInLocation(fintimeLayout, fields["fintime"], txn.Beijing()); err == nil {
		res.PaidAt = at
	}
	if res.Code == "" {
		res.Code = plain(fields["retcode"])
	}
	if res.Text == "" {
		res.Text = plain(fields["retmsg"])
	}
	return res
}

// hide takes a payer code out of an answer that repeats it.
func (r *reply) hide(code string) {
	for key, value := range r.fields {
		if strings.Contains(value, code) {
			r.fields[key] = strings.ReplaceAll(value, code, "***")
		}
	}
}

// amountOf is what was asked for: initamt, before the wallet's own discounts, and
// trxamt where that is all there is. 0: none, or not an amount.
func amountOf(fields params) txn.Amount {
	text := fields["initamt"]
	if text == "" {
		text = fields["trxamt"]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > int64(txn.AmountMax) || strconv.FormatInt(n, 10) != text {
		return 0
	}
	return txn.Amount(n)
}

var numberForm = regexp.MustCompile(`^[0-9A-Za-z]{1,31}$`)

func refuse(why string) txn.Result {
	return txn.Result{Outcome: txn.OutcomeNotSent, Text: why}
}

func fen(a txn.Amount) string { return strconv.FormatInt(int64(a), 10) }

// plain keeps a text from outside short and printable.
func plain(text string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text))
	return string(runes[:min(len(runes), textLenMax)])
}
