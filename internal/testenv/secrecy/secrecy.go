// Package secrecy looks for secret values in what programs show: as they are, and in the disguises in which logs hold
// bodies of requests, base64 and hexadecimal.
package secrecy

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Find returns in which forms text shows one of the words, sorted; none when it does not. It never repeats a word: a
// finding is meant to be printed. A dump of a Secret is found whatever it holds, because long ones are cut.
func Find(text []byte, words ...string) []string {
	dumped := dumps(text)
	found := append(findIn(text, words, ""), findIn(dumped, words, " in a hex dump")...)
	if secretHead.Match(dumped) {
		found = append(found, "a hex dump of a Secret")
	}
	return slices.Sorted(slices.Values(found))
}

func findIn(text []byte, words []string, where string) (found []string) {
	for i, word := range words {
		for name, forms := range formsOf(word) {
			if slices.ContainsFunc(forms, func(form string) bool { return bytes.Contains(text, []byte(form)) }) {
				found = append(found, fmt.Sprintf("word %d as %s%s", i, name, where))
			}
		}
	}
	return found
}

func formsOf(word string) map[string][]string {
	forms := map[string][]string{"it is": {word}}
	for _, digits := range []string{fmt.Sprintf("% x", word), fmt.Sprintf("% X", word)} {
		for _, between := range []string{"", " ", ":"} {
			forms["hexadecimal"] = append(forms["hexadecimal"], strings.ReplaceAll(digits, " ", between))
		}
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 3 {
			forms["base64"] = append(forms["base64"], within(encoding, word, before))
		}
	}
	return forms
}

// within is what base64 makes of a word that stands behind so many other bytes and before any: the characters that
// depend on the word alone.
func within(encoding *base64.Encoding, word string, before int) string {
	encoded := encoding.EncodeToString(append(make([]byte, before), word...))
	return encoded[(before*8+5)/6 : (before+len(word))*8/6]
}

// dumpLine is a line of a hex dump as encoding/hex and hexdump -C write it, the line break escaped or not.
var dumpLine = regexp.MustCompile(`[0-9a-f]{8}  ((?:[0-9a-f]{2} {1,2}){1,16}) *\|`)

// dumps is what all hex dumps of a text hold, one behind the other.
func dumps(text []byte) (all []byte) {
	for _, line := range dumpLine.FindAllSubmatch(text, -1) {
		data, _ := hex.DecodeString(string(bytes.ReplaceAll(line[1], []byte(" "), nil))) // pairs of digits
		all = append(all, data...)
	}
	return all
}

// secretHead is the beginning of a Secret, or of a list of them, in the encoding of the API server: its magic number,
// then the version and the kind.
var secretHead = regexp.MustCompile(`(?s)k8s\x00.{0,18}Secret`)
