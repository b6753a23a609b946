package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestAWarningIsRecordedThoughSomethingElseCameFirst(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.prepared.Warnings = []string{"Atlas ignores a key."}
	g.Expect(w.kube.Delete(t.Context(), worldSecret("shop"))).To(Succeed())
	w.settleFor(10 * time.Minute)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False SecretNotFound"))
	g.Expect(w.kube.Create(t.Context(), worldSecret("shop"))).To(Succeed())
	w.settleFor(30 * time.Minute)
	g.Expect(w.warned()).To(ConsistOf("Atlas ignores a key."))
	w.restart()
	w.settleFor(30 * time.Minute)
	g.Expect(w.warned()).To(HaveLen(1))
}

func TestARecreateAnnotationSetAfterARestartIsReportedToo(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.restart()
	w.settleFor(30 * time.Minute)
	w.annotate("made")
	w.settleFor(30 * time.Minute)
	g.Expect(w.warned()).To(HaveLen(1))
}

// A refusal that somebody mended in Atlas says nothing about the drift of another day.
func TestARefusalDoesNotCountOnceAtlasHoldsTheSpec(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.fail = failing("update", errRefusedSpec)
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	for w.count("update") < 1 {
		w.settleFor(10 * time.Second)
	}
	w.objects["made1"].Differences = nil
	w.settleFor(2 * time.Hour)
	g.Expect(w.count("update")).To(Equal(1))
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("True Done"))

	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	for w.count("update") < 2 {
		w.settleFor(10 * time.Second)
	}
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
	w.settleFor(2 * time.Minute)
	g.Expect(w.count("update")).To(Equal(3), "the pauses begin anew")
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True Rejected"))
}

// Values of Secrets cannot be compared: what Atlas shows equals the spec also while it refuses them.
func TestRefusedValuesOfSecretsAreHeldBack(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.prepared.ResendSecrets, w.prepared.Fingerprint = true, "rotated"
	w.fail = failing("update", errRefusedSpec)
	w.settleFor(30 * time.Minute)
	g.Expect(w.count("update")).To(BeNumerically("~", 3, 1))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True Rejected"))
}

// After a rotation of the Atlas credential the digests in the status are of another key than those of values just read.
func TestARefusalIsHeldWhateverIsKnownOfTheValues(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	drifts(w)
	w.prepared.Fingerprint, w.liveFingerprint = "digest by the old key", "digest by the new key"
	w.fail = failing("update", errInvalid)
	for w.count("update") == 0 {
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
	}
	seen := w.recordWrites()
	for range 10 { // events wake it
		_, err := w.reconcile()
		g.Expect(err).NotTo(HaveOccurred())
	}
	g.Expect(w.count("update")).To(Equal(1))
	w.settleFor(time.Hour)
	g.Expect(w.count("update")).To(BeNumerically("<=", 4))
	expectNoFlapping(t, seen)
}

func TestAWarningIsRecordedOncePerGeneration(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	warnings := func() (notes []string) {
		for _, e := range w.writtenEvents() {
			if e.Reason == v1alpha1.EventSpecWarning {
				g.Expect(e.Type).To(Equal(corev1.EventTypeWarning))
				notes = append(notes, e.Note)
			}
		}
		return notes
	}
	w.prepared.Warnings = []string{"one"}
	w.settleFor(time.Hour)
	g.Expect(warnings()).To(ConsistOf("one"))
	w.restart()
	w.settleFor(time.Hour)
	g.Expect(warnings()).To(HaveLen(1), "a restart tells nothing again")
	w.prepared.Warnings = []string{"one", "two"}
	w.settleFor(time.Hour)
	g.Expect(warnings()).To(ConsistOf("one", "two"), "what came up later")
	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Generation++ })
	w.settleFor(time.Hour)
	g.Expect(warnings()).To(ConsistOf("one", "two", "one", "two"))
}
