package decision

import (
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// StateClass is what a state of Atlas means for the lifecycle.
type StateClass int

const (
	// StatePending: Atlas is working, or the state is absent or unknown.
	StatePending StateClass = iota
	// StateReady: the object works.
	StateReady
	// StateFailed: Atlas gave up.
	StateFailed
	// StateDeleting: the object is going, or gone.
	StateDeleting
)

// StateTable is what the states of one kind mean, as Atlas spells them.
type StateTable map[string]stateMeaning

type stateMeaning struct {
	class  StateClass
	reason string
}

// LinkStates are the states of private links.
var LinkStates = StateTable{
	"":                 {StatePending, v1alpha1.ReasonCreating},
	"IDLE":             {StatePending, v1alpha1.ReasonIdle},
	"WORKING":          {StatePending, v1alpha1.ReasonWorking},
	"DONE":             {StateReady, v1alpha1.ReasonDone},
	"FAILED":           {StateFailed, v1alpha1.ReasonFailed},
	"DELETE_REQUESTED": {StateDeleting, v1alpha1.ReasonDeleteRequested},
	"DELETING":         {StateDeleting, v1alpha1.ReasonDeleting},
	"DELETED":          {StateDeleting, v1alpha1.ReasonDeleted},
}

// ConnectionStates are the states of connections.
var ConnectionStates = StateTable{
	"":         {StatePending, v1alpha1.ReasonCreating},
	"PENDING":  {StatePending, v1alpha1.ReasonPending},
	"READY":    {StateReady, v1alpha1.ReasonReady},
	"FAILED":   {StateFailed, v1alpha1.ReasonFailed},
	"DELETING": {StateDeleting, v1alpha1.ReasonDeleting},
	"DELETED":  {StateDeleting, v1alpha1.ReasonDeleted},
}

// ServiceStates: a service that waits for its user's endpoints works as far as Atlas is concerned.
var ServiceStates = StateTable{
	"":                 {StatePending, v1alpha1.ReasonInitiating},
	"INITIATING":       {StatePending, v1alpha1.ReasonInitiating},
	"AVAILABLE":        {StateReady, v1alpha1.ReasonAvailable},
	"WAITING_FOR_USER": {StateReady, v1alpha1.ReasonWaitingForUser},
	"FAILED":           {StateFailed, v1alpha1.ReasonFailed},
	"DELETING":         {StateDeleting, v1alpha1.ReasonDeleting},
}

// ClassOf maps a state of Atlas to its class and condition reason. An unknown state is pending.
func (t StateTable) ClassOf(state string) (StateClass, string) {
	if known, ok := t[strings.ToUpper(state)]; ok {
		return known.class, known.reason
	}
	return StatePending, v1alpha1.ReasonUnknownState
}
