package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// notes are the notes of the events of that reason.
func (w *world) notes(kind, reason string) (notes []string) {
	for _, e := range w.writtenEvents() {
		if e.Reason == reason && e.Type == kind {
			notes = append(notes, e.Note)
		}
	}
	return notes
}

func TestPendingForAnHourHasOneEvent(t *testing.T) {
	skipUnderRaceDetector(t)
	g := NewWithT(t)
	w := newWorld(t)
	requested := w.clock.Now()
	w.settleFor(50 * time.Minute)
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(Equal("False Working: state=WORKING"))
	w.settleFor(20 * time.Minute)
	since := requested.UTC().Format(time.RFC3339)
	overdue := "False Working: state=WORKING Pending since " + since + ", longer than an hour. The operator keeps waiting."
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(Equal(overdue))
	g.Expect(w.condition(v1alpha1.ConditionReconciling)).To(HaveSuffix("longer than an hour. The operator keeps waiting."))
	warnings := func() []string { return w.notes(corev1.EventTypeWarning, v1alpha1.EventStillPending) }
	g.Expect(warnings()).To(ConsistOf(ContainSubstring(since)))

	version := w.link().ResourceVersion
	w.settleFor(5 * time.Hour)
	w.restart()
	w.settleFor(5 * time.Hour)
	g.Expect(w.link().ResourceVersion).To(Equal(version), "nothing is written while nothing changes")
	g.Expect(warnings()).To(HaveLen(1))

	w.objects["made1"].State = "DONE"
	w.settleFor(10 * time.Minute)
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(Equal("True Done: state=DONE"))
	w.objects["made1"].State = "WORKING"
	w.settleFor(time.Second)
	w.forceReadySince(w.clock.Now())
	w.settleFor(30 * time.Minute)
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(Equal("False Working: state=WORKING"), "the hour begins when it stops being Ready")
	w.settleFor(time.Hour)
	g.Expect(warnings()).To(HaveLen(2))
}

// forceReadySince moves the last change of Ready, which the API machinery takes from the clock of the machine.
func (w *world) forceReadySince(at time.Time) {
	link := w.link()
	meta.FindStatusCondition(link.Status.Conditions, v1alpha1.ConditionReady).LastTransitionTime = metav1.NewTime(at)
	if err := w.kube.Status().Update(w.t.Context(), link); err != nil {
		w.t.Fatal(err)
	}
}

func TestEachSentDeleteHasAnEvent(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.edit(func(l *v1alpha1.StreamPrivateLink) {
		l.Annotations = map[string]string{v1alpha1.AnnotationRecreate: "made1"}
	})
	w.settleFor(30 * time.Minute)
	g.Expect(w.link().Status.ID).To(Equal("made2"))
	g.Expect(w.notes(corev1.EventTypeNormal, v1alpha1.EventRecreating)).To(ConsistOf(
		"Requested the deletion of the private link made1, to create it again."))
	g.Expect(w.notes(corev1.EventTypeNormal, v1alpha1.EventDeleteRequested)).To(BeEmpty())

	g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
	w.settleFor(30 * time.Minute)
	g.Expect(w.link()).To(BeNil())
	g.Expect(w.notes(corev1.EventTypeNormal, v1alpha1.EventDeleteRequested)).To(ConsistOf("Requested the deletion of the private link made2."))
	g.Expect(w.notes(corev1.EventTypeNormal, v1alpha1.EventDeleted)).To(HaveLen(1))
}

func TestARateLimitNamesItsEnd(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	limited := atlasError(429, "RATE_LIMITED", "")
	limited.RetryAfter = 20 * time.Second
	at := classify(limited, "x", "y", noon)
	g.Expect(at.Message).To(Equal("Rate limited by Atlas (HTTP 429 RATE_LIMITED). Retrying at " + noon.Add(20*time.Second).UTC().Format(time.RFC3339) + ", then as the limit allows."))
	limited.RetryAfter = 0
	g.Expect(classify(limited, "x", "y", noon).Message).To(Equal("Rate limited by Atlas (HTTP 429 RATE_LIMITED). Retrying as the limit allows."))

	limited.RetryAfter = 20 * time.Second
	w.fail = failing("list", limited)
	w.settleFor(5 * time.Minute)
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(MatchRegexp(`^False RateLimited: .* Retrying at .*Z, then as the limit allows\. Failing since .*Z\.$`))
	version := w.link().ResourceVersion
	w.settleFor(time.Hour)
	g.Expect(w.link().ResourceVersion).To(Equal(version), "the time does not differ from try to try")
}
