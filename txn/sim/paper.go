package sim

import (
	"time"

	"saoma/terminal/txn"
)

// paper is what came out of the printer.
type paper struct {
	slips []*slip
}

// slip is one piece of paper.
type slip struct {
	piece     piece
	duplicate bool // marked so
	complete  bool
	ended     bool // nothing more will be printed on it
}

// piece is what a slip is about.
type piece struct {
	order, refund txn.Order
	form          txn.Form
	copy          txn.Copy
	batch         uint32 // of a settlement
	report        uint32
}

// powerOff stops the printer where it is.
func (p *paper) powerOff() {
	for _, s := range p.slips {
		s.ended = true
	}
}

// print takes some seconds. The last row may be on paper without anybody having
// heard of it: the power can fail in between.
func (w *World) print(e txn.Print) {
	s := &slip{piece: piece{e.Sale.Order, e.Refund, e.Form, e.Copy, e.Batch.Number, e.Report.Number}, duplicate: e.Duplicate}
	w.paper.slips = append(w.paper.slips, s)
	epoch := w.epoch
	if w.chance(w.odds.paperOut) {
		w.after(w.within(3*time.Second), func() {
			s.ended = true
			if w.epoch == epoch && w.core != nil {
				_ = w.step(txn.SlipEnded{Key: e.Key(), Trouble: "paper out"})
			}
		})
		return
	}
	w.after(w.within(4*time.Second), func() { s.complete = !s.ended })
	w.after(4*time.Second+w.within(time.Second), func() {
		if w.epoch == epoch && w.core != nil {
			s.ended = true
			_ = w.step(txn.SlipEnded{Key: e.Key()})
		}
	})
}
