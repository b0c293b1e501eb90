package ui

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"saoma/terminal/txn"
)

// stream is a reader of /api/events. The mutex is for the test, which reads while
// the handler writes.
type stream struct {
	t      *testing.T
	header http.Header
	mu     sync.Mutex
	text   strings.Builder // flushed
	held   strings.Builder // written, not flushed
	broken bool
	stop   context.CancelFunc
	ended  chan struct{}
}

func (s *stream) Header() http.Header { return s.header }
func (s *stream) WriteHeader(int)     {}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return 0, errors.New("the reader has gone")
	}
	return s.held.Write(p)
}

func (s *stream) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(s.held.String())
	s.held.Reset()
}

// open starts a stream of a rig. It is for a synctest bubble.
func open(t *testing.T, r *rig) *stream {
	ctx, cancel := context.WithCancel(t.Context())
	s := &stream{t: t, header: http.Header{}, stop: cancel, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		r.ServeHTTP(s, request(http.MethodGet, "/api/events", "").WithContext(ctx))
	}()
	return s
}

// next gives what has come since the last call.
func (s *stream) next() string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return s.text.String()
}

// wantView wants exactly one view, and gives it.
func (s *stream) wantView(revision uint64) viewJSON {
	s.t.Helper()
	text := s.next()
	body, ok := strings.CutPrefix(text, "event: view\ndata: ")
	body, end := strings.CutSuffix(body, "\n\n")
	var v viewJSON
	if err := json.Unmarshal([]byte(body), &v); err != nil || !ok || !end ||
		strings.Contains(body, "\n") {
		s.t.Fatalf("want one view, got %q: %v", text, err)
	}
	if v.Revision != revision {
		s.t.Errorf("want revision %d, got %d", revision, v.Revision)
	}
	return v
}

func (s *stream) wantEnded() {
	s.t.Helper()
	synctest.Wait()
	select {
	case <-s.ended:
	default:
		s.t.Error("the stream goes on")
	}
}

func TestTheStreamSendsTheWholeViewAndThenEachNewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s := open(t, r)
		sale := createdSale()
		r.till.news <- txn.View{Revision: 1, Now: noon, Current: &sale}
		if v := s.wantView(1); v.Current == nil || v.Current.Order != orderNumber || v.Recent == nil {
			t.Errorf("want the whole view, got %+v", v)
		}
		if kind := s.header.Get("Content-Type"); kind != "text/event-stream" {
			t.Errorf("want text/event-stream, got %q", kind)
		}
		for revision := uint64(2); revision < 5; revision++ {
			r.till.news <- txn.View{Revision: revision}
			s.wantView(revision)
		}
		s.stop()
		s.wantEnded()
	})
}

func TestADeviceThatComesOrGoesIsSeenWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.till.view = txn.View{Revision: 7}
		r.have(Device{Name: "counter", Kind: "scanner", State: "ok"})
		s := open(t, r)
		r.till.news <- txn.View{Revision: 7}
		s.wantView(7)
		<-time.After(2 * lookAtDevice)
		if text := s.next(); text != "" {
			t.Errorf("nothing has changed, but it sent %q", text)
		}
		r.have(Device{Name: "counter", Kind: "scanner", State: "trouble", Cause: "unplugged"})
		<-time.After(lookAtDevice)
		if v := s.wantView(7); v.Devices[0].State != "trouble" {
			t.Errorf("want trouble, got %+v", v.Devices)
		}
		<-time.After(2 * lookAtDevice)
		if text := s.next(); text != "" {
			t.Errorf("it was told already, but it sent %q", text)
		}
		s.stop()
		s.wantEnded()
	})
}

func TestAQuietStreamSaysThatItIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s := open(t, r)
		r.till.news <- txn.View{Revision: 1}
		s.wantView(1)
		<-time.After(heartbeat + time.Millisecond)
		if text := s.next(); text != ": still here\n\n" {
			t.Errorf("want a comment, got %q", text)
		}
		s.stop()
		s.wantEnded()
	})
}

func TestAStreamEndsWhenItsReaderHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		s := open(t, r)
		defer s.stop()
		s.mu.Lock()
		s.broken = true
		s.mu.Unlock()
		r.till.news <- txn.View{Revision: 1}
		s.wantEnded()
	})
}

func TestAConnectionThatCanNotStreamIsToldSo(t *testing.T) {
	r := newRig(t)
	w := r.get("/healthz")
	// Only the methods of a ResponseWriter, so that Flush is out of reach.
	r.ServeHTTP(struct{ http.ResponseWriter }{w}, request(http.MethodGet, "/api/events", ""))
	if !strings.Contains(w.Body.String(), "this connection can't stream") {
		t.Errorf("got %s", w.Body)
	}
}
