package endpointservice

import (
	"testing"

	"github.com/atlasstreams/operator/internal/kinds/kindtest"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestStates(t *testing.T) {
	kindtest.ExpectStates(t, states, map[string]decision.StateMeaning{
		"INITIATING":       {Class: decision.StatePending, Reason: "Initiating"},
		"AVAILABLE":        {Class: decision.StateReady, Reason: "Available"},
		"WAITING_FOR_USER": {Class: decision.StateReady, Reason: "WaitingForUser"},
		"FAILED":           {Class: decision.StateFailed, Reason: "Failed"},
		"DELETING":         {Class: decision.StateDeleting, Reason: "Deleting"},
		"not a state":      {Class: decision.StatePending, Reason: "UnknownState"},
	})
}
