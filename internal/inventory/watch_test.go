package inventory_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"

	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
)

// watch watches an object in the state of the current list.
func (s *setting) watch(t *testing.T, id string) (woken <-chan struct{}, stop func()) {
	t.Helper()
	snapshot, err := s.links.Read(t.Context(), inventory.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	seen, ok := snapshot.Get(id)
	if !ok {
		t.Fatalf("%s is not listed", id)
	}
	calls := make(chan struct{}, 2)
	return calls, s.links.Watch(t.Context(), id, seen, func() { calls <- struct{}{} })
}

// pollNow advances to the next poll and waits for its end.
func (s *setting) pollNow(g Gomega) {
	before := s.count()
	g.Eventually(s.clock.HasWaiters).Should(BeTrue())
	s.clock.Step(interval + interval/10)
	g.Eventually(s.count).Should(BeNumerically(">", before))
	g.Eventually(s.clock.HasWaiters).Should(BeTrue(), "the next poll is planned when this one has ended")
}

func TestPollWakesWatchersOfChangedObjects(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a", "b", "c")
	same, _ := s.watch(t, "a")
	gone, _ := s.watch(t, "b")
	changed, _ := s.watch(t, "c")
	s.answerWith(func(w http.ResponseWriter, _ string) bool {
		_, _ = fmt.Fprint(w, `{"results":[{"_id":"a","provider":"AWS","state":"DONE"},{"_id":"c","provider":"AWS","state":"FAILED"}]}`)
		return true
	})
	s.pollNow(g)
	g.Eventually(gone).Should(Receive())
	g.Eventually(changed).Should(Receive())
	g.Expect(same).NotTo(Receive())
	g.Expect(s.count()).To(Equal(2), "one list for all")

	s.pollNow(g)
	g.Expect(gone).NotTo(Receive(), "once is enough")
	g.Expect(same).NotTo(Receive())
}

func TestUnwatchedListIsNotPolled(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	woken, stop := s.watch(t, "a")
	stop()
	s.set()
	s.clock.Step(interval + interval/10)
	g.Eventually(s.clock.HasWaiters).Should(BeFalse())
	g.Consistently(s.count, "50ms").Should(Equal(1))
	g.Expect(woken).NotTo(Receive())

	again, _ := s.watch2(t, "a")
	g.Eventually(again).Should(Receive(), "the poll begins again")
}

// watch2 watches an object that may be missing from the list.
func (s *setting) watch2(t *testing.T, id string) (woken <-chan struct{}, stop func()) {
	t.Helper()
	calls := make(chan struct{}, 2)
	return calls, s.links.Watch(t.Context(), id, atlas.PrivateLink{ID: "other"}, func() { calls <- struct{}{} })
}

func TestOtherReadPostponesThePoll(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.watch(t, "a")
	s.clock.Step(interval - time.Second)
	s.read(t, s.fresh())
	s.clock.Step(interval / 2)
	g.Consistently(s.count, "50ms").Should(Equal(2))
	s.pollNow(g)
	g.Expect(s.count()).To(Equal(3))
}

func TestOtherReadWakesWatchers(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	woken, _ := s.watch(t, "a")
	s.set()
	s.clock.Step(time.Second)
	s.read(t, s.fresh())
	g.Eventually(woken).Should(Receive())
}

func TestAnObjectThatChangedBetweenReadAndWatchIsNotMissed(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.read(t, s.fresh())
	woken, _ := s.watch2(t, "a")
	g.Eventually(woken).Should(Receive())
}

func TestOwnResultDoesNotWake(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	s.read(t, s.fresh())
	s.clock.Step(time.Second)
	s.links.Put(atlas.PrivateLink{ID: "new", State: "IDLE"}, s.clock.Now())
	woken, _ := s.watch(t, "new")
	g.Consistently(woken, "50ms").ShouldNot(Receive())
}

// timers counts the timers that are set.
type timers struct {
	*testclock.FakeClock
	set atomic.Int32
}

func (c *timers) AfterFunc(d time.Duration, f func()) clock.Timer {
	c.set.Add(1)
	return c.FakeClock.AfterFunc(d, f)
}

// The list is young enough for a poll, but an attempt to read a newer one failed.
func TestFailedReadOfNewerListDoesNotSpinThePoll(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	counting := &timers{FakeClock: s.clock}
	s.inventory = inventory.New(inventory.Options{Clock: counting, Settle: settle, PollInterval: interval})
	s.links = s.inventory.Links(s.client(t, "one"), project)
	s.read(t, s.fresh())
	s.clock.Step(time.Second)
	s.fail(http.StatusForbidden)
	_, err := s.links.Read(t.Context(), s.fresh())
	g.Expect(err).To(HaveOccurred())
	s.clock.Step(time.Minute)
	s.watch(t, "a")
	for range 20 {
		s.clock.Step(time.Second)
		g.Eventually(s.clock.HasWaiters).Should(BeTrue())
	}
	g.Expect(counting.set.Load()).To(BeEquivalentTo(1))
}

func TestRejectedListWakesWatchers(t *testing.T) {
	g := NewWithT(t)
	s := newSetting(t, "a")
	woken, _ := s.watch(t, "a")
	s.fail(http.StatusForbidden)
	s.pollNow(g)
	g.Eventually(woken).Should(Receive())
}

func TestOutageWakesWatchersAfterThreePolls(t *testing.T) {
	t.Run("of Atlas", func(t *testing.T) { toldAfterThreePolls(t, func(s *setting) { s.fail(http.StatusNotImplemented) }) })
	t.Run("of a proxy", func(t *testing.T) {
		toldAfterThreePolls(t, func(s *setting) {
			s.answerWith(func(w http.ResponseWriter, _ string) bool {
				w.WriteHeader(http.StatusForbidden)
				return true
			})
		})
	})
}

func toldAfterThreePolls(t *testing.T, begin func(*setting)) {
	t.Helper()
	g := NewWithT(t)
	s := newSetting(t, "a")
	woken, _ := s.watch(t, "a")
	begin(s)
	s.pollNow(g)
	began := s.clock.Now()
	g.Expect(woken).NotTo(Receive())
	for !s.clock.Now().After(began.Add(3 * interval)) {
		g.Expect(woken).NotTo(Receive())
		s.pollNow(g)
	}
	g.Eventually(woken).Should(Receive())
	_, err := s.links.Read(t.Context(), s.fresh())
	paused, ok := errors.AsType[*inventory.PausedError](err)
	g.Expect(ok).To(BeTrue())
	g.Expect(paused.Since).To(BeTemporally("~", began, time.Minute))
}
