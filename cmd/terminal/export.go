package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"saoma/terminal/store"
)

// exportHead is the first line of an export. Then come the journal's records and the
// archive's transactions, a JSON object a line, and a line with the signature.
type exportHead struct {
	Format     string    `json:"format"`
	ExportedAt time.Time `json:"exported_at"`
	Records    uint64    `json:"records"`    // since the terminal's first
	Head       string    `json:"head"`       // hash of the last, in hex
	PublicKey  string    `json:"public_key"` // Ed25519, in hex: compare it with the terminal's
}

// exportEnd is the last line: the signature of the SHA-256 over all lines before it.
type exportEnd struct {
	Lines     int    `json:"lines"`
	Signature string `json:"signature"` // base64
}

const (
	exportFormat  = "terminal-export-1"
	deviceKeyName = "device.key"
	exportLineMax = 8 << 20 // bytes
)

func journalExport(io streams, args []string) error {
	flags := newFlags("journal export")
	out := flags.String("out", "", "the file that is written")
	dir, _, err := dataFlags(flags, args, 0)
	if err != nil {
		return err
	}
	if *out == "" {
		return &usageError{"journal export needs -out FILE"}
	}
	return withJournal(dir, func(j *store.Journal) error {
		head, err := export(dir, j, *out)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(io.out, "%d records and the archive are in %s\nsigned by %s\n",
			head.Records, *out, head.PublicKey)
		return err
	})
}

// export writes a signed file, aside first. It is whole or not there.
func export(dir string, j *store.Journal, path string) (exportHead, error) {
	key, err := deviceKey(dir)
	if err != nil {
		return exportHead{}, err
	}
	chain := j.Head()
	head := exportHead{Format: exportFormat, ExportedAt: time.Now().UTC(), Records: j.Len(),
		Head: hex.EncodeToString(chain[:]), PublicKey: hex.EncodeToString(key.Public().(ed25519.PublicKey))}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return head, err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone once it is renamed
	err = errors.Join(writeExport(f, head, j, key), f.Sync(), f.Close())
	if err != nil {
		return head, fmt.Errorf("export: %w", err)
	}
	return head, os.Rename(f.Name(), path)
}

func writeExport(f io.Writer, head exportHead, j *store.Journal, key ed25519.PrivateKey) error {
	sum, lines := sha256.New(), 0
	w := bufio.NewWriter(io.MultiWriter(f, sum))
	line := func(text []byte) error {
		lines++
		_, err := w.Write(append(bytes.Clone(text), '\n'))
		return err
	}
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	err = errors.Join(line(text), j.Replay(line), j.Entries(line), w.Flush())
	if err != nil {
		return err
	}
	text, err = json.Marshal(exportEnd{lines,
		base64.StdEncoding.EncodeToString(ed25519.Sign(key, sum.Sum(nil)))})
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return err
}

// journalProof checks an export: that nothing of it was changed, and by which key it
// is signed.
func journalProof(io streams, args []string) error {
	flags := newFlags("journal proof")
	want := flags.String("key", "", "the public key that must have signed it, in hex")
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return &usageError{"journal proof needs one FILE"}
	}
	f, err := os.Open(flags.Arg(0))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	head, err := proveExport(f, *want)
	if err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	_, err = fmt.Fprintf(io.out, "unchanged since %s; %d records; signed by %s\n",
		head.ExportedAt.Format(time.RFC3339), head.Records, head.PublicKey)
	return err
}

func proveExport(r io.Reader, want string) (exportHead, error) {
	var head exportHead
	var end exportEnd
	var last []byte
	sum, lines := sha256.New(), 0
	all := bufio.NewScanner(r)
	all.Buffer(nil, exportLineMax)
	for all.Scan() {
		if last != nil {
			_, _ = sum.Write(append(last, '\n'))
			lines++
		}
		last = bytes.Clone(all.Bytes())
		if lines == 0 && head.Format == "" {
			if err := json.Unmarshal(last, &head); err != nil || head.Format != exportFormat {
				return head, errors.New("this is no export of a terminal")
			}
		}
	}
	if err := all.Err(); err != nil {
		return head, err
	}
	if json.Unmarshal(last, &end) != nil || end.Lines != lines {
		return head, errors.New("it is cut off: the last line is not its signature")
	}
	key, err := hex.DecodeString(head.PublicKey)
	signature, err2 := base64.StdEncoding.DecodeString(end.Signature)
	switch {
	case err != nil || err2 != nil || len(key) != ed25519.PublicKeySize ||
		!ed25519.Verify(key, sum.Sum(nil), signature):
		return head, errors.New("it was changed: the signature does not fit")
	case want != "" && want != head.PublicKey:
		return head, fmt.Errorf("it is signed by %s, not by that key", head.PublicKey)
	}
	return head, nil
}

// deviceKey reads the key that the terminal signs with, and makes it if there is none.
func deviceKey(dir string) (ed25519.PrivateKey, error) {
	path := filepath.Join(dir, deviceKeyName)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return newDeviceKey(path)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key in PEM: move it away, and a new one is made", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s holds no Ed25519 key: move it away, and a new one is made", path)
	}
	return private, nil
}

func newDeviceKey(path string) (ed25519.PrivateKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	err = errors.Join(pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der}), f.Sync(), f.Close())
	return private, err
}
