package lifecycle

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// queued is a creation that waits behind another one's POST, with its claim in hand.
type queued struct {
	*world
	release func()
	cancel  context.CancelFunc
	ended   chan error
	claim   time.Time
}

func newQueued(t *testing.T) *queued {
	t.Helper()
	g := NewWithT(t)
	w := newWorld(t)
	w.queued = true
	release, err := w.shared.locks.acquire(t.Context(), "lock", 1)
	g.Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(w.context())
	t.Cleanup(cancel)
	q := &queued{world: w, release: release, cancel: cancel, ended: make(chan error, 1)}
	link := w.link()
	go func() {
		_, err := w.shared.reconcile(ctx, link)
		q.ended <- err
	}()
	g.Eventually(func() bool { return w.link().Status.OpenClaim() }).Should(BeTrue(), "it claims while it waits")
	q.claim = w.link().Status.CreateRequestedAt.Time
	return q
}

func TestACreationClaimsWhileTheOneBeforeItIsAnswered(t *testing.T) {
	g := NewWithT(t)
	q := newQueued(t)
	q.clock.Step(time.Second)
	q.release()
	g.Eventually(q.ended).Should(Receive(Succeed()))
	g.Expect(q.count("create")).To(Equal(1))
	g.Expect(q.link().Status.ID).To(Equal("made1"))
	g.Expect(q.link().Status.CreateRequestedAt.Time).To(BeTemporally("==", q.claim))
}

func TestAClaimThatBecameOldInTheQueueIsMadeAnew(t *testing.T) {
	g := NewWithT(t)
	q := newQueued(t)
	q.clock.Step(4 * time.Second)
	lists := q.count("list")
	q.release()
	g.Eventually(q.ended).Should(Receive(Succeed()))
	g.Expect(q.count("create")).To(Equal(1))
	g.Expect(q.count("list")).To(Equal(lists+1), "Atlas is looked at again")
	g.Expect(q.link().Status.ID).To(Equal("made1"))
	g.Expect(q.link().Status.CreateRequestedAt.Time).To(BeTemporally("==", q.claim.Add(4*time.Second)))
}

func TestWhatAppearedInTheQueueIsNotCreated(t *testing.T) {
	g := NewWithT(t)
	q := newQueued(t)
	q.clock.Step(4 * time.Second)
	q.objects["theirs"], q.madeAt["theirs"] = &decision.RemoteObject{ID: "theirs", State: "DONE", States: linkStates}, q.clock.Now()
	q.release()
	g.Eventually(q.ended).Should(Receive(Succeed()))
	g.Expect(q.count("create")).To(BeZero())
	g.Expect(q.link().Status.CreateRequestedAt).To(BeNil(), "nothing was sent for the claim")
	q.settleFor(time.Minute)
	g.Expect(q.link().Status.Ownership).To(Equal(v1alpha1.OwnershipAdopted))
}

func TestAClaimInTheQueueIsWithdrawnAtTheEnd(t *testing.T) {
	g := NewWithT(t)
	q := newQueued(t)
	q.cancel()
	g.Eventually(q.ended).Should(Receive(MatchError(context.Canceled)))
	g.Expect(q.count("create")).To(BeZero())
	g.Expect(q.link().Status.CreateRequestedAt).To(BeNil(), "the next process need not wait for its outcome")
	q.release()
	q.restart()
	_, err := q.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(q.link().Status.ID).To(Equal("made1"))
}

// newConflict has a link that is not adopted yet, because its only match in Atlas differs.
func newConflict(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	theirs := conflicting("old")
	w.objects["old"] = &theirs
	if _, err := w.reconcile(); err != nil {
		t.Fatal(err)
	}
	return w
}

// An adoption replaces the conditions from before it: tools that wait give up at Stalled.
func TestAdoptionReplacesEarlierConditions(t *testing.T) {
	g := NewWithT(t)
	w := newConflict(t)
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(HavePrefix("True"))
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.AdoptionPolicy, l.Generation = v1alpha1.AdoptAlways, 2 })
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.link().Status.Ownership).To(Equal(v1alpha1.OwnershipAdopted))
	g.Expect(w.link().Status.ObservedGeneration).To(Equal(int64(2)))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).NotTo(HavePrefix("True"))
}

// What differs at an adoption is the user's change, also where drift is only reported. The status names the object before
// anything is sent, and does not say Ready before that.
func TestAnAdoptionIsSavedBeforeWhatDiffersIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		theirs   decision.RemoteObject
		prepared Resolved
	}{
		"fields":  {theirs: conflicting("old")},
		"secrets": {theirs: matching("old"), prepared: Resolved{ResendSecrets: true, Fingerprint: "one"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, counts := newWorld(t), tally{}
			w.shared.options.Recorder, w.prepared = counts, c.prepared
			w.objects["old"] = &c.theirs
			w.edit(func(l *v1alpha1.StreamPrivateLink) {
				l.Spec.AdoptionPolicy, l.Spec.DriftPolicy = v1alpha1.AdoptAlways, v1alpha1.Report
			})
			w.fail = func(call string, done bool) error {
				if call == "update" && !done {
					g.Expect(w.link().Status.Ownership).To(Equal(v1alpha1.OwnershipAdopted))
					g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Pending"))
					g.Expect(w.shows(v1alpha1.ConditionSynced)).To(BeEmpty())
				}
				return nil
			}
			w.settleFor(time.Minute)
			g.Expect(w.count("update")).To(Equal(1))
			g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))
			g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("True Synced"))
			g.Expect(counts).NotTo(HaveKey("StreamPrivateLink drifted"))
		})
	}
}

// No failure after an adoption keeps the conditions of before it.
func TestAnOutageAfterAnAdoptionShowsNoEarlierConditions(t *testing.T) {
	g := NewWithT(t)
	w := newConflict(t)
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.AdoptionPolicy, l.Generation = v1alpha1.AdoptAlways, 2 })
	w.fail = failing("update", errUnavailable)
	w.settleFor(30 * time.Second)
	g.Expect(w.link().Status.Ownership).To(Equal(v1alpha1.OwnershipAdopted))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
	g.Expect(w.shows(v1alpha1.ConditionReady)).NotTo(ContainSubstring("Conflict"))
}
