package allinpay

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"saoma/terminal/txn"
)

const textLenMax = 200 // characters of the acquirer's words that are kept

// fintimeLayout is the time of a payment, Beijing time.
const fintimeLayout = "20060102150405"

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
		return txn.Result{Layer: rep.layer, Alarm: rep.alarm, RetryAfter: rep.retryAfter}
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
	switch {
	case res.Outcome != txn.OutcomeApproved || res.Amount != 0:
	case q == askUndo: // its page has no amount: a query has to tell it
		res.Outcome = txn.OutcomeUnknown
	default:
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
