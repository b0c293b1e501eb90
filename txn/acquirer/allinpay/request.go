package allinpay

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// params are the fields of one request or answer, without the signature.
type params map[string]string

// signedText is what a signature covers: every field that is not empty and not
// the signature, sorted by the bytes of its name, as k=v joined by &.
func (p params) signedText() []byte {
	var text []byte
	for _, key := range p.keys() {
		if key == "sign" || p[key] == "" {
			continue
		}
		if len(text) > 0 {
			text = append(text, '&')
		}
		text = append(text, key...)
		text = append(text, '=')
		text = append(text, p[key]...)
	}
	return text
}

func (p params) keys() []string {
	keys := make([]string, 0, len(p))
	for key := range p {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// encode completes p with the common fields, signs it and gives the form. The
// bytes it made on the way are wiped: one of the fields may be a payer code.
func (c *Client) encode(p params) (*form, error) {
	var nonce [16]byte
	if _, err := io.ReadFull(c.cfg.Rand, nonce[:]); err != nil {
		return nil, fmt.Errorf("random string: %w", err)
	}
	p["orgid"], p["cusid"], p["appid"] = c.cfg.OrgID, c.cfg.CusID, c.cfg.AppID
	p["version"], p["signtype"] = protocolVersion, string(c.cfg.Sign)
	p["randomstr"] = hex.EncodeToString(nonce[:])
	text := p.signedText()
	signature, err := c.signer(text)
	clear(text)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	p["sign"] = signature
	return newForm(p), nil
}

// form is the body of a request. Its bytes can be wiped while the transport may
// still be reading them.
type form struct {
	mu   sync.Mutex
	body []byte
	size int
}

func newForm(p params) *form {
	size := 0
	for key, value := range p {
		size += len(key) + 3*len(value) + 2
	}
	body := make([]byte, 0, size) // grows no more: no copy is left behind
	for _, key := range p.keys() {
		if p[key] == "" {
			continue
		}
		if len(body) > 0 {
			body = append(body, '&')
		}
		body = append(body, key...)
		body = append(body, '=')
		body = appendEscaped(body, p[key])
	}
	return &form{body: body, size: len(body)}
}

// wipe overwrites the bytes; a reader that comes later gets an error.
func (f *form) wipe() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.body)
	f.body = nil
}

// reader starts at the first byte.
func (f *form) reader() io.ReadCloser { return &formReader{form: f} }

type formReader struct {
	form *form
	at   int
}

var errWiped = errors.New("the request was given up")

func (r *formReader) Read(dst []byte) (int, error) {
	r.form.mu.Lock()
	defer r.form.mu.Unlock()
	if r.form.body == nil {
		return 0, errWiped
	}
	n := copy(dst, r.form.body[r.at:])
	r.at += n
	if n == 0 && len(dst) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (r *formReader) Close() error { return nil }

// appendEscaped is url.QueryEscape without a string in between that could not be
// wiped.
func appendEscaped(dst []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '_', c == '.', c == '~':
			dst = append(dst, c)
		case c == ' ':
			dst = append(dst, '+')
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}
