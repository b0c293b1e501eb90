package ui

import (
	"net"
	"net/http"
	"strings"
)

// guard lets through what is made to loopback, by our own pages or by programs of
// this machine. A page from elsewhere that is open in a browser here must not
// drive the terminal, and a name that points to loopback must not either.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob:; "+
			"frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		switch {
		case !loopbackHost(r.Host):
			fail(w, http.StatusForbidden, "foreign_host", "this page is served on loopback only")
		case !sameSite(r):
			fail(w, http.StatusForbidden, "cross_site", "a page from elsewhere may not do this")
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func loopbackHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// sameSite says whether a browser, if it is one, asks for one of our own pages.
// Programs send neither header.
func sameSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host
}

// jsonErrors turns the multiplexer's own texts into the API's errors.
func jsonErrors(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if has(mux, r) {
			mux.ServeHTTP(w, r)
			return
		}
		if allowed := methods(mux, r); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			fail(w, http.StatusMethodNotAllowed, "method", "this address takes "+strings.Join(allowed, ", "))
			return
		}
		fail(w, http.StatusNotFound, "no_address", "there is nothing at this address")
	})
}

// has says whether there is something for a request. The pattern of the pages fits
// every address, but below /api/ there are no pages.
func has(mux *http.ServeMux, r *http.Request) bool {
	_, pattern := mux.Handler(r)
	return pattern != "" && (pattern != "GET /" || !strings.HasPrefix(r.URL.Path, "/api/"))
}

// methods are those that the address would take.
func methods(mux *http.ServeMux, r *http.Request) []string {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		other := r.Clone(r.Context())
		other.Method = m
		if has(mux, other) {
			allowed = append(allowed, m)
		}
	}
	return allowed
}
