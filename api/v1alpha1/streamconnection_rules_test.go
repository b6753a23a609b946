package v1alpha1_test

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// members are the types that need a member, and the member.
var members = map[string]string{
	"Cluster": "cluster", "Kafka": "kafka", "Https": "https", "AWSLambda": "awsLambda", "S3": "s3",
	"AWSKinesisDataStreams": "awsKinesisDataStreams", "SchemaRegistry": "schemaRegistry",
	"AzureBlobStorage": "azureBlobStorage", "GCPPubSub": "gcpPubSub",
}

// memberRules are the two rules of each member: not without its type, and not the type without it.
func memberRules() []rule {
	var rules []rule
	for _, kind := range sorted(members) {
		member := members[kind]
		_, body, _ := strings.Cut(validConnections[kind], member+":")
		rules = append(rules, rule{
			field: "spec", message: fmt.Sprintf("%s is only for type %s: remove it, or set type to %s", member, kind, kind),
			refused:  []sample{{"Sample", member + ":" + body}, {"Sample", "managementPolicy: Observe\n" + member + ":" + body}},
			accepted: []sample{{kind, ""}, {"Sample", ""}},
		}, rule{
			field: "spec", message: fmt.Sprintf("type %s needs the member %s: add spec.%s", kind, member, member),
			refused:  []sample{{kind, member + ": null"}, {kind, "managementPolicy: Paused\n" + member + ": null"}},
			accepted: []sample{{kind, ""}, {kind, "managementPolicy: Observe\n" + member + ": null"}},
		})
	}
	return rules
}

const (
	noSampleName = "type Sample needs spec.name, the sample source, for example sample_stream_solar"
	aSecretKey   = "{name: s, key: k}"
	aLink        = "networking: {type: PRIVATE_LINK, connectionId: 65f1c0de00000000000000aa}"
	aVPC         = "networking: {type: VPC}"
	aGateway     = "networking: {type: TRANSIT_GATEWAY, tgwRouteId: 65f1c0de00000000000000aa}"
	thePublic    = "networking: {type: PUBLIC}"
)

func authenticate(fragment string) string { return "kafka: {authentication: {" + fragment + "}}" }

func secure(fragment string) string { return "kafka: {security: {" + fragment + "}}" }

func identify(fragment string) string { return "schemaRegistry: {authentication: {" + fragment + "}}" }

var connectionRules = slices.Concat(memberRules(), rawRules, connectionGrammarRules, []rule{
	{
		field: "spec.name", message: noSampleName,
		refused:  []sample{{"Sample", "name: null"}},
		accepted: []sample{{"Sample", "name: samplestock"}, {"Kafka", "name: null"}},
	},
	{
		field: "spec.workspaceName", message: "workspaceName is the name of a fixed path of the Atlas API, so such a workspace cannot be reached: use a workspace with another name",
		refused: []sample{
			{"Sample", "workspaceName: privateLinkConnections"}, {"Sample", "workspaceName: accountDetails"},
			{"Sample", "workspaceName: vpcPeeringConnections"}, {"Sample", "workspaceName: activeVpcPeeringConnections"},
		},
		accepted: []sample{{"Sample", "workspaceName: private-link-connections"}},
	},
	{
		field: "spec", message: "networking.type VPC and TRANSIT_GATEWAY are only for the types Kafka, S3 and AWSKinesisDataStreams: use PUBLIC, or leave networking out",
		refused: []sample{
			{"Sample", aVPC}, {"Cluster", aVPC}, {"Https", aVPC}, {"AWSLambda", aVPC}, {"SchemaRegistry", aVPC},
			{"AzureBlobStorage", aVPC}, {"GCPPubSub", aVPC}, {"Cluster", aGateway}, {"AWSLambda", aGateway},
		},
		accepted: []sample{
			{"Kafka", aVPC}, {"S3", aVPC}, {"AWSKinesisDataStreams", aVPC}, {"unknown type", aVPC}, {"Kafka", aGateway}, {"S3", aGateway}, {"AWSKinesisDataStreams", aGateway},
			{"Sample", thePublic}, {"Cluster", thePublic}, {"Kafka", thePublic}, {"Https", thePublic}, {"AWSLambda", thePublic}, {"S3", thePublic},
			{"AWSKinesisDataStreams", thePublic}, {"SchemaRegistry", thePublic}, {"AzureBlobStorage", thePublic}, {"GCPPubSub", thePublic},
		},
	},
	{
		field: "spec", message: "networking.type PRIVATE_LINK is only for the types Kafka, S3, AWSKinesisDataStreams, AWSLambda, AzureBlobStorage and GCPPubSub: use PUBLIC, or leave networking out",
		refused: []sample{{"Sample", aLink}, {"Cluster", aLink}, {"Https", aLink}, {"SchemaRegistry", aLink}},
		accepted: []sample{
			{"Kafka", aLink}, {"unknown type", aLink}, {"S3", aLink}, {"AWSKinesisDataStreams", aLink}, {"AWSLambda", aLink}, {"AzureBlobStorage", aLink}, {"GCPPubSub", aLink},
		},
	},
	{
		field: "spec.networking", message: "networking.type PRIVATE_LINK needs exactly one of privateLinkRef (a StreamPrivateLink of this namespace) and connectionId (the Atlas id of a link): set one",
		refused:  []sample{{"Kafka", "networking: {type: PRIVATE_LINK}"}, {"Kafka over a link by id", "networking: {privateLinkRef: {name: confluent}}"}},
		accepted: []sample{{"Kafka over a link", ""}, {"Kafka over a link by id", ""}},
	},
	{
		field: "spec.networking", message: "privateLinkRef and connectionId are only for networking.type PRIVATE_LINK: remove them, or set type to PRIVATE_LINK",
		refused: []sample{
			{"Kafka", "networking: {privateLinkRef: {name: confluent}}"}, {"Kafka over a link", thePublic},
			{"Kafka over a link by id", aVPC}, {"Kafka over a link", aGateway},
		},
		accepted: []sample{{"Kafka over a link", "networking: {type: VPC, privateLinkRef: null}"}, {"Kafka", "networking: {}"}},
	},
	{
		field: "spec.networking", message: "tgwRouteId is only for networking.type TRANSIT_GATEWAY: remove it, or set type to TRANSIT_GATEWAY",
		refused:  []sample{{"Kafka", "networking: {type: VPC, tgwRouteId: " + linkID + "}"}, {"Kafka", "networking: {tgwRouteId: " + linkID + "}"}, {"Kafka over a link", "networking: {tgwRouteId: " + linkID + "}"}},
		accepted: []sample{{"Kafka over a transit gateway", ""}},
	},
	{
		field: "spec.kafka.authentication", message: "the mechanisms PLAIN, SCRAM-256 and SCRAM-512 need username and passwordSecretRef: set both",
		refused: []sample{
			{"Kafka", authenticate("username: null")}, {"Kafka", authenticate("passwordSecretRef: null")},
			{"Kafka", authenticate("mechanism: SCRAM-256, username: null")}, {"Kafka", authenticate("mechanism: SCRAM-512, passwordSecretRef: null")},
		},
		accepted: []sample{{"Kafka", ""}, {"Kafka", authenticate("mechanism: SCRAM-256")}, {"Kafka", authenticate("mechanism: SCRAM-512")}, {"Kafka", "kafka: {authentication: null}"}},
	},
	{
		field: "spec.kafka.authentication", message: "the mechanism OAUTHBEARER needs tokenEndpointUrl, clientId and clientSecretRef: set all three",
		refused: []sample{
			{"Kafka OAUTHBEARER", authenticate("tokenEndpointUrl: null")}, {"Kafka OAUTHBEARER", authenticate("clientId: null")},
			{"Kafka OAUTHBEARER", authenticate("clientSecretRef: null")},
		},
		accepted: []sample{{"Kafka OAUTHBEARER", ""}, {"Kafka OAUTHBEARER", authenticate("method: null, scope: null, saslOauthbearerExtensions: null")}},
	},
	{
		field: "spec.kafka.authentication", message: "the mechanism SSL, or none, needs tlsSecretRef, or sslCertificate and sslKeySecretRef: set one of the two ways",
		refused: []sample{
			{"Kafka TLS", authenticate("tlsSecretRef: null")}, {"Kafka SSL", authenticate("sslCertificate: null")},
			{"Kafka SSL", authenticate("sslKeySecretRef: null")}, {"Kafka without a mechanism", authenticate("tlsSecretRef: null")},
		},
		accepted: []sample{{"Kafka without a mechanism", ""}, {"Kafka TLS", ""}, {"Kafka SSL", ""}, {"Kafka SSL", authenticate("sslKeyPasswordSecretRef: null")}},
	},
	{
		field: "spec.kafka.authentication", message: "tlsSecretRef already holds certificate and key: remove sslCertificate and sslKeySecretRef, or remove tlsSecretRef",
		refused: []sample{
			{"Kafka SSL", authenticate("tlsSecretRef: {name: s}")}, {"Kafka TLS", authenticate("sslCertificate: pem")},
			{"Kafka TLS", authenticate("sslKeySecretRef: " + aSecretKey)},
		},
		accepted: []sample{{"Kafka TLS", ""}, {"Kafka SSL", ""}},
	},
	{
		field: "spec.kafka.authentication", message: "the mechanism AWS_MSK_IAM needs awsRoleArn: set it to a role that is registered in Atlas (cloud provider access)",
		refused:  []sample{{"Kafka MSK", authenticate("awsRoleArn: null")}},
		accepted: []sample{{"Kafka MSK", ""}},
	},
	{
		field: "spec.kafka.security", message: "brokerPublicCertificate and brokerPublicCertificateRef exclude each other: remove one",
		refused:  []sample{{"Kafka with a certificate", secure("brokerPublicCertificate: pem")}},
		accepted: []sample{{"Kafka with a certificate", ""}, {"Kafka with a certificate", secure("brokerPublicCertificate: pem, brokerPublicCertificateRef: null")}},
	},
	{
		field: "spec.schemaRegistry.urls", message: "urls must be unique: remove the repeated one",
		refused:  []sample{{"SchemaRegistry", "schemaRegistry: {urls: [https://a.example.com, https://b.example.com, https://a.example.com]}"}},
		accepted: []sample{{"SchemaRegistry", "schemaRegistry: {urls: [https://a.example.com, http://a.example.com]}"}},
	},
	{
		field: "spec.schemaRegistry.authentication", message: "authentication type USER_INFO needs username and passwordSecretRef: set both",
		refused:  []sample{{"SchemaRegistry", identify("username: null")}, {"SchemaRegistry", identify("passwordSecretRef: null")}},
		accepted: []sample{{"SchemaRegistry", ""}},
	},
	{
		field: "spec.schemaRegistry.authentication", message: "authentication type SASL_INHERIT takes them from the Kafka connection: remove username and passwordSecretRef",
		refused: []sample{
			{"SchemaRegistry", identify("type: SASL_INHERIT, username: null")}, {"SchemaRegistry", identify("type: SASL_INHERIT, passwordSecretRef: null")},
		},
		accepted: []sample{{"SchemaRegistry", identify("type: SASL_INHERIT, username: null, passwordSecretRef: null")}},
	},
})

var _ = Describe("Rules of a StreamConnection", func() {
	describeRules(connection, connectionRules)

	DescribeTable("accepts", func(ctx SpecContext, valid string) {
		Expect(admit(ctx, connection(valid))).To(Succeed())
	}, everyKey(validConnections))
})
