package allinpay

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestFormIsWhatTheNetUrlPackageMakes(t *testing.T) {
	p := params{"b": "a b+c/=&%~*中", "a": "1", "empty": "", "c": "hQVDUFYwMWE="}
	want := url.Values{"a": {"1"}, "b": {p["b"]}, "c": {p["c"]}}.Encode()
	got, err := io.ReadAll(newForm(p).reader())
	if err != nil || string(got) != want {
		t.Errorf("want %s, got %s, %v", want, got, err)
	}
}

func TestWipedFormHoldsNoCode(t *testing.T) {
	const code = "134567890123456789"
	form := newForm(params{"authcode": code})
	kept := form.body
	reader := form.reader()
	if _, err := reader.Read(make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	form.wipe()
	if bytes.Contains(kept, []byte(code[:3])) {
		t.Errorf("want zeros, got %q", kept)
	}
	if _, err := reader.Read(make([]byte, 4)); !errors.Is(err, errWiped) {
		t.Errorf("want no more to be read, got %v", err)
	}
}

func TestTerminalInformationFollowsThePolicy(t *testing.T) {
	for _, tt := range []struct {
		policy FactorPolicy
		code   string
		want   bool
	}{
		{FactorLast6, "134567890123456789", true},
		{FactorOmit, "134567890123456789", false},
		{FactorOmit, "6212345678901234567", true},
		{FactorOmit, "hQVDUFYwMWE=", true},
	} {
		term := Terminal{TermNo: "10000001", DeviceType: "10", Factor: tt.policy}
		got, err := term.describe(tt.code, "456789")
		if err != nil || strings.Contains(got, `"encryptrandnum":"456789"`) != tt.want {
			t.Errorf("%s %s: want factor %t, got %s, %v", tt.policy, tt.code, tt.want, got, err)
		}
		if strings.Contains(got, "secrettext") {
			t.Errorf("want no secrettext without a cipher, got %s", got)
		}
	}
}

func TestSerialCipherMakesTheSecretText(t *testing.T) {
	term := Terminal{SerialNo: "N7", Factor: FactorLast6}
	term.SerialCipher = func(serial, factor string) ([8]byte, error) {
		return [8]byte([]byte("2D615DBF")), nil
	}
	got, err := term.describe("134567890123456789", "456789")
	if err != nil || !strings.Contains(got, `"secrettext":"MkQ2MTVEQkY="`) {
		t.Errorf("want the cipher text in base64, got %s, %v", got, err)
	}
	term.SerialCipher = func(_, _ string) ([8]byte, error) { return [8]byte{}, io.EOF }
	if _, err := term.describe("134567890123456789", "456789"); !errors.Is(err, io.EOF) {
		t.Errorf("want the cipher's trouble, got %v", err)
	}
}

func TestEveryFaultOfAConfigIsReportedAtOnce(t *testing.T) {
	_, err := New(Config{
		BaseURL: "http://vsp.example/apiweb?x=1", OrgID: "x", CusID: "1234567890123456",
		AnswerTimeout: -1, Terminal: Terminal{TermNo: "1", DeviceType: "10", Longitude: "121",
			AppVersion: "1.0.0-beta", SerialNo: strings.Repeat("9", 51), DeviceIP: "a b"},
		BillURL: "http://cus.example", ConnectTimeout: -1, PresentPayType: "W02",
		PresentWindow: 90 * time.Second, PresentHosts: []string{"https://", "com", "a.b:1"},
		BillHosts: append(make([]string, hostsMax), "x/y"),
	})
	if err == nil {
		t.Fatal("want faults, got none")
	}
	for _, want := range []string{"base_url", "orgid", "cusid", "appid", "answer timeout", "clock",
		"random", "termno", "termsn", "longitude", "come together", "deviceip", "appversion",
		"encryptrandnum", "bill_url", "connect timeout", "paytype", "1m30s", `host "https://"`,
		`host "com"`, `host "a.b:1"`, `host "x/y"`, "more than 32 hosts"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("want a fault about %s, got %v", want, err)
		}
	}
}
