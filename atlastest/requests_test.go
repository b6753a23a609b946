package atlastest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/atlastest"
)

func TestRequestLog(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, atlastest.WithManualClock(start))
	c.post(connections, kafka("k"))
	c.get(connections + "/k?pretty=true")

	log := s.Requests()
	g.Expect(log).To(HaveLen(3))
	g.Expect(log[0]).To(And(HaveField("Operation", atlastest.OpToken), HaveField("CredentialID", atlastest.DefaultClientID)))
	g.Expect(log[1]).To(And(
		HaveField("Time", start), HaveField("Method", "POST"), HaveField("Path", connections),
		HaveField("Operation", atlastest.OpCreateConnection), HaveField("ProjectID", project),
		HaveField("Workspace", atlastest.DefaultWorkspace), HaveField("Status", 200), HaveField("Authenticated", true),
		HaveField("CredentialID", atlastest.DefaultClientID), HaveField("Accept", mediaPatch), HaveField("ContentType", mediaPatch),
		HaveField("UserAgent", HavePrefix("Go-http-client")),
	))
	g.Expect(log[2]).To(And(HaveField("Target", "k"), HaveField("Query", HaveKey("pretty")), HaveField("Body", "")))
	g.Expect(s.Counts()).To(Equal(map[atlastest.Operation]int{
		atlastest.OpToken: 1, atlastest.OpCreateConnection: 1, atlastest.OpGetConnection: 1,
	}))
	s.ResetRequests()
	g.Expect(s.Requests()).To(BeEmpty())
	g.Expect(s.Counts()).To(BeEmpty())
}

func TestRequestLogIsRedacted(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	c.post(connections, with(kafka("k"), object{"authentication": object{
		"password": "planted", "clientSecret": "planted", "sslKey": "planted", "sslKeyPassword": "planted", "Passwort": "planted", "username": "seen",
	}}))
	c.post(connections, object{"name": "h", "type": "Https", "headers": object{"X": "planted", "Y": object{"z": "planted"}}})
	c.post(connections, object{"name": "r", "secret": object{"a": "planted", "b": []string{"planted"}}})
	c.post(connections, `{"password":"planted"`)
	var redactedBodies, raw strings.Builder
	for _, r := range s.Requests() {
		redactedBodies.WriteString(r.Body)
	}
	for _, r := range s.RequestsWithSecrets() {
		raw.WriteString(r.Body)
	}
	g.Expect(redactedBodies.String()).NotTo(ContainSubstring("planted"))
	g.Expect(redactedBodies.String()).To(And(ContainSubstring("seen"), ContainSubstring("[REDACTED]")))
	g.Expect(strings.Count(raw.String(), "planted")).To(Equal(10))
}

func TestRequestLogForgetsTheOldest(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, atlastest.WithRequestLog(3))
	for range 20 {
		c.get(links)
	}
	g.Expect(s.Requests()).To(HaveLen(3))
	g.Expect(s.Count(atlastest.OpListPrivateLinks)).To(Equal(20), "counters go on")
}

func TestWaitFor(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	c.get(links)
	_, err := s.WaitFor(t.Context(), isOp(atlastest.OpListPrivateLinks))
	g.Expect(err).NotTo(HaveOccurred(), "what is in the log already counts")

	var wg sync.WaitGroup
	wg.Go(func() {
		r, err := s.WaitFor(t.Context(), isOp(atlastest.OpCreatePrivateLink))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(r.Status).To(Equal(200))
		g.Expect(s.PrivateLinks(project)).To(HaveLen(1), "what it did is done")
	})
	c.link(pubSubLink)
	wg.Wait()

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	_, err = s.WaitFor(ctx, isOp(atlastest.OpRevoke))
	g.Expect(err).To(MatchError(ContainSubstring("enough")))
}

func TestOverlappingWrites(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t)
	s.AddWorkspace(project, "other")
	c.post(connections, https("a"))
	c.post(connections, https("b"))
	g.Expect(s.OverlappingWrites(project, atlastest.DefaultWorkspace)).To(Equal(0), "one after the other")

	h := s.Inject(atlastest.Fault{Operation: atlastest.OpUpdateConnection, Hang: true})
	var wg sync.WaitGroup
	wg.Go(func() { c.patch(connections+"/a", https("a")) })
	_, err := s.WaitForArrival(t.Context(), isOp(atlastest.OpUpdateConnection))
	g.Expect(err).NotTo(HaveOccurred())
	c.get(connections)
	c.post(strings.Replace(connections, "/streams/"+atlastest.DefaultWorkspace, "/streams/other", 1), https("a"))
	g.Expect(s.OverlappingWrites(project, atlastest.DefaultWorkspace)).To(Equal(0), "reads and other workspaces do not count")
	c.delete(connections + "/b")
	h.Remove()
	wg.Wait()
	g.Expect(s.OverlappingWrites(project, atlastest.DefaultWorkspace)).To(Equal(1))
	g.Expect(s.RequestsOf(atlastest.OpDeleteConnection)).To(ConsistOf(HaveField("Overlapped", true)))
	g.Expect(s.Statistics().Overlapped).To(Equal(1), "in all workspaces together")
}

func TestStatistics(t *testing.T) {
	g := NewWithT(t)
	s, _ := newAPI(t, atlastest.WithManualClock(start), atlastest.WithRateLimit(1, 2), atlastest.WithRequestLog(1))
	c := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	for _, status := range []int{200, 200, 429} {
		g.Expect(c.get(links).status).To(Equal(status))
	}
	sums := s.Statistics()
	g.Expect(sums.Requests).To(Equal(map[atlastest.Operation]int{atlastest.OpListPrivateLinks: 3}), "more than the log keeps")
	g.Expect(sums.Rejected).To(Equal(map[atlastest.Operation]int{atlastest.OpListPrivateLinks: 1}))
	g.Expect(sums.Unauthenticated).To(Equal(1), "the challenge")
	g.Expect(sums.Overlapped).To(BeZero())

	sums.Requests[atlastest.OpListPrivateLinks] = 0
	g.Expect(s.Counts()).To(HaveKeyWithValue(atlastest.OpListPrivateLinks, 3), "the sums are a copy")
	s.ResetRequests()
	g.Expect(s.Statistics().Requests).To(BeEmpty())
	g.Expect(s.Statistics().Unauthenticated).To(BeZero())
}

func TestRateLimit(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, atlastest.WithManualClock(start), atlastest.WithRateLimit(0.5, 2))
	g.Expect(c.get(links).header.Get("RateLimit-Remaining")).To(Equal("1"))
	g.Expect(c.get(links).header.Get("RateLimit-Remaining")).To(Equal("0"))
	limited := c.get(links)
	g.Expect(limited.status).To(Equal(429))
	g.Expect(limited.code()).To(Equal("RATE_LIMITED_TOKEN_BUCKET"))
	g.Expect(limited.header.Get("Retry-After")).To(Equal("2"))
	g.Expect(limited.header.Get("RateLimit-Limit")).To(Equal("2"))
	g.Expect(limited.body["parameters"]).To(Equal([]any{strings.TrimPrefix(links, "/"), 2.0, 2.0, 30.0, 60.0}))
	s.AddProject("65f1c0de00000000000000bb")
	g.Expect(c.get("/api/atlas/v2/groups/65f1c0de00000000000000bb/streams/privateLinkConnections").status).To(Equal(200), "each project has its own")
	s.Advance(2 * time.Second)
	g.Expect(c.get(links).status).To(Equal(200))
	g.Expect(c.get(links).status).To(Equal(429))
}

func TestLatency(t *testing.T) {
	g := NewWithT(t)
	_, c := newAPI(t, atlastest.WithLatency(20*time.Millisecond, 5*time.Millisecond))
	begin := time.Now()
	g.Expect(c.get(links).status).To(Equal(200))
	g.Expect(time.Since(begin)).To(BeNumerically(">=", 20*time.Millisecond))
}

func TestParallelUse(t *testing.T) {
	g := NewWithT(t)
	s, c := newAPI(t, atlastest.WithDurations(atlastest.Durations{}))
	key := digestAPI(t, s, atlastest.DefaultPublicKey, atlastest.DefaultPrivateKey)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			mine := []*api{c, key}[i%2]
			for n := range 10 {
				name := fmt.Sprintf("h-%d-%d", i, n)
				mine.post(connections, https(name))
				mine.get(connections)
				s.Connections(project, atlastest.DefaultWorkspace)
				s.Requests()
				s.Advance(time.Millisecond)
				mine.delete(connections + "/" + name)
			}
		})
	}
	wg.Wait()
	g.Expect(s.Connections(project, atlastest.DefaultWorkspace)).To(BeEmpty())
	g.Expect(s.Count(atlastest.OpCreateConnection)).To(Equal(80))
	g.Expect(s.RequestsOf(atlastest.OpDeleteConnection)).To(HaveEach(HaveField("Status", 202)))
}
