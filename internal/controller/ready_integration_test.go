package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Becoming Ready", func() {
	It("creates a link once and copies what Atlas says, word for word", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("orders")
		create(ctx, link)
		ready(ctx, link, "True Done")

		inAtlas := sim.PrivateLinks(t.project)
		Expect(inAtlas).To(HaveLen(1))
		Expect(inAtlas[0].Sent).To(HaveKeyWithValue("dnsSubDomain", BeEmpty()))
		Expect(link.Status.ID).To(Equal(inAtlas[0].ID))
		Expect(link.Status.State).To(Equal("DONE"))
		Expect(link.Status.Ownership).To(Equal(v1alpha1.OwnershipCreated))
		Expect(link.Status.InterfaceEndpointID).To(Equal(inAtlas[0].String("interfaceEndpointId")))
		Expect(link.Status.ObservedGeneration).To(Equal(link.Generation))
		Expect(link.Finalizers).To(ConsistOf(v1alpha1.Finalizer))

		message := meta.FindStatusCondition(link.Status.Conditions, v1alpha1.ConditionReady).Message
		Expect(message).To(Equal("state=DONE interfaceEndpointId=" + link.Status.InterfaceEndpointID))
		condition(ctx, link, v1alpha1.ConditionInterfaceEndpointReady, "True Reported", Equal(link.Status.InterfaceEndpointID))
		condition(ctx, link, v1alpha1.ConditionCredentialsReady, "True Accepted")
		condition(ctx, link, v1alpha1.ConditionSynced, "True Synced")
		Expect(hasCondition(link, v1alpha1.ConditionReconciling)).To(BeFalse())
		Expect(hasCondition(link, v1alpha1.ConditionStalled)).To(BeFalse())
		Eventually(func() []string { return eventReasons(ctx, link) }).Should(ConsistOf("Created", "Ready"))
	}, SpecTimeout(30*time.Second))

	It("brings a connection up over its link, applied in the wrong order", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection, link := t.kafka("orders", "path"), t.link("path")
		create(ctx, connection)
		ready(ctx, connection, "False LinkNotFound", ContainSubstring("StreamPrivateLink path"))
		create(ctx, link)
		condition(ctx, connection, v1alpha1.ConditionSynced, "False SecretNotFound", ContainSubstring(t.namespace+"/kafka"))
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		ready(ctx, connection, "True Ready")
		ready(ctx, link, "True Done")

		condition(ctx, connection, v1alpha1.ConditionDependenciesReady, "True LinkReady")
		inAtlas, ok := sim.Connection(t.project, t.workspace, "orders")
		Expect(ok).To(BeTrue())
		Expect(inAtlas.PrivateLinkID).To(Equal(link.Status.ID))
		Expect(connection.Status.PrivateLinkID).To(Equal(link.Status.ID))
		Expect(connection.Status.ID).To(Equal(inAtlas.ID))
		Expect(sim.Secrets(t.project, t.workspace, "orders")).To(HaveKeyWithValue("authentication.password", "planted-kafka-password"))
		Expect(sim.OverlappingWrites(t.project, t.workspace)).To(BeZero())
	}, SpecTimeout(30*time.Second))

	It("does not write to Atlas or the API server when nothing differs", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection := t.https("quiet")
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		settled := fresh(ctx, connection).ResourceVersion
		polls := func() (n int) {
			for _, r := range sim.RequestsOf(atlastest.OpListConnections) {
				if r.ProjectID == t.project {
					n++
				}
			}
			return n
		}
		before := polls()
		Eventually(polls).WithContext(ctx).Should(BeNumerically(">=", before+3), "steady polls go on")
		Expect(fresh(ctx, connection).ResourceVersion).To(Equal(settled))
		Expect(writes(t)).To(ConsistOf(atlastest.OpCreateConnection))
	}, SpecTimeout(30*time.Second))

	It("works with an API key", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.AddAPIKey("key-"+t.namespace, "planted-private-key", atlastest.ForProjects(t.project))
		t.createSecret(ctx, "api-key", map[string]string{"publicApiKey": "key-" + t.namespace, "privateApiKey": "planted-private-key"})
		link := t.link("digest")
		link.Spec.CredentialsRef.Name = "api-key"
		create(ctx, link)
		ready(ctx, link, "True Done")
	}, SpecTimeout(30*time.Second))

	It("says FAILED with Atlas's words and is Stalled, and comes back when Atlas does", func(ctx SpecContext) {
		t := newTenant(ctx)
		sim.FailNextPrivateLink(t.project, "the endpoint service refused the principal")
		link := t.link("failing")
		create(ctx, link)
		ready(ctx, link, "False Failed", HavePrefix("state=FAILED the endpoint service refused the principal. "))
		message := meta.FindStatusCondition(link.Status.Conditions, v1alpha1.ConditionReady).Message
		Expect(message).To(HaveSuffix(" set the annotation atlasstreams.io/recreate=\"" + link.Status.ID + "\"."))
		condition(ctx, link, v1alpha1.ConditionStalled, "True Failed", Equal("the endpoint service refused the principal"))
		Expect(link.Status.ErrorMessage).To(Equal("the endpoint service refused the principal"))
		Eventually(func() []string { return eventReasons(ctx, link) }).Should(ContainElement("Failed"))
		sim.SetPrivateLinkState(link.Status.ID, "DONE", "")
		ready(ctx, link, "True Done")
		Expect(hasCondition(link, v1alpha1.ConditionStalled)).To(BeFalse())
	}, SpecTimeout(30*time.Second))

	It("takes an unknown state as pending", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("strange")
		create(ctx, link)
		ready(ctx, link, "True Done")
		sim.SetPrivateLinkState(link.Status.ID, "REBALANCING", "")
		ready(ctx, link, "False UnknownState", Equal("state=REBALANCING interfaceEndpointId="+link.Status.InterfaceEndpointID))
		condition(ctx, link, v1alpha1.ConditionReconciling, "True Progressing")
	}, SpecTimeout(30*time.Second))
})

// writes are the operations that changed something in Atlas, in order.
func writes(t tenant) []atlastest.Operation {
	var operations []atlastest.Operation
	for _, r := range sim.Requests() {
		if r.ProjectID == t.project && r.Method != "GET" && r.Authenticated {
			operations = append(operations, r.Operation)
		}
	}
	return operations
}
