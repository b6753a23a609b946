package kindtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// Pair is a private key, with which tests make certificates.
type Pair struct{ key *ecdsa.PrivateKey }

// NewPair makes a private key.
func NewPair() Pair {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return Pair{key}
}

// Certificate makes a certificate of the key, each time another one.
func (p Pair) Certificate(from, until time.Time) string {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "test"}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, p.key.Public(), p.key)
	if err != nil {
		panic(err)
	}
	return InPEM("CERTIFICATE", der)
}

// PKCS8 is the key in PEM.
func (p Pair) PKCS8() string {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		panic(err)
	}
	return InPEM("PRIVATE KEY", der)
}

// SEC1 is the same key in the older form.
func (p Pair) SEC1() string {
	der, err := x509.MarshalECPrivateKey(p.key)
	if err != nil {
		panic(err)
	}
	return InPEM("EC PRIVATE KEY", der)
}

// InPEM encodes a block.
func InPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
