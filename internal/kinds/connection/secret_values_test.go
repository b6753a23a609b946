package connection

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

var keptIn = types.NamespacedName{Namespace: "shop", Name: "kafka"}

func TestTakenValues(t *testing.T) {
	keyed := use{{"kafka.authentication.passwordSecretRef", credentials.KindSecret, "kafka", "password"}}
	headers := use{{"https.headersSecretRef", credentials.KindSecret, "kafka", ""}}
	for title, c := range map[string]struct {
		use    use
		data   map[string]string
		values map[string]string
		says   string
	}{
		"a key, without those not used": {keyed, map[string]string{"password": "planted\r\n", "other": "\xFF"}, map[string]string{"password": "planted"}, ""},
		"a key that is missing":         {keyed, map[string]string{"other": "planted"}, nil, "Secret shop/kafka lacks the key password that spec.kafka.authentication.passwordSecretRef needs: add it."},
		"a key that is empty":           {keyed, map[string]string{"password": ""}, nil, "Secret shop/kafka: the value of the key password is empty, and spec.kafka.authentication.passwordSecretRef needs it: correct it."},
		"a key that is blank":           {keyed, map[string]string{"password": " \n"}, nil, "the key password is empty"},
		"a key that is no text":         {keyed, map[string]string{"password": "planted\xFF"}, nil, "Secret shop/kafka: the value of the key password is not UTF-8 text"},
		"headers":                       {headers, map[string]string{"Authorization": "Bearer planted\n", "X_a.b": "tab\there"}, map[string]string{"Authorization": "Bearer planted", "X_a.b": "tab\there"}, ""},
		"no headers":                    {headers, nil, nil, "Secret shop/kafka has no keys"},
		"a header that is blank":        {headers, map[string]string{"X-A": "\n"}, nil, "the key X-A is empty"},
		"a header that is no text":      {headers, map[string]string{"X-A": "planted\x00"}, nil, "the key X-A contains a NUL byte"},
		"a header of two lines":         {headers, map[string]string{"X-A": "planted\r\nHost: planted"}, nil, "the key X-A holds a line break"},
		"a header with an escape":       {headers, map[string]string{"X-A": "planted\x1b"}, nil, "the key X-A holds a line break or another control character"},
		"a header in two spellings":     {headers, map[string]string{"X-A": "planted", "x-a": "planted"}, nil, "the keys X-A and x-a are the same header"},
	} {
		t.Run(title, func(t *testing.T) {
			g := NewWithT(t)
			data := map[string][]byte{}
			for key, value := range c.data {
				data[key] = []byte(value)
			}
			values, blocked := c.use.take(data, keptIn)
			g.Expect(values).To(Equal(c.values))
			g.Expect(blocked != nil).To(Equal(c.says != ""))
			if blocked == nil {
				return
			}
			g.Expect(blocked.Reason).To(Equal(v1alpha1.ReasonKeyMissing))
			g.Expect(blocked.Watched).To(BeTrue(), "the Secret's watch wakes it")
			g.Expect(blocked.Stalled).To(BeFalse())
			g.Expect(blocked.Message).To(And(ContainSubstring(c.says), ContainSubstring("shop/kafka"), Not(ContainSubstring("planted"))))
		})
	}
}

func TestHeadersOfASecretReplaceThoseOfTheSpecInAnyLetterCase(t *testing.T) {
	g := NewWithT(t)
	c, found := pairOf(v1alpha1.TypeHTTPS)
	c.Spec.HTTPS.Headers = map[string]v1alpha1.HeaderValue{"Authorization": "of the spec", "X-A": "a"}
	c.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "h"}
	values := loaded(map[string]map[string]string{"Secret/h": {"authorization": "Bearer t"}})
	want := map[string]atlas.Secret{"X-A": atlas.NewSecret("a"), "authorization": atlas.NewSecret("Bearer t")}
	g.Expect(connectionRequest(c, "", values).Headers).To(Equal(want))

	// What Atlas holds is in sync in another letter case too.
	found.Headers = map[string]atlas.Secret{"x-a": atlas.NewSecret("a"), "Authorization": atlas.NewSecret("Bearer t")}
	g.Expect(connectionDifferences(c, "", values, found)).To(BeEmpty())
	g.Expect(connectionDifferences(c, "", referred{}, found)).To(BeEmpty())
	found.Headers["AUTHORIZATION"] = atlas.NewSecret("of the spec")
	g.Expect(connectionDifferences(c, "", values, found)).To(HaveLen(1), "one header too many")
}

// A line end more or less is the same value: nothing is sent for it.
func TestDigestsAreOverTheValuesThatAreSent(t *testing.T) {
	g := NewWithT(t)
	v := newStoredSecrets(t)
	connection, _ := pairOf(v1alpha1.TypeKafka)
	connection.Namespace = "shop"
	e := &remote{Session: &lifecycle.Session{Object: connection, Secrets: v.store(v.kube).Secrets, Now: noon}, certificates: &certificateCache{}}
	refer := func(password string) referred {
		v.put(keptIn, map[string]string{"password": password, "other": password})
		values, blocked, err := e.refer(t.Context(), false)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(blocked).To(BeNil())
		connection.Status.SecretVersions = values.versions
		return values
	}
	g.Expect(refer("planted").changed).To(BeTrue())
	g.Expect(refer("planted\r\n").changed).To(BeFalse())
	g.Expect(refer("\uFEFFplanted").changed).To(BeFalse())
	again := refer("planted again")
	g.Expect(again.changed).To(BeTrue())
	g.Expect(again.values).To(Equal(map[string]map[string]string{"Secret/kafka": {"password": "planted again"}}), "only what is used is kept")
}
