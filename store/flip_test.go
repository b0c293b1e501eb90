package store_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"saoma/terminal/store"
)

var long = flag.Bool("long", false, "try every fault, and flip a bit of every byte of the small files")

const (
	pageLen  = 4096
	smallMax = 64 << 10 // bytes of a small file
)

// damagePlan is what is in the books that are damaged: some 200 records.
var damagePlan = plan{Seed: 11, Steps: 108}

// knownDamage is what the journal is known not to come through; "" for nothing.
const knownDamage = "bbolt panics on a rotten page, forgets the last commit with the page " +
	"that has its root, and is made anew when it is gone"

// A disk that rots changes what it was not told to change. The journal comes through
// by itself, or says that it can't prove what it holds; it never gives a record that
// is wrong, and never leaves one out without a word.
func TestOneDamagedPlaceIsMendedOrRefused(t *testing.T) {
	files := healthyBooks(t)
	dir, o := memory(t), newOracles(t, damagePlan)
	jobs := make(chan damage)
	go func() {
		defer close(jobs)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			someDamage(name, files[name], jobs)
		}
	}()
	var mu sync.Mutex
	rows := map[string]*row{}
	together(jobs, func(d damage) {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d", d.kind, d.number))
		if err := layDamaged(path, files, d); err != nil {
			t.Errorf("lay out %v: %v", d, err)
		}
		v := o.judge(path)
		_ = os.RemoveAll(path)
		mu.Lock()
		defer mu.Unlock()
		title := fmt.Sprintf("%-12s %s", d.kind, d.file)
		if rows[title] == nil {
			rows[title] = &row{}
		}
		rows[title].count(d, v)
	})
	judgeRows(t, rows)
}

// healthyBooks gives every file of a data directory.
func healthyBooks(t *testing.T) map[string][]byte {
	t.Helper()
	dir := filepath.Join(memory(t), books)
	j, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range damagePlan.steps() {
		if j, err = s.do(j, dir, s.given); err != nil {
			t.Fatalf("step %d: %v", i+1, err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	err = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// damage is one change to one file.
type damage struct {
	kind   string
	number int
	file   string
	text   []byte // what the file holds then; nil if it is gone
	where  string // for people
}

func (d damage) String() string { return fmt.Sprintf("%s: %s at %s", d.file, d.kind, d.where) }

// someDamage makes the damages of one file.
func someDamage(name string, text []byte, jobs chan<- damage) {
	random := rand.New(rand.NewPCG(uint64(len(text)), 1))
	number := 0
	give := func(kind string, text []byte, where string, args ...any) {
		jobs <- damage{kind, number, name, text, fmt.Sprintf(where, args...)}
		number++
	}
	give("removed", nil, "all of it")
	if len(text) == 0 {
		return
	}
	used := usedPages(text)
	for i := range flips(text, used) {
		at, bit := i, random.IntN(8)
		if !*long || len(text) > smallMax {
			at = somewhere(random, text, used)
		}
		changed := slices.Clone(text)
		changed[at] ^= 1 << bit
		give("bit flipped", changed, "byte %d, bit %d", at, bit)
	}
	for range share(150, used) {
		at := random.IntN(len(text))
		if random.IntN(3) == 0 {
			at -= at % pageLen
		}
		give("cut off", text[:at:at], "byte %d", at)
	}
	pages := (len(text) + pageLen - 1) / pageLen
	for range share(150, used) {
		at := random.IntN(pages) * pageLen
		if len(used) > 0 && random.IntN(4) > 0 {
			at = used[random.IntN(len(used))] * pageLen
		}
		changed := slices.Clone(text)
		page := changed[at:min(at+pageLen, len(changed))]
		clear(page)
		give("page of zeros", changed, "byte %d", at)
		changed = slices.Clone(changed)
		for i := range changed[at:min(at+pageLen, len(changed))] {
			changed[at+i] = byte(random.Uint32())
		}
		give("page of noise", changed, "byte %d", at)
	}
}

// usedPages are the pages with anything but zeros.
func usedPages(text []byte) []int {
	var used []int
	page := 0
	for p := range slices.Chunk(text, pageLen) {
		if !bytes.Equal(p, make([]byte, len(p))) {
			used = append(used, page)
		}
		page++
	}
	return used
}

// share is how much of a number of damages a file gets.
func share(n int, used []int) int {
	if testing.Short() {
		n /= 10
	}
	if len(used) == 0 {
		n /= 20 // nobody reads a file of zeros
	}
	return n
}

func flips(text []byte, used []int) int {
	if *long && len(text) <= smallMax {
		return len(text)
	}
	return share(1500, used)
}

// somewhere is a place in the file, mostly one where something is.
func somewhere(random *rand.Rand, text []byte, used []int) int {
	if len(used) == 0 || random.IntN(4) == 0 {
		return random.IntN(len(text))
	}
	return min(used[random.IntN(len(used))]*pageLen+random.IntN(pageLen), len(text)-1)
}

// layDamaged makes the data directory below path.
func layDamaged(path string, files map[string][]byte, d damage) error {
	for name, text := range files {
		if name == d.file {
			if text = d.text; text == nil {
				continue
			}
		}
		to := filepath.Join(path, books, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := writeSparse(to, text); err != nil {
			return err
		}
	}
	return os.MkdirAll(filepath.Join(path, books), 0o700)
}

// writeSparse writes a file, and leaves its zeros out.
func writeSparse(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, page := range usedPages(text) {
		at := page * pageLen
		if _, err := f.WriteAt(text[at:min(at+pageLen, len(text))], int64(at)); err != nil {
			return err
		}
	}
	return f.Truncate(int64(len(text)))
}

// row counts what became of one kind of damage to one file.
type row struct {
	mended, refused, wrong, died int
	first                        map[string]string // example of what is bad
}

func (r *row) count(d damage, v verdict) {
	note := func(what, err string) {
		if r.first == nil {
			r.first = map[string]string{}
		}
		if r.first[what] == "" {
			r.first[what] = fmt.Sprintf("%v: %s", d, err)
		}
	}
	switch {
	case v.Died:
		r.died++
		note("died", v.Err)
	case v.Refused:
		r.refused++
	case v.Err != "":
		r.wrong++
		note("wrong", v.Err)
	case !slices.Contains(v.Steps, damagePlan.Steps):
		r.wrong++
		note("wrong", fmt.Sprintf("without an error it gives %d records, those after step %v",
			v.Records, v.Steps))
	default:
		r.mended++
	}
}

func judgeRows(t *testing.T, rows map[string]*row) {
	t.Helper()
	var table, bad strings.Builder
	var sum row
	fmt.Fprintf(&table, "%-28s %9s %9s %9s %9s\n", "damage", "opens", "refuses", "wrong", "died")
	line := func(title string, r row) {
		fmt.Fprintf(&table, "%-28s %9d %9d %9d %9d\n", title, r.mended, r.refused, r.wrong, r.died)
	}
	for _, title := range slices.Sorted(maps.Keys(rows)) {
		r := rows[title]
		line(title, *r)
		sum.mended += r.mended
		sum.refused += r.refused
		sum.wrong += r.wrong
		sum.died += r.died
		for _, what := range slices.Sorted(maps.Keys(r.first)) {
			fmt.Fprintf(&bad, "%s: %s\n", what, r.first[what])
		}
	}
	line("all", sum)
	all := sum.mended + sum.refused + sum.wrong + sum.died
	t.Logf("\n%s%.1f %% open by themselves", table.String(), 100*float64(sum.mended)/float64(all))
	switch {
	case sum.wrong+sum.died == 0 && knownDamage != "":
		t.Errorf("all was mended or refused, but it is written here that %s: empty it", knownDamage)
	case sum.wrong+sum.died > 0 && knownDamage == "":
		t.Errorf("want each mended or refused, but %d are wrong and %d died of it:\n%s",
			sum.wrong, sum.died, bad.String())
	case knownDamage != "":
		t.Logf("KNOWN: %s. The first:\n%s", knownDamage, bad.String())
	}
}
