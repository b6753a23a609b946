package atlas

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
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
	all, secret := decodings(s), make([]bool, len(s))
	for _, needle := range needles {
		for _, d := range all {
			d.mark(secret, needle)
		}
		// A % or \ right before a value looks like the start of an escape and misleads the
		// decoders. Search for the usual escaped forms in the original text too.
		for _, form := range escapedForms(needle) {
			if form != needle {
				all[0].mark(secret, form)
			}
		}
	}
	var out strings.Builder
	for i := range len(s) {
		switch {
		case !secret[i]:
			out.WriteByte(s[i])
		case i == 0 || !secret[i-1]:
			out.WriteString(redacted)
		}
	}
	return out.String()
}

// needles are the search terms: values and their lines.
func (h *redactor) needles() []string {
	var needles []string
	for _, secret := range h.secrets {
		value := trimmed(secret.Reveal())
		needles = append(needles, value)
		for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if line = trimmed(line); !isPEMBoundary(line) {
				needles = append(needles, line)
			}
		}
	}
	slices.Sort(needles)
	return slices.DeleteFunc(slices.Compact(needles), func(needle string) bool { return len(needle) < shortestRedacted })
}

func trimmed(value string) string { return strings.TrimSpace(strings.TrimPrefix(value, "\uFEFF")) }

// isPEMBoundary reports whether line is a PEM boundary, which is not secret.
func isPEMBoundary(line string) bool {
	return (strings.HasPrefix(line, "-----BEGIN ") || strings.HasPrefix(line, "-----END ")) && strings.HasSuffix(line, "-----")
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

// decoding is a text with escapes decoded. Byte i comes from the bytes source[i] to source[i+1] of
// the original text; several bytes of one escape have the same source.
type decoding struct {
	text   string
	source []int
}

// decodings are the ways in which a text may quote a value: unchanged, JSON-escaped, JSON in JSON,
// and each of them URL-escaped, with a space as %20 or +.
func decodings(s string) (all []decoding) {
	d := decoding{text: s, source: make([]int, len(s)+1)}
	for i := range d.source {
		d.source[i] = i
	}
	for range 3 {
		all = append(all, d)
		if strings.ContainsAny(d.text, "%+") {
			form := decoding{strings.ReplaceAll(d.text, "+", " "), d.source}
			all = append(all, d.decode(percentEscape), form.decode(percentEscape))
		}
		if !strings.Contains(d.text, `\`) {
			break
		}
		d = d.decode(jsonEscape)
	}
	return all
}

// decode replaces escapes. The escape function returns the decoded prefix of the text and the
// length of the escape, 0 if the text does not begin with one.
func (d decoding) decode(escape func(string) (string, int)) decoding {
	var text strings.Builder
	source := make([]int, 0, len(d.source))
	for i := 0; i < len(d.text); {
		meaning, length := escape(d.text[i:])
		if length == 0 {
			meaning, length = d.text[i:i+1], 1
		}
		text.WriteString(meaning)
		for range len(meaning) {
			source = append(source, d.source[i])
		}
		i += length
	}
	return decoding{text.String(), append(source, d.source[len(d.text)])}
}

// mark marks every occurrence of needle in the original text, including overlapping ones. A text or
// value may be repetitive: of the occurrences that overlap or touch one, only the last is searched
// for, as it covers what the others do, so that the time stays linear.
func (d decoding) mark(secret []bool, needle string) {
	for from := 0; ; from++ {
		first := strings.Index(d.text[from:], needle)
		if first < 0 {
			return
		}
		first += from
		from = first + strings.LastIndex(d.text[first:min(first+2*len(needle), len(d.text))], needle)
		for i := d.source[first]; i < d.source[from+len(needle)]; i++ {
			secret[i] = true
		}
	}
}

func jsonEscape(s string) (string, int) {
	if len(s) < 2 || s[0] != '\\' {
		return "", 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return "\"\\/\b\f\n\r\t"[i : i+1], 2
	}
	// A character beyond 16 bits has two escapes.
	for _, length := range []int{12, 6} {
		var meaning string
		if s[1] == 'u' && len(s) >= length && json.Unmarshal([]byte(`"`+s[:length]+`"`), &meaning) == nil &&
			utf8.RuneCountInString(meaning) == 1 {
			return meaning, length
		}
	}
	return "", 0
}

func percentEscape(s string) (string, int) {
	if len(s) < 3 || s[0] != '%' {
		return "", 0
	}
	meaning, _ := url.PathUnescape(s[:3]) // one byte, or none if it is no escape
	return meaning, 3 * len(meaning)
}
