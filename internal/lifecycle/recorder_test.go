package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

var seen = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// linkWith is a link that was made at seen, with conditions that changed that many minutes later.
func linkWith(minutes int, conditions ...metav1.Condition) *v1alpha1.StreamPrivateLink {
	link := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(seen)}}
	for _, c := range conditions {
		c.LastTransitionTime = metav1.NewTime(seen.Add(time.Duration(minutes) * time.Minute))
		link.Status.Conditions = append(link.Status.Conditions, c)
	}
	return link
}

func readyIs(status metav1.ConditionStatus) metav1.Condition {
	return metav1.Condition{Type: v1alpha1.ConditionReady, Status: status}
}

func syncedIs(status metav1.ConditionStatus, reason string) metav1.Condition {
	return metav1.Condition{Type: v1alpha1.ConditionSynced, Status: status, Reason: reason}
}

func TestBecameReady(t *testing.T) {
	for name, c := range map[string]struct {
		before, after *v1alpha1.StreamPrivateLink
		became        bool
		took          time.Duration
	}{
		"from False":           {linkWith(5, readyIs(decision.StatusFalse)), linkWith(30, readyIs(decision.StatusTrue)), true, 25 * time.Minute},
		"at the first look":    {linkWith(0), linkWith(1, readyIs(decision.StatusTrue)), true, time.Minute},
		"was it all the time":  {linkWith(1, readyIs(decision.StatusTrue)), linkWith(1, readyIs(decision.StatusTrue)), false, 0},
		"after a pause":        {linkWith(1, readyIs(decision.StatusUnknown)), linkWith(9, readyIs(decision.StatusTrue)), false, 0},
		"not yet":              {linkWith(1, readyIs(decision.StatusFalse)), linkWith(1, readyIs(decision.StatusFalse)), false, 0},
		"clocks that disagree": {linkWith(7, readyIs(decision.StatusFalse)), linkWith(6, readyIs(decision.StatusTrue)), true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			took, became := becameReady(c.before, c.after)
			g.Expect(became).To(Equal(c.became))
			g.Expect(took).To(Equal(c.took))
		})
	}
}

func TestFoundDrift(t *testing.T) {
	owned := func(l *v1alpha1.StreamPrivateLink) *v1alpha1.StreamPrivateLink {
		l.Status.ID, l.Status.Ownership = "object", v1alpha1.OwnershipCreated
		return l
	}
	replaced := linkWith(2, syncedIs(decision.StatusFalse, v1alpha1.ReasonMissing))
	replaced.Annotations = map[string]string{v1alpha1.AnnotationRecreate: "object"}
	synced := linkWith(1, syncedIs(decision.StatusTrue, v1alpha1.ReasonSynced))
	drifted, missing := linkWith(2, syncedIs(decision.StatusFalse, v1alpha1.ReasonDrifted)), linkWith(2, syncedIs(decision.StatusFalse, v1alpha1.ReasonMissing))
	for name, c := range map[string]struct {
		before, after *v1alpha1.StreamPrivateLink
		found         bool
	}{
		"a field differs":               {synced, drifted, true},
		"it still differs":              {drifted, drifted, false},
		"the object has gone":           {owned(linkWith(1, syncedIs(decision.StatusTrue, v1alpha1.ReasonSynced))), missing, true},
		"the object was never there":    {linkWith(0), missing, false},
		"the object was to be replaced": {owned(linkWith(1)), replaced, false},
		"Atlas cannot be asked":         {synced, linkWith(2, syncedIs(decision.StatusUnknown, v1alpha1.ReasonAtlasUnreachable)), false},
		"in sync":                       {linkWith(0), synced, false},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(foundDrift(c.before, c.after)).To(Equal(c.found))
		})
	}
}

// tally counts what a Recorder is told.
type tally map[string]int

func (c tally) Wrote(kind, operation string, failure error) {
	outcome := " taken"
	if failure != nil {
		outcome = " failed"
	}
	c[kind+" "+operation+outcome]++
}
func (c tally) BecameReady(kind string, _ time.Duration) { c[kind+" ready"]++ }
func (c tally) DriftFound(kind string)                   { c[kind+" drifted"]++ }
func (c tally) DriftRepaired(kind string)                { c[kind+" repaired"]++ }

// A whole life is told once each, whatever the number of passes.
func TestRecorderOfALife(t *testing.T) {
	g := NewWithT(t)
	w, counts := newWorld(t), tally{}
	w.shared.options.Recorder = counts
	w.settleFor(5 * time.Minute)
	w.objects["made1"].State = "DONE"
	w.settleFor(time.Hour)
	g.Expect(counts).To(Equal(tally{"StreamPrivateLink create taken": 1, "StreamPrivateLink ready": 1}))

	clear(counts)
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	w.fail = failing("update", errUnavailable)
	w.settleFor(time.Hour)
	g.Expect(counts).To(HaveKeyWithValue("StreamPrivateLink drifted", 1))
	g.Expect(counts).To(HaveKeyWithValue("StreamPrivateLink update failed", BeNumerically(">", 1)))
	g.Expect(counts).NotTo(HaveKey("StreamPrivateLink repaired"))
	w.fail = nil
	w.settleFor(time.Hour)
	g.Expect(counts).To(And(HaveKeyWithValue("StreamPrivateLink update taken", 1), HaveKeyWithValue("StreamPrivateLink repaired", 1)))

	clear(counts)
	delete(w.objects, "made1")
	w.settleFor(time.Hour)
	g.Expect(counts).To(Equal(tally{
		"StreamPrivateLink drifted": 1, "StreamPrivateLink create taken": 1, "StreamPrivateLink repaired": 1,
	}))
}
