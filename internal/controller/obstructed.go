package controller

import (
	"strings"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

const (
	// quietOutage is how long Atlas may be unreachable before a resource with work to do says so.
	quietOutage = 2 * time.Minute
	// quietStart is how long Atlas may be unreachable before a new resource, whose status is empty, says so.
	quietStart = 5 * time.Second
	// quietPolls is how many steady polls may be missed before a resource without work to do says so.
	quietPolls = 3
)

// obstructed says what keeps the resource from moving, and returns the pause until the next try.
func (p *pass) obstructed(o *obstacle) time.Duration {
	if o == nil {
		return 0
	}
	if o.effect == outage {
		return p.unreachable(o)
	}
	p.memory.failures++
	d := decision{progress: progressReconciling, sticky: true, ready: says(isFalse, o.reason, o.message)}
	if o.stalled {
		d.progress = progressStalled
	}
	switch o.effect {
	case credentialsRefused:
		p.access = says(isFalse, o.reason, o.message)
		d.synced = says(isUnknown, o.reason, o.message)
	case refused:
		d.sticky = false
		d.synced = says(isFalse, o.reason, o.message)
	case busy:
	default:
		d.synced = says(isUnknown, o.reason, o.message)
	}
	if p.object.GetDeletionTimestamp() != nil {
		d.synced, d.sticky, d.progress = nil, false, progressReconciling
		d.ready.message += " The deletion waits for that; where it cannot be mended, as in a namespace that is being deleted, " + abandonHint + "."
	}
	p.report(d)
	return p.retryPause(o)
}

// retryPause is when an obstructed resource is tried again.
func (p *pass) retryPause(o *obstacle) time.Duration {
	switch {
	case p.memory.hold.obstacle == o:
		return max(p.memory.hold.until.Sub(p.now), time.Second)
	case o.watched:
		return jitter(p.options.SteadyPollInterval)
	default:
		return max(jitter(failureDelay(p.memory.failures)), o.retryAfter)
	}
}

// unreachable handles an outage: Ready stays what Atlas said last, and nothing is written before the outage has
// lasted, so that a short one costs no status write at all.
func (p *pass) unreachable(o *obstacle) time.Duration {
	p.memory.failures++
	since := p.failingSince(o)
	quiet := quietOutage
	if len(p.status().Conditions) == 0 {
		quiet = quietStart
	}
	if p.conditions().isReady() && p.object.GetDeletionTimestamp() == nil {
		quiet = quietPolls * p.options.SteadyPollInterval
	}
	if p.now.Sub(since) >= quiet && !p.saidAlready(o.reason) {
		message := o.message + " Failing since " + since.UTC().Format(time.RFC3339) + "."
		d := decision{sticky: true, ready: says(isFalse, o.reason, message), progress: progressReconciling}
		if p.object.GetDeletionTimestamp() == nil {
			d.synced = says(isUnknown, o.reason, message)
		} else {
			d.sticky = false
			d.ready.message += " If that cannot wait, " + abandonHint + "."
		}
		p.report(d)
	}
	if deleting := p.object.GetDeletionTimestamp() != nil; deleting && p.now.Sub(since) < quiet {
		p.report(waitFor(v1alpha1.ReasonDeleting, deletingMessage(p.situation())))
	}
	if p.memory.hold.obstacle == o {
		return max(p.memory.hold.until.Sub(p.now), time.Second)
	}
	return o.pause(jitter(failureDelay(p.memory.failures)))
}

// saidAlready reports whether the status tells of this outage: it is told once, however Atlas fails from try to try.
func (p *pass) saidAlready(reason string) bool {
	kind := v1alpha1.ConditionSynced
	if p.object.GetDeletionTimestamp() != nil {
		kind = v1alpha1.ConditionReady
	}
	said := p.conditions().get(kind)
	return said != nil && said.Status != isTrue && said.Reason == reason && said.ObservedGeneration == p.object.GetGeneration() &&
		p.status().ObservedGeneration == p.object.GetGeneration()
}

// failingSince is when Atlas began to fail for this resource: to be read, or to take its write.
func (p *pass) failingSince(o *obstacle) time.Time {
	if p.memory.failingSince.IsZero() {
		p.memory.failingSince = p.now
	}
	if !o.since.IsZero() && o.since.Before(p.memory.failingSince) {
		p.memory.failingSince = o.since
	}
	if h := p.memory.hold; h.obstacle != nil && h.obstacle.effect == outage && h.since.Before(p.memory.failingSince) {
		return h.since
	}
	return p.memory.failingSince
}

// holdBack remembers that a write failed, so that the same request is not sent again before its time.
func (p *pass) holdBack(act action, o *obstacle) *obstacle {
	fingerprint := p.fingerprint(act)
	if p.memory.hold.fingerprint != fingerprint {
		p.memory.hold = hold{fingerprint: fingerprint, since: p.now, specRefused: p.wasRejected(o.message)}
	}
	h := &p.memory.hold
	h.stallRepeated(o)
	h.rejections, h.obstacle = h.rejections+1, o
	var delay time.Duration
	switch o.effect {
	case refused, credentialsRefused:
		delay = rejectionDelay(h.rejections)
	case busy:
		delay = jitter(pendingDelay(p.now.Sub(h.since), p.options.PendingPollInterval))
	default:
		delay = jitter(failureDelay(h.rejections))
	}
	h.until = p.now.Add(o.pause(delay))
	return o
}

// stallRepeated makes a refusal Stalled that Atlas gave to the same request before.
func (h *hold) stallRepeated(o *obstacle) {
	if o.specRefused && h.specRefused {
		o.stalled = true
		o.message += " It refused the same request before. Correct the spec, or the values of the Secrets that it names."
	}
	h.specRefused = h.specRefused || o.specRefused
}

// wasRejected reports whether the status has a refusal of this generation that is Stalled, as it has after a restart.
func (p *pass) wasRejected(message string) bool {
	stalled := p.conditions().get(v1alpha1.ConditionStalled)
	return p.memory.hold.fingerprint == "" && stalled != nil && stalled.Reason == v1alpha1.ReasonRejected &&
		stalled.ObservedGeneration == p.object.GetGeneration() && strings.HasPrefix(stalled.Message, message)
}

// isRetry reports whether the same request failed before. Its conditions stay as they are until it succeeds: they would
// flap at every try.
func (p *pass) isRetry(act action) bool {
	h := p.memory.hold
	return h.obstacle != nil && h.fingerprint == p.fingerprint(act) || p.wasRejected("")
}

// held returns the refusal that keeps what was decided from being sent.
func (p *pass) held(d decision) *obstacle {
	if h := p.memory.hold; p.isRetry(d.act) && !p.forced && p.now.Before(h.until) {
		return h.obstacle
	}
	return nil
}

// settledReasons are the reasons of Synced that say that a generation was compared with Atlas.
var settledReasons = map[string]bool{v1alpha1.ReasonSynced: true, v1alpha1.ReasonDrifted: true}

// isWish reports whether this generation of the spec was not brought to Atlas yet: then differences are the user's
// wish and not drift.
func (p *pass) isWish() bool {
	if p.conditions().isReady() {
		return false // nothing is Ready for a generation that was not brought to Atlas
	}
	synced := p.conditions().get(v1alpha1.ConditionSynced)
	return synced == nil || synced.ObservedGeneration != p.object.GetGeneration() || !settledReasons[synced.Reason]
}
