package ui

import (
	"net/http"
	"time"

	"saoma/terminal/txn"
)

// reconcile compares a day's books with the acquirer's bill. It changes nothing.
func (s *server) reconcile(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Day string `json:"day"` // Beijing, as 2026-11-24
	}
	if !take(w, r, &body) {
		return
	}
	day, err := time.ParseInLocation(time.DateOnly, body.Day, txn.Beijing())
	switch {
	case err != nil:
		fail(w, http.StatusBadRequest, "bad_day", "day is a date such as 2026-11-24")
		return
	case s.Reconcile == nil:
		fail(w, http.StatusNotFound, "no_bill", "this acquirer gives no bill")
		return
	}
	report, err := s.Reconcile(r.Context(), day)
	if err != nil {
		s.Log.Warn("no reconciliation", "day", body.Day, "err", err)
		fail(w, http.StatusBadGateway, "no_bill", err.Error())
		return
	}
	answer(w, http.StatusOK, report)
}

// reverse takes up the undoing of a sale that the bill has as paid.
func (s *server) reverse(w http.ResponseWriter, r *http.Request) {
	if by, ok := s.takeSupervisor(w, r); ok {
		s.submit(w, r, txn.ReverseAsked{Order: txn.Order(r.PathValue("order")), By: by})
	}
}

// dispute calls a person to a transaction that the bill has otherwise.
func (s *server) dispute(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Reason     txn.Reason   `json:"reason"`
		Supervisor *credentials `json:"supervisor"`
	}
	if !take(w, r, &body) {
		return
	}
	switch body.Reason {
	case txn.BecauseBillMissing, txn.BecauseBillAmount, txn.BecauseBillPaid:
		if by, ok := s.supervisor(w, r, body.Supervisor); ok {
			s.submit(w, r, txn.HandAsked{Order: txn.Order(r.PathValue("order")), Why: body.Reason, By: by})
		}
	default:
		fail(w, http.StatusBadRequest, "bad_reason", "reason is bill_missing, bill_amount or bill_paid")
	}
}
