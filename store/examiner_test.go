package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"saoma/terminal/store/storetest/crashfs"
)

// examiner cuts the power in logs of one plan, and has what is left judged.
type examiner struct {
	t        *testing.T
	plan     plan
	oracles  *oracles
	dir      string // for the images
	mu       sync.Mutex
	verdicts map[uint64]verdict // by the sum of the image
	tally    tally
	keep     int // so many images of bad states are kept
}

func newExaminer(t *testing.T, p plan) *examiner {
	t.Helper()
	return &examiner{
		t: t, plan: p, oracles: newOracles(t, p), dir: memory(t),
		verdicts: map[uint64]verdict{}, keep: 3,
	}
}

// memorySize is less than what a journal may hold back for the day when the disk is
// full: it does without, and thousands of states are not thousands of times that.
const memorySize = 12 << 20 // bytes

// memory gives a directory that costs no disk, and is gone with this process even if
// it is killed, where it may. Other processes see it by the same path.
func memory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := unix.Mount("store-states", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700", memorySize))
	if err != nil {
		return dir
	}
	root, err := os.Open(dir)
	if err := errors.Join(err, unix.Unmount(dir, unix.MNT_DETACH)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), root.Fd())
}

// state is a crash without its image, which may be large.
type state struct {
	index, position, acked int
	kept                   string
	sum                    uint64
}

func (s state) String() string {
	return fmt.Sprintf("state %d: after entry %d of the log, %s, acknowledged %d",
		s.index, s.position, s.kept, s.acked)
}

// examine has every state after a power cut judged, those that are the same only
// once, and adds them to the tally.
func (x *examiner) examine(log *crashfs.Log, s crashfs.Sampling) {
	start := time.Now()
	before := len(x.verdicts)
	states := x.judge(log, s)
	sum := tally{runs: 1, states: len(states), opened: len(x.verdicts) - before}
	for _, at := range states {
		c := &sum.after
		if at.acked < 0 {
			c = &sum.creation
		}
		what := c.count(at, x.verdicts[at.sum])
		if what == "" || len(sum.findings) > 0 {
			continue
		}
		what = fmt.Sprintf("seed %d, %d steps, %v: %s", x.plan.Seed, x.plan.Steps, at, what)
		if len(x.tally.findings) < x.keep {
			what += "\n    kept in " + keepImage(log, s, at.index)
		}
		sum.findings = []string{what}
	}
	sum.took = time.Since(start)
	x.tally.add(sum)
}

// judge gives every state; the verdict about it is known by its sum then.
func (x *examiner) judge(log *crashfs.Log, s crashfs.Sampling) []state {
	var states []state
	type job struct {
		image *crashfs.Image
		sum   uint64
	}
	jobs := make(chan job, 2*oraclesMax)
	seen := map[uint64]bool{}
	for sum := range x.verdicts {
		seen[sum] = true
	}
	go func() {
		defer close(jobs)
		for c := range log.Crashes(s) {
			sum := c.Image.Sum()
			states = append(states, state{len(states), c.Position, c.Acked, c.Kept, sum})
			if !seen[sum] {
				seen[sum] = true
				jobs <- job{c.Image, sum}
			}
		}
	}()
	together(jobs, func(j job) {
		v := x.open(j.image, j.sum)
		x.mu.Lock()
		defer x.mu.Unlock()
		x.verdicts[j.sum] = v
	})
	return states
}

// open lays an image out and has it judged.
func (x *examiner) open(image *crashfs.Image, sum uint64) verdict {
	path := filepath.Join(x.dir, fmt.Sprintf("%016x", sum))
	err := os.Mkdir(path, 0o700)
	if err == nil {
		err = image.WriteTo(path)
	}
	if err != nil {
		x.t.Errorf("lay out a state: %v", err)
	}
	defer os.RemoveAll(path)
	return x.oracles.judge(path)
}

// keepImage lays one state out where a person can look at it.
func keepImage(log *crashfs.Log, s crashfs.Sampling, index int) string {
	i := 0
	for c := range log.Crashes(s) {
		if i++; i <= index {
			continue
		}
		dir, err := os.MkdirTemp("", "store-state-")
		if err == nil {
			err = c.Image.WriteTo(dir)
		}
		if err != nil {
			return err.Error()
		}
		return dir + ": " + strings.Join(c.Image.Names(), " ")
	}
	return "nothing: there is no state of that number"
}

// tally counts states after power cuts.
type tally struct {
	runs, states, opened int    // opened: those that were not the same as another
	creation             counts // before the first acknowledgement
	after                counts
	took                 time.Duration
	findings             []string // at most one of each run
}

// counts are the ways in which a state can be.
type counts struct{ good, lost, wrong, refused, died int }

// count counts a state, and says what is wrong with it, "" for nothing. The step that
// was under way may have been taken.
func (c *counts) count(at state, v verdict) string {
	switch fits := func(n int) bool { return n == at.acked || n == at.acked+1 }; {
	case v.Died:
		c.died++
	case v.Refused:
		c.refused++
	case v.Err != "":
		c.wrong++
	case slices.ContainsFunc(v.Steps, fits):
		c.good++
		return ""
	case slices.Max(v.Steps) < at.acked:
		c.lost++
		return fmt.Sprintf("it holds what it held after step %d", slices.Max(v.Steps))
	default:
		c.wrong++
		return fmt.Sprintf("it holds what it holds after step %d", slices.Max(v.Steps))
	}
	return v.Err
}

func (c counts) bad() int { return c.lost + c.wrong + c.refused + c.died }

func (c *counts) add(o counts) {
	c.good += o.good
	c.lost += o.lost
	c.wrong += o.wrong
	c.refused += o.refused
	c.died += o.died
}

func (c counts) String() string {
	return fmt.Sprintf("%d good, %d lost an acknowledged record, %d wrong, %d refused, %d died",
		c.good, c.lost, c.wrong, c.refused, c.died)
}

func (s *tally) add(o tally) {
	s.runs += o.runs
	s.states += o.states
	s.opened += o.opened
	s.creation.add(o.creation)
	s.after.add(o.after)
	s.took += o.took
	s.findings = append(s.findings, o.findings...)
}

func (s tally) bad() int { return s.creation.bad() + s.after.bad() }

func (s tally) String() string {
	return fmt.Sprintf("%d runs: %d states, %d of them different, in %.1f s (%.0f/s)\n"+
		"  before the first acknowledgement: %v\n  after it: %v",
		s.runs, s.states, s.opened, s.took.Seconds(),
		float64(s.states)/s.took.Seconds(), s.creation, s.after)
}

func mustBeGood(t *testing.T, s tally) {
	t.Helper()
	if s.bad() > 0 {
		t.Errorf("want no bad state, got %d in %d runs:\n  %s",
			s.bad(), len(s.findings), strings.Join(s.findings, "\n  "))
	}
}
