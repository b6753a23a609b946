package controller_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

var _ = Describe("Changes", func() {
	It("sends a changed spec as one PATCH", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection := t.https("changed")
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		edit(ctx, connection, func(c *v1alpha1.StreamConnection) { c.Spec.HTTPS.URL = "https://example.com/new" })
		ready(ctx, connection, "True Ready")
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		inAtlas, _ := sim.Connection(t.project, t.workspace, "changed")
		Expect(inAtlas.Fields).To(HaveKeyWithValue("url", "https://example.com/new"))
		Expect(writes(t)).To(Equal([]atlastest.Operation{atlastest.OpCreateConnection, atlastest.OpUpdateConnection}))
		Eventually(func() []string { return eventReasons(ctx, connection) }).Should(ContainElement("Updated"))
	}, SpecTimeout(30*time.Second))

	It("says that a link waits for its dnsDomain, and sends it", func(ctx SpecContext) {
		t := newTenant(ctx)
		link := t.link("serverless")
		link.Spec.DNSDomain = ""
		create(ctx, link)
		ready(ctx, link, "False DNSDomainMissing",
			And(HavePrefix("state=WORKING interfaceEndpointId=vpce-"), ContainSubstring("set spec.dnsDomain to the domain of the access point")))
		condition(ctx, link, v1alpha1.ConditionReconciling, "True Progressing", ContainSubstring("spec.dnsDomain"))
		condition(ctx, link, v1alpha1.ConditionInterfaceEndpointReady, "True Reported")
		edit(ctx, link, func(l *v1alpha1.StreamPrivateLink) {
			l.Spec.DNSDomain = "ap123.us-east-1.aws.accesspoint.confluent.cloud"
		})
		ready(ctx, link, "True Done")
		Expect(sim.PrivateLinks(t.project)[0].Fields).To(HaveKeyWithValue("dnsDomain", link.Spec.DNSDomain))
	}, SpecTimeout(30*time.Second))

	It("sends a rotated password", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-old-password"})
		connection := t.kafka("rotated", "")
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		t.setSecret(ctx, "kafka", map[string]string{"password": "planted-new-password", "unrelated": "x"})
		Eventually(func() map[string]string { return sim.Secrets(t.project, t.workspace, "rotated") }).
			Should(HaveKeyWithValue("authentication.password", "planted-new-password"))
		condition(ctx, connection, v1alpha1.ConditionSynced, "True Synced")
		t.setSecret(ctx, "kafka", map[string]string{"unrelated": "y"})
		Consistently(func() []atlastest.Operation { return writes(t) }).Should(HaveLen(2), "another key of the Secret is nothing to send")
	}, SpecTimeout(30*time.Second))

	It("sends what the spec now takes from a Secret that is the same", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-old-password", "next": "planted-new-password"})
		t.createSecret(ctx, "headers", map[string]string{"Authorization": "planted-header"})
		kafka, https := t.kafka("kafka", ""), t.https("https")
		https.Spec.HTTPS.Headers = map[string]v1alpha1.HeaderValue{"X-Stage": "test", "X-Old": "o"}
		https.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "headers"}
		create(ctx, kafka, https)
		ready(ctx, kafka, "True Ready")
		ready(ctx, https, "True Ready")
		edit(ctx, kafka, func(c *v1alpha1.StreamConnection) { c.Spec.Kafka.Authentication.PasswordSecretRef.Key = "next" })
		edit(ctx, https, func(c *v1alpha1.StreamConnection) {
			c.Spec.HTTPS.Headers = map[string]v1alpha1.HeaderValue{"X-Stage": "live"}
		})
		Eventually(func() map[string]any { return t.inAtlas("kafka") }).Should(HaveKeyWithValue("authentication.password", "planted-new-password"))
		Eventually(func() map[string]any { return t.inAtlas("https") }).Should(And(
			HaveKeyWithValue("headers.X-Stage", "live"), HaveKeyWithValue("headers.Authorization", "planted-header"), Not(HaveKey("headers.X-Old"))))
		for _, c := range []*v1alpha1.StreamConnection{kafka, https} {
			ready(ctx, c, "True Ready")
			condition(ctx, c, v1alpha1.ConditionSynced, "True Synced")
		}
		Consistently(func() []atlastest.Operation { return writes(t) }).Should(HaveLen(4), "one PATCH each")
	}, SpecTimeout(40*time.Second))

	It("mends drift, or only reports it", func(ctx SpecContext) {
		t := newTenant(ctx)
		mended, reported := t.https("mended"), t.https("reported")
		reported.Spec.DriftPolicy = v1alpha1.Report
		create(ctx, mended, reported)
		ready(ctx, mended, "True Ready")
		ready(ctx, reported, "True Ready")
		for _, name := range []string{"mended", "reported"} {
			sim.EditConnection(t.project, t.workspace, name, func(fields map[string]any) { fields["url"] = "https://elsewhere.example.com" })
		}
		condition(ctx, reported, v1alpha1.ConditionSynced, "False Drifted", ContainSubstring("https.url"))
		ready(ctx, reported, "True Ready")
		Eventually(func() any {
			c, _ := sim.Connection(t.project, t.workspace, "mended")
			return c.Fields["url"]
		}).Should(Equal("https://example.com/mended"))
		condition(ctx, mended, v1alpha1.ConditionSynced, "True Synced")
		c, _ := sim.Connection(t.project, t.workspace, "reported")
		Expect(c.Fields["url"]).To(Equal("https://elsewhere.example.com"))
		edit(ctx, reported, func(c *v1alpha1.StreamConnection) { c.Spec.HTTPS.URL = "https://example.com/changed" })
		condition(ctx, reported, v1alpha1.ConditionSynced, "True Synced")
	}, SpecTimeout(30*time.Second))

	It("asks for a recreation where Atlas cannot change, and does it once when told", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		connection, link := t.kafka("moved", ""), t.link("way")
		create(ctx, connection, link)
		ready(ctx, connection, "True Ready")
		ready(ctx, link, "True Done")
		first := connection.Status.ID
		edit(ctx, connection, func(c *v1alpha1.StreamConnection) {
			c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: "way"}}
		})
		ready(ctx, connection, "False RecreateRequired", And(ContainSubstring("networking.type"), ContainSubstring(first)))
		condition(ctx, connection, v1alpha1.ConditionStalled, "True RecreateRequired")
		annotate(ctx, connection, v1alpha1.AnnotationRecreate, first)
		ready(ctx, connection, "True Ready")
		Expect(connection.Status.ID).NotTo(Equal(first))
		Expect(connection.Status.PrivateLinkID).To(Equal(link.Status.ID))
		Expect(sim.Connections(t.project, t.workspace)).To(HaveLen(1))
	}, SpecTimeout(30*time.Second))

	It("creates again what was deleted behind our back", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection, link := t.https("lost"), t.link("lost")
		create(ctx, connection, link)
		ready(ctx, connection, "True Ready")
		ready(ctx, link, "True Done")
		oldLink := link.Status.ID
		sim.DeleteConnectionNow(t.project, t.workspace, "lost")
		sim.DeletePrivateLinkNow(oldLink)
		Eventually(func() int { return len(sim.PrivateLinks(t.project)) + len(sim.Connections(t.project, t.workspace)) }).Should(Equal(2))
		Eventually(func() string { return fresh(ctx, link).Status.ID }).ShouldNot(BeElementOf(oldLink, ""))
		ready(ctx, link, "True Done")
		ready(ctx, connection, "True Ready")
	}, SpecTimeout(30*time.Second))

	It("touches nothing while Paused and goes on afterwards", func(ctx SpecContext) {
		t := newTenant(ctx)
		connection := t.https("paused")
		connection.Spec.ManagementPolicy = v1alpha1.Paused
		create(ctx, connection)
		condition(ctx, connection, v1alpha1.ConditionSynced, "Unknown Paused")
		condition(ctx, connection, v1alpha1.ConditionReady, "Unknown Paused")
		Expect(connection.Finalizers).To(BeEmpty())
		Expect(connection.Status.ObservedGeneration).To(Equal(connection.Generation))
		Expect(writes(t)).To(BeEmpty())
		edit(ctx, connection, func(c *v1alpha1.StreamConnection) { c.Spec.ManagementPolicy = v1alpha1.Manage })
		ready(ctx, connection, "True Ready")
	}, SpecTimeout(30*time.Second))

	It("only looks while Observe, and adopts what it saw when told to manage", func(ctx SpecContext) {
		t := newTenant(ctx)
		observer := t.https("seen")
		observer.Spec.ManagementPolicy = v1alpha1.Observe
		create(ctx, observer)
		ready(ctx, observer, "False NotFound")
		condition(ctx, observer, v1alpha1.ConditionSynced, "False Missing")
		id := sim.PutConnection(t.project, t.workspace, map[string]any{"name": "seen", "type": "Https", "url": "https://example.com/seen"})
		ready(ctx, observer, "True Ready")
		Expect(observer.Status.ID).To(Equal(id))
		Expect(observer.Status.Ownership).To(BeEmpty())
		Expect(observer.Finalizers).To(BeEmpty())
		Expect(writes(t)).To(BeEmpty())
		edit(ctx, observer, func(c *v1alpha1.StreamConnection) { c.Spec.ManagementPolicy = v1alpha1.Manage })
		Eventually(func() v1alpha1.Ownership { return fresh(ctx, observer).Status.Ownership }).Should(Equal(v1alpha1.OwnershipAdopted))
		Expect(observer.Status.ID).To(Equal(id))
	}, SpecTimeout(30*time.Second))
})
