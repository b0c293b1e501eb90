package crashfs

import (
	"fmt"
	"iter"
	"math/rand/v2"
)

const sector = 512 // bytes: the most that a disk writes as a whole

// Sampling says which of the states after a power cut Crashes makes. For k pending
// writes there are more than 2^k; these are: none kept, all, each alone, all but
// one, and random subsets with torn writes, each with a number of pending names.
type Sampling struct {
	Seed   uint64
	Random int  // random subsets at each place of the log
	Each   int  // at most so many of "alone" and of "all but one" at each place; 0: neither
	From   int  // the first place of the log: a number of entries carried out
	Fate   Fate // of writes whose fsync returned an error
}

// Crash is one state after a power cut.
type Crash struct {
	Position int    // how many entries of the log were carried out
	Acked    int    // the last Ack among them; -1 for none
	Kept     string // what was kept of what was pending, for people
	Image    *Image
}

// Crashes gives the states after a power cut at every place of the log. The same log
// and sampling give the same ones.
func (l *Log) Crashes(s Sampling) iter.Seq[Crash] {
	return func(yield func(Crash) bool) {
		d := newDisk()
		fate := rand.New(rand.NewPCG(s.Seed, uint64(s.Fate)))
		choose := nothing
		if s.Fate == FateMixed {
			choose = func(w Entry) span { return torn(fate, w) }
		}
		for position := 0; ; position++ {
			if position >= s.From {
				at := cutter{d, l.Modes, position, rand.New(rand.NewPCG(s.Seed, uint64(position)))}
				if !at.crashes(s, yield) {
					return
				}
			}
			if position == len(l.Entries) {
				return
			}
			d.step(l.Entries[position], choose)
		}
	}
}

// cutter makes the states at one place of the log.
type cutter struct {
	disk     *disk
	modes    map[uint64]uint32
	position int
	random   *rand.Rand
}

func (c *cutter) crashes(s Sampling, yield func(Crash) bool) bool {
	k := len(c.disk.writes)
	for _, names := range c.someOf(len(c.disk.names)+1, max(2, s.Each)) {
		if !yield(c.crash(names, "no write", nothing)) {
			return false
		}
		if k > 0 && !yield(c.crash(names, "every write", whole)) {
			return false
		}
	}
	for _, i := range c.someOf(k, s.Each) {
		// One of one is every write, and one of two is all but the other.
		if k > 1 && !c.one(i, whole, nothing, "write %d alone", yield) ||
			k > 2 && !c.one(i, nothing, whole, "all but write %d", yield) {
			return false
		}
	}
	for range s.Random {
		if k == 0 {
			break
		}
		choose := func(w Entry) span { return torn(c.random, w) }
		if !yield(c.crash(c.anyNames(), "a random part", choose)) {
			return false
		}
	}
	return true
}

// one makes the state in which write i has another lot than the rest.
func (c *cutter) one(i int, lot, rest func(Entry) span, kept string, yield func(Crash) bool) bool {
	at := -1
	return yield(c.crash(c.anyNames(), fmt.Sprintf(kept, i), func(w Entry) span {
		if at++; at == i {
			return lot(w)
		}
		return rest(w)
	}))
}

func (c *cutter) anyNames() int { return c.random.IntN(len(c.disk.names) + 1) }

func (c *cutter) crash(names int, kept string, choose func(Entry) span) Crash {
	spans := make([]span, len(c.disk.writes))
	for i, w := range c.disk.writes {
		spans[i] = choose(w)
	}
	return Crash{
		Position: c.position,
		Acked:    c.disk.acked,
		Kept: fmt.Sprintf("%s of %d, %d of %d names",
			kept, len(spans), names, len(c.disk.names)),
		Image: c.disk.cut(names, spans, c.modes),
	}
}

// someOf gives the numbers below n, or the first, the last and random ones between
// if they are more than most.
func (c *cutter) someOf(n, most int) []int {
	var some []int
	for i := range min(n, most) {
		switch {
		case n <= most:
			some = append(some, i)
		case i == 0:
			some = append(some, 0)
		case i == most-1:
			some = append(some, n-1)
		default:
			some = append(some, 1+c.random.IntN(n-2))
		}
	}
	return some
}

// torn keeps a write, or nothing of it, or a part that ends or begins at a sector.
func torn(random *rand.Rand, w Entry) span {
	switch all := whole(w); random.IntN(4) {
	case 0:
		return span{}
	case 1:
		return all
	default:
		first := sector - int(w.Off%sector)
		if w.Kind != Write || first >= len(w.Bytes) {
			return span{0, all.to * random.IntN(2)}
		}
		at := first + sector*random.IntN((len(w.Bytes)-first-1)/sector+1)
		if random.IntN(2) == 0 {
			return span{0, at}
		}
		return span{at, all.to}
	}
}
