package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestOperatorsInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser: not in -short")
	}
	browser, data := chromium(t), t.TempDir()
	hire(t, data)
	c := cashierAt(t, browser, startDemo(t, data))
	for _, step := range []struct {
		name string
		do   func(*cashier)
	}{
		{"an operator signs on with the keys", (*cashier).signsOn},
		{"a supervisor is called for a void", (*cashier).callsTheSupervisor},
		{"the shift is looked at, printed and ended", (*cashier).signsOff},
	} {
		t.Run(step.name, func(t *testing.T) {
			c.t = t
			step.do(c)
			c.wantNoFaults()
		})
	}
}

// noPIN wants no PIN in the page: not in its text, nor in a field.
func (c *cashier) noPIN() {
	c.t.Helper()
	page := c.read(`document.documentElement.outerHTML +
		[...document.querySelectorAll("input")].map((e) => e.value)`)
	for _, pin := range []string{cashierPIN, supervisorPIN, "555555"} {
		if strings.Contains(page, pin) {
			c.t.Errorf("a PIN is in the page: %s", page)
		}
	}
}

func (c *cashier) signsOn() {
	c.post("/api/sim/payer", `{"mode":"approve"}`, nil)
	c.comesToTheDoor()
	c.fits("sign on")
	c.excuse = "401" // the first PIN is wrong
	c.types("01" + kb.Enter + "555555")
	if kind := c.read(`document.activeElement.type + " " + document.activeElement.value.length`); kind != "password 6" {
		c.t.Errorf("want the PIN in a field that shows none, got %s", kind)
	}
	c.types(kb.Enter)
	c.await(`state === "sign_on" && text("#toast") === "操作员号或密码错误"`)
	c.noPIN()
	for _, digit := range cashierPIN { // with the mouse, as on a screen that is touched
		key := map[rune]int{'0': 11}[digit]
		if key == 0 {
			key = int(digit - '0')
		}
		c.clicks(fmt.Sprintf("#stage .keys button:nth-child(%d)", key))
	}
	c.clicks("#stage .plain.go")
	c.await(`state === "idle" && text("#duty") === "01 小王"`)
	c.noPIN()
	c.fits("on duty")
}

// comesToTheDoor opens the page while nobody is on duty.
func (c *cashier) comesToTheDoor() {
	c.t.Helper()
	c.do(chromedp.EmulateViewport(windowWidth, windowHeight), chromedp.Navigate(c.page))
	c.await(`state === "sign_on" && text("h1") === "请签到" && !one("#panel").hidden`)
}

func (c *cashier) callsTheSupervisor() {
	c.excuse = "40" // 403 without a supervisor, 401 with a wrong PIN, 409 for the slip that the void overtakes
	c.sells("1000", "¥10.00")
	c.await(`state === "approved"`)
	c.types(kb.Enter + "f")
	c.clicks(".transaction .head")
	c.clicks(".deeds button:nth-child(4)")
	c.await(`one("#ask").open && text("#ask h2") === "撤销这笔消费？"`)
	c.clicks("#ask .danger")
	c.await(`one("#ask").open && text("#ask h2") === "此操作需要主管"`)
	c.fits("supervisor")
	c.types("09" + kb.Enter + "555555" + kb.Enter)
	c.await(`one("#ask").open && text("#toast") === "操作员号或密码错误"`)
	c.noPIN()
	c.types("09" + kb.Enter + supervisorPIN + kb.Enter)
	c.await(`!one("#ask").open && text(".transaction .state") === "已撤销"`)
	c.noPIN()
	c.types(kb.Escape)
}

func (c *cashier) signsOff() {
	c.types("f")
	c.await(`state === "list"`)
	c.clicks("#stage > section > .row button:nth-child(4)")
	c.await(`state === "reports" && text(".shift").includes("01 小王 · 收银员") && text(".shift").includes("净额 ¥0.00")`)
	c.fits("shift")
	c.picture("shift")
	c.clicks(".deeds button:nth-child(1)")
	c.clicks(".deeds button:nth-child(2)")
	c.clicks(".deeds button:nth-child(3)")
	c.await(`one("#ask").open && text("#ask h2") === "现在签退？"`)
	c.clicks("#ask .danger")
	c.await(`state === "sign_on" && text("#duty") === "" && one("#banner").hidden`)
	c.picture("sign-on")
}
