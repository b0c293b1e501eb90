package ui

import (
	"net/http"
	"slices"
	"strings"

	"saoma/terminal/txn"
)

// found is a transaction by its number: a sale, or one of a sale's refunds.
type found struct {
	sale   txn.Sale
	refund *txn.MoneyBack // nil: the sale itself
}

// find looks an order up. False means that the request is answered already.
func (s *server) find(w http.ResponseWriter, r *http.Request, order string) (found, bool) {
	sale, ok, err := s.Till.Sale(r.Context(), txn.Order(order))
	if err == nil && !ok {
		err = txn.ErrNoOrder
	}
	if err != nil {
		s.failWith(w, err)
		return found{}, false
	}
	f := found{sale: sale}
	i := slices.IndexFunc(sale.Refunds, func(m txn.MoneyBack) bool {
		return m.Order == txn.Order(order)
	})
	if i >= 0 {
		f.refund = &sale.Refunds[i]
	}
	return f, true
}

func (s *server) transaction(w http.ResponseWriter, r *http.Request) {
	f, ok := s.find(w, r, r.PathValue("order"))
	switch {
	case !ok:
	case f.refund != nil:
		answer(w, http.StatusOK, s.describeRefund(f.sale, *f.refund))
	default:
		answer(w, http.StatusOK, s.describe(f.sale))
	}
}

// findByNumber looks for a sale by any of its numbers.
func (s *server) findByNumber(w http.ResponseWriter, r *http.Request) {
	number := strings.TrimSpace(r.URL.Query().Get("number"))
	sale, ok, err := s.Till.Find(r.Context(), number)
	if err == nil && !ok {
		err = txn.ErrNoOrder
	}
	if err != nil {
		s.failWith(w, err)
		return
	}
	answer(w, http.StatusOK, s.describe(sale))
}

func (s *server) reprint(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Copy txn.Copy `json:"copy"`
		Form txn.Form `json:"form"`
	}{Copy: txn.CustomerCopy}
	if !take(w, r, &body) {
		return
	}
	if body.Copy != txn.MerchantCopy && body.Copy != txn.CustomerCopy {
		fail(w, http.StatusBadRequest, "bad_copy", "copy is merchant or customer")
		return
	}
	if body.Form != "" && body.Form != txn.HandForm {
		fail(w, http.StatusBadRequest, "bad_form", "form is hand, or is left out for the receipt")
		return
	}
	s.submit(w, r, txn.SlipAsked{Order: txn.Order(r.PathValue("order")), Copy: body.Copy,
		Form: body.Form})
}

func (s *server) refund(w http.ResponseWriter, r *http.Request) {
	var body struct {
		AmountFen  txn.Amount   `json:"amount_fen"` // 0: all that is left
		Supervisor *credentials `json:"supervisor"`
	}
	if !take(w, r, &body) {
		return
	}
	if by, ok := s.supervisor(w, r, body.Supervisor); ok {
		s.submit(w, r, txn.RefundAsked{Order: txn.Order(r.PathValue("order")),
			Amount: body.AmountFen, By: by})
	}
}

func (s *server) void(w http.ResponseWriter, r *http.Request) {
	if by, ok := s.takeSupervisor(w, r); ok {
		s.submit(w, r, txn.VoidAsked{Order: txn.Order(r.PathValue("order")), By: by})
	}
}

func (s *server) query(w http.ResponseWriter, r *http.Request) {
	if take(w, r, &struct{}{}) {
		s.submit(w, r, txn.QueryAsked{Order: txn.Order(r.PathValue("order"))})
	}
}

// closeByHand takes a person's word. It must be said: there is no default.
func (s *server) closeByHand(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Moved      *bool        `json:"moved"`
		Supervisor *credentials `json:"supervisor"`
	}
	if !take(w, r, &body) {
		return
	}
	if body.Moved == nil {
		fail(w, http.StatusBadRequest, "bad_moved",
			"moved says whether the money of this transaction moved: true or false")
		return
	}
	if by, ok := s.supervisor(w, r, body.Supervisor); ok {
		s.submit(w, r, txn.HandEnded{Order: txn.Order(r.PathValue("order")), Moved: *body.Moved, By: by})
	}
}

// present asks for a merchant code for the open sale.
func (s *server) present(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Order txn.Order `json:"order"`
	}
	if take(w, r, &body) {
		s.submit(w, r, txn.PresentAsked{Order: body.Order})
	}
}

// code draws the merchant code of a sale that waits for its payer.
func (s *server) code(w http.ResponseWriter, r *http.Request) {
	f, ok := s.find(w, r, r.PathValue("order"))
	if !ok {
		return
	}
	if s.describe(f.sale).Code == "" {
		fail(w, http.StatusNotFound, "no_code", "this sale shows no merchant code, or not any more")
		return
	}
	picture, err := s.Slips.Code(f.sale.Shown)
	s.picture(w, picture, err)
}

// slip draws ORDER-FORM-COPY.png as the paper is, or would be.
func (s *server) slip(w http.ResponseWriter, r *http.Request) {
	name, isPNG := strings.CutSuffix(r.PathValue("name"), ".png")
	parts := strings.Split(name, "-")
	if !isPNG || len(parts) != 3 ||
		parts[2] != string(txn.MerchantCopy) && parts[2] != string(txn.CustomerCopy) {
		fail(w, http.StatusNotFound, "no_slip",
			"a slip is ORDER-FORM-COPY.png: form sale, refund, void, offline or hand, copy merchant or customer")
		return
	}
	f, ok := s.find(w, r, parts[0])
	if !ok {
		return
	}
	slip := txn.Print{Sale: f.sale, Form: txn.Form(parts[1]), Copy: txn.Copy(parts[2])}
	if f.refund != nil {
		slip.Refund = f.refund.Order
	}
	if !f.sale.MayPrint(slip) {
		s.failWith(w, txn.ErrNotApproved)
		return
	}
	for _, printed := range f.sale.Slips {
		if printed.Form == slip.Form && printed.Refund == slip.Refund && printed.Copy == slip.Copy {
			slip.Duplicate = printed.Starts > 1
		}
	}
	picture, err := s.Slips.PNG(slip)
	s.picture(w, picture, err)
}

func (s *server) picture(w http.ResponseWriter, png []byte, err error) {
	if err != nil {
		s.failWith(w, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(png)
}
