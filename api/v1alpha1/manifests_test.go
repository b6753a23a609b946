package v1alpha1_test

import (
	"encoding/json"

	jsonpatch "github.com/evanphx/json-patch/v5"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

const (
	project      = "projectId: 65f1c0de0000000000000001\n"
	otherProject = "projectId: 65f1c0de0000000000000002\n"
	// linkID is the id of some private link in Atlas, otherID of another one.
	linkID  = "65f1c0de00000000000000aa"
	otherID = "65f1c0de00000000000000bb"
)

// validLinks are specs of StreamPrivateLinks, one for each way to say where a link leads.
var validLinks = map[string]string{
	"AWS CONFLUENT": `
provider: AWS
vendor: CONFLUENT
region: us-east-1
serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0
dnsDomain: abc123.us-east-1.aws.confluent.cloud
dnsSubDomain: [use1-az1.abc123.us-east-1.aws.confluent.cloud]`,
	"AWS CONFLUENT serverless": `
provider: AWS
vendor: CONFLUENT
region: us-east-1
serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0
dnsSubDomain: []`,
	"AWS MSK": `
provider: AWS
vendor: MSK
arn: arn:aws:kafka:us-east-1:123456789012:cluster/orders/3b1f0e5a-0000-0000-0000-000000000000-1
authenticationScheme: IAM`,
	"AWS S3": `
provider: AWS
vendor: S3
region: us-east-1
serviceEndpointId: com.amazonaws.us-east-1.s3`,
	"AWS LAMBDA": `
provider: AWS
vendor: LAMBDA
region: us-east-1
serviceEndpointId: com.amazonaws.us-east-1.lambda`,
	"AWS KINESIS": `
provider: AWS
vendor: KINESIS
region: us-east-1
serviceEndpointId: com.amazonaws.us-east-1.kinesis-streams`,
	"unknown vendor": `
provider: AWS
vendor: REDPANDA
region: us-east-1
raw: {clusterId: rp-1, zones: [use1-az1, use1-az2], options: {tls: true, retries: 3}}`,
	"AZURE EVENTHUB": `
provider: AZURE
vendor: EVENTHUB
region: eastus2
serviceEndpointId: /subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/orders
dnsDomain: orders.servicebus.windows.net`,
	"AZURE AZURE_BLOB_STORAGE": `
provider: AZURE
vendor: AZURE_BLOB_STORAGE
region: eastus2
serviceEndpointId: /subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/orders
dnsDomain: orders.blob.core.windows.net`,
	"AZURE CONFLUENT": `
provider: AZURE
vendor: CONFLUENT
region: eastus2
dnsDomain: abc123.eastus2.azure.confluent.cloud
azureResourceIds: [/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateLinkServices/plattg-1]`,
	"GCP CONFLUENT": `
provider: GCP
vendor: CONFLUENT
region: us-central1
dnsDomain: abc123.us-central1.gcp.confluent.cloud
gcpServiceAttachmentUris: [projects/p/regions/us-central1/serviceAttachments/a]`,
	"GCP PUBSUB": `
provider: GCP
vendor: PUBSUB
region: us-central1`,
	"GENERIC": `
provider: AZURE
region: eastus2
serviceEndpointId: /subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/orders
dnsDomain: orders.servicebus.windows.net`,
}

// validConnections are specs of StreamConnections: one for each type, and for each way in which Kafka authenticates
// and is reached.
var validConnections = map[string]string{
	"Sample": "type: Sample\nname: sample_stream_solar",
	"Cluster": `
type: Cluster
cluster: {clusterName: orders, clusterProjectId: 65f1c0de0000000000000003, dbRoleToExecute: {role: readWriteAnyDatabase, type: BUILT_IN}}`,
	"Kafka":             kafka(withPassword, ""),
	"Kafka OAUTHBEARER": kafka(withToken, ""),
	"Kafka SSL":         kafka("mechanism: SSL, sslCertificate: pem, sslKeySecretRef: {name: s, key: k}, sslKeyPasswordSecretRef: {name: s, key: p}", ""),
	"Kafka TLS":         kafka("mechanism: SSL, tlsSecretRef: {name: s}", ""),
	"Kafka without a mechanism": "type: Kafka\nkafka: {bootstrapServers: broker.example.com:9092, security: {protocol: SSL}, " +
		"authentication: {tlsSecretRef: {name: s}}}",
	"Kafka MSK": kafka("mechanism: AWS_MSK_IAM, awsRoleArn: arn:aws:iam::123456789012:role/msk", ""),
	"Kafka with a certificate": "type: Kafka\nkafka: {bootstrapServers: broker.example.com:9092, security: " +
		"{protocol: SSL, brokerPublicCertificateRef: {kind: ConfigMap, name: c, key: ca.crt}}}",
	"Kafka over a link":            kafka(withPassword, "networking: {type: PRIVATE_LINK, privateLinkRef: {name: confluent}}"),
	"Kafka over a link by id":      kafka(withPassword, "networking: {type: PRIVATE_LINK, connectionId: "+linkID+"}"),
	"Kafka over a transit gateway": kafka(withPassword, "networking: {type: TRANSIT_GATEWAY, tgwRouteId: "+linkID+"}"),
	"Https":                        "type: Https\nhttps: {url: https://hooks.example.com/orders, headersSecretRef: {name: s}}",
	"AWSLambda":                    "type: AWSLambda\nawsLambda: {roleArn: arn:aws:iam::123456789012:role/lambda}",
	"S3":                           "type: S3\ns3: {roleArn: arn:aws:iam::123456789012:role/s3, testBucket: orders}",
	"AWSKinesisDataStreams":        "type: AWSKinesisDataStreams\nawsKinesisDataStreams: {roleArn: arn:aws:iam::123456789012:role/kinesis}",
	"SchemaRegistry": `
type: SchemaRegistry
schemaRegistry:
  provider: CONFLUENT
  urls: [https://registry.example.com]
  authentication: {type: USER_INFO, username: u, passwordSecretRef: {name: s, key: k}}`,
	"unknown type": `
type: IcebergCatalog
raw: {catalog: unity, url: https://unity.example.com, retries: 3, authentication: {clientId: c}}
rawSecretRefs: [{path: authentication.clientSecret, secretKeyRef: {name: s, key: k}}]`,
	"AzureBlobStorage": "type: AzureBlobStorage\nazureBlobStorage: {servicePrincipalId: 0000-1111, storageAccountName: orders}",
	"GCPPubSub":        "type: GCPPubSub\ngcpPubSub: {serviceAccountId: orders@p.iam.gserviceaccount.com}",
}

const (
	withPassword = "mechanism: PLAIN, username: u, passwordSecretRef: {name: s, key: k}"
	withToken    = "mechanism: OAUTHBEARER, method: OIDC, tokenEndpointUrl: https://idp.example.com/token, clientId: c, " +
		"clientSecretRef: {name: s, key: k}, scope: kafka, saslOauthbearerExtensions: logicalCluster=lkc-1"
)

func kafka(authentication, networking string) string {
	return "type: Kafka\nkafka: {bootstrapServers: broker.example.com:9092, " +
		"security: {protocol: SASL_SSL}, authentication: {" + authentication + "}}\n" + networking
}

// link is a StreamPrivateLink with one of validLinks, changed by fragments of its spec: what a fragment says
// replaces, null removes.
func link(valid string, fragments ...string) *unstructured.Unstructured {
	GinkgoHelper()
	Expect(validLinks).To(HaveKey(valid))
	return manifest("StreamPrivateLink", project+validLinks[valid], fragments...)
}

// connection is a StreamConnection with one of validConnections, changed like link.
func connection(valid string, fragments ...string) *unstructured.Unstructured {
	GinkgoHelper()
	Expect(validConnections).To(HaveKey(valid))
	return manifest("StreamConnection", project+"workspaceName: streams\n"+validConnections[valid], fragments...)
}

func manifest(kind, spec string, fragments ...string) *unstructured.Unstructured {
	GinkgoHelper()
	object := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{}}}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetGenerateName("a-")
	for _, fragment := range append([]string{spec}, fragments...) {
		edit(object, fragment)
	}
	return object
}

// edit changes the spec of an object by a fragment of YAML.
func edit(object *unstructured.Unstructured, fragment string) {
	GinkgoHelper()
	if fragment == "" {
		return
	}
	patch, err := yaml.YAMLToJSONStrict([]byte(fragment))
	Expect(err).NotTo(HaveOccurred(), fragment)
	before, err := json.Marshal(object.Object["spec"])
	Expect(err).NotTo(HaveOccurred())
	after, err := jsonpatch.MergePatch(before, patch)
	Expect(err).NotTo(HaveOccurred(), fragment)
	spec := map[string]any{}
	Expect(json.Unmarshal(after, &spec)).To(Succeed())
	object.Object["spec"] = spec
}
