package controller

import "time"

// effect says what a blocker does to the conditions and when the resource is tried again.
type effect int

const (
	// outage: Atlas does not answer, or limits the rate of calls. Nothing is said before it has lasted.
	outage effect = iota
	// credentialsRefused: CredentialsReady is False.
	credentialsRefused
	// missing: something in Atlas or the cluster is not there yet.
	missing
	// refused: Atlas refused this very request; the generation is not what Atlas holds.
	refused
	// busy: Atlas takes the request later.
	busy
)

// blocker is what keeps a resource from moving: a reason and message for its conditions.
type blocker struct {
	effect  effect
	reason  string
	message string
	// stalled: waiting alone will not help.
	stalled bool
	// specRefused: Atlas refused the request, for nothing that can be mended without changing it. Since the real Atlas
	// names no fields, it takes two such answers to the same request to be stalled.
	specRefused bool
	// watched: an event will wake the resource; no timer is needed but a slow one.
	watched bool
	// retryAfter is what Atlas asked for, zero when nothing.
	retryAfter time.Duration
	// since is when it began, zero when that is not known.
	since time.Time
}
