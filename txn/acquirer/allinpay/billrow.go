package allinpay

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

// billHeader is the first line of the only form of bill that is read. Allinpay
// publishes none for this product: the names are those of the interface's fields, the
// bars those of the sister product's file, and the simulator serves it so. A bill
// that has another header is refused as a whole.
const billHeader = "fintime|trxcode|reqsn|oldreqsn|trxid|trxamt|fee"

const billLineMax = 1 << 10 // bytes of a line, its end included

var (
	// The merchant's other systems have numbers of their own making.
	billNumber = regexp.MustCompile(`^[\x21-\x7b\x7d\x7e]{1,32}$`)
	billRef    = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
)

// billReader gives the rows of one file.
type billReader struct {
	from *io.LimitedReader // one byte more than the file may have
	line int
}

// each hands every row on until the end, or until nobody wants more.
func (b *billReader) each(yield func(acquirer.BillRow, error) bool) error {
	lines := bufio.NewReaderSize(b.from, billLineMax)
	for {
		text, long, err := b.next(lines)
		switch {
		case errors.Is(err, io.EOF) && b.line == 0:
			return billTrouble("the file is empty")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		b.line++
		if b.line == 1 {
			if string(bytes.TrimPrefix(text, []byte("\ufeff"))) != billHeader {
				return billTrouble("the first line is not the header that is known")
			}
			continue
		}
		if len(text) > 0 && !yield(b.row(string(text), long)) {
			return nil
		}
	}
}

// next gives one line without its end, or the start of one that is too long. io.EOF
// comes alone: what the file has before it was given before.
func (b *billReader) next(lines *bufio.Reader) (text []byte, long bool, err error) {
	text, err = lines.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		long, text = true, []byte("too long")
		_, err = lines.ReadSlice('\n')
	}
	switch {
	case b.from.N <= 0:
		return nil, false, billTrouble("the file is too long")
	case errors.Is(err, io.EOF) && len(text) == 0:
		return nil, false, io.EOF
	case err != nil && !errors.Is(err, io.EOF): // a half line is no line
		return nil, false, &acquirer.BillError{
			Result: txn.Result{Layer: txn.LayerLine, Text: "the file broke off"}}
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r")), long, nil
}

func (b *billReader) row(text string, long bool) (acquirer.BillRow, error) {
	row, why := parseBillRow(text)
	if long {
		why = "the line is too long"
	}
	if why != "" {
		return acquirer.BillRow{}, &acquirer.BillRowError{Line: b.line, Why: why}
	}
	row.Line = b.line
	return row, nil
}

// parseBillRow reads one row. The text says what is wrong with it, "" if nothing, and
// holds nothing of the row.
func parseBillRow(text string) (acquirer.BillRow, string) {
	if !utf8.ValidString(text) {
		return acquirer.BillRow{}, "not UTF-8"
	}
	f := strings.Split(text, "|")
	if len(f) != strings.Count(billHeader, "|")+1 {
		return acquirer.BillRow{}, "another number of fields than the header"
	}
	at, errAt := time.ParseInLocation(fintimeLayout, f[0], txn.Beijing())
	row := acquirer.BillRow{
		Kind: billKind(f[1]), Order: txn.Order(f[2]), Of: txn.Order(f[3]), AcquirerRef: f[4],
		Amount: amountOf(params{"trxamt": f[5]}), At: at,
	}
	fee, errFee := strconv.ParseInt(f[6], 10, 64)
	if strconv.FormatInt(fee, 10) != f[6] {
		errFee = strconv.ErrSyntax
	}
	row.Fee = txn.Amount(fee)
	switch {
	case errAt != nil:
		return row, "fintime is not a time"
	case row.Kind == "":
		return row, "trxcode is not one of a sale, a void or a refund"
	case !billNumber.MatchString(f[2]):
		return row, "reqsn is not a number"
	case row.Of != "" && (row.Kind == acquirer.BillSale || !billNumber.MatchString(f[3])):
		return row, "oldreqsn is not a number, or that of a sale's sale"
	case !billRef.MatchString(f[4]):
		return row, "trxid is not a number"
	case row.Amount == 0:
		return row, "trxamt is not an amount"
	case errFee != nil || max(row.Fee, -row.Fee) > txn.AmountMax: // a refund may give one back
		return row, "fee is not an amount"
	}
	return row, ""
}

// billKind knows the trxcode of payments by code, of their cancels and refunds. Cards
// and the acquirer's own adjustments are not ours to match: a person has to look.
func billKind(trxCode string) acquirer.BillKind {
	switch trxCode {
	case "VSP501", "VSP505", "VSP511", "VSP541", "VSP551":
		return acquirer.BillSale
	case "VSP502", "VSP506", "VSP512", "VSP542", "VSP552":
		return acquirer.BillVoid
	case "VSP503", "VSP507", "VSP513", "VSP543", "VSP553":
		return acquirer.BillRefund
	}
	return ""
}
