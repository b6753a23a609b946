package crash_test

import (
	"bytes"
	"encoding/json"

	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv/secrecy"
	"github.com/atlasstreams/operator/test/internal/manager"
)

// findSecrets looks for the secret values of a stage.
func findSecrets(text []byte) []string {
	return secrecy.Find(text, atlastest.DefaultClientSecret, password, rotated)
}

// verbosely are the flags of a replica that logs and measures all it can.
func (s *stage) verbosely() []string {
	s.t.Helper()
	s.metrics = manager.FreeAddress(s.t)
	return []string{"--zap-log-level=10", "--metrics-bind-address=" + s.metrics, "--metrics-secure=false"}
}

// expectNoSecretShown looks for secret values in what people see while the resources are there, and in the metrics
// where they are served.
func (s *stage) expectNoSecretShown() {
	s.t.Helper()
	for _, list := range []client.ObjectList{&v1alpha1.StreamPrivateLinkList{}, &v1alpha1.StreamConnectionList{}, &eventsv1.EventList{}} {
		s.Expect(world.Kube.List(s.t.Context(), list, client.InNamespace(s.namespace))).To(Succeed())
		text, err := json.Marshal(list)
		s.Expect(err).NotTo(HaveOccurred())
		s.Expect(findSecrets(text)).To(BeEmpty(), "%T", list)
	}
	if s.metrics != "" {
		s.Expect(findSecrets(s.measured())).To(BeEmpty(), "the metrics")
	}
}

// measured are the metrics of the manager, which may have been started a moment ago.
func (s *stage) measured() (text []byte) {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		var err error
		text, err = manager.Metrics(s.t.Context(), s.metrics)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(bytes.Contains(text, []byte("controller_runtime_reconcile_total"))).To(BeTrue(), "the metrics of controllers")
	}).Should(Succeed())
	return text
}

// expectNoSecrets looks for secret values in all that the managers printed, and in events.
func (s *stage) expectNoSecrets() {
	s.t.Helper()
	var events eventsv1.EventList
	s.Expect(world.Kube.List(s.t.Context(), &events, client.InNamespace(s.namespace))).To(Succeed())
	text, err := json.Marshal(events)
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(findSecrets(text)).To(BeEmpty(), "the events")
	for _, r := range s.replicas {
		log := []byte(r.log())
		s.Expect(findSecrets(log)).To(BeEmpty(), "the log of a manager")
		if s.metrics != "" {
			s.Expect(bytes.Contains(log, []byte(`"level":"Level(`))).To(BeTrue(), "the log is not at its highest verbosity")
		}
	}
}
