package store_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"saoma/terminal/store/storetest/crashfs"
)

// statesMin is how many states after a power cut, each another than the others, the
// journal must come through.
const statesMin = 5000

func TestACrashKeepsWhatWasAcknowledged(t *testing.T) {
	p, enough := plan{Seed: 1, Steps: 60}, statesMin
	if testing.Short() {
		p.Steps, enough = 8, 1
	}
	var sum tally
	for ; sum.opened < enough && sum.bad() == 0; p.Seed++ {
		log := record(t, p, crashfs.Faults{}, workloadJob{})
		x := newExaminer(t, p)
		x.examine(log, crashfs.Sampling{Seed: p.Seed, Random: 12, Each: 16})
		sum.add(x.tally)
	}
	t.Log(sum)
	mustBeGood(t, sum)
}

// record runs the workload on a mount and gives what it did.
func record(t *testing.T, p plan, faults crashfs.Faults, job workloadJob) *crashfs.Log {
	t.Helper()
	if why := crashfs.Why(); why != "" {
		t.Skipf("NO POWER CUT IS TRIED HERE: %s", why)
	}
	alive := make(chan *os.Process, 1)
	faults.Kill = func() {
		program := <-alive
		_ = program.Kill()
		alive <- program
	}
	mount, err := crashfs.New(faults)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := mount.Close(); err != nil {
			t.Error(err)
		}
	}()
	for lives := 1; ; lives++ {
		words := &lastWords{}
		cmd := mount.Command(os.Args[0])
		cmd.Env = childEnv(childJob{Role: "workload", Plan: p, workloadJob: job})
		cmd.Stderr = words
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		alive <- cmd.Process
		late := time.AfterFunc(time.Minute, faults.Kill)
		err := cmd.Wait()
		late.Stop()
		<-alive
		switch {
		case err == nil:
			return mount.Log()
		case faults.KillAt == 0 || lives > 1:
			t.Errorf("seed %d, %s: the workload: %v: %s", p.Seed, faultName(faults), err, words)
			return mount.Log()
		}
		job.Start = max(0, lastAck(mount.Log()))
	}
}

func faultName(f crashfs.Faults) string {
	switch {
	case f.DropSyncs:
		return "fsync promises nothing"
	case f.FailSync != 0:
		return fmt.Sprintf("fsync %d returns EIO", f.FailSync)
	case f.KillAt != 0:
		return fmt.Sprintf("killed at change %d", f.KillAt)
	case f.Room != 0:
		return fmt.Sprintf("a disk of %d KiB", f.Room>>10)
	}
	return "no fault"
}

func lastAck(log *crashfs.Log) int {
	for _, e := range slices.Backward(log.Entries) {
		if e.Kind == crashfs.Ack {
			return e.N
		}
	}
	return -1
}
