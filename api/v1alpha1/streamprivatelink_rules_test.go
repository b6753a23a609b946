package v1alpha1_test

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const observe = "managementPolicy: Observe\n"

// linkRules are the rules of a link in general, and of its provider and vendor.
var linkRules = slices.Concat(vendorRules, serviceRules, grammarRules, domainRules, listRules)

var vendorRules = []rule{
	{
		field: "spec.vendor", message: "provider AWS has the vendors MSK, CONFLUENT, KINESIS, S3, LAMBDA and GENERIC: choose one of them, or another provider",
		refused:  []sample{{"AWS S3", "{vendor: PUBSUB, serviceEndpointId: null}"}},
		accepted: []sample{{"AWS S3", ""}, {"AWS MSK", ""}, {"AWS CONFLUENT", ""}, {"AWS LAMBDA", ""}, {"AWS KINESIS", ""}, {"AWS S3", "vendor: GENERIC"}},
	},
	{
		field: "spec.vendor", message: "provider AZURE has the vendors EVENTHUB, CONFLUENT, AZURE_BLOB_STORAGE and GENERIC: choose one of them, or another provider",
		refused: []sample{
			{"GENERIC", "{vendor: MSK, region: null, dnsDomain: null, serviceEndpointId: null, arn: arn:aws:kafka:us-east-1:1:cluster/a/b}"}, {"GENERIC", "{vendor: PUBSUB, dnsDomain: null, serviceEndpointId: null}"},
		},
		accepted: []sample{{"AZURE EVENTHUB", ""}, {"AZURE CONFLUENT", ""}, {"AZURE AZURE_BLOB_STORAGE", ""}, {"GENERIC", ""}},
	},
	{
		field: "spec.vendor", message: "provider GCP has the vendors CONFLUENT, PUBSUB and GENERIC: choose one of them, or another provider",
		refused:  []sample{{"AZURE EVENTHUB", "provider: GCP"}, {"GCP PUBSUB", "{vendor: MSK, region: null, arn: arn:aws:kafka:us-east-1:1:cluster/a/b}"}},
		accepted: []sample{{"GCP CONFLUENT", ""}, {"GCP PUBSUB", ""}, {"GENERIC", "provider: GCP"}},
	},
	{
		field: "spec.region", message: "region is required: set it to the region of the service",
		refused:  []sample{{"AWS S3", "region: null"}, {"GENERIC", "region: null"}, {"GCP PUBSUB", "region: null"}},
		accepted: []sample{{"AWS MSK", ""}, {"AWS S3", "region: US_EAST_1"}, {"AWS S3", observe + "region: null"}},
	},
	{
		field: "spec.region", message: "the region of an MSK link comes from its arn: remove region",
		refused:  []sample{{"AWS MSK", "region: us-east-1"}},
		accepted: []sample{{"AWS MSK", ""}},
	},
	{
		field: "spec.arn", message: "vendor MSK needs arn: set it to the ARN of the MSK cluster",
		refused:  []sample{{"AWS MSK", "arn: null"}},
		accepted: []sample{{"AWS MSK", ""}, {"AWS MSK", observe + "arn: null"}},
	},
	{
		field: "spec.arn", message: "arn is not that of an MSK cluster: write arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/ID",
		refused:  []sample{{"AWS MSK", "arn: arn:aws:s3:::orders"}, {"AWS MSK", "arn: arn:aws:kafka:us-east-1"}, {"AWS MSK", "arn: arn:aws:kafka:us-east-1:1:topic/a/b/c"}},
		accepted: []sample{{"AWS MSK", ""}, {"GENERIC", "arn: arn:aws:s3:::orders"}, {"unknown vendor", "arn: arn:aws:s3:::orders"}},
	},
	{
		field:    "spec.arn",
		message:  "Atlas reaches only MSK clusters of the AWS partition aws, not those of GovCloud, China or ISO regions: use a cluster of the partition aws",
		refused:  []sample{{"AWS MSK", "arn: arn:aws-cn:kafka:cn-north-1:1:cluster/a/b"}, {"AWS MSK", "arn: arn:aws-us-gov:kafka:us-gov-west-1:1:cluster/a/b"}},
		accepted: []sample{{"AWS MSK", ""}},
	},
	{
		field: "spec.vendor", message: "Atlas writes this vendor in capitals: correct the case",
		refused:  []sample{{"AWS S3", "vendor: s3"}, {"GENERIC", "vendor: Generic"}, {"unknown vendor", "{vendor: Confluent, raw: null}"}},
		accepted: []sample{{"AWS S3", ""}, {"unknown vendor", "vendor: Redpanda"}},
	},
	{
		field:    "spec.vendor",
		message:  "this version has no fields for the vendor: choose MSK, CONFLUENT, KINESIS, S3, LAMBDA, EVENTHUB, AZURE_BLOB_STORAGE, PUBSUB or GENERIC, or add raw with the members that Atlas needs for it",
		refused:  []sample{{"unknown vendor", "raw: null"}, {"AWS S3", "vendor: S4"}},
		accepted: []sample{{"unknown vendor", ""}, {"unknown vendor", "{raw: {}, region: null}"}, {"unknown vendor", observe + "raw: null"}, {"AWS S3", ""}},
	},
	{
		field: "spec.raw", message: "raw is only for vendors that have no fields of their own: remove raw and use the fields",
		refused:  []sample{{"AWS S3", "raw: {a: b}"}, {"GENERIC", "raw: {}"}, {"AWS MSK", observe + "raw: {a: b}"}},
		accepted: []sample{{"unknown vendor", ""}, {"unknown vendor", "serviceEndpointId: rp-service"}},
	},
	{
		field: "spec.arn", message: "arn is only for vendor MSK: remove it",
		refused:  []sample{{"AWS S3", "arn: arn:aws:kafka:us-east-1:1:cluster/a/b"}, {"GCP PUBSUB", "arn: arn:aws:kafka:us-east-1:1:cluster/a/b"}},
		accepted: []sample{{"AWS MSK", ""}},
	},
	{
		field: "spec.authenticationScheme", message: "authenticationScheme is only for vendor MSK: remove it",
		refused:  []sample{{"AWS S3", "authenticationScheme: TLS"}, {"AWS CONFLUENT", "authenticationScheme: IAM"}},
		accepted: []sample{{"AWS MSK", ""}, {"AWS MSK", "authenticationScheme: SASL_SCRAM"}, {"AWS MSK", "authenticationScheme: null"}},
	},
}

var serviceRules = []rule{
	{
		field: "spec.serviceEndpointId", message: "this provider and vendor need serviceEndpointId: set it to the endpoint service that the link leads to",
		refused: []sample{
			{"AWS CONFLUENT", "serviceEndpointId: null"}, {"AWS S3", "serviceEndpointId: null"}, {"AWS LAMBDA", "serviceEndpointId: null"},
			{"AZURE EVENTHUB", "serviceEndpointId: null"},
			{"AZURE AZURE_BLOB_STORAGE", "serviceEndpointId: null"}, {"GENERIC", "serviceEndpointId: null"},
		},
		accepted: []sample{{"AWS KINESIS", "serviceEndpointId: null"}, {"AWS MSK", ""}, {"AZURE CONFLUENT", ""}, {"GCP CONFLUENT", ""}, {"GCP PUBSUB", ""}, {"unknown vendor", ""}, {"AWS S3", observe + "serviceEndpointId: null"}},
	},
	{
		field:   "spec.serviceEndpointId",
		message: "this provider and vendor take no serviceEndpointId: remove it (MSK is named by arn, CONFLUENT on AZURE by azureResourceIds and on GCP by gcpServiceAttachmentUris, PUBSUB by region)",
		refused: []sample{
			{"AWS MSK", "serviceEndpointId: a"}, {"AZURE CONFLUENT", "serviceEndpointId: a"}, {"GCP CONFLUENT", "serviceEndpointId: a"},
			{"GCP PUBSUB", "serviceEndpointId: a"}, {"GCP PUBSUB", observe + "serviceEndpointId: a"},
		},
		accepted: []sample{{"AWS MSK", ""}, {"GCP PUBSUB", ""}},
	},
	{
		field: "spec.serviceEndpointId", message: "serviceEndpointId of an S3 link is the name of an AWS service: write com.amazonaws.REGION.s3",
		refused:  []sample{{"AWS S3", "serviceEndpointId: s3.us-east-1.amazonaws.com"}, {"AWS S3", "serviceEndpointId: com.amazonaws.us-east-1.lambda"}},
		accepted: []sample{{"AWS S3", ""}},
	},
	{
		field: "spec.serviceEndpointId", message: "serviceEndpointId of a LAMBDA link is the name of an AWS service: write com.amazonaws.REGION.lambda",
		refused:  []sample{{"AWS LAMBDA", "serviceEndpointId: com.amazonaws.us-east-1.s3"}},
		accepted: []sample{{"AWS LAMBDA", ""}},
	},
	{
		field: "spec.azureResourceIds", message: "vendor CONFLUENT on AZURE needs azureResourceIds: list the resource ids of its private link services, one per zone",
		refused:  []sample{{"AZURE CONFLUENT", "azureResourceIds: null"}},
		accepted: []sample{{"AZURE CONFLUENT", ""}, {"AZURE CONFLUENT", observe + "azureResourceIds: null"}},
	},
	{
		field: "spec.azureResourceIds", message: "azureResourceIds is only for vendor CONFLUENT on AZURE: remove it",
		refused:  []sample{{"AWS CONFLUENT", "dnsSubDomain: []\nazureResourceIds: [" + linkService + "a]"}, {"AZURE EVENTHUB", "azureResourceIds: [/subscriptions/a]"}},
		accepted: []sample{{"AZURE CONFLUENT", ""}, {"GENERIC", "azureResourceIds: [/subscriptions/a]"}},
	},
	{
		field: "spec.gcpServiceAttachmentUris", message: "vendor CONFLUENT on GCP needs gcpServiceAttachmentUris: list its service attachments, one per zone",
		refused:  []sample{{"GCP CONFLUENT", "gcpServiceAttachmentUris: null"}},
		accepted: []sample{{"GCP CONFLUENT", ""}, {"GCP CONFLUENT", observe + "gcpServiceAttachmentUris: null"}},
	},
	{
		field: "spec.gcpServiceAttachmentUris", message: "gcpServiceAttachmentUris is only for vendor CONFLUENT on GCP: remove it",
		refused:  []sample{{"AWS CONFLUENT", "gcpServiceAttachmentUris: [projects/p/regions/r/serviceAttachments/a]"}, {"GCP PUBSUB", "gcpServiceAttachmentUris: [projects/p/a]"}},
		accepted: []sample{{"GCP CONFLUENT", ""}, {"GENERIC", "gcpServiceAttachmentUris: [projects/p/a]"}},
	},
}

// grammarRules say how what names a service has to look, and that it fits the region.
var grammarRules = []rule{
	{
		field:    "spec.serviceEndpointId",
		message:  "serviceEndpointId of an EVENTHUB link is the Azure resource id of a namespace: write /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.EventHub/namespaces/NAME",
		refused:  []sample{{"AZURE EVENTHUB", "serviceEndpointId: orders"}, {"AZURE EVENTHUB", "serviceEndpointId: " + storageAccount}, {"AZURE EVENTHUB", "serviceEndpointId: /subscriptions/s"}},
		accepted: []sample{{"AZURE EVENTHUB", ""}, {"AZURE EVENTHUB", "serviceEndpointId: ' /SUBSCRIPTIONS/s/resourcegroups/g/providers/microsoft.eventhub/namespaces/orders/ '"}},
	},
	{
		field:    "spec.serviceEndpointId",
		message:  "serviceEndpointId of an AZURE_BLOB_STORAGE link is the Azure resource id of a storage account: write /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Storage/storageAccounts/NAME",
		refused:  []sample{{"AZURE AZURE_BLOB_STORAGE", "serviceEndpointId: orders"}, {"AZURE AZURE_BLOB_STORAGE", "serviceEndpointId: " + linkService + "a"}},
		accepted: []sample{{"AZURE AZURE_BLOB_STORAGE", ""}, {"AZURE AZURE_BLOB_STORAGE", "serviceEndpointId: " + storageAccount + "/"}},
	},
	{
		field:    "spec.azureResourceIds",
		message:  "azureResourceIds are Azure resource ids of private link services: write /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Network/privateLinkServices/NAME",
		refused:  []sample{{"AZURE CONFLUENT", "azureResourceIds: [plattg-1]"}, {"AZURE CONFLUENT", "azureResourceIds: [" + linkService + "a, plattg-1.eastus2.azure.privatelinkservice]"}},
		accepted: []sample{{"AZURE CONFLUENT", "azureResourceIds: [" + linkService + "a, " + linkService + "b/]"}, {"GENERIC", "azureResourceIds: [plattg-1]"}},
	},
	{
		field:   "spec.gcpServiceAttachmentUris",
		message: "gcpServiceAttachmentUris are service attachments of Google Cloud: write projects/PROJECT/regions/REGION/serviceAttachments/NAME or its self link",
		refused: []sample{{"GCP CONFLUENT", attachments("hello")}, {"GCP CONFLUENT", attachments("projects/p/a")}, {"GCP CONFLUENT", attachments(serviceAttachment+"a", "x/"+serviceAttachment+"b")}},
		accepted: []sample{
			{"GCP CONFLUENT", attachments(serviceAttachment+"a", "/"+serviceAttachment+"b", "https://www.googleapis.com/compute/v1/"+serviceAttachment+"c")},
			{"GCP CONFLUENT", attachments("https://compute.googleapis.com/compute/v1/"+serviceAttachment+"a", "//compute.googleapis.com/"+serviceAttachment+"b")},
			{"GENERIC", "gcpServiceAttachmentUris: [hello]"},
		},
	},
	{
		field: "spec.region", message: "region is not the one that serviceEndpointId names: correct region or serviceEndpointId",
		refused: []sample{
			{"AWS S3", "region: us-east-2"}, {"AWS LAMBDA", "region: EU_WEST_1"}, {"AWS CONFLUENT", "region: us-west-2"}, {"AWS KINESIS", "region: us-east-2"},
			{"AWS S3", observe + "region: us-east-2"},
		},
		accepted: []sample{
			{"AWS S3", "region: US_EAST_1"}, {"AWS S3", "region: ' us-east-1 '"}, {"AWS S3", "region: VIRGINIA_USA"}, {"AWS CONFLUENT", "serviceEndpointId: anything"},
			{"GENERIC", "{provider: AWS, region: us-east-2, serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0}"},
		},
	},
	{
		field: "spec.region", message: "region is not the one that gcpServiceAttachmentUris name: correct region or gcpServiceAttachmentUris",
		refused:  []sample{{"GCP CONFLUENT", "region: us-east4"}, {"GCP CONFLUENT", "region: US_EAST4"}},
		accepted: []sample{{"GCP CONFLUENT", ""}, {"GCP CONFLUENT", "region: US_CENTRAL1"}, {"GCP CONFLUENT", "region: CENTRAL_US"}},
	},
}

// attachments sets the service attachments of a link.
func attachments(uris ...string) string {
	return "gcpServiceAttachmentUris: ['" + strings.Join(uris, "', '") + "']"
}

var domainRules = []rule{
	{
		field: "spec.dnsDomain", message: "this provider and vendor need dnsDomain: set it to the domain of the service",
		refused: []sample{
			{"AZURE EVENTHUB", "dnsDomain: null"}, {"AZURE CONFLUENT", "dnsDomain: null"}, {"AZURE AZURE_BLOB_STORAGE", "dnsDomain: null"}, {"GCP CONFLUENT", "dnsDomain: null"},
		},
		accepted: []sample{{"AWS CONFLUENT serverless", ""}, {"GCP PUBSUB", ""}, {"GENERIC", "dnsDomain: null"}, {"GCP CONFLUENT", observe + "dnsDomain: null"}},
	},
	{
		field: "spec.dnsDomain", message: "this vendor takes no dnsDomain: remove it",
		refused: []sample{
			{"AWS MSK", "dnsDomain: a.example.com"}, {"AWS KINESIS", "dnsDomain: a.example.com"}, {"AWS S3", "dnsDomain: a.example.com"},
			{"AWS LAMBDA", "dnsDomain: a.example.com"}, {"GCP PUBSUB", "dnsDomain: a.example.com"},
		},
		accepted: []sample{{"AWS S3", ""}, {"AWS CONFLUENT", ""}},
	},
	{
		field: "spec.dnsDomain", message: "dnsDomain is a host name: leave out scheme, port and path",
		refused: []sample{
			{"GENERIC", "dnsDomain: https://orders.servicebus.windows.net"}, {"GENERIC", "dnsDomain: orders.servicebus.windows.net:9093"},
			{"GENERIC", "dnsDomain: orders.servicebus.windows.net/a"}, {"GENERIC", "dnsDomain: orders..windows.net"},
		},
		accepted: []sample{{"GENERIC", ""}, {"GENERIC", "dnsDomain: orders.servicebus.windows.net."}},
	},
	{
		field: "spec.dnsSubDomain", message: "vendor CONFLUENT on AWS needs dnsSubDomain: list the host names per zone, or write [] for a cluster without subdomains",
		refused:  []sample{{"AWS CONFLUENT", "dnsSubDomain: null"}},
		accepted: []sample{{"AWS CONFLUENT", ""}, {"AWS CONFLUENT serverless", ""}, {"AZURE CONFLUENT", ""}, {"AWS CONFLUENT", observe + "dnsSubDomain: null"}},
	},
	{
		field: "spec.dnsSubDomain", message: "dnsSubDomain is only for vendor CONFLUENT: remove it",
		refused:  []sample{{"AWS S3", "dnsSubDomain: []"}, {"AZURE EVENTHUB", "dnsSubDomain: [a.orders.servicebus.windows.net]"}},
		accepted: []sample{{"AWS CONFLUENT", ""}, {"GENERIC", "dnsSubDomain: []"}},
	},
	{
		field: "spec.dnsDomain", message: "a Confluent cluster with subdomains needs dnsDomain: set it, or write [] as dnsSubDomain for a cluster without subdomains",
		refused:  []sample{{"AWS CONFLUENT", "dnsDomain: null"}, {"AWS CONFLUENT", "managementPolicy: Paused\ndnsDomain: null"}},
		accepted: []sample{{"AWS CONFLUENT", ""}, {"AWS CONFLUENT serverless", ""}, {"AWS CONFLUENT", observe + "dnsDomain: null"}},
	},
	{
		field: "spec.dnsSubDomain", message: "each dnsSubDomain is a full host name that ends with dnsDomain: write it in full",
		refused: []sample{
			{"AWS CONFLUENT", "dnsSubDomain: [use1-az1]"},
			{"AWS CONFLUENT", "dnsSubDomain: [use1-az1.abc123.us-east-1.aws.confluent.cloud, use1-az2.def456.us-east-1.aws.confluent.cloud]"},
			{"AWS CONFLUENT", "dnsSubDomain: ['use1-az1.abc123.us-east-1.aws.confluent.cloud:9092']"},
			{"AWS CONFLUENT", observe + "dnsSubDomain: [use1-az1]"},
		},
		accepted: []sample{
			{"AWS CONFLUENT", ""},
			{"AWS CONFLUENT", "dnsSubDomain: []"},
			{"AWS CONFLUENT", "dnsSubDomain: [USE1-AZ1.abc123.us-east-1.aws.confluent.cloud]"},
			{"AWS CONFLUENT", "dnsSubDomain: [use1-az1.abc123.us-east-1.aws.confluent.cloud.]"},
			{"AWS CONFLUENT", "dnsDomain: ABC123.us-east-1.aws.confluent.cloud."},
			// How it has to look elsewhere is for Atlas to say.
			{"GCP CONFLUENT", "dnsSubDomain: [us-central1-a]"},
			{"AZURE CONFLUENT", "dnsSubDomain: [az1]"},
			{"GENERIC", "dnsSubDomain: [a]"},
		},
	},
}

var listRules = []rule{
	{
		field: "spec.dnsSubDomain", message: "dnsSubDomain must be unique: remove the repeated one",
		refused:  []sample{{"AWS CONFLUENT", "dnsSubDomain: [a.abc123.us-east-1.aws.confluent.cloud, a.abc123.us-east-1.aws.confluent.cloud]"}},
		accepted: []sample{{"AWS CONFLUENT", "dnsSubDomain: [a.abc123.us-east-1.aws.confluent.cloud, b.abc123.us-east-1.aws.confluent.cloud]"}, {"AWS CONFLUENT", "dnsSubDomain: []"}},
	},
	{
		field: "spec.azureResourceIds", message: "azureResourceIds must be unique: remove the repeated one",
		refused: []sample{
			{"AZURE CONFLUENT", "azureResourceIds: [" + linkService + "a, " + linkService + "b, " + linkService + "b]"},
			{"AZURE CONFLUENT", "azureResourceIds: [" + linkService + "a, " + strings.ToUpper(linkService) + "A]"},
			{"AZURE CONFLUENT", "azureResourceIds: [" + linkService + "a, " + linkService + "a/]"},
			{"AZURE CONFLUENT", "azureResourceIds: [" + linkService + "a, '" + linkService + "a ']"},
		},
		accepted: []sample{{"AZURE CONFLUENT", "azureResourceIds: [" + linkService + "a, " + linkService + "b]"}},
	},
	{
		field: "spec.gcpServiceAttachmentUris", message: "gcpServiceAttachmentUris must be unique: remove the repeated one",
		refused: []sample{
			{"GCP CONFLUENT", attachments(serviceAttachment+"a", serviceAttachment+"a")},
			{"GCP CONFLUENT", attachments(serviceAttachment+"a", "https://www.googleapis.com/compute/v1/"+serviceAttachment+"a")},
			{"GCP CONFLUENT", attachments(serviceAttachment+"a", "//compute.googleapis.com/"+serviceAttachment+"a/")},
			{"GCP CONFLUENT", attachments(serviceAttachment+"a", " /"+strings.ToUpper(serviceAttachment)+"a")},
		},
		accepted: []sample{{"GCP CONFLUENT", attachments(serviceAttachment+"a", serviceAttachment+"b")}},
	},
}

var _ = Describe("Rules of a StreamPrivateLink", func() {
	describeRules(link, linkRules)

	DescribeTable("accepts", func(ctx SpecContext, valid string) {
		Expect(admit(ctx, link(valid))).To(Succeed())
	}, everyKey(validLinks))
})
