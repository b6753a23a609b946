package privatelink

import (
	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// states has the meaning of each state of a private link.
var states = decision.StateTable{
	"":                 {Class: decision.StatePending, Reason: v1alpha1.ReasonCreating},
	"IDLE":             {Class: decision.StatePending, Reason: v1alpha1.ReasonIdle},
	"WORKING":          {Class: decision.StatePending, Reason: v1alpha1.ReasonWorking},
	"DONE":             {Class: decision.StateReady, Reason: v1alpha1.ReasonDone},
	"FAILED":           {Class: decision.StateFailed, Reason: v1alpha1.ReasonFailed},
	"DELETE_REQUESTED": {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleteRequested},
	"DELETING":         {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleting},
	"DELETED":          {Class: decision.StateDeleting, Reason: v1alpha1.ReasonDeleted},
}
