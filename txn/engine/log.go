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
	var attrs []slog.Attr
	if r.Order != "" {
		attrs = append(attrs, slog.String("sale", string(r.Order)))
	}
	if r.Refund != "" {
		attrs = append(attrs, slog.String("refund", string(r.Refund)))
	}
	if r.Totals != nil || r.Order == "" && r.Batch != 0 {
		attrs = append(attrs, slog.Any("batch", r.Batch))
	}
	if r.Operator != "" {
		attrs = append(attrs, slog.String("operator", r.Operator))
	}
	if r.By != "" {
		attrs = append(attrs, slog.String("by", r.By))
	}
	if r.Shift != 0 {
		attrs = append(attrs, slog.Any("shift", r.Shift))
	}
	if r.Report != 0 {
		attrs = append(attrs, slog.Any("report", r.Report))
	}
	if r.Layer != "" {
		attrs = append(attrs, slog.String("layer", string(r.Layer)))
	}
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
	case r.Answer != nil && r.Answer.Alarm != "":
		level, message = slog.LevelError, "alarm: answer not believed"
		attrs = append(attrs, slog.String("alarm", r.Answer.Alarm))
	case r.Kind == txn.HandDue:
		level = slog.LevelError // a person must come
	case warns[r.Kind]:
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
	txn.PresentDue:        "merchant code to be asked for",
	txn.SaleHeld:          "sale held until the line is back",
	txn.SaleStored:        "sale stored offline",
	txn.WasLate:           "sale was paid too late to be undone",
	txn.VoidDue:           "void due",
	txn.VoidUnanswered:    "void unanswered",
	txn.VoidRefused:       "void refused",
	txn.WasVoided:         "sale voided",
	txn.RefundDue:         "refund due",
	txn.RefundTaken:       "refund taken",
	txn.RefundQueryDue:    "refund query due",
	txn.RefundUnanswered:  "refund unanswered",
	txn.RefundMade:        "refund made",
	txn.RefundDeclined:    "refund declined",
	txn.HandDue:           "a person has to find out",
	txn.HandClosed:        "closed by hand",
	txn.BatchClosed:       "batch closed",
	txn.SettleDue:         "settlement due",
	txn.SettleUnanswered:  "settlement unanswered",
	txn.UploadDue:         "batch upload due",
	txn.BatchSettled:      "batch settled",
	txn.LineDown:          "line is down",
	txn.LineUp:            "line is up",
	txn.SignedOn:          "operator signed on",
	txn.SignedOff:         "operator signed off",
	txn.ReportDue:         "report due",
	txn.SlipDue:           "slip due",
	txn.SlipStarted:       "slip started",
	txn.SlipBroken:        "slip broken",
	txn.SlipPrinted:       "slip printed",
}

// warns are the kinds that tell of something that will be tried again.
var warns = map[txn.Kind]bool{
	txn.ReverseUnanswered: true, txn.VoidUnanswered: true, txn.RefundUnanswered: true,
	txn.SlipBroken: true, txn.LineDown: true, txn.SettleUnanswered: true,
}
