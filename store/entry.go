package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// entry is what the archive has of one transaction. Like a frame, its bytes prove
// themselves, wherever they are found:
//
//	magic 4, length 4 of what follows the hash, hash 32 over what follows it,
//	version 8, and name, days, refs, each ended by 0, the refs by one more; then the text
type entry struct {
	version uint64 // the journal's last record: of two entries of a name, the later counts
	name    string
	days    []string // rising; the last is the one from which its age counts
	refs    []string
	text    []byte
}

const (
	entryMagic = "\xffSA1"
	entryHead  = 8 + sha256.Size
)

func (e entry) dayKey(day string) string { return day + "\x00" + e.name }

// has says whether ref is a number of it.
func (e entry) has(ref string) bool { return e.name == ref || slices.Contains(e.refs, ref) }

func (e entry) encode() []byte {
	body := binary.BigEndian.AppendUint64(nil, e.version)
	for _, s := range append([]string{e.name, strings.Join(e.days, " ")}, e.refs...) {
		body = append(append(body, s...), 0)
	}
	body = append(append(body, 0), e.text...)
	sum := sha256.Sum256(body)
	text := append([]byte(entryMagic), binary.BigEndian.AppendUint32(nil, uint32(len(body)))...)
	return append(append(text, sum[:]...), body...)
}

// parseEntry reads the entry that text begins with.
func parseEntry(text []byte) (entry, bool) {
	if len(text) < entryHead || string(text[:4]) != entryMagic {
		return entry{}, false
	}
	size := uint64(binary.BigEndian.Uint32(text[4:]))
	if size < 8 || size > uint64(len(text)-entryHead) {
		return entry{}, false
	}
	body := text[entryHead : entryHead+size]
	if sha256.Sum256(body) != [sha256.Size]byte(text[8:entryHead]) {
		return entry{}, false
	}
	e := entry{version: binary.BigEndian.Uint64(body)}
	words := []string{}
	rest := body[8:]
	for {
		word, after, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return entry{}, false
		}
		rest = after
		if len(word) == 0 {
			break
		}
		words = append(words, string(word))
	}
	if len(words) < 2 || len(rest) == 0 {
		return entry{}, false
	}
	e.name, e.days, e.refs, e.text = words[0], strings.Fields(words[1]), words[2:], rest
	return e, true
}

// findEntries gives every entry that is whole in the bytes of a file, the latest of
// each name.
func findEntries(file []byte) []entry {
	latest := map[string]entry{}
	for {
		at := bytes.Index(file, []byte(entryMagic))
		if at < 0 {
			break
		}
		file = file[at:]
		e, ok := parseEntry(file)
		if !ok {
			file = file[1:]
			continue
		}
		if old, is := latest[e.name]; !is || e.version >= old.version {
			latest[e.name] = e
		}
		file = file[entryHead+int(binary.BigEndian.Uint32(file[4:])):]
	}
	names := make([]string, 0, len(latest))
	for name := range latest {
		names = append(names, name)
	}
	slices.Sort(names)
	all := make([]entry, 0, len(names))
	for _, name := range names {
		all = append(all, latest[name])
	}
	return all
}
