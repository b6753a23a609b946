package lifecycle

import (
	"strings"
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
	r.memory.failures++
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

// retryPause is the time until a blocked resource is tried again.
func (r *reconciliation) retryPause(b *decision.Blocker) time.Duration {
	switch {
	case r.memory.hold.blocker == b:
		return max(r.memory.hold.until.Sub(r.Now), time.Second)
	case b.Watched:
		return jitter(r.options.SteadyPollInterval)
	default:
		return max(jitter(decision.FailureDelay(r.memory.failures)), b.RetryAfter)
	}
}

// unreachable handles an outage: Ready stays what Atlas said last, and nothing is written before the outage has
// lasted, so that a short one costs no status write at all.
func (r *reconciliation) unreachable(b *decision.Blocker) time.Duration {
	r.memory.failures++
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
	if r.memory.hold.blocker == b {
		return max(r.memory.hold.until.Sub(r.Now), time.Second)
	}
	return b.Pause(jitter(decision.FailureDelay(r.memory.failures)))
}

// saidAlready reports whether the status tells of this outage: it is told once, however Atlas fails from try to try.
func (r *reconciliation) saidAlready(reason string) bool {
	kind := v1alpha1.ConditionSynced
	if r.Object.GetDeletionTimestamp() != nil {
		kind = v1alpha1.ConditionReady
	}
	said := r.conditions().get(kind)
	return said != nil && said.Status != decision.StatusTrue && said.Reason == reason && said.ObservedGeneration == r.Object.GetGeneration() &&
		r.status().ObservedGeneration == r.Object.GetGeneration()
}

// failingSince is when Atlas began to fail for this resource: to be read, or to take its write.
func (r *reconciliation) failingSince(b *decision.Blocker) time.Time {
	if r.memory.failingSince.IsZero() {
		r.memory.failingSince = r.Now
	}
	if !b.Since.IsZero() && b.Since.Before(r.memory.failingSince) {
		r.memory.failingSince = b.Since
	}
	if h := r.memory.hold; h.blocker != nil && h.blocker.Effect == decision.Outage && h.since.Before(r.memory.failingSince) {
		return h.since
	}
	return r.memory.failingSince
}

// holdBack remembers that a write failed, so that the same request is not sent again before its time.
func (r *reconciliation) holdBack(act decision.Action, b *decision.Blocker) *decision.Blocker {
	fingerprint := r.fingerprint(act)
	if r.memory.hold.fingerprint != fingerprint {
		r.memory.hold = hold{fingerprint: fingerprint, since: r.Now, specRefused: r.wasRejected(b.Message)}
	}
	h := &r.memory.hold
	h.stallRepeated(b)
	h.rejections, h.blocker = h.rejections+1, b
	var delay time.Duration
	switch b.Effect {
	case decision.Refused, decision.CredentialsRefused:
		delay = rejectionDelay(h.rejections)
	case decision.Busy:
		delay = jitter(pendingDelay(r.Now.Sub(h.since), r.options.PendingPollInterval))
	default:
		delay = jitter(decision.FailureDelay(h.rejections))
	}
	h.until = r.Now.Add(b.Pause(delay))
	return b
}

// stallRepeated makes a refusal Stalled that Atlas gave to the same request before.
func (h *hold) stallRepeated(b *decision.Blocker) {
	if b.SpecRefused && h.specRefused {
		b.Stalled = true
		b.Message += " It refused the same request before. Correct the spec, or the values of the Secrets that it names."
	}
	h.specRefused = h.specRefused || b.SpecRefused
}

// wasRejected reports whether the status has a refusal of this generation that is Stalled, as it has after a restart.
func (r *reconciliation) wasRejected(message string) bool {
	stalled := r.conditions().get(v1alpha1.ConditionStalled)
	return r.memory.hold.fingerprint == "" && stalled != nil && stalled.Reason == v1alpha1.ReasonRejected &&
		stalled.ObservedGeneration == r.Object.GetGeneration() && strings.HasPrefix(stalled.Message, message)
}

// isRetry reports whether the same request failed before. Its conditions stay as they are until it succeeds: they would
// flap at every try.
func (r *reconciliation) isRetry(act decision.Action) bool {
	h := r.memory.hold
	return h.blocker != nil && h.fingerprint == r.fingerprint(act) || r.wasRejected("")
}

// held returns the refusal that keeps what was decided from being sent.
func (r *reconciliation) held(d decision.Decision) *decision.Blocker {
	if h := r.memory.hold; r.isRetry(d.Act) && !r.Forced && r.Now.Before(h.until) {
		return h.blocker
	}
	return nil
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
