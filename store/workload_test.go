package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"

	"saoma/terminal/store"
	"saoma/terminal/store/storetest/crashfs"
)

// plan is a series of steps, and the bytes of each record: the same in every process
// that knows its two numbers.
type plan struct {
	Seed  uint64
	Steps int
}

// kind is one thing that a program does with a journal. do may close the journal and
// put another in its place. after says what is in the journal then, by the numbers of
// the records: those that were there, and those that do was given.
type kind struct {
	weight int
	do     func(j *store.Journal, dir string, records [][]byte) (*store.Journal, error)
	after  func(old, given []int) []int
}

// compacts is the place of compact among the kinds.
const compacts = 2

// kinds are the steps. One more is one more element here.
var kinds = []kind{
	{12, appendTo, func(old, given []int) []int { return append(slices.Clone(old), given...) }},
	{1, reopen, func(old, _ []int) []int { return old }},
	{1, compact, func(_, given []int) []int { return given }},
}

func appendTo(j *store.Journal, _ string, records [][]byte) (*store.Journal, error) {
	return j, j.Append(records...)
}

// compact archives the first of its records, and carries all of them.
func compact(j *store.Journal, _ string, records [][]byte) (*store.Journal, error) {
	if err := j.Archive(archiveName(records[0]), []string{"day"}, nil, records[0]); err != nil {
		return j, err
	}
	return j, j.Compact(records...)
}

func archiveName(record []byte) string { return fmt.Sprintf("%x", record[:16]) }

func reopen(j *store.Journal, dir string, _ [][]byte) (*store.Journal, error) {
	if err := j.Close(); err != nil {
		return nil, err
	}
	return store.Open(dir)
}

// step is one step of a plan.
type step struct {
	kind
	archives bool
	given    [][]byte
	before   []int // what is in the journal, by the numbers of the records
	after    []int
}

func (p plan) steps() []step {
	random := rand.New(rand.NewPCG(p.Seed, 0))
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	steps := make([]step, p.Steps)
	var now []int
	next := 0
	for i := range steps {
		at := random.IntN(total)
		which := slices.IndexFunc(kinds, func(k kind) bool { at -= k.weight; return at < 0 })
		k := kinds[which]
		given := make([]int, 1+random.IntN(3))
		s := step{kind: k, archives: which == compacts, before: now}
		for i := range given {
			given[i] = next
			s.given = append(s.given, p.record(next))
			next++
		}
		now = k.after(now, given)
		s.after = now
		steps[i] = s
	}
	return steps
}

// record gives the bytes of the record with this number.
func (p plan) record(number int) []byte {
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], p.Seed)
	binary.BigEndian.PutUint64(seed[8:], uint64(number))
	random := rand.NewChaCha8(seed)
	record := make([]byte, 200+random.Uint64()%1801)
	_, _ = random.Read(record)
	return record
}

// have says whether the journal holds exactly these records, in this order.
func (p plan) have(j *store.Journal, want []int) error {
	i := 0
	err := j.Replay(func(record []byte) error {
		switch {
		case i == len(want):
			return fmt.Errorf("there are more than %d records", len(want))
		case !bytes.Equal(record, p.record(want[i])):
			return fmt.Errorf("record %d is another", i)
		}
		i++
		return nil
	})
	if err == nil && i < len(want) {
		err = fmt.Errorf("there are %d records of %d", i, len(want))
	}
	return err
}

// workloadJob says how the workload goes through the plan.
type workloadJob struct {
	Start    int  // steps that are done already
	Faults   bool // a step may return an error: then the journal is opened anew
	AckFirst bool // a mistake: a step is acknowledged before it is taken
}

// retries is how often the workload opens the journal without getting on, before it
// gives room on the disk free, and before it gives up.
const (
	retriesBeforeRoom = 3
	retriesMax        = 6
)

const books = "books"

// runWorkload is the program whose power fails: it takes every step of the plan, on
// the mount that it was started with, and acknowledges it. What it finds in the
// journal when it opens it counts as acknowledged too, since the terminal acts on
// what a replay gives it.
func runWorkload(p plan, job workloadJob) error {
	if err := crashfs.Enter(); err != nil {
		return err
	}
	w := worker{plan: p, job: job, steps: p.steps(), at: job.Start}
	for tries := 0; ; tries++ {
		before := w.at
		err := w.run()
		var found wrongRecords
		switch {
		case err == nil:
			return nil
		case !job.Faults || errors.As(err, &found) || tries == retriesMax:
			return err
		case w.at > before:
			tries = 0
		case tries == retriesBeforeRoom:
			if err := say(crashfs.FreeRoom); err != nil {
				return err
			}
		}
	}
}

func say(text string) error { return os.WriteFile(crashfs.AckName, []byte(text), 0o600) }

// wrongRecords is a replay that gave what nobody has appended, or less than that.
type wrongRecords struct{ error }

type worker struct {
	plan  plan
	job   workloadJob
	steps []step
	at    int // steps that are done
}

// run opens the journal, looks what is in it and goes on until a step goes wrong.
func (w *worker) run() (err error) {
	j, err := store.Open(books)
	if err != nil {
		return fmt.Errorf("after step %d: open: %w", w.at, err)
	}
	defer func() {
		if j != nil {
			err = errors.Join(err, j.Close())
		}
	}()
	if err := w.look(j); err != nil {
		return err
	}
	if err := say(strconv.Itoa(w.at)); err != nil {
		return err
	}
	for w.at < len(w.steps) {
		if w.job.AckFirst {
			if err := say(strconv.Itoa(w.at + 1)); err != nil {
				return err
			}
		}
		s := w.steps[w.at]
		if j, err = s.do(j, books, s.given); err != nil {
			return fmt.Errorf("step %d: %w", w.at+1, err)
		}
		w.at++
		if err := say(strconv.Itoa(w.at)); err != nil {
			return err
		}
	}
	return w.look(j)
}

// look finds out whether the step that was under way was taken: all of it or nothing.
func (w *worker) look(j *store.Journal) error {
	var now []int
	if w.at > 0 {
		now = w.steps[w.at-1].after
	}
	not := w.plan.have(j, now)
	if not == nil {
		return nil
	}
	if w.at < len(w.steps) {
		if err := w.plan.have(j, w.steps[w.at].after); err == nil {
			w.at++
			return nil
		}
	}
	return wrongRecords{fmt.Errorf("opened after step %d: %w", w.at, not)}
}
