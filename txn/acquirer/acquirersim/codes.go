package acquirersim

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// wallet is whose code it is and how its payments show in answers.
type wallet struct {
	name    string
	form    *regexp.Regexp // of codes that are taken without having been issued
	prefix  string         // of issued codes
	digits  int            // of issued codes
	payType string
	trxCode string
	chnlID  string
	acct    string // masked
	kind    string // accttype
}

// walletTable is what the acquirer routes. Channel numbers, the prefixes 77, 88 and
// 99 and the trxcode of e-CNY are fictional: none is published.
func walletTable() []wallet {
	return []wallet{
		{"wechat", regexp.MustCompile(`^1[0-5]\d{16}$`), "13", 18,
			"W06", "VSP501", "205299310", "oUpF8***", "99"},
		{"alipay", regexp.MustCompile(`^(2[5-9]|30)\d{14,22}$`), "28", 18,
			"A01", "VSP511", "205299320", "138****0001", "99"},
		{"unionpay", regexp.MustCompile(`^62\d{17}$`), "62", 19,
			"U01", "VSP551", "205299330", "622848****1234", "00"},
		{"ecny", regexp.MustCompile(`^01\d{17}$`), "01", 19,
			"S01", "VSP541", "205299340", "004****8901", "99"},
		{"qq", regexp.MustCompile(`^91\d{16}$`), "91", 18,
			"Q01", "VSP505", "205299350", "10****01", "99"},
		{"hzbank", regexp.MustCompile(`^99\d{14}$`), "99", 16,
			"N03", "VSP541", "205299361", "623061****5678", "00"},
		{"yiqianbao", nil, "88", 18, "N03", "VSP541", "205299362", "139****0002", "04"},
		{"allinpaywallet", nil, "77", 18, "N03", "VSP541", "205299363", "137****0003", "04"},
	}
}

// codePrint stands for a payer code: the code itself is not kept.
type codePrint [sha256.Size]byte

// issued is a payer code that the simulator knows.
type issued struct {
	wallet wallet
	at     time.Time
	used   bool
}

// IssueCode shows a fresh payer code of a wallet: wechat, alipay, unionpay, ecny,
// qq, hzbank, yiqianbao or allinpaywallet. It works once, for Options.CodeLife.
func (s *Sim) IssueCode(name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range walletTable() {
		if w.name != name {
			continue
		}
		code := w.prefix + s.digits(w.digits-len(w.prefix))
		s.codes[sha256.Sum256([]byte(code))] = &issued{wallet: w, at: s.now()}
		return code, nil
	}
	return "", fmt.Errorf("wallet %q is not simulated", name)
}

func (s *Sim) digits(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('0' + s.rnd.IntN(10))
	}
	return string(text)
}

// claim uses a code up. The text says why it can't be used, for the cashier. A
// code that was never issued counts as issued now, if it looks like one.
func (s *Sim) claim(now time.Time, code string) (wallet, string) {
	fingerprint := codePrint(sha256.Sum256([]byte(code)))
	known := s.codes[fingerprint]
	if known == nil {
		w, taken := s.recognise(code)
		if !taken {
			return wallet{}, "付款码无效，请重新扫码"
		}
		known = &issued{wallet: w, at: now}
		s.codes[fingerprint] = known
	}
	switch {
	case known.used:
		return known.wallet, "付款码已使用，请刷新后重新扫码"
	case now.Sub(known.at) > s.opts.CodeLife:
		known.used = true
		return known.wallet, "付款码已过期，请刷新后重新扫码"
	}
	known.used = true
	return known.wallet, ""
}

func (s *Sim) recognise(code string) (wallet, bool) {
	for _, w := range walletTable() {
		if w.form != nil && w.form.MatchString(code) {
			return w, true
		}
		if w.name == "unionpay" && s.opts.TakesCPMPayload && payloadDigits(code) != "" {
			return w, true
		}
	}
	return wallet{}, false
}

func isPayload(code string) bool { return strings.HasPrefix(code, "hQVDUFY") }

func isUnionPay(code string) bool { return strings.HasPrefix(code, "62") || isPayload(code) }

// payloadDigits gives the PAN of an EMVCo payload: tag 5A, or tag 57 up to its
// separator. Empty if there is none.
func payloadDigits(code string) string {
	raw, err := base64.StdEncoding.Strict().DecodeString(code)
	if err != nil || !isPayload(code) {
		return ""
	}
	pan := ""
	walkTLV(raw, func(tag int, value []byte) {
		switch tag {
		case 0x5A:
			pan = strings.TrimRight(fmt.Sprintf("%X", value), "F")
		case 0x57:
			if pan == "" {
				pan, _, _ = strings.Cut(fmt.Sprintf("%X", value), "D")
			}
		}
	})
	return pan
}

// walkTLV visits the objects of an EMVCo payload, templates 61 and 62 included. It
// stops at the first that does not parse.
func walkTLV(raw []byte, visit func(tag int, value []byte)) {
	for len(raw) >= 2 {
		tag, rest := int(raw[0]), raw[1:]
		if tag&0x1F == 0x1F && len(rest) > 1 {
			tag, rest = tag<<8|int(rest[0]), rest[1:]
		}
		size := int(rest[0])
		rest = rest[1:]
		if size == 0x81 && len(rest) > 0 {
			size, rest = int(rest[0]), rest[1:]
		} else if size > 0x7F {
			return
		}
		if size > len(rest) {
			return
		}
		if tag == 0x61 || tag == 0x62 {
			walkTLV(rest[:size], visit)
		} else {
			visit(tag, rest[:size])
		}
		raw = rest[size:]
	}
}
