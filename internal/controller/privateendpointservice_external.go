package controller

import (
	"context"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/cloud"
	"github.com/atlasstreams/operator/internal/inventory"
)

// serviceExternal is the side of one PrivateEndpointService towards Atlas.
type serviceExternal struct {
	readOnly
	pass    *pass
	service *v1alpha1.PrivateEndpointService
	seen    map[string]atlas.PrivateEndpointService
}

func bindService(p *pass) external {
	return &serviceExternal{pass: p, service: p.object.(*v1alpha1.PrivateEndpointService), seen: map[string]atlas.PrivateEndpointService{}}
}

func (e *serviceExternal) kind() string               { return "private endpoint service" }
func (e *serviceExternal) states() stateTable         { return serviceStates }
func (e *serviceExternal) importID() string           { return "" }
func (e *serviceExternal) isMine(id string) bool      { return id == e.service.Status.ID }
func (e *serviceExternal) enrich(context.Context)     {}
func (e *serviceExternal) warn()                      {}
func (e *serviceExternal) extraConditions(conditions) {}
func (e *serviceExternal) redact(text string) string  { return text }
func (e *serviceExternal) rebind(object managed) {
	e.service = object.(*v1alpha1.PrivateEndpointService)
}

func (e *serviceExternal) prepare(context.Context, bool) (preparation, error) {
	return preparation{}, nil
}

func (e *serviceExternal) list() *inventory.List[atlas.PrivateEndpointService] {
	spec := e.service.Spec
	return e.pass.inventory.Services(e.pass.grant.client, spec.ProjectID, string(spec.CloudProvider))
}

func (e *serviceExternal) view(found atlas.PrivateEndpointService) view {
	e.seen[found.ID] = found
	return view{id: found.ID, state: found.Status, states: serviceStates, errorMessage: found.ErrorMessage}
}

func (e *serviceExternal) read(ctx context.Context, opts inventory.ReadOptions) (sight, error) {
	snapshot, err := e.list().Read(ctx, opts)
	if err != nil {
		return sight{}, err
	}
	seen := sight{begun: snapshot.Begun, byID: func(string) *view { return nil }}
	for found := range snapshot.All() {
		if isService(&e.service.Spec, found) {
			seen.candidates = append(seen.candidates, e.view(found))
		}
	}
	sortViews(seen.candidates)
	return seen, nil
}

func (e *serviceExternal) watch(ctx context.Context, id string, wake func()) func() {
	found, ok := e.seen[id]
	if !ok {
		return nil
	}
	return e.list().Watch(ctx, id, found, wake)
}

func (e *serviceExternal) getIsCheaper(inventory.ReadOptions) bool { return false }
func (e *serviceExternal) waiting() int                            { return 0 }

// get is never needed: what a list does not show is reported as such.
func (e *serviceExternal) get(context.Context, string) (view, error) { return view{}, errReadOnly }

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

func (e *serviceExternal) publish(v view) {
	found, status := e.seen[v.id], &e.service.Status
	status.ID, status.State, status.ErrorMessage = found.ID, bounded(found.Status), bounded(found.ErrorMessage)
	status.RegionName = bounded(regionOfService(found))
	status.EndpointServiceName, status.InterfaceEndpoints = bounded(found.EndpointServiceName), boundedList(found.InterfaceEndpoints)
	status.SupportedRemoteRegions = boundedList(found.SupportedRemoteRegions)
	status.PrivateEndpoints = boundedList(found.PrivateEndpoints)
	status.PrivateLinkServiceName, status.PrivateLinkServiceResourceID = bounded(found.PrivateLinkServiceName), bounded(found.PrivateLinkServiceResourceID)
	status.EndpointGroupNames, status.ServiceAttachmentNames = boundedList(found.EndpointGroupNames), boundedList(found.ServiceAttachmentNames)
	status.PortMappingEnabled = found.PortMappingEnabled
}

func (e *serviceExternal) forget() {
	common := e.service.Status.ObservedStatus
	common.State = ""
	e.service.Status = v1alpha1.PrivateEndpointServiceStatus{ObservedStatus: common}
}
