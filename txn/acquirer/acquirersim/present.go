package acquirersim

import (
	"fmt"
	"strconv"
	"time"
)

// presentMinutesDefault is validtime where a request has none.
const presentMinutesDefault = 5

// present takes the order of a merchant code. What it answers is what the pages and
// integrators' logs have: status 0000 says that the order was taken, not that it was
// paid, and no amount is repeated.
func (s *Sim) present(now time.Time, p fields, replay bool) answer {
	if known := s.orders[p["reqsn"]]; known != nil {
		return s.duplicate(now, known, p, replay)
	}
	minutes, err := strconv.Atoi(p["validtime"])
	if err != nil {
		minutes = presentMinutesDefault
	}
	o := s.enter(now, KindSale, p)
	o.PayType = p["paytype"]
	o.wallet, o.Present = s.issuePresent(o.PayType)
	o.Wallet = o.wallet.name
	o.Expires = now.Add(time.Duration(minutes) * time.Minute)
	o.decideAt, o.decideTo = o.Expires, Expired
	return s.status(fields{"reqsn": o.Number, "trxid": o.TrxID, "payinfo": o.Present},
		statusDone, "")
}

// issuePresent makes the text of a merchant code, as each scheme has it.
func (s *Sim) issuePresent(payType string) (wallet, string) {
	name, text := "wechat", "weixin://wxpay/bizpayurl?pr="+s.letters(9)
	switch payType {
	case "A01":
		name, text = "alipay", "https://qr.alipay.com/bax"+s.digits(20)
	case "U01":
		name, text = "unionpay", "https://qr.95516.com/00010000/62"+s.digits(26)
	}
	for _, w := range walletTable() {
		if w.name == name {
			return w, text
		}
	}
	return wallet{}, text
}

func (s *Sim) letters(n int) string {
	const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	text := make([]byte, n)
	for i := range text {
		text[i] = alphabet[s.rnd.IntN(len(alphabet))]
	}
	return string(text)
}

// PayerScans lets a payer scan the merchant code of an order and pay it. A code that
// is closed, expired or paid takes no money.
func (s *Sim) PayerScans(number string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[number]
	if o == nil || o.Present == "" {
		return fmt.Errorf("order %q has no merchant code", number)
	}
	o.settle(s.now())
	if o.State != Pending {
		return fmt.Errorf("the code of order %q is %s", number, o.State)
	}
	o.finish(s.now(), Paid)
	return nil
}
