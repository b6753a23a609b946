package permissions_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// In all namespaces. It is not parallel: this manager looks after the resources of every test.
func TestRightsEverywhere(t *testing.T) {
	s := newStage(t)
	s.grant(allRights(t))
	s.expectAllWorks(s.start(nil), s.team)
}

// In named namespaces, of which the operator's own is none.
func TestRightsInNamedNamespaces(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	second := s.team + "-too"
	s.Create(manifest.Namespace(second))
	s.grant(allRights(t), s.team, second)
	s.expectAllWorks(s.start([]string{s.team, second}), s.team, second)
}

// expectAllWorks has the manager do all that it can do, in each namespace, and looks for anything that it was refused.
func (s *stage) expectAllWorks(p *process, namespaces ...string) {
	s.t.Helper()
	s.atlas.PutPrivateEndpointService(project, "AWS", map[string]any{
		"regionName": "US_EAST_1", "endpointServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
	}, atlastest.StateAvailable)
	for _, namespace := range namespaces {
		s.live(namespace)
	}
	s.ExpectNoOrphans(s.atlas)
	s.Eventually(s.electionEvents).ShouldNot(BeEmpty())

	s.Expect(p.ready()).To(Equal(http.StatusOK))
	s.Expect(p.scrape("")).To(Equal(http.StatusUnauthorized))
	s.Expect(p.scrape(s.Token(s.operator, managerAccount))).To(Equal(http.StatusForbidden))
	s.Expect(p.scrape(s.scraper())).To(Equal(http.StatusOK))
	s.Expect(p.Stop()).To(Succeed())
	s.Expect(p.said()).NotTo(ContainSubstring("forbidden"))
	p.expectJSONLog()
}

// live takes resources of every kind from creation to deletion.
func (s *stage) live(namespace string) {
	s.t.Helper()
	s.inputs(namespace)
	link, connection, service := newLink(namespace), newConnection(namespace), newService(namespace)
	s.Create(service, link)
	s.createBusily(connection)
	s.AwaitReady(link, connection, service)

	s.changeTwice(connection)
	s.Eventually(s.eventsOf(connection, v1alpha1.EventUpdated)).ShouldNot(BeEmpty())
	secret := &corev1.Secret{ObjectMeta: manifest.Meta(namespace, "kafka")}
	s.Expect(world.Kube.Patch(s.t.Context(), secret, client.RawPatch(types.MergePatchType,
		[]byte(`{"stringData": {"password": "second"}}`)))).To(Succeed())
	s.Eventually(func() map[string]string { return s.atlas.Secrets(project, workspace, connection.AtlasName()) }).
		Should(ContainElement("second"))

	s.Delete(link, connection, service)
	s.AwaitGone(link, connection, service)
	s.Eventually(s.eventsOf(link, v1alpha1.EventDeleted)).ShouldNot(BeEmpty())
}

// createBusily creates a connection that somebody edits, in a way that does not matter, while Atlas creates it: the
// manager has to read it again before it can write down what became of it.
func (s *stage) createBusily(connection *v1alpha1.StreamConnection) {
	s.t.Helper()
	held := s.atlas.Inject(atlastest.Fault{Operation: atlastest.OpCreateConnection, Hang: true})
	defer held.Remove()
	s.Create(connection)
	s.Eventually(held.Count).Should(Equal(1), "the manager creates the connection")
	s.Expect(world.Kube.Patch(s.t.Context(), connection, client.RawPatch(types.MergePatchType,
		[]byte(`{"metadata": {"labels": {"edited": "meanwhile"}}}`)))).To(Succeed())
}

// changeTwice makes two changes that reach Atlas one after the other.
func (s *stage) changeTwice(connection *v1alpha1.StreamConnection) {
	s.t.Helper()
	for _, server := range []string{"second.example.com:9092", "third.example.com:9092"} {
		patch := client.MergeFrom(connection.DeepCopy())
		connection.Spec.Kafka.BootstrapServers = server
		s.Expect(world.Kube.Patch(s.t.Context(), connection, patch)).To(Succeed())
		s.Eventually(func(g Gomega) {
			there, ok := s.atlas.Connection(project, workspace, connection.AtlasName())
			g.Expect(ok).To(BeTrue())
			g.Expect(there.Fields).To(HaveKeyWithValue("bootstrapServers", server))
		}).Should(Succeed())
		s.AwaitReady(connection)
	}
}

// eventsOf are the events about a resource with that reason.
func (s *stage) eventsOf(r v1alpha1.Managed, reason string) func() []eventsv1.Event {
	return func() []eventsv1.Event {
		var list eventsv1.EventList
		s.Expect(world.Kube.List(s.t.Context(), &list, client.InNamespace(r.GetNamespace()))).To(Succeed())
		var found []eventsv1.Event
		for _, event := range list.Items {
			if event.Regarding.UID == r.GetUID() && event.Reason == reason {
				found = append(found, event)
			}
		}
		return found
	}
}

// electionEvents say who became the leader.
func (s *stage) electionEvents() []corev1.Event {
	var list corev1.EventList
	s.Expect(world.Kube.List(s.t.Context(), &list, client.InNamespace(s.operator))).To(Succeed())
	return list.Items
}
