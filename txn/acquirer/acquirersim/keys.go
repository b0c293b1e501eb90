package acquirersim

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
)

// The signatures, as in the field signtype.
const (
	SignRSA = "RSA"
	SignSM2 = "SM2"
)

const (
	rsaBits     = 2048
	acquirerUID = "Allinpay"         // of the acquirer's SM2 signatures
	defaultUID  = "1234567812345678" // of the standard; wrong here
)

// Keys are two key pairs, one for each direction. MerchantPrivatePEM and
// AcquirerPublicPEM are the terminal's half.
type Keys struct {
	MerchantPrivatePEM []byte // PKCS #8
	AcquirerPublicPEM  []byte // SubjectPublicKeyInfo

	sign     string
	merchant crypto.PublicKey
	acquirer crypto.PrivateKey
	stranger crypto.PrivateKey // a key that nobody trusts, for forged answers
}

// Sign is the signature that the keys are for: SignRSA or SignSM2.
func (k Keys) Sign() string { return k.sign }

// GenerateKeys makes both pairs anew, for SignRSA or SignSM2.
func GenerateKeys(sign string) (Keys, error) {
	var pair [3]crypto.Signer
	for i := range pair {
		key, err := generateKey(sign)
		if err != nil {
			return Keys{}, err
		}
		pair[i] = key
	}
	private, err := smx509.MarshalPKCS8PrivateKey(pair[0])
	if err != nil {
		return Keys{}, fmt.Errorf("merchant key: %w", err)
	}
	public, err := smx509.MarshalPKIXPublicKey(pair[1].Public())
	if err != nil {
		return Keys{}, fmt.Errorf("acquirer key: %w", err)
	}
	return Keys{
		MerchantPrivatePEM: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		AcquirerPublicPEM:  pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
		sign:               sign,
		merchant:           pair[0].Public(),
		acquirer:           pair[1],
		stranger:           pair[2],
	}, nil
}

func generateKey(sign string) (crypto.Signer, error) {
	switch sign {
	case SignRSA:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case SignSM2:
		return sm2.GenerateKey(rand.Reader)
	}
	return nil, fmt.Errorf("signature %q is neither %s nor %s", sign, SignRSA, SignSM2)
}

// verify checks a merchant's signature; uid is its appid.
func (k Keys) verify(p fields, uid string) bool {
	sig, err := base64.StdEncoding.DecodeString(p["sign"])
	if err != nil {
		return false
	}
	text := canonical(p)
	switch key := k.merchant.(type) {
	case *rsa.PublicKey:
		sum := sha1.Sum(text)
		return rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], sig) == nil
	case *ecdsa.PublicKey:
		hash, err := sm2.CalculateSM2Hash(key, text, []byte(uid))
		if err != nil || len(sig) != 64 {
			return false
		}
		r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
		return sm2.Verify(key, hash, r, s)
	}
	return false
}

// seal signs an answer with one of the acquirer's or the stranger's keys.
func seal(key crypto.PrivateKey, uid string, p fields) string {
	text := canonical(p)
	switch key := key.(type) {
	case *rsa.PrivateKey:
		sum := sha1.Sum(text)
		if sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, sum[:]); err == nil {
			return base64.StdEncoding.EncodeToString(sig)
		}
	case *sm2.PrivateKey:
		hash, err := sm2.CalculateSM2Hash(&key.PublicKey, text, []byte(uid))
		if err != nil {
			return ""
		}
		r, s, err := sm2.Sign(rand.Reader, &key.PrivateKey, hash)
		if err != nil {
			return ""
		}
		raw := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		return base64.StdEncoding.EncodeToString(raw)
	}
	return ""
}

// canonical is what is signed: sorted names, empty values and the signature left out.
func canonical(p fields) []byte {
	var names []string
	for name, value := range p {
		if value != "" && name != "sign" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = name + "=" + p[name]
	}
	return []byte(strings.Join(pairs, "&"))
}
