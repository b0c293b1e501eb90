package acquirersim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The figures of bills. The address lives for two minutes and a day's bill is there
// from six in the morning after it, as published.
const (
	billFilePath = "/cusapi/trxfile/file/"
	billLife     = 2 * time.Minute
	billReady    = 30 * time.Hour // from the day's first hour
	dateLayout   = "20060102"

	billEditMax  = 1000 // entries of one BillEdit, taken together
	billFilesMax = 100  // addresses at once
)

// billHeader is the first line. The pages publish no row format for this product:
// the names are those of the interface's fields, the bars those of the sister
// product's file.
const billHeader = "fintime|trxcode|reqsn|oldreqsn|trxid|trxamt|fee"

// billFile is a bill that may be fetched.
type billFile struct {
	day  string
	ends time.Time
}

// BillEdit makes the bills differ from the ledger. The zero value changes nothing.
type BillEdit struct {
	Missing []string         `json:"missing"` // orders that are left out
	Late    []string         `json:"late"`    // orders that come a day late
	Amounts map[string]int64 `json:"amounts"` // of an order: another amount
	Fees    map[string]int64 `json:"fees"`    // of an order: another fee
	Extra   []BillExtra      `json:"extra"`   // rows of no order
	Broken  []string         `json:"broken"`  // lines as they stand, after the others
	CRLF    bool             `json:"crlf"`    // with a byte order mark, and CR LF
}

// BillExtra is a row that the ledger does not have. It stands in every bill, at noon.
type BillExtra struct {
	Order   string `json:"order"`
	Of      string `json:"of"`
	TrxCode string `json:"trxcode"`
	Amount  int64  `json:"amount_fen"`
}

// EditBills says how bills differ from the ledger from now on.
func (s *Sim) EditBills(e BillEdit) error {
	if len(e.Missing)+len(e.Late)+len(e.Amounts)+len(e.Fees)+len(e.Extra)+len(e.Broken) >
		billEditMax {
		return fmt.Errorf("more than %d entries", billEditMax)
	}
	for _, line := range e.Broken {
		if strings.ContainsAny(line, "\r\n") {
			return errors.New("a broken line is more than one")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bill = e
	return nil
}

// billAddress answers where a day's bill is.
func (s *Sim) billAddress(now time.Time, p fields) answer {
	day, err := time.ParseInLocation(dateLayout, p["date"], beijing())
	switch {
	case err != nil:
		s.violation("bill: date is no day")
		return *s.no(p, "PARAMERR", "date is no day")
	case now.Before(day.Add(billReady)):
		return *unsignedNo("FAIL", "对账文件未生成")
	}
	for name, file := range s.files {
		if !now.Before(file.ends) || len(s.files) >= billFilesMax {
			delete(s.files, name)
		}
	}
	name := s.letters(32)
	s.files[name] = billFile{p["date"], now.Add(billLife)}
	return answer{signed: true, file: name, fields: fields{
		"retcode": "SUCCESS", "retmsg": "", "randomstr": s.digits(20),
		"cusid": s.opts.Merchant.CusID, "appid": s.opts.Merchant.AppID,
	}}
}

// serveFile gives a bill to whoever has its address.
func (s *Sim) serveFile(w http.ResponseWriter, r *http.Request) {
	fault := s.arrive(OpFile, "")
	if fault.Kind == LoseRequest || fault.Kind == HoldRequest {
		cut(w)
		return
	}
	text, ok := s.billText(r)
	if !ok {
		w.WriteHeader(http.StatusGone)
		return
	}
	s.deliver(w, r, fault, answer{text: text})
}

func (s *Sim) billText(r *http.Request) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodGet {
		s.violation("bill_file: method " + r.Method + " instead of GET")
	}
	if r.ContentLength != 0 || r.ProtoMajor != 1 {
		s.violation("bill_file: a body, or HTTP/2")
	}
	now := s.now()
	file, known := s.files[r.PathValue("name")]
	if !known || !now.Before(file.ends) {
		return nil, false
	}
	s.settle(now)
	lines := append([]string{billHeader}, s.billRows(file.day)...)
	lines = append(lines, s.bill.Broken...)
	if s.bill.CRLF {
		return []byte("\ufeff" + strings.Join(lines, "\r\n") + "\r\n"), true
	}
	return []byte(strings.Join(lines, "\n") + "\n"), true
}

// billRows are the day's movements, in order of arrival: what was paid, also if it
// was cancelled later, and what was given back.
func (s *Sim) billRows(day string) []string {
	var rows []string
	for _, o := range s.listed {
		at := o.paidAt
		if o.State == Done {
			at = o.Finished
		}
		shown := at
		if slices.Contains(s.bill.Late, o.Number) {
			shown = at.AddDate(0, 0, 1)
		}
		if at.IsZero() || shown.In(beijing()).Format(dateLayout) != day ||
			slices.Contains(s.bill.Missing, o.Number) {
			continue
		}
		amount, changed := s.bill.Amounts[o.Number]
		if !changed {
			amount = o.Amount
		}
		row := BillExtra{Order: o.Number, Of: o.Of, TrxCode: trxCode(o), Amount: amount}
		rows = append(rows, row.line(at, o.TrxID, s.bill.Fees[o.Number]))
	}
	for i, extra := range s.bill.Extra {
		at, _ := time.ParseInLocation(dateLayout, day, beijing())
		trxID := fmt.Sprintf("9%s%011d", day[2:], i+1)
		rows = append(rows, extra.line(at.Add(12*time.Hour), trxID, 0))
	}
	return rows
}

// line writes a row as billHeader has it.
func (e BillExtra) line(at time.Time, trxID string, fee int64) string {
	return strings.Join([]string{at.In(beijing()).Format("20060102150405"), e.TrxCode, e.Order,
		e.Of, trxID, fmt.Sprint(e.Amount), fmt.Sprint(fee)}, "|")
}
