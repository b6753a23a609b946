package soak_test

import (
	"bytes"
	"encoding/json"
	"strings"

	. "github.com/onsi/gomega"
	eventsv1 "k8s.io/api/events/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/testenv/secrecy"
	"github.com/atlasstreams/operator/test/internal/manager"
)

// foreignLink is where a link is that is nobody's here, and its domain.
type foreignLink struct{ project, domain string }

// putForeign puts objects into Atlas that are nobody's here, some of them much like ours.
func (s *stage) putForeign() {
	for _, t := range s.tenants {
		domain := "foreign." + t.namespace + ".example.com"
		link := map[string]any{
			"provider": "AWS", "vendor": "CONFLUENT", "region": "us-east-1", "dnsDomain": domain,
			"serviceEndpointId": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", "dnsSubDomain": []any{},
		}
		s.foreignLinks[s.atlas.PutPrivateLink(t.project, link, "DONE")] = foreignLink{t.project, domain}
		for _, workspace := range workspaces {
			s.atlas.PutConnection(t.project, workspace, map[string]any{"name": "foreign", "type": "Https", "url": "https://example.com"})
		}
		for _, l := range s.atlas.PrivateLinks(t.project) {
			s.foreign[l.ID] = asJSON(l.Fields)
		}
		for _, workspace := range workspaces {
			for _, c := range s.atlas.Connections(t.project, workspace) {
				s.foreign[c.ID] = asJSON(c.Fields)
			}
		}
	}
}

func asJSON(fields map[string]any) string {
	text, err := json.Marshal(fields)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// current are the ids of the objects in Atlas, by what identifies them; foreign counts those of others that are as they
// were; how many were there ever, is for links.
func (s *stage) current() (objects map[string]string, foreign, ever int) {
	objects = map[string]string{}
	for _, t := range s.tenants {
		for _, l := range s.atlas.AllPrivateLinks(t.project) {
			if s.foreign[l.ID] == "" && strings.HasPrefix(l.String("dnsDomain"), "link-") {
				ever++
			}
		}
		for _, l := range s.atlas.PrivateLinks(t.project) {
			if was := s.foreign[l.ID]; was != "" {
				foreign += one(was == asJSON(l.Fields))
				continue
			}
			if strings.HasPrefix(l.String("dnsDomain"), "link-") { // the adversary has objects of its own
				objects[t.project+" "+l.String("dnsDomain")+" "+l.ID] = l.ID
			}
		}
		for _, workspace := range workspaces {
			for _, c := range s.atlas.Connections(t.project, workspace) {
				if was := s.foreign[c.ID]; was != "" {
					foreign += one(was == asJSON(c.Fields))
					continue
				}
				if strings.HasPrefix(c.Name, "connection-") {
					objects[t.project+" "+workspace+" "+c.Name+" "+c.ID] = c.ID
				}
			}
		}
	}
	return objects, foreign, ever
}

// expectEach compares what is in Atlas with the resources: each has its one object.
func (s *stage) expectEach() {
	s.t.Helper()
	objects, _, _ := s.current()
	for i := range s.links {
		l, c := s.links[i], s.connections[i]
		s.Reload(l, c)
		s.Expect(objects).To(HaveKeyWithValue(l.Spec.ProjectID+" "+l.Spec.DNSDomain+" "+l.Status.ID, l.Status.ID))
		s.Expect(objects).To(HaveKeyWithValue(c.Spec.ProjectID+" "+c.Spec.WorkspaceName+" "+c.Name+" "+c.Status.ID, c.Status.ID))
		s.expectSent(c)
	}
	s.Expect(objects).To(HaveLen(len(s.links)+len(s.connections)), "objects in Atlas")
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

// expectNothingLeft counts what is left, what was made twice, and what was taken from others.
func (s *stage) expectNothingLeft() {
	s.t.Helper()
	objects, foreign, ever := s.current()
	s.made = s.rounds * (len(s.links) + len(s.connections))
	s.doubled = ever - s.rounds*len(s.links)
	s.orphaned, s.touched = len(objects), len(s.foreign)-foreign
	s.Expect(objects).To(BeEmpty(), "orphans")
	s.Expect(s.doubled).To(BeZero(), "links that ever were in Atlas, beside one for each resource")
	s.Expect(s.touched).To(BeZero(), "objects of others")
}

// hasSecret looks for secrets in an object, as others get to see it.
func hasSecret(object any) bool {
	text, err := json.Marshal(object)
	return err != nil || len(secrecy.Find(text, planted)) > 0
}

// expectNoSecretsInEvents looks for secrets in events; the watcher looks at the resources.
func (s *stage) expectNoSecretsInEvents() {
	s.t.Helper()
	var events eventsv1.EventList
	s.Expect(s.Kube.List(s.t.Context(), &events)).To(Succeed())
	s.Expect(events.Items).NotTo(BeEmpty())
	for _, event := range events.Items {
		s.Expect(hasSecret(event)).To(BeFalse(), "a secret in the event %s", event.Name)
	}
}

// expectNoSecretMeasured looks for secrets in the metrics of the last manager, which may just have started.
func (s *stage) expectNoSecretMeasured() {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		text, err := manager.Metrics(s.t.Context(), s.metrics)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(bytes.Contains(text, []byte("controller_runtime_reconcile_total"))).To(BeTrue(), "the metrics of controllers")
		s.Expect(secrecy.Find(text, planted)).To(BeEmpty(), "a secret in the metrics")
	}).WithTimeout(patience).WithPolling(polling).Should(Succeed(), "the metrics of the manager")
}
