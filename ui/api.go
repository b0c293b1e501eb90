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

// phases are all states that a sale may have.
var phases = []txn.Phase{txn.Created, txn.Authorizing, txn.Held, txn.Stored, txn.Approved,
	txn.Declined, txn.Pending, txn.Unknown, txn.Querying, txn.Reversing, txn.Reversed,
	txn.Refunding, txn.Refunded, txn.Voiding, txn.Voided, txn.ByHand, txn.NotSent}

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
	for _, p := range phases {
		fmt.Fprintf(&b, "terminal_sales{state=%q} %d\n", string(p), states[p])
	}
	fmt.Fprintf(&b, "# HELP terminal_in_doubt Orders whose outcome is not known.\n"+
		"# TYPE terminal_in_doubt gauge\nterminal_in_doubt %d\n", len(v.InDoubt))
	fmt.Fprintf(&b, "# HELP terminal_slips_waiting Slips that are not on paper yet.\n"+
		"# TYPE terminal_slips_waiting gauge\nterminal_slips_waiting %d\n", v.Unprinted)
	fmt.Fprintf(&b, "# HELP terminal_by_hand Transactions on the list for a person.\n"+
		"# TYPE terminal_by_hand gauge\nterminal_by_hand %d\n", len(s.describeHand(v.Hand)))
	fmt.Fprintf(&b, "# HELP terminal_unsent Messages that wait for the line or their turn.\n"+
		"# TYPE terminal_unsent gauge\nterminal_unsent %d\n", v.Unsent)
	up := 1
	if v.Line.Down {
		up = 0
	}
	fmt.Fprintf(&b, "# HELP terminal_line_up Whether the acquirer can be reached.\n"+
		"# TYPE terminal_line_up gauge\nterminal_line_up %d\n", up)
	if s.DiskWritten != nil {
		fmt.Fprintf(&b, "# HELP terminal_disk_written_bytes Bytes given to the disk for the books.\n"+
			"# TYPE terminal_disk_written_bytes counter\nterminal_disk_written_bytes %d\n", s.DiskWritten())
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	_, _ = w.Write([]byte(b.String()))
}

func (s *server) view(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, s.describeView(s.Till.View()))
}

func (s *server) sale(w http.ResponseWriter, r *http.Request) {
	var body struct {
		AmountFen  txn.Amount   `json:"amount_fen"`
		Override   bool         `json:"override"`
		Supervisor *credentials `json:"supervisor"`
	}
	if !take(w, r, &body) {
		return
	}
	by, ok := s.supervisor(w, r, body.Supervisor)
	if !ok {
		return
	}
	v, err := s.Till.Submit(r.Context(),
		txn.SaleAsked{Amount: body.AmountFen, Override: body.Override, By: by})
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
