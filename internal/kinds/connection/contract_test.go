package connection

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle"
)

// contractValues are the Secrets and ConfigMaps that the cases refer to.
var contractValues = referred{loaded: true, values: map[string]map[string]string{
	"Secret/kafka": {
		"password": "kafka-password", "clientSecret": "kafka-client-secret", "keyPassword": "kafka-key-password",
		"key":    "-----BEGIN PRIVATE KEY-----\nkey\n-----END PRIVATE KEY-----\n",
		"ca.crt": "-----BEGIN CERTIFICATE-----\nbroker, of a Secret\n-----END CERTIFICATE-----\n",
		"unused": "planted",
	},
	"Secret/tls": {
		"tls.crt": "-----BEGIN CERTIFICATE-----\nclient, of a tls Secret\n-----END CERTIFICATE-----\n",
		"tls.key": "-----BEGIN PRIVATE KEY-----\nkey of a tls Secret\n-----END PRIVATE KEY-----\n",
	},
	"Secret/headers":     {"Authorization": "Bearer https-token"},
	"Secret/registry":    {"password": "sr-password"},
	"ConfigMap/brokerCA": {"ca.crt": "-----BEGIN CERTIFICATE-----\nbroker, of a ConfigMap\n-----END CERTIFICATE-----\n"},
}}

func ofSecret(name, key string) *v1alpha1.SecretKeyReference {
	return &v1alpha1.SecretKeyReference{Name: name, Key: key}
}

var (
	viaRef = &v1alpha1.ConnectionNetworking{Type: "PRIVATE_LINK", PrivateLinkRef: &v1alpha1.LocalReference{Name: "link"}}
	viaID  = &v1alpha1.ConnectionNetworking{Type: "PRIVATE_LINK", ConnectionID: "bbbbbbbbbbbbbbbbbbbbbbbb"}
	public = &v1alpha1.ConnectionNetworking{Type: "PUBLIC"}
	role   = &v1alpha1.AWSRoleConnection{RoleARN: "arn:aws:iam::123456789012:role/atlas"}
	// saslSSL and withPassword are of most Kafka clusters.
	saslSSL      = &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"}
	withPassword = v1alpha1.KafkaAuthentication{Username: "reader", PasswordSecretRef: ofSecret("kafka", "password")}
)

func kafkaOf(servers string, a v1alpha1.KafkaAuthentication, s *v1alpha1.KafkaSecurity) *v1alpha1.KafkaConnection {
	return &v1alpha1.KafkaConnection{BootstrapServers: servers, Authentication: &a, Security: s}
}

func mechanism(name string, a v1alpha1.KafkaAuthentication) v1alpha1.KafkaAuthentication {
	a.Mechanism = name
	return a
}

func clusterOf(project, name, kind string) *v1alpha1.ClusterConnection {
	return &v1alpha1.ClusterConnection{
		ClusterName: "Cluster0", ClusterProjectID: project, DBRoleToExecute: v1alpha1.DBRoleToExecute{Role: name, Type: kind},
	}
}

const plainServers, oneServer = "b1.example.com:9092,b2.example.com:9092", "b1.example.com:9092"

// contractConnections has each type, for Kafka with each mechanism and networking. The request of a case is
// testdata/requests/connection-NAME.json; where Atlas has something else before, that of its change is
// connection-NAME-patch.json.
var contractConnections = map[string]struct {
	spec   v1alpha1.StreamConnectionSpec
	before string
}{
	"sample": {spec: v1alpha1.StreamConnectionSpec{Type: "Sample", Name: "sample_stream_solar"}},
	"cluster": {
		v1alpha1.StreamConnectionSpec{Type: "Cluster", Region: "VIRGINIA_USA", Cluster: clusterOf(testProject, "readWriteAnyDatabase", "BUILT_IN")},
		`{"name":"orders","type":"Cluster","region":"VIRGINIA_USA","clusterName":"Cluster0","clusterGroupId":"76543210fedcba9876543210",
		  "dbRoleToExecute":{"role":"readWriteAnyDatabase","type":"BUILT_IN"}}`,
	},
	"cluster-of-another-project": {spec: v1alpha1.StreamConnectionSpec{Type: "Cluster", Cluster: clusterOf("76543210fedcba9876543210", "ordersOnly", "CUSTOM")}},
	"kafka-plain": {
		v1alpha1.StreamConnectionSpec{Type: "Kafka", Networking: public, Kafka: &v1alpha1.KafkaConnection{
			BootstrapServers: plainServers, Config: map[string]v1alpha1.KafkaConfigValue{"auto.offset.reset": "earliest", "group.id": "a<b>&c"},
			Authentication: new(mechanism("PLAIN", withPassword)), Security: saslSSL,
		}},
		`{"name":"orders","type":"Kafka","region":"US_EAST_1","bootstrapServers":"old.example.com:9092",
		  "authentication":{"mechanism":"PLAIN","username":"reader","method":"OIDC","scope":"kafka"},
		  "security":{"protocol":"SASL_SSL","brokerPublicCertificate":"old"},"networking":{"access":{"type":"PUBLIC"}}}`,
	},
	"kafka-scram-256-vpc": {spec: v1alpha1.StreamConnectionSpec{
		Type: "Kafka", Networking: &v1alpha1.ConnectionNetworking{Type: "VPC"},
		Kafka: kafkaOf(oneServer, mechanism("SCRAM-256", withPassword), &v1alpha1.KafkaSecurity{
			Protocol: "SASL_SSL", BrokerPublicCertificate: "-----BEGIN CERTIFICATE-----\nbroker, inline\n-----END CERTIFICATE-----\n",
		}),
	}},
	"kafka-scram-512-private-link": {
		v1alpha1.StreamConnectionSpec{
			Type: "Kafka", Networking: viaRef, Region: "US_EAST_1",
			Kafka: kafkaOf(oneServer, mechanism("SCRAM-512", withPassword), &v1alpha1.KafkaSecurity{
				Protocol: "SASL_SSL", BrokerPublicCertificateRef: &v1alpha1.CertificateReference{Kind: "ConfigMap", Name: "brokerCA", Key: "ca.crt"},
			}),
		},
		`{"name":"orders","type":"Kafka","region":"VIRGINIA_USA","state":"READY","bootstrapServers":"` + oneServer + `","config":{"group.id":"old"},
		  "authentication":{"mechanism":"SCRAM-256","username":"reader"},"security":{"protocol":"SASL_SSL"},
		  "networking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + testLink + `"}}}`,
	},
	"kafka-oauthbearer-private-link-by-id": {spec: v1alpha1.StreamConnectionSpec{
		Type: "Kafka", Networking: viaID,
		Kafka: kafkaOf(oneServer, v1alpha1.KafkaAuthentication{
			Mechanism: "OAUTHBEARER", Method: "OIDC", TokenEndpointURL: "https://idp.example.com/token", ClientID: "client-1",
			ClientSecretRef: ofSecret("kafka", "clientSecret"), Scope: "kafka", SASLOAuthBearerExtensions: "logicalCluster=lkc-123,identityPoolId=pool-456",
		}, &v1alpha1.KafkaSecurity{
			Protocol: "SASL_SSL", BrokerPublicCertificateRef: &v1alpha1.CertificateReference{Kind: "Secret", Name: "kafka", Key: "ca.crt"},
		}),
	}},
	"kafka-ssl-from-fields": {spec: v1alpha1.StreamConnectionSpec{
		Type: "Kafka",
		Kafka: kafkaOf(oneServer, v1alpha1.KafkaAuthentication{
			Mechanism: "SSL", SSLCertificate: "-----BEGIN CERTIFICATE-----\nclient, inline\n-----END CERTIFICATE-----\n",
			SSLKeySecretRef: ofSecret("kafka", "key"), SSLKeyPasswordSecretRef: ofSecret("kafka", "keyPassword"),
		}, &v1alpha1.KafkaSecurity{Protocol: "SSL"}),
	}},
	"kafka-ssl-from-tls-secret-transit-gateway": {spec: v1alpha1.StreamConnectionSpec{
		Type: "Kafka", Networking: &v1alpha1.ConnectionNetworking{Type: "TRANSIT_GATEWAY", TGWRouteID: "65f1c0de00000000000000dd"},
		Kafka: kafkaOf(oneServer, v1alpha1.KafkaAuthentication{Mechanism: "SSL", TLSSecretRef: &v1alpha1.LocalReference{Name: "tls"}},
			&v1alpha1.KafkaSecurity{Protocol: "SSL"}),
	}},
	"kafka-aws-msk-iam": {spec: v1alpha1.StreamConnectionSpec{
		Type: "Kafka", Kafka: kafkaOf("b1.example.com:9098", v1alpha1.KafkaAuthentication{Mechanism: "AWS_MSK_IAM", AWSRoleARN: role.RoleARN}, saslSSL),
	}},
	"kafka-bare": {spec: v1alpha1.StreamConnectionSpec{Type: "Kafka", Kafka: &v1alpha1.KafkaConnection{BootstrapServers: oneServer}}},
	"https": {spec: v1alpha1.StreamConnectionSpec{Type: "Https", HTTPS: &v1alpha1.HTTPSConnection{
		URL: "https://api.example.com/orders?v=1", Headers: map[string]v1alpha1.HeaderValue{"X-Source": "atlas", "Authorization": "overruled"},
		HeadersSecretRef: &v1alpha1.LocalReference{Name: "headers"},
	}}},
	"https-without-headers": {
		v1alpha1.StreamConnectionSpec{Type: "Https", HTTPS: &v1alpha1.HTTPSConnection{URL: "https://api.example.com/orders?v=1"}},
		`{"name":"orders","type":"Https","url":"https://api.example.com/orders?v=1","headers":{"X-Old":"1"}}`,
	},
	"aws-lambda":              {spec: v1alpha1.StreamConnectionSpec{Type: "AWSLambda", AWSLambda: role, Networking: public}},
	"aws-lambda-private-link": {spec: v1alpha1.StreamConnectionSpec{Type: "AWSLambda", AWSLambda: role, Networking: viaRef}},
	"s3":                      {spec: v1alpha1.StreamConnectionSpec{Type: "S3", S3: &v1alpha1.S3Connection{RoleARN: role.RoleARN, TestBucket: "orders-test"}}},
	"s3-private-link":         {spec: v1alpha1.StreamConnectionSpec{Type: "S3", S3: &v1alpha1.S3Connection{RoleARN: role.RoleARN}, Networking: viaRef}},
	"aws-kinesis-data-streams": {spec: v1alpha1.StreamConnectionSpec{
		Type: "AWSKinesisDataStreams", AWSKinesisDataStreams: role, Networking: &v1alpha1.ConnectionNetworking{},
	}},
	"aws-kinesis-data-streams-private-link": {spec: v1alpha1.StreamConnectionSpec{Type: "AWSKinesisDataStreams", AWSKinesisDataStreams: role, Networking: viaRef}},
	"schema-registry-user-info": {
		v1alpha1.StreamConnectionSpec{Type: "SchemaRegistry", SchemaRegistry: &v1alpha1.SchemaRegistryConnection{
			Provider: "CONFLUENT", URLs: []string{"https://sr1.example.com", "https://sr2.example.com"},
			Authentication: v1alpha1.SchemaRegistryAuthentication{Type: "USER_INFO", Username: "sr-key", PasswordSecretRef: ofSecret("registry", "password")},
		}},
		`{"name":"orders","type":"SchemaRegistry","provider":"Confluent","schemaRegistryUrls":["https://sr1.example.com"],
		  "schemaRegistryAuthentication":{"type":"USER_INFO","username":"old"}}`,
	},
	"schema-registry-sasl-inherit": {
		v1alpha1.StreamConnectionSpec{Type: "SchemaRegistry", SchemaRegistry: &v1alpha1.SchemaRegistryConnection{
			Provider: "CONFLUENT", URLs: []string{"https://sr1.example.com"}, Authentication: v1alpha1.SchemaRegistryAuthentication{Type: "SASL_INHERIT"},
		}},
		`{"name":"orders","type":"SchemaRegistry","provider":"CONFLUENT","schemaRegistryUrls":["https://sr1.example.com"],
		  "schemaRegistryAuthentication":{"type":"USER_INFO","username":"sr-key"}}`,
	},
	"azure-blob-storage":              {spec: v1alpha1.StreamConnectionSpec{Type: "AzureBlobStorage", AzureBlobStorage: blobStorage}},
	"azure-blob-storage-private-link": {spec: v1alpha1.StreamConnectionSpec{Type: "AzureBlobStorage", AzureBlobStorage: blobStorage, Networking: viaRef}},
	"gcp-pubsub":                      {spec: v1alpha1.StreamConnectionSpec{Type: "GCPPubSub", GCPPubSub: pubSub}},
	"gcp-pubsub-private-link":         {spec: v1alpha1.StreamConnectionSpec{Type: "GCPPubSub", GCPPubSub: pubSub, Networking: viaRef}},
}

var (
	blobStorage = &v1alpha1.AzureBlobStorageConnection{ServicePrincipalID: "9f1c8d8e-8f0a-4a6e-9d0a-0c1b2a3d4e5f", StorageAccountName: "orders"}
	pubSub      = &v1alpha1.GCPPubSubConnection{ServiceAccountID: "atlas@p.iam.gserviceaccount.com"}
)

func contractConnection(spec v1alpha1.StreamConnectionSpec) *v1alpha1.StreamConnection {
	spec.ManagedSpec, spec.WorkspaceName = managedSpec(), "w"
	return &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "orders"}, Spec: spec}
}

func TestConnectionRequestsAreAsDocumented(t *testing.T) {
	for name, tc := range contractConnections {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, client := wired(t)
			c := contractConnection(tc.spec)
			_, err := client.CreateConnection(t.Context(), testProject, "w", connectionRequest(c, testLink, contractValues))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(decoded(g, w.Last(g).Body)).To(Equal(decoded(g, golden(g, "connection-"+name))))
		})
	}
}

func TestConnectionPatchesAreAsDocumented(t *testing.T) {
	for name, tc := range contractConnections {
		if tc.before == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, client := wired(t)
			c := contractConnection(tc.spec)
			w.Reply(tc.before)
			found, err := client.GetConnection(t.Context(), testProject, "w", "orders")
			g.Expect(err).NotTo(HaveOccurred())
			w.Last(g)

			e := &remote{Session: &lifecycle.Session{Object: c, CredentialsInUse: credentials.InUse{Client: client}}, link: dependency{linkID: testLink}, values: contractValues}
			g.Expect(e.Update(t.Context(), e.remoteObject(found))).To(Succeed())
			got := w.Last(g)
			g.Expect(got.Method).To(Equal("PATCH"))
			g.Expect(got.Path).To(HaveSuffix("/streams/w/connections/orders"))
			g.Expect(got.ContentType).To(Equal("application/vnd.atlas.2023-02-01+json"))
			g.Expect(decoded(g, got.Body)).To(Equal(decoded(g, golden(g, "connection-"+name+"-patch"))))
		})
	}
}

// What Atlas answers to a request is what the spec means: without secrets, with a region of its own, and with
// networking that nobody asked for.
func TestConnectionAnswersAreNoDifference(t *testing.T) {
	for name, tc := range contractConnections {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, client := wired(t)
			c := contractConnection(tc.spec)
			_, err := client.CreateConnection(t.Context(), testProject, "w", connectionRequest(c, testLink, contractValues))
			g.Expect(err).NotTo(HaveOccurred())
			echo := map[string]any{"id": "65a1", "region": "DUBLIN_IRL", "state": "RESTING", "future": []string{}}
			sent := decoded(g, w.Last(g).Body)
			switch tc.spec.Type {
			case v1alpha1.TypeKafka, v1alpha1.TypeS3, v1alpha1.TypeAWSKinesisDataStreams:
				if sent["networking"] == nil {
					echo["networking"] = map[string]any{"access": map[string]any{"type": "PUBLIC"}}
				}
			case v1alpha1.TypeAWSLambda, v1alpha1.TypeAzureBlobStorage, v1alpha1.TypeGCPPubSub:
				if sent["publicPrivateNetworking"] == nil {
					echo["publicPrivateNetworking"] = map[string]any{"access": map[string]any{"type": "PUBLIC", "connectionId": nil}}
				}
			default: // has no networking
			}
			w.Reply(answerOf(g, golden(g, "connection-"+name), echo))
			found, err := client.GetConnection(t.Context(), testProject, "w", c.AtlasName())
			g.Expect(err).NotTo(HaveOccurred())
			for _, values := range []referred{contractValues, {}} {
				g.Expect(connectionDifferences(c, testLink, values, found)).To(BeEmpty())
			}
			without(found)
			g.Expect(connectionDifferences(c, testLink, contractValues, found)).To(BeEmpty())
		})
	}
}

// without takes away what Atlas may keep to itself.
func without(found atlas.Connection) {
	if found.KafkaAuthentication != nil {
		found.KafkaAuthentication.SSLCertificate = ""
	}
	if found.AWS != nil {
		found.AWS.TestBucket = ""
	}
}

// A connection is deleted by its name, which may be another object's since the list was read.
func TestADeletionFirstReadsWhoseTheNameIs(t *testing.T) {
	for name, tc := range map[string]struct {
		id      string
		methods []string
		fails   error
	}{
		"ours":          {testLink, []string{"GET", "DELETE"}, nil},
		"another's":     {"bbbbbbbbbbbbbbbbbbbbbbbb", []string{"GET"}, lifecycle.ErrNameConflict},
		"known by name": {"orders", []string{"GET", "DELETE"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, client := wired(t)
			w.Reply(`{"id":"` + testLink + `","name":"orders"}`)
			c := contractConnection(v1alpha1.StreamConnectionSpec{})
			c.Status.ID = tc.id
			e := &remote{Session: &lifecycle.Session{
				Object: c, CredentialsInUse: credentials.InUse{Client: client}, Clock: clock.RealClock{}, Inventory: inventory.New(inventory.Options{Clock: clock.RealClock{}}),
			}}
			if tc.fails != nil {
				g.Expect(e.Delete(t.Context(), tc.id)).To(MatchError(tc.fails))
			} else {
				g.Expect(e.Delete(t.Context(), tc.id)).To(Succeed())
			}
			methods := []string{}
			for _, sent := range w.Got {
				methods = append(methods, sent.Method)
			}
			g.Expect(methods).To(Equal(tc.methods))
		})
	}
}

func TestEveryGoldenRequestOfAConnectionIsSent(t *testing.T) {
	var used []string
	for name, tc := range contractConnections {
		used = append(used, "connection-"+name)
		if tc.before != "" {
			used = append(used, "connection-"+name+"-patch")
		}
	}
	expectGoldenRequests(NewWithT(t), used)
}
