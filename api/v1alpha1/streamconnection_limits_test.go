package v1alpha1_test

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
)

// secretKeyLimits are those of a reference to a key of a Secret.
func secretKeyLimits(of, at string) []limit {
	return []limit{
		{of: of, at: at + ".name", required: true, pattern: objectName, bad: "other/name", max: longestObject},
		{of: of, at: at + ".key", required: true, min: 1, max: longestObject},
	}
}

const (
	rawSecret              = "{path: token, secretKeyRef: {name: s, key: k}}"
	kafkaAuthentication    = "kafka.authentication."
	registryAuthentication = "schemaRegistry.authentication."
)

var connectionLimits = slices.Concat(managedLimits("Kafka"), []limit{
	{of: "Kafka", at: "workspaceName", required: true, pattern: workspace, bad: "a/b", max: 64},
	{of: "Kafka", at: "name", pattern: atlasName, bad: "a+b", max: 64},
	{of: "Kafka", at: "region", min: 1, max: 64},
	{of: "Kafka", at: "adoptionSecrets", oneOf: []string{"Send", "Trust"}},
	{of: "unknown type", at: "type", required: true, pattern: openName, bad: "9lives", max: 64},
	{of: "unknown type", at: "rawSecretRefs", maxItems: 20, item: rawSecret},
	{of: "unknown type", at: "rawSecretRefs[].path", required: true, pattern: `^[A-Za-z_][A-Za-z0-9_-]*([.][A-Za-z_][A-Za-z0-9_-]*)*$`, bad: "a..b", max: 253, item: rawSecret},
	{of: "unknown type", at: "rawSecretRefs[].secretKeyRef", required: true, item: rawSecret},

	{of: "Cluster", at: "cluster.clusterName", required: true, min: 1, max: 64},
	{of: "Cluster", at: "cluster.clusterProjectId", pattern: hexID, bad: upperCaseHex, max: 24},
	{of: "Cluster", at: "cluster.dbRoleToExecute", required: true},
	{of: "Cluster", at: "cluster.dbRoleToExecute.role", required: true, min: 1, max: 253},
	{of: "Cluster", at: "cluster.dbRoleToExecute.type", required: true, oneOf: []string{"BUILT_IN", "CUSTOM"}},

	{of: "Https", at: "https.url", required: true, min: 1, max: 2048, start: "https://"},
	{of: "Https", at: "https.headers", maxMapValues: 100},
	{of: "Https", at: "https.headers.*", max: 4096},
	{of: "Https", at: "https.headersSecretRef.name", required: true, pattern: objectName, bad: "other/name", max: longestObject},

	{of: "AWSLambda", at: "awsLambda.roleArn", required: true, min: 1, max: 2048, start: roleARN},
	{of: "S3", at: "s3.roleArn", required: true, min: 1, max: 2048, start: roleARN},
	{of: "S3", at: "s3.testBucket", min: 1, max: 253},
	{of: "AWSKinesisDataStreams", at: "awsKinesisDataStreams.roleArn", required: true, min: 1, max: 2048, start: roleARN},
	{of: "AzureBlobStorage", at: "azureBlobStorage.servicePrincipalId", required: true, min: 1, max: 128},
	{of: "AzureBlobStorage", at: "azureBlobStorage.storageAccountName", required: true, pattern: `^[a-z0-9]{3,24}$`, bad: "Orders", max: 24},
	{of: "GCPPubSub", at: "gcpPubSub.serviceAccountId", required: true, min: 1, max: 253},

	{of: "SchemaRegistry", at: "schemaRegistry.provider", required: true, oneOf: []string{"CONFLUENT"}},
	{of: "SchemaRegistry", at: "schemaRegistry.urls", required: true, minItems: 1, maxItems: 10, start: "https://"},
	{of: "SchemaRegistry", at: "schemaRegistry.urls[]", min: 1, max: 2048, start: "https://", pattern: "^https?://", bad: "ftp://registry.example.com"},
	{of: "SchemaRegistry", at: "schemaRegistry.authentication", required: true},
	{of: "SchemaRegistry", at: registryAuthentication + "type", required: true, oneOf: []string{"USER_INFO", "SASL_INHERIT"}},
	{of: "SchemaRegistry", at: registryAuthentication + "username", min: 1, max: 1024},
}, secretKeyLimits("SchemaRegistry", registryAuthentication+"passwordSecretRef"),
	[]limit{
		{of: "unknown type", at: "rawSecretRefs[].secretKeyRef.name", required: true, pattern: objectName, bad: "other/name", max: longestObject, item: rawSecret},
		{of: "unknown type", at: "rawSecretRefs[].secretKeyRef.key", required: true, min: 1, max: longestObject, item: rawSecret},
	}, []limit{
		{of: "Kafka over a link", at: "networking.type", oneOf: []string{"PUBLIC", "VPC", "PRIVATE_LINK", "TRANSIT_GATEWAY"}},
		{of: "Kafka over a link", at: "networking.privateLinkRef.name", required: true, pattern: objectName, bad: "other/name", max: longestObject},
		{of: "Kafka over a link by id", at: "networking.connectionId", pattern: hexID, bad: upperCaseHex, max: 24},
		{of: "Kafka over a transit gateway", at: "networking.tgwRouteId", pattern: hexID, bad: upperCaseHex, max: 24},
	}, kafkaLimits)

var kafkaLimits = slices.Concat([]limit{
	{of: "Kafka", at: "kafka.bootstrapServers", required: true, min: 1, max: 4096, start: "broker.example.com:9092,[::1]:9092,", end: ":9092"},
	{of: "Kafka", at: "kafka.config", maxMapValues: 100},
	{of: "Kafka", at: "kafka.config.*", max: 4096},
	{of: "Kafka", at: "kafka.security.protocol", required: true, oneOf: []string{"SASL_PLAINTEXT", "SASL_SSL", "SSL", "PLAINTEXT"}},
	{of: "Kafka", at: "kafka.security.brokerPublicCertificate", min: 1, max: 65536},
	{of: "Kafka with a certificate", at: "kafka.security.brokerPublicCertificateRef.kind", required: true, oneOf: []string{"Secret", "ConfigMap"}},
},
	secretKeyLimits("Kafka with a certificate", "kafka.security.brokerPublicCertificateRef"),
	[]limit{
		{of: "Kafka", at: kafkaAuthentication + "mechanism", oneOf: []string{"PLAIN", "SCRAM-256", "SCRAM-512", "OAUTHBEARER", "SSL", "AWS_MSK_IAM"}},
		{of: "Kafka", at: kafkaAuthentication + "username", min: 1, max: 1024},
		{of: "Kafka OAUTHBEARER", at: kafkaAuthentication + "method", min: 1, max: 64},
		{of: "Kafka OAUTHBEARER", at: kafkaAuthentication + "tokenEndpointUrl", min: 1, max: 2048, start: "https://"},
		{of: "Kafka OAUTHBEARER", at: kafkaAuthentication + "clientId", min: 1, max: 1024},
		{of: "Kafka OAUTHBEARER", at: kafkaAuthentication + "scope", min: 1, max: 2048},
		{of: "Kafka OAUTHBEARER", at: kafkaAuthentication + "saslOauthbearerExtensions", min: 1, max: 4096},
		{of: "Kafka SSL", at: kafkaAuthentication + "sslCertificate", min: 1, max: 65536},
		{of: "Kafka TLS", at: kafkaAuthentication + "tlsSecretRef.name", required: true, pattern: objectName, bad: "other/name", max: longestObject},
		{of: "Kafka MSK", at: kafkaAuthentication + "awsRoleArn", min: 1, max: 2048, start: roleARN},
	},
	secretKeyLimits("Kafka", kafkaAuthentication+"passwordSecretRef"),
	secretKeyLimits("Kafka OAUTHBEARER", kafkaAuthentication+"clientSecretRef"),
	secretKeyLimits("Kafka SSL", kafkaAuthentication+"sslKeySecretRef"),
	secretKeyLimits("Kafka SSL", kafkaAuthentication+"sslKeyPasswordSecretRef"),
)

var _ = Describe("Limits of a StreamConnection", func() { describeLimits(connection, connectionLimits) })
