package atlas

import (
	"context"
	"strings"
)

// PrivateEndpointService is the Atlas side of the private endpoints to the clusters of a project in
// one region. It is unrelated to streams private links. The members that are set depend on the
// cloud provider.
type PrivateEndpointService struct {
	ID         string `json:"id"`
	RegionName string `json:"regionName"`
	// Status is an open set. Known values: INITIATING, AVAILABLE, WAITING_FOR_USER, FAILED, DELETING.
	Status       string `json:"status"`
	ErrorMessage string `json:"errorMessage"`

	// AWS. EndpointServiceName is empty while Atlas creates the service.
	EndpointServiceName    string   `json:"endpointServiceName"`
	InterfaceEndpoints     []string `json:"interfaceEndpoints"`
	SupportedRemoteRegions []string `json:"supportedRemoteRegions"`

	// Azure.
	PrivateEndpoints             []string `json:"privateEndpoints"`
	PrivateLinkServiceName       string   `json:"privateLinkServiceName"`
	PrivateLinkServiceResourceID string   `json:"privateLinkServiceResourceId"`

	// Google Cloud.
	EndpointGroupNames     []string `json:"endpointGroupNames"`
	ServiceAttachmentNames []string `json:"serviceAttachmentNames"`
	PortMappingEnabled     bool     `json:"portMappingEnabled"`
}

// ListPrivateEndpointServices reads every endpoint service of a project at a cloud provider, by its
// ID: AWS, AZURE or GCP, case-insensitive.
func (c *Client) ListPrivateEndpointServices(ctx context.Context, projectID, cloudProvider string) (map[string]*PrivateEndpointService, error) {
	return list[PrivateEndpointService](ctx, c, call{
		operation: "ListPrivateEndpointServices",
		path: privateEndpointPath("api/atlas/v2", projectID).
			segments("cloud provider", strings.ToUpper(cloudProvider)).join("endpointService"),
		accept:  media20230101,
		array:   true,
		unpaged: true,
	}, nil)
}

// ListPrivateEndpointsV1 reads the endpoint services of a project at AWS with the call of API
// version 1.0. Atlas has deprecated it in favour of the call of ListPrivateEndpointServices: use it
// only if that one fails with IsNotFound or IsGone. Version 1.0 predates service accounts; their
// token is sent nevertheless, and Atlas may reject it. RegionName is mostly empty here.
//
// The Go method is not deprecated: some accounts support only this call.
func (c *Client) ListPrivateEndpointsV1(ctx context.Context, projectID string) (map[string]*PrivateEndpointService, error) {
	return list[PrivateEndpointService](ctx, c, call{
		operation: "ListPrivateEndpointsV1",
		path:      privateEndpointPath("api/atlas/v1.0", projectID),
		accept:    mediaV1,
		array:     true,
	}, nil)
}

// Key returns the id.
func (s PrivateEndpointService) Key() string { return s.ID }
