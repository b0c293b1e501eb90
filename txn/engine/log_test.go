package engine

import (
	"log/slog"
	"strings"
	"testing"

	"saoma/terminal/txn"
)

// A forged answer may be the last one before the window's end: what follows is a
// reversal for another reason, and still somebody forges.
func TestAForgedAnswerIsAnAlarmWhateverFollowsFromIt(t *testing.T) {
	for _, kind := range []txn.Kind{txn.ReverseDue, txn.HandDue, txn.WasUnknown} {
		var log strings.Builder
		e := &Engine{o: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
		e.logRecord(txn.Record{Kind: kind, Order: "1", Reason: txn.BecauseWindowOver,
			Answer: &txn.Result{Alarm: "the answer is not signed"}})
		for _, want := range []string{"level=ERROR", "alarm: answer not believed", "the answer is not signed"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: want %q in the log, got %s", kind, want, log.String())
			}
		}
	}
}
