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
type StateTable map[string]StateMeaning

// StateMeaning is the class of a state, and the reason of Ready while it lasts.
type StateMeaning struct {
	Class  StateClass
	Reason string
}

// ClassOf maps a state of Atlas to its class and condition reason. An unknown state is pending.
func (t StateTable) ClassOf(state string) (StateClass, string) {
	if known, ok := t[strings.ToUpper(state)]; ok {
		return known.Class, known.Reason
	}
	return StatePending, v1alpha1.ReasonUnknownState
}
