package atlas

import (
	"fmt"
	"io"
	"log/slog"
	"unique"
)

const redacted = "[redacted]"

// Secret holds a value that must not be seen. However it is formatted, logged
// or marshalled it reads "[redacted]"; Reveal is the only way out. Two Secrets
// with the same value are equal, the zero Secret is the empty value.
type Secret struct {
	// A handle and not a string: a formatter that reaches this field by
	// reflection, where no method is called, finds an address.
	value unique.Handle[string]
}

// NewSecret wraps a value; the empty string gives the zero Secret.
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

// IsZero says whether the value is empty.
func (s Secret) IsZero() bool { return s == Secret{} }

// Format covers every verb of package fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String redacts.
func (Secret) String() string { return redacted }

// GoString redacts.
func (Secret) GoString() string { return redacted }

// MarshalText covers encoders of text, among them the keys of JSON maps.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON redacts too: request bodies are not built by marshalling a
// Secret, see object.encode.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue is for package slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalLog is for logr.
func (Secret) MarshalLog() any { return redacted }
