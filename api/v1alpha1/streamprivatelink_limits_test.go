package v1alpha1_test

import . "github.com/onsi/ginkgo/v2"

const (
	hexID         = `^[a-f0-9]{24}$`
	workspace     = `^[a-zA-Z0-9_-]{1,64}$`
	atlasName     = `^[a-zA-Z0-9._*-]{1,64}$`
	openName      = `^[A-Za-z][A-Za-z0-9_]{0,63}$`
	upperCaseHex  = "65F1C0DE0000000000000001"
	objectName    = `^[a-z0-9][a-z0-9.-]*$`
	longestObject = 253

	// How ids of services begin.
	resourceGroup     = "/subscriptions/s/resourceGroups/g/providers/"
	linkService       = resourceGroup + "Microsoft.Network/privateLinkServices/"
	storageAccount    = resourceGroup + "Microsoft.Storage/storageAccounts/orders"
	serviceAttachment = "projects/p/regions/us-central1/serviceAttachments/"
	roleARN           = "arn:aws:iam::123456789012:role/"
)

// managedLimits are those of the members that every kind has.
func managedLimits(of string) []limit {
	return []limit{
		{of: of, at: "projectId", required: true, pattern: hexID, bad: upperCaseHex, max: 24},
		{of: of, at: "credentialsRef.name", required: true, pattern: objectName, bad: "other/name", max: longestObject},
		{of: of, at: "managementPolicy", oneOf: []string{"Manage", "Observe", "Paused"}},
		{of: of, at: "deletionPolicy", oneOf: []string{"Delete", "Retain"}},
		{of: of, at: "driftPolicy", oneOf: []string{"Correct", "Report"}},
		{of: of, at: "adoptionPolicy", oneOf: []string{"IfMatches", "Always", "Never"}},
	}
}

var linkLimits = append(managedLimits("AWS S3"), []limit{
	{of: "AWS S3", at: "provider", required: true, oneOf: []string{"AWS", "AZURE", "GCP"}},
	{of: "unknown vendor", at: "vendor", pattern: openName, bad: "RED-PANDA", max: 64},
	{of: "GENERIC", at: "region", min: 1, max: 64},
	{of: "AWS MSK", at: "arn", min: 1, max: 2048, start: "arn:aws:kafka:us-east-1:123456789012:cluster/"},
	{of: "GENERIC", at: "serviceEndpointId", min: 1, max: 2048},
	{of: "GENERIC", at: "dnsDomain", min: 1, max: 253},
	{of: "GENERIC", at: "dnsSubDomain", maxItems: 100},
	{of: "GENERIC", at: "dnsSubDomain[]", min: 1, max: 253},
	{of: "AWS MSK", at: "authenticationScheme", oneOf: []string{"TLS", "SASL_SCRAM", "IAM"}},
	{of: "AZURE CONFLUENT", at: "azureResourceIds", minItems: 1, maxItems: 20, start: linkService},
	{of: "AZURE CONFLUENT", at: "azureResourceIds[]", min: 1, max: 2048, start: linkService},
	{of: "GCP CONFLUENT", at: "gcpServiceAttachmentUris", minItems: 1, maxItems: 3, start: serviceAttachment},
	{of: "GCP CONFLUENT", at: "gcpServiceAttachmentUris[]", min: 1, max: 2048, start: serviceAttachment},
	{of: "AWS S3", at: "importId", pattern: hexID, bad: upperCaseHex, max: 24},
}...)

var _ = Describe("Limits of a StreamPrivateLink", func() { describeLimits(link, linkLimits) })
