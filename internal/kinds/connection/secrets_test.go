package connection

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
)

func TestUsesOf(t *testing.T) {
	kafka, _ := pairOf(v1alpha1.TypeKafka)
	kafka.Spec.Kafka.Authentication = &v1alpha1.KafkaAuthentication{
		PasswordSecretRef: key("b", "password"), ClientSecretRef: key("b", "client"),
		SSLKeySecretRef: key("a", "key"), SSLKeyPasswordSecretRef: key("a", "pass"), TLSSecretRef: &v1alpha1.LocalReference{Name: "tls"},
	}
	kafka.Spec.Kafka.Security.BrokerPublicCertificateRef = &v1alpha1.CertificateReference{Kind: credentials.KindConfigMap, Name: "a", Key: "ca.crt"}
	const at = "kafka.authentication."
	g := NewWithT(t)
	g.Expect(usesOf(&kafka.Spec)).To(Equal([]use{
		{{"kafka.security.brokerPublicCertificateRef", credentials.KindConfigMap, "a", "ca.crt"}},
		{{at + "sslKeySecretRef", credentials.KindSecret, "a", "key"}, {at + "sslKeyPasswordSecretRef", credentials.KindSecret, "a", "pass"}},
		{{at + "passwordSecretRef", credentials.KindSecret, "b", "password"}, {at + "clientSecretRef", credentials.KindSecret, "b", "client"}},
		{{at + "tlsSecretRef", credentials.KindSecret, "tls", "tls.crt"}, {at + "tlsSecretRef", credentials.KindSecret, "tls", "tls.key"}},
	}))
	g.Expect(usedNames(&kafka.Spec, credentials.KindSecret)).To(Equal([]string{"a", "b", "tls"}))
	g.Expect(usedNames(&kafka.Spec, credentials.KindConfigMap)).To(Equal([]string{"a"}))

	https, _ := pairOf(v1alpha1.TypeHTTPS)
	https.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "h"}
	g.Expect(usesOf(&https.Spec)).To(Equal([]use{{{"https.headersSecretRef", credentials.KindSecret, "h", ""}}}))

	registry, _ := pairOf(v1alpha1.TypeSchemaRegistry)
	g.Expect(usedNames(&registry.Spec, credentials.KindSecret)).To(Equal([]string{"kafka"}))
	for _, kind := range []v1alpha1.ConnectionType{v1alpha1.TypeSample, v1alpha1.TypeCluster, v1alpha1.TypeS3, v1alpha1.TypeGCPPubSub} {
		c, _ := pairOf(kind)
		g.Expect(usesOf(&c.Spec)).To(BeEmpty(), string(kind))
	}
}

func TestVersionNamesOfSecretsAndConfigMapsDiffer(t *testing.T) {
	g := NewWithT(t)
	g.Expect(reference{kind: credentials.KindSecret, name: "a"}.versionName()).To(Equal("a"))
	g.Expect(reference{kind: credentials.KindConfigMap, name: "a"}.versionName()).To(Equal("configmap/a"))
}

func TestDigestedValues(t *testing.T) {
	g := NewWithT(t)
	u := use{{field: "x", key: "b"}, {field: "y", key: "a"}}
	swapped := use{{field: "x", key: "a"}, {field: "y", key: "b"}}
	data := map[string]string{"a": "1", "b": "2", "unused": "3"}
	g.Expect(u.digested(data)).To(Equal([]string{"x", "2", "y", "1"}), "what is used, and what for")
	g.Expect(u.digested(data)).NotTo(Equal(swapped.digested(data)))
	all := use{{field: "https.headersSecretRef"}}
	g.Expect(all.digested(data)).To(Equal([]string{"a", "1", "b", "2", "unused", "3"}))
}

func TestOnlyValuesOfSecretsAreRedacted(t *testing.T) {
	g := NewWithT(t)
	values := loaded(map[string]map[string]string{
		"Secret/kafka": {"password": "planted-password", "ca.crt": "planted-certificate", "flag": "a"}, "ConfigMap/kafka": {"ca.crt": "certificate"},
	})
	redact := func(text string) string { return atlas.Redact(text, values.secrets()...) }
	g.Expect(redact("Atlas refused planted-password and planted-certificate")).To(Equal("Atlas refused [redacted] and [redacted]"))
	g.Expect(redact("Atlas refused the certificate")).To(Equal("Atlas refused the certificate"))
}
