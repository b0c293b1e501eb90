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

// ErrNoSlip means that there is no such slip of such a sale: paper that looks like
// a receipt exists only of money that has moved.
var ErrNoSlip = errors.New("this sale has no such slip")

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

// Layout lays out one copy of a slip. It takes everything from the sale, so it
// can't say what is not durable. The error is ErrNoSlip.
func Layout(shop Shop, slip txn.Print) (printer.Page, error) {
	switch slip.Form {
	case txn.SettlementForm:
		return settlement(shop, slip)
	case txn.ShiftForm:
		return shift(shop, slip)
	case txn.TotalsForm:
		return totals(shop, slip)
	}
	sale := slip.Sale
	about, err := facts(slip)
	if err != nil {
		return printer.Page{}, fmt.Errorf("order %s is %s, %s slip: %w", sale.Order, sale.Phase,
			slip.Form, err)
	}
	l := layout{lang: shop.Language}
	l.head(shop, about, slip)
	l.shop(shop, about.operator, about.by)
	if slip.Form == txn.HandForm {
		l.trouble(about, sale)
	} else {
		l.payment(shop, about, sale)
	}
	l.money(about)
	l.foot(shop, about, slip)
	return printer.Page{ID: about.id + "-" + string(slip.Copy), Blocks: l.blocks}, nil
}

// about is what differs from form to form.
type about struct {
	id     string
	title  word
	kind   word
	order  txn.Order
	of     txn.Order // the sale, of a refund
	trace  uint32
	batch  uint32
	amount txn.Amount
	answer txn.Result
	at     time.Time
	code   string // masked; only where money has moved
	phase  txn.Phase
	reason txn.Reason
	since  time.Time // on the list for a person
	note   word      // stands out, above and below

	operator string // who did it; none: the one of the config
	by       string // the supervisor who allowed it
}

// facts takes what a slip says from its sale, if there is such a slip.
func facts(slip txn.Print) (about, error) {
	sale := slip.Sale
	a := about{id: string(sale.Order), title: wordTitle, kind: wordSale, order: sale.Order,
		trace: sale.Trace, batch: sale.Batch, amount: sale.Amount, answer: sale.Answer,
		at: paidAt(sale.Answer, sale.ChangedAt), phase: sale.Phase, reason: sale.Reason,
		since: sale.Hand.Since, operator: sale.Operator, by: sale.OverrideBy}
	moved := false
	switch slip.Form {
	case txn.SaleForm:
		moved = sale.Phase == txn.Approved || sale.Phase == txn.Voiding
		a.code = sale.Masked
	case txn.VoidForm:
		moved = sale.Phase == txn.Voided
		a.id, a.kind, a.trace, a.at = a.id+"-void", wordVoid, sale.VoidTrace, sale.VoidedAt
		a.code, a.operator, a.by = sale.Masked, sale.VoidOperator, sale.VoidBy
	case txn.OfflineForm:
		moved = sale.Offline
		a.id, a.kind, a.note, a.at = a.id+"-offline", wordOffline, wordNotYet, sale.ScannedAt
	case txn.RefundForm:
		return refundFacts(a, slip, txn.Refunded)
	case txn.HandForm:
		a.id, a.title, a.note = a.id+"-hand", wordHand, wordNoReceipt
		if slip.Refund != "" {
			return refundFacts(a, slip, "")
		}
		moved = !a.since.IsZero()
	}
	if !moved {
		return about{}, ErrNoSlip
	}
	return a, nil
}

// refundFacts is about one refund of the sale, which must be in a phase, or in any.
func refundFacts(a about, slip txn.Print, phase txn.Phase) (about, error) {
	for _, m := range slip.Sale.Refunds {
		if m.Order != slip.Refund || phase != "" && m.Phase != phase {
			continue
		}
		a.id = strings.Replace(a.id, string(a.order), string(m.Order), 1)
		a.kind, a.order, a.of, a.trace = wordRefund, m.Order, slip.Sale.Order, m.Trace
		a.batch, a.amount, a.answer, a.at = m.Batch, m.Amount, m.Answer, paidAt(m.Answer, m.ChangedAt)
		a.phase, a.reason, a.since = m.Phase, m.Reason, m.Hand.Since
		if a.by = m.By; m.Operator != "" { // an automatic one keeps the sale's
			a.operator = m.Operator
		}
		if slip.Form == txn.RefundForm {
			a.code = slip.Sale.Masked
		}
		return a, nil
	}
	return about{}, ErrNoSlip
}

func paidAt(answer txn.Result, other time.Time) time.Time {
	if answer.PaidAt.IsZero() {
		return other
	}
	return answer.PaidAt
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

func (l *layout) head(shop Shop, a about, slip txn.Print) {
	name := clean(shop.Name)
	if l.lang == English && shop.NameEn != "" {
		name = clean(shop.NameEn)
	}
	l.centre(name, false)
	l.centre(l.say(a.title), false)
	whose := wordMerchant
	if slip.Copy == txn.CustomerCopy {
		whose = wordCustomer
	}
	l.centre(l.say(whose), false)
	l.marks(a, slip)
	l.add(printer.Rule{})
}

// marks stand at the top and at the foot: whoever tears the slip sees one of them.
func (l *layout) marks(a about, slip txn.Print) {
	if a.note.zh != "" {
		l.centre("*** "+l.say(a.note)+" ***", false)
	}
	if slip.Duplicate {
		l.centre("*** "+l.say(wordDuplicate)+" ***", false)
	}
}

// shop says where and by whom. Where nobody signs on, the config names the operator.
func (l *layout) shop(shop Shop, operator, by string) {
	if operator == "" {
		operator = shop.Operator
	}
	l.pair(wordName, shop.Name)
	if l.lang != Chinese && shop.NameEn != "" {
		l.add(printer.Text{Text: clean(shop.NameEn), Align: printer.Right})
	}
	l.pair(wordMID, shop.MerchantID)
	l.pair(wordTID, shop.TerminalID)
	l.pair(wordOperator, operator)
	if by != operator {
		l.pair(wordSupervisor, by)
	}
	l.add(printer.Rule{})
}

func (l *layout) payment(shop Shop, a about, sale txn.Sale) {
	l.pair(wordType, l.say(a.kind))
	l.pair(wordAcquirer, shop.Acquirer)
	l.pair(wordWallet, l.named(walletNames, sale.Answer.Wallet, sale.Looks))
	l.pair(wordClearing, l.named(clearingNames, sale.Answer.Clearing, ""))
	l.pair(wordCode, a.code)
	l.numbers(a)
	l.pair(wordRef, a.answer.AcquirerRef)
	l.pair(wordChannel, a.answer.ChannelRef)
	l.orders(a, sale)
	l.pair(wordTime, stamp(a.at))
	l.add(printer.Rule{})
}

// trouble says what a person has to find out.
func (l *layout) trouble(a about, sale txn.Sale) {
	l.pair(wordType, l.say(a.kind))
	l.pair(wordState, string(a.phase))
	l.pair(wordReason, string(a.reason))
	l.pair(wordSaid, strings.TrimSpace(a.answer.Code+" "+a.answer.Text))
	l.numbers(a)
	l.pair(wordRef, a.answer.AcquirerRef)
	l.orders(a, sale)
	l.pair(wordTime, stamp(sale.OpenedAt))
	l.pair(wordSince, stamp(a.since))
	l.add(printer.Text{Text: l.say(wordLookUp)}, printer.Rule{})
}

func (l *layout) numbers(a about) {
	l.pair(wordBatch, fmt.Sprintf("%06d", a.batch))
	l.pair(wordTrace, fmt.Sprintf("%06d", a.trace))
}

func (l *layout) orders(a about, sale txn.Sale) {
	l.pair(wordOrder, string(a.order))
	l.pair(wordOriginal, string(a.of))
	if a.trace != sale.Trace {
		l.pair(wordOrigTrace, fmt.Sprintf("%06d", sale.Trace))
	}
}

// stamp is a time as slips show it: Beijing, to the second.
func stamp(at time.Time) string { return at.In(txn.Beijing()).Format("2006/01/02 15:04:05") }

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

func (l *layout) money(a about) {
	l.add(printer.Pair{Label: l.say(wordAmount), Value: "RMB " + a.amount.String(), Double: true})
	l.add(printer.Rule{})
}

func (l *layout) foot(shop Shop, a about, slip txn.Print) {
	if slip.Sale.Override != "" {
		l.add(printer.Text{Text: l.say(wordRemarks) + ": " + l.say(wordOverride)})
	}
	if shop.OrderAsBars {
		l.add(printer.Bars{Text: string(a.order)})
	} else {
		l.add(printer.QR{Text: string(a.order)})
	}
	l.centre(string(a.order), false)
	l.marks(a, slip)
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
