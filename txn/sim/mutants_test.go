package sim

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mutant is the core with one rule replaced by a deliberate bug.
type mutant struct {
	name string
	file string // from the module's root
	rule string // stands there exactly once
	bug  string
}

var mutants = []mutant{
	{"no answer is taken for a no", "txn/outcome.go",
		"\t\tr.Kind = WasUnknown\n", "\t\tr.Kind = WasDeclined\n"},
	{"an unsigned answer is believed", "txn/outcome.go",
		"case !answer.Authentic:", "case false:"},
	{"an answer about another amount is believed", "txn/outcome.go",
		"answer.Outcome == OutcomeApproved && answer.Amount != amount", "false"},
	{"an answer about another order is believed", "txn/outcome.go",
		"case answer.Order != order &&", "case false && answer.Order != order &&"},
	{"a reversal that overtook its sale is final", "txn/outcome.go",
		"case answer.Outcome == OutcomeNotFound && !sale.TriedAt.Before(life):",
		"case answer.Outcome == OutcomeNotFound:"},
	{"a clock that jumped ends the life of a message", "txn/sale.go",
		"\t\tsale.SentBefore = r.At // the clock", "\t\t_ = r.At // the clock"},
	{"not found is taken for a no", "txn/outcome.go",
		"case answer.Outcome == OutcomeDeclined:\n\t\tr.Kind = WasDeclined",
		"case answer.Outcome == OutcomeDeclined || answer.Outcome == OutcomeNotFound:\n" +
			"\t\tr.Kind = WasDeclined"},
	{"a pending sale is given up without a reversal", "txn/outcome.go",
		"r.Kind, r.Try, r.Reason = ReverseDue, 1, BecauseWindowOver",
		"r.Kind, r.Try, r.Reason = WasDeclined, 1, BecauseWindowOver"},
	{"an unanswered reversal is not repeated", "txn/outcome.go",
		"r.Next = now.Add(s.rules.retryPause(sale.Order, sale.Tries))",
		"r.Next = now.Add(s.rules.retryPause(sale.Order, sale.Tries) + 1e6*3600*1e9)"},
	{"cancel forgets what was sent", "txn/decide.go",
		"\tcase Created, Held:\n\t\treturn []Record{sale.notSent(now, BecauseCancelled)}, nil\n" +
			"\tcase Authorizing,",
		"\tcase Created, Held, Authorizing:\n" +
			"\t\treturn []Record{sale.notSent(now, BecauseCancelled)}, nil\n\tcase"},
	{"a customer in doubt is charged again", "txn/decide.go",
		"\t\tif !ev.Override {\n\t\t\treturn nil, ErrInDoubt\n\t\t}\n", ""},
	{"an effect is handed out at every step", "txn/engine/outbox.go",
		"if u, out := c.out[e.Key()]; out {", "if u, out := c.out[e.Key()]; out && u < 0 {"},
	{"a failed append is taken for a kept one", "txn/engine/core.go",
		"Append(texts...); err != nil {\n\t\treturn err\n",
		"Append(texts...); err != nil {\n\t\t_ = err\n"},
	{"what was decided is known before it is durable", "txn/engine/core.go",
		"\tif err := c.Journal.Append(texts...); err != nil {\n\t\treturn err\n\t}\n",
		"\tdefer func() { _ = c.Journal.Append(texts...) }()\n"},
	{"a restart forgets what was on its way", "txn/decide.go",
		"\tswitch sale.Phase {\n\tcase Authorizing, Querying:\n\t\treturn Record{Kind: WasUnknown",
		"\tswitch sale.Phase {\n\tcase Querying:\n\t\treturn Record{Kind: WasUnknown"},
	{"a second slip is not marked", "txn/slip.go",
		"Copy: slip.Copy,\n\t\tTry: slip.Starts, Duplicate: slip.Starts > 1}", "Copy: slip.Copy,\n\t\tTry: slip.Starts}"},
	{"a slip that the power cut is never printed", "txn/decide.go",
		"return slip.Phase == SlipPrinting ||", "return"},
	{"what is archived is only forgotten", "txn/engine/archive.go",
		"err := c.Journal.Archive(string(sale.Order), sale.Days(), sale.Refs(), sale.Archived())",
		"_ = sale\n\t\tvar err error"},
	{"a batch that is being settled is archived", "txn/archive.go",
		"return batch == s.batch || slices", "return batch == s.batch && slices"},
	{"a compacted journal begins with number one again", "txn/archive.go",
		"s.counter, s.trace, s.batch, s.current, s.paidAt = c.Counter, c.Trace, c.Batch,",
		"s.counter, s.trace, s.batch, s.current, s.paidAt = 0, 0, c.Batch,"},
	{"a refund of an archived sale is not kept in the books", "txn/engine/archive.go",
		"\tc.apply([]txn.Record{r})\n\treturn func() {", "\tc.state.Apply(r)\n\treturn func() {"},
	{"the payer code is written down", "txn/decide.go",
		"Masked: paycode.Mask(code.Text.Reveal())", "Masked: code.Text.Reveal()"},

	{"a refund is asked for under a new number each time", "txn/moneyback.go",
		"return Record{Kind: kind, At: now, Order: sale.Order, Refund: m.Order, Try: m.Tries + 1}",
		"return Record{Kind: kind, At: now, Order: sale.Order, Refund: m.Order + \"X\", Try: 1,\n" +
			"\t\tAmount: m.Amount}"},
	{"a refund without an answer is made", "txn/moneyback.go",
		"r.Kind = RefundUnanswered", "r.Kind = RefundMade"},
	{"a refund that the acquirer works on is made", "txn/moneyback.go",
		"r.Kind, r.Next = RefundTaken, now.Add(s.refundPause(m))", "r.Kind = RefundMade"},
	{"a declined refund is asked for again", "txn/moneyback.go",
		"\t\tr.Kind = RefundDeclined\n",
		"\t\tr.Kind, r.Next = RefundUnanswered, now.Add(time.Hour)\n"},
	{"refunds that are on their way do not count", "txn/moneyback.go",
		"return m.Phase != Declined &&", "return m.Phase == Refunded &&"},
	{"a sale that was paid too late keeps the money", "txn/outcome.go",
		"return []Record{r, refund}", "_ = refund\n\t\treturn []Record{r}"},
	{"a late sale is called undone", "txn/outcome.go",
		"case answer.Outcome == OutcomeReversed, answer.Outcome == OutcomeDeclined:",
		"case answer.Outcome == OutcomeReversed, answer.Outcome == OutcomeDeclined,\n" +
			"\t\tanswer.Outcome == OutcomeApproved:"},
	{"a void that the acquirer refused is a void", "txn/hand.go",
		"case answer.Outcome == OutcomeReversed:\n\t\tr.Kind, r.Copies = WasVoided",
		"case answer.Outcome == OutcomeReversed, answer.Outcome == OutcomeApproved:\n" +
			"\t\tr.Kind, r.Copies = WasVoided"},
	{"a void without an answer is a void", "txn/hand.go",
		"r.Kind, r.Next = VoidUnanswered,", "r.Kind, r.Next = WasVoided,"},
	{"a sale with refunds is voided", "txn/hand.go",
		"case sale.Left() != sale.Amount:", "case false:"},
	{"what may have left is held and sent again", "txn/outcome.go",
		"case answer.Outcome == OutcomeNotSent && sale.Phase == Authorizing:",
		"case sale.Phase == Authorizing && sale.Way == PayerCode && !answer.Authentic:"},
	{"a held code is sent after its life", "txn/decide.go",
		"if !sale.codeLives(now, s.rules.CodeLife) {", "if false {"},
	{"an upload is not sent again", "txn/due.go",
		"if upload == sale {", "if false {"},
	{"the vault keeps what was sent", "txn/engine/sealed.go",
		"if c.Vault == nil || c.state.NeedsCode(order) {", "if true {"},
	{"the vault forgets what waits", "txn/offline.go",
		"(sale.Phase == Stored || sale.Phase == Authorizing)", "sale.Phase == Authorizing"},
	{"offline sales have no limits", "txn/offline.go",
		"return amount <= l.PerSale &&", "return true || amount <= l.PerSale &&"},
	{"a refusal of an offline sale is told to nobody", "txn/offline.go",
		"if !sale.Offline || r.Kind", "if true || r.Kind"},
	{"a broken line is not noticed", "txn/line.go",
		"case s.line.Down || said.Authentic ||", "case true || said.Authentic ||"},
	{"messages are sent into a broken line", "txn/engine/outbox.go",
		"if c.state.LineDown() {", "if false {"},
	{"a stubborn order is tried for ever", "txn/hand.go",
		"return tries >= s.rules.HandTries &&", "return false &&"},
	{"a batch is closed while a sale of it is in doubt", "txn/batch.go",
		"case s.unresolved(s.batch):", "case false:"},
	{"a settlement without an answer is a settlement", "txn/batch.go",
		"settled, differs := answer.Outcome == OutcomeApproved,", "settled, differs := answer.Outcome != OutcomeDeclined,"},
	{"a settlement of another batch is believed", "txn/batch.go",
		"believe(BatchOrder(b.Number), said.Amount, said)", "believe(said.Order, said.Amount, said)"},
	{"totals that differ are settled", "txn/batch.go",
		"case differs && b.Phase == BatchSettling:\n\t\tr.Kind, r.Try, r.Balanced = UploadDue, 1, false",
		"case differs && b.Phase == BatchSettling:\n\t\tr.Kind = BatchSettled"},
	{"a sale of a settled batch is voided", "txn/hand.go", "case sale.Batch != s.batch:", "case false:"},
	{"a refund belongs to the batch of its sale", "txn/moneyback.go",
		"s.counter+1, s.nextTrace(), s.batch", "s.counter+1, s.nextTrace(), sale.Batch"},
	{"voided sales are settled", "txn/batch.go",
		"t.Voids++\n\t\t\tt.VoidSum += sale.Amount", "t.Sales++\n\t\t\tt.SaleSum += sale.Amount"},
	{"a merchant code is shown as long as it takes", "txn/decide.go",
		"Ends: now.Add(s.rules.PresentWindow)}}", "Ends: now.Add(1e6 * 3600 * 1e9)}}"},

	{"a refund takes no supervisor", "txn/guard.go",
		"case RefundAsked:\n\t\treturn bySupervisor, ev.By", "case RefundAsked:\n\t\treturn onDuty, ev.By"},
	{"a sale may be overridden by anybody", "txn/guard.go",
		"if recs[0].Override != \"\" {", "if false {"},
	{"whoever is called is a supervisor", "txn/guard.go",
		"return p.Operator != \"\" && p.Role == Supervisor", "return p.Operator != \"\""},
	{"the record does not say who allowed it", "txn/guard.go",
		"\t\tr.By = by.Operator\n", "\t\t_ = by.Operator\n"},
	{"nobody has to be on duty", "txn/guard.go",
		"case duty.Operator == \"\" && guard == GuardOn &&", "case false &&"},
	{"a shift counts what others have sold", "txn/shifttotals.go",
		"if sale.Shift == shift {", "if sale.Shift != 0 {"},
	{"a void counts in the shift of its sale", "txn/shifttotals.go",
		"if sale.VoidShift == shift {", "if sale.VoidShift != 0 && sale.Shift == shift {"},
	{"a shift forgets what it has counted", "txn/state.go",
		"\ts.recount(sale, 1)\n", "\ts.recount(sale, 0)\n"},
	{"the number of a shift is used again", "txn/shift.go",
		"Shift: s.shiftCount + 1}}", "Shift: max(1, s.shiftCount)}}"},
	{"somebody signs off while a sale is at the counter", "txn/shift.go",
		"cur != nil && cur.atCounter() {", "cur != nil && false {"},
	{"a report that the power cut is never printed", "txn/report.go",
		"if rep.Slip.waitsWrongly(now) {", "if false {"},
	{"the report of an ended shift says something else", "txn/shift.go",
		"s.shift.To, s.shift.Totals = r.At, *r.ShiftTotals", "s.shift.To, s.shift.Totals.Open = r.At, 0"},
}

// foundAt is what a failing life says of itself.
var foundAt = regexp.MustCompile(`seed \d+: .*`)

// TestEveryMutantIsFound builds the simulation with each bug in turn and wants
// the lives to fail. A mutant that survives means that the world is too kind.
func TestEveryMutantIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("each mutant is a build of its own: not in -short")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			out, err := m.lives(t, root)
			if err == nil {
				t.Fatalf("it survived all lives:\n%s", out)
			}
			found := foundAt.FindString(out)
			if found == "" {
				t.Fatalf("it did not die of its books: %v\n%s", err, out)
			}
			t.Log("found at", found)
		})
	}
}

// lives runs the simulation of the mutant.
func (m mutant) lives(t *testing.T, root string) (out string, err error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(root, filepath.FromSlash(m.file))
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.rule); n != 1 {
		t.Fatalf("%s holds the rule %d times, not once: %q", m.file, n, m.rule)
	}
	sick := filepath.Join(dir, "mutant.go")
	write(t, sick, strings.Replace(string(source), m.rule, m.bug, 1))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: sick}})
	if err != nil {
		t.Fatal(err)
	}
	list, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim.test")
	write(t, list, string(overlay))
	build := exec.Command("go", "test", "-c", "-vet=off", "-overlay", list, "-o", binary, ".")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the mutant does not build: %v\n%s", err, text)
	}
	run := exec.Command(binary, "-test.run", "TestTheBooksAgreeInEveryLife", "-lives", "20000")
	text, err := run.CombinedOutput()
	return string(text), err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
