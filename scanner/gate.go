package scanner

import (
	"crypto/hmac"
	"crypto/sha256"
	"time"
)

// GateWindow is how long a code is out of view before it counts as shown again.
const GateWindow = 3 * time.Second

// Gate drops repeats: a code that a scanner reads several times while it is in
// view, or that a scanner and a camera both read, was shown once. It keeps
// fingerprints, not codes. One goroutine may use it.
type Gate struct {
	key  [32]byte
	seen map[[sha256.Size]byte]time.Time
}

// NewGate takes a key that is random and new in every process.
func NewGate(key [32]byte) *Gate {
	return &Gate{key: key, seen: map[[sha256.Size]byte]time.Time{}}
}

// Admit says whether a scan is a new one. Each repeat starts the window anew.
func (g *Gate) Admit(s Scan) bool {
	mac := hmac.New(sha256.New, g.key[:])
	_, _ = mac.Write([]byte(s.Text.Reveal()))
	print := [sha256.Size]byte(mac.Sum(nil))
	for other, at := range g.seen {
		if s.At.Sub(at) > GateWindow {
			delete(g.seen, other)
		}
	}
	_, repeated := g.seen[print]
	g.seen[print] = s.At
	return !repeated || s.Overlong
}
