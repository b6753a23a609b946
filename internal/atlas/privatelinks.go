package atlas

import (
	"context"
	"iter"
	"net/http"
)

// PrivateLink is a streams private link connection as Atlas returns it. Right after the creation
// only ID and the members of the request are set.
type PrivateLink struct {
	ID                       string
	Provider                 string
	Vendor                   string
	Region                   string
	ARN                      string
	ServiceEndpointID        string
	DNSDomain                string
	DNSSubDomain             []string
	AzureResourceIDs         []string
	GCPServiceAttachmentURIs []string
	GCPConnectionIDs         []string
	AuthenticationScheme     string
	InterfaceEndpointID      string
	InterfaceEndpointName    string
	ProviderAccountID        string
	// State is an open set. Known values: IDLE, WORKING, DONE, FAILED, DELETE_REQUESTED, DELETING.
	// Empty in the response to a creation.
	State        string
	ErrorMessage string
	// Raw holds all members of a link whose vendor has no fields here.
	Raw map[string]any
}

// PrivateLinkRequest is the body of a create. Empty members are not sent.
type PrivateLinkRequest struct {
	Provider          string
	Vendor            string
	Region            string
	ARN               string
	ServiceEndpointID string
	DNSDomain         string
	// DNSSubDomain is not sent if nil. An empty list is sent as [], which to Atlas means that the
	// cluster has no subdomains.
	DNSSubDomain             []string
	AzureResourceIDs         []string
	GCPServiceAttachmentURIs []string
	AuthenticationScheme     string
	// Raw holds members without a field. Fields take precedence over members of the same name.
	Raw map[string]any
}

// ListPrivateLinks yields every private link connection of a project. An error is yielded once, as
// the last pair; without an error the list is complete.
func (c *Client) ListPrivateLinks(ctx context.Context, projectID string, opts ...ListOption) iter.Seq2[PrivateLink, error] {
	return list(ctx, c, call{
		operation: "ListPrivateLinks",
		path:      privateLinkPath(projectID),
		accept:    media20230201,
	}.with(opts), privateLinkWire.privateLink)
}

// GetPrivateLink reads one private link connection by its ID.
func (c *Client) GetPrivateLink(ctx context.Context, projectID, id string) (PrivateLink, error) {
	return one(ctx, c, call{
		operation: "GetPrivateLink",
		method:    http.MethodGet,
		path:      privateLinkPath(projectID, id),
		accept:    media20230201,
	}, privateLinkWire.privateLink)
}

// CreatePrivateLink creates a private link connection. Atlas supports no idempotency key: a second
// call creates a second object.
func (c *Client) CreatePrivateLink(ctx context.Context, projectID string, req PrivateLinkRequest) (PrivateLink, error) {
	return one(ctx, c, call{
		operation: "CreatePrivateLink",
		method:    http.MethodPost,
		path:      privateLinkPath(projectID),
		accept:    media20230201,
		body:      req.object(),
	}, privateLinkWire.privateLink)
}

// UpdatePrivateLink sets the DNS domain, the only mutable member. Atlas accepts it only while the
// domain is unset or the connection is IDLE.
func (c *Client) UpdatePrivateLink(ctx context.Context, projectID, id, dnsDomain string) (PrivateLink, error) {
	return one(ctx, c, call{
		operation: "UpdatePrivateLink",
		method:    http.MethodPatch,
		path:      privateLinkPath(projectID, id),
		accept:    media20250312,
		body:      object{"dnsDomain": dnsDomain},
	}, privateLinkWire.privateLink)
}

// DeletePrivateLink starts the deletion, which continues after the response. The object is deleted
// once reading it fails with IsNotFound.
func (c *Client) DeletePrivateLink(ctx context.Context, projectID, id string) error {
	return c.do(ctx, call{
		operation: "DeletePrivateLink",
		method:    http.MethodDelete,
		path:      privateLinkPath(projectID, id),
		accept:    media20230201,
	}, anything)
}

func privateLinkPath(projectID string, id ...string) path {
	return streamsPath(projectID).join("privateLinkConnections").segments("private link id", id...)
}

func (r PrivateLinkRequest) object() object {
	o := object{}
	o.text("provider", r.Provider)
	o.text("vendor", r.Vendor)
	o.text("region", r.Region)
	o.text("arn", r.ARN)
	o.text("serviceEndpointId", r.ServiceEndpointID)
	o.text("dnsDomain", r.DNSDomain)
	if r.DNSSubDomain != nil {
		o["dnsSubDomain"] = r.DNSSubDomain
	}
	o.list("azureResourceIds", r.AzureResourceIDs)
	o.list("gcpServiceAttachmentUris", r.GCPServiceAttachmentURIs)
	o.text("authenticationScheme", r.AuthenticationScheme)
	o.raw(r.Raw)
	return o
}

type privateLinkWire struct {
	ID                       string   `json:"_id"`
	Provider                 string   `json:"provider"`
	Vendor                   string   `json:"vendor"`
	Region                   string   `json:"region"`
	ARN                      string   `json:"arn"`
	ServiceEndpointID        string   `json:"serviceEndpointId"`
	DNSDomain                string   `json:"dnsDomain"`
	DNSSubDomain             []string `json:"dnsSubDomain"`
	AzureResourceIDs         []string `json:"azureResourceIds"`
	GCPServiceAttachmentURIs []string `json:"gcpServiceAttachmentUris"`
	GCPConnectionIDs         []string `json:"gcpConnectionIds"`
	AuthenticationScheme     string   `json:"authenticationScheme"`
	InterfaceEndpointID      string   `json:"interfaceEndpointId"`
	InterfaceEndpointName    string   `json:"interfaceEndpointName"`
	ProviderAccountID        string   `json:"providerAccountId"`
	State                    string   `json:"state"`
	ErrorMessage             string   `json:"errorMessage"`

	Raw map[string]any `json:"-"`
}

// privateLink returns the object and its identifier, which is empty if the response is not from
// Atlas.
func (w privateLinkWire) privateLink() (PrivateLink, string) {
	return PrivateLink(w), w.ID
}
