package main

import (
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

func TestTheDemoInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser: not in -short")
	}
	c := newCashier(t, chromium(t))
	for _, step := range []struct {
		name string
		do   func(*cashier)
	}{
		{"a sale is approved and its slip hangs out", (*cashier).sellsTwice},
		{"a payer who refuses is declined", (*cashier).isDeclined},
		{"a sale in doubt is not scanned again, and reversed by a cancel", (*cashier).cancelsADoubt},
		{"selling while in doubt takes a yes", (*cashier).sellsWhileInDoubt},
		{"what is no payer code is refused in words", (*cashier).scansWrongCodes},
		{"a code with a soft flag takes a yes", (*cashier).confirmsACode},
		{"without a line nothing is sent, and a wallet's code waits for it", (*cashier).sellsWithoutALine},
		{"the payer scans the terminal", (*cashier).showsACode},
		{"a sale is refunded in part and another is voided", (*cashier).givesBack},
		{"a picture of a code is a scan", (*cashier).showsAPicture},
		{"the list shows sales and their slips", (*cashier).looksAtTheList},
		{"a transaction is found by a number, typed or scanned from its slip", (*cashier).finds},
		{"the other language changes the words and nothing else", (*cashier).readsEnglish},
	} {
		t.Run(step.name, func(t *testing.T) {
			c.t = t
			c.comesToWork()
			step.do(c)
			c.wantNoFaults()
		})
	}
}

// chromium gives a browser's path, or skips the test.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no chromium, chromium-browser or google-chrome here")
	return ""
}

// opens a sale with the keyboard.
func (c *cashier) opens(keys, shown string) {
	c.t.Helper()
	c.types(keys)
	c.await(fmt.Sprintf("text(%q) === %q", ".enter .amount", shown))
	c.types(kb.Enter)
	c.await(`state === "created" && text("h1") === "请出示付款码"`)
}

// sells opens a sale and lets the customer show a code of WeChat.
func (c *cashier) sells(keys, shown string) {
	c.t.Helper()
	c.opens(keys, shown)
	c.clicks("[data-wallet=wechat]")
}

func (c *cashier) sellsTwice() {
	c.picture("idle")
	c.fits("idle")
	c.types("99999999999")
	c.await(`text(".amount") === "¥99,999,999.99"`) // the longest, and no digit more
	c.fits("longest")
	c.types(kb.Escape)
	c.opens("1050", "¥10.50")
	c.await("left() > 0")
	c.await("left() < " + c.read("left()")) // it counts down
	c.picture("waiting")
	c.fits("waiting")
	c.clicks("[data-wallet=wechat]")
	c.await(`state === "approved" && text("h1") === "收款成功" && text(".wallet").includes("微信支付")`)
	c.await(`drawn("#papers img") && document.querySelectorAll("#papers img").length === 2`)
	c.picture("approved")
	c.fits("approved")
	c.await(`state === "idle"`) // by itself, for the next customer
	c.sells("200", "¥2.00")     // with the keyboard, though the mouse was in the panel
	c.await(`state === "approved" && text(".amount") === "¥2.00"`)
}

func (c *cashier) isDeclined() {
	c.chooses("payer", "refuse")
	c.sells("300", "¥3.00")
	c.await(`state === "declined" && text("h1") === "交易被拒绝" && text(".result").includes("未扣款")`)
	c.picture("declined")
	c.fits("declined")
	c.types(kb.Enter)
	c.await(`state === "idle"`)
}

// amber is the colour of doubt.
const amber = `getComputedStyle(one(".result")).backgroundColor === "rgb(217, 138, 0)"`

func (c *cashier) cancelsADoubt() {
	c.chooses("payer", "ignore")
	c.sells("400", "¥4.00")
	c.await(`state === "pending" && text(".shout") === "请勿再次扫码收款" && ` + amber)
	c.await(`text("#banner").startsWith("1 笔结果未知")`)
	c.picture("doubt")
	c.fits("doubt")
	c.types(kb.Escape)
	c.await(`state === "reversed" && text("h1") === "已冲正，未收款" && one("#banner").hidden`)
	c.types(kb.Enter)
	c.await(`state === "idle"`)
}

func (c *cashier) sellsWhileInDoubt() {
	c.excuse = "409" // the first try is refused
	c.chooses("payer", "ignore")
	c.sells("500", "¥5.00")
	c.await(`state === "pending"`)
	doubtful := c.last().Order
	c.types(kb.Enter) // seen; the banner stays
	c.await(`state === "idle" && text("#banner").startsWith("1 笔结果未知")`)
	c.types("600" + kb.Enter)
	c.await(`one("#ask").open && text("#ask h2") === "有订单结果未知"`)
	c.types(kb.Enter) // no stands first
	c.await(`!one("#ask").open && state === "idle"`)
	if last := c.last(); last.Order != doubtful {
		c.t.Errorf("a sale was opened without a yes: %+v", last)
	}
	c.types(kb.Enter)
	c.await(`one("#ask").open`)
	c.clicks("#ask .danger")
	c.await(`state === "created" && text(".amount") === "¥6.00"`)
	c.types(kb.Escape)
	c.await(`state === "idle"`)
	c.post("/api/cancel", fmt.Sprintf(`{"order":%q}`, doubtful), nil)
	c.await(`one("#banner").hidden`)
}

func (c *cashier) scansWrongCodes() {
	c.opens("700", "¥7.00")
	for code, toast := range map[string]string{
		"https://qr.alipay.com/bax0": "这是商户收款码，请顾客出示付款码",
		"6901234567892":              "这是商品条码，不是付款码",
		"hello":                      "不认识的码，请出示付款码",
	} {
		c.clicks("#panel .scan input")
		c.types(code + kb.Enter)
		c.await(fmt.Sprintf(`state === "created" && !one("#toast").hidden && text("#toast") === %q`,
			toast))
	}
	c.fits("refused")
	c.clicks("#stage .row button:last-child") // cancel
	c.await(`state === "idle"`)
	if last := c.last(); last.State != "notsent" || last.Reason != "cancelled" {
		c.t.Errorf("want nothing sent, got %+v", last)
	}
}

// flagged looks like a code of WeChat, and like a number on an identity card.
const flagged = "110101190001010006"

func (c *cashier) confirmsACode() {
	c.opens("800", "¥8.00")
	c.clicks("#panel .scan input")
	c.types(flagged + kb.Enter)
	c.await(`one("#ask").open && text("#ask h2") === "这可能不是付款码" && state === "created"`)
	c.fits("asked")
	c.clicks("#ask .danger")
	c.await(`!one("#ask").open && state === "approved" && text(".amount") === "¥8.00"`)
}

func (c *cashier) sellsWithoutALine() {
	c.chooses("line", "false")
	c.opens("900", "¥9.00")
	c.clicks("[data-wallet=ecny]")
	c.await(`state === "notsent" && text("h1") === "未发送，未收款" && text(".result").includes("没有收到应答")`)
	c.await(`text("#banner").startsWith("联系不上收单机构，故障在： 网络线路")`)
	c.fits("notsent")
	c.types(kb.Enter)
	c.sells("901", "¥9.01")
	c.await(`state === "held" && text("h1") === "等待线路恢复" && left() > 0 && ` + amber)
	c.picture("held")
	c.fits("held")
	c.chooses("line", "true")
	c.await(`state === "approved" && text(".amount") === "¥9.01" && one("#banner").hidden`)
}

func (c *cashier) showsACode() {
	c.opens("910", "¥9.10")
	c.types("q")
	c.await(`text("h1") === "请扫码付款" && drawn(".code") && left() > 0`)
	c.picture("code")
	c.fits("code")
	c.clicks("#scan-terminal")
	c.await(`state === "approved" && text(".amount") === "¥9.10"`)
}

func (c *cashier) givesBack() {
	c.sells("1000", "¥10.00")
	c.await(`state === "approved"`)
	c.types(kb.Enter + "f")
	c.await(`state === "list"`)
	c.clicks(".transaction .head")
	c.clicks(".deeds button:nth-child(3)")
	c.await(`one("#ask").open && text("#ask h2") === "退货" && one(".ask-amount").value === "10.00"`)
	c.fits("refund")
	c.types("2.50" + kb.Enter)
	c.await(`!one("#ask").open && text(".transaction .state") === "已退款" &&
		text(".transaction .money") === "−¥2.50"`)
	if last := c.last(); last.Kind != "refund" || last.AmountFen != 250 {
		c.t.Errorf("want a refund of 250 fen, got %+v", last)
	}
	c.types(kb.Escape)
	c.excuse = "409" // the picture of a slip, asked for just as the void overtakes it
	c.sells("20", "¥0.20")
	c.await(`state === "approved"`)
	c.types(kb.Enter + "f")
	c.clicks(".transaction .head")
	c.clicks(".deeds button:nth-child(4)")
	c.await(`one("#ask").open && text("#ask h2") === "撤销这笔消费？"`)
	c.clicks("#ask .danger")
	c.await(`text(".transaction .state") === "已撤销"`)
	c.types(kb.Escape)
}

func (c *cashier) showsAPicture() {
	var wallet struct{ Code string }
	c.post("/api/sim/code", `{"wallet":"alipay"}`, &wallet)
	matrix, err := qrcode.NewQRCodeWriter().Encode(wallet.Code, gozxing.BarcodeFormat_QR_CODE,
		300, 300, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	name := filepath.Join(c.t.TempDir(), "code.png")
	f, err := os.Create(name)
	if err == nil {
		err = png.Encode(f, matrix)
	}
	if err != nil || f.Close() != nil {
		c.t.Fatal(err)
	}
	c.opens("1000", "¥10.00")
	c.do(chromedp.SetUploadFiles(chromedp.CSS("#panel input[type=file]"), []string{name}))
	c.await(`state === "approved" && text(".wallet").includes("支付宝") && text("#said") === "1 图中的码"`)
}

func (c *cashier) finds() {
	c.sells("1700", "¥17.00")
	c.await(`state === "approved"`)
	order := c.last().Order
	c.await(`state === "idle"`)
	c.types("f")
	c.types("n")
	c.await(`one("#ask").open && text("#ask h2") === "查找交易"`)
	c.types(order)
	c.types(kb.Enter)
	c.await(`text("#found .money") === "¥17.00" && text("#found").includes(` + fmt.Sprintf("%q", order) + `)`)
	c.types(kb.Escape)
	c.await(`state === "idle"`)
	c.post("/api/sim/scan", fmt.Sprintf(`{"code":%q}`, order), nil) // the code of its slip
	c.await(`state === "list" && text("#found .money") === "¥17.00"`)
	c.types(kb.Escape)
	c.await(`state === "idle"`)
}

func (c *cashier) looksAtTheList() {
	c.sells("1200", "¥12.00")
	c.await(`state === "approved"`)
	c.types(kb.Enter)
	c.await(`state === "idle"`)
	c.types("f")
	c.await(`state === "list" && text(".transaction .money") === "¥12.00"`)
	c.clicks(".transaction .head")
	c.await(fmt.Sprintf(`text(".transaction").includes(%q) && drawn(".transaction img")`,
		c.last().Order))
	c.picture("list")
	c.fits("list")
	c.clicks(".deeds button:nth-child(2)") // another customer copy
	c.await(`[...document.querySelectorAll(".transaction img")].some((img) =>
		img.src.endsWith("-sale-customer.png?2") && img.naturalWidth > 0)`)
	c.types(kb.Escape)
	c.await(`state === "idle"`)
}

func (c *cashier) readsEnglish() {
	c.chooses("payer", "refuse")
	c.clicks("#language")
	c.await(`text("h1") === "Enter the amount" && text("#panel h2") === "Demo panel" &&
		document.documentElement.lang === "en"`)
	c.await(`one("#panel input[name=payer][value=refuse]").checked`)
	c.fits("english")
	c.types("1300" + kb.Enter)
	c.await(`text("h1") === "Please show your payment code"`)
	c.clicks("[data-wallet=wechat]")
	c.await(`state === "declined" && text("h1") === "Declined"`)
	c.clicks("#language")
	c.await(`text("h1") === "交易被拒绝"`)
}
