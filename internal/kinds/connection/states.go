package connection

import (
	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// states has the meaning of each state of a connection.
var states = decision.StateTable{
	"":         {Class: decision.StatePending, Reason: v1alpha1.ReasonCreating},
	"PENDING":  {Class: decision.StatePending, Reason: v1alpha1.ReasonPending},
	"READY":    {Class: decision.StateReady, Reason: v1alpha1.ReasonReady},
	"FAILED":   {Class: decision.StateFailed, Reason: v1alpha1.ReasonFailed},
	"DELETING": {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleting},
	"DELETED":  {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleted},
}
