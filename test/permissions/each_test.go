package permissions_test

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

// The table is about each permission there is, and about no other.
func TestTableIsComplete(t *testing.T) {
	t.Parallel()
	var known []permission
	for _, l := range table {
		known = append(known, l.permission())
	}
	NewWithT(t).Expect(known).To(ConsistOf(allRights(t).list()))
}

// Without any one of its permissions the manager is refused something, says so in its log or in a condition, and
// something does not work: none is superfluous.
func TestEachPermissionIsNeeded(t *testing.T) {
	t.Parallel()
	for _, l := range table {
		t.Run(string(l.permission()), func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.grant(allRights(t).without(l.permission()), s.team)
			p := s.start([]string{s.team}, l.flags...)
			if l.before != nil {
				l.before(s, p)
			}
			if !l.unlogged {
				p.awaitSaid(l.refusal())
			}
			if l.shows != nil {
				l.shows(s, p)
			}
		})
	}
}

func (l lack) permission() permission { return permissionOf(l.verb, l.resource, l.group) }

// refusal is how the API server puts it, as it is quoted in a JSON log.
func (l lack) refusal() string {
	return `cannot ` + l.verb + ` resource \"` + l.resource + `\" in API group \"` + l.group + `\"`
}

func neverReady(s *stage, p *process) {
	s.Eventually(p.ready).Should(Equal(http.StatusInternalServerError))
}

func createLink(s *stage, _ *process) {
	s.inputs(s.team)
	s.Create(newLink(s.team))
}

func createBoth(s *stage, p *process) {
	createLink(s, p)
	s.Create(newConnection(s.team))
}

func noLink(s *stage, _ *process) {
	s.Expect(s.atlas.Count(atlastest.OpCreatePrivateLink)).To(BeZero())
}

func noConnection(s *stage, _ *process) {
	s.AwaitReady(newLink(s.team))
	s.Expect(s.atlas.Count(atlastest.OpCreateConnection)).To(BeZero())
}

func noLeader(s *stage, _ *process) { s.expectUntouched(newLink(s.team)) }

func metricsFail(s *stage, p *process) {
	token := s.scraper()
	s.Eventually(func() int { return p.scrape(token) }).Should(Equal(http.StatusInternalServerError))
}
