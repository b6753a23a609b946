package controller_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

func mergePatch(ctx context.Context, object client.Object, patch string) {
	GinkgoHelper()
	Expect(kube.Patch(ctx, object, client.RawPatch(types.MergePatchType, []byte(patch)))).To(Succeed())
}

var _ = Describe("What others do to resources", func() {
	It("puts a finalizer back that was taken away", func(ctx SpecContext) {
		t := newTenant(ctx)
		link, connection := t.link("stripped"), t.https("stripped")
		create(ctx, link, connection)
		ready(ctx, link, "True Done")
		ready(ctx, connection, "True Ready")
		for _, object := range []resource{link, connection} {
			mergePatch(ctx, object, `{"metadata":{"finalizers":[]}}`)
			Eventually(ctx, func(g Gomega) {
				g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
				g.Expect(object.GetFinalizers()).To(ContainElement(v1alpha1.Finalizer))
			}).Should(Succeed())
			Expect(kube.Delete(ctx, object)).To(Succeed())
			gone(ctx, object)
		}
		Expect(sim.PrivateLinks(t.project)).To(BeEmpty())
		Expect(sim.Connections(t.project, t.workspace)).To(BeEmpty())
	}, SpecTimeout(40*time.Second))

	It("puts a status back that was taken away", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("wiped")
		create(ctx, link)
		ready(ctx, link, "True Done")
		id := link.Status.ID
		link.Status = v1alpha1.StreamPrivateLinkStatus{}
		Expect(kube.Status().Update(ctx, link)).To(Succeed())
		Eventually(ctx, func(g Gomega) {
			g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(link), link)).To(Succeed())
			g.Expect(link.Status.ID).To(Equal(id))
			g.Expect(link.Status.Ownership).To(Equal(v1alpha1.OwnershipCreated))
		}).Should(Succeed())
		ready(ctx, link, "True Done")
		Expect(sim.AllPrivateLinks(t.project)).To(HaveLen(1))
	}, SpecTimeout(40*time.Second))

	It("counts nothing whose deletion is finished, whoever holds it", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		link, connection := t.link("way"), t.kafka("held", "way")
		connection.Spec.Name = "orders"
		connection.Finalizers = []string{"example.com/held"}
		create(ctx, link, connection)
		ready(ctx, connection, "True Ready")
		Expect(kube.Delete(ctx, link)).To(Succeed())
		Expect(kube.Delete(ctx, connection)).To(Succeed())
		gone(ctx, link)

		successor := t.https("successor")
		successor.Spec.Name = "orders"
		create(ctx, successor)
		ready(ctx, successor, "True Ready")
		mergePatch(ctx, connection, `{"metadata":{"finalizers":[]}}`)
		gone(ctx, connection)
	}, SpecTimeout(60*time.Second))

	It("lets nobody hold a link by naming its id", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("wanted")
		create(ctx, link)
		ready(ctx, link, "True Done")
		sim.PutConnection(t.project, t.workspace, map[string]any{"name": "elsewhere", "type": "Https", "url": "https://example.com"})
		observer := t.kafka("observer", "")
		observer.Spec.Name, observer.Spec.ManagementPolicy = "elsewhere", v1alpha1.Observe
		observer.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, ConnectionID: link.Status.ID}
		create(ctx, observer)
		Eventually(ctx, func(g Gomega) {
			g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(observer), observer)).To(Succeed())
			g.Expect(observer.Status.ID).NotTo(BeEmpty())
		}).Should(Succeed())
		Expect(kube.Delete(ctx, link)).To(Succeed())
		gone(ctx, link)
	}, SpecTimeout(40*time.Second))

	It("names the connection that runs over a link, whatever its spec says now", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		first, second, connection := t.link("first"), t.link("second"), t.kafka("mover", "first")
		create(ctx, first, second, connection)
		ready(ctx, connection, "True Ready")
		ready(ctx, second, "True Done")
		mergePatch(ctx, connection, `{"spec":{"networking":{"privateLinkRef":{"name":"second"}}}}`)
		ready(ctx, connection, "False RecreateRequired")
		Expect(kube.Delete(ctx, first)).To(Succeed())
		ready(ctx, first, "False InUse", ContainSubstring(t.namespace+"/mover"))
		Expect(first.Status.UsedBy).To(ConsistOf(t.namespace + "/mover"))
		Expect(kube.Delete(ctx, connection)).To(Succeed())
		gone(ctx, first)
	}, SpecTimeout(40*time.Second))

	It("lets a resource without working credentials block nobody", func(ctx SpecContext) {
		t := newTenant(ctx)
		blocker, victim := t.link("blocker"), t.link("victim")
		victim.Spec.DNSDomain = blocker.Spec.DNSDomain
		t.createSecret(ctx, "wrong", map[string]string{"clientId": "mdb_sa_id_unknown", "clientSecret": "planted-wrong-secret"})
		blocker.Spec.CredentialsRef.Name = "wrong"
		create(ctx, blocker)
		ready(ctx, blocker, "False Unauthorized")
		create(ctx, victim)
		ready(ctx, victim, "True Done")
	}, SpecTimeout(40*time.Second))
})

var _ = Describe("An adoption", func() {
	DescribeTable("sends the secrets unless what Atlas holds is trusted", func(ctx SpecContext, policy v1alpha1.AdoptionSecrets, patches int) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		first, second := t.kafka("first", ""), t.kafka("second", "")
		first.Spec.Name, second.Spec.Name = "orders", "orders"
		first.Spec.DeletionPolicy, second.Spec.AdoptionSecrets = v1alpha1.Retain, policy
		create(ctx, first)
		ready(ctx, first, "True Ready")
		Expect(kube.Delete(ctx, first)).To(Succeed())
		gone(ctx, first)
		create(ctx, second)
		ready(ctx, second, "True Ready")
		condition(ctx, second, v1alpha1.ConditionSynced, "True Synced")
		Expect(second.Status.SecretVersions).NotTo(BeEmpty())
		Expect(writes(t)).To(HaveLen(1 + patches))
	},
		Entry("Send", v1alpha1.AdoptionSecretsSend, 1, SpecTimeout(40*time.Second)),
		Entry("Trust", v1alpha1.AdoptionSecretsTrust, 0, SpecTimeout(40*time.Second)),
	)
})

var _ = Describe("Holes in Atlas's reads", func() {
	It("double and orphan nothing", func(ctx SpecContext) {
		t := newTenant(ctx)
		kept, deleted := t.link("kept"), t.link("deleted")
		create(ctx, kept, deleted)
		ready(ctx, kept, "True Done")
		ready(ctx, deleted, "True Done")
		hole := sim.InjectReads(atlastest.ReadFault{ProjectID: t.project, HideLists: true, HideGets: true, For: 1500 * time.Millisecond})
		annotate(ctx, kept, v1alpha1.AnnotationReconcileRequestedAt, "in the hole")
		Expect(kube.Delete(ctx, deleted)).To(Succeed())
		Eventually(ctx, hole.Count).Should(BeNumerically(">", 2))
		gone(ctx, deleted)
		Eventually(ctx, func() []atlastest.PrivateLink { return sim.PrivateLinks(t.project) }).Should(HaveLen(1))
		Consistently(ctx, func() []atlastest.PrivateLink { return sim.AllPrivateLinks(t.project) }, 4*time.Second).Should(HaveLen(2))
		ready(ctx, kept, "True Done")
	}, SpecTimeout(60*time.Second))
})
