package controller

import (
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// stateClass is what a state of Atlas means for the lifecycle.
type stateClass int

const (
	// statePending: Atlas is working, or the state is absent or unknown.
	statePending stateClass = iota
	stateReady
	stateFailed
	stateDeleting
)

// stateTable is what the states of one kind mean, as Atlas spells them.
type stateTable map[string]stateMeaning

type stateMeaning struct {
	class  stateClass
	reason string
}

var linkStates = stateTable{
	"":                 {statePending, v1alpha1.ReasonCreating},
	"IDLE":             {statePending, v1alpha1.ReasonIdle},
	"WORKING":          {statePending, v1alpha1.ReasonWorking},
	"DONE":             {stateReady, v1alpha1.ReasonDone},
	"FAILED":           {stateFailed, v1alpha1.ReasonFailed},
	"DELETE_REQUESTED": {stateDeleting, v1alpha1.ReasonDeleteRequested},
	"DELETING":         {stateDeleting, v1alpha1.ReasonDeleting},
	"DELETED":          {stateDeleting, v1alpha1.ReasonDeleted},
}

var connectionStates = stateTable{
	"":         {statePending, v1alpha1.ReasonCreating},
	"PENDING":  {statePending, v1alpha1.ReasonPending},
	"READY":    {stateReady, v1alpha1.ReasonReady},
	"FAILED":   {stateFailed, v1alpha1.ReasonFailed},
	"DELETING": {stateDeleting, v1alpha1.ReasonDeleting},
	"DELETED":  {stateDeleting, v1alpha1.ReasonDeleted},
}

// serviceStates: a service that waits for its user's endpoints works as far as Atlas is concerned.
var serviceStates = stateTable{
	"":                 {statePending, v1alpha1.ReasonInitiating},
	"INITIATING":       {statePending, v1alpha1.ReasonInitiating},
	"AVAILABLE":        {stateReady, v1alpha1.ReasonAvailable},
	"WAITING_FOR_USER": {stateReady, v1alpha1.ReasonWaitingForUser},
	"FAILED":           {stateFailed, v1alpha1.ReasonFailed},
	"DELETING":         {stateDeleting, v1alpha1.ReasonDeleting},
}

// classOf maps a state of Atlas to its class and condition reason. A state that nobody knows yet is pending.
func (t stateTable) classOf(state string) (stateClass, string) {
	if known, ok := t[strings.ToUpper(state)]; ok {
		return known.class, known.reason
	}
	return statePending, v1alpha1.ReasonUnknownState
}
