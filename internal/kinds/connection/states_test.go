package connection

import (
	"testing"

	"github.com/atlasstreams/operator/internal/kinds/kindtest"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

func TestStates(t *testing.T) {
	kindtest.ExpectStates(t, states, map[string]decision.StateMeaning{
		"":         {Class: decision.StatePending, Reason: "Creating"},
		"PENDING":  {Class: decision.StatePending, Reason: "Pending"},
		"READY":    {Class: decision.StateReady, Reason: "Ready"},
		"FAILED":   {Class: decision.StateFailed, Reason: "Failed"},
		"DELETING": {Class: decision.StateDeleting, Reason: "Deleting"},
		"DONE":     {Class: decision.StatePending, Reason: "UnknownState"},
	})
}
