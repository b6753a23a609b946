package atlas

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
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

// Validate reports that members are missing, or which one is invalid.
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
	default:
		return errors.New("neither the client id and the client secret of a service account nor the public part and the private part of an API key are given")
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
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q %q", scheme, id, secret.Reveal()))
	return hex.EncodeToString(sum[:])
}

// Digest returns an HMAC-SHA256 of parts, keyed with the credentials' secret. It detects changes of
// values and, unlike a plain hash, does not allow guessing them. Different lists of parts have
// different digests, because the length of each part precedes it.
func (c Credentials) Digest(parts ...string) string {
	_, _, secret := c.inUse()
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	for _, part := range parts {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	return hex.EncodeToString(mac.Sum(nil))
}
