package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Deletion", func() {
	It("lets a link wait for the connections that use it, and names them", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		link, connection := t.link("used"), t.kafka("user", "used")
		create(ctx, link, connection)
		ready(ctx, connection, "True Ready")
		Expect(kube.Delete(ctx, link)).To(Succeed())
		ready(ctx, link, "False InUse", ContainSubstring(t.namespace+"/user"))
		Expect(link.Status.UsedBy).To(ConsistOf(t.namespace + "/user"))
		Expect(link.Status.UsedByCount).To(BeEquivalentTo(1))
		condition(ctx, connection, v1alpha1.ConditionDependenciesReady, "False LinkDeleting")
		ready(ctx, connection, "True Ready")
		Expect(writes(t)).NotTo(ContainElement(atlastest.OpDeletePrivateLink))
		Expect(kube.Delete(ctx, connection)).To(Succeed())
		gone(ctx, connection)
		gone(ctx, link)
		Expect(sim.PrivateLinks(t.project)).To(BeEmpty())
		Expect(sim.Connections(t.project, t.workspace)).To(BeEmpty())
	}, SpecTimeout(40*time.Second))

	It("waits for stream processors and says so", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection := t.https("processed")
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		sim.AddProcessor(t.project, t.workspace, "processed")
		Expect(kube.Delete(ctx, connection)).To(Succeed())
		ready(ctx, connection, "False InUse", And(ContainSubstring("STREAM_CONNECTION_HAS_STREAM_PROCESSORS"), ContainSubstring("abandon")))
		condition(ctx, connection, v1alpha1.ConditionCredentialsReady, "True Accepted")
		sim.RemoveProcessor(t.project, t.workspace, "processed")
		gone(ctx, connection)
	}, SpecTimeout(40*time.Second))

	It("keeps the object with Retain and lets go with abandon", func(ctx SpecContext) {
		t := newTenant(ctx)
		kept, abandoned := t.https("kept"), t.https("abandoned")
		kept.Spec.DeletionPolicy = v1alpha1.Retain
		create(ctx, kept, abandoned)
		ready(ctx, kept, "True Ready")
		ready(ctx, abandoned, "True Ready")
		sim.AddProcessor(t.project, t.workspace, "abandoned")
		Expect(kube.Delete(ctx, kept)).To(Succeed())
		Expect(kube.Delete(ctx, abandoned)).To(Succeed())
		gone(ctx, kept)
		ready(ctx, abandoned, "False InUse")
		annotate(ctx, abandoned, v1alpha1.AnnotationAbandon, "true")
		gone(ctx, abandoned)
		Expect(sim.Connections(t.project, t.workspace)).To(HaveLen(2))
	}, SpecTimeout(40*time.Second))

	It("deletes with remembered credentials when their Secret went first", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("uninstalled")
		create(ctx, link)
		ready(ctx, link, "True Done")
		Expect(kube.Delete(ctx, &corev1.Secret{ObjectMeta: t.meta("atlas")})).To(Succeed())
		Expect(kube.Delete(ctx, link)).To(Succeed())
		gone(ctx, link)
		Expect(sim.PrivateLinks(t.project)).To(BeEmpty())
	}, SpecTimeout(40*time.Second))

	It("finishes for a connection whose workspace is gone", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection := t.https("homeless")
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		sim.RemoveWorkspace(t.project, t.workspace)
		Expect(kube.Delete(ctx, connection)).To(Succeed())
		gone(ctx, connection)
	}, SpecTimeout(40*time.Second))

	It("never takes a missing project or a proxy's 404 for absence", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("certain")
		create(ctx, link)
		ready(ctx, link, "True Done")
		fault := sim.Inject(atlastest.Fault{
			Match:  func(r atlastest.Request) bool { return r.ProjectID == t.project },
			Status: 404, HTML: "<html>no such page</html>",
		})
		Expect(kube.Delete(ctx, link)).To(Succeed())
		ready(ctx, link, "False AtlasUnreachable", ContainSubstring("404 without the error body of Atlas"))
		fault.Remove()
		gone(ctx, link)
		Expect(sim.PrivateLinks(t.project)).To(BeEmpty())
	}, SpecTimeout(40*time.Second))
})
