package ui

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// madeUp is a world that notes what is done to it.
type madeUp struct {
	done   []string
	err    error
	codes  []string
	reason string
}

func (m *madeUp) note(format string, args ...any) error {
	m.done = append(m.done, fmt.Sprintf(format, args...))
	return m.err
}

func (m *madeUp) Scan(code string) error      { return m.note("scan %s", code) }
func (m *madeUp) ScanCode(order string) error { return m.note("scanned %s", order) }

func (m *madeUp) SetPayer(mode string) error { return m.note("payer %s", mode) }
func (m *madeUp) SetLine(up bool) error      { return m.note("line %t", up) }
func (m *madeUp) SetPaper(in bool) error     { return m.note("paper %t", in) }

func (m *madeUp) Image(picture []byte) ([]string, string, error) {
	return m.codes, m.reason, m.note("image of %d bytes", len(picture))
}

func (m *madeUp) NewCode(wallet string) (string, error) {
	return "130000000000000001", m.note("code of %s", wallet)
}

func TestTheMadeUpWorldDoesWhatItIsTold(t *testing.T) {
	for _, tt := range []struct{ path, body, answer, done string }{
		{"/api/sim/scan", `{"code":"hello"}`, `{"ok":true}`, "scan hello"},
		{"/api/sim/code", `{"wallet":"wechat"}`, `{"code":"130000000000000001"}`, "code of wechat"},
		{"/api/sim/present", `{"order":"1"}`, `{"ok":true}`, "scanned 1"},
		{"/api/sim/payer", `{"mode":"refuse"}`, `{"ok":true}`, "payer refuse"},
		{"/api/sim/line", `{"up":false}`, `{"ok":true}`, "line false"},
		{"/api/sim/line", `{}`, `{"ok":true}`, "line true"},
		{"/api/sim/paper", `{"in":false}`, `{"ok":true}`, "paper false"},
		{"/api/sim/paper", `{}`, `{"ok":true}`, "paper true"},
	} {
		r := newDemoRig(t)
		r.wantJSON(r.post(tt.path, tt.body), http.StatusOK, tt.answer)
		if got := strings.Join(r.sim.done, ", "); got != tt.done {
			t.Errorf("%s %s: want %s, got %s", tt.path, tt.body, tt.done, got)
		}
	}
}

func TestWhatTheMadeUpWorldCanNotDoIsTold(t *testing.T) {
	for path, body := range map[string]string{
		"/api/sim/scan": `{"code":"x"}`, "/api/sim/code": `{"wallet":"x"}`,
		"/api/sim/present": `{"order":"x"}`, "/api/sim/payer": `{"mode":"x"}`, "/api/sim/line": `{}`, "/api/sim/paper": `{}`,
	} {
		r := newDemoRig(t)
		r.sim.err = errors.New("not in this world")
		wantError(t, r.post(path, body), http.StatusBadRequest, "sim")
	}
	r := newDemoRig(t)
	r.sim.err = errors.New("not in this world")
	wantError(t, r.show("image/png", "x"), http.StatusBadRequest, "sim")
}

// show posts a picture.
func (r *rig) show(kind, body string) *httptest.ResponseRecorder {
	req := request(http.MethodPost, "/api/sim/image", body)
	req.Header.Set("Content-Type", kind)
	return r.serve(req)
}

func TestAPictureIsShownAsTheBodyItself(t *testing.T) {
	r := newDemoRig(t)
	r.sim.codes = []string{"130000000000000001", "130000000000000002"}
	w := r.show("image/jpeg", "ten bytes!")
	r.wantJSON(w, http.StatusOK, `{"found":2,"reason":""}`)
	if got := strings.Join(r.sim.done, ", "); got != "image of 10 bytes" {
		t.Errorf("want the ten bytes shown, got %s", got)
	}
	r.sim.codes, r.sim.reason = nil, "too_dim"
	r.wantJSON(r.show("image/png", "x"), http.StatusOK, `{"found":0,"reason":"too_dim"}`)
}

func TestAPictureIsAPictureAndNotTooLarge(t *testing.T) {
	r := newDemoRig(t)
	wantError(t, r.show("application/json", "{}"), http.StatusUnsupportedMediaType, "not_image")
	wantError(t, r.show("", "x"), http.StatusUnsupportedMediaType, "not_image")
	if w := r.show("image/png", strings.Repeat("x", imageMax)); w.Code != http.StatusOK {
		t.Errorf("the largest picture: want 200, got %d", w.Code)
	}
	wantError(t, r.show("image/png", strings.Repeat("x", imageMax+1)),
		http.StatusRequestEntityTooLarge, "too_large")
}

func TestOutsideOfTheDemoThereIsNoMadeUpWorld(t *testing.T) {
	r := newRig(t)
	for _, path := range []string{"scan", "image", "code", "payer", "line", "paper"} {
		wantError(t, r.post("/api/sim/"+path, "{}"), http.StatusNotFound, "no_address")
		wantError(t, r.get("/api/sim/"+path), http.StatusNotFound, "no_address")
	}
	if strings.Contains(r.get("/api/view").Body.String(), `"demo":true`) {
		t.Error("the page shows the demo's panel")
	}
	if !strings.Contains(newDemoRig(t).get("/api/view").Body.String(), `"demo":true`) {
		t.Error("the demo's page shows no panel")
	}
}
