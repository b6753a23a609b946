package connection

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestStates(t *testing.T) {
	for state, want := range map[string]decision.StateMeaning{
		"":         {Class: decision.StatePending, Reason: "Creating"},
		"PENDING":  {Class: decision.StatePending, Reason: "Pending"},
		"READY":    {Class: decision.StateReady, Reason: "Ready"},
		"FAILED":   {Class: decision.StateFailed, Reason: "Failed"},
		"DELETING": {Class: decision.StateDeleting, Reason: "Deleting"},
		"DONE":     {Class: decision.StatePending, Reason: "UnknownState"},
	} {
		class, reason := states.ClassOf(state)
		NewWithT(t).Expect(decision.StateMeaning{Class: class, Reason: reason}).To(Equal(want), state)
	}
}
