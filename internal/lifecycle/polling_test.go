package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestPendingDelay(t *testing.T) {
	const poll = 15 * time.Second
	for _, c := range []struct {
		waited, interval, want time.Duration
	}{
		{-time.Second, poll, time.Second},
		{0, poll, time.Second},
		{time.Second, poll, 2 * time.Second},
		{3 * time.Second, poll, 4 * time.Second},
		{7 * time.Second, poll, 8 * time.Second},
		{15 * time.Second, poll, poll},
		{10 * time.Minute, poll, poll},
		{20 * time.Minute, poll, 30 * time.Second},
		{40 * time.Minute, poll, time.Minute},
		{10 * time.Hour, poll, 2 * time.Minute},
		{0, 100 * time.Millisecond, 100 * time.Millisecond},
		{20 * time.Second, time.Second, time.Second},
		{10 * time.Hour, 10 * time.Minute, 10 * time.Minute},
	} {
		NewWithT(t).Expect(pendingDelay(c.waited, c.interval, 0)).To(Equal(c.want), "waited %s, interval %s", c.waited, c.interval)
	}
}

func TestPendingDelayNeverShrinks(t *testing.T) {
	var last time.Duration
	for waited := time.Duration(0); waited < 5*time.Hour; waited += 500 * time.Millisecond {
		delay := pendingDelay(waited, 15*time.Second, 0)
		if delay < last || delay > slowestPending {
			t.Fatalf("after %s the pause is %s, before it was %s", waited, delay, last)
		}
		last = delay
	}
}

func TestManyPendingResourcesAreObservedTogether(t *testing.T) {
	for _, c := range []struct {
		waited, interval time.Duration
		waiting          int
		want             time.Duration
	}{
		{0, 15 * time.Second, 19, time.Second},
		{0, 15 * time.Second, 20, 8 * time.Second},
		{20 * time.Second, 15 * time.Second, 20, 15 * time.Second},
		{0, time.Second, 1_000, time.Second},
	} {
		NewWithT(t).Expect(pendingDelay(c.waited, c.interval, c.waiting)).To(Equal(c.want), "%+v", c)
	}
}

func TestOneOfManyIsObservedLater(t *testing.T) {
	for waiting, within := range map[int]time.Duration{0: 2 * time.Second, 1_000: 10 * time.Second} {
		g := NewWithT(t)
		w := newWorld(t)
		w.waitedFor = waiting
		pause, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(w.count("create")).To(Equal(1))
		g.Expect(pause).To(And(BeNumerically("<=", within), BeNumerically(">=", within/2)), "%d others", waiting)
	}
}

func TestFailureDelay(t *testing.T) {
	g := NewWithT(t)
	for failures, want := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 7: 64 * time.Second,
		8: 2 * time.Minute, 100: 2 * time.Minute, 1 << 30: 2 * time.Minute,
	} {
		g.Expect(decision.FailureDelay(failures)).To(Equal(want), "after %d failures", failures)
	}
}

func TestRejectionDelay(t *testing.T) {
	g := NewWithT(t)
	for rejections, want := range map[int]time.Duration{1: time.Minute, 2: 5 * time.Minute, 3: 30 * time.Minute, 50: 30 * time.Minute} {
		g.Expect(rejectionDelay(rejections)).To(Equal(want), "after %d refusals", rejections)
	}
}

func TestJitterLengthensByATenth(t *testing.T) {
	g := NewWithT(t)
	seen := map[time.Duration]bool{}
	for range 200 {
		d := jitter(10 * time.Second)
		g.Expect(d).To(And(BeNumerically(">=", 10*time.Second), BeNumerically("<=", 11*time.Second)))
		seen[d] = true
	}
	g.Expect(len(seen)).To(BeNumerically(">", 1))
	g.Expect(jitter(0)).To(BeZero())
}
