package acquirertest

import (
	"testing"

	"saoma/terminal/txn"
	"saoma/terminal/txn/acquirer/acquirersim"
)

func testEcho(t *testing.T, up setUp) {
	t.Run("WholeWayThereAndBackIsAuthentic", func(t *testing.T) {
		b := up(t)
		for range 2 {
			if got := b.echo(); !got.Authentic || got.Layer != "" || got.Alarm != "" {
				t.Errorf("want an authentic answer, got %+v", got)
			}
		}
		if n := len(b.sim.Ledger()); n != 0 {
			t.Errorf("want nothing moved, got %d orders", n)
		}
	})
	t.Run("SaysNothingOfAnySale", func(t *testing.T) {
		b := up(t)
		order := b.order()
		b.want(txn.OutcomeApproved, b.pay(order))
		b.echo()
		// The simulator notes two queries of one order that are too close.
		b.want(txn.OutcomeApproved, b.acq.Query(t.Context(), txn.Query{Order: order, Try: 1}))
	})
	for _, status := range []string{"0000", "2000", "3050", "3088", "3999"} {
		t.Run("WhateverItSays/"+status, func(t *testing.T) {
			b := up(t)
			b.fault(acquirersim.OpQuery, acquirersim.Status, status)
			got := b.echo()
			if !got.Authentic {
				t.Errorf("want an authentic answer, got %+v", got)
			}
			b.want(txn.OutcomeUnknown, got)
		})
	}
	for _, kind := range lies() {
		t.Run("Forged/"+string(kind), func(t *testing.T) {
			b := up(t)
			b.fault(acquirersim.OpQuery, kind, "")
			got := b.echo()
			b.wantLayer(txn.LayerSignature, got)
			if got.Authentic || got.Alarm == "" {
				t.Errorf("want an alarm, got %+v", got)
			}
		})
	}
	for kind, layer := range map[acquirersim.FaultKind]txn.Layer{
		acquirersim.HTTP500: txn.LayerBank, acquirersim.HTML200: txn.LayerBank,
		acquirersim.Redirect: txn.LayerBank, acquirersim.LoseRequest: txn.LayerLine,
		acquirersim.LoseAnswer: txn.LayerLine,
	} {
		t.Run("Broken/"+string(kind), func(t *testing.T) {
			b := up(t)
			b.fault(acquirersim.OpQuery, kind, "")
			got := b.echo()
			b.wantLayer(layer, got)
			if got.Authentic || got.Outcome != txn.OutcomeUnknown {
				t.Errorf("want no usable answer, got %+v", got)
			}
		})
	}
}
