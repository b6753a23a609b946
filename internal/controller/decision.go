package controller

import (
	"github.com/atlasstreams/operator/api/v1alpha1"
)

// action is what a pass does to Atlas or to the finalizer. At most one a pass.
type action int

const (
	// actNothing: only say how things are.
	actNothing action = iota
	// actLook: nothing can be decided before Atlas was looked at.
	actLook
	// actCreate: claim and POST.
	actCreate
	// actTake: the object of target is ours from now on.
	actTake
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
	target *view
	// remove is the id of what actDelete deletes; Atlas may not show it.
	remove string
	// ownership of what is taken, and the event of what is finished.
	ownership v1alpha1.Ownership
	event     string
	note      string

	pace     pace
	progress progress
	// ready: nil leaves Ready alone, or, with target, derives it from Atlas's state.
	ready *saying
	// synced: nil leaves Synced alone.
	synced *saying
	// nothing: Atlas was looked at and has no object that an observing resource means.
	nothing bool
	// sticky: ready is only said where Ready is not True for this generation.
	sticky bool
	// users are the connections that the deletion of a link waits for.
	users []string
}

// saying is what one condition says.
type saying struct {
	status, reason, message string
}

func says(status, reason, message string) *saying {
	return &saying{status: status, reason: reason, message: message}
}

const (
	isTrue    = "True"
	isFalse   = "False"
	isUnknown = "Unknown"
)

// stall is a decision that somebody has to act.
func stall(reason, message string) decision {
	return decision{
		progress: progressStalled,
		ready:    says(isFalse, reason, message),
		synced:   says(isFalse, reason, message),
	}
}

// waitFor is a decision to look again soon.
func waitFor(reason, message string) decision {
	return decision{pace: pacePending, progress: progressReconciling, ready: says(isFalse, reason, message)}
}

// hindered is a decision to wait for what an obstacle names.
func hindered(o *obstacle) decision {
	d := decision{
		pace: pacePending, progress: progressReconciling, sticky: true,
		ready: says(isFalse, o.reason, o.message),
	}
	if o.stalled {
		d.progress = progressStalled
	}
	if o.watched {
		d.pace = paceSteady
	}
	return d
}
