package v1alpha1_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const secretKey = "-----BEGIN PRIVATE KEY-----\\nx\\n-----END PRIVATE KEY-----"

// rawRules are about types that have no member of their own.
var rawRules = []rule{
	{
		field:   "spec.type",
		message: "Atlas writes this type in another case: choose Sample, Cluster, Kafka, Https, AWSLambda, S3, AWSKinesisDataStreams, SchemaRegistry, AzureBlobStorage or GCPPubSub",
		refused: []sample{{"unknown type", "{type: kafka}"}, {"unknown type", "{type: HTTPS}"}}, accepted: []sample{{"unknown type", "type: Unity"}, {"Https", ""}},
	},
	{
		field: "spec.type",
		message: "this version has no member for the type: choose Sample, Cluster, Kafka, Https, AWSLambda, S3, AWSKinesisDataStreams, SchemaRegistry, " +
			"AzureBlobStorage or GCPPubSub, or add raw with the members that Atlas needs for it",
		refused:  []sample{{"unknown type", "{raw: null, rawSecretRefs: null}"}},
		accepted: []sample{{"unknown type", ""}, {"unknown type", "{raw: {}, rawSecretRefs: null}"}, {"unknown type", "{managementPolicy: Observe, raw: null, rawSecretRefs: null}"}},
	},
	{
		field: "spec.raw", message: "raw is only for types that have no member of their own: remove raw and use the member",
		refused:  []sample{{"Kafka", "raw: {a: b}"}, {"Sample", "raw: {}"}, {"Https", "{managementPolicy: Observe, raw: {a: b}}"}},
		accepted: []sample{{"unknown type", ""}},
	},
	{
		field: "spec.rawSecretRefs", message: "rawSecretRefs are added to raw: add raw, if only as {}, or remove rawSecretRefs",
		refused:  []sample{{"Kafka", "rawSecretRefs: [{path: a, secretKeyRef: {name: s, key: k}}]"}, {"unknown type", "{managementPolicy: Observe, raw: null}"}},
		accepted: []sample{{"unknown type", ""}, {"unknown type", "raw: {}"}},
	},
	{
		field: "spec.rawSecretRefs", message: "one path lies within another: give each value a path of its own",
		refused:  []sample{{"unknown type", "rawSecretRefs: [{path: a.b, secretKeyRef: {name: s, key: k}}, {path: a, secretKeyRef: {name: s, key: k}}]"}},
		accepted: []sample{{"unknown type", "rawSecretRefs: [{path: a.b, secretKeyRef: {name: s, key: k}}, {path: a.bc, secretKeyRef: {name: s, key: k}}]"}},
	},
	{
		field: "spec.rawSecretRefs[0].path", message: "path leads to a member that is a field of the spec or that Atlas assigns: use the field, or another path",
		refused: []sample{
			{"unknown type", "rawSecretRefs: [{path: name, secretKeyRef: {name: s, key: k}}]"},
			{"unknown type", "rawSecretRefs: [{path: networking.access.connectionId, secretKeyRef: {name: s, key: k}}]"},
			{"unknown type", "rawSecretRefs: [{path: _id, secretKeyRef: {name: s, key: k}}]"},
		},
		accepted: []sample{{"unknown type", "rawSecretRefs: [{path: names, secretKeyRef: {name: s, key: k}}]"}, {"unknown type", "rawSecretRefs: [{path: a.name, secretKeyRef: {name: s, key: k}}]"}},
	},
}

// connectionGrammarRules say how the values of fields have to look, and keep secrets out of what everybody sees.
var connectionGrammarRules = []rule{
	{
		field: "spec.name", message: "name is a part of a URL path, where . and .. have a meaning of their own: choose another name",
		refused:  []sample{{"Kafka", "name: ."}, {"Kafka", "name: .."}},
		accepted: []sample{{"Kafka", "name: orders.v2"}, {"Kafka", "name: 'orders*'"}, {"Kafka", "name: ..."}},
	},
	{
		field: "spec.kafka.authentication.mechanism", message: "authentication needs a mechanism unless security.protocol is SSL: set mechanism",
		refused:  []sample{{"Kafka TLS", authenticate("mechanism: null")}, {"Kafka without a mechanism", secure("protocol: SASL_SSL")}, {"Kafka without a mechanism", "kafka: {security: null}"}},
		accepted: []sample{{"Kafka without a mechanism", ""}, {"Kafka TLS", secure("protocol: PLAINTEXT")}},
	},
	{
		field: "spec.kafka.bootstrapServers", message: "bootstrapServers is a comma-separated list of brokers: write each as host:port without a scheme",
		refused: []sample{
			{"Kafka", brokers("broker.example.com")}, {"Kafka", brokers("https://broker.example.com:9092")}, {"Kafka", brokers("a:9092,")}, {"Kafka", brokers("a:9092,,b:9092")},
			{"Kafka", brokers("a:9092;b:9092")}, {"Kafka", brokers("a:0")}, {"Kafka", brokers("a:65536")}, {"Kafka", brokers("a:9092 b:9092")}, {"Kafka", brokers("a:9092/b")},
			{"Kafka", "kafka: {bootstrapServers: \"a:9092\\n\"}"},
		},
		accepted: []sample{
			{"Kafka", brokers("a.example.com:9092,b-1.example.com:65535")}, {"Kafka", brokers(" a:1 , b_c:9 ")}, {"Kafka", brokers("10.0.0.1:9092,[2001:db8::1]:9092")},
		},
	},
	{
		field: "spec.kafka.config",
		message: "config is shown in the clear and takes no credentials such as sasl.jaas.config or ssl.key.password: put them into a Secret and refer to it in authentication by " +
			"passwordSecretRef, clientSecretRef, sslKeySecretRef, sslKeyPasswordSecretRef or tlsSecretRef",
		refused: []sample{
			{"Kafka", "kafka: {config: {sasl.jaas.config: x}}"}, {"Kafka", "kafka: {config: {acks: all, sasl.password: x}}"}, {"Kafka", "kafka: {config: {ssl.key.pem: x}}"},
			{"Kafka", "kafka: {config: {ssl.key.password: x}}"}, {"Kafka", "kafka: {config: {sasl.oauthbearer.client.secret: x}}"}, {"Kafka", "kafka: {config: {ssl.keystore.password: x}}"},
		},
		accepted: []sample{{"Kafka", "kafka: {config: {acks: all, auto.offset.reset: earliest}}"}},
	},
	{
		field: "spec.kafka.config", message: "values of config are text: put numbers in quotes, for example linger.ms: \"5\"",
		refused:  []sample{{"Kafka", "kafka: {config: {linger.ms: 5}}"}, {"Kafka", "kafka: {config: {acks: all, linger.ms: 0}}"}},
		accepted: []sample{{"Kafka", "kafka: {config: {linger.ms: '5'}}"}},
	},
	{
		field: "spec.kafka.authentication.tokenEndpointUrl", message: "tokenEndpointUrl is a URL of http or https: write https://HOST/PATH",
		refused:  []sample{{"Kafka OAUTHBEARER", authenticate("tokenEndpointUrl: idp.example.com/token")}, {"Kafka OAUTHBEARER", authenticate("tokenEndpointUrl: 'ftp://idp.example.com'")}},
		accepted: []sample{{"Kafka OAUTHBEARER", ""}, {"Kafka OAUTHBEARER", authenticate("tokenEndpointUrl: 'http://idp:8080/a?b=c@d'")}},
	},
	{
		field:    "spec.kafka.authentication.tokenEndpointUrl",
		message:  "tokenEndpointUrl must not carry user and password, which everybody who may read this resource sees: use clientId and clientSecretRef",
		refused:  []sample{{"Kafka OAUTHBEARER", authenticate("tokenEndpointUrl: 'https://u:p@idp.example.com/token'")}},
		accepted: []sample{{"Kafka OAUTHBEARER", ""}},
	},
	{
		field:    "spec.kafka.authentication.sslCertificate",
		message:  "sslCertificate holds a private key, which Atlas shows to all who may read the connection: put only the certificate here and the key into sslKeySecretRef",
		refused:  []sample{{"Kafka SSL", authenticate("sslCertificate: \"" + secretKey + "\"")}},
		accepted: []sample{{"Kafka SSL", authenticate("sslCertificate: '-----BEGIN CERTIFICATE-----'")}},
	},
	{
		field:    "spec.kafka.security.brokerPublicCertificate",
		message:  "brokerPublicCertificate holds a private key, which Atlas shows to all who may read the connection: put only the certificate of the authority here",
		refused:  []sample{{"Kafka", secure("brokerPublicCertificate: \"" + secretKey + "\"")}},
		accepted: []sample{{"Kafka", secure("brokerPublicCertificate: '-----BEGIN CERTIFICATE-----'")}},
	},
	{
		field: "spec.kafka.authentication.awsRoleArn", message: "awsRoleArn is not the ARN of an IAM role: write arn:aws:iam::ACCOUNT:role/NAME",
		refused:  []sample{{"Kafka MSK", authenticate("awsRoleArn: 'arn:aws:iam::123456789012:user/msk'")}, {"Kafka MSK", authenticate("awsRoleArn: msk")}},
		accepted: []sample{{"Kafka MSK", ""}, {"Kafka MSK", authenticate("awsRoleArn: 'arn:aws-us-gov:iam::123456789012:role/path/msk'")}},
	},
	// One rule of each of the three types that have only a role.
	roleRule("awsLambda", "AWSLambda"), roleRule("s3", "S3"), roleRule("awsKinesisDataStreams", "AWSKinesisDataStreams"),
	{
		field: "spec.https.url", message: "url is a URL of http or https: write https://HOST/PATH",
		refused:  []sample{{"Https", "https: {url: hooks.example.com}"}, {"Https", "https: {url: 'ws://hooks.example.com'}"}, {"Https", "https: {url: 'https:///a'}"}, {"Https", "https: {url: 'https://a b'}"}},
		accepted: []sample{{"Https", ""}, {"Https", "https: {url: 'HTTP://hooks.example.com:8080?to=a@b.c'}"}},
	},
	{
		field: "spec.https.url", message: "url must not carry user and password, which everybody who may read this resource sees: put an Authorization header into headersSecretRef",
		refused:  []sample{{"Https", "https: {url: 'https://user:password@hooks.example.com/'}"}, {"Https", "https: {url: 'https://token@hooks.example.com'}"}},
		accepted: []sample{{"Https", "https: {url: 'https://hooks.example.com/@user'}"}},
	},
	{
		field: "spec.https.headers", message: "names of headers are letters, digits and - _ . ! # $ % & ' * + ^ | ~ and the backquote: correct the name",
		refused:  []sample{{"Https", "https: {headers: {'X A': b}}"}, {"Https", "https: {headers: {'X-A:': b}}"}, {"Https", "https: {headers: {'': b}}"}, {"Https", "https: {headers: {'X-Ä': b}}"}},
		accepted: []sample{{"Https", "https: {headers: {X-A: b, \"!#$%&'*+-.^_`|~09AZaz\": c}}"}},
	},
	{
		field: "spec.https.headers", message: "names of headers differ in more than their case: remove the repeated one",
		refused:  []sample{{"Https", "https: {headers: {X-Team: a, x-team: b}}"}, {"Https", "https: {headers: {Content-type: a, Content-Type: b}}"}},
		accepted: []sample{{"Https", "https: {headers: {X-Team: a, X-Teams: b}}"}},
	},
	{
		field: "spec.https.headers", message: "values of headers have no line breaks and no other control characters: remove them",
		refused:  []sample{{"Https", `https: {headers: {X-A: "a\r\nX-B: c"}}`}, {"Https", `https: {headers: {X-A: "a\n"}}`}, {"Https", `https: {headers: {X-A: "a\0"}}`}},
		accepted: []sample{{"Https", `https: {headers: {X-A: "a\tb ä"}}`}},
	},
	{
		field:    "spec.schemaRegistry.urls",
		message:  "urls must not carry user and password, which everybody who may read this resource sees: use username and passwordSecretRef",
		refused:  []sample{{"SchemaRegistry", "schemaRegistry: {urls: [https://a.example.com, 'https://u:p@b.example.com']}"}},
		accepted: []sample{{"SchemaRegistry", "schemaRegistry: {urls: ['https://a.example.com/@b']}"}},
	},
}

func brokers(servers string) string { return "kafka: {bootstrapServers: '" + servers + "'}" }

func roleRule(member, kind string) rule {
	return rule{
		field: "spec." + member + ".roleArn", message: "roleArn is not the ARN of an IAM role: write arn:aws:iam::ACCOUNT:role/NAME",
		refused: []sample{
			{kind, member + ": {roleArn: 'arn:aws:s3:::orders'}"}, {kind, member + ": {roleArn: 'arn:aws:iam::1234:role/r'}"}, {kind, member + ": {roleArn: 65f1c0de00000000000000aa}"},
		},
		accepted: []sample{{kind, ""}},
	}
}

var _ = Describe("A refusal", func() {
	DescribeTable("does not repeat what may be a secret", func(ctx SpecContext, valid, fragment string) {
		err := admit(ctx, connection(valid, fragment))
		Expect(err).To(HaveOccurred())
		Expect(err.Error()).NotTo(ContainSubstring("planted"))
	},
		Entry("password in a URL", "Https", "https: {url: 'https://u:planted@hooks.example.com'}"),
		Entry("password in a URL of another scheme", "Https", "https: {url: 'ftp://u:planted@hooks.example.com'}"),
		Entry("password in a token endpoint", "Kafka OAUTHBEARER", authenticate("tokenEndpointUrl: 'https://u:planted@idp.example.com'")),
		Entry("password in a registry", "SchemaRegistry", "schemaRegistry: {urls: ['https://u:planted@b.example.com']}"),
		Entry("private key for a certificate", "Kafka SSL", authenticate(`sslCertificate: "-----BEGIN PRIVATE KEY-----\nplanted"`)),
		Entry("private key for a broker certificate", "Kafka", secure(`brokerPublicCertificate: "-----BEGIN PRIVATE KEY-----\nplanted"`)),
		Entry("credentials in config", "Kafka", "kafka: {config: {sasl.jaas.config: planted}}"),
		Entry("value of a header", "Https", `https: {headers: {Authorization: "planted\n"}}`),
	)
})
