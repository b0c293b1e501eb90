package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"saoma/terminal/store"
	"saoma/terminal/txn"
)

// booksOf writes a data directory with records, and closes it.
func booksOf(t *testing.T, recs ...txn.Record) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "books")
	j, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recs {
		if err := j.Append(r.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

var opened = txn.Record{Kind: txn.SaleOpened, At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
	Order: "8000000126112417000000000001", Amount: 1050, Trace: 7, Batch: 3, Counter: 9}

func ended() txn.Record {
	return txn.Record{Kind: txn.WasNotSent, At: opened.At, Order: opened.Order, Reason: txn.BecauseCancelled}
}

func TestTheBooksAreListedShownAndChecked(t *testing.T) {
	dir := booksOf(t, opened, ended())
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"journal", "list", "-data", dir}, `"kind":"not-sent"`},
		{[]string{"journal", "verify", "-data", dir}, "2 records, each in its place"},
		{[]string{"journal", "show", "-data", dir, string(opened.Order)}, `"state":"notsent"`},
		{[]string{"journal", "check", "-data", dir}, "open: 0 transactions"},
		{[]string{"journal", "check", "-json", "-data", dir}, `"proven":true`},
		{[]string{"journal", "repair", "-data", dir}, "nothing to repair"},
	} {
		if code, out, errs := runCommand(t, tt.args...); code != exitFine || !strings.Contains(out, tt.want) {
			t.Errorf("%v: exit %d\n%s%s", tt.args, code, out, errs)
		}
	}
	for _, args := range [][]string{
		{"journal"}, {"journal", "burn"}, {"journal", "list"}, {"journal", "show", "-data", dir},
		{"journal", "export", "-data", dir}, {"journal", "proof"}, {"reset", "-data", dir},
		{"reset", "-data", dir, "-export", filepath.Join(dir, "inside")},
	} {
		if code, _, _ := runCommand(t, args...); code != exitUsage {
			t.Errorf("%v: want exit 2, got %d", args, code)
		}
	}
	if code, _, errs := runCommand(t, "journal", "show", "-data", dir, "1"); code != exitFailed ||
		!strings.Contains(errs, "no transaction has the number 1") {
		t.Errorf("an unknown number: exit %d, %s", code, errs)
	}
}

func TestBooksThatCanNotBeProvenAreRepairedOnlyOnPurpose(t *testing.T) {
	dir := booksOf(t, opened, ended())
	damage(t, filepath.Join(dir, "journal.log"), []byte("sale-opened"))
	damage(t, filepath.Join(dir, "journal.db"), []byte("sale-opened"))
	if code, out, errs := runCommand(t, "journal", "check", "-json", "-data", dir); code != exitFailed ||
		!strings.Contains(out, `"proven":false`) || !strings.Contains(errs, "do not sell") {
		t.Errorf("check: exit %d\n%s%s", code, out, errs)
	}
	if code, _, errs := runCommand(t, "journal", "repair", "-data", dir); code != exitFailed ||
		!strings.Contains(errs, "-accept-loss") {
		t.Errorf("repair: exit %d\n%s", code, errs)
	}
	if code, out, errs := runCommand(t, "journal", "repair", "-accept-loss", "-data", dir); code != exitFine ||
		!strings.Contains(out, "reconcile") {
		t.Errorf("repair: exit %d\n%s%s", code, out, errs)
	}
	if code, _, errs := runCommand(t, "journal", "verify", "-data", dir); code != exitFine {
		t.Errorf("after the repair: exit %d\n%s", code, errs)
	}
}

// damage changes every place of a file that has a text.
func damage(t *testing.T, path string, text []byte) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file = bytes.ReplaceAll(file, text, bytes.Repeat([]byte("x"), len(text)))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnExportProvesItself(t *testing.T) {
	dir, out := booksOf(t, opened, ended()), filepath.Join(t.TempDir(), "books.jsonl")
	if code, _, errs := runCommand(t, "journal", "export", "-data", dir, "-out", out); code != exitFine {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var head exportHead
	if err := json.Unmarshal(text[:bytes.IndexByte(text, '\n')], &head); err != nil || head.Records != 2 {
		t.Fatalf("%+v, %v", head, err)
	}
	proof := func(change func([]byte) []byte, args ...string) int {
		path := filepath.Join(t.TempDir(), "copy")
		if err := os.WriteFile(path, change(bytes.Clone(text)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, _ := runCommand(t, append(append([]string{"journal", "proof"}, args...), path)...)
		return code
	}
	same := func(b []byte) []byte { return b }
	if proof(same) != exitFine || proof(same, "-key", head.PublicKey) != exitFine {
		t.Error("the export itself is refused")
	}
	for name, change := range map[string]func([]byte) []byte{
		"an amount changed": func(b []byte) []byte { return bytes.Replace(b, []byte("1050"), []byte("1051"), 1) },
		"a line gone":       func(b []byte) []byte { return b[bytes.IndexByte(b, '\n')+1:] },
		"cut off":           func(b []byte) []byte { return b[:len(b)-20] },
		"empty":             func([]byte) []byte { return nil },
	} {
		if proof(change) != exitFailed {
			t.Errorf("%s: it is believed", name)
		}
	}
	if proof(same, "-key", strings.Repeat("0", 64)) != exitFailed {
		t.Error("another key is believed")
	}
}

func TestAResetIsRefusedWhileMoneyIsOpenAndKeepsTheNumbers(t *testing.T) {
	out := filepath.Join(t.TempDir(), "books.jsonl")
	open := booksOf(t, opened)
	if code, _, errs := runCommand(t, "reset", "-data", open, "-export", out); code != exitMoney ||
		!strings.Contains(errs, "not final: 1;") {
		t.Errorf("want exit 4, got %d\n%s", code, errs)
	}
	if code, _, _ := runCommand(t, "journal", "verify", "-data", open); code != exitFine {
		t.Error("the refused reset has changed the books")
	}
	dir := booksOf(t, opened, ended())
	if code, _, errs := runCommand(t, "reset", "-data", dir, "-export", out); code != exitFine {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	_, list, _ := runCommand(t, "journal", "list", "-data", dir)
	if strings.Contains(list, string(opened.Order)) || !strings.Contains(list, `"counter":9,"trace":7`) {
		t.Errorf("want an empty journal that goes on at its numbers, got %s", list)
	}
	if code, _, _ := runCommand(t, "reset", "-data", dir, "-export", out); code == exitFine {
		t.Error("an export was overwritten")
	}
}
