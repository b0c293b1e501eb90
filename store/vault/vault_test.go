package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"
)

const secret = "6212345678901234567"

func open(t *testing.T, dir string, key byte) *Vault {
	t.Helper()
	v, err := Open(dir, bytes.Repeat([]byte{key}, keyLen))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func TestASecretComesBackAlsoAfterReopeningAndIsNotInTheFile(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir, 1)
	if err := v.Put("1", []byte(secret)); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil || bytes.Contains(file, []byte(secret)) {
		t.Errorf("the secret is in the file, or there is none: %v", err)
	}
	v = open(t, dir, 1)
	got, err := v.Get("1")
	if err != nil || string(got) != secret {
		t.Errorf("want the secret, got %q %v", got, err)
	}
	orders, err := v.Orders()
	if err != nil || !slices.Equal(orders, []string{"1"}) {
		t.Errorf("want order 1, got %v %v", orders, err)
	}
}

func TestAWipedSecretIsGone(t *testing.T) {
	v := open(t, t.TempDir(), 1)
	if err := errors.Join(v.Put("1", []byte(secret)), v.Wipe("1"), v.Wipe("1")); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get("1"); !errors.Is(err, ErrNotThere) {
		t.Errorf("want %v, got %v", ErrNotThere, err)
	}
}

func TestWhatWasChangedOrSealedByAnotherKeyDoesNotOpen(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir, 1)
	if err := v.Put("1", []byte(secret)); err != nil {
		t.Fatal(err)
	}
	spoil := func(change func(bucket *bbolt.Bucket, sealed []byte) error) {
		t.Helper()
		if err := v.db.Update(func(tx *bbolt.Tx) error {
			bucket := tx.Bucket(bucketName)
			return change(bucket, bytes.Clone(bucket.Get([]byte("1"))))
		}); err != nil {
			t.Fatal(err)
		}
	}
	spoil(func(b *bbolt.Bucket, sealed []byte) error { return b.Put([]byte("2"), sealed) })
	spoil(func(b *bbolt.Bucket, sealed []byte) error { return b.Put([]byte("3"), sealed[:5]) })
	spoil(func(b *bbolt.Bucket, sealed []byte) error {
		sealed[len(sealed)-1] ^= 1
		return b.Put([]byte("4"), sealed)
	})
	for _, order := range []string{"2", "3", "4"} {
		if got, err := v.Get(order); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: want %v, got %q %v", order, ErrSealed, got, err)
		}
	}
	_ = v.Close()
	if got, err := open(t, dir, 2).Get("1"); !errors.Is(err, ErrSealed) {
		t.Errorf("another key: want %v, got %q %v", ErrSealed, got, err)
	}
}

func TestWhatAPowerCutLeftOfTheFirstCreationIsNoObstacle(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName+".new"), []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	v := open(t, dir, 1)
	if err := v.Put("1", []byte(secret)); err != nil {
		t.Error(err)
	}
}

func TestAMissingKeyIsMadeOnceAndABadOneIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.key")
	first, err := LoadKey(path)
	if err != nil || len(first) != keyLen {
		t.Fatalf("want a key, got %d bytes and %v", len(first), err)
	}
	again, err := LoadKey(path)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("want the same key, got another: %v", err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(path); err == nil {
		t.Error("a key that others may read was taken")
	}
	for _, text := range []string{"", "00", "zz"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_ = os.Chmod(path, 0o600)
		if _, err := LoadKey(path); err == nil {
			t.Errorf("%q was taken for a key", text)
		}
	}
	if _, err := Open(t.TempDir(), make([]byte, 16)); err == nil {
		t.Error("a short key was taken")
	}
}
