package paycode

import (
	"net/url"
	"regexp"
	"strings"
)

// merchantHost is a place that merchant codes point to.
type merchantHost struct {
	scheme string // lower case
	host   string // exact, lower case
	path   *regexp.Regexp
	label  string
}

var anyPath = regexp.MustCompile(`^/.+`)

// merchantHosts are the merchant codes of payment-codes.md, section 8.
var merchantHosts = []merchantHost{
	{"weixin", "wxpay", regexp.MustCompile(`^/bizpayurl`), "WECHAT"},
	{"upi", "pay", regexp.MustCompile(``), "UPI"},
	{"https", "payapp.weixin.qq.com", anyPath, "WECHAT"},
	{"https", "wx.tenpay.com", anyPath, "WECHAT"},
	{"https", "qr.alipay.com", anyPath, "ALIPAY"},
	{"https", "qr.95516.com", regexp.MustCompile(`^/\d{8}/\d{26,32}$`), "UNIONPAY"},
	{"https", "i.qianbao.qq.com", regexp.MustCompile(`^/wallet/sqrcode\.htm`), "QQ"},
	{"https", "p.10086.cn", regexp.MustCompile(`^/d$`), "CMPAY"},
	{"https", "syb.allinpay.com", allinpayPath, "ALLINPAY"},
	{"https", "syb-test.allinpay.com", allinpayPath, "ALLINPAY"},
	{"https", "qr.chinaums.com", anyPath, "CHINAUMS"},
	{"https", "qr-test2.chinaums.com", anyPath, "CHINAUMS"},
}

var (
	allinpayPath = regexp.MustCompile(`^/apiweb/h5unionpay/|^/sappweb/usertrans/cuspay`)
	wxpToken     = regexp.MustCompile(`^(?i:wxp)://f2f[01][0-9A-Za-z_-]+$`)
)

// merchantURL classifies a web address. It is parsed, never matched by its
// beginning: https://qr.alipay.com@evil.example begins well.
func merchantURL(text string) Code {
	if wxpToken.MatchString(text) {
		return Code{Result: "MERCHANT/WECHAT", Reason: ReasonMerchantCode}
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Port() != "" {
		return Code{Result: "URL_UNKNOWN", Reason: ReasonForeignURL}
	}
	for _, m := range merchantHosts {
		if !strings.EqualFold(u.Scheme, m.scheme) || !strings.EqualFold(u.Host, m.host) {
			continue
		}
		if m.path.MatchString(u.Path) {
			return Code{Result: "MERCHANT/" + m.label, Reason: ReasonMerchantCode}
		}
		return Code{Result: "URL_NOT_PAYCODE", Reason: ReasonForeignURL}
	}
	return Code{Result: "URL_UNKNOWN", Reason: ReasonForeignURL}
}
