package lifecycle

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// backoff is what failed for a resource, and when it is tried again.
type backoff struct {
	// failingSince is when Atlas became unreachable for this resource, failures how often in a row it was.
	failingSince time.Time
	failures     int
	// hold keeps a refused request from being repeated before its time; nil when none was refused.
	hold *hold
}

// hold is a refusal: the same request (fingerprint) is not sent again before until.
type hold struct {
	fingerprint string
	since       time.Time
	until       time.Time
	rejections  int
	blocker     *decision.Blocker
	// specRefused: Atlas refused the request for its own sake.
	specRefused bool
	// failure is what Atlas answered to a POST whose outcome is unknown: the first answer, for they may differ from try to
	// try.
	failure string
}

// retryPause is the time until a blocked resource is tried again.
func (r *reconciliation) retryPause(b *decision.Blocker) time.Duration {
	h := r.tracked.backoff.hold
	switch {
	case h != nil && h.blocker == b:
		return max(h.until.Sub(r.Now), time.Second)
	case b.Watched:
		return jitter(r.options.SteadyPollInterval)
	default:
		return b.Pause(jitter(decision.FailureDelay(r.tracked.backoff.failures)))
	}
}

// failingSince is when Atlas began to fail for this resource: to be read, or to take its write.
func (r *reconciliation) failingSince(b *decision.Blocker) time.Time {
	t := &r.tracked.backoff
	t.failingSince = slices.MinFunc([]time.Time{cmp.Or(t.failingSince, r.Now), cmp.Or(b.Since, r.Now)}, time.Time.Compare)
	if h := t.hold; h != nil && h.blocker.Effect == decision.Outage && h.since.Before(t.failingSince) {
		return h.since
	}
	return t.failingSince
}

// holdBack remembers that a write failed, so that the same request is not sent again before its time. A refusal that Atlas
// gave to the same request before is Stalled.
func (r *reconciliation) holdBack(act decision.Action, b *decision.Blocker) *decision.Blocker {
	fingerprint := r.fingerprint(act)
	if h := r.tracked.backoff.hold; h == nil || h.fingerprint != fingerprint {
		r.tracked.backoff.hold = &hold{fingerprint: fingerprint, since: r.Now, specRefused: r.wasRejected(b.Message)}
	}
	h := r.tracked.backoff.hold
	if b.SpecRefused && h.specRefused {
		b.Stalled = true
		b.Message += " It refused the same request before. Correct the spec, or the values of the Secrets that it names."
	}
	h.specRefused = h.specRefused || b.SpecRefused
	h.rejections, h.blocker = h.rejections+1, b
	var delay time.Duration
	switch b.Effect {
	case decision.Refused, decision.CredentialsRefused:
		delay = rejectionDelay(h.rejections)
	case decision.Busy:
		delay = jitter(pendingDelay(r.Now.Sub(h.since), r.options.PendingPollInterval, 0))
	default:
		delay = jitter(decision.FailureDelay(h.rejections))
	}
	h.until = r.Now.Add(b.Pause(delay))
	return b
}

// wasRejected reports whether the status has a refusal of this generation that is Stalled, as it has after a restart.
func (r *reconciliation) wasRejected(message string) bool {
	stalled := r.conditions().get(v1alpha1.ConditionStalled)
	return r.tracked.backoff.hold == nil && stalled != nil && stalled.Reason == v1alpha1.ReasonRejected &&
		stalled.ObservedGeneration == r.Object.GetGeneration() && strings.HasPrefix(stalled.Message, message)
}

// isRetry reports whether the same request failed before. Its conditions stay as they are until it succeeds: they would
// flap at every try.
func (r *reconciliation) isRetry(act decision.Action) bool {
	h := r.tracked.backoff.hold
	return h != nil && h.fingerprint == r.fingerprint(act) || r.wasRejected("")
}

// held returns the refusal that keeps what was decided from being sent.
func (r *reconciliation) held(d decision.Decision) *decision.Blocker {
	if h := r.tracked.backoff.hold; h != nil && r.isRetry(d.Act) && !r.Forced && r.Now.Before(h.until) {
		return h.blocker
	}
	return nil
}
