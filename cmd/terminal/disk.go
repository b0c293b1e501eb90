package main

import (
	"sync/atomic"
	"time"

	"saoma/terminal/configs"
	"saoma/terminal/store"
	"saoma/terminal/txn/engine"
	"saoma/terminal/ui"
)

// archiveEvery is how many records are decided between two compactions: some hundred
// sales.
const archiveEvery = 2_000

func archiving(cfg *configs.Config) engine.Archiving {
	return engine.Archiving{Every: archiveEvery,
		After: time.Duration(cfg.Archive.AfterH) * time.Hour,
		Keep:  time.Duration(cfg.Archive.KeepDays) * 24 * time.Hour}
}

// disk is what is known of the data directory.
type disk struct {
	findings []store.Finding
	written  atomic.Uint64 // bytes, since the process began
}

// counted is a journal whose written bytes are counted: a disk wears out by them.
type counted struct {
	*store.Journal
	total  *atomic.Uint64
	before uint64
}

func (c *counted) Append(records ...[]byte) error {
	defer c.count()
	return c.Journal.Append(records...)
}

func (c *counted) Compact(carry ...[]byte) error {
	defer c.count()
	return c.Journal.Compact(carry...)
}

func (c *counted) count() {
	now := c.Written()
	c.total.Add(now - c.before)
	c.before = now
}

// openJournal opens the books, and tells what was mended.
func (t *terminal) openJournal() (engine.Journal, error) {
	j, err := store.Open(t.cfg.Terminal.DataDir)
	if err != nil {
		return nil, err
	}
	for _, f := range j.Findings() {
		t.log.Error("data directory was mended", "finding", f.Code, "where", f.Detail)
	}
	if j.Low() {
		t.log.Error("disk is full: room is left only to end what is under way",
			"dir", t.cfg.Terminal.DataDir)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.disk.findings = append(t.disk.findings, j.Findings()...)
	return &counted{Journal: j, total: &t.disk.written}, nil
}

// tile is the disk on the screen. What was mended stays there until the next start: a
// disk that rots is to be replaced.
func (d *disk) tile() ui.Device {
	tile := ui.Device{Name: "disk", Kind: "disk", State: "ok"}
	if n := len(d.findings); n > 0 {
		tile.State, tile.Cause = "trouble", d.findings[n-1].Code
	}
	return tile
}
