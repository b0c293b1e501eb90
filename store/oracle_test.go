package store_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"saoma/terminal/store"
)

// verdict is what an oracle says about a directory.
type verdict struct {
	// Steps are the numbers of steps after which the journal holds just what it holds.
	Steps []int
	// Records is how many records there were.
	Records int
	// Refused says that the journal itself did not open, or broke off its replay.
	Refused bool
	// Died says that the process did not live to tell.
	Died bool
	// Err is what is wrong, "" if all is well: the records are those after some step,
	// and one more could be appended and was there when the journal was opened again.
	Err string
}

// oneMore is the number of a record that no plan has.
const oneMore = 1 << 30

// runOracle answers a line with a path by a line with a verdict.
func runOracle(p plan, in io.Reader, out io.Writer) error {
	o := newOracle(p)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if err := json.NewEncoder(out).Encode(o.judge(lines.Text())); err != nil {
			return err
		}
	}
	return nil
}

type oracle struct {
	plan    plan
	numbers map[string]int // of the record with these bytes
	states  [][]int        // what the journal holds after so many steps
}

func newOracle(p plan) *oracle {
	o := &oracle{plan: p, numbers: map[string]int{}, states: [][]int{nil}}
	number := 0
	for _, s := range p.steps() {
		for _, record := range s.given {
			o.numbers[string(record)] = number
			number++
		}
		o.states = append(o.states, s.after)
	}
	o.numbers[string(p.record(oneMore))] = oneMore
	return o
}

// judge opens the journal below dir as the terminal does, and uses it.
func (o *oracle) judge(dir string) verdict {
	dir = filepath.Join(dir, books)
	var v verdict
	before, err := o.replay(dir, &v, o.plan.record(oneMore))
	if err != nil {
		v.Err = err.Error()
		return v
	}
	v.Records = len(before)
	for i, state := range o.states {
		if slices.Equal(before, state) {
			v.Steps = append(v.Steps, i)
		}
	}
	if len(v.Steps) == 0 {
		v.Err = fmt.Sprintf("%d records, as after no step: %v", len(before), before)
		return v
	}
	after, err := o.replay(dir, &v)
	if err == nil {
		err = o.archive(dir, v.Steps[0])
	}
	switch {
	case err != nil:
		v.Err = "after one more record: " + err.Error()
	case !slices.Equal(after, append(slices.Clone(before), oneMore)):
		v.Err = fmt.Sprintf("after one more record: %d of %d are there", len(after), len(before)+1)
	}
	return v
}

// archive wants everything in the archive that a step which was taken has put there.
func (o *oracle) archive(dir string, taken int) error {
	j, err := store.Open(dir)
	if err != nil {
		return err
	}
	for _, s := range o.plan.steps()[:taken] {
		if !s.archives {
			continue
		}
		text, e := j.Archived(archiveName(s.given[0]))
		if e == nil && !bytes.Equal(text, s.given[0]) {
			e = fmt.Errorf("the archive lacks %s", archiveName(s.given[0]))
		}
		err = errors.Join(err, e)
	}
	return errors.Join(err, j.Close())
}

// replay opens the journal and gives the numbers of its records; then it appends.
func (o *oracle) replay(dir string, v *verdict, add ...[]byte) (numbers []int, err error) {
	v.Refused = true
	j, err := store.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	defer func() {
		if e := j.Close(); err == nil && e != nil {
			err = fmt.Errorf("close: %w", e)
		}
	}()
	strange := 0
	err = j.Replay(func(record []byte) error {
		number, known := o.numbers[string(record)]
		if !known {
			strange++
		}
		numbers = append(numbers, number)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	v.Refused = false
	if strange > 0 {
		return nil, fmt.Errorf("replay: %d of %d records are nobody's", strange, len(numbers))
	}
	if len(add) > 0 {
		if err := j.Append(add...); err != nil {
			return nil, fmt.Errorf("append one more: %w", err)
		}
	}
	return numbers, nil
}
