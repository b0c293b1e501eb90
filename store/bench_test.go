package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkAppend gives the cost of one durable record as a ratio to the least that
// any durable write can cost here: one write of as many bytes and one fdatasync, on
// the same disk, in turns.
func BenchmarkAppend(b *testing.B) {
	dir := b.TempDir()
	j, err := Open(filepath.Join(dir, "books"))
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	floor := filledFile(b, filepath.Join(dir, "floor"))
	defer floor.Close()
	record := []byte(fmt.Sprintf("%0450d", 1))
	var appends, floors []time.Duration
	at, written := int64(0), j.Written()
	for b.Loop() {
		began := time.Now()
		if err := j.Append(record); err != nil {
			b.Fatal(err)
		}
		appends = append(appends, time.Since(began))
		began = time.Now()
		if _, err := floor.WriteAt(record, at%(8<<20)); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(floor.Fd())); err != nil {
			b.Fatal(err)
		}
		floors = append(floors, time.Since(began))
		at += int64(len(record))
	}
	b.ReportMetric(float64(median(appends).Microseconds()), "append-us")
	b.ReportMetric(float64(median(floors).Microseconds()), "fdatasync-us")
	b.ReportMetric(float64(median(appends))/float64(median(floors)), "ratio")
	b.ReportMetric(float64(sum(appends))/float64(sum(floors)), "ratio-of-sums")
	b.ReportMetric(float64(j.Written()-written)/float64(len(appends)), "bytes/record")
}

func filledFile(b *testing.B, path string) *os.File {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 9<<20)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return f
}

func median(all []time.Duration) time.Duration {
	all = slices.Clone(all)
	slices.Sort(all)
	return all[len(all)/2]
}

func sum(all []time.Duration) (total time.Duration) {
	for _, d := range all {
		total += d
	}
	return total
}

// BenchmarkOpenFull opens a directory with a million archived transactions and
// 10,000 that are not settled, of five records each, and replays it.
func BenchmarkOpenFull(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "books")
	fillBooks(b, dir, 1_000_000, 10_000)
	before := memory()
	for b.Loop() {
		j, err := Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		if err := j.Replay(func([]byte) error { n++; return nil }); err != nil || n < 50_000 {
			b.Fatalf("%d records, %v", n, err)
		}
		if text, err := j.Archived("ref 777777"); err != nil || len(text) == 0 {
			b.Fatalf("archived: %d bytes, %v", len(text), err)
		}
		b.ReportMetric(float64(memory()-before)/(1<<20), "MiB-in-use")
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

func fillBooks(b *testing.B, dir string, archived, live int) {
	b.Helper()
	j, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	text := bytes.Repeat([]byte("x"), 1000)
	for i := range archived {
		err := j.Archive(fmt.Sprintf("order %07d", i), []string{"20261125"}, []string{fmt.Sprint("ref ", i)}, text)
		if err != nil {
			b.Fatal(err)
		}
	}
	var carry [][]byte
	for range live * 5 {
		carry = append(carry, text[:450])
	}
	if err := j.Compact(carry...); err != nil {
		b.Fatal(err)
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}
