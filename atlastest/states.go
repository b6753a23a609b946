package atlastest

import (
	"slices"
	"time"
)

// States of private links, connections and private endpoint services, as Atlas
// spells them.
const (
	StateIdle            = "IDLE"
	StateWorking         = "WORKING"
	StateDone            = "DONE"
	StateFailed          = "FAILED"
	StateDeleteRequested = "DELETE_REQUESTED"
	StateDeleting        = "DELETING"
	StatePending         = "PENDING"
	StateReady           = "READY"
	StateInitiating      = "INITIATING"
	StateAvailable       = "AVAILABLE"
	StateWaitingForUser  = "WAITING_FOR_USER"

	// StateDeleted ends a history. It is never on the wire: an object in it
	// answers 404.
	StateDeleted = "DELETED"
)

// StateChange is one entry of an object's history.
type StateChange struct {
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

// timeline holds the past and the planned future of an object, oldest first.
// Nothing moves an object but the clock that is held against it.
type timeline []StateChange

// at returns the state at a moment, empty before the first one.
func (t timeline) at(now time.Time) string {
	past := t.until(now)
	if len(past) == 0 {
		return ""
	}
	return past[len(past)-1].State
}

// until returns what has happened by now.
func (t timeline) until(now time.Time) timeline {
	n := len(t)
	for n > 0 && t[n-1].At.After(now) {
		n--
	}
	return t[:n]
}

// reached reports whether the object has ever been in state by now.
func (t timeline) reached(state string, now time.Time) bool {
	return slices.ContainsFunc(t.until(now), func(c StateChange) bool { return c.State == state })
}

// gone reports whether the object does not exist at now: not yet, or no more.
func (t timeline) gone(now time.Time) bool {
	state := t.at(now)
	return state == "" || state == StateDeleted
}

// since returns when the present state began.
func (t timeline) since(now time.Time) time.Time {
	past := t.until(now)
	if len(past) == 0 {
		return time.Time{}
	}
	return past[len(past)-1].At
}

// step is a state and how long it lasts; the last one of a plan stays.
type step struct {
	state string
	lasts time.Duration
}

// plan replaces the future that begins now.
func (t *timeline) plan(now time.Time, steps ...step) {
	next := slices.Clone(t.until(now))
	at := now
	for _, s := range steps {
		next = append(next, StateChange{State: s.state, At: at})
		at = at.Add(s.lasts)
	}
	*t = next
}

func isDeleting(state string) bool {
	return state == StateDeleteRequested || state == StateDeleting || state == StateDeleted
}
