package atlas

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// shortestRedacted is the minimum length in bytes of a redacted value. Shorter ones are flags,
// numbers and abbreviations ("true", "4", "prod") that occur inside ordinary words. Redacting them
// would garble the text and reveal the value by its position.
const shortestRedacted = 6

// Redact replaces secrets in a text of external origin, because servers may quote what they reject.
// It finds a secret as a whole or by its trimmed lines, also JSON-escaped or URL-escaped.
// Overlapping secrets are replaced together.
func Redact(text string, secrets ...Secret) string {
	return (&redactor{secrets}).text(text)
}

// redactor collects the secrets of one exchange, to redact texts about it.
type redactor struct{ secrets []Secret }

func (h *redactor) add(secrets ...Secret) { h.secrets = append(h.secrets, secrets...) }

func (h *redactor) text(s string) string {
	needles := h.needles()
	if len(needles) == 0 {
		return s
	}
	all := decodings(s)
	var found []span
	for _, needle := range needles {
		for _, r := range all {
			found = r.find(found, needle)
		}
		// A % or \ right before a value looks like the start of an escape and misleads the
		// decoders. Search for the usual escaped forms in the original text too.
		for _, form := range escapedForms(needle) {
			if form != needle {
				found = all[0].find(found, form)
			}
		}
	}
	return cover(s, found)
}

// escapedForms are the ways in which Go and most servers escape a value.
func escapedForms(value string) []string {
	var unescaped bytes.Buffer
	encoder := json.NewEncoder(&unescaped)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // writing a string to a buffer cannot fail
	escaped, _ := json.Marshal(value)
	inner := func(quoted []byte) string { return string(quoted[1 : len(quoted)-1]) }
	return []string{inner(escaped), inner(bytes.TrimSpace(unescaped.Bytes())), url.QueryEscape(value), url.PathEscape(value)}
}

// needles are the search terms: values and their lines.
func (h *redactor) needles() []string {
	var needles []string
	add := func(value string) {
		if len(value) >= shortestRedacted {
			needles = append(needles, value)
		}
	}
	for _, secret := range h.secrets {
		value := trimmed(secret.Reveal())
		add(value)
		if !strings.ContainsAny(value, "\r\n") {
			continue
		}
		for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if line = trimmed(line); !isPEMBoundary(line) {
				add(line)
			}
		}
	}
	slices.Sort(needles)
	return slices.Compact(needles)
}

func trimmed(value string) string { return strings.TrimSpace(strings.TrimPrefix(value, "\uFEFF")) }

// isPEMBoundary reports whether line is a PEM boundary, which is not secret.
func isPEMBoundary(line string) bool {
	return (strings.HasPrefix(line, "-----BEGIN ") || strings.HasPrefix(line, "-----END ")) && strings.HasSuffix(line, "-----")
}

// span is a byte range of a text.
type span struct{ from, to int }

// cover replaces the ranges. Overlapping and adjacent ones are merged.
func cover(s string, parts []span) string {
	slices.SortFunc(parts, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out strings.Builder
	end := 0
	for i := 0; i < len(parts); {
		part := parts[i]
		for ; i < len(parts) && parts[i].from <= part.to; i++ {
			part.to = max(part.to, parts[i].to)
		}
		out.WriteString(s[end:part.from])
		out.WriteString(redacted)
		end = part.to
	}
	out.WriteString(s[end:])
	return out.String()
}
