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

// knownStates are all states of links and connections, as Atlas spells them.
var knownStates = map[string]struct {
	class  stateClass
	reason string
}{
	"":                 {statePending, v1alpha1.ReasonCreating},
	"IDLE":             {statePending, v1alpha1.ReasonIdle},
	"WORKING":          {statePending, v1alpha1.ReasonWorking},
	"DONE":             {stateReady, v1alpha1.ReasonDone},
	"FAILED":           {stateFailed, v1alpha1.ReasonFailed},
	"PENDING":          {statePending, v1alpha1.ReasonPending},
	"READY":            {stateReady, v1alpha1.ReasonReady},
	"DELETE_REQUESTED": {stateDeleting, v1alpha1.ReasonDeleteRequested},
	"DELETING":         {stateDeleting, v1alpha1.ReasonDeleting},
	"DELETED":          {stateDeleting, v1alpha1.ReasonDeleted},
}

// classOf maps a state of Atlas to its class and condition reason. A state that nobody knows yet is pending.
func classOf(state string) (stateClass, string) {
	if known, ok := knownStates[strings.ToUpper(state)]; ok {
		return known.class, known.reason
	}
	return statePending, v1alpha1.ReasonUnknownState
}

// isKnownState reports whether this version knows the state.
func isKnownState(state string) bool {
	_, ok := knownStates[strings.ToUpper(state)]
	return ok
}
