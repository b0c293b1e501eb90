package configs

import (
	"fmt"
	"os"
)

// CheckFiles looks at the files that a config names: they must be there, and a
// private key must be for its owner's eyes only. name and text are those that
// the config was parsed from, for the lines.
func (c *Config) CheckFiles(name string, text []byte) error {
	at, _ := indexLines(text) // it was parsed before: no fault
	check := checker{file: name, at: at, bad: map[string]bool{}}
	if a := c.Acquirer.Allinpay; a != nil {
		check.readable("acquirer.allinpay.ca_file", a.CAFile, 0)
		check.readable("acquirer.allinpay.private_key_file", a.PrivateKeyFile, 0o077)
		check.readable("acquirer.allinpay.acquirer_public_key_file", a.AcquirerKeyFile, 0o022)
	}
	if len(check.faults) > 0 {
		return check.faults.inOrder()
	}
	return nil
}

// readable wants a regular file without any of the forbidden permissions. An
// empty path is a file that is not asked for.
func (c *checker) readable(key, path string, forbidden os.FileMode) {
	if path == "" {
		return
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		c.fault(key, "a file", "%v", err)
	case !info.Mode().IsRegular():
		c.fault(key, "a file", "%s is not one", path)
	case info.Mode().Perm()&forbidden != 0:
		c.fault(key, fmt.Sprintf("chmod %04o %s", info.Mode().Perm()&^forbidden&0o700|0o600, path),
			"mode %04o lets others at it", info.Mode().Perm())
	}
}
