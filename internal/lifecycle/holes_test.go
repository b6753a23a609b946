package lifecycle

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// Reads that do not show what is there for less than settle, as a lagging replica does.
var holes = map[string][]string{"lists": {"list"}, "GETs": {"get"}, "both": {"list", "get"}}

func TestAHoleInReadsDoublesNothing(t *testing.T) {
	for name, hidden := range holes {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w := newWorld(t)
			w.ready()
			w.clock.Step(time.Hour)
			w.hide(w.shared.options.settle()-time.Second, hidden...)
			w.settleFor(3 * time.Hour)
			g.Expect(w.count("create")).To(BeZero())
			g.Expect(w.link().Status.ID).To(Equal("made1"))
			g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))
		})
	}
}

func TestAHoleInReadsOrphansNothing(t *testing.T) {
	for name, hidden := range holes {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w := newWorld(t)
			w.ready()
			w.clock.Step(time.Hour)
			w.hide(4*time.Second, hidden...)
			g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
			w.settleFor(time.Hour)
			g.Expect(w.link()).To(BeNil())
			g.Expect(w.objects).To(BeEmpty())
			g.Expect(w.count("delete")).To(Equal(1))
		})
	}
}

func TestAnObjectThatIsGoneIsMadeAgainAfterItWasMissedTwice(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.clock.Step(time.Hour)
	clear(w.objects)
	settle, missedAt := w.shared.options.settle(), w.clock.Now()
	for w.count("create") == 0 {
		g.Expect(w.clock.Now()).To(BeTemporally("<", missedAt.Add(10*settle)), "it is never made again")
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
		w.clock.Step(5 * time.Second)
	}
	g.Expect(w.clock.Now()).To(BeTemporally(">", missedAt.Add(settle)))
	g.Expect(w.link().Status.ID).To(Equal("made2"))
}

func TestAnAbsenceThatWasContradictedCountsFromAnew(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.clock.Step(time.Hour)
	w.edit(func(l *v1alpha1.StreamPrivateLink) {
		l.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
	})
	for range 5 { // holes, settle apart, and the object is seen between them
		w.hide(time.Second, "list", "get")
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
		w.clock.Step(w.shared.options.settle() / 2)
		_, err = w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
		w.clock.Step(w.shared.options.settle() / 2)
	}
	g.Expect(w.count("create")).To(BeZero())
}

func TestTheClockOfANewLeaderRepeatsNoPOST(t *testing.T) {
	for _, skew := range []time.Duration{5 * time.Minute, -5 * time.Minute, 24 * time.Hour} {
		g := NewWithT(t)
		w := newWorld(t)
		w.fail = func(call string, done bool) error {
			if call == "create" && done {
				return errUnavailable
			}
			return nil
		}
		w.lag = 59 * time.Second // Atlas shows late what it made
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
		w.skew, w.fail = skew, nil
		w.restart()
		w.settleFor(10 * time.Minute)
		g.Expect(w.count("create")).To(Equal(1), "with a clock that is ahead by %s", skew)
		g.Expect(w.link().Status.ID).To(Equal("made1"))
	}
}

func TestAClaimOfTheFutureDoesNotMakePollsFaster(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.skew = time.Hour
	w.restart()
	w.settleFor(time.Second)
	w.skew = 0
	w.restart()
	w.clock.Step(time.Minute)
	r := w.reconciliation()
	r.newObservation()
	r.Now = r.Now.Add(time.Minute)
	g.Expect(r.pendingDelay()).To(Equal(15 * time.Second))
}

func TestAPOSTThatAlwaysFailsIsReportedAndLeavesTheSpecOpen(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = failing("create", atlasError(500, "UNEXPECTED_ERROR", "bad region"))
	w.settleFor(30 * time.Second)
	ready := meta.FindStatusCondition(w.link().Status.Conditions, v1alpha1.ConditionReady)
	g.Expect(ready.Message).To(And(ContainSubstring("HTTP 500 UNEXPECTED_ERROR"), ContainSubstring("bad region")))
	g.Expect(w.link().Status.CreateRequestedAt).NotTo(BeNil(), "the outcome is unknown")
	open := 0
	for range 60 {
		w.settleFor(10 * time.Second)
		if w.link().Status.CreateRequestedAt == nil {
			open++
		}
	}
	g.Expect(open).To(BeNumerically(">", 0), "lists and time have shown that nothing was made")
	g.Expect(w.count("create")).To(BeNumerically(">", 1), "it is tried again")
	g.Expect(w.objects).To(BeEmpty())
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown AtlasUnreachable"))
}

func TestWhatOthersTakeAwayIsPutBack(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Finalizers = nil })
	link := w.link()
	link.Status.ID, link.Status.Ownership, link.Status.CreateRequestedAt = "", "", nil
	g.Expect(w.kube.Status().Update(t.Context(), link)).To(Succeed())
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(hasFinalizer(w.link())).To(BeTrue())
	g.Expect(w.link().Status.ID).To(Equal("made1"))
	g.Expect(w.link().Status.Ownership).To(Equal(v1alpha1.OwnershipCreated))
	g.Expect(w.count("create")).To(BeZero())
}

func TestAFinalizerIsPutBackAlsoWithoutCredentials(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Finalizers, l.Spec.CredentialsRef.Name = nil, "none" })
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(hasFinalizer(w.link())).To(BeTrue())
}

func TestOnlyVersionsOfOthersAreForeign(t *testing.T) {
	g := NewWithT(t)
	now, v := noon, &version{}
	g.Expect(v.event("5", now)).To(BeTrue(), "nothing of ours is known")
	v.begin()
	g.Expect(v.event("6", now)).To(BeFalse(), "it may be the write that is under way")
	g.Expect(v.end("6", now)).To(BeFalse())
	g.Expect(v.event("6", now)).To(BeFalse())
	g.Expect(v.event("4", now)).To(BeFalse(), "an event that came late")
	g.Expect(v.event("7", now)).To(BeTrue())
	v.begin()
	g.Expect(v.event("9", now)).To(BeFalse())
	g.Expect(v.end("8", now)).To(BeTrue(), "somebody wrote right after us")
	v.begin()
	g.Expect(v.event("9", now)).To(BeFalse())
	g.Expect(v.end("", now)).To(BeTrue(), "our write failed, the version is another's")
	now = now.Add(time.Minute)
	g.Expect(v.event("7", now)).To(BeTrue(), "etcd was restored")
}

func TestACacheWithoutOurOwnWriteIsBehind(t *testing.T) {
	g := NewWithT(t)
	tracked, link := newTracker(), worldLink("link")
	g.Expect(tracked.version(NameOf(link)).behind("7")).To(BeFalse(), "nothing of ours is known")
	tracked.of(link, noon)
	tracked.version(NameOf(link)).end("8", noon)
	g.Expect(tracked.version(NameOf(link)).behind("7")).To(BeTrue())
	g.Expect(tracked.version(NameOf(link)).behind("8")).To(BeFalse())
	g.Expect(tracked.version(NameOf(link)).behind("9")).To(BeFalse())
	tracked.forget(NameOf(link))
	g.Expect(tracked.version(NameOf(link)).behind("7")).To(BeFalse(), "the resource is gone")
	g.Expect(tracked.byName).To(BeEmpty())
}

// A text beyond the API server's limit would freeze the status, the id with it.
func TestTextsOfAtlasAreBounded(t *testing.T) {
	g := NewWithT(t)
	long := strings.Repeat("é", 1<<20)
	g.Expect(len(Bounded(long))).To(BeNumerically("<=", longestMessage))
	many := make([]string, 100_000)
	for i := range many {
		many[i] = long[:1000]
	}
	total := 0
	for _, entry := range BoundedList(many) {
		total += len(entry)
	}
	g.Expect(total).To(BeNumerically("<", 1<<19))
	g.Expect(BoundedList([]string{"a", "b"})).To(Equal([]string{"a", "b"}))
	g.Expect(BoundedList(nil)).To(BeNil())
}
