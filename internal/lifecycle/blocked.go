package lifecycle

import (
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

const (
	// quietOutage is how long Atlas may be unreachable before a resource with work to do says so.
	quietOutage = 2 * time.Minute
	// quietStart is how long Atlas may be unreachable before a new resource, whose status is empty, says so.
	quietStart = 5 * time.Second
	// quietPolls is how many steady polls may be missed before a resource without work to do says so.
	quietPolls = 3
)

// reportBlocked reports what keeps the resource from moving, and returns the pause until the next try.
func (r *reconciliation) reportBlocked(b *decision.Blocker) time.Duration {
	if b == nil {
		return 0
	}
	if b.Effect == decision.Outage {
		return r.unreachable(b)
	}
	r.tracked.backoff.failures++
	d := decision.Decision{Progress: decision.ProgressReconciling, KeepReady: true, Ready: decision.NewCondition(decision.StatusFalse, b.Reason, b.Message)}
	if b.Stalled {
		d.Progress = decision.ProgressStalled
	}
	switch b.Effect {
	case decision.CredentialsRefused:
		r.access = decision.NewCondition(decision.StatusFalse, b.Reason, b.Message)
		d.Synced = decision.NewCondition(decision.StatusUnknown, b.Reason, b.Message)
	case decision.Refused:
		d.KeepReady = false
		d.Synced = decision.NewCondition(decision.StatusFalse, b.Reason, b.Message)
	case decision.Busy:
	default:
		d.Synced = decision.NewCondition(decision.StatusUnknown, b.Reason, b.Message)
	}
	if r.Object.GetDeletionTimestamp() != nil {
		d.Synced, d.KeepReady, d.Progress = nil, false, decision.ProgressReconciling
		d.Ready.Message += " The deletion waits for that; where it cannot be mended, as in a namespace that is being deleted, " + decision.AbandonHint + "."
	}
	r.report(d)
	return r.retryPause(b)
}

// unreachable handles an outage: Ready stays what Atlas said last, and nothing is written before the outage has
// lasted, so that a short one costs no status write at all.
func (r *reconciliation) unreachable(b *decision.Blocker) time.Duration {
	r.tracked.backoff.failures++
	since := r.failingSince(b)
	quiet := quietOutage
	if len(r.status().Conditions) == 0 {
		quiet = quietStart
	}
	if r.conditions().IsReady() && r.Object.GetDeletionTimestamp() == nil {
		quiet = quietPolls * r.options.SteadyPollInterval
	}
	if r.Now.Sub(since) >= quiet && !r.saidAlready(b.Reason) {
		message := b.Message + " Failing since " + since.UTC().Format(time.RFC3339) + "."
		d := decision.Decision{KeepReady: true, Ready: decision.NewCondition(decision.StatusFalse, b.Reason, message), Progress: decision.ProgressReconciling}
		if r.Object.GetDeletionTimestamp() == nil {
			d.Synced = decision.NewCondition(decision.StatusUnknown, b.Reason, message)
		} else {
			d.KeepReady = false
			d.Ready.Message += " If that cannot wait, " + decision.AbandonHint + "."
		}
		r.report(d)
	}
	if deleting := r.Object.GetDeletionTimestamp() != nil; deleting && r.Now.Sub(since) < quiet {
		r.report(decision.WaitFor(v1alpha1.ReasonDeleting, decision.DeletingMessage(r.newObservation())))
	}
	return r.retryPause(b)
}

// saidAlready reports whether the status shows this outage. It is reported once, however the failures differ.
func (r *reconciliation) saidAlready(reason string) bool {
	kind := v1alpha1.ConditionSynced
	if r.Object.GetDeletionTimestamp() != nil {
		kind = v1alpha1.ConditionReady
	}
	said := r.conditions().get(kind)
	return said != nil && said.Status != decision.StatusTrue && said.Reason == reason && said.ObservedGeneration == r.Object.GetGeneration() &&
		r.status().ObservedGeneration == r.Object.GetGeneration()
}

// settledReasons are the reasons of Synced that say that a generation was compared with Atlas.
var settledReasons = map[string]bool{v1alpha1.ReasonSynced: true, v1alpha1.ReasonDrifted: true}

// specChanged reports whether this generation of the spec was not brought to Atlas yet: then differences are the user's
// change and not drift.
func (r *reconciliation) specChanged() bool {
	if r.conditions().IsReady() {
		return false // nothing is Ready for a generation that was not brought to Atlas
	}
	synced := r.conditions().get(v1alpha1.ConditionSynced)
	return synced == nil || synced.ObservedGeneration != r.Object.GetGeneration() || !settledReasons[synced.Reason]
}
