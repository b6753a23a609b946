package atlas

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	. "github.com/onsi/gomega"
)

func redact(text string, values ...string) string {
	secrets := make([]Secret, 0, len(values))
	for _, value := range values {
		secrets = append(secrets, NewSecret(value))
	}
	return Redact(text, secrets...)
}

func TestRedact(t *testing.T) {
	const pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqG\nSM49\n-----END PRIVATE KEY-----\n"
	for name, tc := range map[string]struct {
		values     []string
		text, want string
	}{
		"no secrets":                   {nil, "Atlas refused it", "Atlas refused it"},
		"nothing to redact":            {[]string{"hunter2-pw"}, "Atlas refused it", "Atlas refused it"},
		"each time":                    {[]string{"hunter2-pw"}, "hunter2-pw, hunter2-pw", "[redacted], [redacted]"},
		"too short":                    {[]string{"a", "1", "true", "", "refus"}, "Atlas refused: HTTP 100, true", "Atlas refused: HTTP 100, true"},
		"a value inside another":       {[]string{"hunter2", "hunter2-longer"}, "no hunter2-longer", "no [redacted]"},
		"in the other order":           {[]string{"hunter2-longer", "hunter2"}, "no hunter2-longer", "no [redacted]"},
		"overlapping values":           {[]string{"abcdefgh", "efghijkl"}, "<abcdefghijkl>", "<[redacted]>"},
		"a value that overlaps itself": {[]string{"ababab"}, "<abababab>", "<[redacted]>"},
		"values side by side":          {[]string{"abcdef", "uvwxyz"}, "abcdefuvwxyz", "[redacted]"},
		"trimmed line end":             {[]string{"hunter2-pw\r\n"}, "not hunter2-pw!", "not [redacted]!"},
		"trimmed blanks":               {[]string{" \thunter2-pw "}, "not hunter2-pw!", "not [redacted]!"},
		"without its BOM":              {[]string{"\uFEFFhunter2-pw"}, "not hunter2-pw!", "not [redacted]!"},
		"JSON":                         {[]string{"say \"hi\"\t<ö>"}, `"say \"hi\"\t<ö>" or say \"hi\"\u0009\u003c\u00F6\u003e`, `"[redacted]" or [redacted]`},
		"JSON beyond 16 bits":          {[]string{"hunter\U0001F600"}, `hunter\ud83d\ude00 \ud83d \uZZZZ \u00`, `[redacted] \ud83d \uZZZZ \u00`},
		"JSON in JSON":                 {[]string{`say "hi"`}, `{\"a\":\"say \\\"hi\\\"\"}`, `{\"a\":\"[redacted]\"}`},
		"URL":                          {[]string{"p&q r/s+ö"}, "a=p%26q%20r%2fs%2B%C3%B6&b=p%26q+r%2Fs%2B%c3%b6 %zz %", "a=[redacted]&b=[redacted] %zz %"},
		"a value with escapes":         {[]string{`a\nb%41c+d`}, `a\nb%41c+d`, `[redacted]`},
		"PEM, whole":                   {[]string{pem}, "bad key " + pem, "bad key [redacted]\n"},
		"PEM, JSON":                    {[]string{pem}, "bad key " + strconv.Quote(pem), `bad key "[redacted]\n"`},
		"PEM, CRLF":                    {[]string{pem}, strings.ReplaceAll(pem, "\n", "\r\n"), "-----BEGIN PRIVATE KEY-----\r\n[redacted]\r\n[redacted]\r\nSM49\r\n-----END PRIVATE KEY-----\r\n"},
		"PEM, a line":                  {[]string{pem}, "MIGHAgEAMBMGByqGSM49 is no line of -----BEGIN PRIVATE KEY-----", "[redacted] is no line of -----BEGIN PRIVATE KEY-----"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(redact(tc.text, tc.values...)).To(Equal(tc.want))
		})
	}
}

// An attacker who chooses a value that a server echoes cannot stall the process.
func TestRedactIsFastWithRepetitions(t *testing.T) {
	begun := time.Now()
	NewWithT(t).Expect(redact(strings.Repeat("a", 1<<20), strings.Repeat("a", 1<<19))).To(Equal("[redacted]"))
	NewWithT(t).Expect(time.Since(begun)).To(BeNumerically("<", 10*time.Second))
}

// quoted are the ways in which servers quote a value.
func quoted(value string) []string {
	var plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	html, _ := json.Marshal(value)
	inner := func(s string) string { return s[1 : len(s)-1] }
	return []string{value, inner(string(html)), inner(strings.TrimSpace(plain.String())), url.QueryEscape(value), url.PathEscape(value)}
}

// checkRedaction checks that no value remains in any form, and that a text without values is unchanged.
func checkRedaction(t *testing.T, text string, values []string) {
	t.Helper()
	out := redact(text, values...)
	kept := strings.Split(out, redacted)
	innocent := !strings.ContainsAny(text, `\%+`)
	for _, value := range values {
		parts := append(strings.FieldsFunc(value, func(r rune) bool { return r == '\n' || r == '\r' }), value)
		for _, part := range parts {
			part = trimmed(part)
			if len(part) < shortestRedacted || isPEMBoundary(part) {
				continue
			}
			if innocent = innocent && !strings.Contains(text, part); !utf8.ValidString(part) {
				continue
			}
			for _, form := range quoted(part) {
				if slices.ContainsFunc(kept, func(rest string) bool { return strings.Contains(rest, form) }) {
					t.Fatalf("%q of %q survives in %q, from %q", form, values, out, text)
				}
			}
		}
	}
	if innocent && out != text {
		t.Fatalf("%q became %q without %q in it", text, out, values)
	}
}

func TestNoFormOfASecretSurvives(t *testing.T) {
	skipUnderRaceDetector(t)
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	some := func(n int, from ...string) string {
		var b strings.Builder
		for range random.IntN(n) {
			b.WriteString(pick(from...))
		}
		return b.String()
	}
	for range 20000 {
		var values []string
		for range 1 + random.IntN(3) {
			values = append(values, some(20, "a", "b", "ab", "\n", "\r\n", " ", "+", "%", `"`, `\`, "<", "é", "\U0001F600", "/", "&", "0", "41", "n"))
		}
		var text strings.Builder
		for range random.IntN(6) {
			text.WriteString(some(4, "a", "b", " ", "Atlas refused ", `\`, "%", "+", "u00", "4"))
			text.WriteString(pick(quoted(pick(values...))...))
		}
		checkRedaction(t, text.String(), values)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`bad "hunter2-pw"`, "hunter2-pw\n", "hunter2")
	f.Add("abcdefghijkl", "abcdefgh", "efghijkl")
	f.Add(`\u00e9%2f+\ud83d\ude00\`, "a b c d e", `a\nb"c`)
	f.Fuzz(func(t *testing.T, text, one, other string) {
		checkRedaction(t, text, []string{one, other})
		for _, form := range append(quoted(one), quoted(other)...) {
			checkRedaction(t, text+form+text, []string{one, other})
		}
	})
}
