package sim

import (
	"bytes"
	"errors"
	"slices"

	"saoma/terminal/txn"
)

// vault keeps codes in memory, through power cuts.
type vault map[txn.Order][]byte

func (v vault) Put(order txn.Order, secret []byte) error {
	v[order] = bytes.Clone(secret)
	return nil
}

func (v vault) Get(order txn.Order) ([]byte, error) {
	if secret, ok := v[order]; ok {
		return bytes.Clone(secret), nil
	}
	return nil, errors.New("not in the vault")
}

func (v vault) Wipe(order txn.Order) error {
	delete(v, order)
	return nil
}

func (v vault) Close() error { return nil }

func (v vault) Orders() ([]txn.Order, error) {
	var orders []txn.Order
	for order := range v {
		orders = append(orders, order)
	}
	slices.Sort(orders)
	return orders, nil
}
