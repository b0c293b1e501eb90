package allinpay

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
)

type vector struct {
	Name            string
	Alg             string
	UID             string
	PrivateKeyPKCS8 string
	PublicKeySPKI   string
	Message         string
	Signature       string
}

func vectorNamed(t *testing.T, name string) vector {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	for _, v := range list {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no vector %s", name)
	return vector{}
}

func TestPublishedRSARequestIsSignedByteForByte(t *testing.T) {
	v := vectorNamed(t, "allinpay-rsa-sha1-request")
	key, err := ParsePrivateKey([]byte(v.PrivateKeyPKCS8))
	if err != nil {
		t.Fatal(err)
	}
	p := params{"empty": "", "sign": "left out"}
	for pair := range strings.SplitSeq(v.Message, "&") {
		name, value, _ := strings.Cut(pair, "=")
		p[name] = value
	}
	if got := string(p.signedText()); got != v.Message {
		t.Errorf("want signed text %q, got %q", v.Message, got)
	}
	sign, err := newSigner(RSA, key, "", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sign(p.signedText())
	if err != nil || got != v.Signature {
		t.Errorf("want signature %s, got %s, %v", v.Signature, got, err)
	}
	public := &key.(*rsa.PrivateKey).PublicKey
	if !verifyRSA(public, []byte(v.Message), got) || verifyRSA(public, []byte("else"), got) {
		t.Error("want the signature to verify over its message alone")
	}
}

func TestPublishedAcquirerKeysAreRead(t *testing.T) {
	for name, sign := range map[string]SignType{
		"allinpay-rsa-test-public-key": RSA, "allinpay-sm2-response": SM2,
	} {
		key, err := ParsePublicKey([]byte(vectorNamed(t, name).PublicKeySPKI))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newVerifier(sign, key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := newVerifier("MD5", key); err == nil {
			t.Errorf("%s: want MD5 refused, got no error", name)
		}
	}
}

func TestPublishedSM2AnswerVerifiesWithAllinpaysUserID(t *testing.T) {
	v := vectorNamed(t, "allinpay-sm2-response")
	key, err := ParsePublicKey([]byte(v.PublicKeySPKI))
	if err != nil {
		t.Fatal(err)
	}
	verify, err := newVerifier(SM2, key)
	if err != nil {
		t.Fatal(err)
	}
	if v.UID != acquirerUID || !verify([]byte(v.Message), v.Signature) {
		t.Errorf("want the signature of %s to verify", v.UID)
	}
	for name, signature := range map[string]string{
		"empty": "", "not base64": "§", "short": "AAAA",
		"altered": "B" + v.Signature[1:], "zero": strings.Repeat("A", 86) + "==",
	} {
		if verify([]byte(v.Message), signature) {
			t.Errorf("%s: want it refused, got it verified", name)
		}
	}
}

func TestSM2RequestIsSignedWithTheAppID(t *testing.T) {
	v := vectorNamed(t, "allinpay-sm2-merchant-sample-key")
	key, err := ParsePrivateKey([]byte(v.PrivateKeyPKCS8))
	if err != nil {
		t.Fatal(err)
	}
	public := &key.(*sm2.PrivateKey).PublicKey
	for uid, want := range map[string]bool{acquirerUID: true, v.UID: false} {
		sign, err := newSigner(SM2, key, uid, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sign([]byte("a=1"))
		if err != nil || len(got) != 88 {
			t.Fatalf("want 64 bytes in base64, got %q, %v", got, err)
		}
		// verifySM2 knows Allinpay's user id alone: the uid must be in the signature.
		if verifySM2(public, []byte("a=1"), got) != want {
			t.Errorf("user id %s: want verified %t", uid, want)
		}
	}
}

func TestKeysThatAreNoneAreRefusedWithoutBeingShown(t *testing.T) {
	for _, text := range []string{
		"", "secret!", "c2VjcmV0",
		"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
	} {
		_, errPrivate := ParsePrivateKey([]byte(text))
		_, errPublic := ParsePublicKey([]byte(text))
		for _, err := range []error{errPrivate, errPublic} {
			if err == nil || strings.Contains(err.Error(), "c2VjcmV0") ||
				strings.Contains(err.Error(), "secret") {
				t.Errorf("%q: want an error that shows nothing, got %v", text, err)
			}
		}
	}
}
