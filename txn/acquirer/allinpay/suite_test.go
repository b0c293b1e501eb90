package allinpay_test

import (
	"crypto/rand"
	"testing"
	"time"

	"saoma/terminal/txn/acquirer"
	"saoma/terminal/txn/acquirer/acquirersim"
	"saoma/terminal/txn/acquirer/acquirertest"
	"saoma/terminal/txn/acquirer/allinpay"
)

func TestAllinpayWithRSAKeepsTheContract(t *testing.T) { testContract(t, acquirersim.SignRSA) }

func TestAllinpayWithSM2KeepsTheContract(t *testing.T) { testContract(t, acquirersim.SignSM2) }

func testContract(t *testing.T, sign string) {
	keys, err := acquirersim.GenerateKeys(sign)
	if err != nil {
		t.Fatal(err)
	}
	acquirertest.Run(t, keys, func(t *testing.T, terms acquirertest.Terms) acquirer.Acquirer {
		return start(t, terms, func(*allinpay.Config) {})
	})
}

// start builds a client for the simulator; change has the last word on its config.
func start(
	t *testing.T, terms acquirertest.Terms, change func(*allinpay.Config),
) *allinpay.Client {
	t.Helper()
	private, err := allinpay.ParsePrivateKey(terms.Keys.MerchantPrivatePEM)
	if err != nil {
		t.Fatal(err)
	}
	public, err := allinpay.ParsePublicKey(terms.Keys.AcquirerPublicPEM)
	if err != nil {
		t.Fatal(err)
	}
	cfg := allinpay.Config{
		BaseURL: terms.BaseURL, BillURL: terms.BillURL, RootCAs: terms.Roots,
		PresentPayType: allinpay.PayType(terms.PayType),
		OrgID:          terms.Merchant.OrgID, CusID: terms.Merchant.CusID, AppID: terms.Merchant.AppID,
		Sign: allinpay.SignType(terms.Keys.Sign()), PrivateKey: private, AcquirerKey: public,
		Terminal: allinpay.Terminal{
			TermNo: terms.Merchant.TermNo, DeviceType: "10", SerialNo: "00000304N7NL01933217",
			Longitude: "+121.48352", Latitude: "+31.221345", AppVersion: "1.0.0",
			Factor: allinpay.FactorLast6,
		},
		Now: terms.Now, Rand: rand.Reader, DialContext: terms.DialContext,
	}
	if terms.DialContext == nil {
		cfg.ConnectTimeout = time.Minute // nothing is dead: the machine may be busy
	}
	change(&cfg)
	client, err := allinpay.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}
