package decision

import (
	"github.com/atlasstreams/operator/api/v1alpha1"
)

// Action is what a reconciliation does to Atlas or to the finalizer. At most one per reconciliation.
type Action int

const (
	// ActNothing: only say how things are.
	ActNothing Action = iota
	// ActObserve: nothing can be decided before Atlas was looked at.
	ActObserve
	// ActCreate: claim and POST.
	ActCreate
	// ActAdopt: the object of target is ours from now on.
	ActAdopt
	// ActUpdate: PATCH the object.
	ActUpdate
	// ActDelete: DELETE the object.
	ActDelete
	// ActFinish: take the finalizer off.
	ActFinish
)

func (a Action) String() string {
	return [...]string{"nothing", "observe", "create", "adopt", "update", "delete", "finish"}[a]
}

// Pace says when the resource is looked at again.
type Pace int

const (
	// PaceSteady: at the slow poll.
	PaceSteady Pace = iota
	// PacePending: at the fast poll.
	PacePending
	// PaceNever: an event will wake it.
	PaceNever
)

// Progress is which of the kstatus conditions is present.
type Progress int

const (
	// ProgressSteady: neither Reconciling nor Stalled.
	ProgressSteady Progress = iota
	// ProgressReconciling: the operator or Atlas is at work.
	ProgressReconciling
	// ProgressStalled: nothing goes on before a user acts.
	ProgressStalled
)

// Decision is what to do and what to say.
type Decision struct {
	Act    Action
	Target *RemoteObject
	// Remove is the id of what ActDelete deletes; Atlas may not show it.
	Remove string
	// Ownership of what is taken, and the event of what is finished.
	Ownership v1alpha1.Ownership
	Event     string
	Note      string

	Pace     Pace
	Progress Progress
	// Ready: nil leaves Ready alone, or, with target, derives it from Atlas's state.
	Ready *Condition
	// Synced: nil leaves Synced alone.
	Synced *Condition
	// Nothing: Atlas was looked at and has no object that an observing resource means.
	Nothing bool
	// KeepReady: ready is reported only where Ready is not True for this generation.
	KeepReady bool
	// Users are the connections that the deletion of a link waits for.
	Users []string
}

// Condition is status, reason and message of one condition.
type Condition struct {
	Status, Reason, Message string
}

// NewCondition returns what one condition is to say.
func NewCondition(status, reason, message string) *Condition {
	return &Condition{Status: status, Reason: reason, Message: message}
}

// The status of a condition.
const (
	StatusTrue    = "True"
	StatusFalse   = "False"
	StatusUnknown = "Unknown"
)

// Stall is a decision that a user has to act.
func Stall(reason, message string) Decision {
	return Decision{
		Progress: ProgressStalled,
		Ready:    NewCondition(StatusFalse, reason, message),
		Synced:   NewCondition(StatusFalse, reason, message),
	}
}

// WaitFor is a decision to look again soon.
func WaitFor(reason, message string) Decision {
	return Decision{Pace: PacePending, Progress: ProgressReconciling, Ready: NewCondition(StatusFalse, reason, message)}
}

// waitForBlocker is a decision to wait for what a blocker names.
func waitForBlocker(b *Blocker) Decision {
	d := Decision{
		Pace: PacePending, Progress: ProgressReconciling,
		Ready: NewCondition(StatusFalse, b.Reason, b.Message),
	}
	if b.Stalled {
		d.Progress = ProgressStalled
	}
	if b.Watched {
		d.Pace = PaceSteady
	}
	return d
}
