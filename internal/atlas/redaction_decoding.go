package atlas

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decoding is a text with escapes decoded. It maps each byte to its part of the original text.
type decoding struct {
	text   string
	source []span
}

// decodings are the ways in which a text may quote a value: unchanged, JSON-escaped, JSON in JSON,
// and each of them URL-escaped, with a space as %20 or +.
func decodings(s string) []decoding {
	asIs := decoding{text: s, source: make([]span, len(s))}
	for i := range len(s) {
		asIs.source[i] = span{i, i + 1}
	}
	all := []decoding{asIs}
	for inner := asIs; strings.Contains(inner.text, `\`) && len(all) < 3; {
		inner = inner.decode(jsonEscape)
		all = append(all, inner)
	}
	for _, r := range all {
		if strings.Contains(r.text, "%") {
			all = append(all, r.decode(percentEscape))
		}
		if strings.Contains(r.text, "+") {
			all = append(all, r.decode(formEscape))
		}
	}
	return all
}

// decode replaces escapes. The escape function returns the decoded prefix of the text and the
// length of the escape, 0 if the text does not begin with one.
func (r decoding) decode(escape func(string) (string, int)) decoding {
	var out strings.Builder
	decoded := decoding{source: make([]span, 0, len(r.source))}
	for i := 0; i < len(r.text); {
		meaning, length := escape(r.text[i:])
		if length == 0 {
			meaning, length = r.text[i:i+1], 1
		}
		out.WriteString(meaning)
		source := span{r.source[i].from, r.source[i+length-1].to}
		for range len(meaning) {
			decoded.source = append(decoded.source, source)
		}
		i += length
	}
	decoded.text = out.String()
	return decoded
}

// find appends every occurrence of needle, including overlapping ones. It uses the
// Knuth-Morris-Pratt algorithm, because long texts and values may be repetitive.
func (r decoding) find(found []span, needle string) []span {
	if !strings.Contains(r.text, needle) {
		return found
	}
	// borders[i] is the length of the longest proper prefix of needle that
	// needle[:i+1] ends with.
	borders := make([]int, len(needle))
	advance := func(matched int, c byte) int {
		for matched > 0 && (matched == len(needle) || needle[matched] != c) {
			matched = borders[matched-1]
		}
		if needle[matched] == c {
			matched++
		}
		return matched
	}
	for i := 1; i < len(needle); i++ {
		borders[i] = advance(borders[i-1], needle[i])
	}
	matched := 0
	for i := range len(r.text) {
		if matched = advance(matched, r.text[i]); matched == len(needle) {
			from, to := r.source[i+1-len(needle)].from, r.source[i].to
			if last := len(found) - 1; last >= 0 && found[last].from <= from && from <= found[last].to {
				found[last].to = max(found[last].to, to)
			} else {
				found = append(found, span{from, to})
			}
		}
	}
	return found
}

func jsonEscape(s string) (string, int) {
	if len(s) < 2 || s[0] != '\\' {
		return "", 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return "\"\\/\b\f\n\r\t"[i : i+1], 2
	}
	first, ok := unicodeEscape(s)
	switch {
	case !ok:
		return "", 0
	case !utf16.IsSurrogate(first):
		return string(first), 6
	}
	second, _ := unicodeEscape(s[6:])
	if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
		return string(both), 12
	}
	return string(utf8.RuneError), 6
}

// unicodeEscape decodes \uXXXX.
func unicodeEscape(s string) (rune, bool) {
	if len(s) < 6 || s[:2] != `\u` {
		return 0, false
	}
	code, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(code), err == nil
}

func percentEscape(s string) (string, int) {
	if len(s) < 3 || s[0] != '%' {
		return "", 0
	}
	code, err := strconv.ParseUint(s[1:3], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(code)}), 3
}

func formEscape(s string) (string, int) {
	if s[0] == '+' {
		return " ", 1
	}
	return percentEscape(s)
}
