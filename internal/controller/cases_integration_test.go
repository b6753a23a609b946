package controller_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Secrets in manifests of users", func() {
	It("end with a line end, begin with a byte order mark, or are blank", func(ctx SpecContext) {
		t := newTenant(ctx)
		Expect(t.apply(ctx, "secret-line-ends.yaml")).To(BeEmpty())
		for _, name := range []string{"nl-plain", "nl-crlf", "nl-bom", "nl-oauth", "nl-registry", "nl-header"} {
			ready(ctx, &v1alpha1.StreamConnection{ObjectMeta: t.meta(name)}, "True Ready")
		}
		for name, secret := range map[string]string{
			"nl-plain": "authentication.password", "nl-crlf": "authentication.password", "nl-bom": "authentication.password",
			"nl-oauth": "authentication.clientSecret", "nl-registry": "schemaRegistryAuthentication.password",
		} {
			Expect(sim.Secrets(t.project, sampleWorkspace, name)).To(Equal(map[string]string{secret: "hunter2-secret-pw"}), name)
		}
		Expect(sim.Secrets(t.project, sampleWorkspace, "nl-header")).To(Equal(map[string]string{"headers.Authorization": "Bearer token-123456"}))
		condition(ctx, &v1alpha1.StreamConnection{ObjectMeta: t.meta("nl-blank")}, v1alpha1.ConditionSynced, "False KeyMissing",
			ContainSubstring("the value of the key blank is empty"))
	}, SpecTimeout(40*time.Second))

	It("are short words that an answer of Atlas consists of", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.Inject(atlastest.Fault{
			Operation: atlastest.OpCreateConnection, Match: func(r atlastest.Request) bool { return r.ProjectID == t.project },
			Status: 400, ErrorCode: "VALIDATION_ERROR", Detail: `Atlas takes at most 1 value, not "hunter2-secret-pw" or "longenoughsecret".`,
		})
		Expect(t.apply(ctx, "short-secrets.yaml")).To(BeEmpty())
		const refusal = "Atlas refused to create the connection: HTTP 400 VALIDATION_ERROR: Atlas takes at most 1 value, not "
		for name, rest := range map[string]string{
			"short-header": `"hunter2-secret-pw" or "longenoughsecret".`, // they are no secrets of this one
			"mixed-secret": `"hunter2-secret-pw" or "[redacted]".`,
			"echo-trimmed": `"[redacted]" or "longenoughsecret".`,
		} {
			condition(ctx, &v1alpha1.StreamConnection{ObjectMeta: t.meta(name)}, v1alpha1.ConditionSynced, "False Rejected", HavePrefix(refusal+rest))
		}
	}, SpecTimeout(40*time.Second))
})

var _ = Describe("Spellings in manifests of users", func() {
	It("name one service attachment in two ways, or none", func(ctx SpecContext) {
		t := newTenant(ctx)
		refused := t.apply(ctx, "gcp-attachments.yaml")
		Expect(refused).To(HaveLen(3))
		Expect(refused).To(HaveKeyWithValue("gcp-dup", ContainSubstring("must be unique")))
		Expect(refused).To(HaveKeyWithValue("gcp-junk", ContainSubstring("are service attachments of Google Cloud")))
		Expect(refused).To(HaveKeyWithValue("gcp-otherregion", ContainSubstring("region is not the one that gcpServiceAttachmentUris name")))
		Eventually(func() []string {
			return []string{t.reasonOf(ctx, "gcp-short"), t.reasonOf(ctx, "gcp-self")}
		}).Should(ConsistOf("Done", "AlreadyManaged"))
		Eventually(func() string { return t.reasonOf(ctx, "gcp-slash") }).Should(Equal("Done"), "a full name without its host")
		Expect(sim.AllPrivateLinks(t.project)).To(HaveLen(2))
	}, SpecTimeout(40*time.Second))

	It("name a region of a cloud in ten ways", func(ctx SpecContext) {
		t := newTenant(ctx)
		for region, provider := range map[string]string{
			"US_EAST_1": "AWS", "US_EAST_2": "AZURE", "CENTRAL_US": "GCP", "EUROPE_WEST_3": "GCP", "NORTHEASTERN_ASIA_PACIFIC": "GCP",
		} {
			sim.PutPrivateEndpointService(t.project, provider, map[string]any{"regionName": region}, atlastest.StateAvailable)
		}
		Expect(t.apply(ctx, "service-regions.yaml")).To(BeEmpty())
		for _, name := range []string{
			"az-eastus2", "az-atlas", "gcp-cloud", "gcp-atlas", "gcp-fra", "gcp-tokyo", "aws-lower", "aws-space", "aws-nodash", "aws-sp",
		} {
			serviceReady(ctx, &v1alpha1.PrivateEndpointService{ObjectMeta: t.meta(name)}, "True Available")
		}
	}, SpecTimeout(40*time.Second))

	It("have the cloud's name of a region where another tool had Atlas's", func(ctx SpecContext) {
		t := newTenant(ctx)
		made := sim.PutPrivateLink(t.project, map[string]any{
			"provider": "AZURE", "vendor": "EVENTHUB", "region": "US_EAST_2", "dnsDomain": "orders.servicebus.windows.net",
			"serviceEndpointId": "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.EventHub/namespaces/adopt",
		}, atlastest.StateDone)
		Expect(t.apply(ctx, "link-region.yaml")).To(BeEmpty())
		link := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("adopt-azure")}
		ready(ctx, link, "True Done")
		Expect(link.Status.ID).To(Equal(made))
		Expect(writes(t)).To(BeEmpty())
	}, SpecTimeout(40*time.Second))
})

var _ = Describe("Edits by users", func() {
	It("replace a link, and with it the finalizer", func(ctx SpecContext) {
		t := newTenant(ctx)
		Expect(t.apply(ctx, "replaced-link.yaml")).To(BeEmpty())
		link := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("repl")}
		ready(ctx, link, "True Done")
		replacement := t.read("replaced-link.yaml")[0]
		replacement.SetResourceVersion(link.ResourceVersion)
		Expect(kube.Update(ctx, replacement)).To(Succeed())
		Expect(replacement.GetFinalizers()).To(BeEmpty())
		Eventually(func() []string { return fresh(ctx, link).Finalizers }).Should(ContainElement(v1alpha1.Finalizer))
		Expect(kube.Delete(ctx, link)).To(Succeed())
		gone(ctx, link)
		Expect(sim.PrivateLinks(t.project)).To(BeEmpty())
	}, SpecTimeout(40*time.Second))

	It("come from two owners of fields", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "pw", map[string]string{"password": "planted-kafka-password"})
		Expect(t.apply(ctx, "edited-connection.yaml")).To(BeEmpty())
		connection := &v1alpha1.StreamConnection{ObjectMeta: t.meta("ssa")}
		ready(ctx, connection, "True Ready")
		theirs := t.read("edited-connection.yaml")[0]
		Expect(unstructured.SetNestedStringMap(theirs.Object, map[string]string{"auto.offset.reset": "latest"}, "spec", "kafka", "config")).To(Succeed())
		other := client.FieldOwner("other")
		Expect(kube.Apply(ctx, client.ApplyConfigurationFromUnstructured(theirs), other)).To(MatchError(ContainSubstring("conflict")))
		Expect(kube.Apply(ctx, client.ApplyConfigurationFromUnstructured(theirs), other, client.ForceOwnership)).To(Succeed())
		condition(ctx, connection, v1alpha1.ConditionReady, "True Ready")
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		Expect(writes(t)).To(Equal([]atlastest.Operation{atlastest.OpCreateConnection, atlastest.OpUpdateConnection}))
	}, SpecTimeout(40*time.Second))

	It("lead a connection over another link than it has in Atlas", func(ctx SpecContext) {
		t := newTenant(ctx)
		Expect(t.apply(ctx, "link-reference.yaml")).To(BeEmpty())
		connection, used := &v1alpha1.StreamConnection{ObjectMeta: t.meta("cc")}, &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("la")}
		ready(ctx, connection, "True Ready")
		ready(ctx, &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("lb")}, "True Done")
		mergePatch(ctx, connection, `{"spec":{"networking":{"privateLinkRef":{"name":"lb"}}}}`)
		ready(ctx, connection, "False RecreateRequired")
		Expect(kube.Delete(ctx, used)).To(Succeed())
		ready(ctx, used, "False InUse", ContainSubstring(t.namespace+"/cc"))
		Expect(used.Status.UsedBy).To(ConsistOf(t.namespace + "/cc"))
	}, SpecTimeout(40*time.Second))

	It("replace a connection whose deletion a foreign finalizer holds", func(ctx SpecContext) {
		t := newTenant(ctx)
		Expect(t.apply(ctx, "successor.yaml")).To(BeEmpty())
		old := &v1alpha1.StreamConnection{ObjectMeta: t.meta("old")}
		ready(ctx, old, "True Ready")
		Expect(kube.Delete(ctx, old)).To(Succeed())
		Eventually(func() []string { return fresh(ctx, old).Finalizers }).Should(Equal([]string{"example.com/backup"}))
		successor := &v1alpha1.StreamConnection{ObjectMeta: t.meta("new"), Spec: old.Spec}
		create(ctx, successor)
		ready(ctx, successor, "True Ready")
		mergePatch(ctx, old, `{"metadata":{"finalizers":[]}}`)
	}, SpecTimeout(40*time.Second))

	It("adopt a link that differs in what cannot change, and follow the advice", func(ctx SpecContext) {
		t := newTenant(ctx)
		made := sim.PutPrivateLink(t.project, map[string]any{
			"provider": "AWS", "vendor": "MSK", "authenticationScheme": "SASL_SCRAM",
			"arn": "arn:aws:kafka:us-east-1:123456789012:cluster/adopt/3b1f0e5a-8d2c-4d57-9a57-6f0c1f2f7a11-5",
		}, atlastest.StateDone)
		Expect(t.apply(ctx, "adopted-differs.yaml")).To(BeEmpty())
		link := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("adopted")}
		ready(ctx, link, "False RecreateRequired", And(ContainSubstring("authenticationScheme"), ContainSubstring(made),
			ContainSubstring("delete this resource with deletionPolicy Retain, and create it with the values that Atlas has")))
		edit(ctx, link, func(l *v1alpha1.StreamPrivateLink) { l.Spec.DeletionPolicy = v1alpha1.Retain })
		Expect(kube.Delete(ctx, link)).To(Succeed())
		gone(ctx, link)
		again := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("adopted"), Spec: link.Spec}
		again.Spec.AuthenticationScheme = "SASL_SCRAM"
		create(ctx, again)
		ready(ctx, again, "True Done")
		Expect(again.Status.ID).To(Equal(made))
		Expect(writes(t)).To(BeEmpty())
	}, SpecTimeout(40*time.Second))
})

var _ = Describe("Answers to users' creations", func() {
	DescribeTable("are lost, and one object is made", func(ctx SpecContext, fault atlastest.Fault) {
		t := newTenant(ctx)
		for _, op := range []atlastest.Operation{atlastest.OpCreatePrivateLink, atlastest.OpCreateConnection} {
			fault.Operation, fault.Times, fault.Match = op, 1, func(r atlastest.Request) bool { return r.ProjectID == t.project }
			sim.Inject(fault)
		}
		Expect(t.apply(ctx, "lost-create.yaml")).To(BeEmpty())
		ready(ctx, &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("lost")}, "True Done")
		ready(ctx, &v1alpha1.StreamConnection{ObjectMeta: t.meta("lostc")}, "True Ready")
		Expect(sim.AllPrivateLinks(t.project)).To(HaveLen(1))
		Expect(writes(t)).To(ConsistOf(atlastest.OpCreatePrivateLink, atlastest.OpCreateConnection))
	},
		Entry("500", atlastest.Fault{Status: 500, AfterCommit: true}, SpecTimeout(60*time.Second)),
		Entry("503 with a page", atlastest.Fault{Status: 503, Page: atlastest.PageNginx, AfterCommit: true}, SpecTimeout(60*time.Second)),
		Entry("409", atlastest.Fault{Status: 409, ErrorCode: "STREAM_CONNECTION_NAME_ALREADY_EXISTS", AfterCommit: true}, SpecTimeout(60*time.Second)),
		Entry("no answer", atlastest.Fault{DropAfter: true}, SpecTimeout(60*time.Second)),
	)

	It("are failures that do not end, and say why", func(ctx SpecContext) {
		t := newTenant(ctx)
		fails := sim.Inject(atlastest.Fault{
			Operation: atlastest.OpCreatePrivateLink, Match: func(r atlastest.Request) bool { return r.ProjectID == t.project },
			Status: 500, ErrorCode: "UNEXPECTED_ERROR", Detail: "bad region",
		})
		Expect(t.apply(ctx, "lost-create.yaml")).To(BeEmpty())
		link := &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta("lost")}
		Eventually(func() string { fresh(ctx, link); return describe(link) }).WithTimeout(30 * time.Second).
			Should(And(ContainSubstring("HTTP 500 UNEXPECTED_ERROR"), ContainSubstring("bad region")))
		fails.Remove()
		Eventually(func() string { return t.reasonOf(ctx, "lost") }).WithTimeout(50 * time.Second).Should(Equal("Done"))
		Expect(sim.AllPrivateLinks(t.project)).To(HaveLen(1))
	}, SpecTimeout(90*time.Second))

	DescribeTable("come from a proxy", func(ctx SpecContext, status int, page atlastest.Page) {
		t := newTenant(ctx)
		proxy := sim.Inject(atlastest.Fault{Status: status, Page: page, Match: func(r atlastest.Request) bool { return r.ProjectID == t.project }})
		Expect(t.apply(ctx, "proxy.yaml")).To(BeEmpty())
		connection := &v1alpha1.StreamConnection{ObjectMeta: t.meta("px")}
		ready(ctx, connection, "False AtlasUnreachable")
		Expect(describe(connection)).NotTo(Or(ContainSubstring("CredentialsReady=False"), ContainSubstring("Stalled=True")))
		proxy.Remove()
		annotate(ctx, connection, v1alpha1.AnnotationReconcileRequestedAt, "without the proxy")
		ready(ctx, connection, "True Ready")

		proxy = sim.Inject(atlastest.Fault{Status: status, Page: page, Match: func(r atlastest.Request) bool { return r.ProjectID == t.project }})
		annotate(ctx, connection, v1alpha1.AnnotationReconcileRequestedAt, "behind the proxy")
		Eventually(proxy.Count).Should(BeNumerically(">", 1))
		ready(ctx, connection, "True Ready")
		Expect(kube.Delete(ctx, &corev1.Secret{ObjectMeta: t.meta("atlas")})).To(Succeed())
		Expect(kube.Delete(ctx, connection)).To(Succeed())
		proxy.Remove()
		again := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"`+v1alpha1.AnnotationReconcileRequestedAt+`":"again"}}}`))
		Expect(client.IgnoreNotFound(kube.Patch(ctx, connection, again))).To(Succeed())
		gone(ctx, connection)
		Expect(sim.Connections(t.project, sampleWorkspace)).To(BeEmpty(), "with remembered credentials")
	},
		Entry(nil, 403, atlastest.PageFilter, SpecTimeout(60*time.Second)),
		Entry(nil, 401, atlastest.PageNginx, SpecTimeout(60*time.Second)),
		Entry(nil, 407, atlastest.PageFilter, SpecTimeout(60*time.Second)),
		Entry(nil, 302, atlastest.PageLogin, SpecTimeout(60*time.Second)),
		Entry(nil, 200, atlastest.PageLogin, SpecTimeout(60*time.Second)),
		Entry(nil, 503, atlastest.PageNginx, SpecTimeout(60*time.Second)),
	)
})

// read reads a manifest of testdata/cases into the tenant's namespace and project.
func (t tenant) read(file string) []*unstructured.Unstructured {
	GinkgoHelper()
	data, err := os.ReadFile(filepath.Join("testdata", "cases", file))
	Expect(err).NotTo(HaveOccurred())
	var objects []*unstructured.Unstructured
	for document := range strings.SplitSeq(string(data), "\n---\n") {
		object := &unstructured.Unstructured{}
		Expect(yaml.UnmarshalStrict([]byte(document), &object.Object)).To(Succeed(), document)
		object.SetNamespace(t.namespace)
		if isOurs(object) {
			setText(object, t.project, "spec", "projectId")
		}
		objects = append(objects, object)
	}
	return objects
}

// apply applies a manifest and returns why objects were refused, by their names.
func (t tenant) apply(ctx context.Context, file string) map[string]string {
	GinkgoHelper()
	sim.AddWorkspace(t.project, sampleWorkspace)
	refused := map[string]string{}
	for _, object := range t.read(file) {
		if err := kube.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner("user")); err != nil {
			refused[object.GetName()] = err.Error()
		}
	}
	return refused
}

// reasonOf is that of a link's Ready, empty while there is none.
func (t tenant) reasonOf(ctx context.Context, name string) string {
	GinkgoHelper()
	link := fresh(ctx, &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta(name)})
	for _, c := range link.Status.Conditions {
		if c.Type == v1alpha1.ConditionReady && c.ObservedGeneration == link.Generation {
			return c.Reason
		}
	}
	return ""
}
