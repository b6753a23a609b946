package soak_test

import (
	"bytes"
	"encoding/json"
	"os"

	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/internal/testenv/secrecy"
	"github.com/atlasstreams/operator/test/internal/manager"
)

// expectEach compares what is in Atlas, and was ever, with the resources: each has its one object.
func (s *stage) expectEach() {
	s.t.Helper()
	links, connections := map[string]string{}, map[string]string{} // ids by what identifies them
	for _, t := range s.tenants {
		ever := s.atlas.AllPrivateLinks(t.project)
		s.Expect(ever).To(HaveLen(len(s.atlas.PrivateLinks(t.project))), "links that are gone already")
		for _, l := range ever {
			key := t.project + " " + l.String("dnsDomain")
			s.Expect(links).NotTo(HaveKey(key), "a doubled link")
			links[key] = l.ID
		}
		for _, workspace := range workspaces {
			for _, c := range s.atlas.Connections(t.project, workspace) {
				connections[t.project+" "+workspace+" "+c.Name] = c.ID
			}
		}
	}
	s.Expect(links).To(HaveLen(len(s.links)), "links in Atlas")
	s.Expect(connections).To(HaveLen(len(s.connections)), "connections in Atlas")
	for i := range s.links {
		l, c := s.links[i], s.connections[i]
		s.Reload(l, c)
		s.Expect(links).To(HaveKeyWithValue(l.Spec.ProjectID+" "+l.Spec.DNSDomain, l.Status.ID))
		s.Expect(connections).To(HaveKeyWithValue(c.Spec.ProjectID+" "+c.Spec.WorkspaceName+" "+c.Name, c.Status.ID))
		s.expectSent(c)
	}
}

// expectSent checks that Atlas has the secrets of a connection, without showing them.
func (s *stage) expectSent(c *v1alpha1.StreamConnection) {
	s.t.Helper()
	sent := s.atlas.Secrets(c.Spec.ProjectID, c.Spec.WorkspaceName, c.Name)
	right := true
	switch {
	case c.Spec.Kafka != nil:
		right = sent["authentication.password"] == planted+"password-"+c.Namespace
	case c.Spec.HTTPS.HeadersSecretRef != nil:
		right = sent["headers.Authorization"] == planted+"header-"+c.Namespace
	}
	s.Expect(right).To(BeTrue(), "the secrets of %s/%s in Atlas", c.Namespace, c.Name)
}

// expectNoRepairs: while everything is made nothing is deleted, and no link needs a change.
func (s *stage) expectNoRepairs() {
	s.t.Helper()
	for _, op := range []atlastest.Operation{atlastest.OpDeletePrivateLink, atlastest.OpDeleteConnection, atlastest.OpUpdatePrivateLink} {
		s.Expect(s.atlas.Count(op)).To(BeZero(), "%s", op)
	}
}

// expectNothingLeft: Atlas has neither links nor connections, and never had a link more than there were resources.
func (s *stage) expectNothingLeft() {
	s.t.Helper()
	ever := 0
	for _, t := range s.tenants {
		s.Expect(s.atlas.PrivateLinks(t.project)).To(BeEmpty(), "orphans")
		ever += len(s.atlas.AllPrivateLinks(t.project))
		for _, workspace := range workspaces {
			s.Expect(s.atlas.Connections(t.project, workspace)).To(BeEmpty(), "orphans")
		}
	}
	s.Expect(ever).To(Equal(len(s.links)), "links that ever were in Atlas")
}

// hasSecret looks for secrets in an object, as others get to see it.
func hasSecret(object any) bool {
	text, err := json.Marshal(object)
	return err != nil || len(secrecy.Find(text, planted)) > 0
}

// expectNoSecrets looks for secrets in what the manager printed and in events; the watcher looks at the resources.
func (s *stage) expectNoSecrets(process *testenv.Process) {
	s.t.Helper()
	var events eventsv1.EventList
	s.Expect(s.Kube.List(s.t.Context(), &events)).To(Succeed())
	s.Expect(events.Items).NotTo(BeEmpty())
	for _, event := range events.Items {
		s.Expect(hasSecret(event)).To(BeFalse(), "a secret in the event %s", event.Name)
	}

	log, err := os.ReadFile(process.LogPath)
	s.Expect(err).NotTo(HaveOccurred())
	number, verbose := 0, false
	for line := range bytes.Lines(log) {
		number++
		verbose = verbose || bytes.Contains(line, []byte(`"level":"Level(`))
		s.Expect(secrecy.Find(line, planted)).To(BeEmpty(), "a secret in line %d of the manager's log", number)
	}
	s.Expect(verbose).To(BeTrue(), "the log is not at its highest verbosity")
	s.t.Logf("the manager logged %d lines", number)
}

// expectNoSecretMeasured looks for secrets in the metrics.
func (s *stage) expectNoSecretMeasured() {
	s.t.Helper()
	text, err := manager.Metrics(s.t.Context(), s.metrics)
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(bytes.Contains(text, []byte("controller_runtime_reconcile_total"))).To(BeTrue(), "the metrics of controllers")
	s.Expect(secrecy.Find(text, planted)).To(BeEmpty(), "a secret in the metrics")
}
