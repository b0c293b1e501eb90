package store_test

import (
	"testing"

	"saoma/terminal/store/storetest/crashfs"
)

// A short plan that is gone through again and again, with another thing going wrong.
var faultPlan = plan{Seed: 7, Steps: 10}

// places gives the numbers from 1 to n, or some that are evenly apart.
func places(n int) []int {
	most := 24
	switch {
	case *long:
		most = n
	case testing.Short():
		most = 4
	}
	var some []int
	for i := range min(n, most) {
		some = append(some, 1+i*n/min(n, most))
	}
	return some
}

// underFaults goes through the plan once for each fault, and cuts the power at every
// place from the fault on.
func underFaults(t *testing.T, faults []crashfs.Faults, fates ...crashfs.Fate) {
	t.Helper()
	x := newExaminer(t, faultPlan)
	for i, f := range faults {
		log := record(t, faultPlan, f, workloadJob{Faults: true})
		for _, fate := range fates {
			findings := len(x.tally.findings)
			x.examine(log, crashfs.Sampling{
				Seed: uint64(i), Random: 3, Each: 2, From: log.Fault, Fate: fate,
			})
			for n, what := range x.tally.findings[findings:] {
				x.tally.findings[findings+n] = faultName(f) + ", " + what
			}
		}
	}
	t.Log(x.tally)
	mustBeGood(t, x.tally)
}

func TestACrashAfterASyncThatFailedKeepsWhatWasAcknowledged(t *testing.T) {
	syncs := record(t, faultPlan, crashfs.Faults{}, workloadJob{}).Count(crashfs.Sync, crashfs.SyncDir)
	var faults []crashfs.Faults
	for _, k := range places(syncs) {
		faults = append(faults, crashfs.Faults{FailSync: k})
	}
	underFaults(t, faults, crashfs.FateLost, crashfs.FateMixed)
}

func TestACrashAfterAKillKeepsWhatWasAcknowledged(t *testing.T) {
	whole := record(t, faultPlan, crashfs.Faults{}, workloadJob{})
	changes := len(whole.Entries) - whole.Count(crashfs.Ack)
	var faults []crashfs.Faults
	for _, k := range places(changes) {
		faults = append(faults, crashfs.Faults{KillAt: k})
	}
	underFaults(t, faults, crashfs.FateLost)
}

func TestACrashOnAFullDiskKeepsWhatWasAcknowledged(t *testing.T) {
	written, held := whatItTakes(record(t, faultPlan, crashfs.Faults{}, workloadJob{}))
	var faults []crashfs.Faults
	for _, k := range places(int(written / pageLen)) {
		faults = append(faults, crashfs.Faults{Room: int64(k) * pageLen})
		if held > 0 {
			faults = append(faults, crashfs.Faults{Room: held + int64(k)*pageLen})
		}
	}
	underFaults(t, faults, crashfs.FateLost)
}

// whatItTakes is the room in bytes that all files of a log together reach to by being
// written, and the room that is held back without that.
func whatItTakes(log *crashfs.Log) (written, held int64) {
	end := map[uint64]int64{}
	for _, e := range log.Entries {
		switch e.Kind {
		case crashfs.Write:
			end[e.Inode] = max(end[e.Inode], e.Off+int64(len(e.Bytes)))
		case crashfs.Allocate:
			held = max(held, e.Off+e.Len)
		}
	}
	for _, n := range end {
		written += n
	}
	return written, held
}

// What the harness can't see proves nothing. Each of these mistakes must show.
func TestACrashShowsEveryDeliberateMistake(t *testing.T) {
	for name, tt := range map[string]struct {
		faults crashfs.Faults
		job    workloadJob
	}{
		"nothing is ever synced":              {faults: crashfs.Faults{DropSyncs: true}},
		"acknowledged before it was appended": {job: workloadJob{AckFirst: true}},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan{Seed: 3, Steps: 12}
			log := record(t, p, tt.faults, tt.job)
			x := newExaminer(t, p)
			x.keep = 0
			x.examine(log, crashfs.Sampling{Seed: 3, Random: 4, Each: 2})
			t.Log(x.tally)
			if x.tally.bad() == 0 {
				t.Error("want at least one bad state, got none: the harness is blind")
			}
		})
	}
}
