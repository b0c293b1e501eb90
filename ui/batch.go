package ui

import (
	"net/http"
	"strconv"
	"time"

	"saoma/terminal/txn"
)

// batchJSON is a batch as the API tells it.
type batchJSON struct {
	Number   uint32         `json:"batch"`
	State    txn.BatchPhase `json:"state"`
	Totals   txn.Totals     `json:"totals"`
	NetFen   txn.Amount     `json:"net_fen"`
	ClosedAt *time.Time     `json:"closed_at"`
	EndedAt  *time.Time     `json:"ended_at"`
	Balanced bool           `json:"balanced"`
	Reason   string         `json:"reason"`
	Operator string         `json:"operator"` // who closed it
	Slips    []slipJSON     `json:"slips"`
}

func describeBatch(b txn.Batch) batchJSON {
	d := batchJSON{Number: b.Number, State: b.Phase, Totals: b.Totals, NetFen: b.Totals.Net(),
		ClosedAt: when(b.ClosedAt), EndedAt: when(b.EndedAt), Balanced: b.Balanced,
		Reason: string(b.Reason), Operator: b.Operator, Slips: []slipJSON{}}
	for _, slip := range b.Slips {
		d.Slips = append(d.Slips, slipJSON{Form: slip.Form, Copy: slip.Copy, State: slip.Phase,
			Trouble: slip.Trouble, Count: slip.Starts})
	}
	return d
}

func describeBatches(all []txn.Batch) []batchJSON {
	list := make([]batchJSON, len(all))
	for i, b := range all {
		list[i] = describeBatch(b)
	}
	return list
}

// settle closes the open batch.
func (s *server) settle(w http.ResponseWriter, r *http.Request) {
	if take(w, r, &struct{}{}) {
		s.submit(w, r, txn.SettleAsked{})
	}
}

// batches tells the open batch with its totals so far, and those of before.
func (s *server) batches(w http.ResponseWriter, r *http.Request) {
	all, err := s.Till.Batches(r.Context())
	if err != nil {
		s.failWith(w, err)
		return
	}
	answer(w, http.StatusOK, describeBatches(all))
}

func (s *server) reprintBatch(w http.ResponseWriter, r *http.Request) {
	if !take(w, r, &struct{}{}) {
		return
	}
	number, err := strconv.ParseUint(r.PathValue("number"), 10, 32)
	if err != nil {
		fail(w, http.StatusNotFound, "no_order", "there is no such batch")
		return
	}
	s.submit(w, r, txn.BatchSlipAsked{Batch: uint32(number)})
}
