package atlas

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unique"
)

// Credentials authenticate with Atlas: the client ID and client secret of a service account (OAuth
// client credentials), or the public and the private part of an API key (HTTP digest).
type Credentials struct {
	APIKey bool
	ID     string
	Secret Secret
}

// Validate reports members that are missing or hold a non-printable character such as a trailing
// line break. Atlas would only report wrong credentials.
func (c Credentials) Validate() error {
	names := []string{"client id", "client secret"}
	if c.APIKey {
		names = []string{"public API key", "private API key"}
	}
	var faults []error
	for i, value := range []string{c.ID, c.Secret.Reveal()} {
		switch {
		case value == "":
			faults = append(faults, fmt.Errorf("the %s is missing", names[i]))
		case strings.ContainsFunc(value, unicode.IsControl):
			faults = append(faults, fmt.Errorf("the %s holds a line break or another control character", names[i]))
		}
	}
	return errors.Join(faults...)
}

// Key identifies the credentials by value. It is derived from the secret: keep it in memory only.
func (c Credentials) Key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%t %q %q", c.APIKey, c.ID, c.Secret.Reveal()))
	return hex.EncodeToString(sum[:])
}

// Digest returns an HMAC-SHA256 of parts, keyed with the credentials' secret. It detects changes of
// values and, unlike a plain hash, does not allow guessing them. Different lists of parts have
// different digests, because the length of each part precedes it.
func (c Credentials) Digest(parts ...string) string {
	mac := hmac.New(sha256.New, []byte(c.Secret.Reveal()))
	for _, part := range parts {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		mac.Write([]byte(part))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

const redacted = "[redacted]"

// Secret holds a value that must not be exposed. It is formatted, logged and marshalled as
// "[redacted]"; only Reveal returns the value. Two Secrets with the same value are equal, the zero
// Secret is the empty value.
type Secret struct {
	// A handle instead of a string: a formatter that reads this field by reflection finds only an
	// address.
	value unique.Handle[string]
}

// NewSecret wraps a value. The empty string gives the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: unique.Make(value)}
}

// Reveal returns the value in clear.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.value.Value()
}

// IsZero reports whether the value is empty.
func (s Secret) IsZero() bool { return s == Secret{} }

// Format covers every verb of package fmt. Logs use it, String or MarshalText.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String redacts.
func (Secret) String() string { return redacted }

// MarshalText covers text and JSON encoders. Request bodies are built by object.encode instead.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalJSON drops a secret that Atlas returns.
func (*Secret) UnmarshalJSON([]byte) error { return nil }
