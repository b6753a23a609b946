package controller

import (
	"github.com/atlasstreams/operator/api/v1alpha1"
)

// action is what a reconciliation does to Atlas or to the finalizer. At most one per reconciliation.
type action int

const (
	// actNothing: only say how things are.
	actNothing action = iota
	// actLook: nothing can be decided before Atlas was looked at.
	actObserve
	// actCreate: claim and POST.
	actCreate
	// actTake: the object of target is ours from now on.
	actAdopt
	// actUpdate: PATCH the object.
	actUpdate
	// actDelete: DELETE the object.
	actDelete
	// actFinish: take the finalizer off.
	actFinish
)

func (a action) String() string {
	return [...]string{"nothing", "look", "create", "take", "update", "delete", "finish"}[a]
}

// pace says when the resource is looked at again.
type pace int

const (
	// paceSteady: at the slow poll.
	paceSteady pace = iota
	// pacePending: at the fast poll.
	pacePending
	// paceNever: an event will wake it.
	paceNever
)

// progress is which of the kstatus conditions is present.
type progress int

const (
	progressSteady progress = iota
	progressReconciling
	progressStalled
)

// decision is what to do and what to say.
type decision struct {
	act    action
	target *remoteObject
	// remove is the id of what actDelete deletes; Atlas may not show it.
	remove string
	// ownership of what is taken, and the event of what is finished.
	ownership v1alpha1.Ownership
	event     string
	note      string

	pace     pace
	progress progress
	// ready: nil leaves Ready alone, or, with target, derives it from Atlas's state.
	ready *condition
	// synced: nil leaves Synced alone.
	synced *condition
	// nothing: Atlas was looked at and has no object that an observing resource means.
	nothing bool
	// keepReady: ready is reported only where Ready is not True for this generation.
	keepReady bool
	// users are the connections that the deletion of a link waits for.
	users []string
}

// condition is status, reason and message of one condition.
type condition struct {
	status, reason, message string
}

func newCondition(status, reason, message string) *condition {
	return &condition{status: status, reason: reason, message: message}
}

const (
	statusTrue    = "True"
	statusFalse   = "False"
	statusUnknown = "Unknown"
)

// stall is a decision that somebody has to act.
func stall(reason, message string) decision {
	return decision{
		progress: progressStalled,
		ready:    newCondition(statusFalse, reason, message),
		synced:   newCondition(statusFalse, reason, message),
	}
}

// waitFor is a decision to look again soon.
func waitFor(reason, message string) decision {
	return decision{pace: pacePending, progress: progressReconciling, ready: newCondition(statusFalse, reason, message)}
}

// waitForBlocker is a decision to wait for what a blocker names.
func waitForBlocker(b *blocker) decision {
	d := decision{
		pace: pacePending, progress: progressReconciling, keepReady: true,
		ready: newCondition(statusFalse, b.reason, b.message),
	}
	if b.stalled {
		d.progress = progressStalled
	}
	if b.watched {
		d.pace = paceSteady
	}
	return d
}
