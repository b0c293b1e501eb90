package crashfs

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const (
	fileA = 10
	fileB = 11
	sub   = 12
)

// logOf makes a log of entries on two files and a directory.
func logOf(entries ...Entry) *Log {
	return &Log{Entries: entries, Modes: map[uint64]uint32{
		Root: unix.S_IFDIR | 0o700, sub: unix.S_IFDIR | 0o700,
		fileA: unix.S_IFREG | 0o600, fileB: unix.S_IFREG | 0o600,
	}}
}

func named(inode uint64, name string) Entry {
	return Entry{Kind: Make, Inode: inode, Dir: Root, Name: name}
}

func wrote(inode uint64, off int64, text string) Entry {
	return Entry{Kind: Write, Inode: inode, Off: off, Bytes: []byte(text)}
}

func synced(inode uint64) Entry { return Entry{Kind: Sync, Inode: inode} }

func renamed(name, newName string, inode uint64) Entry {
	return Entry{Kind: Rename, Inode: inode, Dir: Root, Name: name, NewDir: Root, NewName: newName}
}

var syncedRoot = Entry{Kind: SyncDir, Dir: Root}

// after gives what a disk may hold when the power fails after the whole log, each
// once: "name=content" of each file, with runs of one letter cut to one.
func after(log *Log, s Sampling) []string {
	s.From = len(log.Entries)
	seen := map[string]bool{}
	for c := range log.Crashes(s) {
		var files []string
		for _, name := range c.Image.Names() {
			text, isFile := c.Image.File(name)
			if !isFile {
				files = append(files, name+"/")
				continue
			}
			files = append(files, name+"="+string(slices.Compact(bytes.ReplaceAll(text, []byte{0}, []byte{'0'}))))
		}
		seen[strings.Join(files, " ")] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

func TestAfterAPowerCutTheDiskHoldsWhatItMay(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for name, tt := range map[string]struct {
		entries []Entry
		want    []string
	}{
		"a write that was not synced is there or not": {
			[]Entry{named(fileA, "a"), syncedRoot, wrote(fileA, 0, "x")},
			[]string{"a=", "a=x"},
		},
		"a longer one also from its start or to its end": {
			[]Entry{named(fileA, "a"), syncedRoot, wrote(fileA, 0, long)},
			[]string{"a=", "a=0x", "a=x"},
		},
		"a synced one is there": {
			[]Entry{named(fileA, "a"), syncedRoot, wrote(fileA, 0, "x"), synced(fileA)},
			[]string{"a=x"},
		},
		"another file's sync is no help": {
			[]Entry{named(fileA, "a"), syncedRoot, wrote(fileA, 0, "x"), synced(fileB)},
			[]string{"a=", "a=x"},
		},
		"of two writes the second may be there alone, and it wins": {
			[]Entry{named(fileA, "a"), syncedRoot, wrote(fileA, 0, "xx"), wrote(fileA, 1, "y")},
			[]string{"a=", "a=0y", "a=x", "a=xy"},
		},
		"a truncation is there or not, and what comes after it comes after": {
			[]Entry{
				named(fileA, "a"), syncedRoot, wrote(fileA, 0, "xy"), synced(fileA),
				{Kind: Truncate, Inode: fileA}, wrote(fileA, 0, "z"),
			},
			[]string{"a=", "a=xy", "a=z", "a=zy"},
		},
		"the sync of a file makes no name": {
			[]Entry{named(fileA, "a"), wrote(fileA, 0, "x"), synced(fileA)},
			[]string{"", "a=x"},
		},
		"names come in order": {
			[]Entry{named(fileA, "a"), named(fileB, "b"), {Kind: Remove, Inode: fileA, Dir: Root, Name: "a"}},
			[]string{"", "a=", "a= b=", "b="},
		},
		"a rename before the sync leaves a name without content": {
			[]Entry{
				named(fileA, "a"), syncedRoot, wrote(fileA, 0, "x"), synced(fileA),
				named(fileB, "new"), wrote(fileB, 0, "y"), renamed("new", "a", fileB), syncedRoot,
			},
			[]string{"a=", "a=y"},
		},
		"a rename after the sync leaves the old or the new content": {
			[]Entry{
				named(fileA, "a"), syncedRoot, wrote(fileA, 0, "x"), synced(fileA),
				named(fileB, "new"), wrote(fileB, 0, "y"), synced(fileB), renamed("new", "a", fileB),
			},
			[]string{"a=x", "a=x new=y", "a=y"},
		},
		"a directory is there before what is in it": {
			[]Entry{named(sub, "sub"), {Kind: Make, Inode: fileA, Dir: sub, Name: "a"}},
			[]string{"", "sub/", "sub/ sub/a="},
		},
		"the sync of a directory makes what was done to names before": {
			[]Entry{
				named(sub, "sub"), {Kind: Make, Inode: fileA, Dir: sub, Name: "a"},
				{Kind: SyncDir, Dir: sub}, named(fileB, "b"),
			},
			[]string{"b= sub/ sub/a=", "sub/ sub/a="},
		},
	} {
		got := after(logOf(tt.entries...), Sampling{Seed: 1, Random: 200, Each: 16})
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: want %q, got %q", name, tt.want, got)
		}
	}
}

func TestWritesWhoseSyncFailedAreNotMadeDurableByTheNextOne(t *testing.T) {
	log := logOf(named(fileA, "a"), syncedRoot, wrote(fileA, 0, "x"), wrote(fileA, 1, "y"),
		Entry{Kind: LostSync, Inode: fileA}, wrote(fileA, 2, "z"), synced(fileA))
	if got := after(log, Sampling{Fate: FateLost}); !slices.Equal(got, []string{"a=0z"}) {
		t.Errorf("want them lost, got %q", got)
	}
	var seen []string
	for seed := range uint64(50) {
		seen = append(seen, after(log, Sampling{Seed: seed, Fate: FateMixed})...)
	}
	slices.Sort(seen)
	want := []string{"a=0yz", "a=0z", "a=x0z", "a=xyz"}
	if got := slices.Compact(seen); !slices.Equal(got, want) {
		t.Errorf("mixed: want %q, got %q", want, got)
	}
}

func TestEveryPlaceOfTheLogKnowsWhatWasAcknowledged(t *testing.T) {
	log := logOf(named(fileA, "a"), Entry{Kind: Ack, N: 0}, wrote(fileA, 0, "x"), Entry{Kind: Ack, N: 1})
	acked := map[int]int{}
	for c := range log.Crashes(Sampling{Seed: 1, Random: 1, Each: 1}) {
		acked[c.Position] = c.Acked
	}
	if want := map[int]int{0: -1, 1: -1, 2: 0, 3: 0, 4: 1}; !maps.Equal(acked, want) {
		t.Errorf("want %v, got %v", want, acked)
	}
}

func TestTheSameSeedGivesTheSameStates(t *testing.T) {
	var entries []Entry
	for i := range 40 {
		entries = append(entries, named(fileA, "a"), wrote(fileA, int64(i*700), strings.Repeat("x", 1500)))
	}
	sums := func(seed uint64) (all []uint64) {
		for c := range logOf(entries...).Crashes(Sampling{Seed: seed, Random: 5, Each: 5}) {
			all = append(all, c.Image.Sum())
		}
		return all
	}
	if !slices.Equal(sums(1), sums(1)) {
		t.Error("seed 1 gives different states")
	}
	if slices.Equal(sums(1), sums(2)) {
		t.Error("seeds 1 and 2 give the same states")
	}
}

func TestAnImageStaysAsItWasWhenTheLogGoesOn(t *testing.T) {
	log := logOf(named(fileA, "a"), syncedRoot, wrote(fileA, 0, "x"), synced(fileA),
		wrote(fileA, 1, "y"), synced(fileA), Entry{Kind: Truncate, Inode: fileA}, synced(fileA))
	var images []*Image
	var sums []uint64
	for c := range log.Crashes(Sampling{}) {
		images, sums = append(images, c.Image), append(sums, c.Image.Sum())
	}
	for i, image := range images {
		if image.Sum() != sums[i] {
			t.Errorf("image %d of %d has changed", i, len(images))
		}
	}
}

// What a file holds is checked against a slice, by seed.
func TestContentIsLikeASlice(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		c, want := &content{}, []byte{}
		grow := func(size int) {
			want = append(want, make([]byte, max(0, size-len(want)))...)
		}
		for range 40 {
			before, kept := c.clone(), slices.Clone(want)
			off, n := random.IntN(5*pageLen), random.IntN(2*pageLen)
			switch random.IntN(3) {
			case 0:
				text := bytes.Repeat([]byte{byte(random.IntN(3))}, n)
				grow(off + n)
				copy(want[off:], text)
				c.write(text, int64(off))
			case 1:
				grow(off)
				want = want[:off]
				c.truncate(int64(off))
			case 2:
				grow(off + n)
				c.allocate(int64(off), int64(n))
			}
			for what, pair := range map[string]struct {
				c    *content
				want []byte
			}{"content": {c, want}, "a clone from before": {before, kept}} {
				got := make([]byte, len(pair.want)+9)
				if n := pair.c.read(got, 0); !bytes.Equal(got[:n], pair.want) {
					t.Fatalf("seed %d: %s is not as the slice", seed, what)
				}
			}
		}
	}
}
