package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// pictures asks for the screenshots of docs/pictures, which want Chinese fonts:
//
//	go test ./cmd/terminal -run Browser -pictures ../../docs/pictures
var pictures = flag.String("pictures", "", "directory for screenshots of the pages; none, if empty")

// glance is how long a person looks at a screen before it counts as stuck.
const glance = 20 * time.Second

// The window of the demo: the till with its panel.
const windowWidth, windowHeight = 1100, 800

// screens are the sizes that a till may have. None of them has room for the panel.
var screens = [][2]int64{{480, 800}, {800, 480}, {1024, 600}}

// cashier sits at the demo's page in a real browser, and uses its keys and mouse.
type cashier struct {
	t    *testing.T // of the running step
	ctx  context.Context
	page string // http://HOST:PORT

	mu     sync.Mutex
	faults []string // what the page complained of
	excuse string   // a complaint that has this in it is expected
}

func newCashier(t *testing.T, browser string) *cashier {
	t.Helper()
	return cashierAt(t, browser, startDemo(t, t.TempDir()))
}

// cashierAt sits at the page of a demo that runs.
func cashierAt(t *testing.T, browser, page string) *cashier {
	t.Helper()
	c := &cashier{t: t, page: page}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser),
		chromedp.WindowSize(windowWidth, windowHeight))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium has none for root
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	var closeTab context.CancelFunc
	c.ctx, closeTab = chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	if err := chromedp.Listen(c.ctx, c.hear); err != nil {
		t.Fatal(err)
	}
	return c
}

// startDemo runs the real program and gives its address, once it is ready.
func startDemo(t *testing.T, data string) string {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(binary(t), "demo", "-addr", "127.0.0.1:0", "-data", data)
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()); err != nil {
			t.Errorf("the demo did not stop well: %v\n%s", err, &log)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	_, rest, ok := strings.Cut(line, "open ")
	page, _, end := strings.Cut(rest, " in a browser")
	if err != nil || !ok || !end {
		t.Fatalf("the demo is not ready: %q %v", line, err)
	}
	return page
}

// hear notes what no page of ours should say.
func (c *cashier) hear(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		c.note("exception: %s %+v", ev.ExceptionDetails.Text, ev.ExceptionDetails.Exception)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == runtime.ConsoleAPICalledTypeError ||
			ev.Type == runtime.ConsoleAPICalledTypeWarning {
			c.note("console: %s %+v", ev.Type, ev.Args)
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError || ev.Entry.Level == log.EntryLevelWarning {
			c.note("%s: %s %s", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	case *network.EventResponseReceived:
		if ev.Response.Status >= http.StatusBadRequest {
			c.note("%s: %d", ev.Response.URL, ev.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !ev.Canceled { // the page was left
			c.note("%s: %s", ev.Type, ev.ErrorText)
		}
	}
}

func (c *cashier) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fault := fmt.Sprintf(format, args...)
	if c.excuse == "" || !strings.Contains(fault, c.excuse) {
		c.faults = append(c.faults, fault)
	}
}

func (c *cashier) wantNoFaults() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, fault := range c.faults {
		c.t.Errorf("the page complains: %s", fault)
	}
	c.faults, c.excuse = nil, ""
}

// do carries out what a person does.
func (c *cashier) do(actions ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, glance)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		c.t.Fatal(err)
	}
}

// words lets conditions read the page as a person does.
const words = `
const one = (css) => document.querySelector(css);
const text = (css) => (one(css) ? one(css).innerText.trim() : "");
const state = document.body.dataset.state;
const left = () => parseInt(text("[data-ends]"));
const drawn = (css) => {
	const all = [...document.querySelectorAll(css)];
	return all.length > 0 && all.every((img) => img.naturalWidth > 0);
};
const sent = (path) => performance.getEntriesByType("resource")
	.filter((e) => e.name.endsWith(path)).length;
`

// await waits until a condition in JavaScript holds. The page's own policy forbids
// eval, which chromedp.Poll needs.
func (c *cashier) await(condition string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, glance)
	defer cancel()
	const look = `new Promise((done) => {
		const look = () => { %s if (%s) done(true); else setTimeout(look, 20); };
		look();
	})`
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(look, words, condition),
		chromedp.EvalAwaitPromise))
	if err != nil {
		c.t.Fatalf("waited for %s: %v\nthe page says: %s", condition, err,
			c.read(`document.body.dataset.state + ": " + document.body.innerText`))
	}
}

// read gives the value of an expression in JavaScript, which is a text.
func (c *cashier) read(expression string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, glance)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		fmt.Sprintf("(() => { %s return String(%s); })()", words, expression)))
	if err != nil {
		c.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// types presses keys. A press and its letter are one event here, as a keyboard makes
// them: chromedp's own KeyEvent sends two, and a page that has taken the press can't
// stop the letter.
func (c *cashier) types(keys string) {
	c.t.Helper()
	for _, key := range keys {
		events := kb.Encode(key)
		press, release := *events[0], *events[len(events)-1]
		if len(events) == 3 {
			press.Text = events[1].Text
		}
		c.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, press)
			if err != nil {
				return err
			}
			_, err = cdp.Call(ctx, tab, input.DispatchKeyEvent, release)
			return err
		}))
	}
}

// clicks with the mouse, in the middle of what is there now: a view may replace it
// at any time, so it is not kept.
func (c *cashier) clicks(css string) {
	c.t.Helper()
	c.await(fmt.Sprintf("one(%q) && one(%[1]q).offsetWidth > 0", css))
	var x, y float64
	middle := c.read(fmt.Sprintf(`(one(%q).scrollIntoView({block: "nearest"}),
		[one(%[1]q).getBoundingClientRect()].map((r) =>
			(r.x + r.width / 2) + " " + (r.y + r.height / 2)))`, css))
	if _, err := fmt.Sscan(middle, &x, &y); err != nil {
		c.t.Fatalf("%s is nowhere: %q", css, middle)
	}
	c.do(chromedp.MouseClickXY(x, y))
}

// chooses an option of the panel and waits until the made-up world has heard it.
func (c *cashier) chooses(name, value string) {
	c.t.Helper()
	before := c.read(fmt.Sprintf("sent(%q)", "/api/sim/"+name))
	c.clicks(fmt.Sprintf("#panel input[name=%s][value=%s]", name, value))
	c.await(fmt.Sprintf("sent(%q) > %s", "/api/sim/"+name, before))
}

// post asks the API beside the page, as another program.
func (c *cashier) post(path, body string, into any) {
	c.t.Helper()
	s := shop{addr: c.page}
	if status, err := s.call(http.MethodPost, path, body, into); err != nil || status >= 300 {
		c.t.Fatalf("%s %s: %d %v", path, body, status, err)
	}
}

func (c *cashier) last() transaction {
	c.t.Helper()
	var all []transaction
	s := shop{addr: c.page}
	_, err := s.call(http.MethodGet, "/api/transactions?limit=1", "", &all)
	if err != nil || len(all) == 0 {
		c.t.Fatalf("no transaction: %v", err)
	}
	return all[0]
}

// comesToWork begins each step alike: a willing payer, a whole line, a fresh page.
func (c *cashier) comesToWork() {
	c.t.Helper()
	c.post("/api/sim/payer", `{"mode":"approve"}`, nil)
	c.post("/api/sim/line", `{"up":true}`, nil)
	c.do(chromedp.EmulateViewport(windowWidth, windowHeight), chromedp.Navigate(c.page))
	c.await(`state === "idle" && text("h1") === "请输入金额" && !one("#panel").hidden`)
}

// fits wants nothing of a screen cut off at its side, nor a button below, in
// any size.
func (c *cashier) fits(name string) {
	c.t.Helper()
	for _, size := range screens {
		c.do(chromedp.EmulateViewport(size[0], size[1]))
		c.await(fmt.Sprintf("innerWidth === %d && innerHeight === %d", size[0], size[1]))
		wide := c.read(`[document.scrollingElement,
			...document.querySelectorAll("#till, #till *, #ask *")]
			.filter((e) => e.scrollWidth > innerWidth || e.getBoundingClientRect().right > innerWidth + 0.5)
			.map((e) => e.tagName + "." + e.className)`)
		if wide != "" {
			c.t.Errorf("%s at %d x %d is too wide: %s", name, size[0], size[1], wide)
		}
		low := c.read(`[...document.querySelectorAll(
			".key, #stage > section > button, #stage > section > * > .plain")]
			.filter((e) => e.getBoundingClientRect().bottom > innerHeight).map((e) => e.innerText)`)
		if low != "" {
			c.t.Errorf("%s at %d x %d: one has to scroll for %s", name, size[0], size[1], low)
		}
	}
	c.do(chromedp.EmulateViewport(windowWidth, windowHeight))
	c.await(fmt.Sprintf("innerWidth === %d", windowWidth))
}

// picture takes one of the demo's whole window.
func (c *cashier) picture(name string) {
	c.t.Helper()
	if *pictures == "" {
		return
	}
	c.await(`text("#clock") !== ""`)
	shot, err := chromedp.Run(c.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(*pictures, name+".png"), shot, 0o644)
	}
	if err != nil {
		c.t.Error(err)
	}
}
