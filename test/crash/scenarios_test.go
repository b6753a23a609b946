package crash_test

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// scenario is a piece of the life of a link, a connection, or both.
type scenario struct {
	name string
	// prepare is what comes before, without any crash.
	prepare func(s *stage)
	// act is when the manager is killed, and ends when the manager has done its work all the same.
	act func(s *stage, r *replica)
	// check looks at the outcome.
	check func(s *stage)
	// links and connections are how many are ever made.
	links, connections int
	// held: the deletion comes while Atlas still works on the POST. If that never arrives, nothing is ever made.
	held atlastest.Operation
	// from is where the points of this scenario begin; those before it are another scenario's.
	from string
	// crowded: two resources are worked on at the same time, and the reads of one fall at random between the writes of
	// the other. The points are the writes.
	crowded bool
	// verbose: the manager logs at its highest verbosity and serves its metrics, and secrets are looked for in all of it.
	verbose bool
}

var scenarios = []scenario{
	{
		name: "create link", links: 1,
		act: func(s *stage, _ *replica) { s.Create(s.link); s.awaitSynced(s.link) },
	},
	{
		name: "change link", links: 1,
		prepare: func(s *stage) {
			s.link.Spec.DNSDomain = ""
			s.Create(s.link)
			s.Await(s.link, v1alpha1.ConditionReady, "False "+v1alpha1.ReasonDNSDomainMissing)
		},
		act: func(s *stage, _ *replica) {
			kubetest.Edit(s.Client, s.link, func(l *v1alpha1.StreamPrivateLink) { l.Spec.DNSDomain = "kafka.example.com" })
			s.awaitSynced(s.link)
		},
		check: func(s *stage) {
			s.Expect(s.atlas.PrivateLinks(project)).To(ConsistOf(HaveField("Fields", HaveKeyWithValue("dnsDomain", "kafka.example.com"))))
		},
	},
	{
		name: "recreate link", links: 2,
		prepare: func(s *stage) { s.Create(s.link); s.awaitSynced(s.link) },
		act:     func(s *stage, _ *replica) { s.recreate(s.link) },
	},
	{
		name: "delete link", links: 1,
		prepare: func(s *stage) { s.Create(s.link); s.awaitSynced(s.link) },
		act:     func(s *stage, _ *replica) { s.deleteIfThere(s.link); s.awaitNoTrace(s.link) },
	},
	{
		name: "delete link while it is created", links: 1, held: atlastest.OpCreatePrivateLink, from: "POST link #1",
		act: func(s *stage, r *replica) {
			s.Create(s.link)
			s.Expect(r.gate.await(s.within(), "POST link #1")).To(Succeed())
			s.deleteIfThere(s.link)
			s.awaitNoTrace(s.link)
		},
	},
	{
		name: "create connection", connections: 1, verbose: true,
		act:   func(s *stage, _ *replica) { s.Create(s.connection); s.awaitSynced(s.connection) },
		check: func(s *stage) { s.expectPassword(password) },
	},
	{
		name: "change connection", connections: 1, verbose: true,
		prepare: func(s *stage) { s.Create(s.connection); s.awaitSynced(s.connection) },
		act: func(s *stage, _ *replica) {
			kubetest.Edit(s.Client, s.connection, func(c *v1alpha1.StreamConnection) { c.Spec.Kafka.BootstrapServers = "new.example.com:9092" })
			s.awaitSynced(s.connection)
		},
		check: func(s *stage) {
			s.Expect(s.atlas.Connections(project, workspace)).To(ConsistOf(HaveField("Fields", HaveKeyWithValue("bootstrapServers", "new.example.com:9092"))))
			s.expectPassword(password)
		},
	},
	{
		name: "rotate the password", connections: 1, verbose: true,
		prepare: func(s *stage) { s.Create(s.connection); s.awaitSynced(s.connection) },
		act: func(s *stage, _ *replica) {
			sent := s.connection.Status.SecretVersions
			kubetest.Edit(s.Client, &corev1.Secret{ObjectMeta: manifest.Meta(s.namespace, "kafka")}, func(secret *corev1.Secret) {
				secret.StringData = map[string]string{"password": rotated}
			})
			s.Eventually(func() any { s.awaitSynced(s.connection); return s.connection.Status.SecretVersions }).ShouldNot(Equal(sent))
		},
		check: func(s *stage) { s.expectPassword(rotated) },
	},
	{
		name: "recreate connection", connections: 2,
		prepare: func(s *stage) { s.Create(s.connection); s.awaitSynced(s.connection) },
		act:     func(s *stage, _ *replica) { s.recreate(s.connection) },
		check:   func(s *stage) { s.expectPassword(password) },
	},
	{
		name: "delete connection", connections: 1,
		prepare: func(s *stage) { s.Create(s.connection); s.awaitSynced(s.connection) },
		act:     func(s *stage, _ *replica) { s.deleteIfThere(s.connection); s.awaitNoTrace(s.connection) },
	},
	{
		name: "delete connection while it is created", connections: 1, held: atlastest.OpCreateConnection, from: "POST connection #1",
		act: func(s *stage, r *replica) {
			s.Create(s.connection)
			s.Expect(r.gate.await(s.within(), "POST connection #1")).To(Succeed())
			s.deleteIfThere(s.connection)
			s.awaitNoTrace(s.connection)
		},
	},
	{
		name: "create connection over a link", links: 1, connections: 1, crowded: true,
		act: func(s *stage, _ *replica) {
			manifest.Over(s.link.Name, s.connection)
			s.Create(s.connection, s.link)
			s.awaitSynced(s.link, s.connection)
		},
		check: func(s *stage) {
			s.Expect(s.connection.Status.PrivateLinkID).To(Equal(s.link.Status.ID))
			s.expectPassword(password)
		},
	},
	{
		name: "delete link and connection", links: 1, connections: 1, crowded: true,
		prepare: func(s *stage) {
			manifest.Over(s.link.Name, s.connection)
			s.Create(s.link, s.connection)
			s.awaitSynced(s.link, s.connection)
		},
		act: func(s *stage, _ *replica) {
			s.deleteIfThere(s.link, s.connection)
			s.awaitNoTrace(s.connection, s.link)
		},
	},
}

// recreate asks for a new object in Atlas.
func (s *stage) recreate(r v1alpha1.Managed) {
	s.t.Helper()
	first := r.GetManagedStatus().ID
	kubetest.Edit(s.Client, r, func(r v1alpha1.Managed) {
		r.SetAnnotations(map[string]string{v1alpha1.AnnotationRecreate: first})
	})
	s.Eventually(func() string { s.awaitSynced(r); return r.GetManagedStatus().ID }).ShouldNot(Equal(first))
}

func (s *stage) expectPassword(want string) {
	s.t.Helper()
	s.Expect(s.atlas.Secrets(project, workspace, s.connection.Name)).To(HaveKeyWithValue("authentication.password", want))
}
