package inventory_test

import (
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/inventory"
)

func TestStats(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	links := func() inventory.ListStats {
		stats := s.inventory.Stats()
		g.Expect(stats).To(HaveLen(3))
		g.Expect(stats[1:]).To(Equal([]inventory.ListStats{{Kind: "connections"}, {Kind: "privateEndpointServices"}}))
		return stats[0]
	}
	g.Expect(links()).To(Equal(inventory.ListStats{Kind: "privateLinks", Kept: 1}))

	_, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(links().Oldest).To(BeZero(), "nobody watches it, so that its age means nothing")
	first := s.clock.Now()
	_, stop := s.watch(t, "a")
	g.Expect(links()).To(Equal(inventory.ListStats{Kind: "privateLinks", Kept: 1, Oldest: first}))

	// Another credential has its own list. The oldest of the two counts.
	other := s.inventory.Links(s.client(t, "two"), project)
	s.clock.Step(time.Minute)
	snapshot, err := other.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	seen, _ := snapshot.Get("a")
	t.Cleanup(other.Watch(t.Context(), "a", seen, func() {}))
	g.Expect(links()).To(Equal(inventory.ListStats{Kind: "privateLinks", Kept: 2, Oldest: first}))
	stop()
	g.Expect(links().Oldest).To(Equal(first.Add(time.Minute)))

	s.answerWith(func(w http.ResponseWriter, _ string) bool {
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	s.clock.Step(time.Second)
	_, err = other.Read(t.Context(), s.fresh())
	g.Expect(err).To(HaveOccurred())
	g.Expect(links()).To(Equal(inventory.ListStats{Kind: "privateLinks", Kept: 2, Failing: 1, Oldest: first.Add(time.Minute)}))
}
