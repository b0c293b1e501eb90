package allinpay

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"unicode/utf8"

	"saoma/terminal/txn"
)

func TestAnswersAreReadStrictly(t *testing.T) {
	for _, tt := range []struct {
		text string
		want params // nil: refused
	}{
		{`{}`, params{}},
		{`{"a":"b","n":1050,"f":1.50,"t":true,"z":null}`,
			params{"a": "b", "n": "1050", "f": "1.50", "t": "true", "z": ""}},
		{`{"a":"1","a":"1"}`, nil},
		{`{"a":"1","\u0061":"2"}`, nil},
		{`{"a":{"b":"c"}}`, nil},
		{`{"a":["b"]}`, nil},
		{`[]`, nil},
		{`"a"`, nil},
		{``, nil},
		{`{"a":"b"`, nil},
		{`{"a":"b"}{}`, nil},
		{`{"a":"b"} x`, nil},
		{"{\"a\":\"\xff\"}", nil},
		{`<html></html>`, nil},
		{`{` + strings.Repeat(`"a":1,`, 3) + `"b":2}`, nil},
	} {
		got, err := parseAnswer([]byte(tt.text))
		if (err != nil) != (tt.want == nil) || !maps.Equal(got, tt.want) {
			t.Errorf("%s: want %v, got %v, %v", tt.text, tt.want, got, err)
		}
	}
}

func TestAnswerWithTooManyFieldsIsRefused(t *testing.T) {
	for n, want := range map[int]bool{fieldsMax: true, fieldsMax + 1: false} {
		fields := map[string]string{}
		for i := range n {
			fields[strings.Repeat("x", i+1)] = ""
		}
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseAnswer(text); (err == nil) != want {
			t.Errorf("%d fields: want taken %t, got %v", n, want, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"retcode":"SUCCESS","trxstatus":"0000","trxamt":1050,"sign":"AA=="}`))
	f.Add([]byte(`{"a":"1","a":null}`))
	f.Add([]byte(`{"chnldata":"{\"wallet\":\"x\"}","fintime":"20260302120000"}`))
	c := &Client{verifier: func([]byte, string) bool { return true }}
	f.Fuzz(func(t *testing.T, text []byte) {
		rep := c.read(text)
		if rep.fields == nil && (rep.authentic || rep.layer == txn.LayerNone) {
			t.Errorf("want a layer without an answer, got %+v", rep)
		}
		res := c.result(askQuery, wanted{order: "1"}, rep)
		if res.Outcome == txn.OutcomeApproved && (res.Amount <= 0 || res.Order != "1") {
			t.Errorf("want an approval of our order with an amount, got %+v", res)
		}
		if !utf8.ValidString(res.Text) || len([]rune(res.Text)) > textLenMax {
			t.Errorf("want a short text, got %q", res.Text)
		}
	})
}

func TestEveryCodeHasOneMeaning(t *testing.T) {
	const unknown = txn.OutcomeUnknown
	for _, tt := range []struct {
		retcode, status  string
		pay, query, undo txn.Outcome
	}{
		{"SUCCESS", "0000", txn.OutcomeApproved, txn.OutcomeApproved, txn.OutcomeApproved},
		{"SUCCESS", "1001", txn.OutcomeNotFound, txn.OutcomeNotFound, txn.OutcomeNotFound},
		{"SUCCESS", "2000", txn.OutcomePending, txn.OutcomePending, txn.OutcomePending},
		{"SUCCESS", "2008", txn.OutcomePending, txn.OutcomePending, txn.OutcomePending},
		{"SUCCESS", "3050", txn.OutcomeReversed, txn.OutcomeReversed, txn.OutcomeReversed},
		{"SUCCESS", "3088", unknown, unknown, unknown},
		{"SUCCESS", "3089", unknown, unknown, unknown},
		{"SUCCESS", "3888", unknown, unknown, unknown},
		{"SUCCESS", "3014", txn.OutcomeDeclined, txn.OutcomeDeclined, txn.OutcomeDeclined},
		{"SUCCESS", "3031", txn.OutcomeDeclined, txn.OutcomeDeclined, txn.OutcomeDeclined},
		{"SUCCESS", "3045", txn.OutcomeDeclined, txn.OutcomeDeclined, txn.OutcomeDeclined},
		{"SUCCESS", "3099", txn.OutcomeDeclined, txn.OutcomeDeclined, txn.OutcomeDeclined},
		{"SUCCESS", "3889", txn.OutcomeDeclined, txn.OutcomeDeclined, txn.OutcomeDeclined},
		{"SUCCESS", "3999", txn.OutcomeDeclined, txn.OutcomeDeclined, txn.OutcomeDeclined},
		{"SUCCESS", "3777", unknown, txn.OutcomeDeclined, unknown}, // a no must be said twice
		{"SUCCESS", "9999", unknown, unknown, unknown},
		{"SUCCESS", "39990", unknown, unknown, unknown},
		{"SUCCESS", "", unknown, unknown, unknown},
		{"FAIL", "0000", unknown, unknown, unknown},
		{"FAIL", "3999", unknown, unknown, unknown},
		{"SYSTEMERR", "0000", unknown, unknown, unknown},
		{"PARAMERR", "", txn.OutcomeDeclined, unknown, txn.OutcomeDeclined},
		{"SIGNAUTHERR", "", txn.OutcomeDeclined, unknown, txn.OutcomeDeclined},
		{"", "0000", unknown, unknown, unknown},
	} {
		for q, want := range map[question]txn.Outcome{
			askPay: tt.pay, askQuery: tt.query, askUndo: tt.undo, askClose: unknown,
			askNothing: unknown, askPresent: ordered(tt.pay),
		} {
			if got := outcomeOf(q, tt.retcode, tt.status); got != want {
				t.Errorf("%s %s, question %d: want %s, got %s", tt.retcode, tt.status, q, want, got)
			}
		}
	}
}

// ordered is the meaning of a payment's answer for the order of a merchant code.
func ordered(pay txn.Outcome) txn.Outcome {
	if pay == txn.OutcomeApproved {
		return txn.OutcomePending // nobody can have paid before the code is shown
	}
	return pay
}

func TestUndoneWithoutAnAmountIsAskedAbout(t *testing.T) {
	c := &Client{cfg: Config{CusID: "1", AppID: "2"}}
	for amount, want := range map[string]txn.Result{
		"":    {Outcome: txn.OutcomeUnknown, Authentic: true},
		"400": {Outcome: txn.OutcomeApproved, Authentic: true},
		"401": {Layer: txn.LayerSignature, Alarm: alarmAmount},
	} {
		rep := reply{authentic: true, fields: params{"cusid": "1", "appid": "2", "reqsn": "7",
			"retcode": "SUCCESS", "trxstatus": "0000", "trxamt": amount}}
		got := c.result(askUndo, wanted{"7", 400}, rep)
		if got.Outcome != want.Outcome || got.Authentic != want.Authentic ||
			got.Layer != want.Layer || got.Alarm != want.Alarm {
			t.Errorf("%q: want %+v, got %+v", amount, want, got)
		}
		got = c.result(askQuery, wanted{"7", 400}, rep)
		if amount == "" && (got.Alarm == "" || got.Outcome != txn.OutcomeUnknown) {
			t.Errorf("want an alarm for a query's answer without an amount, got %+v", got)
		}
	}
}

func TestWalletAndClearingComeFromTheAnswer(t *testing.T) {
	c := &Client{cfg: Config{Channels: map[string]string{"4711": "hzbank"}}}
	for _, tt := range []struct {
		fields           params
		wallet, clearing string
	}{
		{params{"paytype": "W06", "trxcode": "VSP501"}, "wechat", ""},
		{params{"paytype": "A01"}, "alipay", ""},
		{params{"paytype": "Q02"}, "qq", ""},
		{params{"paytype": "U03"}, "unionpay", "cup"},
		{params{"paytype": "S03"}, "ecny", "pboc"},
		{params{"trxcode": "VSP551"}, "unionpay", ""},
		{params{"trxcode": "VSP506"}, "qq", ""},
		{params{"paytype": "N03", "trxcode": "VSP511"}, "alipay", "nucc"},
		{params{"paytype": "N03", "trxcode": "VSP501"}, "wechat", "nucc"},
		{params{"paytype": "N03", "trxcode": "VSP541", "chnlid": "4711"}, "hzbank", "nucc"},
		{params{"paytype": "N03", "chnldata": `{"wallet":"yiqianbao"}`}, "yiqianbao", "nucc"},
		{params{"paytype": "N03", "chnldata": `{"wallet":"not plain"}`}, "", "nucc"},
		{params{"paytype": "N03", "chnldata": `wallet`}, "", "nucc"},
		{params{"paytype": "N03", "chnldata": `{"wallet":"` + strings.Repeat("x", 33) + `"}`},
			"", "nucc"},
		{params{"paytype": "W0"}, "", ""},
		{params{}, "", ""},
	} {
		wallet, clearing := c.walletOf(tt.fields), clearingOf(tt.fields["paytype"])
		if wallet != tt.wallet || clearing != tt.clearing {
			t.Errorf("%v: want %q by %q, got %q by %q",
				tt.fields, tt.wallet, tt.clearing, wallet, clearing)
		}
	}
}

func TestAmountsHaveOneForm(t *testing.T) {
	for _, tt := range []struct {
		fields params
		want   txn.Amount
	}{
		{params{"trxamt": "1050"}, 1050},
		{params{"trxamt": "1000", "initamt": "1050"}, 1050}, // the wallet gave a discount
		{params{"trxamt": "1050", "initamt": "x"}, 0},
		{params{"trxamt": "999999999999"}, txn.AmountMax},
		{params{"trxamt": "1000000000000"}, 0},
		{params{"trxamt": "01050"}, 0}, {params{"trxamt": "+1"}, 0}, {params{"trxamt": "-1"}, 0},
		{params{"trxamt": "10.50"}, 0}, {params{"trxamt": "0"}, 0}, {params{}, 0},
	} {
		if got := amountOf(tt.fields); got != tt.want {
			t.Errorf("%v: want %d, got %d", tt.fields, tt.want, got)
		}
	}
}
