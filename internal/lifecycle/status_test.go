package lifecycle

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

var errConflict = apierrors.NewConflict(schema.GroupResource{Resource: "streamprivatelinks"}, "link", errors.New("changed"))

// shows is a condition of the resource as "True Done"; empty when it is not there.
func (w *world) shows(kind string) string { return w.showsOf("link", kind) }

func (w *world) showsOf(name, kind string) string {
	c := meta.FindStatusCondition(w.named(name).Status.Conditions, kind)
	if c == nil {
		return ""
	}
	return string(c.Status) + " " + c.Reason
}

// ready makes the object and waits until the resource is Ready.
func (w *world) ready() {
	w.t.Helper()
	w.settleFor(time.Second)
	for _, object := range w.objects {
		object.State = "DONE"
	}
	w.settleFor(time.Minute)
	if got := w.shows(v1alpha1.ConditionReady); got != "True Done" {
		w.t.Fatalf("Ready is %q", got)
	}
	w.calls = nil
}

func TestReportsItsWay(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.settleFor(time.Second)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Working"))
	g.Expect(w.shows(v1alpha1.ConditionReconciling)).To(Equal("True Progressing"))
	g.Expect(w.shows(v1alpha1.ConditionCredentialsReady)).To(Equal("True Accepted"))

	w.objects["made1"].State = "FAILED"
	w.objects["made1"].ErrorMessage = "quota"
	w.settleFor(time.Minute)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Failed"))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True Failed"))
	g.Expect(w.shows(v1alpha1.ConditionReconciling)).To(BeEmpty())
	g.Expect(meta.FindStatusCondition(w.link().Status.Conditions, v1alpha1.ConditionStalled).Message).To(Equal("quota"))

	w.objects["made1"].State, w.objects["made1"].ErrorMessage = "DONE", ""
	w.settleFor(20 * time.Minute)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("True Synced"))
	g.Expect(w.link().Status.ObservedGeneration).To(Equal(int64(1)))
}

func TestNothingIsWrittenWhileNothingChanges(t *testing.T) {
	w := newWorld(t)
	w.ready()
	before := w.link().ResourceVersion
	w.settleFor(5 * time.Hour)
	NewWithT(t).Expect(w.link().ResourceVersion).To(Equal(before))
}

func TestTheClaimIsWrittenBeforeThePost(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = func(call string, done bool) error {
		if call == "create" && !done {
			link := w.link()
			g.Expect(link.Status.OpenClaim()).To(BeTrue(), "claimed")
			g.Expect(hasFinalizer(link)).To(BeTrue(), "with the finalizer")
		}
		return nil
	}
	w.settleFor(time.Second)
	g.Expect(w.count("create")).To(Equal(1))
	g.Expect(w.link().Status.ID).To(Equal("made1"))
	g.Expect(w.link().Status.Ownership).To(Equal(v1alpha1.OwnershipCreated))
}

func TestNoPostWithoutASavedClaim(t *testing.T) {
	w := newWorld(t)
	w.statusWrite = func(func() error) error { return errConflict }
	w.settleFor(time.Minute)
	NewWithT(t).Expect(w.count("create")).To(BeZero())
}

func TestTheIDIsKeptOverAForeignEdit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // retried writes pause
		g := NewWithT(t)
		w := newWorld(t)
		w.fail = func(call string, done bool) error {
			if call == "create" && done {
				w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Labels = map[string]string{"edited": "meanwhile"} })
			}
			return nil
		}
		w.settleFor(time.Second)
		g.Expect(w.link().Status.ID).To(Equal("made1"))
		g.Expect(w.link().Labels).To(HaveKey("edited"))
		w.settleFor(time.Hour)
		g.Expect(w.count("create")).To(Equal(1))
	})
}

func TestTheIDIsRememberedUntilItIsSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // retried writes pause
		g := NewWithT(t)
		w := newWorld(t)
		w.fail = func(call string, done bool) error {
			if call == "create" && done {
				w.statusWrite = func(func() error) error { return errors.New("the API server is away") }
				// Atlas shows it otherwise than it was asked for: matching would not know it.
				w.objects["made1"].Differences = []decision.Difference{{Path: "region", Fixed: true}}
			}
			return nil
		}
		_, err := w.reconcile()
		g.Expect(err).To(HaveOccurred())
		g.Expect(w.link().Status.OpenClaim()).To(BeTrue())
		w.statusWrite = nil
		w.settleFor(time.Second)
		g.Expect(w.link().Status.ID).To(Equal("made1"))
		g.Expect(w.count("create")).To(Equal(1))
	})
}

func TestAStatusThatMovedOnIsNotOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // retried writes pause
		g := NewWithT(t)
		w := newWorld(t)
		w.fail = func(call string, done bool) error {
			if call == "create" && done {
				link := w.link()
				link.Status.ID, link.Status.Ownership = "another", v1alpha1.OwnershipCreated
				g.Expect(w.kube.Status().Update(t.Context(), link)).To(Succeed())
			}
			return nil
		}
		_, err := w.reconcile()
		g.Expect(err).To(MatchError(errSuperseded))
		g.Expect(err).To(MatchError(ContainSubstring("made1")), "the id is told before it is given up")
		g.Expect(w.link().Status.ID).To(Equal("another"))
	})
}

func TestARefusedPostClosesItsClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // retried writes pause
		g := NewWithT(t)
		w := newWorld(t)
		w.fail = func(call string, _ bool) error {
			if call == "create" {
				w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Labels = map[string]string{"edited": "meanwhile"} })
				return errInvalid
			}
			return nil
		}
		w.settleFor(time.Second)
		g.Expect(w.link().Status.CreateRequestedAt).To(BeNil(), "also over a foreign edit")
		g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Rejected"))
		g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty(), "it may be mended outside")
	})
}

func TestAClosedClaimIsRememberedUntilItIsSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // retried writes pause
		g := NewWithT(t)
		w := newWorld(t)
		w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.AdoptionPolicy = v1alpha1.AdoptNever })
		w.fail = func(call string, _ bool) error {
			if call == "create" {
				w.statusWrite = func(func() error) error { return errors.New("the API server is away") }
				w.objects["theirs"] = &decision.RemoteObject{ID: "theirs", State: "DONE", States: linkStates}
				return errExists
			}
			return nil
		}
		_, _ = w.reconcile()
		w.statusWrite = nil
		w.settleFor(time.Hour)
		g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True AlreadyExists"), "somebody else's object is not taken for ours")
		g.Expect(w.link().Status.Owned()).To(BeFalse())
		g.Expect(w.count("create")).To(Equal(1))
	})
}

func TestAnUnknownOutcomeIsFound(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = func(call string, done bool) error {
		if call == "create" && done {
			return errUnavailable
		}
		return nil
	}
	w.settleFor(10 * time.Minute)
	g.Expect(w.count("create")).To(Equal(1))
	g.Expect(w.link().Status.ID).To(Equal("made1"))
	g.Expect(w.link().Status.Ownership).To(Equal(v1alpha1.OwnershipCreated))
}

func TestAnUnknownOutcomeThatMadeNothingIsPostedAgainAfterItsTime(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	var posts []time.Time
	w.fail = func(call string, done bool) error {
		if call != "create" || done {
			return nil
		}
		if posts = append(posts, w.clock.Now()); len(posts) == 1 {
			return errUnavailable
		}
		return nil
	}
	w.settleFor(10 * time.Minute)
	g.Expect(posts).To(HaveLen(2))
	g.Expect(posts[1].Sub(posts[0])).To(BeNumerically(">", 60*time.Second+15*time.Second))
	g.Expect(w.objects).To(HaveLen(1))
}

func TestAStrippedFinalizerIsPutBack(t *testing.T) {
	w := newWorld(t)
	w.ready()
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Finalizers = nil })
	w.settleFor(time.Second)
	NewWithT(t).Expect(hasFinalizer(w.link())).To(BeTrue())
}

func TestDriftIsMendedEachTime(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	for i := range 3 {
		w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
		w.settleFor(time.Hour)
		g.Expect(w.count("update")).To(Equal(i + 1))
		g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("True Synced"))
	}
}

func TestAPatchThatChangesNothingIsNotRepeated(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.fail = func(_ string, _ bool) error {
		w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
		return nil
	}
	w.settleFor(5 * time.Hour)
	g.Expect(w.count("update")).To(Equal(1))
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("False Drifted"))
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))
}

func TestReportOnlyReportsAfterAnOutageToo(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.DriftPolicy = v1alpha1.Report })
	w.ready()
	w.fail = failing("list", errUnavailable)
	w.settleFor(2 * time.Hour)
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown AtlasUnreachable"))
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))
	w.fail = nil
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	w.settleFor(time.Hour)
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("False Drifted"))
	g.Expect(w.count("update")).To(BeZero())
}

func TestObservingKeepsWhatAtlasSaidThroughAnOutage(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.ManagementPolicy = v1alpha1.Observe })
	w.objects["theirs"] = &decision.RemoteObject{ID: "theirs", State: "DONE", States: linkStates}
	w.settleFor(time.Minute)
	w.fail = failing("list", errUnavailable)
	w.settleFor(3 * time.Hour)
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown AtlasUnreachable"))
	g.Expect(w.link().Status.ID).To(Equal("theirs"))
	g.Expect(w.link().Status.State).To(Equal("DONE"))
	g.Expect(hasFinalizer(w.link())).To(BeFalse())
}

func TestStateMessage(t *testing.T) {
	g := NewWithT(t)
	g.Expect(stateMessage(decision.RemoteObject{State: "DONE", Endpoint: "vpce-1"})).To(Equal("state=DONE interfaceEndpointId=vpce-1"))
	g.Expect(stateMessage(decision.RemoteObject{State: "FAILED", ErrorMessage: "quota"})).To(Equal("state=FAILED quota"))
	g.Expect(stateMessage(decision.RemoteObject{})).NotTo(BeEmpty())

	w := newWorld(t)
	w.ready()
	w.objects["made1"].State = "FAILED"
	w.settleFor(20 * time.Minute)
	g.Expect(w.condition(v1alpha1.ConditionStalled)).To(Equal("True Failed: Atlas reports FAILED without a reason."))
}

func TestPausedLeavesReadyAsItIs(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.ManagementPolicy, l.Generation = v1alpha1.Paused, 2 })
	w.settleFor(time.Minute)
	ready := meta.FindStatusCondition(w.link().Status.Conditions, v1alpha1.ConditionReady)
	g.Expect(ready.Status).To(Equal(metav1.ConditionTrue))
	g.Expect(ready.ObservedGeneration).To(Equal(int64(1)))
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown Paused"))
	g.Expect(w.shows(v1alpha1.ConditionReconciling) + w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
	g.Expect(w.calls).To(BeEmpty())
}

func TestReconciliationStartsFromOurOwnWriteThoughTheCacheLacksIt(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	before := w.link()
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	w.clock.Step(10 * time.Minute)
	for range 2 { // the first shows the drift, the second corrects it
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(w.count("update")).To(Equal(1))

	result, err := w.shared.reconcile(w.context(), before.DeepCopy())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(result.RequeueAfter).NotTo(Equal(100*time.Millisecond), "no conflict")
	g.Expect(w.count("update")).To(Equal(1), "nothing is decided on what was")
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("True Synced"))
}

// A cache that stays behind for long must not have what was sent sent again, again and again.
func TestAReconciliationReadsTheAPIServerWhenTheCacheStaysBehind(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	var claimed *v1alpha1.StreamPrivateLink
	w.fail = func(call string, done bool) error {
		if call == "create" && !done {
			claimed = w.link()
		}
		return nil
	}
	w.ready()
	w.edit(func(l *v1alpha1.StreamPrivateLink) {
		l.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
	})
	version := w.link().ResourceVersion
	result, err := w.shared.reconcile(w.context(), claimed)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(result.RequeueAfter).NotTo(Equal(100*time.Millisecond), "no conflict")
	g.Expect(w.link().Status.LastHandledReconcileAt).To(Equal("now"), "it went on with the object as it is")
	g.Expect(w.link().ResourceVersion).NotTo(Equal(version))

	calls := len(w.calls)
	w.shared.tracker.version(NameOf(claimed)).end("999999999", w.clock.Now())
	w.clock.Step(10 * time.Minute)
	_, err = w.shared.reconcile(w.context(), w.link())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(w.calls)).To(BeNumerically(">", calls), "versions begin anew when etcd is restored")
}

// An edit of somebody that the cache does not show yet must not have a PATCH sent for each try.
func TestAConflictWithAnEditThatTheCacheLacksSendsNoPatchTwice(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.prepared.ResendSecrets, w.prepared.Fingerprint = true, "rotated"
	stale := w.link()
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Labels = map[string]string{"edited": "true"} })
	for range 20 {
		_, err := w.shared.reconcile(w.context(), stale.DeepCopy())
		g.Expect(err).NotTo(HaveOccurred())
		w.clock.Step(100 * time.Millisecond)
	}
	g.Expect(w.count("update")).To(Equal(2), "what was sent first could not be saved")
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.count("update")).To(Equal(2))
}
