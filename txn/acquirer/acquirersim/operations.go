package acquirersim

import (
	"fmt"
	"time"
)

// The values of trxstatus that the simulator gives by itself.
const (
	statusDone      = "0000"
	statusNotFound  = "1001"
	statusPending   = "2000"
	statusUndone    = "3050"
	statusUnpaid    = "3088"
	statusDuplicate = "3888"
	statusNo        = "3999"
)

// pay carries out a payment by code.
func (s *Sim) pay(now time.Time, p fields, replay bool) answer {
	if known := s.orders[p["reqsn"]]; known != nil {
		return s.duplicate(now, known, p, replay)
	}
	o := s.enter(now, KindSale, p)
	w, trouble := s.claim(now, p["authcode"])
	o.wallet, o.Wallet, o.PayType = w, w.name, w.payType
	if trouble != "" {
		o.Text = trouble
		o.finish(now, Declined)
		return s.about(o)
	}
	payer := s.payer
	if s.opts.Magic && o.Amount%100 == 91 {
		payer = Payer{Mode: Password, AfterS: 20}
	}
	o.ask(now, payer)
	return s.about(o)
}

// ask puts the payment to the payer.
func (o *Order) ask(now time.Time, payer Payer) {
	after := now.Add(time.Duration(payer.AfterS) * time.Second)
	switch payer.Mode {
	case Approve:
		o.finish(now, Paid)
	case Password:
		o.decideTo = Paid
		if payer.AfterS > 0 {
			o.decideAt = after
		}
	case Refuse:
		o.decideTo, o.decideAt = Declined, after
		o.settle(now)
	}
}

// duplicate answers a number that is known. A terminal asks with a query; it never
// sends a payment again.
func (s *Sim) duplicate(now time.Time, known *Order, p fields, replay bool) answer {
	if known.asked != sameness(p) {
		s.violation("order " + known.Number + " came again with other fields")
	} else if known.Kind == KindSale && !replay {
		s.violation("order " + known.Number + " was sent again")
	}
	known.note(now, "came again")
	return s.status(p, statusDuplicate, "交易流水号重复")
}

// query tells what became of an order.
func (s *Sim) query(now time.Time, p fields) answer {
	o := s.find(p["reqsn"], p["trxid"])
	name := p["reqsn"]
	if o != nil {
		name = o.Number
		s.payerHurries(now, o, OpQuery)
	}
	last, asked := s.lastQuery[name]
	if gap := now.Sub(last); asked && gap < s.opts.MinQueryInterval {
		s.violation(fmt.Sprintf("order %s was queried again after %s", name, gap))
	}
	s.lastQuery[name] = now
	if o == nil || now.Sub(o.Created) < s.opts.NotFoundLag {
		return s.status(fields{"reqsn": name}, statusNotFound, "交易不存在")
	}
	return s.about(o)
}

// close ends an order that nobody has paid. It leaves no trace of an unknown one:
// a payment that is still on its way will be carried out.
func (s *Sim) close(now time.Time, p fields) answer {
	o := s.find(p["oldreqsn"], p["oldtrxid"])
	if o == nil {
		delete(s.lastQuery, p["oldreqsn"])
		return s.status(fields{"reqsn": p["oldreqsn"]}, statusNotFound, "交易不存在")
	}
	delete(s.lastQuery, o.Number)
	s.payerHurries(now, o, OpClose)
	named := fields{"reqsn": o.Number}
	switch o.State {
	case Pending, Expired:
		o.finish(now, Closed)
		return s.status(named, statusDone, "关闭成功")
	case Closed:
		return s.status(named, statusDone, "关闭成功")
	case Cancelled:
		return s.status(named, statusUndone, "交易已撤销")
	case Declined:
		return s.status(named, statusNo, "交易未成功，无需关闭")
	}
	return s.status(named, statusNo, "交易已支付，不能关闭")
}

// giveBack is a cancel (the whole amount, on the same day) or a refund.
func (s *Sim) giveBack(now time.Time, op Op, p fields) answer {
	sale := s.find(p["oldreqsn"], p["oldtrxid"])
	if sale != nil {
		delete(s.lastQuery, sale.Number)
	}
	if known := s.orders[p["reqsn"]]; known != nil {
		return s.duplicate(now, known, p, false)
	}
	if sale == nil {
		return s.status(p, statusNotFound, "原交易不存在")
	}
	s.payerHurries(now, sale, op)
	if sale.State == Cancelled {
		return s.status(p, statusUndone, "交易已撤销")
	}
	kind := KindRefund
	if op == OpCancel {
		kind = KindCancel
	}
	o := s.enter(now, kind, p)
	o.Of, o.wallet, o.Wallet, o.PayType = sale.Number, sale.wallet, sale.Wallet, sale.PayType
	switch o.Text = sale.whyNot(now, op, o.Amount); {
	case o.Text != "":
		o.finish(now, Declined)
	case op == OpRefund:
		s.refund(now, o, sale)
	default:
		o.finish(now, Done)
		sale.finish(now, Cancelled)
	}
	said := s.about(o)
	delete(said.fields, "trxamt") // its page has no amount; a query tells it
	return said
}

// whyNot says why a sale can't be given back, "" if it can.
func (o *Order) whyNot(now time.Time, op Op, amount int64) string {
	day := func(t time.Time) string { return t.In(beijing()).Format(time.DateOnly) }
	switch {
	case o.Kind != KindSale || o.State != Paid:
		return "原交易未支付"
	case op == OpRefund && amount > o.Amount-o.Refunded-o.Refunding:
		return "退款金额超过可退金额"
	case op == OpRefund:
		return ""
	case amount != o.Amount || o.Refunded+o.Refunding != 0:
		return "撤销金额与原交易不符"
	case day(o.Finished) != day(now):
		return "非当日交易不能撤销"
	}
	return ""
}

// payerHurries is the race: see Payer.PaysBefore.
func (s *Sim) payerHurries(now time.Time, o *Order, before Op) {
	if o.State == Pending && o.Kind == KindSale && s.payer.PaysBefore == before {
		o.finish(now, Paid)
	}
}
