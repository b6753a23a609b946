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
	found := findIn(text, words)
	for _, dumped := range dumps(text) {
		if isSecret(dumped) {
			found = append(found, "a hex dump of a Secret")
		}
		for _, inside := range findIn(dumped, words) {
			found = append(found, inside+" in a hex dump")
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func findIn(text []byte, words []string) (found []string) {
	for i, word := range words {
		for _, form := range formsOf(word) {
			if bytes.Contains(text, form.text) {
				found = append(found, fmt.Sprintf("word %d as %s", i, form.name))
			}
		}
	}
	return found
}

type form struct {
	name string
	text []byte
}

func formsOf(word string) []form {
	forms := make([]form, 0, 13)
	forms = append(forms, form{"it is", []byte(word)})
	for _, digits := range []string{fmt.Sprintf("% x", word), fmt.Sprintf("% X", word)} {
		for _, between := range []string{"", " ", ":"} {
			forms = append(forms, form{"hexadecimal", []byte(strings.ReplaceAll(digits, " ", between))})
		}
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 3 {
			forms = append(forms, form{"base64", []byte(within(encoding, word, before))})
		}
	}
	return forms
}

// within is what base64 makes of a word that stands behind so many other bytes and before any: the characters that
// depend on the word alone.
func within(encoding *base64.Encoding, word string, before int) string {
	encoded := encoding.EncodeToString(append(make([]byte, before), word...))
	first := (before*8 + 5) / 6
	last := (before + len(word)) * 8 / 6
	return encoded[first:last]
}

// dumpLine is a line of a hex dump as encoding/hex and hexdump -C write it, the line break escaped or not.
var dumpLine = regexp.MustCompile(`([0-9a-f]{8})  ((?:[0-9a-f]{2} {1,2}){1,16}) *\|`)

// dumps decodes all hex dumps in a text.
func dumps(text []byte) (all [][]byte) {
	for _, line := range dumpLine.FindAllSubmatch(text, -1) {
		data, err := hex.DecodeString(string(bytes.ReplaceAll(line[2], []byte(" "), nil)))
		if err != nil {
			continue // the pattern allows nothing else than pairs of digits
		}
		if string(line[1]) == "00000000" || len(all) == 0 {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], data...)
	}
	return all
}

// isSecret recognises the beginning of a Secret, or of a list of them, in the encoding of the API server: its magic
// number, then the version and the kind.
func isSecret(body []byte) bool {
	head, ok := bytes.CutPrefix(body, []byte("k8s\x00"))
	return ok && bytes.Contains(head[:min(len(head), 24)], []byte("Secret"))
}
