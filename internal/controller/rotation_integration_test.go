package controller_test

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv/keypair"
)

// soon is what users are promised about a changed Secret.
const soon = 5 * time.Second

const nextClientSecret = "planted-next-client-secret"

// rotation is a value that a connection takes from a Secret or ConfigMap.
type rotation struct {
	// holder is the Secret or ConfigMap, called "values", with its first values.
	holder     func(t tenant) client.Object
	key        string
	connection func(t tenant) *v1alpha1.StreamConnection
	// member is where Atlas has the value.
	member string
	// values are what the key holds later on; without any, some words.
	values func() []string
}

// pair is the key of the client certificates of all rotations.
var pair = keypair.New()

// later returns two values that are not the first one.
func (r rotation) later() (second, third string) {
	if r.values == nil {
		return "planted-second-value", "planted-third-value"
	}
	values := r.values()
	return values[0], values[1]
}

func certificates() []string { return []string{certificate(), certificate()} }

// certificate is each time another one.
func certificate() string {
	return pair.Certificate(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
}

var rotations = map[string]rotation{
	"a client secret": {holder: valuesSecret("secret"), key: "secret", member: "authentication.clientSecret", connection: tenant.oauth},
	"the key of a tls Secret": {
		holder: tlsSecret, key: corev1.TLSPrivateKeyKey, member: "authentication.sslKey", connection: tenant.mutualTLS,
		values: func() []string { return []string{pair.SEC1(), pair.PKCS8() + pair.SEC1()} },
	},
	"the certificate of a tls Secret": {
		holder: tlsSecret, key: corev1.TLSCertKey, member: "authentication.sslCertificate", connection: tenant.mutualTLS,
		values: certificates,
	},
	"a header": {holder: valuesSecret("Authorization"), key: "Authorization", member: "headers.Authorization", connection: tenant.withHeaders},
	"a broker certificate": {
		holder: valuesConfigMap, key: "ca.crt", member: "security.brokerPublicCertificate", connection: tenant.withBrokerCertificate,
		values: certificates,
	},
}

var _ = Describe("Rotation", func() {
	sends := func(ctx SpecContext, name string) {
		r, t := rotations[name], newTenant(ctx)
		connection := r.connection(t)
		create(ctx, r.holder(t), connection)
		ready(ctx, connection, "True Ready")
		second, _ := r.later()
		t.setValue(ctx, r, second)
		Eventually(func() map[string]any { return t.inAtlas("rotated") }).WithTimeout(soon).
			Should(HaveKeyWithValue(r.member, HavePrefix(strings.TrimSpace(second))))
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		ready(ctx, connection, "True Ready")
		Consistently(func() []atlastest.Operation { return writes(t) }).
			Should(Equal([]atlastest.Operation{atlastest.OpCreateConnection, atlastest.OpUpdateConnection}))
	}
	keeps := func(ctx SpecContext, name string, drop func(context.Context, tenant, rotation), reason string) {
		r, t := rotations[name], newTenant(ctx)
		connection := r.connection(t)
		create(ctx, r.holder(t), connection)
		ready(ctx, connection, "True Ready")
		before := t.inAtlas("rotated")
		drop(ctx, t, r)
		condition(ctx, connection, v1alpha1.ConditionSynced, "False "+reason, ContainSubstring(t.namespace+"/values"))
		ready(ctx, connection, "True Ready")
		Consistently(func() bool { return fresh(ctx, connection) != nil && maps.Equal(t.inAtlas("rotated"), before) }).Should(BeTrue())
		Expect(writes(t)).To(HaveLen(1), "the good state stays")
		ready(ctx, connection, "True Ready")
		_, third := r.later()
		t.restore(ctx, r, third)
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		Eventually(func() map[string]any { return t.inAtlas("rotated") }).Should(HaveKeyWithValue(r.member, HavePrefix(strings.TrimSpace(third))))
	}
	It("reads Secrets without a log line, however much is logged", func(ctx SpecContext) {
		r, t := rotations["a header"], newTenant(ctx)
		connection := r.connection(t)
		create(ctx, r.holder(t), connection)
		ready(ctx, connection, "True Ready")
		// The API client shows bodies as hexadecimal dumps, which hide words from a search: this is how one of a Secret
		// begins.
		Expect(logs.String()).NotTo(ContainSubstring("|k8s.....v1..Secr|"))
		Expect(logs.String()).To(ContainSubstring("Response"), "requests are logged at all")
	}, SpecTimeout(40*time.Second))

	for name := range rotations {
		It("brings "+name+" to Atlas within seconds, in one PATCH", func(ctx SpecContext) { sends(ctx, name) }, SpecTimeout(40*time.Second))
	}
	DescribeTable("keeps the last good state in Atlas and says what is missing", keeps,
		Entry("a Secret", "a client secret", removeHolder, v1alpha1.ReasonSecretNotFound, SpecTimeout(40*time.Second)),
		Entry("a ConfigMap", "a broker certificate", removeHolder, v1alpha1.ReasonConfigMapNotFound, SpecTimeout(40*time.Second)),
		Entry("the Secret of the headers", "a header", removeHolder, v1alpha1.ReasonSecretNotFound, SpecTimeout(40*time.Second)),
		Entry("a key of a Secret", "a client secret", removeKey, v1alpha1.ReasonKeyMissing, SpecTimeout(40*time.Second)),
		Entry("a key of a ConfigMap", "a broker certificate", removeKey, v1alpha1.ReasonKeyMissing, SpecTimeout(40*time.Second)),
	)

	It("changes over to another service account unseen, while the old one still works", func(ctx SpecContext) {
		t := newTenant(ctx)
		next := t.clientID + "_next"
		rotateCredentials(ctx, t, next,
			func() { sim.AddServiceAccount(next, nextClientSecret, atlastest.ForProjects(t.project)) },
			func() { sim.RevokeCredential(t.clientID) })
	}, SpecTimeout(40*time.Second))

	It("changes over to another secret of the service account unseen, while tokens of the old one still work", func(ctx SpecContext) {
		t := newTenant(ctx)
		rotateCredentials(ctx, t, t.clientID,
			func() { sim.UpdateCredential(t.clientID, atlastest.Secret(nextClientSecret)) }, func() {})
	}, SpecTimeout(40*time.Second))
})

// rotateCredentials puts the next credentials into the Secret while the old ones still work: nobody notices.
func rotateCredentials(ctx context.Context, t tenant, clientID string, before, after func()) {
	GinkgoHelper()
	t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
	link, connection := t.link("steady"), t.kafka("steady", "")
	create(ctx, link, connection)
	ready(ctx, link, "True Done")
	ready(ctx, connection, "True Ready")
	condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
	versions := []string{link.ResourceVersion, connection.ResourceVersion}
	written := writes(t)

	before()
	since := sim.Now()
	t.setSecret(ctx, "atlas", map[string]string{"clientId": clientID, "clientSecret": nextClientSecret})
	Eventually(func() []atlastest.Operation { return t.operations(since, clientID) }).WithTimeout(soon).Should(ContainElement(atlastest.OpToken))
	after()
	// Each kind is looked at with nothing but the new credentials.
	since = sim.Now()
	Eventually(func() []atlastest.Operation { return t.operations(since, clientID) }).Should(And(
		ContainElement(BeElementOf(atlastest.OpListPrivateLinks, atlastest.OpGetPrivateLink)),
		ContainElement(BeElementOf(atlastest.OpListConnections, atlastest.OpGetConnection))))
	Expect(sim.Requests()).NotTo(ContainElement(And(HaveField("ProjectID", t.project), HaveField("Status", BeElementOf(401, 403)))))
	Expect([]string{fresh(ctx, link).ResourceVersion, fresh(ctx, connection).ResourceVersion}).To(Equal(versions), "nothing to tell")
	Expect(writes(t)).To(Equal(written), "nothing to send")

	// The values are known by a digest whose key went with the old credentials: the next touch sends them once more.
	label := func(value string) {
		secret := &corev1.Secret{ObjectMeta: t.meta("kafka")}
		patch := client.MergeFrom(secret.DeepCopy())
		metav1.SetMetaDataLabel(&secret.ObjectMeta, "touched", value)
		Expect(kube.Patch(ctx, secret, patch)).To(Succeed())
	}
	label("once")
	written = append(written, atlastest.OpUpdateConnection)
	Eventually(func() []atlastest.Operation { return writes(t) }).Should(Equal(written))
	condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
	label("twice")
	Consistently(func() []atlastest.Operation { return writes(t) }).Should(Equal(written))
}

// operations are what credentials were used for in the tenant's project since then, and tokens for them.
func (t tenant) operations(since time.Time, credentialID string) []atlastest.Operation {
	var operations []atlastest.Operation
	for _, r := range sim.Requests() {
		if r.CredentialID == credentialID && r.Time.After(since) && (r.ProjectID == t.project || r.Operation == atlastest.OpToken) {
			operations = append(operations, r.Operation)
		}
	}
	return operations
}

// inAtlas is what Atlas holds for a connection, secrets included, by the path of each value.
func (t tenant) inAtlas(name string) map[string]any {
	found, _ := sim.Connection(t.project, t.workspace, name)
	flat := map[string]any{}
	flatten(flat, "", found.Fields)
	for path, value := range sim.Secrets(t.project, t.workspace, name) {
		flat[path] = value
	}
	// A client certificate is neither echoed nor a secret: the last write has it.
	for _, r := range sim.RequestsWithSecrets() {
		var body struct {
			Authentication struct {
				SSLCertificate string `json:"sslCertificate"`
			} `json:"authentication"`
		}
		if r.ProjectID == t.project && r.Body != "" && r.Status == 200 && json.Unmarshal([]byte(r.Body), &body) == nil {
			flat["authentication.sslCertificate"] = body.Authentication.SSLCertificate
		}
	}
	return flat
}

func flatten(into map[string]any, path string, value any) {
	fields, ok := value.(map[string]any)
	if !ok {
		into[path] = value
		return
	}
	for key, member := range fields {
		flatten(into, strings.TrimPrefix(path+"."+key, "."), member)
	}
}

func valuesSecret(key string) func(tenant) client.Object {
	return func(t tenant) client.Object {
		return &corev1.Secret{ObjectMeta: t.meta("values"), StringData: map[string]string{key: "planted-first-value", "other": "planted-other-value"}}
	}
}

func tlsSecret(t tenant) client.Object {
	return &corev1.Secret{ObjectMeta: t.meta("values"), Type: corev1.SecretTypeTLS, StringData: map[string]string{
		corev1.TLSCertKey: certificate(), corev1.TLSPrivateKeyKey: pair.PKCS8(),
	}}
}

func valuesConfigMap(t tenant) client.Object {
	return &corev1.ConfigMap{ObjectMeta: t.meta("values"), Data: map[string]string{"ca.crt": certificate()}}
}

func (t tenant) setValue(ctx context.Context, r rotation, value string) {
	GinkgoHelper()
	switch held := fetched(ctx, r.holder(t)).(type) {
	case *corev1.Secret:
		held.StringData = map[string]string{r.key: value}
		Expect(kube.Update(ctx, held)).To(Succeed())
	case *corev1.ConfigMap:
		held.Data = map[string]string{r.key: value}
		Expect(kube.Update(ctx, held)).To(Succeed())
	}
}

func fetched(ctx context.Context, object client.Object) client.Object {
	GinkgoHelper()
	Expect(kube.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
	return object
}

func removeHolder(ctx context.Context, t tenant, r rotation) {
	GinkgoHelper()
	Expect(kube.Delete(ctx, r.holder(t))).To(Succeed())
}

func removeKey(ctx context.Context, t tenant, r rotation) {
	GinkgoHelper()
	switch held := fetched(ctx, r.holder(t)).(type) {
	case *corev1.Secret:
		delete(held.Data, r.key)
		Expect(kube.Update(ctx, held)).To(Succeed())
	case *corev1.ConfigMap:
		delete(held.Data, r.key)
		Expect(kube.Update(ctx, held)).To(Succeed())
	}
}

// restore makes the holder anew if it is gone, and gives it a value.
func (t tenant) restore(ctx context.Context, r rotation, value string) {
	GinkgoHelper()
	Expect(client.IgnoreAlreadyExists(kube.Create(ctx, r.holder(t)))).To(Succeed())
	t.setValue(ctx, r, value)
}

func (t tenant) rotated(spec v1alpha1.KafkaConnection) *v1alpha1.StreamConnection {
	spec.BootstrapServers = "broker.example.com:9092"
	return &v1alpha1.StreamConnection{ObjectMeta: t.meta("rotated"), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: t.managedSpec(), WorkspaceName: t.workspace, Type: v1alpha1.TypeKafka, Kafka: &spec,
	}}
}

func (t tenant) oauth() *v1alpha1.StreamConnection {
	return t.rotated(v1alpha1.KafkaConnection{
		Authentication: &v1alpha1.KafkaAuthentication{
			Mechanism: "OAUTHBEARER", Method: "OIDC", TokenEndpointURL: "https://login.example.com/token", ClientID: "orders",
			ClientSecretRef: &v1alpha1.SecretKeyReference{Name: "values", Key: "secret"},
		},
		Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
	})
}

func (t tenant) mutualTLS() *v1alpha1.StreamConnection {
	return t.rotated(v1alpha1.KafkaConnection{
		Authentication: &v1alpha1.KafkaAuthentication{Mechanism: "SSL", TLSSecretRef: &v1alpha1.LocalReference{Name: "values"}},
		Security:       &v1alpha1.KafkaSecurity{Protocol: "SSL"},
	})
}

func (t tenant) withBrokerCertificate() *v1alpha1.StreamConnection {
	return t.rotated(v1alpha1.KafkaConnection{Security: &v1alpha1.KafkaSecurity{
		Protocol:                   "SASL_SSL",
		BrokerPublicCertificateRef: &v1alpha1.CertificateReference{Kind: "ConfigMap", Name: "values", Key: "ca.crt"},
	}})
}

func (t tenant) withHeaders() *v1alpha1.StreamConnection {
	connection := t.https("rotated")
	connection.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "values"}
	return connection
}
