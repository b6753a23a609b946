// Package endpointservice is the kind PrivateEndpointService.
package endpointservice

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/inventory"
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
		ChooseAdvice: "set spec.id and remove regionName",
		New:          func() lifecycle.Managed { return &v1alpha1.PrivateEndpointService{} },
		NewList:      func() client.ObjectList { return &v1alpha1.PrivateEndpointServiceList{} },
		Connect: func(s *lifecycle.Session) lifecycle.Remote {
			return &remote{Session: s, seen: map[string]atlas.PrivateEndpointService{}}
		},
	}
}

// remote is the side of one PrivateEndpointService towards Atlas.
type remote struct {
	lifecycle.ReadOnly
	*lifecycle.Session
	seen map[string]atlas.PrivateEndpointService
}

func (e *remote) service() *v1alpha1.PrivateEndpointService {
	return e.Object.(*v1alpha1.PrivateEndpointService)
}

func (e *remote) list() *inventory.List[atlas.PrivateEndpointService] {
	spec := e.service().Spec
	return e.Inventory.Services(e.Atlas(), spec.ProjectID, string(spec.CloudProvider))
}

func (e *remote) remoteObject(found atlas.PrivateEndpointService) decision.RemoteObject {
	e.seen[found.ID] = found
	return decision.RemoteObject{ID: found.ID, State: found.Status, States: states, ErrorMessage: found.ErrorMessage}
}

func (e *remote) List(ctx context.Context, opts inventory.ReadOptions) (lifecycle.Listing, error) {
	snapshot, err := e.list().Read(ctx, opts)
	if err != nil {
		return lifecycle.Listing{}, err
	}
	seen := lifecycle.Listing{Begun: snapshot.Begun, ByID: func(string) *decision.RemoteObject { return nil }}
	for found := range snapshot.All() {
		if isService(&e.service().Spec, found) {
			seen.Candidates = append(seen.Candidates, e.remoteObject(found))
		}
	}
	lifecycle.SortObjects(seen.Candidates)
	return seen, nil
}

func (e *remote) Watch(ctx context.Context, id string, wake func()) func() {
	found, ok := e.seen[id]
	if !ok {
		return nil
	}
	return e.list().Watch(ctx, id, found, wake)
}

// isService reports whether the spec means this service.
func isService(spec *v1alpha1.PrivateEndpointServiceSpec, found atlas.PrivateEndpointService) bool {
	if spec.ID != "" {
		return found.ID == spec.ID
	}
	provider := string(spec.CloudProvider)
	region := cloud.Region(provider, spec.RegionName)
	return region != "" && region == cloud.Region(provider, regionOfService(found))
}

// regionOfService is in the name of the service where Atlas does not give it: com.amazonaws.vpce.us-east-1.vpce-svc-….
func regionOfService(found atlas.PrivateEndpointService) string {
	if found.RegionName != "" {
		return found.RegionName
	}
	rest, ok := strings.CutPrefix(found.EndpointServiceName, "com.amazonaws.vpce.")
	if !ok {
		return ""
	}
	region, _, _ := strings.Cut(rest, ".")
	return region
}

// Publish copies the service that was seen.
func (e *remote) Publish(v *decision.RemoteObject) {
	status := &e.service().Status
	if v == nil {
		*status = v1alpha1.PrivateEndpointServiceStatus{ObservedStatus: status.ObservedStatus}
		status.State = ""
		return
	}
	found := e.seen[v.ID]
	status.ID, status.State, status.ErrorMessage = found.ID, lifecycle.Bounded(found.Status), lifecycle.Bounded(found.ErrorMessage)
	status.RegionName = lifecycle.Bounded(regionOfService(found))
	status.EndpointServiceName, status.InterfaceEndpoints = lifecycle.Bounded(found.EndpointServiceName), lifecycle.BoundedList(found.InterfaceEndpoints)
	status.SupportedRemoteRegions = lifecycle.BoundedList(found.SupportedRemoteRegions)
	status.PrivateEndpoints = lifecycle.BoundedList(found.PrivateEndpoints)
	status.PrivateLinkServiceName, status.PrivateLinkServiceResourceID = lifecycle.Bounded(found.PrivateLinkServiceName), lifecycle.Bounded(found.PrivateLinkServiceResourceID)
	status.EndpointGroupNames, status.ServiceAttachmentNames = lifecycle.BoundedList(found.EndpointGroupNames), lifecycle.BoundedList(found.ServiceAttachmentNames)
	status.PortMappingEnabled = found.PortMappingEnabled
}
