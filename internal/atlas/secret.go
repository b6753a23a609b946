package atlas

import (
	"fmt"
	"io"
	"unique"
)

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
