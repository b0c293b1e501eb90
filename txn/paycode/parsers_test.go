package paycode

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// cpmText makes a code of what follows the version, in hex.
func cpmText(t testing.TB, rest string) string {
	t.Helper()
	data, err := hex.DecodeString("85054350563031" + strings.ReplaceAll(rest, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

func TestRulesOfAConsumerCodeHold(t *testing.T) {
	const (
		name   = "4F 08 A000000333010102"
		track2 = "57 0C 6200000000000005 D3012201" // 12 bytes
		pan    = "5A 08 6200000000000013"
	)
	table := mustTable(t, Default())
	for _, tt := range []struct{ about, rest, result, factor string }{
		{"track 2", "61 18" + name + track2, "CPM_EMV/UNIONPAY", "000005"},
		{"the PAN object", "61 14" + name + pan, "CPM_EMV/UNIONPAY", "000013"},
		{"a PAN in the common template", "61 0A" + name + "62 0A" + pan, "CPM_EMV/UNIONPAY", "000013"},
		{"a PAN with several pads", "61 16" + name + "5A 0A 6200000000000013FFFF",
			"CPM_EMV/UNIONPAY", "000013"},
		{"track 2 without its separator", "61 14" + name + "57 08 6200000000000005", "CPM_NO_PAN", ""},
		{"a PAN object with a separator", "61 14" + name + "5A 08 62000000000D0005", "CPM_NO_PAN", ""},
		{"a length of two bytes", "61 81 14" + name + pan, "CPM_EMV/UNIONPAY", "000013"},
		{"another template", "E1 02 FFFF 61 14" + name + pan, "CPM_EMV/UNIONPAY", "000013"},
		{"a broken transparent template", "61 18" + name + pan + "63 02 9F26",
			"CPM_EMV/UNIONPAY", "000013"},
		{"an object twice in one template", "61 1E" + name + pan + pan, "CPM_DUPLICATE", "000013"},
		{"an object in both templates", "61 14" + name + pan + "62 0A" + pan, "CPM_DUPLICATE", "000013"},
		{"no name", "61 0A" + pan, "CPM_NO_ELIGIBLE_APP", ""},
		{"a name of 4 bytes", "61 06 4F 04 A0000003", "CPM_NO_ELIGIBLE_APP", ""},
		{"an empty template", "61 00", "CPM_NO_ELIGIBLE_APP", ""},
		{"an empty template before a good one", "61 00 61 14" + name + pan, "CPM_EMV/UNIONPAY", "000013"},
		{"an empty common template", "61 14" + name + pan + "62 00", "CPM_EMV/UNIONPAY", "000013"},
		{"two common templates", "61 14" + name + pan + "62 00 62 00", "CPM_BAD_TLV", ""},
		{"three applications", "61 00 61 00 61 14" + name + pan, "CPM_BAD_TLV", ""},
		{"a length beyond the end", "61 82 FFFF", "CPM_BAD_TLV", ""},
		{"a length of three bytes", "61 83 000000", "CPM_BAD_TLV", ""},
		{"a tag without an end", "1F 81 81 81", "CPM_BAD_TLV", ""},
	} {
		c := table.Classify(cpmText(t, tt.rest))
		if c.Result != tt.result || c.Factor != tt.factor {
			t.Errorf("%s: want %s %q, got %s %q", tt.about, tt.result, tt.factor, c.Result, c.Factor)
		}
		if (c.Verdict == Accept) != strings.HasPrefix(tt.result, "CPM_EMV/") {
			t.Errorf("%s: verdict %d", tt.about, c.Verdict)
		}
	}
}

// withCRC ends a merchant code.
func withCRC(text string) string {
	text += "6304"
	return text + fmt.Sprintf("%04X", crc16(text))
}

func TestRulesOfAMerchantCodeHold(t *testing.T) {
	const (
		account = "15313999999939999999000000000000001"
		shop    = "5204541153031565802CN5904SHOP6008HANGZHOU"
	)
	table := mustTable(t, Default())
	whole := withCRC("000201" + account + shop)
	for _, tt := range []struct{ about, text, label string }{
		{"a whole one", whole, "MPM_VALID"},
		{"a check value in lower case", whole[:len(whole)-4] + strings.ToLower(whole[len(whole)-4:]),
			"MPM_VALID"},
		{"no category, name and city", withCRC("000201" + account + "53031565802CN"),
			"MPM_VALID !MISSING_MANDATORY"},
		{"no account", withCRC("000201" + shop), "MPM_VALID !MISSING_MANDATORY"},
		{"an ID twice", withCRC("000201" + account + account + shop), "BAD_TLV"},
		{"an ID twice in a template", withCRC("000201" + account + shop + "62100701A0701B"), "BAD_TLV"},
		{"an ID after the check value", whole + "6103310", "BAD_TLV"},
		{"no check value", "000201" + account + shop, "BAD_TLV"},
		{"a length of zero", withCRC("000201" + account + shop + "6100"), "BAD_TLV"},
		{"broken structure and check value", whole[:len(whole)-1], "BAD_TLV"},
		{"bytes that are not UTF-8", withCRC("000201" + account + shop + "6102\xC4\xE3"), "BAD_TLV"},
		{"a check value that is not hex", whole[:len(whole)-4] + "ZZZZ", "BAD_CRC"},
	} {
		c := table.Classify(tt.text)
		if c.Label() != tt.label || c.Verdict != Refuse || c.Reason == ReasonNone {
			t.Errorf("%s: want %s refused, got %s %d %q",
				tt.about, tt.label, c.Label(), c.Verdict, c.Reason)
		}
	}
}

func TestACutOffMerchantCodeIsNotSentToTheAcquirer(t *testing.T) {
	const cut = "00020101021115313999999939999999"
	table := mustTable(t, Default())
	for n := 16; n <= len(cut); n++ {
		if c := table.Classify(cut[:n]); c.Verdict != Refuse || c.Reason != ReasonMerchantCode {
			t.Errorf("%d digits: want merchant_code refused, got %d %q", n, c.Verdict, c.Reason)
		}
	}
}

func TestAParenthesisDoesNotOpenThePattern(t *testing.T) {
	_, err := New(Rules{Families: []Family{{ID: "open", Pattern: `^1)|(?:2$`, Enabled: true}}})
	if err == nil {
		t.Error("a pattern that closes the group around it was taken")
	}
}

func TestAllControlCharactersMakeACodeUnknown(t *testing.T) {
	table := mustTable(t, Default())
	for _, bad := range []string{"\x00", "\n", "\x1d", "\x7f", "\u0085"} {
		for _, text := range []string{"1345678901" + bad + "23456789", "hQVDUFYwMQ" + bad + "=="} {
			if c := table.Classify(text); c.Result != "UNKNOWN" || c.Verdict != Refuse {
				t.Errorf("%q: want UNKNOWN refused, got %s %d", bad, c.Result, c.Verdict)
			}
		}
	}
}

// FuzzConsumerCode fuzzes below base64, which FuzzClassify hardly gets through.
func FuzzConsumerCode(f *testing.F) {
	for _, v := range vectors(f) {
		if data, err := base64.StdEncoding.DecodeString(v.Input); err == nil && len(data) > 7 {
			f.Add(data[7:])
		}
	}
	table := mustTable(f, Default())
	f.Fuzz(func(t *testing.T, rest []byte) {
		text := base64.StdEncoding.EncodeToString(append([]byte("\x85\x05CPV01"), rest...))
		c := table.Classify(text)
		accepted := c.Verdict == Accept
		if accepted != strings.HasPrefix(c.Result, "CPM_EMV/") || c.Verdict == Confirm {
			t.Errorf("%s with verdict %d", c.Result, c.Verdict)
		}
		if accepted && (len(c.Factor) != 6 || !digits(c.Factor) || c.Text.Reveal() != text) {
			t.Errorf("accepted with factor %q", c.Factor)
		}
		if !accepted && c.Text.Reveal() != "" {
			t.Error("a refused code was handed on")
		}
	})
}

// FuzzMerchantCode gives each text a right check value, which chance does not find.
func FuzzMerchantCode(f *testing.F) {
	for _, v := range vectors(f) {
		if strings.HasPrefix(v.ID, "mpm-") && len(v.Input) > 14 {
			f.Add(v.Input[6 : len(v.Input)-8])
		}
	}
	f.Fuzz(func(t *testing.T, middle string) {
		c := mpm(withCRC("000201" + middle))
		if c.Verdict != Refuse || c.Reason == ReasonNone || c.Text.Reveal() != "" {
			t.Errorf("%s: verdict %d, reason %q", c.Result, c.Verdict, c.Reason)
		}
		if c.Result != "MPM_VALID" && c.Result != "BAD_TLV" {
			t.Errorf("with a right check value: %s", c.Result)
		}
	})
}
