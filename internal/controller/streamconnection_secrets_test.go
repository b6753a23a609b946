package controller

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

func TestUsesOf(t *testing.T) {
	kafka, _ := pairOf(v1alpha1.TypeKafka)
	kafka.Spec.Kafka.Authentication = &v1alpha1.KafkaAuthentication{
		PasswordSecretRef: key("b", "password"), ClientSecretRef: key("b", "client"),
		SSLKeySecretRef: key("a", "key"), SSLKeyPasswordSecretRef: key("a", "pass"), TLSSecretRef: &v1alpha1.LocalReference{Name: "tls"},
	}
	kafka.Spec.Kafka.Security.BrokerPublicCertificateRef = &v1alpha1.CertificateReference{Kind: kindConfigMap, Name: "a", Key: "ca.crt"}
	const at = "kafka.authentication."
	g := NewWithT(t)
	g.Expect(usesOf(&kafka.Spec)).To(Equal([]use{
		{kind: kindConfigMap, name: "a", keys: []keyUse{{"ca.crt", "kafka.security.brokerPublicCertificateRef"}}},
		{kind: kindSecret, name: "a", keys: []keyUse{{"key", at + "sslKeySecretRef"}, {"pass", at + "sslKeyPasswordSecretRef"}}},
		{kind: kindSecret, name: "b", keys: []keyUse{{"password", at + "passwordSecretRef"}, {"client", at + "clientSecretRef"}}},
		{kind: kindSecret, name: "tls", keys: []keyUse{{"tls.crt", at + "tlsSecretRef"}, {"tls.key", at + "tlsSecretRef"}}},
	}))
	g.Expect(usedNames(&kafka.Spec, kindSecret)).To(Equal([]string{"a", "b", "tls"}))
	g.Expect(usedNames(&kafka.Spec, kindConfigMap)).To(Equal([]string{"a"}))

	https, _ := pairOf(v1alpha1.TypeHTTPS)
	https.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "h"}
	g.Expect(usesOf(&https.Spec)).To(Equal([]use{{kind: kindSecret, name: "h", all: true}}))

	registry, _ := pairOf(v1alpha1.TypeSchemaRegistry)
	g.Expect(usedNames(&registry.Spec, kindSecret)).To(Equal([]string{"kafka"}))
	for _, kind := range []v1alpha1.ConnectionType{v1alpha1.TypeSample, v1alpha1.TypeCluster, v1alpha1.TypeS3, v1alpha1.TypeGCPPubSub} {
		c, _ := pairOf(kind)
		g.Expect(usesOf(&c.Spec)).To(BeEmpty(), string(kind))
	}
}

func TestVersionNamesOfSecretsAndConfigMapsDiffer(t *testing.T) {
	g := NewWithT(t)
	g.Expect(use{kind: kindSecret, name: "a"}.versionName()).To(Equal("a"))
	g.Expect(use{kind: kindConfigMap, name: "a"}.versionName()).To(Equal("configmap/a"))
}

func TestLackingKeys(t *testing.T) {
	u := use{kind: kindSecret, name: "kafka", keys: []keyUse{{"password", "kafka.authentication.passwordSecretRef"}}}
	headers := use{kind: kindSecret, name: "h", all: true}
	name := types.NamespacedName{Namespace: "shop", Name: "kafka"}
	for title, c := range map[string]struct {
		use   use
		data  map[string][]byte
		lacks bool
		says  []string
	}{
		"there":          {u, map[string][]byte{"password": []byte("planted")}, false, nil},
		"missing":        {u, map[string][]byte{"other": []byte("planted")}, true, []string{"Secret shop/kafka", "password", "spec.kafka.authentication.passwordSecretRef"}},
		"empty":          {u, map[string][]byte{"password": nil}, true, []string{"password"}},
		"headers":        {headers, map[string][]byte{"X": []byte("planted")}, false, nil},
		"without header": {headers, nil, true, []string{"no keys"}},
	} {
		t.Run(title, func(t *testing.T) {
			g := NewWithT(t)
			o := c.use.lacking(source{data: c.data}, name)
			g.Expect(o != nil).To(Equal(c.lacks))
			if o == nil {
				return
			}
			g.Expect(o.reason).To(Equal(v1alpha1.ReasonKeyMissing))
			g.Expect(o.watched).To(BeTrue(), "the Secret's watch wakes it")
			g.Expect(o.stalled).To(BeFalse())
			g.Expect(o.message).NotTo(ContainSubstring("planted"))
			for _, text := range c.says {
				g.Expect(o.message).To(ContainSubstring(text))
			}
		})
	}
}

func TestDigestedValues(t *testing.T) {
	g := NewWithT(t)
	u := use{keys: []keyUse{{"b", "x"}, {"a", "y"}}}
	swapped := use{keys: []keyUse{{"a", "x"}, {"b", "y"}}}
	data := map[string][]byte{"a": []byte("1"), "b": []byte("2"), "unused": []byte("3")}
	g.Expect(u.digested(data)).To(Equal([]string{"x", "2", "y", "1"}), "what is used, and what for")
	g.Expect(u.digested(data)).NotTo(Equal(swapped.digested(data)))
	all := use{all: true}
	g.Expect(all.digested(data)).To(Equal([]string{"a", "1", "b", "2", "unused", "3"}))
}

func TestRedaction(t *testing.T) {
	g := NewWithT(t)
	e := &connectionExternal{values: loaded(map[string]map[string]string{"Secret/kafka": {"password": "planted", "empty": ""}})}
	g.Expect(e.redact("bad password planted, planted")).To(Equal("bad password [redacted], [redacted]"))
	g.Expect(e.redact("nothing to hide")).To(Equal("nothing to hide"))
}
