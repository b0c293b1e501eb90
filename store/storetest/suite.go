// Package storetest proves journals: Suite is what each of them must pass, and
// Disk is one in memory whose power fails when it is told to. It knows what a
// journal promises, and nothing of what is written in it.
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Journal is what the suite proves. The words of the promise stand at
// engine.Journal.
type Journal interface {
	Append(records ...[]byte) error
	Replay(read func(record []byte) error) error
	Compact(carry ...[]byte) error
	Archive(name string, days, refs []string, text []byte) error
	ArchivedOn(day string, read func(text []byte) error) error
	Archived(ref string) ([]byte, error)
	Drop(before string) (int, error)
	Low() bool
	Close() error
}

// Suite runs against the journal that open opens: always the same one, each time
// after the last was closed. fresh gives an open function for an empty journal.
func Suite(t *testing.T, fresh func(t *testing.T) (open func() (Journal, error))) {
	tests := []struct {
		name string
		run  func(t *testing.T, open func() (Journal, error))
	}{
		{"an empty journal replays nothing", func(t *testing.T, open func() (Journal, error)) {
			want(t, mustOpen(t, open))
		}},
		{"records come back in order, also after reopening", inOrder},
		{"replay may be asked twice", func(t *testing.T, open func() (Journal, error)) {
			j := mustOpen(t, open)
			mustAppend(t, j, "a", "b")
			want(t, j, "a", "b")
			want(t, j, "a", "b")
		}},
		{"what the caller does to its bytes afterwards changes nothing", ownBytes},
		{"an error of the reader ends the replay and comes back", readerError},
		{"compact replaces what was before, also after reopening", compacts},
		{"what is archived is found by any of its numbers once it is compacted", archives},
		{"an entry of the same name replaces the older one", archivesAgain},
		{"drop removes what is older than a day", drops},
		{"what is archived is listed by each of its days", listsDays},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, fresh(t)) })
	}
}

func inOrder(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	var all []string
	for i := range 300 {
		a, b := fmt.Sprintf("record %d", i), fmt.Sprintf("and %d", i)
		mustAppend(t, j, a, b)
		all = append(all, a, b)
	}
	want(t, j, all...)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = mustOpen(t, open)
	mustAppend(t, j, "one more")
	want(t, j, append(all, "one more")...)
}

func ownBytes(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	record := []byte("first")
	if err := j.Append(record); err != nil {
		t.Fatal(err)
	}
	copy(record, "XXXXX")
	want(t, j, "first")
}

func readerError(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	mustAppend(t, j, "a", "b")
	stop := errors.New("stop")
	seen := 0
	err := j.Replay(func([]byte) error { seen++; return stop })
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("want the reader's error after 1 record, got %v after %d", err, seen)
	}
}

func compacts(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	mustAppend(t, j, "a", "b")
	mustCompact(t, j, "carry", "and carry")
	want(t, j, "carry", "and carry")
	mustAppend(t, j, "c")
	want(t, j, "carry", "and carry", "c")
	j = reopened(t, j, open)
	want(t, j, "carry", "and carry", "c")
	mustCompact(t, j, "carry all")
	want(t, j, "carry all")
	if j.Low() {
		t.Error("want room on the disk")
	}
}

func archives(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	mustAppend(t, j, "a")
	mustArchive(t, j, "one", "20261125", "1")
	mustArchive(t, j, "two", "20261126", "2", "ref of two", "refund of two")
	mustCompact(t, j, "carry")
	wantArchived(t, j, map[string]string{"one": "1", "two": "2", "refund of two": "2", "three": ""})
	j = reopened(t, j, open)
	wantArchived(t, j, map[string]string{"one": "1", "ref of two": "2", "": ""})
}

func archivesAgain(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	mustAppend(t, j, "a")
	mustArchive(t, j, "one", "20261125", "1", "ref")
	mustCompact(t, j, "carry")
	mustArchive(t, j, "one", "20261126", "1 again", "ref", "refund")
	mustCompact(t, j, "carry")
	wantArchived(t, j, map[string]string{"one": "1 again", "ref": "1 again", "refund": "1 again"})
	if n, err := j.Drop("20261126"); err != nil || n > 1 {
		t.Errorf("want at most the mark of the older day to go, got %d, %v", n, err)
	}
	wantArchived(t, j, map[string]string{"one": "1 again"})
}

func listsDays(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	mustArchive(t, j, "one", "20261125", "1")
	mustArchive(t, j, "two", "20261127 20261125", "2")
	mustArchive(t, j, "three", "20261126", "3")
	mustCompact(t, j, "carry")
	for day, want := range map[string]string{"20261125": "12", "20261126": "3", "20261127": "2",
		"20261128": "", "2026": ""} {
		got := ""
		if err := j.ArchivedOn(day, func(text []byte) error {
			got += string(text)
			return nil
		}); err != nil || got != want {
			t.Errorf("%s: want %q, got %q, %v", day, want, got, err)
		}
	}
	if _, err := j.Drop("20261127"); err != nil {
		t.Fatal(err)
	}
	wantArchived(t, j, map[string]string{"one": "", "two": "2", "three": ""})
}

func drops(t *testing.T, open func() (Journal, error)) {
	j := mustOpen(t, open)
	for i := range 20 {
		mustArchive(t, j, fmt.Sprint(i), fmt.Sprintf("202611%02d", i+1), fmt.Sprint("text ", i),
			fmt.Sprint("ref ", i))
	}
	mustCompact(t, j, "carry")
	if n, err := j.Drop("20261111"); err != nil || n != 10 {
		t.Errorf("want 10 to go, got %d, %v", n, err)
	}
	wantArchived(t, j, map[string]string{"9": "", "ref 9": "", "10": "text 10", "ref 10": "text 10"})
}

func mustCompact(t *testing.T, j Journal, carry ...string) {
	t.Helper()
	var all [][]byte
	for _, r := range carry {
		all = append(all, []byte(r))
	}
	if err := j.Compact(all...); err != nil {
		t.Fatal(err)
	}
}

func mustArchive(t *testing.T, j Journal, name, days, text string, refs ...string) {
	t.Helper()
	if err := j.Archive(name, strings.Fields(days), refs, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func wantArchived(t *testing.T, j Journal, texts map[string]string) {
	t.Helper()
	for ref, text := range texts {
		got, err := j.Archived(ref)
		if err != nil || string(got) != text {
			t.Errorf("%q: want %q of the archive, got %q, %v", ref, text, got, err)
		}
	}
}

func reopened(t *testing.T, j Journal, open func() (Journal, error)) Journal {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return mustOpen(t, open)
}

// mustOpen opens the journal and closes it at the test's end, if it is still open.
func mustOpen(t *testing.T, open func() (Journal, error)) Journal {
	t.Helper()
	j, err := open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func mustAppend(t *testing.T, j Journal, records ...string) {
	t.Helper()
	var all [][]byte
	for _, r := range records {
		all = append(all, []byte(r))
	}
	if err := j.Append(all...); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, j Journal, records ...string) {
	t.Helper()
	var got [][]byte
	if err := j.Replay(func(r []byte) error {
		got = append(got, bytes.Clone(r))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(records) {
		t.Fatalf("want %d records, got %d", len(records), len(got))
	}
	for i := range records {
		if string(got[i]) != records[i] {
			t.Errorf("record %d: want %q, got %q", i, records[i], got[i])
		}
	}
}
