package acquirersim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

func (t *terminal) control(method, path, body string, want int) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/_sim/"+path, strings.NewReader(body))
	t.sim.ControlHandler().ServeHTTP(w, r)
	if w.Code != want {
		t.Errorf("%s %s %s: want status %d, got %d: %s", method, path, body, want, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func TestKnobsOverHTTPDoWhatTheMethodsDo(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.control("POST", "payer", `{"mode":"password"}`, 204)
	var shown struct{ Code string }
	text := peer.control("POST", "code", `{"wallet":"hzbank"}`, 200)
	if err := json.Unmarshal(text, &shown); err != nil || len(shown.Code) != 16 {
		t.Fatalf("want a code, got %s", text)
	}
	peer.pay(fields{"authcode": shown.Code})
	peer.pay(fields{"reqsn": "2", "authcode": someCode})
	peer.control("POST", "pay", `{"order":"1"}`, 204)
	peer.control("POST", "refuse", `{"order":"2"}`, 204)
	peer.control("POST", "refuse", `{"order":"2"}`, 400)
	peer.control("POST", "clock", `{"advance_s":60}`, 204)
	if got := peer.query("1"); got["trxstatus"] != "0000" || got["paytype"] != "N03" {
		t.Errorf("want paid through NetsUnion, got %v", got)
	}
	if got := peer.query("2"); got["trxstatus"] != "3999" {
		t.Errorf("want declined, got %v", got)
	}
	ledger := peer.control("GET", "ledger", "", 200)
	if !bytes.Contains(ledger, []byte(`"state":"paid"`)) {
		t.Errorf("want a paid order, got %s", ledger)
	}
	if bytes.Contains(ledger, []byte(shown.Code)) || bytes.Contains(ledger, []byte(someCode)) {
		t.Errorf("want no payer code in the ledger, got %s", ledger)
	}
	peer.control("DELETE", "reset", "", 204)
	peer.control("POST", "reset", "", 204)
	if text := peer.control("GET", "ledger", "", 200); string(text) != "[]\n" {
		t.Errorf("want an empty ledger, got %s", text)
	}
}

func TestKnobsRefuseNonsense(t *testing.T) {
	peer := newTerminal(t, asIs)
	for _, tt := range [][2]string{
		{"payer", `{"mode":"angry"}`}, {"payer", `{"mode":"password","after_s":-1}`},
		{"payer", `{"colour":"red"}`}, {"payer", `x`}, {"code", `{"wallet":"none"}`}, {"code", `1`},
		{"fault", `{"op":"pay","kind":"flood"}`}, {"fault", `{"op":"dance","kind":"silent"}`},
		{"fault", `{"op":"pay","kind":"silent","nth":-1}`}, {"script", `[{}]`},
		{"pay", `{"order":"1"}`},
	} {
		peer.control("POST", tt[0], tt[1], 400)
	}
}

func TestScriptMeetsTheNthRequest(t *testing.T) {
	peer := newTerminal(t, asIs)
	peer.control("POST", "fault", `{"op":"query","kind":"status","value":"3088"}`, 204)
	peer.control("POST", "script", `[{"op":"query","nth":2,"kind":"status","value":"3089"},
		{"op":"*","nth":3,"kind":"status","value":"3777"}]`, 204)
	for _, want := range []string{"1001", "3089", "3777", "1001"} {
		peer.sim.Advance(MinQueryIntervalDefault)
		if got := peer.query("1"); got["trxstatus"] != want {
			t.Errorf("want %s, got %v", want, got)
		}
	}
	if n := peer.sim.Requests(OpQuery); n != 4 {
		t.Errorf("want 4 queries counted, got %d", n)
	}
}

func TestScriptHasAMaximum(t *testing.T) {
	peer := newTerminal(t, asIs)
	for range faultsMax {
		if err := peer.sim.AddFault(Fault{Op: OpAny, Kind: Silent}); err != nil {
			t.Fatal(err)
		}
	}
	if err := peer.sim.AddFault(Fault{Op: OpAny, Kind: Silent}); err == nil {
		t.Error("want one more refused")
	}
}

func TestViolationsHaveAMaximum(t *testing.T) {
	peer := newTerminal(t, asIs)
	for range violationsMax + 1 {
		peer.post("/tranx/query", "")
	}
	if n := len(peer.sim.Violations()); n != violationsMax {
		t.Errorf("want %d, got %d", violationsMax, n)
	}
}

func TestRelayIsCutAndMended(t *testing.T) {
	far, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		for {
			conn, err := far.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(conn, conn)
			_ = conn.Close()
		}
	}()
	relay, err := NewRelay("127.0.0.1:0", far.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		conn := echo(t, relay.Addr())
		relay.Cut()
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("want the live connection ended, got a byte")
		}
		if _, err := net.Dial("tcp", relay.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("want new connections refused, got %v", err)
		}
		if err := errors.Join(relay.Mend(), relay.Mend()); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
	}
	_ = echo(t, relay.Addr()).Close()
	relay.Close()
	if err := relay.Mend(); err == nil {
		t.Error("want a closed relay to stay closed")
	}
	if _, err := NewRelay("127.0.0.1:99999", ""); err == nil {
		t.Error("want a bad address refused")
	}
	_ = far.Close()
	<-echoed
}

// echo sends a byte there and back.
func echo(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return conn
}
