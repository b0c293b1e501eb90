package main

import (
	"math/rand/v2"
	"path/filepath"
	"time"

	"saoma/terminal/store/vault"
	"saoma/terminal/txn"
	"saoma/terminal/txn/engine"
)

// vault gives what opens the vault, or nil when nothing is ever taken offline.
func (t *terminal) vault() func() (engine.Vault, error) {
	if !t.cfg.StoresOffline() {
		return nil
	}
	return func() (engine.Vault, error) {
		path := t.cfg.Offline.KeyFile
		if !filepath.IsAbs(path) {
			path = filepath.Join(t.cfg.Terminal.DataDir, path) // the demo's
		}
		key, err := vault.LoadKey(path)
		if err != nil {
			return nil, err
		}
		v, err := vault.Open(t.cfg.Terminal.DataDir, key)
		if err != nil {
			return nil, err
		}
		return sealed{v}, nil
	}
}

// sealed is the vault as the engine wants it.
type sealed struct{ *vault.Vault }

func (s sealed) Put(order txn.Order, secret []byte) error { return s.Vault.Put(string(order), secret) }

func (s sealed) Get(order txn.Order) ([]byte, error) { return s.Vault.Get(string(order)) }

func (s sealed) Wipe(order txn.Order) error { return s.Vault.Wipe(string(order)) }

func (s sealed) Orders() ([]txn.Order, error) {
	names, err := s.Vault.Orders()
	orders := make([]txn.Order, len(names))
	for i, name := range names {
		orders[i] = txn.Order(name)
	}
	return orders, err
}

var _ engine.Vault = sealed{}

// chance is a random pause from 0 up to below.
func chance(below time.Duration) time.Duration { return rand.N(max(1, below)) }
