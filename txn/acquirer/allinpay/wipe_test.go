package allinpay

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"

	"saoma/terminal/txn"
)

// hoarder is a transport that keeps every request and answers none.
type hoarder struct{ kept []*http.Request }

func (h *hoarder) RoundTrip(r *http.Request) (*http.Response, error) {
	h.kept = append(h.kept, r)
	return nil, io.ErrUnexpectedEOF
}

func TestPaymentRequestIsWipedOnceItHasEnded(t *testing.T) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{BaseURL: "https://acquirer.example", CusID: "1", AppID: "1", Sign: SM2,
		PrivateKey: key, AcquirerKey: &key.PublicKey, Now: time.Now, Rand: rand.Reader,
		Terminal: Terminal{TermNo: "10000001", DeviceType: "11", DeviceIP: "10.0.0.1",
			Factor: FactorOmit}})
	if err != nil {
		t.Fatal(err)
	}
	transport := new(hoarder)
	c.transport.RegisterProtocol("https", transport)
	c.Pay(t.Context(), txn.Authorize{Order: "1", Amount: 1,
		Code: txn.NewPayCode("134567890123456789")})
	if len(transport.kept) != 1 {
		t.Fatalf("want one request, got %d", len(transport.kept))
	}
	again, err := transport.kept[0].GetBody()
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []io.Reader{transport.kept[0].Body, again} {
		if text, err := io.ReadAll(body); !errors.Is(err, errWiped) || len(text) > 0 {
			t.Errorf("want a wiped body, got %d bytes, %v", len(text), err)
		}
	}
}

func TestTroubleBeforeSendingIsNotSent(t *testing.T) {
	c := &Client{cfg: Config{Rand: emptyReader{}, AnswerTimeout: time.Second}}
	got := c.Query(t.Context(), txn.Query{Order: "1"})
	if got.Outcome != txn.OutcomeNotSent || got.Text == "" {
		t.Errorf("want not sent with a reason, got %+v", got)
	}
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, io.EOF }
