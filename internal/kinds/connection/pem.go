package connection

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// mendedPEM has the line ends that PEM readers expect, and no byte order marks, of which a file that was put together
// from others may have several.
var mendedPEM = strings.NewReplacer("\uFEFF", "", "\r\n", "\n", "\r", "\n").Replace

func blocksOf(text string, types ...string) (blocks []*pem.Block) {
	block, rest := pem.Decode([]byte(mendedPEM(text)))
	for block != nil {
		if slices.Contains(types, block.Type) {
			blocks = append(blocks, block)
		}
		block, rest = pem.Decode(rest)
	}
	return blocks
}

const (
	typeCertificate  = "CERTIFICATE"
	beginCertificate = "-----BEGIN CERTIFICATE-----"
)

// holdsPrivateKey does not rely on the text being well formed: a damaged key is a key.
func holdsPrivateKey(text string) bool { return strings.Contains(text, "PRIVATE KEY") }

// parseCertificates reads one or more certificates. The errors of this file follow the place of the text and never quote it.
func parseCertificates(text string) ([]*x509.Certificate, error) {
	if holdsPrivateKey(text) {
		return nil, errors.New("holds a private key, and Atlas shows this field to everyone who may read the connection: put only the certificate there, and replace that key if others could see it")
	}
	var found []*x509.Certificate
	for _, block := range blocksOf(text, typeCertificate) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("holds a certificate, number %d, that cannot be read (%w): copy it again", len(found)+1, err)
		}
		found = append(found, certificate)
	}
	if len(found) == 0 {
		return nil, errors.New("holds no certificate in PEM form: put one there, from " + beginCertificate + " to -----END CERTIFICATE-----")
	}
	if begun := strings.Count(text, beginCertificate); begun != len(found) {
		// A reader skips what it does not understand: the others would be sent without a word.
		return nil, fmt.Errorf("holds %d certificates, of which %d can be read: begin each with %s on a line of its own", begun, len(found), beginCertificate)
	}
	return found, nil
}

// certificateText is what Atlas gets of a text with certificates: these, and nothing that stands around them.
func certificateText(text string) string {
	var out strings.Builder
	for _, block := range blocksOf(text, typeCertificate) {
		_ = pem.Encode(&out, &pem.Block{Type: typeCertificate, Bytes: block.Bytes}) // a Builder does not fail
	}
	if out.Len() == 0 {
		return mendedPEM(text)
	}
	return out.String()
}

// publicKeyOf reads a private key and returns its public one; nil when only the form of the key could be checked, since
// it is encrypted or of a kind that Go does not know.
func publicKeyOf(text string, hasPassword bool) (crypto.PublicKey, error) {
	keys := blocksOf(text, "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	switch {
	case len(keys) > 0:
	case len(blocksOf(text, typeCertificate)) > 0:
		return nil, errors.New("holds a certificate where the private key belongs: put the key there")
	default:
		return nil, errors.New("holds no private key in PEM form (PKCS#8, PKCS#1 or SEC 1): put one there, from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----")
	}
	block := keys[0]
	if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		if !hasPassword {
			return nil, errors.New("holds an encrypted private key: name its password in spec.kafka.authentication.sslKeyPasswordSecretRef, or put the key there without encryption")
		}
		return nil, nil
	}
	der := block.Bytes
	pkcs8, err := x509.ParsePKCS8PrivateKey(der)
	if signer, ok := pkcs8.(crypto.Signer); err == nil && ok {
		return signer.Public(), nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key.Public(), nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key.Public(), nil
	}
	if rest, err := asn1.Unmarshal(der, new(asn1.RawValue)); err != nil || len(rest) > 0 {
		return nil, errors.New("holds a private key that is damaged: copy it again")
	}
	return nil, nil
}
