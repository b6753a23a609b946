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

// Credentials authenticate against Atlas, either as a service account (OAuth
// client credentials) or by an API key (HTTP digest).
type Credentials struct {
	ClientID     string
	ClientSecret Secret
	PublicKey    string
	PrivateKey   Secret
}

// IsServiceAccount says whether these are used as a service account, which
// wins when both schemes are complete.
func (c Credentials) IsServiceAccount() bool {
	return c.ClientID != "" && !c.ClientSecret.IsZero()
}

// Validate names what is missing, or which member cannot be right.
func (c Credentials) Validate() error {
	if c.IsServiceAccount() {
		return errors.Join(
			printable("client id", c.ClientID),
			printable("client secret", c.ClientSecret.Reveal()))
	}
	if c.PublicKey != "" && !c.PrivateKey.IsZero() {
		return errors.Join(
			printable("public API key", c.PublicKey),
			printable("private API key", c.PrivateKey.Reveal()))
	}
	switch {
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

// printable refuses what a line break at the end of a file brings in: Atlas
// would only say that the credentials are wrong.
func printable(what, value string) error {
	if strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("the %s holds a line break or another control character", what)
	}
	return nil
}

// inUse returns id and secret of the scheme that is used.
func (c Credentials) inUse() (scheme, id string, secret Secret) {
	if c.IsServiceAccount() {
		return "service-account", c.ClientID, c.ClientSecret
	}
	return "api-key", c.PublicKey, c.PrivateKey
}

// Key identifies the credentials by value: equal for equal id and secret of
// the scheme in use. It is derived from the secret, so it is for memory only.
func (c Credentials) Key() string {
	scheme, id, secret := c.inUse()
	sum := sha256.New()
	writeParts(sum, scheme, id, secret.Reveal())
	return hex.EncodeToString(sum.Sum(nil))
}

// Digest is an HMAC-SHA256 over parts, keyed by the credentials' secret: it
// tells whether values changed and, unlike a plain hash, cannot be guessed at
// by who reads it. Different lists of parts give different digests.
func (c Credentials) Digest(parts ...string) string {
	_, _, secret := c.inUse()
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	writeParts(mac, parts...)
	return hex.EncodeToString(mac.Sum(nil))
}

// writeParts puts each part's length before it, so that ("ab", "c") and
// ("a", "bc") differ.
func writeParts(h hash.Hash, parts ...string) {
	for _, part := range parts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part)))
		_, _ = h.Write([]byte(part))
	}
}
