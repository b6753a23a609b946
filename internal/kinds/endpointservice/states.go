package endpointservice

import (
	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// states has the meaning of each state of a private endpoint service. One that waits for its user's endpoints is ready:
// Atlas has done its part.
var states = decision.StateTable{
	"":                 {Class: decision.StatePending, Reason: v1alpha1.ReasonInitiating},
	"INITIATING":       {Class: decision.StatePending, Reason: v1alpha1.ReasonInitiating},
	"AVAILABLE":        {Class: decision.StateReady, Reason: v1alpha1.ReasonAvailable},
	"WAITING_FOR_USER": {Class: decision.StateReady, Reason: v1alpha1.ReasonWaitingForUser},
	"FAILED":           {Class: decision.StateFailed, Reason: v1alpha1.ReasonFailed},
	"DELETING":         {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleting},
}
