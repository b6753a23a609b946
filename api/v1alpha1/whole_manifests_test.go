package v1alpha1_test

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// wholeManifest is a link as people write it, from what the vendors' consoles show them.
type wholeManifest struct {
	name, spec string
	// refused are the fields that a refusal names; none: the manifest is right.
	refused []string
}

// These are written from the documentation of Atlas, not from the rules, and stand for what the rules have to get right
// as a whole.
var wholeManifests = []wholeManifest{
	{"Confluent dedicated, three zones", `
  provider: AWS
  vendor: CONFLUENT
  region: us-west-2
  serviceEndpointId: com.amazonaws.vpce.us-west-2.vpce-svc-00a1b2c3d4e5f6071
  dnsDomain: 8p2qo5.us-west-2.aws.confluent.cloud.
  dnsSubDomain:
    - usw2-az1.8p2qo5.us-west-2.aws.confluent.cloud
    - usw2-az2.8p2qo5.us-west-2.aws.confluent.cloud
    - usw2-az3.8p2qo5.us-west-2.aws.confluent.cloud`, nil},
	{"Confluent dedicated behind a global load balancer, whose zones are set off by a hyphen", `
  provider: AWS
  vendor: CONFLUENT
  region: eu-west-1
  serviceEndpointId: com.amazonaws.vpce.eu-west-1.vpce-svc-00a1b2c3d4e5f6071
  dnsDomain: lg1y3.eu-west-1.aws.glb.confluent.cloud
  dnsSubDomain: [euw1-az1-lg1y3.eu-west-1.aws.glb.confluent.cloud]`, nil},
	{"Confluent dedicated without subdomains", `
  provider: AWS
  vendor: CONFLUENT
  region: US_EAST_1
  serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-00a1b2c3d4e5f6071
  dnsDomain: 8p2qo5.us-east-1.aws.confluent.cloud
  dnsSubDomain: []`, nil},
	{"Confluent enterprise, whose domain comes later", `
  provider: AWS
  vendor: CONFLUENT
  region: us-east-2
  serviceEndpointId: com.amazonaws.vpce.us-east-2.vpce-svc-0e9d8c7b6a5f43210
  dnsSubDomain: []`, nil},
	{"Confluent serverless without saying that there are no subdomains", `
  provider: AWS
  vendor: CONFLUENT
  region: us-east-2
  serviceEndpointId: com.amazonaws.vpce.us-east-2.vpce-svc-0e9d8c7b6a5f43210`, []string{"spec.dnsSubDomain"}},
	{"Confluent with zone ids for subdomains", `
  provider: AWS
  vendor: CONFLUENT
  region: us-west-2
  serviceEndpointId: com.amazonaws.vpce.us-west-2.vpce-svc-00a1b2c3d4e5f6071
  dnsDomain: 8p2qo5.us-west-2.aws.confluent.cloud
  dnsSubDomain: [usw2-az1, usw2-az2]`, []string{"spec.dnsSubDomain"}},
	{"Confluent with zones and no domain", `
  provider: AWS
  vendor: CONFLUENT
  region: us-west-2
  serviceEndpointId: com.amazonaws.vpce.us-west-2.vpce-svc-00a1b2c3d4e5f6071
  dnsSubDomain: [usw2-az1.8p2qo5.us-west-2.aws.confluent.cloud]`, []string{"spec.dnsDomain"}},
	{"Confluent on AWS, written with the fields for Azure", `
  provider: AWS
  vendor: CONFLUENT
  region: eastus2
  dnsDomain: 8p2qo5.eastus2.azure.confluent.cloud
  azureResourceIds: [/subscriptions/3f1c/resourceGroups/prod/providers/Microsoft.Network/privateLinkServices/plattg-a]`,
		[]string{"spec.serviceEndpointId", "spec.dnsSubDomain", "spec.azureResourceIds"}},
	{"MSK with IAM", `
  provider: AWS
  vendor: MSK
  arn: arn:aws:kafka:eu-central-1:210987654321:cluster/clicks/0d5a9a3c-1f1e-4f0b-9a55-4be1d9bb6c11-4
  authenticationScheme: IAM`, nil},
	{"MSK with the default scheme, kept when the resource goes", `
  credentialsRef: {name: atlas}
  deletionPolicy: Retain
  provider: AWS
  vendor: MSK
  arn: arn:aws:kafka:eu-central-1:210987654321:cluster/clicks/0d5a9a3c-1f1e-4f0b-9a55-4be1d9bb6c11-4`, nil},
	{"MSK with region and domain", `
  provider: AWS
  vendor: MSK
  region: eu-central-1
  arn: arn:aws:kafka:eu-central-1:210987654321:cluster/clicks/0d5a9a3c-1f1e-4f0b-9a55-4be1d9bb6c11-4
  dnsDomain: scram.clicks.c4.kafka.eu-central-1.amazonaws.com`, []string{"spec.region", "spec.dnsDomain"}},
	{"MSK by bootstrap servers", `
  provider: AWS
  vendor: MSK
  serviceEndpointId: b-1.clicks.abcde.c4.kafka.eu-central-1.amazonaws.com:9096`, []string{"spec.arn", "spec.serviceEndpointId"}},
	{"MSK with an unknown scheme", `
  provider: AWS
  vendor: MSK
  arn: arn:aws:kafka:eu-central-1:210987654321:cluster/clicks/0d5a9a3c-1f1e-4f0b-9a55-4be1d9bb6c11-4
  authenticationScheme: PLAIN`, []string{"spec.authenticationScheme"}},
	{"S3", `
  provider: AWS
  vendor: S3
  region: eu-west-1
  serviceEndpointId: com.amazonaws.eu-west-1.s3`, nil},
	{"S3 by bucket", `
  provider: AWS
  vendor: S3
  region: eu-west-1
  serviceEndpointId: s3://orders-archive`, []string{"spec.serviceEndpointId"}},
	{"S3 by ARN", `
  provider: AWS
  vendor: S3
  region: eu-west-1
  arn: arn:aws:s3:::orders-archive`, []string{"spec.arn", "spec.serviceEndpointId"}},
	{"Lambda", `
  provider: AWS
  vendor: LAMBDA
  region: us-east-1
  serviceEndpointId: com.amazonaws.us-east-1.lambda`, nil},
	{"Lambda by function", `
  provider: AWS
  vendor: LAMBDA
  region: us-east-1
  arn: arn:aws:lambda:us-east-1:210987654321:function:enrich
  serviceEndpointId: com.amazonaws.us-east-1.lambda`, []string{"spec.arn"}},
	{"Kinesis", `
  provider: AWS
  vendor: KINESIS
  region: us-east-1
  serviceEndpointId: com.amazonaws.us-east-1.kinesis-streams`, nil},
	{"Kinesis by its region", `
  provider: AWS
  vendor: KINESIS
  region: us-east-1`, nil},
	{"S3 of another region than the endpoint", `
  provider: AWS
  vendor: S3
  region: eu-west-1
  serviceEndpointId: com.amazonaws.eu-central-1.s3`, []string{"spec.region"}},
	{"MSK in China", `
  provider: AWS
  vendor: MSK
  arn: arn:aws-cn:kafka:cn-north-1:210987654321:cluster/clicks/0d5a9a3c-1f1e-4f0b-9a55-4be1d9bb6c11-4`, []string{"spec.arn"}},
	{"Event Hubs by a storage account", `
  provider: AZURE
  vendor: EVENTHUB
  region: westeurope
  serviceEndpointId: /subscriptions/6f8b2a1e-6a44-4ac5-8ffb-d6b5e7a9a001/resourceGroups/streams/providers/Microsoft.Storage/storageAccounts/clicks
  dnsDomain: clicks.servicebus.windows.net`, []string{"spec.serviceEndpointId"}},
	{"Confluent on Google Cloud by self links, in Atlas's name of the region", `
  provider: GCP
  vendor: CONFLUENT
  region: CENTRAL_US
  dnsDomain: 8p2qo5.us-central1.gcp.confluent.cloud
  gcpServiceAttachmentUris: [https://www.googleapis.com/compute/v1/projects/cc-prod/regions/us-central1/serviceAttachments/plattg-a]`, nil},
	{"Confluent on Google Cloud, one attachment twice", `
  provider: GCP
  vendor: CONFLUENT
  region: us-central1
  dnsDomain: 8p2qo5.us-central1.gcp.confluent.cloud
  gcpServiceAttachmentUris:
    - projects/cc-prod/regions/us-central1/serviceAttachments/plattg-a
    - https://www.googleapis.com/compute/v1/projects/cc-prod/regions/us-central1/serviceAttachments/plattg-a`, []string{"spec.gcpServiceAttachmentUris"}},
	{"Confluent on Google Cloud in another region than its attachment", `
  provider: GCP
  vendor: CONFLUENT
  region: us-east4
  dnsDomain: 8p2qo5.us-central1.gcp.confluent.cloud
  gcpServiceAttachmentUris: [projects/cc-prod/regions/us-central1/serviceAttachments/plattg-a]`, []string{"spec.region"}},
	{"a vendor that this version does not know", `
  provider: AWS
  vendor: REDPANDA
  region: us-east-1
  raw: {clusterId: rp-4x7y2}`, nil},
	{"a typing error in the vendor", `
  provider: AWS
  vendor: CONFLUENTT
  region: us-west-2
  serviceEndpointId: com.amazonaws.vpce.us-west-2.vpce-svc-00a1b2c3d4e5f6071
  dnsSubDomain: []`, []string{"spec.vendor", "spec.dnsSubDomain"}},
	{"Kinesis with a domain", `
  provider: AWS
  vendor: KINESIS
  region: us-east-1
  serviceEndpointId: com.amazonaws.us-east-1.kinesis-streams
  dnsDomain: kinesis.us-east-1.amazonaws.com`, []string{"spec.dnsDomain"}},
	{"Event Hubs", `
  provider: AZURE
  vendor: EVENTHUB
  region: westeurope
  serviceEndpointId: /subscriptions/6f8b2a1e-6a44-4ac5-8ffb-d6b5e7a9a001/resourceGroups/streams/providers/Microsoft.EventHub/namespaces/clicks
  dnsDomain: clicks.servicebus.windows.net`, nil},
	{"Event Hubs with the port of Kafka", `
  provider: AZURE
  vendor: EVENTHUB
  region: westeurope
  serviceEndpointId: /subscriptions/6f8b2a1e-6a44-4ac5-8ffb-d6b5e7a9a001/resourceGroups/streams/providers/Microsoft.EventHub/namespaces/clicks
  dnsDomain: clicks.servicebus.windows.net:9093`, []string{"spec.dnsDomain"}},
	{"Event Hubs by resource ids", `
  provider: AZURE
  vendor: EVENTHUB
  region: westeurope
  azureResourceIds: [/subscriptions/6f8b2a1e-6a44-4ac5-8ffb-d6b5e7a9a001/resourceGroups/streams/providers/Microsoft.EventHub/namespaces/clicks]
  dnsDomain: clicks.servicebus.windows.net`, []string{"spec.serviceEndpointId", "spec.azureResourceIds"}},
	{"Blob Storage", `
  provider: AZURE
  vendor: AZURE_BLOB_STORAGE
  region: westeurope
  serviceEndpointId: /subscriptions/6f8b2a1e-6a44-4ac5-8ffb-d6b5e7a9a001/resourceGroups/streams/providers/Microsoft.Storage/storageAccounts/clicks
  dnsDomain: clicks.blob.core.windows.net`, nil},
	{"Blob Storage by URL", `
  provider: AZURE
  vendor: AZURE_BLOB_STORAGE
  region: westeurope
  serviceEndpointId: https://clicks.blob.core.windows.net
  dnsDomain: https://clicks.blob.core.windows.net`, []string{"spec.serviceEndpointId", "spec.dnsDomain"}},
	{"Confluent on Azure", `
  provider: AZURE
  vendor: CONFLUENT
  region: eastus2
  dnsDomain: 8p2qo5.eastus2.azure.confluent.cloud
  azureResourceIds:
    - /subscriptions/3f1c/resourceGroups/prod/providers/Microsoft.Network/privateLinkServices/plattg-a
    - /subscriptions/3f1c/resourceGroups/prod/providers/Microsoft.Network/privateLinkServices/plattg-b
  dnsSubDomain: [az1.8p2qo5.eastus2.azure.confluent.cloud]`, nil},
	{"Confluent on Azure as other tools have it", `
  provider: AZURE
  vendor: CONFLUENT
  region: eastus2
  dnsDomain: 8p2qo5.eastus2.azure.confluent.cloud
  serviceEndpointId: plattg-a.8c43dbd0.eastus2.azure.privatelinkservice`, []string{"spec.serviceEndpointId", "spec.azureResourceIds"}},
	{"Confluent on Google Cloud", `
  provider: GCP
  vendor: CONFLUENT
  region: us-central1
  dnsDomain: 8p2qo5.us-central1.gcp.confluent.cloud
  dnsSubDomain: [us-central1-a.8p2qo5.us-central1.gcp.confluent.cloud]
  gcpServiceAttachmentUris:
    - projects/cc-prod/regions/us-central1/serviceAttachments/plattg-us-central1-a
    - projects/cc-prod/regions/us-central1/serviceAttachments/plattg-us-central1-b
    - projects/cc-prod/regions/us-central1/serviceAttachments/plattg-us-central1-c`, nil},
	{"Confluent on Google Cloud without domain and region", `
  provider: GCP
  vendor: CONFLUENT
  gcpServiceAttachmentUris: [projects/cc-prod/regions/us-central1/serviceAttachments/plattg-us-central1-a]`, []string{"spec.region", "spec.dnsDomain"}},
	{"Confluent on Google Cloud without attachments", `
  provider: GCP
  vendor: CONFLUENT
  region: us-central1
  dnsDomain: 8p2qo5.us-central1.gcp.confluent.cloud
  gcpServiceAttachmentUris: []`, []string{"spec.gcpServiceAttachmentUris"}},
	{"Pub/Sub", `
  provider: GCP
  vendor: PUBSUB
  region: US_CENTRAL1`, nil},
	{"Pub/Sub with an endpoint and a domain", `
  provider: GCP
  vendor: PUBSUB
  region: us-central1
  serviceEndpointId: pubsub.googleapis.com
  dnsDomain: pubsub.googleapis.com`, []string{"spec.serviceEndpointId", "spec.dnsDomain"}},
	{"Event Hubs as in the first examples of Atlas, without vendor", `
  provider: AZURE
  region: US_EAST_2
  serviceEndpointId: /subscriptions/6f8b2a1e-6a44-4ac5-8ffb-d6b5e7a9a001/resourceGroups/streams/providers/Microsoft.EventHub/namespaces/clicks
  dnsDomain: clicks.servicebus.windows.net`, nil},
	{"Kafka of one's own on AWS", `
  provider: AWS
  vendor: GENERIC
  region: us-east-1
  serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0e9d8c7b6a5f43210
  dnsDomain: kafka.example.com
  dnsSubDomain: []`, nil},
	{"a vendor of another cloud", `
  provider: GCP
  vendor: KINESIS
  region: us-central1
  serviceEndpointId: com.amazonaws.us-east-1.kinesis-streams`, []string{"spec.vendor"}},
	{"what Atlas assigns", `
  provider: GCP
  vendor: PUBSUB
  region: us-central1
  gcpConnectionIds: ["123456789"]`, []string{"an unknown field"}},
	{"somebody else's link, to be watched", `
  managementPolicy: Observe
  importId: 66aa00bb11cc22dd33ee44ff
  provider: AWS`, nil},
}

var _ = Describe("A whole manifest of a StreamPrivateLink", func() {
	for _, whole := range wholeManifests {
		verdict := "is accepted: "
		if whole.refused != nil {
			verdict = "is refused: "
		}
		It(verdict+whole.name, func(ctx SpecContext) {
			object := &unstructured.Unstructured{}
			Expect(yaml.UnmarshalStrict([]byte(`
apiVersion: atlasstreams.io/v1alpha1
kind: StreamPrivateLink
metadata:
  name: whole
spec:
  projectId: 65f1c0de0000000000000001`+whole.spec), &object.Object)).To(Succeed())
			switch err := admit(ctx, object); {
			case whole.refused == nil:
				Expect(err).NotTo(HaveOccurred())
			case slices.Contains(whole.refused, "an unknown field"):
				Expect(err).To(MatchError(ContainSubstring("unknown field")))
			default:
				Expect(fieldsOf(err)).To(ConsistOf(whole.refused))
			}
		})
	}
})

// fieldsOf are the fields that a refusal names.
func fieldsOf(err error) []string {
	var fields []string
	for _, cause := range causesOf(err) {
		// Beside a limit that is not kept the API server says, of no field, that it skipped the rules.
		if field, _, _ := strings.Cut(cause, ":"); field != "<nil>" {
			fields = append(fields, field)
		}
	}
	return fields
}
