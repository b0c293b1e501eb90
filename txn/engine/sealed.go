package engine

import (
	"errors"

	"saoma/terminal/txn"
)

// openVault forgets the codes that nothing needs any more: a crash may have come
// between a last word and the wiping, or between the sealing and the record.
func (c *Core) openVault() error {
	if c.Vault == nil {
		return nil
	}
	orders, err := c.Vault.Orders()
	if err != nil {
		return err
	}
	for _, order := range orders {
		c.vaulted[order] = true
	}
	return c.forgetCodes()
}

// seal puts the codes of sales that are taken offline into the vault, before the
// records that promise to send them.
func (c *Core) seal(recs []txn.Record) error {
	for _, r := range recs {
		code := r.Secret()
		if !code.Held() {
			continue
		}
		if c.Vault == nil {
			return errors.New("a sale was taken offline without a vault")
		}
		secret := []byte(code.Reveal())
		err := c.Vault.Put(r.Order, secret)
		clear(secret)
		if err != nil {
			return err
		}
		c.vaulted[r.Order] = true
	}
	return nil
}

// forgetCodes removes the codes that were sent, or never will be.
func (c *Core) forgetCodes() error {
	for order := range c.vaulted {
		if c.state.NeedsCode(order) {
			continue
		}
		if err := c.Vault.Wipe(order); err != nil {
			return err
		}
		delete(c.vaulted, order)
	}
	return nil
}

// withCode gives an upload its payer code. One whose code can't be had goes out
// without, and whoever carries it out says that it was not sent.
func (c *Core) withCode(e txn.Effect) txn.Effect {
	pay, ok := e.(txn.Authorize)
	if !ok || !pay.Stored || pay.Code.Held() || c.Vault == nil {
		return e
	}
	secret, err := c.Vault.Get(pay.Order)
	if err != nil {
		return e
	}
	code := c.Rules.Codes.Classify(string(secret))
	clear(secret)
	pay.Code, pay.Factor = txn.NewPayCode(code.Text.Reveal()), code.Factor
	return pay
}
