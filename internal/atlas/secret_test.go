package atlas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/gomega"
)

const planted = "planted-value"

func TestSecretIsNeverShown(t *testing.T) {
	type hidden struct{ inner Secret } // no method of inner is called for this field
	s := NewSecret(planted)
	values := map[string]any{
		"value": s, "pointer": &s, "exported": struct{ S Secret }{s}, "unexported": hidden{s}, "pointer to unexported": &hidden{s},
		"slice": []Secret{s}, "map value": map[string]Secret{"k": s}, "map key": map[Secret]int{s: 1}, "in any": []any{s, &s},
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%10.3s", "%p"} {
				g.Expect(fmt.Sprintf(verb, value)).NotTo(ContainSubstring(planted[:8]), verb)
				g.Expect(fmt.Sprintf(verb, value)).NotTo(ContainSubstring(fmt.Sprintf("%x", planted)), verb)
			}
			encoded, err := json.Marshal(value)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(encoded)).NotTo(ContainSubstring(planted))

			var out bytes.Buffer
			for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
				slog.New(handler).Info("here", "value", value)
			}
			funcr.NewJSON(func(line string) { out.WriteString(line) }, funcr.Options{Verbosity: 100}).Info("here", "value", value)
			funcr.New(func(_, line string) { out.WriteString(line) }, funcr.Options{Verbosity: 100}).Info("here", "value", value)
			g.Expect(out.String()).To(ContainSubstring("here"))
			g.Expect(out.String()).NotTo(ContainSubstring(planted))
		})
	}
}

func TestSecretIsFormattedAsRedacted(t *testing.T) {
	g := NewWithT(t)
	s := NewSecret(planted)
	g.Expect(fmt.Sprint(s)).To(Equal("[redacted]"))
	g.Expect(fmt.Sprintf("%#v", struct{ S Secret }{s})).To(ContainSubstring("[redacted]"))
	encoded, err := json.Marshal(map[string]Secret{"k": s})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(encoded)).To(Equal(`{"k":"[redacted]"}`))
}

func TestSecretIsAValue(t *testing.T) {
	g := NewWithT(t)
	g.Expect(NewSecret("a")).To(BeIdenticalTo(NewSecret("a")))
	g.Expect(NewSecret("a")).NotTo(BeIdenticalTo(NewSecret("b")))
	g.Expect(NewSecret("")).To(BeIdenticalTo(Secret{}))
	g.Expect(NewSecret("a").Reveal()).To(Equal("a"))
	g.Expect(Secret{}.Reveal()).To(BeEmpty())
	g.Expect(Secret{}.IsZero()).To(BeTrue())
	g.Expect(NewSecret("a").IsZero()).To(BeFalse())
}
