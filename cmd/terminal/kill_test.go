package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"saoma/terminal/txn/acquirer/acquirersim"
)

// The real program is killed fifty times: ten times in each of five shops, which
// are killed side by side since most of the test is waiting.
const (
	killedShops = 5
	killsInShop = 10
	// killWithin is when the power fails, after a code was shown: half of the sales
	// are not through by then.
	killWithin = 10 * time.Millisecond
	// doubtsKept is how many orders may be in doubt before the next sale: the
	// terminal itself refuses the sixth.
	doubtsKept = 4
)

// TestTheBooksAgreeAfterKillsAtRandomMoments kills the real program, without
// warning, at random moments of sales, and wants it to find out each time what
// became of them.
func TestTheBooksAgreeAfterKillsAtRandomMoments(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred starts of the real program: not in -short")
	}
	for i := range killedShops {
		seed := uint64(20261124 + i)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			killShop(t, rand.New(rand.NewPCG(seed, 0)))
		})
	}
}

func killShop(t *testing.T, rng *rand.Rand) {
	s := newShop(t, acquirersim.SignRSA)
	var orders []string
	for kill := range killsInShop {
		s.start()
		s.clear(doubtsKept)
		s.giveBack(rng, orders)
		orders = append(orders, s.sell(100+kill))
		<-time.After(time.Duration(rng.Int64N(int64(killWithin))))
		s.kill()
	}
	s.start()
	s.clear(0)
	states := map[string]int{}
	for _, order := range orders {
		states[s.await(order, "a final state", final).State]++
	}
	s.stop()
	t.Logf("after %d kills: %v", killsInShop, states)
	s.booksAgree()
	s.noCodeIsKept()
}

// giveBack voids or refunds an order of before, now and then; one that is not
// approved is refused, which is right too. The power may fail in the middle of it.
func (s *shop) giveBack(rng *rand.Rand, orders []string) {
	s.t.Helper()
	if len(orders) == 0 || rng.IntN(2) == 0 {
		return
	}
	order := orders[rng.IntN(len(orders))]
	if rng.IntN(3) == 0 {
		s.ask(order, "void", "{}")
	} else {
		s.ask(order, "refund", fmt.Sprintf(`{"amount_fen":%d}`, 1+rng.IntN(60)))
	}
}

func final(t transaction) bool {
	switch t.State {
	case "declined", "reversed", "notsent", "voided":
		return true
	}
	return printed(t)
}

// clear cancels a sale that was killed before its code came, and waits until no
// more orders than most are in doubt, so that the next sale is not refused; with
// most 0, until nothing at all is to be sent.
func (s *shop) clear(most int) {
	s.t.Helper()
	var v struct {
		Current *transaction
		InDoubt []transaction `json:"in_doubt"`
		Unsent  int
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if _, err := s.call("GET", "/api/view", "", &v); err != nil {
			s.t.Fatal(err)
		}
		switch {
		case v.Current != nil && v.Current.State == "created":
			if _, err := s.call("POST", "/api/cancel", "{}", nil); err != nil {
				s.t.Fatal(err)
			}
		case len(v.InDoubt) <= most && (most > 0 || v.Unsent == 0):
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	s.t.Fatalf("more than %d orders stay in doubt: %+v\n%s", most, v.InDoubt, s.log.String())
}

// noCodeIsKept looks for the codes that were shown in everything that is left.
func (s *shop) noCodeIsKept() {
	s.t.Helper()
	var journal []byte
	for _, name := range []string{"journal.log", "journal.db"} {
		file, err := os.ReadFile(filepath.Join(s.dir, "books", name))
		if err != nil {
			s.t.Fatal(err)
		}
		journal = append(journal, file...)
	}
	for _, code := range s.shown {
		if bytes.Contains(journal, []byte(code)) {
			s.t.Error("a payer code is in a file of the journal")
		}
		if strings.Contains(s.log.String(), code) {
			s.t.Error("a payer code is in the log")
		}
	}
}
