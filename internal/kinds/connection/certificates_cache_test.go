package connection

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// mutualTLS is a connection whose Secret tls is there, and the reads of its Secrets.
func mutualTLS(t *testing.T) (*remote, *storedSecrets, *readCounter) {
	t.Helper()
	v := newStoredSecrets(t)
	live := &readCounter{Reader: v.kube}
	kafka, secret := mutual(good, pair.PKCS8())
	v.put(types.NamespacedName{Namespace: "shop", Name: "tls"}, secret)
	connection, _ := pairOf(v1alpha1.TypeKafka)
	connection.Namespace, connection.Name = "shop", "orders"
	connection.Spec.Kafka = &kafka
	return &remote{
		Session: &lifecycle.Session{Object: connection, Secrets: v.store(live).Secrets, Now: noon}, certificates: &certificateCache{},
	}, v, live
}

// check refers to the Secrets as a reconciliation does, and returns what is wrong with the certificates.
func (e *remote) check(t *testing.T) (values referred, expires bool, blocked *decision.Blocker) {
	t.Helper()
	values, blocked, err := e.refer(t.Context(), false)
	if err != nil || blocked != nil {
		t.Fatal(err, blocked)
	}
	expires, blocked = e.checkCertificates(values)
	return values, expires, blocked
}

func TestCertificatesExpireWithoutReadingTheirSecrets(t *testing.T) {
	g := NewWithT(t)
	e, _, live := mutualTLS(t)
	values, expires, blocked := e.check(t)
	g.Expect(blocked).To(BeNil())
	g.Expect(expires).To(BeTrue(), "no event tells of it")
	g.Expect(live.reads).To(Equal(1))
	e.Sent(lifecycle.SentCreate)
	e.connection().Status.SecretVersions = values.versions

	_, _, blocked = e.check(t)
	g.Expect(blocked).To(BeNil())
	e.Now = noon.Add(91 * day)
	_, expires, blocked = e.check(t)
	g.Expect(expires).To(BeTrue())
	g.Expect(blocked.Message).To(ContainSubstring("expired on"))
	g.Expect(live.reads).To(Equal(1))
}

func TestCertificatesAreReadOnceByEachProcessAndForEachSpec(t *testing.T) {
	g := NewWithT(t)
	e, v, live := mutualTLS(t)
	values, _, _ := e.check(t)
	e.connection().Status.SecretVersions = values.versions

	e.Secrets, e.certificates = v.store(live).Secrets, &certificateCache{} // another process
	for range 2 {
		values, _, blocked := e.check(t)
		g.Expect(blocked).To(BeNil())
		g.Expect(values.changed).To(BeFalse(), "nothing to send")
	}
	g.Expect(live.reads).To(Equal(2))
	e.connection().Generation++
	e.connection().Spec.Kafka.Security = &v1alpha1.KafkaSecurity{Protocol: "SSL", BrokerPublicCertificate: pair.PKCS8()}
	_, _, blocked := e.check(t)
	g.Expect(blocked.Message).To(ContainSubstring("holds a private key"))
}

func TestExpiriesGoWithTheConnection(t *testing.T) {
	g := NewWithT(t)
	e, _, _ := mutualTLS(t)
	name, certificates := lifecycle.NameOf(e.connection()), e.certificates
	expiries := func() map[string]time.Time { return certificates.expiries(name, noon) }
	_, _, _ = e.check(t)
	g.Expect(expiries()).To(HaveKeyWithValue("kafka.authentication.tlsSecretRef", BeTemporally("~", noon.Add(90*day), time.Second)))

	e.connection().Spec.Kafka.Authentication = nil
	_, expires, blocked := e.check(t)
	g.Expect(blocked).To(BeNil())
	g.Expect(expires).To(BeFalse())
	g.Expect(expiries()).To(BeEmpty(), "no certificate is left in the spec")

	certificates.Store(name, inspected{lifetimes: []lifetime{{spans: []validity{{noon, noon}}, counting: 1}}})
	g.Expect(expiries()).To(HaveLen(1))
	kindWith(certificates).Forget(name)
	g.Expect(expiries()).To(BeEmpty(), "the connection is gone")
}
