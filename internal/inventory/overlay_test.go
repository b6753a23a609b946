package inventory_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
)

func (s *setting) read(t *testing.T, opts inventory.ReadOptions) map[string]atlas.PrivateLink {
	t.Helper()
	snapshot, err := s.links.Read(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return byKey(snapshot)
}

func TestOwnResultOverridesOlderList(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "old")
	s.read(t, s.fresh())
	s.clock.Step(time.Second)
	s.links.Put(atlas.PrivateLink{ID: "new"}, s.clock.Now())
	g.Expect(s.read(t, inventory.ReadOptions{})).To(And(HaveKey("old"), HaveKey("new")))
	g.Expect(s.count()).To(Equal(1))
}

func TestOwnResultOverridesStaleList(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	s.links.Put(atlas.PrivateLink{ID: "new"}, s.clock.Now())
	s.clock.Step(settle)
	g.Expect(s.read(t, s.fresh())).To(HaveKey("new"), "within settle a list may lag")
	s.clock.Step(time.Second)
	g.Expect(s.read(t, s.fresh())).NotTo(HaveKey("new"), "after settle the list is right")
}

func TestNewerListOverridesOwnResult(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.links.Put(atlas.PrivateLink{ID: "a", State: "WORKING"}, s.clock.Now())
	s.clock.Step(time.Second)
	g.Expect(s.read(t, s.fresh())["a"].State).To(Equal("DONE"))
}

func TestOwnResultAppliesToLaterReadsOfOlderList(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.read(t, s.fresh())
	s.clock.Step(time.Second)
	s.links.Put(atlas.PrivateLink{ID: "a", State: "DELETING"}, s.clock.Now())
	g.Expect(s.read(t, inventory.ReadOptions{})["a"].State).To(Equal("DELETING"))
}

func TestFlappingListWithinSettleHidesNothing(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	s.links.Put(atlas.PrivateLink{ID: "new"}, s.clock.Now())
	for _, listed := range [][]string{{"new"}, nil, {"new"}, nil} {
		s.set(listed...)
		s.clock.Step(5 * time.Second)
		g.Expect(s.read(t, s.fresh())).To(HaveKey("new"))
	}
}

// Calls about one object may overlap: a slow read that began before a write says nothing about what the write made.
func TestResultOfOlderCallDoesNotReplaceNewerOne(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a", "b")
	s.read(t, s.fresh())
	began := s.clock.Now()
	s.clock.Step(time.Second)
	s.links.Put(atlas.PrivateLink{ID: "a", State: "DELETING"}, s.clock.Now())
	s.links.Outdate("b", s.clock.Now())
	s.links.Put(atlas.PrivateLink{ID: "a", State: "DONE"}, began)
	s.links.Put(atlas.PrivateLink{ID: "b", State: "DONE"}, began)
	g.Expect(s.read(t, inventory.ReadOptions{})["a"].State).To(Equal("DELETING"))
	s.set("a")
	s.clock.Step(time.Second)
	g.Expect(s.read(t, s.fresh())).NotTo(HaveKey("b"), "what was deleted is not shown again")
}

func TestOutdate(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.read(t, s.fresh())
	s.clock.Step(time.Second)
	s.links.Put(atlas.PrivateLink{ID: "b"}, s.clock.Now())
	s.clock.Step(time.Second)
	s.links.Outdate("b", s.clock.Now())
	s.clock.Step(time.Second)
	g.Expect(s.read(t, s.fresh())).NotTo(HaveKey("b"), "what was deleted is not shown from memory")
}

func TestWhatWasDeletedIsNotReadFromAnOlderListOfOtherCredentials(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a", "b")
	other := s.inventory.Links(s.client(t, "two"), project)
	_, err := other.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	s.clock.Step(time.Second)
	s.set("a")
	s.links.Outdate("b", s.clock.Now())
	s.clock.Step(time.Second)
	snapshot, err := other.Read(t.Context(), inventory.ReadOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(snapshot)).To(ConsistOf("a"), "nobody may take over what was deleted")
	_, found := snapshot.Get("b")
	g.Expect(found).To(BeFalse())
	g.Expect(s.count()).To(Equal(1))

	s.set("a", "b")
	snapshot, err = other.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(snapshot)).To(ConsistOf("a", "b"), "it is still being deleted")
}

func TestASnapshotFindsByKeyWhatItLists(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a", "b")
	snapshot, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	s.clock.Step(time.Second)
	s.links.Put(atlas.PrivateLink{ID: "b", State: "DELETING"}, s.clock.Now())
	s.links.Put(atlas.PrivateLink{ID: "c", State: "IDLE"}, s.clock.Now())
	for id, state := range map[string]string{"a": "DONE", "b": "DELETING", "c": "IDLE"} {
		found, ok := snapshot.Get(id)
		g.Expect(ok).To(BeTrue())
		g.Expect(found.State).To(Equal(state))
	}
	_, ok := snapshot.Get("d")
	g.Expect(ok).To(BeFalse())
	g.Expect(ids(snapshot)).To(ConsistOf("a", "b", "c"))
}

func TestAnswersAreSharedBetweenCredentials(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	other := s.inventory.Links(s.client(t, "two"), project)
	g.Expect(other).NotTo(BeIdenticalTo(s.links), "lists are not: each sees what its credential may")
	s.links.Put(atlas.PrivateLink{ID: "new"}, s.clock.Now())
	snapshot, err := other.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(snapshot)).To(ContainElement("new"))
}

func TestOwnResultsApplyOnlyToTheirScope(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	client := s.client(t, "one")
	s.links.Put(atlas.PrivateLink{ID: "new"}, s.clock.Now())
	elsewhere, err := s.inventory.Links(client, "ffffffffffffffffffffffff").Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(elsewhere)).To(BeEmpty())

	orders := s.inventory.Connections(client, project, "orders")
	orders.Put(atlas.Connection{ID: "1", Name: "c"}, s.clock.Now())
	there, err := orders.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(names(there)).To(ConsistOf("c"), "connections are known by their name")
	stock, err := s.inventory.Connections(client, project, "stock").Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(names(stock)).To(BeEmpty())
}

func TestOneListPerCredentialAndPlace(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	same := s.inventory.Links(s.client(t, "one"), project)
	g.Expect(same).To(BeIdenticalTo(s.links), "another client with the same credentials")
	s.read(t, s.fresh())
	_, err := same.Read(t.Context(), inventory.ReadOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(s.count()).To(Equal(1))
}

func TestIdleListsAreDropped(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	client := s.client(t, "one")
	s.clock.Step(50 * time.Minute)
	g.Expect(s.inventory.Links(client, project)).To(BeIdenticalTo(s.links), "used within the hour")
	s.clock.Step(61 * time.Minute)
	s.inventory.Links(client, "ffffffffffffffffffffffff")
	g.Expect(s.inventory.Links(client, project)).NotTo(BeIdenticalTo(s.links), "dropped when another one is made")
}

func TestOwnResultIsKeptForAllLists(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t)
	other := s.inventory.Links(s.client(t, "two"), project)
	_, err := other.Read(t.Context(), s.fresh())
	g.Expect(err).NotTo(HaveOccurred())
	s.clock.Step(time.Second)
	s.links.Put(atlas.PrivateLink{ID: "new"}, s.clock.Now())
	s.set("new")
	s.clock.Step(2 * settle)
	s.read(t, s.fresh())
	snapshot, err := other.Read(t.Context(), inventory.ReadOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(ids(snapshot)).To(ContainElement("new"))
}
