package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"saoma/terminal/txn/acquirer/acquirersim"
)

// files are where the terminal's half of the secrets lies.
type files struct {
	ca, merchantKey, acquirerKey string
}

func writeFiles(dir string, keys acquirersim.Keys, caPEM []byte) (files, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return files{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return files{}, err
	}
	f := files{
		ca:          filepath.Join(dir, "ca.pem"),
		merchantKey: filepath.Join(dir, "merchant.key.pem"),
		acquirerKey: filepath.Join(dir, "acquirer.pub.pem"),
	}
	return f, errors.Join(
		replace(f.ca, caPEM, 0o644),
		replace(f.merchantKey, keys.MerchantPrivatePEM, 0o600),
		replace(f.acquirerKey, keys.AcquirerPublicPEM, 0o644),
	)
}

// replace writes a file whole or not at all, and never a key with another's mode.
func replace(path string, text []byte, mode os.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, errWrite := temp.Write(text)
	err = errors.Join(errWrite, temp.Chmod(mode), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// announce prints the part of a terminal's config that fits this run.
func announce(out io.Writer, set settings, host string, addr, control net.Addr, f files) {
	_, port, _ := net.SplitHostPort(addr.String())
	bank := net.JoinHostPort(host, port)
	_, _ = fmt.Fprintf(out, `# The simulated acquirer is ready. Control: http://%s/_sim/
# Bills: https://%s/cusapi/trxfile/get
[acquirer.allinpay]
base_url = "https://%s/apiweb"
ca_file = %q
cusid = %q
appid = %q
sign = %q
private_key_file = %q
acquirer_public_key_file = %q
`, control, bank, bank, f.ca, cusID, appID, set.sign, f.merchantKey, f.acquirerKey)
}
