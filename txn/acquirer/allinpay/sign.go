package allinpay

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// SignType is the signature of both directions, as in the field signtype.
type SignType string

// The signatures that are spoken. MD5 is not: it proves nothing to anyone who
// has seen the key once.
const (
	RSA SignType = "RSA" // SHA-1 with RSA, PKCS #1 v1.5
	SM2 SignType = "SM2" // SM3 with SM2
)

// acquirerUID is the SM2 user id of Allinpay's own signatures. A merchant's has
// the appid instead.
const acquirerUID = "Allinpay"

const sm2Half = 32 // bytes of r, and of s

type signer func(message []byte) (string, error)

type verifier func(message []byte, signature string) bool

// ParsePrivateKey reads a merchant's key: PKCS #8 (RSA or SM2) or PKCS #1, in PEM
// or in bare base64 as Allinpay's pages print it. No error shows any of it.
func ParsePrivateKey(data []byte) (crypto.PrivateKey, error) {
	der, err := keyBytes(data)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	if key, err := smx509.ParsePKCS8PrivateKey(der); err == nil {
		switch key.(type) {
		case *rsa.PrivateKey, *sm2.PrivateKey:
			return key, nil
		}
		return nil, errors.New("private key: neither RSA nor SM2")
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errors.New("private key: neither PKCS #8 nor PKCS #1")
}

// ParsePublicKey reads Allinpay's key: SubjectPublicKeyInfo (RSA or SM2), in PEM or
// in bare base64.
func ParsePublicKey(data []byte) (crypto.PublicKey, error) {
	der, err := keyBytes(data)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	key, err := smx509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, errors.New("public key: not a SubjectPublicKeyInfo")
	}
	if _, isRSA := key.(*rsa.PublicKey); isRSA || sm2.IsSM2PublicKey(key) {
		return key, nil
	}
	return nil, errors.New("public key: neither RSA nor SM2")
}

func keyBytes(data []byte) ([]byte, error) {
	if block, _ := pem.Decode(data); block != nil {
		return block.Bytes, nil
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(data)), ""))
	if err != nil || len(der) == 0 {
		return nil, errors.New("neither PEM nor base64")
	}
	return der, nil
}

func newSigner(sign SignType, key crypto.PrivateKey, uid string, rnd io.Reader) (signer, error) {
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if sign == RSA {
			return func(m []byte) (string, error) { return signRSA(key, m) }, nil
		}
	case *sm2.PrivateKey:
		if sign == SM2 {
			return func(m []byte) (string, error) { return signSM2(key, uid, rnd, m) }, nil
		}
	}
	return nil, fmt.Errorf("allinpay: the private key does not fit sign %q", string(sign))
}

func newVerifier(sign SignType, key crypto.PublicKey) (verifier, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if sign == RSA {
			return func(m []byte, s string) bool { return verifyRSA(key, m, s) }, nil
		}
	case *ecdsa.PublicKey:
		if sign == SM2 && sm2.IsSM2PublicKey(key) {
			return func(m []byte, s string) bool { return verifySM2(key, m, s) }, nil
		}
	}
	return nil, fmt.Errorf("allinpay: the acquirer's key does not fit sign %q", string(sign))
}

func signRSA(key *rsa.PrivateKey, message []byte) (string, error) {
	sum := sha1.Sum(message)
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, sum[:])
	return base64.StdEncoding.EncodeToString(sig), err
}

func verifyRSA(key *rsa.PublicKey, message []byte, signature string) bool {
	sig, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	sum := sha1.Sum(message)
	return rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], sig) == nil
}

// rs is the ASN.1 form of an SM2 signature; on Allinpay's wire the two numbers
// stand bare, 32 bytes each.
type rs struct{ R, S *big.Int }

func signSM2(key *sm2.PrivateKey, uid string, rnd io.Reader, message []byte) (string, error) {
	der, err := key.SignWithSM2(rnd, []byte(uid), message)
	if err != nil {
		return "", err
	}
	var sig rs
	if _, err := asn1.Unmarshal(der, &sig); err != nil {
		return "", err
	}
	raw := make([]byte, 2*sm2Half)
	sig.R.FillBytes(raw[:sm2Half])
	sig.S.FillBytes(raw[sm2Half:])
	return base64.StdEncoding.EncodeToString(raw), nil
}

func verifySM2(key *ecdsa.PublicKey, message []byte, signature string) bool {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || len(raw) != 2*sm2Half {
		return false
	}
	der, err := asn1.Marshal(rs{
		R: new(big.Int).SetBytes(raw[:sm2Half]),
		S: new(big.Int).SetBytes(raw[sm2Half:]),
	})
	return err == nil && sm2.VerifyASN1WithSM2(key, []byte(acquirerUID), message, der)
}
