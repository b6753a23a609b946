package atlas

import (
	"context"
	"iter"
	"net/http"
)

// PrivateLink is a streams private link connection as Atlas reports it.
// Right after its creation only the echo of the request and ID are there.
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
	// State is an open set: IDLE, WORKING, DONE, FAILED, DELETE_REQUESTED,
	// DELETING are known. Empty in the answer to a creation.
	State        string
	ErrorMessage string
	// Raw are all members of a link whose vendor has no fields here.
	Raw map[string]any
}

// PrivateLinkRequest is what a private link connection is created from. Empty
// members are not sent.
type PrivateLinkRequest struct {
	Provider          string
	Vendor            string
	Region            string
	ARN               string
	ServiceEndpointID string
	DNSDomain         string
	// DNSSubDomain is not sent when nil; an empty list is sent as [], which
	// Atlas takes for "this cluster has no subdomains".
	DNSSubDomain             []string
	AzureResourceIDs         []string
	GCPServiceAttachmentURIs []string
	AuthenticationScheme     string
	// Raw are members that have no field. Fields win over members of the same
	// name.
	Raw map[string]any
}

// ListPrivateLinks yields every private link connection of a project. An error
// is yielded once, as the last pair; a range that ends without one was
// complete.
func (c *Client) ListPrivateLinks(ctx context.Context, projectID string, opts ...ListOption) iter.Seq2[PrivateLink, error] {
	return list(ctx, c, call{
		operation: "ListPrivateLinks",
		path:      privateLinkPath(projectID),
		accept:    media20230201,
	}.with(opts), privateLinkWire.privateLink)
}

// GetPrivateLink reads one private link connection by its id.
func (c *Client) GetPrivateLink(ctx context.Context, projectID, id string) (PrivateLink, error) {
	return one(ctx, c, call{
		operation: "GetPrivateLink",
		method:    http.MethodGet,
		path:      privateLinkPath(projectID, id),
		accept:    media20230201,
	}, privateLinkWire.privateLink)
}

// CreatePrivateLink creates a private link connection. Atlas knows no
// idempotency key: a second call makes a second object.
func (c *Client) CreatePrivateLink(ctx context.Context, projectID string, req PrivateLinkRequest) (PrivateLink, error) {
	return one(ctx, c, call{
		operation: "CreatePrivateLink",
		method:    http.MethodPost,
		path:      privateLinkPath(projectID),
		accept:    media20230201,
		body:      req.object(),
	}, privateLinkWire.privateLink)
}

// UpdatePrivateLink sets the DNS domain, the only member that Atlas lets
// change, and only while it is unset or the connection is IDLE.
func (c *Client) UpdatePrivateLink(ctx context.Context, projectID, id, dnsDomain string) (PrivateLink, error) {
	return one(ctx, c, call{
		operation: "UpdatePrivateLink",
		method:    http.MethodPatch,
		path:      privateLinkPath(projectID, id),
		accept:    media20250312,
		body:      object{"dnsDomain": dnsDomain},
	}, privateLinkWire.privateLink)
}

// DeletePrivateLink asks for the deletion, which goes on after the answer:
// the object is gone when reading it is IsNotFound.
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

// privateLink returns the object and what identifies it, empty when the answer
// is none of Atlas's objects.
func (w privateLinkWire) privateLink() (PrivateLink, string) {
	return PrivateLink(w), w.ID
}
