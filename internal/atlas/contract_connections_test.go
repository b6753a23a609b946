package atlas

import (
	"encoding/json"
	"testing"

	. "github.com/onsi/gomega"
)

var publicNetworking = &Networking{Access: NetworkingAccess{Type: "PUBLIC"}}

// connectionAnswers are connections as returned by Atlas, with default region and networking.
var connectionAnswers = map[string]struct {
	body string
	want Connection
}{
	"Sample": {
		`{"id":"65a1","name":"sample_stream_solar","region":"VIRGINIA_USA","state":"READY","type":"Sample"}`,
		Connection{ID: "65a1", Name: "sample_stream_solar", Region: "VIRGINIA_USA", State: "READY", Type: "Sample"},
	},
	"Cluster": {
		`{"clusterName":"c","dbRoleToExecute":{"role":"atlasAdmin","type":"BUILT_IN"},"id":"65a1","name":"n","region":"VIRGINIA_USA","state":"READY","type":"Cluster"}`,
		Connection{
			ID: "65a1", Name: "n", Region: "VIRGINIA_USA", State: "READY", Type: "Cluster", ClusterName: "c",
			DBRole: &DBRole{Role: "atlasAdmin", Type: "BUILT_IN"},
		},
	},
	"Cluster of another project, role of its own": {
		`{"clusterName":"c","clusterGroupId":"` + project + `","dbRoleToExecute":{"role":"r","type":"CUSTOM"},"name":"n","type":"Cluster"}`,
		Connection{Name: "n", Type: "Cluster", ClusterName: "c", ClusterProjectID: project, DBRole: &DBRole{Role: "r", Type: "CUSTOM"}},
	},
	"Cluster, its project null": {
		`{"clusterName":"c","clusterGroupId":null,"name":"n","type":"Cluster"}`,
		Connection{Name: "n", Type: "Cluster", ClusterName: "c"},
	},
	"Kafka, PLAIN, as recorded": {
		`{"authentication":{"mechanism":"PLAIN","username":"u"},"bootstrapServers":"b.example:9092","config":{"auto.offset.reset":"earliest"},"id":"65a1",
		  "name":"n","networking":{"access":{"type":"PUBLIC"}},"region":"VIRGINIA_USA","security":{"protocol":"PLAINTEXT"},"state":"READY","type":"Kafka"}`,
		Connection{
			ID: "65a1", Name: "n", Region: "VIRGINIA_USA", State: "READY", Type: "Kafka", BootstrapServers: "b.example:9092",
			Config:              map[string]string{"auto.offset.reset": "earliest"},
			KafkaAuthentication: &KafkaAuthentication{Mechanism: "PLAIN", Username: "u"}, KafkaSecurity: &KafkaSecurity{Protocol: "PLAINTEXT"},
			Networking: publicNetworking,
		},
	},
	"Kafka, OAUTHBEARER over a private link": {
		`{"authentication":{"mechanism":"OAUTHBEARER","method":"OIDC","tokenEndpointUrl":"https://idp.example/token","clientId":"i","scope":"s",
		  "saslOauthbearerExtensions":"logicalCluster=lkc-1"},"bootstrapServers":"b:9092","config":{},"name":"n",
		  "networking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `","name":null,"tgwRouteId":null}},
		  "security":{"protocol":"SASL_SSL","brokerPublicCertificate":"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"},"state":"PENDING","type":"Kafka"}`,
		Connection{
			Name: "n", State: "PENDING", Type: "Kafka", BootstrapServers: "b:9092", Config: map[string]string{},
			KafkaAuthentication: &KafkaAuthentication{
				Mechanism: "OAUTHBEARER", Method: "OIDC", TokenEndpointURL: "https://idp.example/token", ClientID: "i", Scope: "s",
				SASLOAuthBearerExtensions: "logicalCluster=lkc-1",
			},
			KafkaSecurity: &KafkaSecurity{Protocol: "SASL_SSL", BrokerPublicCertificate: "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"},
			Networking:    privateLinkNetworking,
		},
	},
	"Kafka, mutual TLS over VPC peering": {
		`{"authentication":{"mechanism":"SSL","sslCertificate":"pem"},"bootstrapServers":"b:9092","name":"n","networking":{"access":{"type":"VPC"}},
		  "security":{"protocol":"SSL"},"state":"FAILED","type":"Kafka"}`,
		Connection{
			Name: "n", State: "FAILED", Type: "Kafka", BootstrapServers: "b:9092", KafkaAuthentication: &KafkaAuthentication{Mechanism: "SSL", SSLCertificate: "pem"},
			KafkaSecurity: &KafkaSecurity{Protocol: "SSL"}, Networking: &Networking{Access: NetworkingAccess{Type: "VPC"}},
		},
	},
	"Kafka, AWS_MSK_IAM over a transit gateway": {
		`{"authentication":{"mechanism":"AWS_MSK_IAM","aws":{"roleArn":"arn"}},"bootstrapServers":"b:9098","name":"n",
		  "networking":{"access":{"type":"TRANSIT_GATEWAY","name":"tg","tgwRouteId":"tgr"}},"state":"DELETING","type":"Kafka"}`,
		Connection{
			Name: "n", State: "DELETING", Type: "Kafka", BootstrapServers: "b:9098",
			KafkaAuthentication: &KafkaAuthentication{Mechanism: "AWS_MSK_IAM", AWS: AWSConfig{RoleARN: "arn"}},
			Networking:          &Networking{Access: NetworkingAccess{Type: "TRANSIT_GATEWAY", Name: "tg", TGWRouteID: "tgr"}},
		},
	},
	"Kafka, secrets that Atlas ought to keep": {
		`{"authentication":{"mechanism":"PLAIN","username":"u","password":"planted","clientSecret":"planted","sslKey":"planted","sslKeyPassword":"planted","aws":null},
		  "name":"n","type":"Kafka"}`,
		Connection{Name: "n", Type: "Kafka", KafkaAuthentication: &KafkaAuthentication{Mechanism: "PLAIN", Username: "u"}},
	},
	"Https": {
		`{"headers":{"Authorization":"Bearer t","X-Empty":""},"id":"65a1","name":"n","region":"US_EAST_1","state":"READY","type":"Https","url":"https://u.example"}`,
		Connection{
			ID: "65a1", Name: "n", Region: "US_EAST_1", State: "READY", Type: "Https", URL: "https://u.example",
			Headers: map[string]Secret{"Authorization": NewSecret("Bearer t"), "X-Empty": {}},
		},
	},
	"AWSLambda": {
		`{"aws":{"roleArn":"arn"},"name":"n","publicPrivateNetworking":{"access":{"type":"PUBLIC"}},"state":"READY","type":"AWSLambda"}`,
		Connection{Name: "n", State: "READY", Type: "AWSLambda", AWS: &AWSConfig{RoleARN: "arn"}, Networking: publicNetworking},
	},
	"S3, its bucket not told": {
		`{"aws":{"roleArn":"arn"},"name":"n","networking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}},"state":"READY","type":"S3"}`,
		Connection{Name: "n", State: "READY", Type: "S3", AWS: &AWSConfig{RoleARN: "arn"}, Networking: privateLinkNetworking},
	},
	"AWSKinesisDataStreams": {
		`{"aws":{"roleArn":"arn","testBucket":null},"name":"n","networking":{"access":{"type":"PUBLIC"}},"publicPrivateNetworking":null,"state":"READY","type":"AWSKinesisDataStreams"}`,
		Connection{Name: "n", State: "READY", Type: "AWSKinesisDataStreams", AWS: &AWSConfig{RoleARN: "arn"}, Networking: publicNetworking},
	},
	"SchemaRegistry": {
		`{"name":"n","provider":"Confluent","schemaRegistryAuthentication":{"type":"USER_INFO","username":"u","password":"planted"},
		  "schemaRegistryUrls":["https://a","https://b"],"state":"READY","type":"SchemaRegistry"}`,
		Connection{
			Name: "n", State: "READY", Type: "SchemaRegistry", SchemaRegistryProvider: "Confluent", SchemaRegistryURLs: []string{"https://a", "https://b"},
			SchemaRegistryAuthentication: &SchemaRegistryAuthentication{Type: "USER_INFO", Username: "u"},
		},
	},
	"AzureBlobStorage": {
		`{"azure":{"servicePrincipalId":"p","storageAccountName":"acct","region":"eastus2"},"name":"n",
		  "publicPrivateNetworking":{"access":{"type":"PRIVATE_LINK","connectionId":"` + linkID + `"}},"state":"PENDING","type":"AzureBlobStorage"}`,
		Connection{
			Name: "n", State: "PENDING", Type: "AzureBlobStorage", Azure: &AzureConfig{ServicePrincipalID: "p", StorageAccountName: "acct", Region: "eastus2"},
			Networking: privateLinkNetworking,
		},
	},
	"GCPPubSub": {
		`{"gcp":{"serviceAccountId":"s@p.iam.gserviceaccount.com"},"name":"n","publicPrivateNetworking":{"access":{"type":"PUBLIC","connectionId":null}},
		  "state":"READY","type":"GCPPubSub"}`,
		Connection{Name: "n", State: "READY", Type: "GCPPubSub", GCP: &GCPConfig{ServiceAccountID: "s@p.iam.gserviceaccount.com"}, Networking: publicNetworking},
	},
	"null wherever it can be": {
		`{"id":null,"name":"n","type":null,"region":null,"state":null,"clusterName":null,"clusterGroupId":null,"dbRoleToExecute":null,"bootstrapServers":null,
		  "config":null,"authentication":null,"security":null,"url":null,"headers":null,"aws":null,"azure":null,"gcp":null,"provider":null,
		  "schemaRegistryUrls":null,"schemaRegistryAuthentication":null,"networking":null,"publicPrivateNetworking":null,"links":null}`,
		Connection{Name: "n"},
	},
	"null one level further down": {
		`{"name":"n","type":"Kafka","authentication":{"mechanism":null,"aws":{"roleArn":null}},"security":{"protocol":null},"networking":{"access":null},
		  "config":{"a":null},"headers":{"b":null}}`,
		Connection{
			Name: "n", Type: "Kafka", KafkaAuthentication: &KafkaAuthentication{}, KafkaSecurity: &KafkaSecurity{}, Networking: &Networking{},
			Config: map[string]string{"a": ""}, Headers: map[string]Secret{"b": {}},
		},
	},
	"a type, a state and members nobody knows": {
		`{"name":"n","type":"Pulsar","state":"RESTING","pulsar":{"url":"u"},"future":[1],"networking":{"access":{"type":"MESH","future":{}},"future":1}}`,
		Connection{
			Name: "n", Type: "Pulsar", State: "RESTING", Networking: &Networking{Access: NetworkingAccess{Type: "MESH"}},
			Raw: map[string]any{
				"name": "n", "type": "Pulsar", "state": "RESTING", "pulsar": map[string]any{"url": "u"}, "future": []any{json.Number("1")},
				"networking": map[string]any{"access": map[string]any{"type": "MESH", "future": map[string]any{}}, "future": json.Number("1")},
			},
		},
	},
}

func TestConnectionContract(t *testing.T) {
	for name, tc := range connectionAnswers {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			c := serve(t, always(200, tc.body)).client(t)
			got, err := c.GetConnection(t.Context(), project, "w", "n")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(tc.want))
			created, err := c.CreateConnection(t.Context(), project, "w", sampleRequest)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(created).To(Equal(tc.want))
			updated, err := c.UpdateConnection(t.Context(), project, "w", "n", sampleRequest)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(updated).To(Equal(tc.want))

			c = serve(t, always(200, `{"links":[],"results":[`+tc.body+`],"totalCount":1}`)).client(t)
			listed, err := collect(c.ListConnections(t.Context(), project, "w", nil))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(listed).To(Equal([]Connection{tc.want}))
		})
	}
}

func TestWorkspaceContract(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want Workspace
	}{
		"whole": {
			`{"_id":"i","groupId":"` + project + `","name":"w","hostnames":["atlas-stream-1.virginia-usa.a.query.mongodb.net"],
			  "dataProcessRegion":{"cloudProvider":"AWS","region":"VIRGINIA_USA"},"streamConfig":{"tier":"SP30","maxTierSize":"SP50"},
			  "failoverRegions":[{"cloudProvider":"AWS","region":"OHIO_USA"}],"sampleConnections":{"solar":true},"connections":[{"name":"n","type":"Sample"}],"links":[]}`,
			Workspace{
				Name: "w", DataProcessRegion: DataProcessRegion{CloudProvider: "AWS", Region: "VIRGINIA_USA"},
			},
		},
		"null members":          {`{"_id":null,"groupId":null,"name":"w","hostnames":null,"dataProcessRegion":null}`, Workspace{Name: "w"}},
		"a region nobody knows": {`{"name":"w","dataProcessRegion":{"cloudProvider":"gcp","region":"MOON_1","future":1}}`, Workspace{Name: "w", DataProcessRegion: DataProcessRegion{CloudProvider: "gcp", Region: "MOON_1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := serve(t, always(200, tc.body)).client(t).GetWorkspace(t.Context(), project, "w")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(got).To(Equal(tc.want))
		})
	}
}
