// Package vault keeps payer codes of sales that were taken offline, sealed by
// AES-256-GCM, until they are sent. The key is a file of its own, outside of the
// data directory, so that a copied directory gives nothing away.
//
// It knows how to seal and how to be durable; it does not know what a sale is.
// The layout of vault.db, on bbolt, mode 0600: one bucket "sealed", from the order
// number to nonce (12 bytes) and ciphertext. The order number is authenticated with
// it, so that two entries can't be exchanged.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// EntriesMax is how many codes a vault holds. The limits of offline sales are far
// below.
const EntriesMax = 10_000

const (
	keyLen   = 32 // AES-256
	fileName = "vault.db"
)

var bucketName = []byte("sealed")

// ErrNotThere means that the vault has no such entry.
var ErrNotThere = errors.New("not in the vault")

// ErrSealed means that an entry can't be opened: it was changed, or sealed by
// another key.
var ErrSealed = errors.New("the seal does not open: changed, or another key")

// Vault is an open vault. One goroutine may use it.
type Vault struct {
	db   *bbolt.DB
	seal cipher.AEAD
}

// Open opens the vault in dir, and makes it if it is missing. It must be held by
// one process: whoever holds the journal in the same directory.
func Open(dir string, key []byte) (*Vault, error) {
	if len(key) != keyLen {
		return nil, fmt.Errorf("vault: the key has %d bytes, not %d", len(key), keyLen)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	path := filepath.Join(dir, fileName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, fmt.Errorf("vault: %w", err)
		}
	}
	db, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return &Vault{db, seal}, nil
}

// create makes an empty vault aside and renames it: a power cut while bbolt makes
// a file in place leaves one that can't be opened.
func create(path string) error {
	aside := path + ".new"
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := openFile(aside)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket(bucketName)
		return err
	})
	if err := errors.Join(err, db.Sync(), db.Close()); err != nil {
		return err
	}
	if err := os.Rename(aside, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func openFile(path string) (*bbolt.DB, error) {
	return bbolt.Open(path, 0o600,
		&bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
}

// Put seals a secret. Nil means that it is durable. It replaces an older one.
func (v *Vault) Put(order string, secret []byte) error {
	nonce := make([]byte, v.seal.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	sealed := v.seal.Seal(nonce, nonce, secret, []byte(order))
	err := v.db.Update(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(bucketName)
		if bucket.Inspect().KeyN >= EntriesMax {
			return fmt.Errorf("more than %d entries", EntriesMax)
		}
		return bucket.Put([]byte(order), sealed)
	})
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}

// Get opens a secret. The caller wipes it. The error is ErrNotThere or ErrSealed.
func (v *Vault) Get(order string) (secret []byte, err error) {
	err = v.db.View(func(tx *bbolt.Tx) error {
		sealed := tx.Bucket(bucketName).Get([]byte(order))
		if sealed == nil {
			return ErrNotThere
		}
		n := v.seal.NonceSize()
		if len(sealed) < n {
			return ErrSealed
		}
		if secret, err = v.seal.Open(nil, sealed[:n], sealed[n:], []byte(order)); err != nil {
			return ErrSealed
		}
		return nil
	})
	return secret, err
}

// Wipe removes an entry, durably. One that is not there is no error.
func (v *Vault) Wipe(order string) error {
	err := v.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketName).Delete([]byte(order))
	})
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}

// Orders names the entries.
func (v *Vault) Orders() ([]string, error) {
	var orders []string
	err := v.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketName).ForEach(func(order, _ []byte) error {
			orders = append(orders, string(order))
			return nil
		})
	})
	return orders, err
}

// Close ends the use of the vault.
func (v *Vault) Close() error { return v.db.Close() }

// LoadKey reads a key: 64 hexadecimal digits, in a file for its owner's eyes only.
// A missing file is made, with a new key; the error of a wrong one says why.
func LoadKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("vault key: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("vault key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("vault key %s: mode %04o lets others at it; chmod 0600 it", path, mode)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keyLen {
		return nil, fmt.Errorf("vault key %s: not %d hexadecimal digits", path, 2*keyLen)
	}
	return key, nil
}

// makeKey writes a new key so that it is whole or not there.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, keyLen)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("vault key: %w", err)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("vault key: %w", err)
	}
	_, err = io.WriteString(temp, hex.EncodeToString(key)+"\n")
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("vault key: %w", err), os.Remove(temp.Name()))
	}
	return key, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
