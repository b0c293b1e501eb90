package scanner

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"time"
)

// GateWindow is how long a code is out of view before it counts as shown again.
const GateWindow = 3 * time.Second

// GateMax is how many codes a gate remembers. A person shows one or two within
// GateWindow; a line that babbles must not fill the memory.
const GateMax = 64

// fingerprint stands for a code without giving it away.
type fingerprint [sha256.Size]byte

// Gate drops repeats: a code that a scanner reads several times while it is in
// view, or that a scanner and a camera both read, was shown once. It keeps
// fingerprints, not codes. One goroutine may use it.
type Gate struct {
	key  [32]byte
	seen map[fingerprint]time.Time // at most GateMax
	// unused are codes that were admitted when no code was awaited.
	unused map[fingerprint]bool
}

// NewGate takes a key that is random and new in every process.
func NewGate(key [32]byte) *Gate {
	return &Gate{key: key, seen: make(map[fingerprint]time.Time, GateMax),
		unused: map[fingerprint]bool{}}
}

// Admit says whether a scan is a new one. Each repeat starts the window anew. An
// overlong scan has no text to tell it by, so it is always new.
func (g *Gate) Admit(s Scan) bool {
	if s.Overlong {
		return true
	}
	for code, at := range g.seen {
		if s.At.Sub(at).Abs() > GateWindow { // also when the clock was set back
			g.forget(code)
		}
	}
	code := g.fingerprint(s.Text.Reveal())
	_, repeated := g.seen[code]
	if !repeated && len(g.seen) == GateMax {
		g.forgetOldest()
	}
	g.seen[code] = s.At
	return !repeated
}

// Unused says that an admitted scan was of no use, since no code was awaited. A
// customer who shows the phone too early and leaves it there would never be read:
// the code stays in view, and is no news.
func (g *Gate) Unused(s Scan) {
	code := g.fingerprint(s.Text.Reveal())
	if _, known := g.seen[code]; known {
		g.unused[code] = true
	}
}

// Await says that from now on a code is awaited: what was unused is news again.
func (g *Gate) Await() {
	for code := range g.unused {
		g.forget(code)
	}
}

// fingerprint is the same for a code whichever device has read it.
func (g *Gate) fingerprint(text string) fingerprint {
	_, text = SplitAIM(strings.TrimSpace(text)) // one device sends it, another does not
	mac := hmac.New(sha256.New, g.key[:])
	_, _ = mac.Write([]byte(text))
	return fingerprint(mac.Sum(nil))
}

func (g *Gate) forgetOldest() {
	var oldest fingerprint
	var oldestAt time.Time
	for code, at := range g.seen {
		if oldestAt.IsZero() || at.Before(oldestAt) {
			oldest, oldestAt = code, at
		}
	}
	g.forget(oldest)
}

func (g *Gate) forget(code fingerprint) {
	delete(g.seen, code)
	delete(g.unused, code)
}
