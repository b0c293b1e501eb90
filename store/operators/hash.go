package operators

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// cost are the parameters of argon2id. They stand beside each hash, so that a later
// release may raise them and still read what this one wrote.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// today is sized for a board with 256 MiB and one slow core: 19 MiB and two passes
// is the least that OWASP recommends, and takes a Cortex-A7 about a quarter of a
// second. More would not help: a PIN has ten thousand to a hundred million values,
// so what keeps a guesser out is the lock, and mode 0600 of the file; the hash makes
// a stolen file cost time.
var today = cost{memory: 19 << 10, passes: 2, threads: 1}

// most bounds what a file may ask for: one that was tampered with must not eat the
// board's memory.
var most = cost{memory: 64 << 10, passes: 10, threads: 4}

const (
	saltLen = 16
	hashLen = 32
)

var errHash = errors.New("the PIN's hash is none of argon2id")

// hash derives what is kept of a PIN, in the usual text form of argon2.
func hash(pin PIN) (string, error) {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	c := today
	sum := argon2.IDKey(pin.reveal(), salt, c.passes, c.memory, c.threads, hashLen)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes,
		c.threads, base64.RawStdEncoding.EncodeToString(salt),
		base64.RawStdEncoding.EncodeToString(sum)), nil
}

// hashed is a hash taken apart.
type hashed struct {
	cost
	salt, sum []byte
}

func parseHash(text string) (hashed, error) {
	var h hashed
	var version int
	var rest string
	n, err := fmt.Sscanf(text, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &h.memory, &h.passes,
		&h.threads, &rest)
	if err != nil || n != 5 || version != argon2.Version || len(rest) < base64.RawStdEncoding.EncodedLen(saltLen)+1 {
		return hashed{}, errHash
	}
	cut := base64.RawStdEncoding.EncodedLen(saltLen)
	salt, saltErr := base64.RawStdEncoding.DecodeString(rest[:cut])
	sum, sumErr := base64.RawStdEncoding.DecodeString(rest[cut+1:])
	if saltErr != nil || sumErr != nil || rest[cut] != '$' || len(sum) != hashLen {
		return hashed{}, errHash
	}
	if h.memory < 8 || h.memory > most.memory || h.passes < 1 || h.passes > most.passes ||
		h.threads < 1 || h.threads > most.threads {
		return hashed{}, fmt.Errorf("%w: m=%d,t=%d,p=%d is out of bounds", errHash, h.memory, h.passes, h.threads)
	}
	h.salt, h.sum = salt, sum
	return h, nil
}

// fits compares in a time that does not depend on how much of it is right.
func (h hashed) fits(pin PIN) bool {
	sum := argon2.IDKey(pin.reveal(), h.salt, h.passes, h.memory, h.threads, hashLen)
	return subtle.ConstantTimeCompare(sum, h.sum) == 1
}

// nobody is what the PIN of an unknown number is compared with, so that the answer
// takes as long as for a known one.
func nobody() hashed {
	return hashed{today, make([]byte, saltLen), make([]byte, hashLen)}
}
