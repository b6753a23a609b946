package controller_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Values of Secrets", func() {
	DescribeTable("are sent without what editors add", func(ctx SpecContext, held, sent string) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": held})
		t.createSecret(ctx, "headers", map[string]string{"authorization": held})
		kafka, https := t.kafka("kafka", ""), t.https("https")
		https.Spec.HTTPS.Headers = map[string]v1alpha1.HeaderValue{"Authorization": "of the spec"}
		https.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "headers"}
		registry := t.registry("registry")
		create(ctx, kafka, https, registry)
		ready(ctx, kafka, "True Ready")
		ready(ctx, https, "True Ready")
		ready(ctx, registry, "True Ready")
		Expect(t.inAtlas("kafka")).To(HaveKeyWithValue("authentication.password", sent))
		Expect(t.inAtlas("registry")).To(HaveKeyWithValue("schemaRegistryAuthentication.password", sent))
		Expect(t.inAtlas("https")).To(And(
			HaveKeyWithValue("headers.authorization", sent), Not(HaveKey("headers.Authorization"))))
		condition(ctx, https, v1alpha1.ConditionSynced, "True Synced")
	},
		Entry("a line end", "planted-password\n", "planted-password", SpecTimeout(30*time.Second)),
		Entry("a line end of Windows", "planted-password\r\n", "planted-password", SpecTimeout(30*time.Second)),
		Entry("a byte order mark", "\uFEFFplanted-password", "planted-password", SpecTimeout(30*time.Second)),
		Entry("nothing", " planted-password ", " planted-password ", SpecTimeout(30*time.Second)),
	)

	It("are named when they are empty or no text", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "  \n"})
		connection := t.kafka("kafka", "")
		create(ctx, connection)
		condition(ctx, connection, v1alpha1.ConditionSynced, "False KeyMissing",
			ContainSubstring("Secret "+t.namespace+"/kafka: the value of the key password is empty"))
		t.setBytes(ctx, "kafka", map[string][]byte{"password": []byte("planted\x00password")})
		condition(ctx, connection, v1alpha1.ConditionSynced, "False KeyMissing", ContainSubstring("the key password contains a NUL byte"))
		t.setSecret(ctx, "kafka", map[string]string{"password": "planted-password"})
		ready(ctx, connection, "True Ready")
	}, SpecTimeout(30*time.Second))

	It("are kept out of what Atlas repeats, without destroying it", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{
			"password": "planted-password\n", "enabled": "true", "replicas": "4", "env": "e", "status": "refused",
		})
		sim.Inject(atlastest.Fault{
			Operation: atlastest.OpCreateConnection, Match: func(r atlastest.Request) bool { return r.ProjectID == t.project },
			Times: 1, Status: 400, ErrorCode: "VALIDATION_ERROR", Detail: `The password "planted-password" is refused.`,
		})
		connection := t.kafka("kafka", "")
		create(ctx, connection)
		ready(ctx, connection, "False Rejected",
			Equal(`Atlas refused to create the connection: HTTP 400 VALIDATION_ERROR: The password "[redacted]" is refused.`))
	}, SpecTimeout(30*time.Second))
})

var _ = Describe("Certificates", func() {
	It("that are private keys never reach Atlas", func(ctx SpecContext) {
		t := newTenant(ctx)
		Expect(kube.Create(ctx, &corev1.Secret{ObjectMeta: t.meta("values"), Type: corev1.SecretTypeTLS, StringData: map[string]string{
			corev1.TLSCertKey: pair.PKCS8(), corev1.TLSPrivateKeyKey: certificate(), // swapped
		}})).To(Succeed())
		swapped, broker := t.mutualTLS(), t.withBrokerCertificate()
		broker.Name = "broker"
		broker.Spec.Kafka.Security.BrokerPublicCertificateRef = &v1alpha1.CertificateReference{Kind: "Secret", Name: "values", Key: corev1.TLSCertKey}
		inline := t.withBrokerCertificate()
		inline.Name = "inline"
		inline.Spec.Kafka.Security.BrokerPublicCertificateRef = nil
		inline.Spec.Kafka.Security.BrokerPublicCertificate = certificate() + pair.SEC1()
		create(ctx, swapped, broker)
		Expect(kube.Create(ctx, inline)).To(MatchError(ContainSubstring("holds a private key")))
		for _, connection := range []*v1alpha1.StreamConnection{swapped, broker} {
			condition(ctx, connection, v1alpha1.ConditionSynced, "False InvalidCertificate",
				ContainSubstring("Secret "+t.namespace+"/values, key tls.crt"), ContainSubstring("holds a private key"))
			ready(ctx, connection, "False InvalidCertificate")
		}
		Consistently(func() []atlastest.Operation { return writes(t) }).Should(BeEmpty())

		t.setSecret(ctx, "values", map[string]string{corev1.TLSCertKey: certificate(), corev1.TLSPrivateKeyKey: pair.PKCS8()})
		ready(ctx, swapped, "True Ready")
		ready(ctx, broker, "True Ready")
	}, SpecTimeout(40*time.Second))

	It("of the spec are sent when they change, though Atlas does not return them and the key is the same", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "values", map[string]string{"key": pair.PKCS8()})
		connection := t.mutualTLS()
		connection.Spec.Kafka.Authentication = &v1alpha1.KafkaAuthentication{
			Mechanism: "SSL", SSLCertificate: certificate(), SSLKeySecretRef: &v1alpha1.SecretKeyReference{Name: "values", Key: "key"},
		}
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		sim.EditConnection(t.project, t.workspace, "rotated", func(fields map[string]any) {
			delete(fields["authentication"].(map[string]any), "sslCertificate")
		})
		since := sim.Now()
		Eventually(func() []atlastest.Operation { return t.operations(since, t.clientID) }).Should(ContainElements(atlastest.OpListConnections, atlastest.OpListConnections))
		renewed := certificate()
		edit(ctx, connection, func(c *v1alpha1.StreamConnection) { c.Spec.Kafka.Authentication.SSLCertificate = renewed })
		ready(ctx, connection, "True Ready")
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		Expect(t.inAtlas("rotated")).To(HaveKeyWithValue("authentication.sslCertificate", renewed))
		edit(ctx, connection, func(c *v1alpha1.StreamConnection) { c.Spec.DeletionPolicy = v1alpha1.Retain })
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		ready(ctx, connection, "True Ready")
		Consistently(func() []atlastest.Operation { return writes(t) }).Should(HaveLen(2), "another policy is nothing to send")
	}, SpecTimeout(40*time.Second))

	It("that expire are told while Atlas keeps what it has", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection := t.mutualTLS()
		expiring := pair.Certificate(time.Now().Add(-time.Hour), time.Now().Add(5*time.Second))
		create(ctx, &corev1.Secret{ObjectMeta: t.meta("values"), Type: corev1.SecretTypeTLS, StringData: map[string]string{
			corev1.TLSCertKey: strings.ReplaceAll(expiring, "\n", "\r\n"), corev1.TLSPrivateKeyKey: pair.PKCS8(),
		}}, connection)
		ready(ctx, connection, "True Ready")
		Expect(t.inAtlas("rotated")).To(HaveKeyWithValue("authentication.sslCertificate", expiring), "with other line ends")
		condition(ctx, connection, v1alpha1.ConditionSynced, "False InvalidCertificate", ContainSubstring("expired on"))
		ready(ctx, connection, "True Ready")
		Expect(writes(t)).To(HaveLen(1))
		t.setSecret(ctx, "values", map[string]string{corev1.TLSCertKey: certificate()})
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		Expect(writes(t)).To(HaveLen(2))
	}, SpecTimeout(40*time.Second))
})

func (t tenant) setBytes(ctx SpecContext, name string, data map[string][]byte) {
	GinkgoHelper()
	held := fetched(ctx, &corev1.Secret{ObjectMeta: t.meta(name)}).(*corev1.Secret)
	held.Data = data
	Expect(kube.Update(ctx, held)).To(Succeed())
}

func (t tenant) registry(name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: t.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: t.managedSpec(), WorkspaceName: t.workspace, Type: v1alpha1.TypeSchemaRegistry,
		SchemaRegistry: &v1alpha1.SchemaRegistryConnection{
			Provider: "CONFLUENT", URLs: []string{"https://registry.example.com"},
			Authentication: v1alpha1.SchemaRegistryAuthentication{
				Type: "USER_INFO", Username: "u", PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
			},
		},
	}}
}
