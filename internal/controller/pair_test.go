package controller_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"time"
)

// keyPair is a private key, with which tests make certificates.
type keyPair struct{ *ecdsa.PrivateKey }

// newPair makes a private key.
func newPair() keyPair {
	return keyPair{must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
}

// Certificate makes a certificate of the key, each time another one.
func (p keyPair) Certificate(from, until time.Time) string {
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "test"}, NotBefore: from, NotAfter: until}
	return inPEM("CERTIFICATE", must(x509.CreateCertificate(rand.Reader, template, template, p.Public(), p.PrivateKey)))
}

// PKCS8 is the key in PEM.
func (p keyPair) PKCS8() string {
	return inPEM("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(p.PrivateKey)))
}

// SEC1 is the same key in the older form.
func (p keyPair) SEC1() string {
	return inPEM("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(p.PrivateKey)))
}

// inPEM encodes a block.
func inPEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
