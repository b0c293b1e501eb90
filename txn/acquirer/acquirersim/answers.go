package acquirersim

import (
	"encoding/json"
	"strconv"
)

// answer is what the acquirer says, before a fault gets at it.
type answer struct {
	fields fields
	signed bool
	file   string // of a bill's address: its last part
	text   []byte // a bill, instead of fields
}

// about tells the state of an entry of the ledger.
func (s *Sim) about(o *Order) answer {
	f := fields{
		"reqsn": o.Number, "trxid": o.TrxID,
		"trxamt": strconv.FormatInt(o.Amount, 10), "fee": "0",
		"paytype": o.PayType, "trxcode": trxCode(o),
		"chnlid": o.wallet.chnlID, "cmid": "",
	}
	if o.wallet.chnlID != "" {
		f["cmid"] = "8" + o.wallet.chnlID + "01"
	}
	if o.PayType == "N03" {
		f["chnldata"] = `{"wallet":"` + o.Wallet + `"}`
	}
	if o.Kind == KindSale {
		f["initamt"] = f["trxamt"]
	}
	code, text := statusOf(o)
	if code == statusDone || o.State == Cancelled {
		f["acct"], f["accttype"] = o.wallet.acct, o.wallet.kind
		f["chnltrxid"] = "42" + o.TrxID
		f["fintime"] = o.Finished.In(beijing()).Format("20060102150405")
	}
	return s.status(f, code, text)
}

func statusOf(o *Order) (code, text string) {
	switch o.State {
	case Pending:
		return statusPending, o.waitsFor()
	case Expired:
		return statusUnpaid, "交易未支付，已超时"
	case Paid, Done:
		return statusDone, ""
	case Closed:
		return statusUndone, "交易已关闭"
	case Cancelled:
		return statusUndone, "交易已撤销"
	}
	return statusNo, o.Text
}

// waitsFor says why a pending entry is pending.
func (o *Order) waitsFor() string {
	switch {
	case o.Kind == KindRefund:
		return "退款处理中"
	case o.Present != "":
		return "等待用户扫码支付"
	}
	return "等待用户输入密码"
}

// trxCode is the payment's own, one more for a cancel and two more for a refund.
func trxCode(o *Order) string {
	code := o.wallet.trxCode
	n, err := strconv.Atoi(code[min(3, len(code)):])
	if err != nil {
		return code
	}
	switch o.Kind {
	case KindCancel:
		n++
	case KindRefund:
		n += 2
	}
	return "VSP" + strconv.Itoa(n)
}

// status is a signed answer with a trxstatus; f says what it is about.
func (s *Sim) status(f fields, code, text string) answer {
	out := fields{
		"retcode": "SUCCESS", "retmsg": "", "trxstatus": code, "errmsg": text,
		"cusid": s.opts.Merchant.CusID, "appid": s.opts.Merchant.AppID,
		"randomstr": s.digits(20),
	}
	for _, key := range answerFields() {
		if f[key] != "" {
			out[key] = f[key]
		}
	}
	return answer{fields: out, signed: true}
}

// answerFields may be copied into an answer; a request's other fields may not.
func answerFields() []string {
	return []string{"reqsn", "trxid", "trxamt", "initamt", "fee", "paytype", "trxcode",
		"chnlid", "cmid", "chnldata", "chnltrxid", "acct", "accttype", "fintime", "payinfo"}
}

// no is a signed refusal by the gateway: nothing was handed on.
func (s *Sim) no(p fields, retcode, text string) *answer {
	return &answer{signed: true, fields: fields{
		"retcode": retcode, "retmsg": text, "reqsn": p["reqsn"],
		"cusid": s.opts.Merchant.CusID, "appid": s.opts.Merchant.AppID,
		"randomstr": s.digits(20),
	}}
}

// unsignedNo is what the gateway says to someone it does not know.
func unsignedNo(retcode, text string) *answer {
	return &answer{fields: fields{"retcode": retcode, "retmsg": text}}
}

// encode signs and writes an answer.
func (s *Sim) encode(a answer) []byte {
	if a.text != nil {
		return a.text
	}
	if a.signed {
		a.fields["sign"] = seal(s.opts.Keys.acquirer, acquirerUID, a.fields)
	}
	text, err := json.Marshal(a.fields)
	if err != nil {
		return nil // a map of texts always has a form
	}
	return text
}
