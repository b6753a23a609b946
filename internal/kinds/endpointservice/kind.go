// Package endpointservice is the kind PrivateEndpointService.
package endpointservice

import (
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// +kubebuilder:rbac:groups=atlasstreams.io,resources=privateendpointservices,verbs=list;watch
// +kubebuilder:rbac:groups=atlasstreams.io,resources=privateendpointservices/status,verbs=patch

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

// Kind describes PrivateEndpointService.
func Kind() *lifecycle.Kind {
	return &lifecycle.Kind{
		Name: "PrivateEndpointService", Noun: "private endpoint service", States: states, ReadOnly: true,
		New:     func() lifecycle.Managed { return &v1alpha1.PrivateEndpointService{} },
		NewList: func() client.ObjectList { return &v1alpha1.PrivateEndpointServiceList{} },
		Connect: connectService,
	}
}
