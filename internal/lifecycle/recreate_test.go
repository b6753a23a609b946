package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func (w *world) annotate(value string) {
	w.edit(func(l *v1alpha1.StreamPrivateLink) {
		l.Annotations = map[string]string{v1alpha1.AnnotationRecreate: value}
	})
}

func (w *world) warned() []string { return w.notes(corev1.EventTypeWarning, v1alpha1.EventSpecWarning) }

func TestFailedNamesTheAnnotationAndItsValue(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.objects["made1"].State, w.objects["made1"].ErrorMessage = "FAILED", "quota is used up"
	w.settleFor(30 * time.Minute)
	const advice = `False Failed: state=FAILED quota is used up. To delete it and create it again, set the annotation atlasstreams.io/recreate="made1".`
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(Equal(advice))
	g.Expect(w.condition(v1alpha1.ConditionStalled)).To(Equal("True Failed: quota is used up"), "Atlas's own words")

	w.annotate("made")
	w.settleFor(30 * time.Minute)
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(Equal(advice + ` It is set to "made".`))
	g.Expect(w.count("delete")).To(BeZero())

	w.annotate("made1")
	w.settleFor(30 * time.Minute)
	g.Expect(w.link().Status.ID).To(Equal("made2"))
}

func TestARecreateAnnotationWithAnotherIDIsReported(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.annotate("made")
	w.settleFor(30 * time.Minute)
	g.Expect(w.warned()).To(ConsistOf(
		`The annotation atlasstreams.io/recreate="made" does nothing: the id of the private link is made1. To delete it and create it again, set the annotation atlasstreams.io/recreate="made1".`))
	w.restart()
	w.settleFor(30 * time.Minute)
	g.Expect(w.warned()).To(HaveLen(1))
	w.annotate("made1")
	w.settleFor(30 * time.Minute)
	g.Expect(w.link().Status.ID).To(Equal("made2"))
	g.Expect(w.warned()).To(HaveLen(1), "a value that did its work may stay")
	w.restart()
	w.settleFor(30 * time.Minute)
	g.Expect(w.warned()).To(HaveLen(1), "also after a restart")
}

func TestRecreateRequiredNamesTheOtherValueOfTheAnnotation(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.annotate("made")
	w.objects["made1"].Differences = []decision.Difference{{Path: "region", Fixed: true}}
	w.settleFor(30 * time.Minute)
	g.Expect(w.condition(v1alpha1.ConditionReady)).To(And(HavePrefix("False RecreateRequired"), ContainSubstring(`atlasstreams.io/recreate="made1". It is set to "made".`)))
}
