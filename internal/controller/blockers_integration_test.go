package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("What can be wrong", func() {
	It("names a missing Secret and wakes up when it comes", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("waiting")
		link.Spec.CredentialsRef.Name = "later"
		create(ctx, link)
		condition(ctx, link, v1alpha1.ConditionCredentialsReady, "False SecretNotFound", ContainSubstring("Secret "+t.namespace+"/later"))
		ready(ctx, link, "False SecretNotFound")
		condition(ctx, link, v1alpha1.ConditionReconciling, "True Progressing")
		t.createSecret(ctx, "later", map[string]string{"clientId": t.clientID})
		condition(ctx, link, v1alpha1.ConditionCredentialsReady, "False KeyMissing", ContainSubstring("lacks clientSecret"))
		t.setSecret(ctx, "later", map[string]string{"clientSecret": t.clientSecret})
		ready(ctx, link, "True Done")
		condition(ctx, link, v1alpha1.ConditionCredentialsReady, "True Accepted")
	}, SpecTimeout(30*time.Second))

	It("says that Atlas does not know the credentials, and recovers with the Secret", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.setSecret(ctx, "atlas", map[string]string{"clientSecret": "planted-wrong-secret"})
		link := t.link("unauthorized")
		create(ctx, link)
		condition(ctx, link, v1alpha1.ConditionCredentialsReady, "False Unauthorized", ContainSubstring("Secret "+t.namespace+"/atlas"))
		ready(ctx, link, "False Unauthorized")
		t.setSecret(ctx, "atlas", map[string]string{"clientSecret": t.clientSecret})
		ready(ctx, link, "True Done")
	}, SpecTimeout(30*time.Second))

	It("says which role is missing, does not storm, and recovers when it is given", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.UpdateCredential(t.clientID, atlastest.ReadOnly(true))
		link := t.link("forbidden")
		create(ctx, link)
		condition(ctx, link, v1alpha1.ConditionCredentialsReady, "False Forbidden", ContainSubstring("Project Stream Processing Owner"))
		Consistently(func() []atlastest.Operation { return writes(t) }).Should(HaveLen(1))
		Expect(fresh(ctx, link).Status.CreateRequestedAt).To(BeNil(), "a definite refusal closes the claim")
		sim.UpdateCredential(t.clientID, atlastest.ReadOnly(false))
		annotate(ctx, link, v1alpha1.AnnotationReconcileRequestedAt, "now")
		ready(ctx, link, "True Done")
		Expect(link.Status.LastHandledReconcileAt).To(Equal("now"))
	}, SpecTimeout(30*time.Second))

	It("names a missing project and a missing workspace, and goes on when they come", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.UpdateCredential(t.clientID, atlastest.ForProjects())
		link, connection := t.link("project"), t.https("workspace")
		link.Spec.ProjectID = "0123456789abcdef0" + t.project[17:]
		connection.Spec.WorkspaceName = "later"
		create(ctx, link, connection)
		ready(ctx, link, "False ProjectNotFound", ContainSubstring("GROUP_NOT_FOUND"))
		ready(ctx, connection, "False WorkspaceNotFound", ContainSubstring("STREAM_TENANT_NOT_FOUND_FOR_NAME"))
		condition(ctx, connection, v1alpha1.ConditionCredentialsReady, "True Accepted")
		sim.AddProject(link.Spec.ProjectID)
		sim.AddWorkspace(t.project, "later")
		ready(ctx, link, "True Done")
		ready(ctx, connection, "True Ready")
	}, SpecTimeout(40*time.Second))

	It("is Stalled when Atlas names the wrong fields, and can be edited", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.Inject(atlastest.Fault{
			Operation: atlastest.OpCreateConnection, Match: func(r atlastest.Request) bool { return r.ProjectID == t.project },
			Times: 1, Status: 400, ErrorCode: "VALIDATION_ERROR", Detail: "Invalid attribute url specified.",
			Fields: []atlastest.FieldError{{Field: "url", Description: "not reachable"}},
		})
		connection := t.https("rejected")
		create(ctx, connection)
		ready(ctx, connection, "False Rejected", And(ContainSubstring("VALIDATION_ERROR"), ContainSubstring("url: not reachable")))
		condition(ctx, connection, v1alpha1.ConditionStalled, "True Rejected")
		edit(ctx, connection, func(c *v1alpha1.StreamConnection) { c.Spec.HTTPS.URL = "https://example.com/right" })
		ready(ctx, connection, "True Ready")
	}, SpecTimeout(30*time.Second))

	It("waits, not Stalled, when the region has no cluster", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.SetClusterMissing(t.project, "AWS", "us-east-1", true)
		link := t.link("nocluster")
		create(ctx, link)
		ready(ctx, link, "False Rejected", ContainSubstring("VALIDATION_ERROR"))
		condition(ctx, link, v1alpha1.ConditionReconciling, "True Progressing")
		Expect(hasCondition(link, v1alpha1.ConditionStalled)).To(BeFalse())
		Consistently(func() []atlastest.Operation { return writes(t) }).Should(HaveLen(1))
	}, SpecTimeout(30*time.Second))

	It("keeps Ready when the credentials go, and says so", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection := t.https("steady")
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		Expect(kube.Delete(ctx, &corev1.Secret{ObjectMeta: t.meta("atlas")})).To(Succeed())
		condition(ctx, connection, v1alpha1.ConditionCredentialsReady, "False SecretNotFound")
		ready(ctx, connection, "True Ready")
		Expect(hasCondition(connection, v1alpha1.ConditionReconciling)).To(BeFalse())
		edit(ctx, connection, func(c *v1alpha1.StreamConnection) { c.Spec.HTTPS.URL = "https://example.com/changed" })
		ready(ctx, connection, "False SecretNotFound")
	}, SpecTimeout(30*time.Second))

	It("is Stalled behind a link of another project or one that is Stalled, until that changes", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		sim.FailNextPrivateLink(t.project, "no such service")
		link, connection := t.link("stalled"), t.kafka("behind", "stalled")
		create(ctx, link, connection)
		ready(ctx, connection, "False DependencyStalled")
		condition(ctx, connection, v1alpha1.ConditionStalled, "True DependencyStalled")
		ready(ctx, link, "False Failed")
		sim.SetPrivateLinkState(link.Status.ID, "DONE", "")
		ready(ctx, connection, "True Ready")

		other := newTenant(ctx)
		foreign, stranger := t.link("foreign"), t.kafka("stranger", "foreign")
		foreign.Spec.ProjectID = other.project
		create(ctx, foreign, stranger)
		ready(ctx, stranger, "False ProjectMismatch")
		condition(ctx, stranger, v1alpha1.ConditionStalled, "True ProjectMismatch")
	}, SpecTimeout(30*time.Second))
})
