package secrecy_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/testenv/secrecy"
)

const word = "planted-word"

func TestFind(t *testing.T) {
	escaped := func(text string) string {
		line, err := json.Marshal(map[string]string{"msg": "Response Body", "body": text})
		if err != nil {
			t.Fatal(err)
		}
		return string(line)
	}
	long := strings.Repeat("x", 27) // the word falls on two lines of a dump
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"nothing":              {"an ordinary line", ""},
		"empty":                {"", ""},
		"plain":                {"password=" + word + ";", "as it is"},
		"part of it":           {"password=" + word[:8], ""},
		"hexadecimal":          {hex.EncodeToString([]byte(word)), "as hexadecimal"},
		"capitals":             {fmt.Sprintf("%X", word), "as hexadecimal"},
		"with blanks":          {fmt.Sprintf("% x", word), "as hexadecimal"},
		"base64":               {base64.StdEncoding.EncodeToString([]byte(word)), "as base64"},
		"base64 within":        {base64.StdEncoding.EncodeToString([]byte("a" + word + "bc")), "as base64"},
		"base64 within, two":   {base64.RawURLEncoding.EncodeToString([]byte(`{"` + word + `"}`)), "as base64"},
		"basic authentication": {"Basic " + base64.StdEncoding.EncodeToString([]byte("client:"+word)), "as base64"},
		"a dump":               {hex.Dump([]byte(long + word)), "as it is in a hex dump"},
		"a dump in JSON":       {escaped(hex.Dump([]byte(long + word))), "as it is in a hex dump"},
		"base64 in a dump":     {hex.Dump([]byte(long + base64.StdEncoding.EncodeToString([]byte(word)))), "as base64 in a hex dump"},
		"the second dump":      {hex.Dump([]byte(long)) + "\n" + hex.Dump([]byte(word)), "as it is in a hex dump"},
		"a harmless dump":      {hex.Dump([]byte(long)), ""},
		"a Secret":             {escaped(hex.Dump([]byte("k8s\x00\n\x0c\n\x02v1\x12\x06Secret\x12\x30"))), "a hex dump of a Secret"},
		"a list of Secrets":    {hex.Dump([]byte("k8s\x00\n\x10\n\x02v1\x12\nSecretList\x12\x30")), "a hex dump of a Secret"},
		"another kind":         {hex.Dump([]byte("k8s\x00\n\x0f\n\x02v1\x12\x09ConfigMap\x12\x30")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			found := secrecy.Find([]byte(c.text), "another-word", word)
			if c.want == "" {
				g.Expect(found).To(BeEmpty())
				return
			}
			g.Expect(found).To(ContainElement(HaveSuffix(c.want)))
			g.Expect(found).NotTo(ContainElement(ContainSubstring(word)), "a finding must be fit to be printed")
		})
	}
}
