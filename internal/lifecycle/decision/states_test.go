package decision

import "github.com/atlasstreams/operator/api/v1alpha1"

// The states of two kinds, as the decisions see them.
var linkStates = StateTable{
	"":                 {StatePending, v1alpha1.ReasonCreating},
	"IDLE":             {StatePending, v1alpha1.ReasonIdle},
	"WORKING":          {StatePending, v1alpha1.ReasonWorking},
	"DONE":             {StateReady, v1alpha1.ReasonDone},
	"FAILED":           {StateFailed, v1alpha1.ReasonFailed},
	"DELETE_REQUESTED": {StateDeleting, v1alpha1.ReasonDeleteRequested},
	"DELETING":         {StateDeleting, v1alpha1.ReasonDeleting},
	"DELETED":          {StateDeleting, v1alpha1.ReasonDeleted},
}

var connectionStates = StateTable{
	"":         {StatePending, v1alpha1.ReasonCreating},
	"PENDING":  {StatePending, v1alpha1.ReasonPending},
	"READY":    {StateReady, v1alpha1.ReasonReady},
	"FAILED":   {StateFailed, v1alpha1.ReasonFailed},
	"DELETING": {StateDeleting, v1alpha1.ReasonDeleting},
	"DELETED":  {StateDeleting, v1alpha1.ReasonDeleted},
}
