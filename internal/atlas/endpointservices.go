package atlas

import (
	"cmp"
	"context"
	"iter"
	"strings"
)

// PrivateEndpointService is one end of the private endpoints to the clusters of
// a project: the service that Atlas offers in a region. Streams private links
// are another thing. Which members are set follows from the cloud provider.
type PrivateEndpointService struct {
	ID string
	// CloudProvider is as Atlas spells it, or as it was asked for when the answer
	// leaves it out.
	CloudProvider string
	RegionName    string
	// Status is an open set: INITIATING, AVAILABLE, WAITING_FOR_USER, FAILED,
	// DELETING are known.
	Status       string
	ErrorMessage string

	// Of AWS. The name is empty while Atlas creates the service.
	EndpointServiceName    string
	InterfaceEndpoints     []string
	SupportedRemoteRegions []string

	// Of Azure.
	PrivateEndpoints             []string
	PrivateLinkServiceName       string
	PrivateLinkServiceResourceID string

	// Of Google Cloud.
	EndpointGroupNames     []string
	ServiceAttachmentNames []string
	PortMappingEnabled     bool
}

// ListPrivateEndpointServices yields every endpoint service of a project at a
// cloud provider: AWS, AZURE or GCP, in any letter case. An error is yielded
// once, as the last pair; a range that ends without one was complete.
func (c *Client) ListPrivateEndpointServices(ctx context.Context, projectID, cloudProvider string) iter.Seq2[PrivateEndpointService, error] {
	provider := strings.ToUpper(cloudProvider)
	return list(ctx, c, call{
		operation: "ListPrivateEndpointServices",
		path: privateEndpointPath("api/atlas/v2", projectID).
			segments("cloud provider", provider).join("endpointService"),
		accept: media20230101,
		answer: bareArray,
	}, endpointServicesOf(provider))
}

// ListPrivateEndpointsV1 yields the endpoint services of a project at AWS by
// the call of API version 1.0, which Atlas has deprecated in favour of the one
// behind ListPrivateEndpointServices: ask that one first, and this one where
// it IsNotFound or IsGone. Version 1.0 is of the time of API keys, which log in
// by digest; a client of a service account sends its token all the same, and
// Atlas decides. RegionName is mostly empty here.
//
// The deprecation is Atlas's, of the call: the method stays as long as there
// are accounts where only this call answers, and bears no marker for linters.
func (c *Client) ListPrivateEndpointsV1(ctx context.Context, projectID string) iter.Seq2[PrivateEndpointService, error] {
	return list(ctx, c, call{
		operation: "ListPrivateEndpointsV1",
		path:      privateEndpointPath("api/atlas/v1.0", projectID),
		accept:    mediaV1,
		answer:    pagedArray,
	}, endpointServicesOf("AWS"))
}

type endpointServiceWire struct {
	ID                           string   `json:"id"`
	CloudProvider                string   `json:"cloudProvider"`
	RegionName                   string   `json:"regionName"`
	Status                       string   `json:"status"`
	ErrorMessage                 string   `json:"errorMessage"`
	EndpointServiceName          string   `json:"endpointServiceName"`
	InterfaceEndpoints           []string `json:"interfaceEndpoints"`
	SupportedRemoteRegions       []string `json:"supportedRemoteRegions"`
	PrivateEndpoints             []string `json:"privateEndpoints"`
	PrivateLinkServiceName       string   `json:"privateLinkServiceName"`
	PrivateLinkServiceResourceID string   `json:"privateLinkServiceResourceId"`
	EndpointGroupNames           []string `json:"endpointGroupNames"`
	ServiceAttachmentNames       []string `json:"serviceAttachmentNames"`
	PortMappingEnabled           bool     `json:"portMappingEnabled"`
}

// endpointServicesOf converts what a list of one cloud provider holds.
func endpointServicesOf(provider string) func(endpointServiceWire) (PrivateEndpointService, string) {
	return func(w endpointServiceWire) (PrivateEndpointService, string) {
		s := PrivateEndpointService(w)
		s.CloudProvider = cmp.Or(s.CloudProvider, provider)
		return s, s.ID
	}
}
