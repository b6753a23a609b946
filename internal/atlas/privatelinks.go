package atlas

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// PrivateLink is a streams private link connection as Atlas returns it, and the body of a create.
// Right after the creation only ID and the members of the request are set. Empty members are not sent.
type PrivateLink struct {
	ID                string `json:"_id"`
	Provider          string `json:"provider"`
	Vendor            string `json:"vendor"`
	Region            string `json:"region"`
	ARN               string `json:"arn"`
	ServiceEndpointID string `json:"serviceEndpointId"`
	DNSDomain         string `json:"dnsDomain"`
	// DNSSubDomain is not sent if nil. An empty list is sent as [], which to Atlas means that the
	// cluster has no subdomains.
	DNSSubDomain             []string `json:"dnsSubDomain"`
	AzureResourceIDs         []string `json:"azureResourceIds,omitempty"`
	GCPServiceAttachmentURIs []string `json:"gcpServiceAttachmentUris,omitempty"`
	AuthenticationScheme     string   `json:"authenticationScheme"`
	// Raw holds all members of a link whose vendor has no fields here. In a request it holds members
	// without a field. Fields take precedence over members of the same name.
	Raw map[string]any `json:"-"`

	// Atlas sets the members below.

	GCPConnectionIDs      []string `json:"gcpConnectionIds"`
	InterfaceEndpointID   string   `json:"interfaceEndpointId"`
	InterfaceEndpointName string   `json:"interfaceEndpointName"`
	ProviderAccountID     string   `json:"providerAccountId"`
	// State is an open set. Known values: IDLE, WORKING, DONE, FAILED, DELETE_REQUESTED, DELETING.
	// Empty in the response to a creation.
	State        string `json:"state"`
	ErrorMessage string `json:"errorMessage"`
}

// ListPrivateLinks reads every private link connection of a project, by its ID. If counted is not
// nil, a read that costs fewer pages sets it: the list then does not prove the absence of an object.
func (c *Client) ListPrivateLinks(ctx context.Context, projectID string, counted *bool) (map[string]*PrivateLink, error) {
	call := streamsCall("ListPrivateLinks", http.MethodGet, privateLinkPath(projectID))
	return list[PrivateLink](ctx, c, call, counted)
}

// GetPrivateLink reads one private link connection by its ID.
func (c *Client) GetPrivateLink(ctx context.Context, projectID, id string) (PrivateLink, error) {
	return one[PrivateLink](ctx, c, streamsCall("GetPrivateLink", http.MethodGet, privateLinkPath(projectID, id)))
}

// CreatePrivateLink creates a private link connection. Atlas supports no idempotency key: a second
// call creates a second object.
func (c *Client) CreatePrivateLink(ctx context.Context, projectID string, link PrivateLink) (PrivateLink, error) {
	call := streamsCall("CreatePrivateLink", http.MethodPost, privateLinkPath(projectID))
	return one[PrivateLink](ctx, c, call.with(objectOf(link, link.Raw), nil))
}

// UpdatePrivateLink sets the DNS domain, the only mutable member. Atlas accepts it only while the
// domain is unset or the connection is IDLE.
func (c *Client) UpdatePrivateLink(ctx context.Context, projectID, id, dnsDomain string) (PrivateLink, error) {
	call := streamsCall("UpdatePrivateLink", http.MethodPatch, privateLinkPath(projectID, id))
	call.accept = media20250312
	return one[PrivateLink](ctx, c, call.with(object{"dnsDomain": dnsDomain}, nil))
}

// DeletePrivateLink starts the deletion, which continues after the response. The object is deleted
// once reading it fails with IsNotFound.
func (c *Client) DeletePrivateLink(ctx context.Context, projectID, id string) error {
	return c.do(ctx, streamsCall("DeletePrivateLink", http.MethodDelete, privateLinkPath(projectID, id)), anything)
}

func privateLinkPath(projectID string, id ...string) path {
	return streamsPath(projectID).join("privateLinkConnections").segments("private link id", id...)
}

// Key returns the id.
func (l PrivateLink) Key() string { return l.ID }

// knownVendors have fields for their members. The members of all others are in Raw, in any form.
var knownVendors = []string{"", "GENERIC", "MSK", "CONFLUENT", "KINESIS", "S3", "LAMBDA", "EVENTHUB", "AZURE_BLOB_STORAGE", "PUBSUB"}

// UnmarshalJSON decodes a private link, with all members if its vendor is unknown.
func (l *PrivateLink) UnmarshalJSON(data []byte) error {
	type plain PrivateLink
	if err := json.Unmarshal(data, (*plain)(l)); err != nil || slices.Contains(knownVendors, strings.ToUpper(l.Vendor)) {
		return err //nolint:wrapcheck // decode distinguishes the error types
	}
	return rawMembers(data, &l.Raw)
}
