package sim

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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
	{"no answer is taken for a no", "txn/decide.go",
		"\t\tr.Kind = WasUnknown\n", "\t\tr.Kind = WasDeclined\n"},
	{"an unsigned answer is believed", "txn/decide.go",
		"case !answer.Authentic:", "case false:"},
	{"an answer about another amount is believed", "txn/decide.go",
		"answer.Outcome == OutcomeApproved && answer.Amount != sale.Amount", "false"},
	{"an answer about another order is believed", "txn/decide.go",
		"case answer.Order != sale.Order &&", "case false && answer.Order != sale.Order &&"},
	{"a reversal that overtook its sale is final", "txn/decide.go",
		"if !sale.TriedAt.Before(life) {", "if true {"},
	{"a clock that jumped ends the life of a message", "txn/state.go",
		"\t\tsale.SentBefore = r.At // the clock", "\t\t_ = r.At // the clock"},
	{"not found is taken for a no", "txn/decide.go",
		"case answer.Outcome == OutcomeDeclined:",
		"case answer.Outcome == OutcomeDeclined || answer.Outcome == OutcomeNotFound:"},
	{"a pending sale is given up without a reversal", "txn/decide.go",
		"r.Kind, r.Try, r.Reason = ReverseDue, 1, BecauseWindowOver",
		"r.Kind, r.Try, r.Reason = WasDeclined, 1, BecauseWindowOver"},
	{"an unanswered reversal is not repeated", "txn/decide.go",
		"r.Next = now.Add(s.rules.retryPause(sale.Order, sale.Tries))",
		"r.Next = now.Add(s.rules.retryPause(sale.Order, sale.Tries) + 1e6*3600*1e9)"},
	{"cancel forgets what was sent", "txn/decide.go",
		"\tcase Created:\n\t\treturn []Record{sale.notSent(now, BecauseCancelled)}, nil\n" +
			"\tcase Authorizing,",
		"\tcase Created, Authorizing:\n\t\treturn []Record{sale.notSent(now, BecauseCancelled)}, nil\n" +
			"\tcase"},
	{"a customer in doubt is charged again", "txn/decide.go",
		"\t\tif !ev.Override {\n\t\t\treturn nil, ErrInDoubt\n\t\t}\n", ""},
	{"an effect is handed out at every step", "txn/engine/core.go",
		"if !c.out[e.Key()] {", "if true {"},
	{"a failed append is taken for a kept one", "txn/engine/core.go",
		"\t\treturn &JournalError{err}\n", "\t\t_ = err\n"},
	{"the state moves before the record is durable", "txn/engine/core.go",
		"\tif err := c.journal.Append(texts...); err != nil {\n\t\treturn &JournalError{err}\n\t}\n",
		"\tdefer func() { _ = c.journal.Append(texts...) }()\n"},
	{"a restart forgets what was on its way", "txn/decide.go",
		"\tfor _, order := range s.live {\n\t\tsale := s.sales[order]\n\t\tswitch sale.Phase {\n" +
			"\t\tcase Authorizing, Querying:",
		"\tfor _, order := range s.live {\n\t\tsale := s.sales[order]\n\t\tswitch sale.Phase {\n" +
			"\t\tcase Querying:"},
	{"a second slip is not marked", "txn/due.go",
		"Duplicate: slip.Starts > 1", "Duplicate: slip.Starts > 1e6"},
	{"a slip that the power cut is never printed", "txn/decide.go",
		"if slip.Phase == SlipPrinting {", "if false {"},
	{"the payer code is written down", "txn/decide.go",
		"Masked: paycode.Mask(code.Text.Reveal())", "Masked: code.Text.Reveal()"},
}

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
			if !strings.Contains(out, "replay: go test ./txn/sim") {
				t.Fatalf("it did not die of its books: %v\n%s", err, out)
			}
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
	run := exec.Command(binary, "-test.run", "TestTheBooksAgreeInEveryLife")
	text, err := run.CombinedOutput()
	return string(text), err
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
