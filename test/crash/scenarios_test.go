package crash_test

import (
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
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
		act: func(s *stage, _ *replica) { s.make(s.link); s.awaitReady(s.link) },
	},
	{
		name: "change link", links: 1,
		prepare: func(s *stage) { s.make(s.link); s.awaitReady(s.link) },
		act: func(s *stage, _ *replica) {
			edit(s, s.link, func(l *v1alpha1.StreamPrivateLink) { l.Spec.DNSDomain = "kafka.example.com" })
			s.awaitReady(s.link)
		},
		check: func(s *stage) {
			s.Expect(s.atlas.PrivateLinks(project)).To(ConsistOf(HaveField("Fields", HaveKeyWithValue("dnsDomain", "kafka.example.com"))))
		},
	},
	{
		name: "recreate link", links: 2,
		prepare: func(s *stage) { s.make(s.link); s.awaitReady(s.link) },
		act: func(s *stage, _ *replica) {
			first := s.link.Status.ID
			edit(s, s.link, func(l *v1alpha1.StreamPrivateLink) {
				metav1.SetMetaDataAnnotation(&l.ObjectMeta, v1alpha1.AnnotationRecreate, first)
			})
			s.Eventually(func() string { s.awaitReady(s.link); return s.link.Status.ID }).ShouldNot(Equal(first))
		},
	},
	{
		name: "delete link", links: 1,
		prepare: func(s *stage) { s.make(s.link); s.awaitReady(s.link) },
		act:     func(s *stage, _ *replica) { s.delete(s.link); s.awaitGone(s.link) },
	},
	{
		name: "delete link while it is created", links: 1, held: atlastest.OpCreatePrivateLink, from: "POST link #1",
		act: func(s *stage, r *replica) {
			s.make(s.link)
			s.Expect(r.gate.await(s.within(), "POST link #1")).To(Succeed())
			s.delete(s.link)
			s.awaitGone(s.link)
		},
	},
	{
		name: "create connection", connections: 1, verbose: true,
		act:   func(s *stage, _ *replica) { s.make(s.connection); s.awaitReady(s.connection) },
		check: func(s *stage) { s.expectPassword(password) },
	},
	{
		name: "change connection", connections: 1, verbose: true,
		prepare: func(s *stage) { s.make(s.connection); s.awaitReady(s.connection) },
		act: func(s *stage, _ *replica) {
			edit(s, s.connection, func(c *v1alpha1.StreamConnection) { c.Spec.Kafka.BootstrapServers = "new.example.com:9092" })
			s.awaitReady(s.connection)
		},
		check: func(s *stage) {
			s.Expect(s.atlas.Connections(project, workspace)).To(ConsistOf(HaveField("Fields", HaveKeyWithValue("bootstrapServers", "new.example.com:9092"))))
			s.expectPassword(password)
		},
	},
	{
		name: "rotate the password", connections: 1, verbose: true,
		prepare: func(s *stage) { s.make(s.connection); s.awaitReady(s.connection) },
		act: func(s *stage, _ *replica) {
			sent := s.connection.Status.SecretVersions
			edit(s, &corev1.Secret{ObjectMeta: s.meta("kafka")}, func(secret *corev1.Secret) {
				secret.StringData = map[string]string{"password": rotated}
			})
			s.Eventually(func() any { s.awaitReady(s.connection); return s.connection.Status.SecretVersions }).ShouldNot(Equal(sent))
		},
		check: func(s *stage) { s.expectPassword(rotated) },
	},
	{
		name: "recreate connection", connections: 2,
		prepare: func(s *stage) { s.make(s.connection); s.awaitReady(s.connection) },
		act: func(s *stage, _ *replica) {
			first := s.connection.Status.ID
			edit(s, s.connection, func(c *v1alpha1.StreamConnection) {
				metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.AnnotationRecreate, first)
			})
			s.Eventually(func() string { s.awaitReady(s.connection); return s.connection.Status.ID }).ShouldNot(Equal(first))
		},
		check: func(s *stage) { s.expectPassword(password) },
	},
	{
		name: "delete connection", connections: 1,
		prepare: func(s *stage) { s.make(s.connection); s.awaitReady(s.connection) },
		act:     func(s *stage, _ *replica) { s.delete(s.connection); s.awaitGone(s.connection) },
	},
	{
		name: "delete connection while it is created", connections: 1, held: atlastest.OpCreateConnection, from: "POST connection #1",
		act: func(s *stage, r *replica) {
			s.make(s.connection)
			s.Expect(r.gate.await(s.within(), "POST connection #1")).To(Succeed())
			s.delete(s.connection)
			s.awaitGone(s.connection)
		},
	},
	{
		name: "create connection over a link", links: 1, connections: 1, crowded: true,
		act: func(s *stage, _ *replica) {
			s.overLink()
			s.make(s.connection, s.link)
			s.awaitReady(s.link, s.connection)
		},
		check: func(s *stage) {
			s.Expect(s.connection.Status.PrivateLinkID).To(Equal(s.link.Status.ID))
			s.expectPassword(password)
		},
	},
	{
		name: "delete link and connection", links: 1, connections: 1, crowded: true,
		prepare: func(s *stage) {
			s.overLink()
			s.make(s.link, s.connection)
			s.awaitReady(s.link, s.connection)
		},
		act: func(s *stage, _ *replica) {
			s.delete(s.link, s.connection)
			s.awaitGone(s.connection, s.link)
		},
	},
}

// overLink puts the connection over the link.
func (s *stage) overLink() {
	s.connection.Spec.Networking = &v1alpha1.ConnectionNetworking{
		Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: s.link.Name},
	}
}

func (s *stage) expectPassword(want string) {
	s.t.Helper()
	s.Expect(s.atlas.Secrets(project, workspace, s.connection.Name)).To(HaveKeyWithValue("authentication.password", want))
}
