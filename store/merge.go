package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
)

// ErrBroken means that acknowledged records may be lost: no file has them whole. Do
// not sell, say so, and keep the files: they are evidence.
var ErrBroken = errors.New("the journal can't be proven complete: do not sell")

// Finding is damage that was found and mended when the directory was opened.
type Finding struct {
	Code   string // stable: one of the constants
	Detail string // where, for a technician
}

// The codes of findings.
const (
	FoundLog     = "journal_log_mended" // journal.log was damaged; the other file had everything
	FoundBook    = "journal_db_mended"  // likewise journal.db
	FoundArchive = "archive_mended"     // archive.db was damaged: what was whole is in a new one
	FoundLoss    = "journal_loss"       // a person accepted that records were lost
)

// history is what the files prove together.
type history struct {
	frames   []frame // from the newest start on
	head     link
	findings []Finding
}

// sources are the files of a directory as they were found; nil for none.
type sources struct{ log, book []byte }

// fresh says whether no record can ever have been acknowledged here: journal.log is
// the first file that is made.
func (s sources) fresh() bool { return s.log == nil && s.book == nil }

// merge joins the frames of both files to the one chain that they prove. The error
// is ErrBroken if something is missing; the history is what there is nevertheless.
func (s sources) merge() (history, error) {
	inLog, inBook := findFrames(s.log), findFrames(s.book)
	h, err := chain(append(append([]frame{}, inLog...), inBook...))
	if err != nil {
		return h, err
	}
	if !s.fresh() && !logIsWhole(s.log) && !closedAt(inBook, h.head) {
		return h, fmt.Errorf("%w: %s is lost or cut off, and %s ends at record %d: "+
			"whether there were more is not known", ErrBroken, logName, bookName, h.head.seq)
	}
	h.findings = s.findings(h, inLog, inBook)
	return h, nil
}

// chain follows the frames from the newest start, each to the one that has its hash.
func chain(all []frame) (history, error) {
	var h history
	var first *frame
	next := map[uint64][]frame{}
	for i, f := range all {
		if f.flags&flagEnd != 0 {
			continue
		}
		if f.flags&flagStart != 0 && (first == nil || f.first > first.first) {
			first = &all[i]
		}
		next[f.first] = append(next[f.first], f)
	}
	if first != nil {
		h.frames, h.head = []frame{*first}, first.link()
	}
	for {
		f, ok, err := follower(next[h.head.seq+1], h.head)
		if err != nil {
			return h, err
		}
		if !ok {
			break
		}
		h.frames, h.head = append(h.frames, f), f.link()
	}
	for _, f := range all {
		// An end frame has no records: its link is that of the record before it.
		if f.link().seq > h.head.seq {
			return h, fmt.Errorf("%w: record %d and those after it, up to %d, are missing or changed",
				ErrBroken, h.head.seq+1, max(f.first-1, h.head.seq+1))
		}
	}
	return h, nil
}

// follower is the frame that has the hash of at. Two that differ are of two journals.
func follower(candidates []frame, at link) (next frame, ok bool, err error) {
	for _, f := range candidates {
		switch {
		case f.before() != at.hash:
		case ok && f.link() != next.link():
			return frame{}, false, fmt.Errorf("%w: %s and %s are of two different terminals or "+
				"times: record %d is not the same in them", ErrBroken, logName, bookName, f.first)
		default:
			next, ok = f, true
		}
	}
	return next, ok, nil
}

// closedAt says whether the book was closed, by the last process, after head.
func closedAt(book []frame, head link) bool {
	for _, f := range book {
		if f.flags&flagEnd != 0 && f.first == head.seq+1 && f.before() == head.hash {
			return true
		}
	}
	return false
}

// findings says what was damaged, though nothing is lost.
func (s sources) findings(h history, inLog, inBook []frame) []Finding {
	if s.fresh() || s.book == nil && len(h.frames) == 0 {
		return nil // also after a power cut while the directory was made
	}
	log, book := hashes(inLog), hashes(inBook)
	ring := hashes(findFrames(s.log[min(headLen, len(s.log)):min(areaStart, len(s.log))]))
	var found []Finding
	for i, f := range h.frames {
		key := f.link().hash
		if i == 0 && f.flags&flagStart != 0 && (log[f.before()] || book[f.before()]) {
			continue // the power failed between the two files of a Compact
		}
		if !log[key] {
			found = append(found, Finding{FoundLog, fmt.Sprintf("record %d was not in it", f.first)})
			break
		}
		if !ring[key] && !book[key] {
			found = append(found, Finding{FoundBook, fmt.Sprintf("record %d was not in it", f.first)})
			break
		}
	}
	if len(found) == 0 && !bytes.HasPrefix(s.log, []byte(logLine)) {
		found = append(found, Finding{FoundLog, "its first line was changed"})
	}
	return found
}

func hashes(frames []frame) map[[sha256.Size]byte]bool {
	all := make(map[[sha256.Size]byte]bool, len(frames))
	for _, f := range frames {
		if f.flags&flagEnd == 0 {
			all[f.link().hash] = true
		}
	}
	return all
}
