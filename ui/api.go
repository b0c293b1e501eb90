package ui

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"saoma/terminal/txn"
)

// The limits of a list.
const (
	listDefault = 100
	listMax     = 1000
)

func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// metrics are in the text format of Prometheus.
func (s *server) metrics(w http.ResponseWriter, r *http.Request) {
	sales, err := s.Till.Sales(r.Context(), 0)
	if err != nil {
		s.failWith(w, err)
		return
	}
	v := s.Till.View()
	states := map[txn.Phase]int{}
	for _, sale := range sales {
		states[sale.Phase]++
	}
	var b strings.Builder
	b.WriteString("# HELP terminal_sales Sales in the journal by state.\n# TYPE terminal_sales gauge\n")
	for _, p := range []txn.Phase{txn.Created, txn.Authorizing, txn.Approved, txn.Declined, txn.Pending,
		txn.Unknown, txn.Querying, txn.Reversing, txn.Reversed, txn.NotSent} {
		fmt.Fprintf(&b, "terminal_sales{state=%q} %d\n", string(p), states[p])
	}
	fmt.Fprintf(&b, "# HELP terminal_in_doubt Orders whose outcome is not known.\n"+
		"# TYPE terminal_in_doubt gauge\nterminal_in_doubt %d\n", len(v.InDoubt))
	fmt.Fprintf(&b, "# HELP terminal_slips_waiting Slips that are not on paper yet.\n"+
		"# TYPE terminal_slips_waiting gauge\nterminal_slips_waiting %d\n", v.Unprinted)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = w.Write([]byte(b.String()))
}

func (s *server) view(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.describeView(s.Till.View()))
}

func (s *server) sale(w http.ResponseWriter, r *http.Request) {
	var body struct {
		AmountFen txn.Amount `json:"amount_fen"`
		Override  bool       `json:"override"`
	}
	if !take(w, r, &body) {
		return
	}
	v, err := s.Till.Submit(r.Context(), txn.SaleAsked{Amount: body.AmountFen, Override: body.Override})
	if err != nil {
		s.failWith(w, err)
		return
	}
	answer(w, http.StatusCreated, map[string]any{"order": v.Current.Order, "state": v.Current.Phase})
}

func (s *server) cancel(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Order txn.Order `json:"order"`
	}
	if take(w, r, &body) {
		s.submit(w, r, txn.CancelAsked{Order: body.Order})
	}
}

func (s *server) confirm(w http.ResponseWriter, r *http.Request) {
	if take(w, r, &struct{}{}) {
		s.submit(w, r, txn.CodeConfirmed{})
	}
}

// submit answers with the view after the event.
func (s *server) submit(w http.ResponseWriter, r *http.Request, ev txn.Event) {
	v, err := s.Till.Submit(r.Context(), ev)
	if err != nil {
		s.failWith(w, err)
		return
	}
	answer(w, http.StatusOK, s.describeView(v))
}

func (s *server) transactions(w http.ResponseWriter, r *http.Request) {
	limit := listDefault
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > listMax {
			fail(w, http.StatusBadRequest, "bad_limit", fmt.Sprintf("limit is 1 to %d", listMax))
			return
		}
		limit = n
	}
	sales, err := s.Till.Sales(r.Context(), limit)
	if err != nil {
		s.failWith(w, err)
		return
	}
	answer(w, http.StatusOK, s.describeAll(sales))
}

func (s *server) transaction(w http.ResponseWriter, r *http.Request) {
	if sale, ok := s.find(w, r, r.PathValue("order")); ok {
		answer(w, http.StatusOK, s.describe(sale))
	}
}

// find looks an order up. False means that the request is answered already.
func (s *server) find(w http.ResponseWriter, r *http.Request, order string) (txn.Sale, bool) {
	sale, ok, err := s.Till.Sale(r.Context(), txn.Order(order))
	if err == nil && !ok {
		err = txn.ErrNoOrder
	}
	if err != nil {
		s.failWith(w, err)
		return txn.Sale{}, false
	}
	return sale, true
}

func (s *server) reprint(w http.ResponseWriter, r *http.Request) {
	body := struct {
		Copy txn.Copy `json:"copy"`
	}{txn.CustomerCopy}
	if !take(w, r, &body) {
		return
	}
	if body.Copy != txn.MerchantCopy && body.Copy != txn.CustomerCopy {
		fail(w, http.StatusBadRequest, "bad_copy", "copy is merchant or customer")
		return
	}
	s.submit(w, r, txn.SlipAsked{Order: txn.Order(r.PathValue("order")), Copy: body.Copy})
}

// slip draws ORDER-COPY.png. It is marked as the paper is.
func (s *server) slip(w http.ResponseWriter, r *http.Request) {
	name, isPNG := strings.CutSuffix(r.PathValue("name"), ".png")
	order, copy, _ := strings.Cut(name, "-")
	if !isPNG || copy != string(txn.MerchantCopy) && copy != string(txn.CustomerCopy) {
		fail(w, http.StatusNotFound, "no_slip", "a slip is ORDER-merchant.png or ORDER-customer.png")
		return
	}
	sale, ok := s.find(w, r, order)
	if !ok {
		return
	}
	if sale.Phase != txn.Approved {
		s.failWith(w, txn.ErrNotApproved)
		return
	}
	duplicate := false
	for _, slip := range sale.Slips {
		if slip.Copy == txn.Copy(copy) {
			duplicate = slip.Starts > 1
		}
	}
	picture, err := s.Slips.PNG(sale, txn.Copy(copy), duplicate)
	if err != nil {
		s.failWith(w, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(picture)
}
