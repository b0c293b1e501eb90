package paycode

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

type vector struct{ ID, Input, Expected, Note string }

func vectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/payment-code-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 90 {
		t.Fatalf("only %d vectors", len(all))
	}
	return all
}

func mustTable(t testing.TB, rules Rules) *Table {
	t.Helper()
	table, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// fictional is a wallet that an acquirer could announce later.
var fictional = Family{ID: "netsunion.demo", Pattern: `^99\d{14}$`, Network: "wallet", Enabled: true}

func TestEveryVectorGetsItsAnswer(t *testing.T) {
	table := mustTable(t, Default().AllOn())
	withRule := Default().AllOn()
	withRule.Families = append(withRule.Families, fictional)
	extended := mustTable(t, withRule)
	for _, v := range vectors(t) {
		c := table.Classify(v.Input)
		if v.ID == "config-1" {
			c = extended.Classify(v.Input)
		}
		got := c.Label()
		if strings.HasPrefix(v.ID, "factor-") {
			got = c.Factor
		}
		if got != v.Expected {
			t.Errorf("%s %q: want %s, got %s (%s)", v.ID, v.Input, v.Expected, got, v.Note)
		}
	}
}

func TestWhatTheTerminalDoesWithACode(t *testing.T) {
	table := mustTable(t, Default())
	for _, tt := range []struct {
		code    string
		verdict Verdict
		reason  Reason
		family  string
	}{
		{"134567890123456789", Accept, "", "wechat"},
		{"2812345678901234", Accept, "", "alipay"},
		{"6236098835899996543", Accept, "", "unionpay"},
		{"0123456789012345678", Accept, "", "ecny"},
		{"6220105000000000001", Accept, "", "unionpay"}, // the CCB rule is off: still UnionPay
		{"9912345678901234", Accept, "", "unknown"},     // the acquirer knows
		{"110101190001010006", Confirm, "", "wechat"},
		{"330106199001010018", Confirm, "", "unknown"},
		{"250123456789012345", Confirm, "", "alipay"},
		{"0106901234567892105", Confirm, "", "ecny"},
		{"]C10106901234567892105", Refuse, ReasonGoodsBarcode, "ecny"},
		{"]d20106901234567892105", Refuse, ReasonGoodsBarcode, "ecny"},
		{"]C00106901234567892105", Confirm, "", "ecny"},
		{"512345678901234567", Refuse, ReasonFamilyDisabled, ""},
		{"6901234567892", Refuse, ReasonGoodsBarcode, ""},
		{"6901234567893", Refuse, ReasonUnknownCode, ""}, // no right check digit
		{"6200000000000005", Refuse, ReasonCardNumber, ""},
		{"1234", Refuse, ReasonUnknownCode, ""},
		{"2800000000000000000000025", Refuse, ReasonUnknownCode, ""},
		{"", Refuse, ReasonEmpty, ""},
		{" \r\n", Refuse, ReasonEmpty, ""},
		{"]C0", Refuse, ReasonEmpty, ""},
		{"1345678901\x0023456789", Refuse, ReasonUnknownCode, ""},
		{strings.Repeat("1", InputMax+1), Refuse, ReasonTooLong, ""},
		{"https://qr.alipay.com/bax0", Refuse, ReasonMerchantCode, ""},
		{"HTTPS://QR.ALIPAY.COM/FKX0", Refuse, ReasonMerchantCode, ""},
		{"https://qr.alipay.com:8443/bax0", Refuse, ReasonForeignURL, ""},
		{"https://example.com/", Refuse, ReasonForeignURL, ""},
		{"fp0123456789abcdefghijABCDEFGHIJ012", Refuse, ReasonFaceToken, ""},
		{"hQVDUFYwMWEPTwZRQ0FUMDFjBcEDAAAA", Refuse, ReasonNotAccepted, ""},
		{"hQVDUFYwMQ=", Refuse, ReasonDamagedCode, ""},
	} {
		c := table.Classify(tt.code)
		if c.Verdict != tt.verdict || c.Reason != tt.reason || c.Family != tt.family {
			t.Errorf("%.40q: want %d %q %q, got %d %q %q", tt.code,
				tt.verdict, tt.reason, tt.family, c.Verdict, c.Reason, c.Family)
		}
		if (c.Text.Reveal() == "") != (c.Verdict == Refuse) {
			t.Errorf("%.40q: a refused code is not handed on, others are", tt.code)
		}
	}
	strict := Default()
	strict.AskUnknown = false
	if c := mustTable(t, strict).Classify("9912345678901234"); c.Reason != ReasonUnknownCode {
		t.Errorf("without asking the acquirer: want unknown_code, got %q", c.Reason)
	}
}

func TestOfTwoApplicationsTheMerchantsChoiceIsTaken(t *testing.T) {
	const two = "hQVDUFYwMWEdTwigAAADMwEBAlcRYgAAAAAAAAXTASIBAAAAAABhHU8IoAAAAzMBAQJXEWIAAAAAAAAT0wEiAQAAAAAA"
	if got := mustTable(t, Default()).Classify(two).Factor; got != "000005" {
		t.Errorf("without a choice the first: want 000005, got %s", got)
	}
	const annexB2 = "hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MWETTwegAAAAZmZmUAhQcm9kdWN0MmJJWggSNFZ4kBI0WF8gDkNBUkRIT0xERVIvRU1WXy0IcnVlc2RlZW5kIZ8QBwYBCgMAAACfJghYT9OF+iNLzJ82AgABnzcEbVjvEw=="
	rules := Default()
	rules.CPMAIDs = []string{"A0000000555555", "A0000000666666"}
	rules.CPMPreference = []string{"A0000000666666"}
	if c := mustTable(t, rules).Classify(annexB2); c.Family != "cpm.a000000066" || c.Factor != "123458" {
		t.Errorf("want the second application, got %s %s", c.Family, c.Factor)
	}
}

func TestATableNamesEveryFault(t *testing.T) {
	_, err := New(Rules{
		AskUnknown: true,
		UnknownLen: [2]int{24, 16},
		CPMAIDs:    []string{"A0"},
		Families: []Family{
			{Pattern: "^1$"}, {ID: "loose", Pattern: `\d`}, {ID: "broken", Pattern: "^($"},
			{ID: "soft", Pattern: "^1$", Soft: []string{"x"}}, {ID: "twice", Pattern: "^1$"},
			{ID: "twice", Pattern: "^2$"},
		},
	})
	for _, want := range []string{"no id", "anchored", "broken", "soft test", "twice", "no range", "AID"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not named in: %v", want, err)
		}
	}
}

func TestAPatternHoldsForTheWholeCode(t *testing.T) {
	rules := Rules{Families: []Family{{ID: "or", Pattern: `^1\d|2\d$`, Enabled: true}}}
	if c := mustTable(t, rules).Classify("13999999"); c.Verdict != Refuse {
		t.Error("an alternative slipped past the anchors")
	}
}

func TestMasksHideWhatTheyDoNotKnow(t *testing.T) {
	for code, want := range map[string]string{
		"134567890123456789":       "13************6789",
		"301234567890123456789012": "30******************9012",
		"":                         "***", "1234": "***", "13456789012345678A": "***",
		"1345678901234567890123456": "***", "hQVDUFYwMWEaTwegAAAA": "***",
	} {
		if got := Mask(code); got != want {
			t.Errorf("%q: want %s, got %s", code, want, got)
		}
	}
}

func TestACodeIsShownByNothing(t *testing.T) {
	const secret = "134567890123456789"
	c := mustTable(t, Default()).Classify(secret)
	if shown := fmt.Sprintf("%v %+v %#v %s", c, c, c, c.Text); strings.Contains(shown, secret) {
		t.Errorf("in clear: %s", shown)
	}
	if text, err := json.Marshal(c); err == nil {
		t.Errorf("JSON took it: %s", text)
	}
}

func FuzzClassify(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Input)
	}
	table := mustTable(f, Default())
	f.Fuzz(func(t *testing.T, raw string) {
		c := table.Classify(raw)
		if c.Result == "" {
			t.Error("no result")
		}
		if (c.Verdict == Refuse) != (c.Reason != ReasonNone) {
			t.Errorf("verdict %d with reason %q", c.Verdict, c.Reason)
		}
		if c.Factor != "" && (len(c.Factor) != 6 || !digits(c.Factor)) {
			t.Errorf("factor %q", c.Factor)
		}
		if c.Verdict == Refuse {
			return
		}
		text := c.Text.Reveal()
		if c.Family == "" || c.Factor == "" || !strings.Contains(raw, text) {
			t.Errorf("accepted %+v", c)
		}
		if digits(text) && (len(text) < 16 || len(text) > 24) {
			t.Errorf("accepted %d digits", len(text))
		}
	})
}
