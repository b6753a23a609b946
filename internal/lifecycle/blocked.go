package lifecycle

import (
	"cmp"
	"math/rand/v2"
	"slices"
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
	r.tracked.backoff.failures++
	deleting, message := r.Object.GetDeletionTimestamp() != nil, b.Message
	deletionHint := " The deletion waits for that; where it cannot be mended, as in a namespace that is being deleted, "
	if b.Effect == decision.Outage {
		since := r.failingSince(b)
		lasted := r.Now.Sub(since) >= r.quiet()
		if deleting && !lasted && (r.conditions().IsReady() || r.status().ObservedGeneration != r.Object.GetGeneration()) {
			r.report(decision.WaitFor(v1alpha1.ReasonDeleting, decision.DeletingMessage(r.newObservation())))
		}
		if !lasted || r.saidAlready(b.Reason) {
			return r.retryPause(b)
		}
		message += " Failing since " + since.UTC().Format(time.RFC3339) + "."
		deletionHint = " If that cannot wait, "
	}
	d := decision.Decision{Progress: decision.ProgressReconciling, KeepReady: true, Ready: decision.NewCondition(decision.StatusFalse, b.Reason, message)}
	if b.Stalled {
		d.Progress = decision.ProgressStalled
	}
	switch b.Effect {
	case decision.CredentialsRefused:
		r.access = d.Ready
		d.Synced = decision.NewCondition(decision.StatusUnknown, b.Reason, message)
	case decision.Refused:
		d.KeepReady, d.Synced = false, d.Ready
	case decision.Busy:
	default:
		d.Synced = decision.NewCondition(decision.StatusUnknown, b.Reason, message)
	}
	if deleting {
		d.Synced, d.KeepReady, d.Progress = nil, false, decision.ProgressReconciling
		d.Ready = decision.NewCondition(decision.StatusFalse, b.Reason, message+deletionHint+decision.AbandonHint+".")
	}
	r.report(d)
	return r.retryPause(b)
}

// quiet is how long an outage leaves the status alone, so that a short one costs no write of it at all.
func (r *reconciliation) quiet() time.Duration {
	switch {
	case r.conditions().IsReady() && r.Object.GetDeletionTimestamp() == nil:
		return quietPolls * r.options.SteadyPollInterval
	case len(r.status().Conditions) == 0:
		return quietStart
	default:
		return quietOutage
	}
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

// SpecChanged reports whether this generation of the spec was not brought to Atlas yet: then differences are the user's
// change and not drift.
func (s *Session) SpecChanged() bool {
	if s.IsReady() {
		return false // nothing is Ready for a generation that was not brought to Atlas
	}
	synced := s.conditions().get(v1alpha1.ConditionSynced)
	return synced == nil || synced.ObservedGeneration != s.Object.GetGeneration() ||
		synced.Reason != v1alpha1.ReasonSynced && synced.Reason != v1alpha1.ReasonDrifted // neither: not compared with Atlas
}

const (
	// patience is how long an object may be pending before it is polled less and less often.
	patience = 10 * time.Minute
	// slowestPending is the longest pause between two looks at a pending object.
	slowestPending = 2 * time.Minute
	// crowd is how many objects of one list have to be waited for until they are looked at together: each early look
	// reads the whole list.
	crowd = 20
	// crowdDelay is the shortest pause between two looks then.
	crowdDelay = 8 * time.Second
)

// pendingDelay is the pause before the next look at an object that has been pending for waited: 1, 2, 4 and 8
// seconds at first, then interval, and after ten minutes growing to two minutes. Waiting objects of its list are waited
// for.
func pendingDelay(waited, interval time.Duration, waiting int) time.Duration {
	shortest := time.Second
	if waiting >= crowd {
		shortest = crowdDelay
	}
	for early := shortest; early <= 8*time.Second; early *= 2 {
		if waited < 2*early-time.Second {
			return min(early, interval)
		}
	}
	if waited <= patience {
		return interval
	}
	grown := time.Duration(float64(interval) * float64(waited) / float64(patience))
	return max(interval, min(grown, slowestPending))
}

// rejectionDelay is the pause after the given number of refusals in a row. What Atlas refuses may depend on roles,
// quotas, clusters and settings that change outside, so it is tried again, slowly.
func rejectionDelay(rejections int) time.Duration {
	delays := [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}
	return delays[max(min(rejections, len(delays))-1, 0)]
}

// jitter lengthens a pause by up to a tenth, so that resources do not all come back at the same moment.
func jitter(d time.Duration) time.Duration { return d + rand.N(d/10+1) }

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
