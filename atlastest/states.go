package atlastest

import (
	"slices"
	"time"
)

// States of private links, connections and private endpoint services, in Atlas's spelling.
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

	// StateDeleted ends a history. It is never sent: requests for such an object return 404.
	StateDeleted = "DELETED"
)

// StateChange is one entry of an object's history.
type StateChange struct {
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

// timeline holds the past and planned states of an object, oldest first. The state depends only on the clock.
type timeline []StateChange

// at returns the state at a time, empty before the first one.
func (t timeline) at(now time.Time) string {
	past := t.until(now)
	if len(past) == 0 {
		return ""
	}
	return past[len(past)-1].State
}

// until returns the changes up to now.
func (t timeline) until(now time.Time) timeline {
	n := len(t)
	for n > 0 && t[n-1].At.After(now) {
		n--
	}
	return t[:n]
}

// reached reports whether the object has been in state by now.
func (t timeline) reached(state string, now time.Time) bool {
	return slices.ContainsFunc(t.until(now), func(c StateChange) bool { return c.State == state })
}

// gone reports whether the object does not exist at now, because it is not created yet or is deleted.
func (t timeline) gone(now time.Time) bool {
	state := t.at(now)
	return state == "" || state == StateDeleted
}

// since returns the start of the current state.
func (t timeline) since(now time.Time) time.Time {
	past := t.until(now)
	if len(past) == 0 {
		return time.Time{}
	}
	return past[len(past)-1].At
}

// step is a state and its duration. The last one of a plan is permanent.
type step struct {
	state string
	lasts time.Duration
}

// plan replaces the states from now on.
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
