package atlas

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
)

// AccountDetails describes the account and network that Atlas connects from in one region of a
// cloud provider. Allow-list them at your endpoint service. CIDRBlock is always set; the other
// members depend on the provider.
type AccountDetails struct {
	// CloudProvider is the value of the response, or the requested one if the response omits it.
	CloudProvider string `json:"cloudProvider"`

	AWSAccountID string `json:"awsAccountId"`
	VPCID        string `json:"vpcId"`

	AzureSubscriptionID string `json:"azureSubscriptionId"`
	VirtualNetworkName  string `json:"virtualNetworkName"`

	GCPProjectID   string `json:"gcpProjectId"`
	VPCNetworkName string `json:"vpcNetworkName"`

	CIDRBlock string `json:"cidrBlock"`
}

// GetAccountDetails reads which account and network of a cloud provider Atlas uses for stream
// processing of a project in a region. The region is sent unchanged; Atlas documents its own names
// here (US_EAST_1).
func (c *Client) GetAccountDetails(ctx context.Context, projectID, cloudProvider, regionName string) (AccountDetails, error) {
	details, err := one[AccountDetails](ctx, c, call{
		operation: "GetAccountDetails",
		method:    http.MethodGet,
		path:      streamsPath(projectID).join("accountDetails"),
		query:     url.Values{"cloudProvider": {strings.ToLower(cloudProvider)}, "regionName": {regionName}},
		accept:    media20241113,
	})
	if err == nil {
		details.CloudProvider = cmp.Or(details.CloudProvider, cloudProvider)
	}
	return details, err
}

// Key returns the account, without which the details are useless.
func (d AccountDetails) Key() string {
	return cmp.Or(d.AWSAccountID, d.AzureSubscriptionID, d.GCPProjectID)
}
