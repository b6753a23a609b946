package decision

import (
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// Effect says what a blocker does to the conditions and when the resource is tried again.
type Effect int

const (
	// Outage: Atlas does not answer, or limits the rate of calls. Nothing is said before it has lasted.
	Outage Effect = iota
	// CredentialsRefused: CredentialsReady is False.
	CredentialsRefused
	// Missing: something in Atlas or the cluster is not there yet.
	Missing
	// Refused: Atlas refused this very request; the generation is not what Atlas holds.
	Refused
	// Busy: Atlas takes the request later.
	Busy
)

// Blocker is what keeps a resource from moving: a reason and message for its conditions.
type Blocker struct {
	Effect  Effect
	Reason  string
	Message string
	// Stalled: waiting alone will not help.
	Stalled bool
	// SpecRefused: Atlas refused the request, for nothing that can be mended without changing it. Since the real Atlas
	// names no fields, it takes two such answers to the same request to be stalled.
	SpecRefused bool
	// Watched: an event will wake the resource; no timer is needed but a slow one.
	Watched bool
	// RetryAfter is the pause that Atlas requires, zero for none.
	RetryAfter time.Duration
	// Since is when it began, zero when that is not known.
	Since time.Time
}

// Pause is the time until the next try. Where the rate limit says when a call may go, a longer pause only leaves that
// unused.
func (b *Blocker) Pause(delay time.Duration) time.Duration {
	if b.Reason == v1alpha1.ReasonRateLimited && b.RetryAfter > 0 {
		return b.RetryAfter
	}
	return max(delay, b.RetryAfter)
}

// FailureDelay is the pause after the given number of failures in a row: from one second, doubling, to two minutes.
func FailureDelay(failures int) time.Duration {
	return min(time.Second<<min(max(failures-1, 0), 10), 2*time.Minute)
}
