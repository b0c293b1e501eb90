package paycode

import (
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Rules are the table as the config has it. Order counts: the first enabled
// family that fits wins.
type Rules struct {
	Families      []Family
	AskUnknown    bool     // digits of no known family go to the acquirer; else refused
	UnknownLen    [2]int   // shortest and longest of those
	CPMAIDs       []string // hex; an application is taken when it begins with one of them
	CPMPreference []string // hex; which of two applications in one code is taken
}

// Family is one kind of payer code.
type Family struct {
	ID      string
	Label   string   // for reports; "" for the usual one of a known ID, else the ID
	Pattern string   // regular expression over the whole code, anchored
	Network string   // for routing and reports: wallet, unionpay, ecny, bank, …
	Wallet  string   // what to call it; "" for the ID
	Enabled bool     // a code of a disabled family is refused
	Soft    []string // tests for what it may be instead: resident_id, gs1_ai01, allinpay_refund
}

// Table classifies codes. It does not change, so any goroutine may use it.
type Table struct {
	rules    Rules
	families []family
	aids     [][]byte
	prefer   [][]byte
}

type family struct {
	Family
	re   *regexp.Regexp
	soft []softTest
}

// labels are the result labels of the families that payment-codes.md names.
var labels = map[string]string{
	"unionpay.ccb": "UNIONPAY/CCB", "unionpay": "UNIONPAY", "wechat": "WECHAT",
	"alipay": "ALIPAY", "ecny": "ECNY", "bestpay": "BESTPAY", "qqpay": "QQPAY",
	"jdpay": "JDPAY", "suning": "SUNING", "baidu": "BAIDU_DXM", "webank": "WEBANK",
}

// Default is the table of payment-codes.md, section 6: on are the families that
// two or more independent sources agree about.
func Default() Rules {
	on := func(id, network, pattern string, soft ...string) Family {
		return Family{ID: id, Network: network, Pattern: pattern, Enabled: true, Soft: soft}
	}
	off := func(id, network, pattern string, soft ...string) Family {
		return Family{ID: id, Network: network, Pattern: pattern, Soft: soft}
	}
	return Rules{
		AskUnknown: true, UnknownLen: [2]int{16, 24}, CPMAIDs: []string{"A000000333"},
		Families: []Family{
			off("unionpay.ccb", "unionpay", `^62[2-7]0105\d{12}$`),
			on("unionpay", "unionpay", `^62\d{17}$`),
			on("wechat", "wallet", `^1[0-5]\d{16}$`, "resident_id"),
			on("alipay", "wallet", `^(2[5-9]|30)\d{14,22}$`, "allinpay_refund"),
			on("ecny", "ecny", `^01\d{17}$`, "gs1_ai01"),
			off("bestpay", "wallet", `^51\d{16}$`, "resident_id"),
			off("qqpay", "wallet", `^91\d{16}$`),
			off("jdpay", "wallet", `^18\d{16}$`),
			off("suning", "wallet", `^83\d{14,22}$`),
			off("baidu", "wallet", `^31\d{16}$`),
			off("webank", "bank", `^5678\d{15}$`),
		},
	}
}

// AllOn gives the same rules with every family enabled.
func (r Rules) AllOn() Rules {
	r.Families = slices.Clone(r.Families)
	for i := range r.Families {
		r.Families[i].Enabled = true
	}
	return r
}

// New makes a table. The error names every fault of the rules at once.
func New(rules Rules) (*Table, error) {
	t := &Table{rules: rules}
	var faults []error
	seen := map[string]bool{}
	for _, f := range rules.Families {
		compiled, err := compile(f)
		if err == nil && seen[f.ID] {
			err = errors.New("stands twice")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("family %q: %w", f.ID, err))
		}
		seen[f.ID] = true
		t.families = append(t.families, compiled)
	}
	if n := rules.UnknownLen; rules.AskUnknown && (n[0] < 1 || n[1] < n[0] || n[1] > InputMax) {
		faults = append(faults, fmt.Errorf("length %d to %d of unknown codes is no range", n[0], n[1]))
	}
	var err error
	if t.aids, err = aids(rules.CPMAIDs); err != nil {
		faults = append(faults, err)
	}
	if t.prefer, err = aids(rules.CPMPreference); err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return t, nil
}

func compile(f Family) (family, error) {
	if f.ID == "" {
		return family{}, errors.New("has no id")
	}
	if !strings.HasPrefix(f.Pattern, "^") || !strings.HasSuffix(f.Pattern, "$") {
		return family{}, fmt.Errorf("pattern %q is not anchored with ^ and $", f.Pattern)
	}
	// By itself first: ")" in it must not close the group that is put around it.
	if _, err := regexp.Compile(f.Pattern); err != nil {
		return family{}, fmt.Errorf("pattern: %w", err)
	}
	re, err := regexp.Compile("^(?:" + f.Pattern + ")$")
	if err != nil {
		return family{}, fmt.Errorf("pattern: %w", err)
	}
	if f.Label == "" {
		f.Label = labels[f.ID]
	}
	if f.Label == "" {
		f.Label = f.ID
	}
	if f.Wallet == "" {
		f.Wallet = f.ID
	}
	c := family{Family: f, re: re}
	for _, name := range f.Soft {
		test, ok := softTests[name]
		if !ok {
			return family{}, fmt.Errorf("soft test %q is not one of resident_id, gs1_ai01, "+
				"allinpay_refund", name)
		}
		c.soft = append(c.soft, test)
	}
	return c, nil
}

func aids(texts []string) ([][]byte, error) {
	var all [][]byte
	for _, text := range texts {
		aid, err := hex.DecodeString(text)
		if err != nil || len(aid) < 5 || len(aid) > 16 {
			return nil, fmt.Errorf("AID %q is not 5 to 16 bytes of hex", text)
		}
		all = append(all, aid)
	}
	return all, nil
}
