// Package receipt lays out slips: what the paper says about a sale. It knows the
// fields and their words in two languages, and what must be masked. It does not
// know dots or devices, and it decides nothing.
//
// The fields follow the public extracts of China's rules for POS slips; no
// acquirer has approved the layout (printing of slips, section 8).
package receipt

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"saoma/terminal/printer"
	"saoma/terminal/txn"
)

// ErrNotApproved means that there is no slip of such a sale: paper that looks
// like a receipt must not exist.
var ErrNotApproved = errors.New("only an approved sale has a slip")

// Language says in which words a slip speaks.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
	Both    Language = "both"
)

// nameMax is the longest name on a slip, in characters.
const nameMax = 40

// Shop is what does not change from slip to slip.
type Shop struct {
	Name, NameEn string
	MerchantID   string // 15 digits
	TerminalID   string // 8 digits
	Operator     string
	Acquirer     string
	Language     Language
	OrderAsBars  bool // the order number as Code 128 instead of QR
}

// word is a field's name in both languages.
type word struct{ zh, en string }

var (
	wordTitle     = word{"签购单", "SALES SLIP"}
	wordMerchant  = word{"商户存根", "MERCHANT COPY"}
	wordCustomer  = word{"顾客存根", "CUSTOMER COPY"}
	wordDuplicate = word{"重打印凭证", "DUPLICATE"}
	wordName      = word{"商户名称", "MERCHANT"}
	wordMID       = word{"商户编号", "MID"}
	wordTID       = word{"终端编号", "TID"}
	wordOperator  = word{"操作员号", "OPERATOR"}
	wordAcquirer  = word{"收单机构", "ACQUIRER"}
	wordWallet    = word{"支付方式", "WALLET"}
	wordClearing  = word{"清算机构", "CLEARING"}
	wordCode      = word{"支付码号", "CODE"}
	wordType      = word{"交易类型", "TYPE"}
	wordSale      = word{"消费", "SALE"}
	wordBatch     = word{"批次号", "BATCH"}
	wordTrace     = word{"凭证号", "TRACE"}
	wordRef       = word{"参考号", "REF"}
	wordChannel   = word{"渠道单号", "CHANNEL"}
	wordOrder     = word{"订单号", "ORDER"}
	wordTime      = word{"日期时间", "DATE/TIME"}
	wordAmount    = word{"金额", "AMOUNT"}
	wordRemarks   = word{"备注", "REMARKS"}
	wordOverride  = word{"另一订单未决时由人工确认收款", "SOLD WHILE ANOTHER ORDER WAS IN DOUBT"}
)

var walletNames = map[string]word{
	"wechat": {"微信支付", "WeChat Pay"}, "alipay": {"支付宝", "Alipay"},
	"unionpay": {"云闪付", "UnionPay"}, "ecny": {"数字人民币", "e-CNY"}, "qq": {"QQ钱包", "QQ Wallet"},
}

var clearingNames = map[string]word{
	"nucc": {"网联", "NetsUnion"}, "cup": {"银联", "UnionPay"}, "pboc": {"人民银行", "PBOC"},
}

// Layout lays out one copy of an approved sale's slip. It takes everything from
// the sale, so it can't say what is not durable.
func Layout(shop Shop, sale txn.Sale, copy txn.Copy, duplicate bool) (printer.Page, error) {
	if sale.Phase != txn.Approved {
		return printer.Page{}, fmt.Errorf("order %s is %s: %w", sale.Order, sale.Phase, ErrNotApproved)
	}
	l := layout{lang: shop.Language}
	l.head(shop, copy, duplicate)
	l.shop(shop)
	l.payment(shop, sale)
	l.money(sale)
	l.foot(shop, sale, duplicate)
	return printer.Page{ID: string(sale.Order) + "-" + string(copy), Blocks: l.blocks}, nil
}

type layout struct {
	lang   Language
	blocks []printer.Block
}

func (l *layout) add(b ...printer.Block) { l.blocks = append(l.blocks, b...) }

// say gives a word in the slip's language.
func (l *layout) say(w word) string {
	switch l.lang {
	case Chinese:
		return w.zh
	case English:
		return w.en
	}
	return w.zh + " " + w.en
}

// pair adds a field, unless it is empty.
func (l *layout) pair(w word, value string) {
	if value = clean(value); value != "" {
		l.add(printer.Pair{Label: l.say(w), Value: value})
	}
}

func (l *layout) centre(text string, double bool) {
	l.add(printer.Text{Text: text, Align: printer.Centre, Double: double})
}

func (l *layout) head(shop Shop, copy txn.Copy, duplicate bool) {
	name := clean(shop.Name)
	if l.lang == English && shop.NameEn != "" {
		name = clean(shop.NameEn)
	}
	l.centre(name, false)
	l.centre(l.say(wordTitle), false)
	whose := wordMerchant
	if copy == txn.CustomerCopy {
		whose = wordCustomer
	}
	l.centre(l.say(whose), false)
	if duplicate {
		l.centre("*** "+l.say(wordDuplicate)+" ***", false)
	}
	l.add(printer.Rule{})
}

func (l *layout) shop(shop Shop) {
	l.pair(wordName, shop.Name)
	if l.lang != Chinese && shop.NameEn != "" {
		l.add(printer.Text{Text: clean(shop.NameEn), Align: printer.Right})
	}
	l.pair(wordMID, shop.MerchantID)
	l.pair(wordTID, shop.TerminalID)
	l.pair(wordOperator, shop.Operator)
	l.add(printer.Rule{})
}

func (l *layout) payment(shop Shop, sale txn.Sale) {
	l.pair(wordType, l.say(wordSale))
	l.pair(wordAcquirer, shop.Acquirer)
	l.pair(wordWallet, l.named(walletNames, sale.Answer.Wallet, sale.Looks))
	l.pair(wordClearing, l.named(clearingNames, sale.Answer.Clearing, ""))
	l.pair(wordCode, sale.Masked)
	l.pair(wordBatch, fmt.Sprintf("%06d", sale.Batch))
	l.pair(wordTrace, fmt.Sprintf("%06d", sale.Trace))
	l.pair(wordRef, sale.Answer.AcquirerRef)
	l.pair(wordChannel, sale.Answer.ChannelRef)
	l.pair(wordOrder, string(sale.Order))
	l.pair(wordTime, paidAt(sale).In(txn.Beijing()).Format("2006/01/02 15:04:05"))
	l.add(printer.Rule{})
}

// named gives a name that people know; what is not in the table stands as it is.
func (l *layout) named(names map[string]word, id, other string) string {
	if id == "" {
		id = other
	}
	if w, ok := names[id]; ok {
		return l.say(w)
	}
	return id
}

func paidAt(sale txn.Sale) time.Time {
	if sale.Answer.PaidAt.IsZero() {
		return sale.ChangedAt
	}
	return sale.Answer.PaidAt
}

func (l *layout) money(sale txn.Sale) {
	l.add(printer.Pair{Label: l.say(wordAmount), Value: "RMB " + sale.Amount.String(), Double: true})
	l.add(printer.Rule{})
}

func (l *layout) foot(shop Shop, sale txn.Sale, duplicate bool) {
	if sale.Override != "" {
		l.add(printer.Text{Text: l.say(wordRemarks) + ": " + l.say(wordOverride)})
	}
	if shop.OrderAsBars {
		l.add(printer.Bars{Text: string(sale.Order)})
	} else {
		l.add(printer.QR{Text: string(sale.Order)})
	}
	l.centre(string(sale.Order), false)
	if duplicate {
		l.centre("*** "+l.say(wordDuplicate)+" ***", false)
	}
	l.add(printer.Feed{Rows: 60})
}

// clean makes a name from outside harmless: no control or direction characters,
// and not longer than a slip can bear.
func clean(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if runes := []rune(strings.TrimSpace(name)); len(runes) > nameMax {
		return string(runes[:nameMax-1]) + "…"
	}
	return strings.TrimSpace(name)
}
