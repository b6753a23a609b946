package privatelink

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestStates(t *testing.T) {
	for state, want := range map[string]decision.StateMeaning{
		"":                 {Class: decision.StatePending, Reason: "Creating"},
		"IDLE":             {Class: decision.StatePending, Reason: "Idle"},
		"WORKING":          {Class: decision.StatePending, Reason: "Working"},
		"DONE":             {Class: decision.StateReady, Reason: "Done"},
		"done":             {Class: decision.StateReady, Reason: "Done"},
		"FAILED":           {Class: decision.StateFailed, Reason: "Failed"},
		"DELETE_REQUESTED": {Class: decision.StateDeleting, Reason: "DeleteRequested"},
		"DELETING":         {Class: decision.StateDeleting, Reason: "Deleting"},
		"DELETED":          {Class: decision.StateDeleting, Reason: "Deleted"},
		"AVAILABLE":        {Class: decision.StatePending, Reason: "UnknownState"},
		"READY":            {Class: decision.StatePending, Reason: "UnknownState"},
	} {
		class, reason := states.ClassOf(state)
		NewWithT(t).Expect(decision.StateMeaning{Class: class, Reason: reason}).To(Equal(want), state)
	}
}
