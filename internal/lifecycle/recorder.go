package lifecycle

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// MetricsRecorder receives what happens to resources. Many goroutines call it.
type MetricsRecorder interface {
	// Wrote: a "create", "update" or "delete" of an object was sent to Atlas. Failure is nil when Atlas accepted it.
	Wrote(kind, operation string, failure error)
	// BecameReady: a resource turned Ready, after it had not been it for that long.
	BecameReady(kind string, after time.Duration)
	// DriftFound: Atlas holds something else than the spec, or no longer the object.
	DriftFound(kind string)
	// DriftRepaired: such a difference is gone after a write of ours.
	DriftRepaired(kind string)
}

// record passes on what changed between two statuses.
func (r *reconciliation) record(before, after Managed) {
	recorder, kind := r.options.Recorder, r.kind.Name
	if took, became := becameReady(before, after); became {
		recorder.BecameReady(kind, took)
	}
	switch {
	case r.tracked.driftedAt.IsZero() && foundDrift(before, after):
		r.tracked.driftedAt = r.options.Clock.Now()
		recorder.DriftFound(kind)
	case !r.tracked.driftedAt.IsZero() && ConditionsOf(after).isTrue(v1alpha1.ConditionSynced):
		if !r.tracked.object.lastWrite.Before(r.tracked.driftedAt) {
			recorder.DriftRepaired(kind)
		}
		r.tracked.driftedAt = time.Time{}
	}
}

// becameReady is how long a resource that turned Ready had not been it. One that was paused or never observed counts
// only when it is new.
func becameReady(before, after Managed) (time.Duration, bool) {
	was, is := ConditionsOf(before).get(v1alpha1.ConditionReady), ConditionsOf(after).get(v1alpha1.ConditionReady)
	if is == nil || is.Status != metav1.ConditionTrue || was != nil && was.Status != metav1.ConditionFalse {
		return 0, false
	}
	since := after.GetCreationTimestamp()
	if was != nil {
		since = was.LastTransitionTime
	}
	return max(is.LastTransitionTime.Sub(since.Time), 0), true
}

// foundDrift reports whether Synced begins to show a difference. What is not there yet, or was to be replaced, is
// none.
func foundDrift(before, after Managed) bool {
	was, is := ReasonOf(ConditionsOf(before).get(v1alpha1.ConditionSynced)), ReasonOf(ConditionsOf(after).get(v1alpha1.ConditionSynced))
	owned := before.GetManagedStatus()
	isGone := is == v1alpha1.ReasonMissing && owned.Owned() && after.GetAnnotations()[v1alpha1.AnnotationRecreate] != owned.ID
	return is != was && (is == v1alpha1.ReasonDrifted || isGone)
}
