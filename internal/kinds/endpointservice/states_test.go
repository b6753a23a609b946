package endpointservice

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestStates(t *testing.T) {
	for state, want := range map[string]decision.StateMeaning{
		"INITIATING":       {Class: decision.StatePending, Reason: "Initiating"},
		"AVAILABLE":        {Class: decision.StateReady, Reason: "Available"},
		"WAITING_FOR_USER": {Class: decision.StateReady, Reason: "WaitingForUser"},
		"FAILED":           {Class: decision.StateFailed, Reason: "Failed"},
		"DELETING":         {Class: decision.StateDeleting, Reason: "Deleting"},
		"not a state":      {Class: decision.StatePending, Reason: "UnknownState"},
	} {
		class, reason := states.ClassOf(state)
		NewWithT(t).Expect(decision.StateMeaning{Class: class, Reason: reason}).To(Equal(want), state)
	}
}
