package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// LinkProvider is the cloud in which a private link ends.
// +kubebuilder:validation:Enum=AWS;AZURE;GCP
type LinkProvider string

// The cloud providers, as Atlas spells them.
const (
	ProviderAWS   LinkProvider = "AWS"
	ProviderAzure LinkProvider = "AZURE"
	ProviderGCP   LinkProvider = "GCP"
)

// LinkVendor is the service that a private link leads to: one of those below, or one that this version does not know.
// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_]{0,63}$`
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule=`self in ['MSK', 'CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB', 'GENERIC'] || !(self.upperAscii() in ['MSK', 'CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB', 'GENERIC'])`,message="Atlas writes this vendor in capitals: correct the case"
type LinkVendor string

// The vendors that have fields of their own, as Atlas spells them.
const (
	VendorMSK              LinkVendor = "MSK"
	VendorConfluent        LinkVendor = "CONFLUENT"
	VendorKinesis          LinkVendor = "KINESIS"
	VendorS3               LinkVendor = "S3"
	VendorLambda           LinkVendor = "LAMBDA"
	VendorEventHub         LinkVendor = "EVENTHUB"
	VendorAzureBlobStorage LinkVendor = "AZURE_BLOB_STORAGE"
	VendorPubSub           LinkVendor = "PUBSUB"
	// VendorGeneric is what an absent vendor means.
	VendorGeneric LinkVendor = "GENERIC"
)

// AuthenticationScheme is how clients of an MSK cluster authenticate.
// +kubebuilder:validation:Enum=TLS;SASL_SCRAM;IAM
type AuthenticationScheme string

// StreamPrivateLinkSpec describes one private link connection of Atlas Stream Processing: a private network path
// from Atlas to a service in your cloud. Once its creation was asked for, only dnsDomain can be set later; for any
// other change create a new resource.
//
// +kubebuilder:validation:XValidation:rule=`self.provider != 'AWS' || !(self.?vendor.orValue('GENERIC') in ['EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB']) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="provider AWS has the vendors MSK, CONFLUENT, KINESIS, S3, LAMBDA and GENERIC: choose one of them, or another provider",fieldPath=".vendor"
// +kubebuilder:validation:XValidation:rule=`self.provider != 'AZURE' || !(self.?vendor.orValue('GENERIC') in ['MSK', 'KINESIS', 'S3', 'LAMBDA', 'PUBSUB']) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="provider AZURE has the vendors EVENTHUB, CONFLUENT, AZURE_BLOB_STORAGE and GENERIC: choose one of them, or another provider",fieldPath=".vendor"
// +kubebuilder:validation:XValidation:rule=`self.provider != 'GCP' || !(self.?vendor.orValue('GENERIC') in ['MSK', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE']) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="provider GCP has the vendors CONFLUENT, PUBSUB and GENERIC: choose one of them, or another provider",fieldPath=".vendor"
// +kubebuilder:validation:XValidation:rule=`!has(self.vendor) || self.vendor.upperAscii() in ['MSK', 'CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB', 'GENERIC'] || has(self.raw) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)`,optionalOldSelf=true,message="this version has no fields for the vendor: choose MSK, CONFLUENT, KINESIS, S3, LAMBDA, EVENTHUB, AZURE_BLOB_STORAGE, PUBSUB or GENERIC, or add raw with the members that Atlas needs for it",fieldPath=".vendor"
// +kubebuilder:validation:XValidation:rule=`(oldSelf.hasValue() && has(oldSelf.value().raw) && oldSelf.value().?vendor.orValue('GENERIC') in ['MSK', 'CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB', 'GENERIC']) || !has(self.raw) || !(self.?vendor.orValue('GENERIC') in ['MSK', 'CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB', 'GENERIC']) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="raw is only for vendors that have no fields of their own: remove raw and use the fields",fieldPath=".raw"
// +kubebuilder:validation:XValidation:rule=`self.?vendor.orValue('GENERIC') == 'MSK' || has(self.region) || !(self.?vendor.orValue('GENERIC') in ['MSK', 'CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB', 'GENERIC']) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)`,optionalOldSelf=true,message="region is required: set it to the region of the service",fieldPath=".region"
// +kubebuilder:validation:XValidation:rule="self.?vendor.orValue('GENERIC') != 'MSK' || !has(self.region) || oldSelf == optional.of(self)",optionalOldSelf=true,message="the region of an MSK link comes from its arn: remove region",fieldPath=".region"
// +kubebuilder:validation:XValidation:rule="self.?vendor.orValue('GENERIC') != 'MSK' || has(self.arn) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="vendor MSK needs arn: set it to the ARN of the MSK cluster",fieldPath=".arn"
// +kubebuilder:validation:XValidation:rule=`!has(self.arn) || self.?vendor.orValue('GENERIC') != 'MSK' || self.arn.matches('^ *arn:aws[a-z-]*:kafka:[a-z0-9-]+:[0-9]+:cluster/') || oldSelf == optional.of(self)`,optionalOldSelf=true,message="arn is not that of an MSK cluster: write arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/ID",fieldPath=".arn"
// +kubebuilder:validation:XValidation:rule=`!has(self.arn) || self.?vendor.orValue('GENERIC') != 'MSK' || !self.arn.matches('^ *arn:aws-[a-z-]+:kafka:') || oldSelf == optional.of(self)`,optionalOldSelf=true,message="Atlas reaches only MSK clusters of the AWS partition aws, not those of GovCloud, China or ISO regions: use a cluster of the partition aws",fieldPath=".arn"
// +kubebuilder:validation:XValidation:rule=`!has(self.arn) || !(self.?vendor.orValue('GENERIC') in ['CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB']) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="arn is only for vendor MSK: remove it",fieldPath=".arn"
// +kubebuilder:validation:XValidation:rule=`self.?vendor.orValue('GENERIC') in ['MSK', 'PUBSUB', 'KINESIS'] || (self.?vendor.orValue('GENERIC') == 'CONFLUENT' && self.provider != 'AWS') || has(self.serviceEndpointId) || !(self.?vendor.orValue('GENERIC') in ['MSK', 'CONFLUENT', 'KINESIS', 'S3', 'LAMBDA', 'EVENTHUB', 'AZURE_BLOB_STORAGE', 'PUBSUB', 'GENERIC']) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)`,optionalOldSelf=true,message="this provider and vendor need serviceEndpointId: set it to the endpoint service that the link leads to",fieldPath=".serviceEndpointId"
// +kubebuilder:validation:XValidation:rule="!has(self.serviceEndpointId) || !(self.?vendor.orValue('GENERIC') in ['MSK', 'PUBSUB'] || (self.?vendor.orValue('GENERIC') == 'CONFLUENT' && self.provider != 'AWS')) || oldSelf == optional.of(self)",optionalOldSelf=true,message="this provider and vendor take no serviceEndpointId: remove it (MSK is named by arn, CONFLUENT on AZURE by azureResourceIds and on GCP by gcpServiceAttachmentUris, PUBSUB by region)",fieldPath=".serviceEndpointId"
// +kubebuilder:validation:XValidation:rule="!has(self.serviceEndpointId) || self.?vendor.orValue('GENERIC') != 'S3' || self.serviceEndpointId.matches('^com[.]amazonaws[.][a-z0-9-]+[.]s3$') || oldSelf == optional.of(self)",optionalOldSelf=true,message="serviceEndpointId of an S3 link is the name of an AWS service: write com.amazonaws.REGION.s3",fieldPath=".serviceEndpointId"
// +kubebuilder:validation:XValidation:rule="!has(self.serviceEndpointId) || self.?vendor.orValue('GENERIC') != 'LAMBDA' || self.serviceEndpointId.matches('^com[.]amazonaws[.][a-z0-9-]+[.]lambda$') || oldSelf == optional.of(self)",optionalOldSelf=true,message="serviceEndpointId of a LAMBDA link is the name of an AWS service: write com.amazonaws.REGION.lambda",fieldPath=".serviceEndpointId"
// +kubebuilder:validation:XValidation:rule=`!has(self.serviceEndpointId) || self.?vendor.orValue('GENERIC') != 'EVENTHUB' || self.serviceEndpointId.trim().matches('(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]EventHub/namespaces/[^/]+/?$') || oldSelf == optional.of(self)`,optionalOldSelf=true,message="serviceEndpointId of an EVENTHUB link is the Azure resource id of a namespace: write /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.EventHub/namespaces/NAME",fieldPath=".serviceEndpointId"
// +kubebuilder:validation:XValidation:rule=`!has(self.serviceEndpointId) || self.?vendor.orValue('GENERIC') != 'AZURE_BLOB_STORAGE' || self.serviceEndpointId.trim().matches('(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]Storage/storageAccounts/[^/]+/?$') || oldSelf == optional.of(self)`,optionalOldSelf=true,message="serviceEndpointId of an AZURE_BLOB_STORAGE link is the Azure resource id of a storage account: write /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Storage/storageAccounts/NAME",fieldPath=".serviceEndpointId"
// +kubebuilder:validation:XValidation:rule=`!has(self.serviceEndpointId) || !has(self.region) || !(self.?vendor.orValue('GENERIC') in ['CONFLUENT', 'KINESIS', 'S3', 'LAMBDA']) || !self.serviceEndpointId.matches('(?i)^ *com[.]amazonaws[.](vpce[.])?[a-z]+(-[a-z]+)+-[0-9]+[.]') || !self.region.matches('(?i)^ *[a-z]+([_-][a-z]+)+[_-][0-9]+ *$') || self.serviceEndpointId.lowerAscii().contains('.' + self.region.trim().lowerAscii().replace('_', '-') + '.') || oldSelf == optional.of(self)`,optionalOldSelf=true,message="region is not the one that serviceEndpointId names: correct region or serviceEndpointId",fieldPath=".region"
// +kubebuilder:validation:XValidation:rule="!(self.provider in ['AZURE', 'GCP'] && self.?vendor.orValue('GENERIC') in ['EVENTHUB', 'CONFLUENT', 'AZURE_BLOB_STORAGE']) || has(self.dnsDomain) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="this provider and vendor need dnsDomain: set it to the domain of the service",fieldPath=".dnsDomain"
// +kubebuilder:validation:XValidation:rule="!has(self.dnsDomain) || !(self.?vendor.orValue('GENERIC') in ['MSK', 'KINESIS', 'S3', 'LAMBDA', 'PUBSUB']) || oldSelf == optional.of(self)",optionalOldSelf=true,message="this vendor takes no dnsDomain: remove it",fieldPath=".dnsDomain"
// +kubebuilder:validation:XValidation:rule="!has(self.dnsDomain) || self.dnsDomain.matches('^([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?[.])*[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?[.]?$') || oldSelf == optional.of(self)",optionalOldSelf=true,message="dnsDomain is a host name: leave out scheme, port and path",fieldPath=".dnsDomain"
// +kubebuilder:validation:XValidation:rule="!(self.provider == 'AWS' && self.?vendor.orValue('GENERIC') == 'CONFLUENT') || has(self.dnsSubDomain) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="vendor CONFLUENT on AWS needs dnsSubDomain: list the host names per zone, or write [] for a cluster without subdomains",fieldPath=".dnsSubDomain"
// +kubebuilder:validation:XValidation:rule="!has(self.dnsSubDomain) || self.?vendor.orValue('GENERIC') in ['CONFLUENT', 'GENERIC'] || oldSelf == optional.of(self)",optionalOldSelf=true,message="dnsSubDomain is only for vendor CONFLUENT: remove it",fieldPath=".dnsSubDomain"
// +kubebuilder:validation:XValidation:rule="!(self.provider == 'AWS' && self.?vendor.orValue('GENERIC') == 'CONFLUENT') || !has(self.dnsSubDomain) || size(self.dnsSubDomain) == 0 || has(self.dnsDomain) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="a Confluent cluster with subdomains needs dnsDomain: set it, or write [] as dnsSubDomain for a cluster without subdomains",fieldPath=".dnsDomain"
// +kubebuilder:validation:XValidation:rule="!(self.provider == 'AWS' && self.?vendor.orValue('GENERIC') == 'CONFLUENT') || !has(self.dnsSubDomain) || !has(self.dnsDomain) || self.dnsSubDomain.all(d, (d.endsWith('.') ? d : d + '.').lowerAscii().endsWith((self.dnsDomain.endsWith('.') ? self.dnsDomain : self.dnsDomain + '.').lowerAscii())) || oldSelf == optional.of(self)",optionalOldSelf=true,message="each dnsSubDomain is a full host name that ends with dnsDomain: write it in full",fieldPath=".dnsSubDomain"
// +kubebuilder:validation:XValidation:rule="!has(self.authenticationScheme) || self.?vendor.orValue('GENERIC') in ['MSK', 'GENERIC'] || oldSelf == optional.of(self)",optionalOldSelf=true,message="authenticationScheme is only for vendor MSK: remove it",fieldPath=".authenticationScheme"
// +kubebuilder:validation:XValidation:rule="!(self.provider == 'AZURE' && self.?vendor.orValue('GENERIC') == 'CONFLUENT') || has(self.azureResourceIds) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="vendor CONFLUENT on AZURE needs azureResourceIds: list the resource ids of its private link services, one per zone",fieldPath=".azureResourceIds"
// +kubebuilder:validation:XValidation:rule="!has(self.azureResourceIds) || (self.provider == 'AZURE' && self.?vendor.orValue('GENERIC') == 'CONFLUENT') || self.?vendor.orValue('GENERIC') == 'GENERIC' || oldSelf == optional.of(self)",optionalOldSelf=true,message="azureResourceIds is only for vendor CONFLUENT on AZURE: remove it",fieldPath=".azureResourceIds"
// +kubebuilder:validation:XValidation:rule=`!has(self.azureResourceIds) || self.?vendor.orValue('GENERIC') != 'CONFLUENT' || self.azureResourceIds.all(i, i.trim().matches('(?i)^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft[.]Network/privateLinkServices/[^/]+/?$')) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="azureResourceIds are Azure resource ids of private link services: write /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.Network/privateLinkServices/NAME",fieldPath=".azureResourceIds"
// +kubebuilder:validation:XValidation:rule="!(self.provider == 'GCP' && self.?vendor.orValue('GENERIC') == 'CONFLUENT') || has(self.gcpServiceAttachmentUris) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="vendor CONFLUENT on GCP needs gcpServiceAttachmentUris: list its service attachments, one per zone",fieldPath=".gcpServiceAttachmentUris"
// +kubebuilder:validation:XValidation:rule=`!has(self.gcpServiceAttachmentUris) || (self.provider == 'GCP' && self.?vendor.orValue('GENERIC') == 'CONFLUENT') || self.?vendor.orValue('GENERIC') == 'GENERIC' || oldSelf == optional.of(self)`,optionalOldSelf=true,message="gcpServiceAttachmentUris is only for vendor CONFLUENT on GCP: remove it",fieldPath=".gcpServiceAttachmentUris"
// +kubebuilder:validation:XValidation:rule=`!has(self.gcpServiceAttachmentUris) || self.?vendor.orValue('GENERIC') != 'CONFLUENT' || self.gcpServiceAttachmentUris.all(u, u.trim().matches('(?i)^(https?://[a-z.]+/compute/[a-z0-9]+/|//[a-z.]+/|/)?projects/[^/]+/regions/[^/]+/serviceAttachments/[^/]+/?$')) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="gcpServiceAttachmentUris are service attachments of Google Cloud: write projects/PROJECT/regions/REGION/serviceAttachments/NAME or its self link",fieldPath=".gcpServiceAttachmentUris"
// +kubebuilder:validation:XValidation:rule=`!has(self.gcpServiceAttachmentUris) || !has(self.region) || self.?vendor.orValue('GENERIC') != 'CONFLUENT' || !self.region.matches('(?i)^ *[a-z]+[_-][a-z]+[0-9]+ *$') || self.gcpServiceAttachmentUris.all(u, !u.contains('/regions/') || u.lowerAscii().contains('/regions/' + self.region.trim().lowerAscii().replace('_', '-') + '/')) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="region is not the one that gcpServiceAttachmentUris name: correct region or gcpServiceAttachmentUris",fieldPath=".region"
type StreamPrivateLinkSpec struct {
	ManagedSpec `json:",inline"`

	// provider is the cloud of the service: `AWS`, `AZURE` or `GCP`.
	// +required
	Provider LinkProvider `json:"provider"`

	// vendor is the service the link leads to: on AWS `MSK`, `CONFLUENT`, `KINESIS`, `S3`, `LAMBDA`; on AZURE
	// `EVENTHUB`, `CONFLUENT`, `AZURE_BLOB_STORAGE`; on GCP `CONFLUENT`, `PUBSUB`; on any `GENERIC`, which is also
	// what is meant when vendor is left out. Any other vendor that Atlas has needs raw.
	// +optional
	Vendor LinkVendor `json:"vendor,omitempty"`

	// region of the service, in the spelling of the cloud (`us-east-1`, `eastus2`, `us-central1`) or of Atlas
	// (`US_EAST_1`, `US_EAST_2`, `CENTRAL_US`): they mean the same, and the one that you write is sent. Leave it out
	// for AWS MSK, where it comes from the arn. Atlas needs a cluster of the project in the same provider and region.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Region string `json:"region,omitempty"`

	// arn of the Amazon MSK cluster (AWS MSK only), for example
	// `arn:aws:kafka:us-east-1:123456789012:cluster/orders/3b1f0e5a-…`.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	ARN string `json:"arn,omitempty"`

	// serviceEndpointId names the service that the link connects to: for AWS CONFLUENT the VPC endpoint service
	// name (`com.amazonaws.vpce.us-east-1.vpce-svc-…`), for S3 and LAMBDA the AWS service name
	// (`com.amazonaws.us-east-1.s3`), for EVENTHUB and AZURE_BLOB_STORAGE the Azure resource id of the namespace or
	// storage account. KINESIS does not need it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	ServiceEndpointID string `json:"serviceEndpointId,omitempty"`

	// dnsDomain of the service, for example `abc123.us-east-1.aws.confluent.cloud` or
	// `orders.servicebus.windows.net`. For Confluent serverless and enterprise clusters it is known only after
	// status.interfaceEndpointId: leave it out first and set it then. This is the only field that can be set later,
	// and only while Atlas has none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	DNSDomain string `json:"dnsDomain,omitempty"`

	// dnsSubDomain lists the full host names below dnsDomain, one per availability zone (Confluent). AWS CONFLUENT
	// needs it: write `[]` for clusters that have no subdomains; that is not the same as leaving it out.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=100
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x == y))",message="dnsSubDomain must be unique: remove the repeated one"
	DNSSubDomain []string `json:"dnsSubDomain,omitzero"`

	// authenticationScheme of the Amazon MSK cluster (AWS MSK only): `SASL_SCRAM` (Atlas's default), `TLS` or `IAM`.
	// +optional
	AuthenticationScheme AuthenticationScheme `json:"authenticationScheme,omitempty"`

	// azureResourceIds lists the Azure resource ids of the Confluent private link services, one per zone (AZURE
	// CONFLUENT only).
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="[self.map(x, (x.trim().lowerAscii() + '/').replace('//', '/'))].all(l, l.all(x, l.exists_one(y, x == y)))",message="azureResourceIds must be unique: remove the repeated one"
	AzureResourceIDs []string `json:"azureResourceIds,omitempty"`

	// gcpServiceAttachmentUris lists the service attachments of the Confluent cluster, one per zone, at most 3 (GCP
	// CONFLUENT only), for example `projects/p/regions/us-central1/serviceAttachments/a`.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="[self.map(x, ('/' + x.trim().lowerAscii() + '/').replace('//', '/')).map(x, x.contains('/projects/') ? x.substring(x.indexOf('/projects/')) : x)].all(l, l.all(x, l.exists_one(y, x == y)))",message="gcpServiceAttachmentUris must be unique: remove the repeated one"
	GCPServiceAttachmentURIs []string `json:"gcpServiceAttachmentUris,omitempty"`

	// raw holds further members of the request for a vendor that has no fields of its own here, under the names that
	// Atlas gives them. They are sent as they are. provider, vendor, region, arn, serviceEndpointId and dnsDomain are
	// fields beside it. The link is matched by all of raw.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	Raw *runtime.RawExtension `json:"raw,omitempty"`

	// importId is the Atlas id (`_id`) of an existing private link connection that this resource takes over. It is
	// read only while status.id is empty; an id that Atlas does not have is an error, never a creation.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-f0-9]{24}$`
	// +kubebuilder:validation:MaxLength=24
	ImportID string `json:"importId,omitempty"`
}

// StreamPrivateLinkStatus is what the operator knows of the private link, most of it in Atlas's own words.
type StreamPrivateLinkStatus struct {
	ManagedStatus `json:",inline"`

	// atlasAccount is the account, subscription or project on Atlas's side, to be allowed on your service.
	// +optional
	AtlasAccount *AtlasAccount `json:"atlasAccount,omitempty"`

	// interfaceEndpointId of Atlas's endpoint towards the vendor; published as soon as Atlas reports it.
	// +optional
	InterfaceEndpointID string `json:"interfaceEndpointId,omitempty"`

	// interfaceEndpointName of Atlas's endpoint towards the vendor.
	// +optional
	InterfaceEndpointName string `json:"interfaceEndpointName,omitempty"`

	// errorMessage is what Atlas says about a failure, word for word.
	// +optional
	ErrorMessage string `json:"errorMessage,omitempty"`

	// providerAccountId is the cloud account in which Atlas's endpoint lives.
	// +optional
	ProviderAccountID string `json:"providerAccountId,omitempty"`

	// region as Atlas reports it.
	// +optional
	Region string `json:"region,omitempty"`

	// vendor as Atlas reports it.
	// +optional
	Vendor string `json:"vendor,omitempty"`

	// dnsDomain as Atlas reports it.
	// +optional
	DNSDomain string `json:"dnsDomain,omitempty"`

	// gcpConnectionIds are the Private Service Connect connection ids (GCP), to be registered at Confluent.
	// +optional
	// +listType=atomic
	GCPConnectionIDs []string `json:"gcpConnectionIds,omitempty"`

	// usedBy names StreamConnections (`namespace/name`, at most 20) that a deletion of this link waits for.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	UsedBy []string `json:"usedBy,omitempty"`

	// usedByCount is how many StreamConnections a deletion of this link waits for.
	// +optional
	UsedByCount int32 `json:"usedByCount,omitempty"`
}

// AtlasAccount is the principal and network on Atlas's side for one provider and region.
type AtlasAccount struct {
	// cloudProvider is `aws`, `azure` or `gcp`, as Atlas says it.
	// +optional
	CloudProvider string `json:"cloudProvider,omitempty"`
	// awsAccountId is the AWS account of Atlas.
	// +optional
	AWSAccountID string `json:"awsAccountId,omitempty"`
	// vpcId is the VPC of Atlas on AWS.
	// +optional
	VPCID string `json:"vpcId,omitempty"`
	// azureSubscriptionId is the Azure subscription of Atlas.
	// +optional
	AzureSubscriptionID string `json:"azureSubscriptionId,omitempty"`
	// virtualNetworkName is the virtual network of Atlas on Azure.
	// +optional
	VirtualNetworkName string `json:"virtualNetworkName,omitempty"`
	// gcpProjectId is the Google Cloud project of Atlas.
	// +optional
	GCPProjectID string `json:"gcpProjectId,omitempty"`
	// vpcNetworkName is the VPC network of Atlas on Google Cloud.
	// +optional
	VPCNetworkName string `json:"vpcNetworkName,omitempty"`
	// cidrBlock is the address range of Atlas's network.
	// +optional
	CIDRBlock string `json:"cidrBlock,omitempty"`
}

// StreamPrivateLink is a private network path from Atlas Stream Processing to a service in your cloud: one streams
// private link connection of an Atlas project. Creating one takes up to 35 minutes and costs money while it exists.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=streamprivatelinks,singular=streamprivatelink,shortName=spl,categories=atlas-streams,scope=Namespaced
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Provider",type=string,JSONPath=`.spec.provider`
// +kubebuilder:printcolumn:name="Vendor",type=string,JSONPath=`.spec.vendor`
// +kubebuilder:printcolumn:name="Atlas ID",type=string,JSONPath=`.status.id`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Endpoint",type=string,priority=1,JSONPath=`.status.interfaceEndpointId`
// +kubebuilder:printcolumn:name="Deletion Policy",type=string,priority=1,JSONPath=`.spec.deletionPolicy`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:selectablefield:JSONPath=`.spec.projectId`
// +kubebuilder:validation:XValidation:rule="self.spec.provider == oldSelf.spec.provider || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.provider cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.provider"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.vendor) ? self.spec.vendor : 'GENERIC') == (has(oldSelf.spec.vendor) ? oldSelf.spec.vendor : 'GENERIC') || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.vendor cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.vendor"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.region) ? has(oldSelf.spec.region) && self.spec.region == oldSelf.spec.region : !has(oldSelf.spec.region)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.region cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.region"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.arn) ? has(oldSelf.spec.arn) && self.spec.arn == oldSelf.spec.arn : !has(oldSelf.spec.arn)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.arn cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.arn"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.serviceEndpointId) ? has(oldSelf.spec.serviceEndpointId) && self.spec.serviceEndpointId == oldSelf.spec.serviceEndpointId : !has(oldSelf.spec.serviceEndpointId)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.serviceEndpointId cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.serviceEndpointId"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.dnsDomain) ? has(oldSelf.spec.dnsDomain) && self.spec.dnsDomain == oldSelf.spec.dnsDomain : !has(oldSelf.spec.dnsDomain)) || !has(oldSelf.status) || !has(oldSelf.status.dnsDomain) || size(oldSelf.status.dnsDomain) == 0 || !(has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe')))",message="spec.dnsDomain cannot change once Atlas has one (see status.dnsDomain): create a new StreamPrivateLink",fieldPath=".spec.dnsDomain"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.dnsSubDomain) ? has(oldSelf.spec.dnsSubDomain) && self.spec.dnsSubDomain == oldSelf.spec.dnsSubDomain : !has(oldSelf.spec.dnsSubDomain)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.dnsSubDomain cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.dnsSubDomain"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.authenticationScheme) ? has(oldSelf.spec.authenticationScheme) && self.spec.authenticationScheme == oldSelf.spec.authenticationScheme : !has(oldSelf.spec.authenticationScheme)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.authenticationScheme cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.authenticationScheme"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.azureResourceIds) ? has(oldSelf.spec.azureResourceIds) && self.spec.azureResourceIds == oldSelf.spec.azureResourceIds : !has(oldSelf.spec.azureResourceIds)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.azureResourceIds cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.azureResourceIds"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.gcpServiceAttachmentUris) ? has(oldSelf.spec.gcpServiceAttachmentUris) && self.spec.gcpServiceAttachmentUris == oldSelf.spec.gcpServiceAttachmentUris : !has(oldSelf.spec.gcpServiceAttachmentUris)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))",message="spec.gcpServiceAttachmentUris cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.gcpServiceAttachmentUris"
// +kubebuilder:validation:XValidation:rule=`(has(self.spec.raw) ? has(oldSelf.spec.raw) && self.spec.raw == oldSelf.spec.raw : !has(oldSelf.spec.raw)) || !(has(oldSelf.status) && (has(oldSelf.status.createRequestedAt) || (has(oldSelf.status.id) && (has(oldSelf.status.ownership) || oldSelf.spec.managementPolicy != 'Observe'))))`,message="spec.raw cannot change after the private link was requested from Atlas: create a new StreamPrivateLink",fieldPath=".spec.raw"
// +kubebuilder:validation:XValidation:rule="(has(self.spec.importId) ? has(oldSelf.spec.importId) && self.spec.importId == oldSelf.spec.importId : !has(oldSelf.spec.importId)) || !has(self.spec.importId) || !has(oldSelf.status) || !has(oldSelf.status.id) || self.spec.importId == oldSelf.status.id || (!has(oldSelf.status.ownership) && oldSelf.spec.managementPolicy == 'Observe')",message="spec.importId cannot name another object once this resource has one (see status.id): create a new StreamPrivateLink",fieldPath=".spec.importId"
type StreamPrivateLink struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is what you want.
	// +required
	Spec StreamPrivateLinkSpec `json:"spec"`

	// status is what the operator and Atlas say; it is never read as input from people.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status StreamPrivateLinkStatus `json:"status,omitempty"`
}

// StreamPrivateLinkList is a list of StreamPrivateLinks.
// +kubebuilder:object:root=true
type StreamPrivateLinkList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []StreamPrivateLink `json:"items"`
}
