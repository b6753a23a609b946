package lifecycle

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

const (
	// longestMessage in bytes: the API server refuses conditions with messages over 32 KiB, and the status would
	// never move again.
	longestMessage = 30_000
	// longestNote in bytes: the API server refuses events with notes over 1 KiB.
	longestNote = 1_000
)

// Conditions writes the conditions of one resource for one generation.
type Conditions struct {
	list       *[]metav1.Condition
	generation int64
}

// ConditionsOf are those of a resource, for its generation.
func ConditionsOf(object Managed) Conditions {
	return Conditions{list: &object.GetObservedStatus().Conditions, generation: object.GetGeneration()}
}

// Set sets a condition for the generation.
func (c Conditions) Set(kind string, status metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(c.list, metav1.Condition{
		Type: kind, Status: status, ObservedGeneration: c.generation,
		Reason: reason, Message: truncate(message, longestMessage),
	})
}

func (c Conditions) remove(kind string) { meta.RemoveStatusCondition(c.list, kind) }

func (c Conditions) get(kind string) *metav1.Condition {
	return meta.FindStatusCondition(*c.list, kind)
}

func (c Conditions) isTrue(kind string) bool { return meta.IsStatusConditionTrue(*c.list, kind) }

// put writes a condition that was decided; nil leaves it alone.
func (c Conditions) put(kind string, decided *decision.Condition) {
	if decided != nil {
		c.Set(kind, metav1.ConditionStatus(decided.Status), decided.Reason, decided.Message)
	}
}

// IsReady reports whether Ready is True for this generation.
func (c Conditions) IsReady() bool {
	ready := c.get(v1alpha1.ConditionReady)
	return ready != nil && ready.Status == metav1.ConditionTrue && ready.ObservedGeneration == c.generation
}

// reconciling says that the operator works or waits; it takes Stalled back.
func (c Conditions) reconciling(message string) {
	c.remove(v1alpha1.ConditionStalled)
	c.Set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing, message)
}

// Stalled says that a user has to act; it removes Reconciling.
func (c Conditions) Stalled(reason, message string) {
	c.remove(v1alpha1.ConditionReconciling)
	c.Set(v1alpha1.ConditionStalled, metav1.ConditionTrue, reason, message)
}

// steady says that nothing is under way.
func (c Conditions) steady() {
	c.remove(v1alpha1.ConditionReconciling)
	c.remove(v1alpha1.ConditionStalled)
}

// Bounded is a text of Atlas as the status takes it: one beyond the API server's limit would freeze the status.
func Bounded(text string) string { return truncate(text, longestMessage) }

// BoundedList bounds a list of Atlas: at most as many entries and bytes as a status can hold.
func BoundedList(entries []string) []string {
	const most, longest = 500, 512
	bounded := slices.Clone(entries[:min(len(entries), most)])
	for i, entry := range bounded {
		bounded[i] = truncate(entry, longest)
	}
	return bounded
}

// truncate cuts text to at most limit bytes, on a rune boundary.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const mark = "…"
	return strings.ToValidUTF8(text[:limit-len(mark)], "") + mark
}
