package controller_test

import (
	"context"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/oauth2/clientcredentials"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

// notesOf are the notes of the events of that reason about a resource.
func notesOf(ctx context.Context, r resource, reason string) (notes []string) {
	GinkgoHelper()
	var list eventsv1.EventList
	Expect(kube.List(ctx, &list, client.InNamespace(r.GetNamespace()))).To(Succeed())
	for _, e := range list.Items {
		if e.Regarding.Name == r.GetName() && e.Reason == reason {
			notes = append(notes, e.Note)
		}
	}
	return notes
}

// moveWorkspace takes the tenant's workspace to another cloud.
func (t tenant) moveWorkspace(ctx context.Context, provider, region string) {
	GinkgoHelper()
	config := clientcredentials.Config{ClientID: t.clientID, ClientSecret: t.clientSecret, TokenURL: sim.URL + "/api/oauth/token"}
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, sim.URL+"/api/atlas/v2/groups/"+t.project+"/streams/"+t.workspace,
		strings.NewReader(`{"cloudProvider":"`+provider+`","region":"`+region+`"}`))
	Expect(err).NotTo(HaveOccurred())
	req.Header.Set("Accept", "application/vnd.atlas.2023-02-01+json")
	req.Header.Set("Content-Type", "application/vnd.atlas.2023-02-01+json")
	resp, err := config.Client(ctx).Do(req)
	Expect(err).NotTo(HaveOccurred())
	Expect(resp.Body.Close()).To(Succeed())
	Expect(resp).To(HaveHTTPStatus(http.StatusOK))
}

var _ = Describe("Warnings", func() {
	It("tell of config that Atlas ignores, once", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		connection := t.kafka("ignored", "")
		connection.Spec.Kafka.Config = map[string]v1alpha1.KafkaConfigValue{"auto.offset.rest": "earliest", "acks": "all"}
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		warnings := func() []string { return notesOf(ctx, connection, v1alpha1.EventSpecWarning) }
		Eventually(warnings).Should(ConsistOf(ContainSubstring("kafka.config: auto.offset.rest.")))
		annotate(ctx, connection, v1alpha1.AnnotationReconcileRequestedAt, "now")
		Eventually(func() string { return fresh(ctx, connection).Status.LastHandledReconcileAt }).Should(Equal("now"))
		Expect(warnings()).To(HaveLen(1))
	}, SpecTimeout(30*time.Second))

	It("tell while a link is built that its workspace cannot use it, for one call", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.moveWorkspace(ctx, "AZURE", "eastus2")
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		first, second, link := t.kafka("first", "path"), t.kafka("second", "path"), t.link("path")
		create(ctx, link)
		Eventually(func() string { return fresh(ctx, link).Status.ID }).ShouldNot(BeEmpty())
		sim.SetPrivateLinkState(link.Status.ID, "WORKING", "")
		ready(ctx, link, "False Working")
		create(ctx, second)
		const warning = "StreamPrivateLink path of vendor CONFLUENT works only with a workspace on AWS, and the workspace orders is on AZURE."
		condition(ctx, second, v1alpha1.ConditionDependenciesReady, "False LinkNotReady",
			And(HavePrefix("Waiting for StreamPrivateLink path to become Ready. "), ContainSubstring(warning)))
		Eventually(func() []string { return notesOf(ctx, second, v1alpha1.EventSpecWarning) }).Should(ConsistOf(HavePrefix(warning)))
		create(ctx, first)
		condition(ctx, first, v1alpha1.ConditionDependenciesReady, "False LinkNotReady", ContainSubstring(warning))
		calls := 0
		for _, r := range sim.RequestsOf(atlastest.OpGetWorkspace) {
			if r.ProjectID == t.project {
				calls++
			}
		}
		Expect(calls).To(Equal(1))
		sim.SetPrivateLinkState(link.Status.ID, "DONE", "")
		ready(ctx, second, "True Ready")
		condition(ctx, second, v1alpha1.ConditionDependenciesReady, "True LinkReady", Equal("StreamPrivateLink path is Ready."))
	}, SpecTimeout(30*time.Second))

	It("tell of a link that is given by its id, too", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.moveWorkspace(ctx, "AZURE", "eastus2")
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		link := t.link("path")
		create(ctx, link)
		ready(ctx, link, "True Done")
		connection := t.kafka("by-id", "")
		connection.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, ConnectionID: fresh(ctx, link).Status.ID}
		create(ctx, connection)
		ready(ctx, connection, "True Ready")
		sim.SetConnectionState(t.project, t.workspace, "by-id", "PENDING")
		annotate(ctx, connection, v1alpha1.AnnotationReconcileRequestedAt, "now")
		Eventually(func() []string { return notesOf(ctx, connection, v1alpha1.EventSpecWarning) }).Should(ConsistOf(
			"The private link " + link.Status.ID + " of vendor CONFLUENT works only with a workspace on AWS, and the workspace orders is on AZURE. Use another workspace."))
	}, SpecTimeout(30*time.Second))

	It("forget where a workspace was that is gone", func(ctx SpecContext) {
		t := newTenant(ctx)
		t.moveWorkspace(ctx, "AZURE", "eastus2")
		t.createSecret(ctx, "kafka", map[string]string{"password": "planted-kafka-password"})
		link := t.link("path")
		create(ctx, link)
		Eventually(func() string { return fresh(ctx, link).Status.ID }).ShouldNot(BeEmpty())
		sim.SetPrivateLinkState(link.Status.ID, "WORKING", "")
		ready(ctx, link, "False Working")
		connection := t.kafka("over", "path")
		create(ctx, connection)
		condition(ctx, connection, v1alpha1.ConditionDependenciesReady, "False LinkNotReady", ContainSubstring("the workspace orders is on AZURE."))
		sim.RemoveWorkspace(t.project, t.workspace)
		annotate(ctx, connection, v1alpha1.AnnotationReconcileRequestedAt, "gone")
		ready(ctx, connection, "False WorkspaceNotFound")
		sim.AddWorkspace(t.project, t.workspace) // on AWS
		annotate(ctx, connection, v1alpha1.AnnotationReconcileRequestedAt, "again")
		condition(ctx, connection, v1alpha1.ConditionDependenciesReady, "False LinkNotReady", Not(ContainSubstring("AZURE")))
	}, SpecTimeout(30*time.Second))
})
