package lifecycle

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestBlockerKeepsReadyOfThisGeneration(t *testing.T) {
	for name, c := range map[string]struct {
		status     metav1.ConditionStatus
		generation int64
		want       string
	}{
		"ready":                         {metav1.ConditionTrue, 2, v1alpha1.ReasonDone},
		"ready for an older generation": {metav1.ConditionTrue, 1, v1alpha1.ReasonAtlasUnreachable},
		"not ready":                     {metav1.ConditionFalse, 2, v1alpha1.ReasonAtlasUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var list []metav1.Condition
			Conditions{&list, c.generation}.Set(v1alpha1.ConditionReady, c.status, v1alpha1.ReasonDone, "m")
			now := Conditions{&list, 2}
			blocked := decision.NewCondition(decision.StatusFalse, v1alpha1.ReasonAtlasUnreachable, "m")
			(&reconciliation{}).reportReady(now, decision.Decision{Ready: blocked, KeepReady: true})
			g.Expect(now.get(v1alpha1.ConditionReady).Reason).To(Equal(c.want))
			g.Expect(now.get(v1alpha1.ConditionReady).ObservedGeneration).To(Equal(int64(2)))
		})
	}
}

func TestReconcilingAndStalledExcludeEachOther(t *testing.T) {
	g := NewWithT(t)
	var list []metav1.Condition
	c := Conditions{&list, 1}
	c.reconciling("works")
	g.Expect(c.get(v1alpha1.ConditionReconciling)).NotTo(BeNil())
	c.Stalled(v1alpha1.ReasonConflict, "stands")
	g.Expect(c.get(v1alpha1.ConditionReconciling)).To(BeNil())
	g.Expect(c.get(v1alpha1.ConditionStalled).Reason).To(Equal(v1alpha1.ReasonConflict))
	c.reconciling("works again")
	g.Expect(c.get(v1alpha1.ConditionStalled)).To(BeNil())
	c.steady()
	g.Expect(list).To(BeEmpty())
}

func TestTransitionTimeMovesOnlyWithTheStatus(t *testing.T) {
	g := NewWithT(t)
	var list []metav1.Condition
	c := Conditions{&list, 1}
	c.Set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonIdle, "a")
	since := metav1.NewTime(time.Now().Add(-time.Hour))
	list[0].LastTransitionTime = since
	c.Set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonWorking, "b")
	g.Expect(list[0].LastTransitionTime).To(Equal(since))
	c.Set(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonDone, "c")
	g.Expect(list[0].LastTransitionTime).NotTo(Equal(since))
}

func TestMessagesFitTheAPIServer(t *testing.T) {
	g := NewWithT(t)
	var list []metav1.Condition
	Conditions{&list, 1}.Set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonFailed, strings.Repeat("ü", 40_000))
	g.Expect(len(list[0].Message)).To(BeNumerically("<=", longestMessage))
	g.Expect(utf8.ValidString(list[0].Message)).To(BeTrue())
}

func TestTruncate(t *testing.T) {
	g := NewWithT(t)
	for limit := 3; limit < 30; limit++ {
		for _, text := range []string{strings.Repeat("a", 40), strings.Repeat("é", 40), strings.Repeat("漢", 40), strings.Repeat("🚀", 40)} {
			cut := truncate(text, limit)
			g.Expect(len(cut)).To(BeNumerically("<=", limit))
			g.Expect(utf8.ValidString(cut)).To(BeTrue(), "%q", cut)
			g.Expect(cut).To(HaveSuffix("…"))
		}
	}
	g.Expect(truncate("as it is", 8)).To(Equal("as it is"))
}

func TestTrimStop(t *testing.T) {
	g := NewWithT(t)
	g.Expect(trimStop("It failed. ")).To(Equal("It failed"))
	g.Expect(trimStop("v1.2")).To(Equal("v1.2"))
}
