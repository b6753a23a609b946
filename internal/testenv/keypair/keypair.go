// Package keypair makes private keys and certificates for tests.
package keypair

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"time"
)

// Pair is a private key, with which tests make certificates.
type Pair struct{ *ecdsa.PrivateKey }

// New makes a private key.
func New() Pair {
	return Pair{must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
}

// Certificate makes a certificate of the key, each time another one.
func (p Pair) Certificate(from, until time.Time) string {
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "test"}, NotBefore: from, NotAfter: until}
	return PEM("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, template, template, p.Public(), p.PrivateKey)))
}

// PKCS8 is the key in PEM.
func (p Pair) PKCS8() string {
	return PEM("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(p.PrivateKey)))
}

// SEC1 is the same key in the older form.
func (p Pair) SEC1() string {
	return PEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(p.PrivateKey)))
}

// PEM encodes a block.
func PEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
