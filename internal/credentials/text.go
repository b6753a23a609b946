package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// Faults of a value. The messages follow the name of its key.
var (
	errEmpty = errors.New("is empty")
	errUTF16 = errors.New("is UTF-16 text, not UTF-8")
	errNUL   = errors.New("contains a NUL byte, so it is not text")
	errUTF8  = errors.New("is not UTF-8 text")
)

// TextOf reads a value of a Secret or ConfigMap. All values are read by it, so that the same rules apply: it removes a
// byte order mark and trailing line ends, as editors and `echo` add them, and nothing else. Errors never contain the
// value.
func TextOf(raw []byte) (string, error) {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return "", errUTF16
	case bytes.IndexByte(raw, 0) >= 0:
		return "", errNUL
	case !utf8.Valid(raw):
		return "", errUTF8
	}
	text := strings.TrimRight(strings.TrimPrefix(string(raw), "\uFEFF"), "\r\n")
	if strings.TrimSpace(text) == "" {
		return "", errEmpty
	}
	return text, nil
}

// KeyBlocker reports that a Secret or ConfigMap has a missing or invalid key.
func KeyBlocker(message string, args ...any) *decision.Blocker {
	return &decision.Blocker{Effect: decision.Missing, Reason: v1alpha1.ReasonKeyMissing, Watched: true, Message: fmt.Sprintf(message, args...)}
}
