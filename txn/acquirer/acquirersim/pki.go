package acquirersim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"
)

// certificateLife is how long the certificates of SelfSigned are valid.
const certificateLife = 365 * 24 * time.Hour

// SelfSigned makes an authority of its own and a server certificate for hosts,
// names or addresses, valid from a day before now for a year. Nothing is kept: the
// authority's key is gone afterwards.
func SelfSigned(now time.Time, hosts ...string) (
	server tls.Certificate, roots *x509.CertPool, caPEM []byte, err error,
) {
	ca := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "acquirer simulator CA"},
		NotBefore:             now.Add(-24 * time.Hour),
		NotAfter:              now.Add(certificateLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "acquirer simulator"},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	caKey, errCA := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, errLeaf := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err = errors.Join(errCA, errLeaf); err != nil {
		return server, nil, nil, fmt.Errorf("certificate keys: %w", err)
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return server, nil, nil, fmt.Errorf("authority: %w", err)
	}
	if ca, err = x509.ParseCertificate(caDER); err != nil {
		return server, nil, nil, fmt.Errorf("authority: %w", err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
	if err != nil {
		return server, nil, nil, fmt.Errorf("server certificate: %w", err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(ca)
	caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	return tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: key}, roots, caPEM, nil
}
