package engine

import (
	"errors"
	"maps"

	"saoma/terminal/txn"
)

// lookThrough names the codes that the vault holds. One that can't be looked through is
// as good as none.
func (b *Books) lookThrough() map[txn.Order]bool {
	vaulted := map[txn.Order]bool{}
	if b.Vault == nil {
		return vaulted
	}
	orders, err := b.Vault.Orders()
	if err != nil {
		b.vaultTrouble(err)
		b.withoutVault()
	}
	for _, order := range orders {
		vaulted[order] = true
	}
	return vaulted
}

// withoutVault takes nothing offline any more.
func (b *Books) withoutVault() {
	b.Vault = nil
	b.Rules.Offline = maps.Clone(b.Rules.Offline)
	maps.DeleteFunc(b.Rules.Offline, func(_ string, mode txn.Offline) bool {
		return mode == txn.OfflineStore
	})
}

func (b *Books) vaultTrouble(err error) {
	if b.OnVault != nil {
		b.OnVault(err)
	}
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

// forgetCodes removes the codes that were sent, or never will be: also those of before
// a crash between a last word and the wiping, or between the sealing and the record.
// What can't be removed now is tried again after the next decision: that the vault is
// ill must stop no reversal.
func (c *Core) forgetCodes() {
	for order := range c.vaulted {
		if c.Vault == nil || c.state.NeedsCode(order) {
			continue
		}
		if err := c.Vault.Wipe(order); err != nil {
			if !c.vaultIll { // once per series
				c.vaultTrouble(err)
			}
			c.vaultIll = true
			return
		}
		delete(c.vaulted, order)
	}
	c.vaultIll = false
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
