package decode

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// class is a row of the table: a kind of picture, and a fault or folder.
type class struct{ kind, name string }

// tally is what one peer did with the pictures of one class.
type tally struct {
	right, wrong int
	took         []time.Duration
}

// table is what all peers did.
type table struct {
	peers   []peer
	classes []class
	count   map[class]int
	tallies map[class][]tally
}

func newTable(peers []peer) *table {
	return &table{peers: peers, count: map[class]int{}, tallies: map[class][]tally{}}
}

// rounds is how often a picture is read: the shortest time counts, for the machine has
// other things to do as well.
const rounds = 3

// add lets every peer read one picture. A text that is in the picture is right, once;
// each other text is wrong.
func (t *table) add(c class, l Luma, want []string) {
	for _, row := range []class{c, {c.kind, "all"}} {
		if t.tallies[row] == nil {
			t.classes = append(t.classes, row)
			t.tallies[row] = make([]tally, len(t.peers))
		}
		t.count[row]++
	}
	for i, p := range t.peers {
		texts, took := p.read(l)
		for range rounds - 1 {
			_, again := p.read(l)
			took = min(took, again)
		}
		right, wrong := 0, 0
		for _, text := range texts {
			if slices.Contains(want, text) {
				right = 1
			} else {
				wrong++
			}
		}
		for _, row := range []class{c, {c.kind, "all"}} {
			of := &t.tallies[row][i]
			of.right, of.wrong = of.right+right, of.wrong+wrong
			of.took = append(of.took, took)
		}
	}
}

func (t *table) String() string {
	var b strings.Builder
	b.WriteString("\n| pictures | count |")
	for _, p := range t.peers {
		fmt.Fprintf(&b, " %s |", p.name)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(t.peers)) + "\n")
	slices.SortStableFunc(t.classes, func(x, y class) int {
		if x.kind == y.kind && (x.name == "all") != (y.name == "all") {
			return map[bool]int{true: 1, false: -1}[x.name == "all"]
		}
		return strings.Compare(x.kind, y.kind)
	})
	for _, c := range t.classes {
		fmt.Fprintf(&b, "| %s, %s | %d |", c.kind, c.name, t.count[c])
		for i := range t.peers {
			of := &t.tallies[c][i]
			slices.Sort(of.took)
			fmt.Fprintf(&b, " %d", of.right)
			if of.wrong > 0 {
				fmt.Fprintf(&b, " (%d wrong)", of.wrong)
			}
			if c.name == "all" {
				ms := func(n time.Duration) float64 { return float64(n.Microseconds()) / 1000 }
				fmt.Fprintf(&b, ", %.2f ms, p95 %.2f", ms(of.took[len(of.took)/2]), ms(of.took[len(of.took)*95/100]))
			}
			b.WriteString(" |")
		}
		b.WriteString("\n")
	}
	return b.String()
}
