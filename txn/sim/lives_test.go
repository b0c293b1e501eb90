package sim

import (
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "replay the life of this seed, and tell all of it")
	livesFlag = flag.Int("lives", 2000, "how many lives to live")
)

// TestTheBooksAgreeInEveryLife is the proof of the money core. A failing seed is
// replayed with
//
//	go test ./txn/sim -run TestTheBooksAgreeInEveryLife -v -seed=N
func TestTheBooksAgreeInEveryLife(t *testing.T) {
	if *seedFlag != 0 {
		res, err := Live(*seedFlag, t.Logf)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", res)
		return
	}
	lives := *livesFlag
	if testing.Short() {
		lives = min(lives, 200)
	}
	var next atomic.Uint64
	var mu sync.Mutex
	var sum Result
	var crews sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		crews.Go(func() {
			for seed := next.Add(1); seed <= uint64(lives) && !t.Failed(); seed = next.Add(1) {
				res, err := Live(seed, nil)
				if err != nil {
					t.Errorf("seed %d: %v\nreplay: go test ./txn/sim "+
						"-run TestTheBooksAgreeInEveryLife -v -seed=%d", seed, err, seed)
				}
				mu.Lock()
				sum.add(res)
				mu.Unlock()
			}
		})
	}
	crews.Wait()
	t.Logf("%d lives: %+v", lives, sum)
	if !t.Failed() && lives >= 1000 { // fewer can't show all that is rare
		sum.mustBeRich(t, lives)
	}
}

func (r *Result) add(o Result) {
	r.Sales += o.Sales
	r.Approved += o.Approved
	r.Reversed += o.Reversed
	r.Declined += o.Declined
	r.NotSent += o.NotSent
	r.PowerCuts += o.PowerCuts
	r.Forged += o.Forged
	r.Slips += o.Slips
	r.Refunded += o.Refunded
	r.Voided += o.Voided
	r.Late += o.Late
	r.Held += o.Held
	r.Stored += o.Stored
	r.Presented += o.Presented
	r.ByHand += o.ByHand
	r.Outages += o.Outages
	r.AppendErrors += o.AppendErrors
	r.Settled += o.Settled
	r.Uploaded += o.Uploaded
	r.Archived += o.Archived
	r.Recalled += o.Recalled
	r.Shifts += o.Shifts
	r.Authorised += o.Authorised
	r.Reports += o.Reports
}

// mustBeRich keeps the world from becoming one in which nothing happens: each
// thing has to happen in one of twenty lives at least.
func (r Result) mustBeRich(t *testing.T, lives int) {
	for what, n := range map[string]int{
		"sales": r.Sales, "approved": r.Approved, "reversed": r.Reversed,
		"declined": r.Declined, "not sent": r.NotSent, "power cuts": r.PowerCuts,
		"forged answers": r.Forged, "slips": r.Slips, "refunds": r.Refunded, "voids": r.Voided,
		"late reversals": r.Late, "held": r.Held, "stored": r.Stored, "presented": r.Presented,
		"by hand": r.ByHand, "outages": r.Outages, "append errors": r.AppendErrors,
		"settled": r.Settled, "uploaded": r.Uploaded,
		"archived": r.Archived, "recalled": r.Recalled,
		"shifts": r.Shifts, "supervised acts": r.Authorised, "reports": r.Reports,
	} {
		if n < lives/40 {
			t.Errorf("only %d %s in all lives: the world is too kind", n, what)
		}
	}
}

func TestALifeIsAFunctionOfItsSeed(t *testing.T) {
	for seed := uint64(1); seed <= 20; seed++ {
		a, errA := Live(seed, nil)
		b, errB := Live(seed, nil)
		if a != b || (errA == nil) != (errB == nil) {
			t.Errorf("seed %d: %+v %v, then %+v %v", seed, a, errA, b, errB)
		}
	}
}
