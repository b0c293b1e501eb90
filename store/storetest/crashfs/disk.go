package crashfs

import (
	"maps"
)

// Fate is what becomes of writes whose fsync returned an error. The kernel counts
// their pages as clean from then on: they are read back until the power fails, and
// no later fsync writes them.
type Fate int

// The fates.
const (
	FateLost  Fate = iota // none of them is on the disk
	FateMixed             // some are
)

// disk is what is durable at one place of the log, and what is not yet.
type disk struct {
	files  map[uint64]*content          // durable
	dirs   map[uint64]map[string]uint64 // durable
	writes []Entry                      // pending, of all files, in order
	names  []Entry                      // pending, of all directories, in order
	acked  int                          // the last Ack; -1 before the first
}

func newDisk() *disk {
	return &disk{
		files: map[uint64]*content{},
		dirs:  map[uint64]map[string]uint64{Root: {}},
		acked: -1,
	}
}

// step carries out one entry. After a LostSync choose says which of the writes made
// it to the disk all the same.
func (d *disk) step(e Entry, choose func(write Entry) span) {
	switch e.Kind {
	case Write, Truncate, Allocate:
		d.writes = append(d.writes, e)
	case Make, Remove, Rename:
		d.names = append(d.names, e)
	case Sync:
		d.settle(e.Inode, whole)
	case LostSync:
		d.settle(e.Inode, choose)
	case SyncDir:
		d.settleNames(e.Dir)
	case Ack:
		d.acked = e.N
	}
}

// settle ends the doubt about a file's writes.
func (d *disk) settle(inode uint64, choose func(Entry) span) {
	var rest []Entry
	next := &content{} // another one, since images share the old one
	if old := d.files[inode]; old != nil {
		next = old.clone()
	}
	for _, w := range d.writes {
		if w.Inode != inode {
			rest = append(rest, w)
			continue
		}
		apply(next, w, choose(w))
	}
	d.files[inode] = next
	d.writes = rest
}

// settleNames makes the directory's names durable, and all that was done to names
// before: the journal is ordered.
func (d *disk) settleNames(dir uint64) {
	for i := len(d.names); i > 0; i-- {
		if e := d.names[i-1]; e.Dir == dir || e.NewDir == dir {
			rename(d.dirs, d.names[:i])
			d.names = append([]Entry(nil), d.names[i:]...)
			return
		}
	}
}

// span is which bytes of a write are kept; of what is not a Write, anything or
// nothing is kept.
type span struct{ from, to int }

func whole(w Entry) span { return span{0, max(1, len(w.Bytes))} }

func nothing(Entry) span { return span{} }

func apply(c *content, w Entry, kept span) {
	switch {
	case kept.from == kept.to:
	case w.Kind == Truncate:
		c.truncate(w.Off)
	case w.Kind == Allocate:
		c.allocate(w.Off, w.Len)
	case len(w.Bytes) > 0:
		c.write(w.Bytes[kept.from:kept.to], w.Off+int64(kept.from))
	}
}

func rename(dirs map[uint64]map[string]uint64, names []Entry) {
	in := func(dir uint64) map[string]uint64 {
		if dirs[dir] == nil {
			dirs[dir] = map[string]uint64{}
		}
		return dirs[dir]
	}
	for _, e := range names {
		switch e.Kind {
		case Make:
			in(e.Dir)[e.Name] = e.Inode
		case Remove:
			delete(in(e.Dir), e.Name)
		case Rename:
			delete(in(e.Dir), e.Name)
			in(e.NewDir)[e.NewName] = e.Inode
		}
	}
}

// cut gives what is on the disk if the power fails now: the first so many of the
// pending names, and of each pending write the span with its index.
func (d *disk) cut(names int, kept []span, modes map[uint64]uint32) *Image {
	dirs := make(map[uint64]map[string]uint64, len(d.dirs))
	for dir, in := range d.dirs {
		dirs[dir] = maps.Clone(in)
	}
	rename(dirs, d.names[:names])
	changed := map[uint64]*content{}
	for i, w := range d.writes {
		c := changed[w.Inode]
		if c == nil {
			c = &content{}
			if durable := d.files[w.Inode]; durable != nil {
				c = durable.clone()
			}
			changed[w.Inode] = c
		}
		apply(c, w, kept[i])
	}
	contentOf := func(inode uint64) *content {
		if c := changed[inode]; c != nil {
			return c
		}
		if c := d.files[inode]; c != nil {
			return c
		}
		return &content{}
	}
	image := &Image{}
	image.add("", Root, dirs, modes, contentOf)
	return image
}
