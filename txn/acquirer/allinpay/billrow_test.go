package allinpay

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer"
)

const goodRow = "20260302120000|VSP501|1||2603020001|1050|0"

// readRows reads a file of at most limit bytes.
func readRows(r io.Reader, limit int64) (rows []acquirer.BillRow, bad []error, end error) {
	b := billReader{from: &io.LimitedReader{R: r, N: limit + 1}}
	end = b.each(func(row acquirer.BillRow, err error) bool {
		if err != nil {
			bad = append(bad, err)
		} else {
			rows = append(rows, row)
		}
		return true
	})
	return rows, bad, end
}

func TestRowsOfABillAreReadStrictly(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, txn.Beijing())
	for row, want := range map[string]acquirer.BillRow{
		goodRow: {Kind: acquirer.BillSale, Order: "1", AcquirerRef: "2603020001", Amount: 1050},
		"20260302120000|VSP552|1C|1|2|1050|-6": {Kind: acquirer.BillVoid, Order: "1C", Of: "1",
			AcquirerRef: "2", Amount: 1050, Fee: -6},
		"20260302120000|VSP543|a-b_c*||2|1|6": {Kind: acquirer.BillRefund, Order: "a-b_c*",
			AcquirerRef: "2", Amount: 1, Fee: 6},
	} {
		want.Line, want.At = 2, at
		got, bad, end := readRows(strings.NewReader(billHeader+"\n"+row), billMax)
		if end != nil || len(bad) != 0 || len(got) != 1 || !got[0].At.Equal(at) {
			t.Fatalf("%s: want a row, got %v, %v, %v", row, got, bad, end)
		}
		if got[0].At = at; got[0] != want {
			t.Errorf("want %+v, got %+v", want, got[0])
		}
	}
	for row, want := range map[string]string{
		"x": "number of fields", goodRow + "|": "number of fields", "\xff": "UTF-8",
		"2026-03-02|VSP501|1||2|1050|0":                                            "fintime",
		"20260230120000|VSP501|1||2|1050|0":                                        "fintime",
		"20260302120000|VSP001|1||2|1050|0":                                        "trxcode",
		"20260302120000|VSP907|1||2|1050|0":                                        "trxcode",
		"20260302120000||1||2|1050|0":                                              "trxcode",
		"20260302120000|VSP501|||2|1050|0":                                         "reqsn",
		"20260302120000|VSP501|单||2|1050|0":                                        "reqsn",
		"20260302120000|VSP501|1|2|2|1050|0":                                       "oldreqsn",
		"20260302120000|VSP503|1| |2|1050|0":                                       "oldreqsn",
		"20260302120000|VSP501|1|||1050|0":                                         "trxid",
		"20260302120000|VSP501|1||2-3|1050|0":                                      "trxid",
		"20260302120000|VSP501|1||2|10.50|0":                                       "trxamt",
		"20260302120000|VSP501|1||2|-1050|0":                                       "trxamt",
		"20260302120000|VSP501|1||2|0|0":                                           "trxamt",
		"20260302120000|VSP501|1||2|1050|":                                         "fee",
		"20260302120000|VSP501|1||2|1050|+6":                                       "fee",
		"20260302120000|VSP501|1||2|1050|0.06":                                     "fee",
		"20260302120000|VSP501|1||2|1050|9999999999999":                            "fee",
		"20260302120000|VSP501|" + strings.Repeat("1", billLineMax) + "||2|1050|0": "too long",
	} {
		text := billHeader + "\n" + row + "\n" + goodRow + "\n"
		got, bad, end := readRows(strings.NewReader(text), billMax)
		if end != nil || len(got) != 1 || got[0].Line != 3 || len(bad) != 1 {
			t.Fatalf("%s: want it passed over, got %v, %v, %v", row, got, bad, end)
		}
		var fault *acquirer.BillRowError
		if !errors.As(bad[0], &fault) || fault.Line != 2 || !strings.Contains(fault.Why, want) {
			t.Errorf("%s: want a fault about %s, got %v", row, want, bad[0])
		}
	}
}

func TestHeaderThatIsNotKnownEndsTheBill(t *testing.T) {
	for text, known := range map[string]bool{
		billHeader: true, "\ufeff" + billHeader + "\r\n": true, billHeader + "\n\n\n": true,
		"": false, "\n": false, goodRow: false, billHeader + "|x": false, " " + billHeader: false,
		"\ufeff\ufeff" + billHeader: false, billHeader[1:]: false, "<html>": false,
		strings.ToUpper(billHeader): false, strings.Repeat("x", 2*billLineMax): false,
	} {
		rows, bad, end := readRows(strings.NewReader(text+"\n"+goodRow), billMax)
		var fault *acquirer.BillError
		if known != (end == nil) || known != (len(rows) == 1) || len(bad) != 0 ||
			!known && (!errors.As(end, &fault) || fault.Result.Layer != txn.LayerBank) {
			t.Errorf("%.60q: want known %t, got %v, %v, %v", text, known, rows, bad, end)
		}
	}
	if _, _, end := readRows(strings.NewReader(""), billMax); end == nil {
		t.Error("want an empty file refused")
	}
}

func TestBillHasAMaximum(t *testing.T) {
	text := billHeader + "\n" + strings.Repeat(goodRow+"\n", 100)
	for limit, want := range map[int64]bool{
		int64(len(text)): true, int64(len(text)) - 1: false, 10: false,
	} {
		rows, _, end := readRows(strings.NewReader(text), limit)
		if (end == nil) != want || want != (len(rows) == 100) {
			t.Errorf("%d bytes of %d: want taken %t, got %d rows, %v", limit, len(text), want,
				len(rows), end)
		}
	}
}

// endless gives rows for ever, and counts them.
type endless struct{ given int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, goodRow+"\n")
	e.given += int64(n)
	return n, nil
}

func (e *endless) Close() error { return nil }

func TestBillIsReadAsItIsWanted(t *testing.T) {
	from, wanted := new(endless), 3
	b := billReader{from: &io.LimitedReader{
		R: io.MultiReader(strings.NewReader(billHeader+"\n"), from), N: billMax}}
	err := b.each(func(acquirer.BillRow, error) bool {
		wanted--
		return wanted > 0
	})
	if err != nil || wanted != 0 || from.given > 4*billLineMax {
		t.Errorf("want three rows and little more read, got %d bytes, %v", from.given, err)
	}
}

// answering is a transport that gives one answer.
type answering struct{ *http.Response }

func (a answering) RoundTrip(*http.Request) (*http.Response, error) { return a.Response, nil }

func answeredBy(resp *http.Response) *http.Transport {
	t := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}
	t.RegisterProtocol("https", answering{resp})
	return t
}

func TestSignedNoIsNoAlarm(t *testing.T) {
	const text = `{"retcode":"FAIL","retmsg":"no","cusid":"1","appid":"2","sign":"AA=="}`
	c := &Client{cfg: Config{CusID: "1", AppID: "2", Rand: rand.Reader, Now: time.Now,
		BillURL: BillURLDefault, ConnectTimeout: time.Second, AnswerTimeout: time.Second},
		signer:   func([]byte) (string, error) { return "AA==", nil },
		verifier: func([]byte, string) bool { return true },
		transport: answeredBy(&http.Response{StatusCode: 200,
			Body: io.NopCloser(strings.NewReader(text))})}
	for _, err := range c.Bill(t.Context(), time.Now()) {
		var end *acquirer.BillError
		if !errors.As(err, &end) || end.Result.Alarm != "" || end.Result.Code != "FAIL" {
			t.Errorf("want the acquirer's no, got %v", err)
		}
	}
}

func TestFileWhoseEndCanNotBeTrustedIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		length int64
		coding []string
		want   bool
	}{
		"a length": {length: 100, want: true}, "chunks": {-1, []string{"chunked"}, true},
		"neither": {length: -1}, "too long": {length: billMax + 1},
	} {
		c := &Client{cfg: Config{ConnectTimeout: time.Second, AnswerTimeout: time.Second},
			transport: answeredBy(&http.Response{StatusCode: 200, ContentLength: tt.length,
				TransferEncoding: tt.coding,
				Body:             io.NopCloser(strings.NewReader(billHeader + "\n" + goodRow))})}
		rows := 0
		err := c.fetchBill(t.Context(), "https://a.example/b", func(acquirer.BillRow, error) bool {
			rows++
			return true
		})
		if (err == nil) != tt.want || (rows == 1) != tt.want {
			t.Errorf("%s: want taken %t, got %d rows, %v", name, tt.want, rows, err)
		}
	}
}

func FuzzBill(f *testing.F) {
	f.Add([]byte(billHeader + "\n" + goodRow + "\n"))
	f.Add([]byte("\ufeff" + billHeader + "\r\n" + goodRow + "\r\n\r\n|||||\r\n"))
	f.Add([]byte(billHeader + "\n" + strings.Repeat("x", billLineMax+1) + "\n" + goodRow))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, last := strings.Count(string(text), "\n")+1, 1
		b := billReader{from: &io.LimitedReader{R: strings.NewReader(string(text)), N: 1 << 12}}
		end := b.each(func(row acquirer.BillRow, err error) bool {
			var fault *acquirer.BillRowError
			switch {
			case errors.As(err, &fault):
				row.Line = fault.Line
			case err != nil:
				t.Errorf("want only rows and their faults, got %v", err)
			case row.Amount < 1 || row.Amount > txn.AmountMax || row.Order == "" || row.Kind == "":
				t.Errorf("want a whole row, got %+v", row)
			}
			if row.Line <= last || row.Line > lines {
				t.Errorf("want lines to grow up to %d, got %d after %d", lines, row.Line, last)
			}
			last = row.Line
			return true
		})
		var fault *acquirer.BillError
		if end != nil && !errors.As(end, &fault) {
			t.Errorf("want a *BillError, got %v", end)
		}
	})
}
