package ui

import (
	"net/http"
	"strings"
	"testing"
)

func TestOnlyRequestsToLoopbackAreServed(t *testing.T) {
	r := newRig(t)
	for host, code := range map[string]string{
		"127.0.0.1:8080": "", "127.0.0.1": "", "127.9.9.9:1": "", "localhost:8080": "", "localhost": "",
		"[::1]:8080": "", "[::1]": "",
		"": "foreign_host", "192.0.2.7:8080": "foreign_host", "0.0.0.0:8080": "foreign_host",
		"terminal.example:8080": "foreign_host", "127.0.0.1.example:8080": "foreign_host",
		"localhost.example": "foreign_host", "[fe80::1]:8080": "foreign_host",
	} {
		req := request(http.MethodPost, "/api/confirm", "{}")
		req.Host = host
		wantGuarded(t, r, req, code)
	}
}

func TestAPageFromElsewhereMayNotDriveTheTerminal(t *testing.T) {
	r := newRig(t)
	for _, tt := range []struct{ header, value, code string }{
		{"Origin", "http://127.0.0.1:8080", ""},
		{"Origin", "https://127.0.0.1:8080", "cross_site"},
		{"Origin", "http://127.0.0.1:9090", "cross_site"}, // another program of this machine
		{"Origin", "http://localhost:8080", "cross_site"},
		{"Origin", "https://evil.example", "cross_site"},
		{"Origin", "null", "cross_site"},
		{"Sec-Fetch-Site", "same-origin", ""},
		{"Sec-Fetch-Site", "none", ""}, // somebody typed the address
		{"Sec-Fetch-Site", "same-site", "cross_site"},
		{"Sec-Fetch-Site", "cross-site", "cross_site"},
		{"Sec-Fetch-Site", "of-a-later-browser", "cross_site"},
	} {
		req := request(http.MethodPost, "/api/confirm", "{}")
		req.Header.Set(tt.header, tt.value)
		wantGuarded(t, r, req, tt.code)
	}
}

// wantGuarded wants a request served, or refused with a code and not carried out.
func wantGuarded(t *testing.T, r *rig, req *http.Request, code string) {
	t.Helper()
	r.till.events = nil
	w := r.serve(req)
	name := req.Host + " " + req.Header.Get("Origin") + req.Header.Get("Sec-Fetch-Site")
	if code == "" {
		if w.Code != http.StatusOK || len(r.till.events) != 1 {
			t.Errorf("%s: want it served, got %d %s", name, w.Code, w.Body)
		}
		return
	}
	wantError(t, w, http.StatusForbidden, code)
	if len(r.till.events) > 0 {
		t.Errorf("%s: %v was submitted", name, r.till.events)
	}
}

func TestEveryAnswerHasTheHeadersOfSafety(t *testing.T) {
	r := newRig(t)
	foreign := request(http.MethodGet, "/", "")
	foreign.Host = "evil.example"
	for name, w := range map[string]http.Header{
		"page": r.get("/").Header(), "view": r.get("/api/view").Header(),
		"unknown address": r.get("/api/x").Header(), "metrics": r.get("/metrics").Header(),
		"refused": r.serve(foreign).Header(),
	} {
		csp := w.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'",
			"form-action 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: want %s, got %q", name, want, csp)
			}
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if got := w.Get(header); got != want {
				t.Errorf("%s: want %s %s, got %q", name, header, want, got)
			}
		}
		if w.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: other origins may read it", name)
		}
	}
}
