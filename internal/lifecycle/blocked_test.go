package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestBlockers(t *testing.T) {
	for name, c := range map[string]struct {
		blocker             decision.Blocker
		ready               bool
		wantReady, synced   string
		credentials, kstate string
	}{
		"credentials refused, new": {decision.Blocker{Effect: decision.CredentialsRefused, Reason: "Unauthorized", Message: "m"}, false,
			"False Unauthorized", "Unknown Unauthorized", "False Unauthorized", v1alpha1.ConditionReconciling},
		"credentials refused, ready": {decision.Blocker{Effect: decision.CredentialsRefused, Reason: "Unauthorized", Message: "m"}, true,
			"True Done", "Unknown Unauthorized", "False Unauthorized", ""},
		"project missing, new": {decision.Blocker{Effect: decision.Missing, Reason: "ProjectNotFound", Message: "m"}, false,
			"False ProjectNotFound", "Unknown ProjectNotFound", "", v1alpha1.ConditionReconciling},
		"project missing, ready": {decision.Blocker{Effect: decision.Missing, Reason: "ProjectNotFound", Message: "m"}, true,
			"True Done", "Unknown ProjectNotFound", "", ""},
		"refused": {decision.Blocker{Effect: decision.Refused, Reason: "Rejected", Message: "m"}, false,
			"False Rejected", "False Rejected", "", v1alpha1.ConditionReconciling},
		"refused for good": {decision.Blocker{Effect: decision.Refused, Reason: "Rejected", Message: "m", Stalled: true}, false,
			"False Rejected", "False Rejected", "", v1alpha1.ConditionStalled},
		"a refused PATCH: this generation is not there": {decision.Blocker{Effect: decision.Refused, Reason: "Rejected", Message: "m"}, true,
			"False Rejected", "False Rejected", "", v1alpha1.ConditionReconciling},
		"busy, ready": {decision.Blocker{Effect: decision.Busy, Reason: "InUse", Message: "m"}, true, "True Done", "", "", ""},
		"busy, new":   {decision.Blocker{Effect: decision.Busy, Reason: "InUse", Message: "m"}, false, "False InUse", "", "", v1alpha1.ConditionReconciling},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := newWorld(t).reconciliation()
			if c.ready {
				r.conditions().Set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonDone, "")
			}
			r.reportBlocked(&c.blocker)
			shows := func(kind string) string {
				if found := r.conditions().get(kind); found != nil {
					return string(found.Status) + " " + found.Reason
				}
				return ""
			}
			g.Expect(shows(v1alpha1.ConditionReady)).To(Equal(c.wantReady))
			g.Expect(shows(v1alpha1.ConditionSynced)).To(Equal(c.synced))
			g.Expect(shows(v1alpha1.ConditionCredentialsReady)).To(Equal(c.credentials))
			for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
				if kind == c.kstate {
					g.Expect(shows(kind)).NotTo(BeEmpty(), kind)
				} else {
					g.Expect(shows(kind)).To(BeEmpty(), kind)
				}
			}
			if found := r.conditions().get(v1alpha1.ConditionStalled); found != nil {
				g.Expect(found.Reason).To(Equal(c.blocker.Reason), "Stalled carries the reason of Ready")
			}
		})
	}
}

func TestBlockersOfADeletionOfferAbandon(t *testing.T) {
	for _, effect := range []decision.Effect{decision.CredentialsRefused, decision.Missing, decision.Refused, decision.Busy} {
		g := NewWithT(t)
		r := newWorld(t).reconciliation()
		r.Object.SetDeletionTimestamp(&metav1.Time{Time: noon})
		r.conditions().Set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonDone, "")
		r.reportBlocked(&decision.Blocker{Effect: effect, Reason: "Some", Message: "m", Stalled: true})
		ready := r.conditions().get(v1alpha1.ConditionReady)
		g.Expect(ready.Status).To(Equal(metav1.ConditionFalse))
		g.Expect(ready.Message).To(ContainSubstring(v1alpha1.AnnotationAbandon))
		g.Expect(r.conditions().get(v1alpha1.ConditionStalled)).To(BeNil())
		g.Expect(r.conditions().get(v1alpha1.ConditionReconciling)).NotTo(BeNil())
	}
}

func TestAShortOutageIsNotWritten(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	before := w.link().ResourceVersion
	w.fail = failing("list", errUnavailable)
	w.settleFor(20 * time.Minute)
	w.fail = nil
	w.settleFor(time.Hour)
	g.Expect(w.link().ResourceVersion).To(Equal(before))
}

func TestALongOutageHasOneEvent(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.settleFor(time.Second)
	before := w.link().ResourceVersion
	w.fail = failing("list", errUnavailable)
	w.settleFor(time.Minute)
	g.Expect(w.link().ResourceVersion).To(Equal(before), "it may pass")
	w.settleFor(5 * time.Minute)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False AtlasUnreachable"))
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown AtlasUnreachable"))
	g.Expect(w.shows(v1alpha1.ConditionReconciling)).To(Equal("True Progressing"))
	before = w.link().ResourceVersion
	calls := w.count("list")
	w.settleFor(2 * time.Hour)
	g.Expect(w.link().ResourceVersion).To(Equal(before), "the message does not differ from try to try")
	g.Expect(w.count("list")-calls).To(BeNumerically("<=", 70), "every two minutes")
	w.fail = nil
	w.settleFor(10 * time.Minute)
	g.Expect(w.link().Status.ID).To(Equal("made1"))
}

func TestANewResourceReportsAtOnceThatAtlasCannotBeReached(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = failing("list", errUnavailable)
	w.settleFor(15 * time.Second)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False AtlasUnreachable"))
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown AtlasUnreachable"))
}

func TestAnUnreadableItemIsReportedAndNotStormed(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.objects = map[string]*decision.RemoteObject{}
	w.fail = failing("get", errUnavailable)
	w.settleFor(2 * time.Hour)
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown AtlasUnreachable"))
	g.Expect(w.count("get")).To(BeNumerically("<=", 80))
	g.Expect(w.count("create")).To(BeZero(), "an error is never absence")
}

func TestARefusedReadLeavesReadyAlone(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.fail = failing("list", &atlas.Error{StatusCode: 410, Code: "VERSION_GONE", AtlasBody: true, Operation: "list"})
	w.settleFor(time.Hour)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(HavePrefix("Unknown"))
}

// A proxy's page says nothing about the object or about the credentials.
func TestAProxysAnswerLeavesReadyAndTheCredentialsAlone(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 407} {
		g := NewWithT(t)
		w := newWorld(t)
		w.ready()
		credentials := w.shows(v1alpha1.ConditionCredentialsReady)
		w.fail = failing("list", &atlas.Error{StatusCode: status, Operation: "list", Method: "GET"})
		w.settleFor(time.Hour)
		g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))
		g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("Unknown AtlasUnreachable"))
		g.Expect(w.shows(v1alpha1.ConditionCredentialsReady)).To(Equal(credentials))
		g.Expect(credentials).To(Equal("True Accepted"))
	}
}

// Only Atlas's own word that it does not accept them makes credentials useless for the deletion of what they made.
func TestWhatEndsTheMemoryOfCredentials(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		ends bool
	}{
		"401":                    {atlasError(401, "UNEXPECTED_ERROR", ""), true},
		"401 of a proxy":         {atlasError(401, "", ""), false},
		"403 of a proxy":         {atlasError(403, "", ""), false},
		"401 for want of a role": {atlasError(401, "USER_CANNOT_ACCESS_GROUP", ""), false},
		"403 for the address":    {atlasError(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", ""), false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w := newWorld(t)
			r := w.reconciliation()
			var err error
			r.CredentialsInUse, _, err = r.credentials.Resolve(t.Context(), r.Object, r.Now)
			g.Expect(err).NotTo(HaveOccurred())
			r.classify(c.err, "read the private link")
			g.Expect(w.servesDeletion()).To(Equal(!c.ends))
		})
	}
}

// tries are the pauses between the calls of that name that fail with err, in the given time.
func tries(w *world, call string, err error, during time.Duration) []time.Duration {
	var at []time.Time
	w.fail = func(c string, done bool) error {
		if c == call && !done {
			at = append(at, w.clock.Now())
			return err
		}
		return nil
	}
	w.settleFor(during)
	var pauses []time.Duration
	for i := 1; i < len(at); i++ {
		pauses = append(pauses, at[i].Sub(at[i-1]))
	}
	return pauses
}

func TestARefusedPostIsTriedAgainSlowly(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	pauses := tries(w, "create", errInvalid, 3*time.Hour)
	g.Expect(len(pauses)).To(BeNumerically(">=", 5))
	for i, want := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		g.Expect(pauses[i]).To(And(BeNumerically(">=", want), BeNumerically("<", want+want/5)), "%v", pauses)
	}
	g.Expect(w.link().Status.CreateRequestedAt).To(BeNil())
	g.Expect(meta.FindStatusCondition(w.link().Status.Conditions, v1alpha1.ConditionReady).Message).To(ContainSubstring("no cluster"))
}

func TestANewGenerationIsTriedAtOnce(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	tries(w, "create", errInvalid, 3*time.Hour)
	before := w.count("create")
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Generation = 2 })
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.count("create")).To(Equal(before + 1))
}

func TestAPostIntoATakenPlaceIsRetriedSlowlyAndReported(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	pauses := tries(w, "create", errExists, 3*time.Hour)
	g.Expect(len(pauses)).To(BeNumerically("<=", 10), "%v", pauses)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Rejected"))
	g.Expect(meta.FindStatusCondition(w.link().Status.Conditions, v1alpha1.ConditionReady).Message).To(ContainSubstring("ALREADY_EXISTS"))
	g.Expect(w.link().Status.CreateRequestedAt).To(BeNil())
}

func TestADeletionOfWhatIsInUseIsNotStormed(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
	pauses := tries(w, "delete", errInUse, 5*time.Hour)
	g.Expect(len(pauses)).To(And(BeNumerically(">", 100), BeNumerically("<", 400)), "about every minute or two")
	g.Expect(pauses[len(pauses)-1]).To(BeNumerically(">=", time.Minute))
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False InUse"))
	w.fail = nil
	w.settleFor(15 * time.Minute)
	g.Expect(w.link()).To(BeNil())
	g.Expect(w.objects).To(BeEmpty())
}

func TestAPatchOfWhatIsBusyIsNotStormed(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	pauses := tries(w, "update", errInUse, time.Hour)
	g.Expect(len(pauses)).To(BeNumerically("<", 150))
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"), "drift does not undo what Atlas says")
	w.fail = nil
	w.settleFor(15 * time.Minute)
	g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("True Synced"))
}

func TestAReconcileRequestDoesNotWaitForAHold(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	tries(w, "create", errInvalid, 3*time.Hour)
	w.fail = nil
	w.edit(func(l *v1alpha1.StreamPrivateLink) {
		metav1.SetMetaDataAnnotation(&l.ObjectMeta, v1alpha1.AnnotationReconcileRequestedAt, "now")
	})
	_, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(w.link().Status.ID).To(Equal("made1"))
	g.Expect(w.link().Status.LastHandledReconcileAt).To(Equal("now"))
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = failing("list", &atlas.Error{StatusCode: 429, Code: "RATE_LIMITED", AtlasBody: true, RetryAfter: 3 * time.Minute})
	pause, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(pause).To(BeNumerically(">=", 3*time.Minute))
}

func TestAMissingSecretIsReportedAndWakesByItsWatch(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Spec.CredentialsRef.Name = "missing" })
	pause, err := w.reconcile()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(pause).To(BeNumerically(">=", 10*time.Minute))
	g.Expect(w.shows(v1alpha1.ConditionCredentialsReady)).To(Equal("False SecretNotFound"))
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False SecretNotFound"))
	g.Expect(w.calls).To(BeEmpty())
}

func TestSpecChanged(t *testing.T) {
	for name, c := range map[string]struct {
		synced     string
		generation int64
		ready      bool
		want       bool
	}{
		"never compared":               {"", 0, false, true},
		"an older generation":          {v1alpha1.ReasonSynced, 1, false, true},
		"in line":                      {v1alpha1.ReasonSynced, 2, false, false},
		"drifted":                      {v1alpha1.ReasonDrifted, 2, false, false},
		"refused":                      {v1alpha1.ReasonRejected, 2, false, true},
		"its Secret was missing":       {v1alpha1.ReasonSecretNotFound, 2, false, true},
		"there was nothing to compare": {v1alpha1.ReasonMissing, 2, false, true},
		"Atlas was away":               {v1alpha1.ReasonAtlasUnreachable, 2, false, true},
		"Atlas was away after it was all in line": {v1alpha1.ReasonAtlasUnreachable, 2, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newWorld(t).reconciliation()
			r.Object.SetGeneration(2)
			if c.synced != "" {
				Conditions{&r.status().Conditions, c.generation}.Set(v1alpha1.ConditionSynced, metav1.ConditionFalse, c.synced, "")
			}
			if c.ready {
				r.conditions().Set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonDone, "")
			}
			NewWithT(t).Expect(r.SpecChanged()).To(Equal(c.want))
		})
	}
}

func TestTheSameDriftIsRepairedAgain(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	for repaired := 1; repaired <= 3; repaired++ {
		w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
		// A resource in order is woken by the change and by nothing else.
		w.clock.Step(10 * time.Minute)
		w.settleFor(time.Second)
		g.Expect(w.count("update")).To(Equal(repaired))
		g.Expect(w.shows(v1alpha1.ConditionSynced)).To(Equal("True Synced"))
	}
}

// servesDeletion reports whether the credentials serve a deletion after their Secret is gone.
func (w *world) servesDeletion() bool {
	w.t.Helper()
	if err := w.kube.Delete(w.t.Context(), worldSecret("shop")); err != nil {
		w.t.Fatal(err)
	}
	link := worldLink("link")
	link.DeletionTimestamp = &metav1.Time{Time: noon}
	_, blocked, err := w.shared.credentials.Resolve(w.t.Context(), link, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return blocked == nil
}

func TestOnlyARefusalOfTheCredentialsThemselvesForgetsThem(t *testing.T) {
	for name, c := range map[string]struct {
		failure *atlas.Error
		kept    bool
	}{
		"401 of Atlas": {&atlas.Error{StatusCode: 401, Code: "UNAUTHORIZED", AtlasBody: true}, false},
		"403 of Atlas": {&atlas.Error{StatusCode: 403, Code: "USER_CANNOT_ACCESS_GROUP", AtlasBody: true}, true},
		"429":          {&atlas.Error{StatusCode: 429, AtlasBody: true}, true},
		"503":          {&atlas.Error{StatusCode: 503}, true},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w := newWorld(t)
			w.settleFor(time.Minute)
			w.fail = func(string, bool) error { return c.failure }
			w.clock.Step(time.Minute)
			_, err := w.reconcile()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(w.servesDeletion()).To(Equal(c.kept))
		})
	}
}
