package atlas

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"unicode"
)

// Credentials authenticate with Atlas, either as a service account (OAuth client credentials) or
// with an API key (HTTP digest).
type Credentials struct {
	ClientID     string
	ClientSecret Secret
	PublicKey    string
	PrivateKey   Secret
}

// isServiceAccount reports whether the service account is used. It takes precedence if both schemes
// are complete.
func (c Credentials) isServiceAccount() bool {
	return c.ClientID != "" && !c.ClientSecret.IsZero()
}

// Validate reports which member is missing or invalid.
func (c Credentials) Validate() error {
	switch {
	case c.isServiceAccount():
		return errors.Join(
			printable("client id", c.ClientID),
			printable("client secret", c.ClientSecret.Reveal()))
	case c.PublicKey != "" && !c.PrivateKey.IsZero():
		return errors.Join(
			printable("public API key", c.PublicKey),
			printable("private API key", c.PrivateKey.Reveal()))
	case c.ClientID != "":
		return errors.New("the client secret of the service account is missing")
	case !c.ClientSecret.IsZero():
		return errors.New("the client id of the service account is missing")
	case c.PublicKey != "":
		return errors.New("the private part of the API key is missing")
	case !c.PrivateKey.IsZero():
		return errors.New("the public part of the API key is missing")
	default:
		return errors.New("neither a service account nor an API key is given")
	}
}

// printable rejects non-printable characters such as a trailing line break. Atlas would only report
// wrong credentials.
func printable(what, value string) error {
	if strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("the %s holds a line break or another control character", what)
	}
	return nil
}

// inUse returns the ID and the secret of the scheme in use.
func (c Credentials) inUse() (scheme, id string, secret Secret) {
	if c.isServiceAccount() {
		return "service-account", c.ClientID, c.ClientSecret
	}
	return "api-key", c.PublicKey, c.PrivateKey
}

// Key identifies the credentials by value: it is equal if the scheme, ID and secret are equal. It
// is derived from the secret: keep it in memory only.
func (c Credentials) Key() string {
	scheme, id, secret := c.inUse()
	sum := sha256.New()
	writeParts(sum, scheme, id, secret.Reveal())
	return hex.EncodeToString(sum.Sum(nil))
}

// Digest returns an HMAC-SHA256 of parts, keyed with the credentials' secret. It detects changes of
// values and, unlike a plain hash, does not allow guessing them. Different lists of parts have
// different digests.
func (c Credentials) Digest(parts ...string) string {
	_, _, secret := c.inUse()
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	writeParts(mac, parts...)
	return hex.EncodeToString(mac.Sum(nil))
}

// writeParts prefixes each part with its length, so that ("ab", "c") and ("a", "bc") differ.
func writeParts(h hash.Hash, parts ...string) {
	for _, part := range parts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part)))
		_, _ = h.Write([]byte(part))
	}
}
