package atlas

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// AccountDetails is where Atlas reaches out from in one region of a cloud
// provider: what has to be allow-listed at an endpoint service. Which members
// are set follows from the provider; CIDRBlock is set for each.
type AccountDetails struct {
	// CloudProvider is as Atlas spells it, or as it was asked for when the answer
	// leaves it out.
	CloudProvider string

	AWSAccountID string
	VPCID        string

	AzureSubscriptionID string
	VirtualNetworkName  string

	GCPProjectID   string
	VPCNetworkName string

	CIDRBlock string
}

// GetAccountDetails reads which account and network of a cloud provider Atlas
// uses for the stream processing of a project in a region. The region is sent
// as given; Atlas documents its own names here (US_EAST_1).
func (c *Client) GetAccountDetails(ctx context.Context, projectID, cloudProvider, regionName string) (AccountDetails, error) {
	var invalid error
	if cloudProvider == "" || regionName == "" {
		invalid = errNoProviderOrRegion
	}
	details, err := one(ctx, c, call{
		operation: "GetAccountDetails",
		method:    http.MethodGet,
		path:      streamsPath(projectID).join("accountDetails"),
		query:     url.Values{"cloudProvider": {strings.ToLower(cloudProvider)}, "regionName": {regionName}},
		accept:    media20241113,
		invalid:   invalid,
	}, accountDetailsWire.accountDetails)
	if err == nil {
		details.CloudProvider = cmp.Or(details.CloudProvider, cloudProvider)
	}
	return details, err
}

var errNoProviderOrRegion = errors.New("account details are of a cloud provider and a region")

type accountDetailsWire struct {
	CloudProvider       string `json:"cloudProvider"`
	AWSAccountID        string `json:"awsAccountId"`
	VPCID               string `json:"vpcId"`
	AzureSubscriptionID string `json:"azureSubscriptionId"`
	VirtualNetworkName  string `json:"virtualNetworkName"`
	GCPProjectID        string `json:"gcpProjectId"`
	VPCNetworkName      string `json:"vpcNetworkName"`
	CIDRBlock           string `json:"cidrBlock"`
}

// accountDetails returns the object and what identifies it: without an account
// there is nothing to allow-list.
func (w accountDetailsWire) accountDetails() (AccountDetails, string) {
	return AccountDetails(w), cmp.Or(w.AWSAccountID, w.AzureSubscriptionID, w.GCPProjectID)
}
