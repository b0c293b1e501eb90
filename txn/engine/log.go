package engine

import (
	"context"
	"log/slog"

	"saoma/terminal/txn"
)

// logRecord tells the log that the state has changed. Orders, traces and the
// acquirer's numbers may be logged; a code, even masked, is not in a record's way.
func (e *Engine) logRecord(r txn.Record) {
	level, message := slog.LevelInfo, messages[r.Kind]
	attrs := []slog.Attr{slog.String("sale", string(r.Order))}
	if r.Trace != 0 {
		attrs = append(attrs, slog.Any("stan", r.Trace), slog.Int64("amount_fen", int64(r.Amount)))
	}
	if r.Reason != "" {
		attrs = append(attrs, slog.String("reason", string(r.Reason)))
	}
	if a := r.Answer; a != nil {
		attrs = append(attrs, slog.String("rrn", a.AcquirerRef), slog.String("code", a.Code),
			slog.String("layer", string(a.Layer)))
	}
	switch {
	case r.Reason.Alarming():
		level, message = slog.LevelError, "alarm: answer not believed"
		attrs = append(attrs, slog.String("alarm", r.Answer.Alarm))
	case r.Kind == txn.ReverseUnanswered || r.Kind == txn.SlipBroken:
		level = slog.LevelWarn
		attrs = append(attrs, slog.Int("try", r.Try), slog.String("trouble", r.Trouble))
	}
	e.o.Log.LogAttrs(context.Background(), level, message, attrs...)
}

var messages = map[txn.Kind]string{
	txn.SaleOpened:        "sale opened",
	txn.AuthorizeDue:      "sale to be authorised",
	txn.WasApproved:       "sale approved",
	txn.WasDeclined:       "sale declined",
	txn.WasPending:        "sale pending",
	txn.WasUnknown:        "sale unknown",
	txn.QueryDue:          "query due",
	txn.CancelNoted:       "cancel noted",
	txn.ReverseDue:        "reversal due",
	txn.ReverseUnanswered: "reversal unanswered",
	txn.WasReversed:       "sale reversed",
	txn.WasNotSent:        "sale not sent",
	txn.SlipDue:           "slip due",
	txn.SlipStarted:       "slip started",
	txn.SlipBroken:        "slip broken",
	txn.SlipPrinted:       "slip printed",
}
