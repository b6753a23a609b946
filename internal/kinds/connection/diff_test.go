package connection

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// pairOf is a connection of that type, and what Atlas holds when it is in line: with the defaults that Atlas fills in
// and without what it never returns.
func pairOf(kind v1alpha1.ConnectionType) (*v1alpha1.StreamConnection, atlas.Connection) {
	c := &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "orders"}}
	c.Spec = v1alpha1.StreamConnectionSpec{
		ManagedSpec:   v1alpha1.ManagedSpec{ProjectID: testProject, ManagementPolicy: v1alpha1.Manage},
		WorkspaceName: "w", Type: kind,
	}
	found := atlas.Connection{ID: "1", Name: "orders", Type: string(kind), Region: "VIRGINIA_USA", State: "READY"}
	public := &atlas.Networking{Access: atlas.NetworkingAccess{Type: "PUBLIC"}}
	role := v1alpha1.AWSRoleConnection{RoleARN: "arn:aws:iam::1:role/r"}
	aws := atlas.AWSConfig{RoleARN: "arn:aws:iam::1:role/r"}
	switch kind {
	case v1alpha1.TypeSample:
	case v1alpha1.TypeCluster:
		c.Spec.Cluster = &v1alpha1.ClusterConnection{ClusterName: "c0", DBRoleToExecute: v1alpha1.DBRoleToExecute{Role: "readAnyDatabase", Type: "BUILT_IN"}}
		found.ClusterName, found.DBRole = "c0", &atlas.DBRole{Role: "readAnyDatabase", Type: "BUILT_IN"}
	case v1alpha1.TypeKafka:
		c.Spec.Kafka, found.Networking = kafkaSpec(), public
		found.BootstrapServers, found.Config = "b1:9092,b2:9092", map[string]string{"auto.offset.reset": "earliest"}
		found.KafkaAuthentication = &atlas.KafkaAuthentication{Mechanism: "PLAIN", Username: "orders"}
		found.KafkaSecurity = &atlas.KafkaSecurity{Protocol: "SASL_SSL", BrokerPublicCertificate: "-----BEGIN-----\nx\n-----END-----\n"}
	case v1alpha1.TypeHTTPS:
		c.Spec.HTTPS = &v1alpha1.HTTPSConnection{URL: "https://example.com", Headers: map[string]v1alpha1.HeaderValue{"X-A": "a"}}
		found.URL, found.Headers = "https://example.com", map[string]atlas.Secret{"X-A": atlas.NewSecret("a")}
	case v1alpha1.TypeAWSLambda:
		c.Spec.AWSLambda, found.AWS, found.Networking = &role, &aws, public
	case v1alpha1.TypeS3:
		c.Spec.S3, found.AWS, found.Networking = &v1alpha1.S3Connection{RoleARN: role.RoleARN, TestBucket: "b"}, &aws, public
	case v1alpha1.TypeAWSKinesisDataStreams:
		c.Spec.AWSKinesisDataStreams, found.AWS, found.Networking = &role, &aws, public
	case v1alpha1.TypeSchemaRegistry:
		c.Spec.SchemaRegistry = &v1alpha1.SchemaRegistryConnection{
			Provider: "CONFLUENT", URLs: []string{"https://a", "https://b"},
			Authentication: v1alpha1.SchemaRegistryAuthentication{Type: "USER_INFO", Username: "u", PasswordSecretRef: key("kafka", "registry")},
		}
		found.SchemaRegistryProvider, found.SchemaRegistryURLs = "CONFLUENT", []string{"https://a", "https://b"}
		found.SchemaRegistryAuthentication = &atlas.SchemaRegistryAuthentication{Type: "USER_INFO", Username: "u"}
	case v1alpha1.TypeAzureBlobStorage:
		c.Spec.AzureBlobStorage = &v1alpha1.AzureBlobStorageConnection{ServicePrincipalID: "p", StorageAccountName: "acct"}
		found.Azure, found.Networking = &atlas.AzureConfig{ServicePrincipalID: "p", StorageAccountName: "acct", Region: "eastus2"}, public
	case v1alpha1.TypeGCPPubSub:
		c.Spec.GCPPubSub = &v1alpha1.GCPPubSubConnection{ServiceAccountID: "s@p.iam"}
		found.GCP, found.Networking = &atlas.GCPConfig{ServiceAccountID: "s@p.iam"}, public
	}
	return c, found
}

func kafkaSpec() *v1alpha1.KafkaConnection {
	return &v1alpha1.KafkaConnection{
		BootstrapServers: "b1:9092,b2:9092", Config: map[string]v1alpha1.KafkaConfigValue{"auto.offset.reset": "earliest"},
		Authentication: &v1alpha1.KafkaAuthentication{Mechanism: "PLAIN", Username: "orders", PasswordSecretRef: key("kafka", "password")},
		Security:       &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL", BrokerPublicCertificate: "-----BEGIN-----\nx\n-----END-----\n"},
	}
}

func key(name, key string) *v1alpha1.SecretKeyReference {
	return &v1alpha1.SecretKeyReference{Name: name, Key: key}
}

var allTypes = []v1alpha1.ConnectionType{
	v1alpha1.TypeSample, v1alpha1.TypeCluster, v1alpha1.TypeKafka, v1alpha1.TypeHTTPS, v1alpha1.TypeAWSLambda, v1alpha1.TypeS3,
	v1alpha1.TypeAWSKinesisDataStreams, v1alpha1.TypeSchemaRegistry, v1alpha1.TypeAzureBlobStorage, v1alpha1.TypeGCPPubSub,
}

// loaded are values of Secrets and ConfigMaps as a reconciliation holds them: "Secret/name" to keys.
func loaded(values map[string]map[string]string) referred {
	return referred{loaded: true, values: values}
}

func TestConnectionInLine(t *testing.T) {
	for _, kind := range allTypes {
		t.Run(string(kind), func(t *testing.T) {
			c, found := pairOf(kind)
			NewWithT(t).Expect(connectionDifferences(c, "", referred{}, found)).To(BeEmpty())
		})
	}
}

type connectionEdit func(c *v1alpha1.StreamConnection, found *atlas.Connection)

func TestConnectionNoDifference(t *testing.T) {
	for name, row := range map[string]struct {
		kind   v1alpha1.ConnectionType
		edit   connectionEdit
		values referred
	}{
		"region and state": {kind: v1alpha1.TypeKafka, edit: func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
			c.Spec.Region, found.State = "US_EAST_1", "FAILED"
		}},
		"PUBLIC written out": {kind: v1alpha1.TypeKafka, edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) {
			c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPublic}
		}},
		"PUBLIC that Atlas leaves out": {kind: v1alpha1.TypeKafka, edit: func(_ *v1alpha1.StreamConnection, found *atlas.Connection) { found.Networking = nil }},
		"PUBLIC on a type without networking": {kind: v1alpha1.TypeHTTPS, edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) {
			c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPublic}
		}},
		"order, case and spaces of brokers": {kind: v1alpha1.TypeKafka, edit: func(_ *v1alpha1.StreamConnection, found *atlas.Connection) {
			found.BootstrapServers = "B2:9092, b1:9092"
		}},
		"order of registry urls": {kind: v1alpha1.TypeSchemaRegistry, edit: func(_ *v1alpha1.StreamConnection, found *atlas.Connection) {
			found.SchemaRegistryURLs = []string{"https://b", "https://a"}
		}},
		"line ends of certificates": {kind: v1alpha1.TypeKafka, edit: func(_ *v1alpha1.StreamConnection, found *atlas.Connection) {
			found.KafkaSecurity.BrokerPublicCertificate = "-----BEGIN-----\r\nx\r\n-----END-----"
		}},
		"no config, {} in Atlas": {kind: v1alpha1.TypeKafka, edit: func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
			c.Spec.Kafka.Config, found.Config = nil, map[string]string{}
		}},
		"no headers, {} in Atlas": {kind: v1alpha1.TypeHTTPS, edit: func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
			c.Spec.HTTPS.Headers, found.Headers = nil, map[string]atlas.Secret{}
		}},
		"the own project as that of the cluster": {kind: v1alpha1.TypeCluster, edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) {
			c.Spec.Cluster.ClusterProjectID = testProject
		}},
		"a test bucket, which Atlas does not return": {kind: v1alpha1.TypeS3, edit: func(_ *v1alpha1.StreamConnection, found *atlas.Connection) { found.AWS.TestBucket = "" }},
		"a client certificate, which Atlas does not return": {kind: v1alpha1.TypeKafka, edit: func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
			c.Spec.Kafka.Authentication.SSLCertificate = "pem"
			found.KafkaAuthentication.SSLCertificate = ""
		}},
		"certificates from Secrets that were not read": {kind: v1alpha1.TypeKafka, edit: func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
			c.Spec.Kafka.Authentication.TLSSecretRef = &v1alpha1.LocalReference{Name: "tls"}
			found.KafkaAuthentication.SSLCertificate = "pem"
			c.Spec.Kafka.Security.BrokerPublicCertificate = ""
			c.Spec.Kafka.Security.BrokerPublicCertificateRef = &v1alpha1.CertificateReference{Kind: credentials.KindConfigMap, Name: "ca", Key: "ca.crt"}
		}},
		"headers from a Secret that was not read": {kind: v1alpha1.TypeHTTPS, edit: func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
			c.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "headers"}
			found.Headers["Authorization"] = atlas.NewSecret("Bearer planted")
		}},
		"headers from a Secret": {kind: v1alpha1.TypeHTTPS, values: loaded(map[string]map[string]string{"Secret/headers": {"Authorization": "Bearer planted"}}),
			edit: func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
				c.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "headers"}
				found.Headers["Authorization"] = atlas.NewSecret("Bearer planted")
			}},
	} {
		t.Run(name, func(t *testing.T) {
			c, found := pairOf(row.kind)
			row.edit(c, &found)
			NewWithT(t).Expect(connectionDifferences(c, "", row.values, found)).To(BeEmpty())
		})
	}
}

func TestConnectionDifferences(t *testing.T) {
	type row struct {
		kind       v1alpha1.ConnectionType
		path       string
		fixed      bool
		clear      string
		edit       connectionEdit
		otherwise  string
		linkID     string
		withValues referred
	}
	auth := func(edit func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication)) connectionEdit {
		return func(c *v1alpha1.StreamConnection, found *atlas.Connection) {
			edit(c.Spec.Kafka.Authentication, found.KafkaAuthentication)
		}
	}
	rows := []row{
		{kind: v1alpha1.TypeHTTPS, path: "type", fixed: true, edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.Type = "Kafka" }},
		{kind: v1alpha1.TypeCluster, path: "cluster.clusterName", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.ClusterName = "c1" }},
		{kind: v1alpha1.TypeCluster, path: "cluster.dbRoleToExecute.role", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.DBRole.Role = "x" }},
		{kind: v1alpha1.TypeCluster, path: "cluster.dbRoleToExecute.type", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.DBRole.Type = "CUSTOM" }},
		{kind: v1alpha1.TypeCluster, path: "cluster.clusterProjectId", clear: "clusterGroupId", otherwise: "removed",
			edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.ClusterProjectID = "other" }},
		{kind: v1alpha1.TypeCluster, path: "cluster.clusterProjectId", otherwise: "added",
			edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) { c.Spec.Cluster.ClusterProjectID = "other" }},

		{kind: v1alpha1.TypeKafka, path: "kafka.bootstrapServers", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.BootstrapServers = "b1:9092" }},
		{kind: v1alpha1.TypeKafka, path: "kafka.config", otherwise: "value", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.Config["auto.offset.reset"] = "latest" }},
		{kind: v1alpha1.TypeKafka, path: "kafka.config", otherwise: "surplus", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.Config["more"] = "x" }},
		{kind: v1alpha1.TypeKafka, path: "kafka.config", otherwise: "removed", edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) { c.Spec.Kafka.Config = nil }},
		{kind: v1alpha1.TypeKafka, path: "kafka.authentication", clear: "authentication", edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) { c.Spec.Kafka.Authentication = nil }},
		{kind: v1alpha1.TypeKafka, path: "kafka.security", clear: "security", edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) { c.Spec.Kafka.Security = nil }},
		{kind: v1alpha1.TypeKafka, path: "kafka.security.protocol", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.KafkaSecurity.Protocol = "SSL" }},
		{kind: v1alpha1.TypeKafka, path: "kafka.security.brokerPublicCertificate", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.KafkaSecurity.BrokerPublicCertificate = "y" }},
		{kind: v1alpha1.TypeKafka, path: "kafka.security.brokerPublicCertificate", clear: "security.brokerPublicCertificate", otherwise: "removed",
			edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) {
				c.Spec.Kafka.Security.BrokerPublicCertificate = ""
			}},
		{kind: v1alpha1.TypeKafka, path: "kafka.security.brokerPublicCertificateRef", withValues: loaded(map[string]map[string]string{"ConfigMap/ca": {"ca.crt": "new"}}),
			edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) {
				c.Spec.Kafka.Security = &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL", BrokerPublicCertificateRef: &v1alpha1.CertificateReference{Kind: credentials.KindConfigMap, Name: "ca", Key: "ca.crt"}}
			}},
		{kind: v1alpha1.TypeKafka, path: "kafka.authentication.sslCertificate", withValues: loaded(map[string]map[string]string{"Secret/tls": {"tls.crt": "new"}}), otherwise: "from a Secret",
			edit: auth(func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication) {
				want.TLSSecretRef, have.SSLCertificate = &v1alpha1.LocalReference{Name: "tls"}, "old"
			})},

		{kind: v1alpha1.TypeHTTPS, path: "https.url", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.URL = "https://other" }},
		{kind: v1alpha1.TypeHTTPS, path: "https.headers", otherwise: "value", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.Headers["X-A"] = atlas.NewSecret("b") }},
		{kind: v1alpha1.TypeHTTPS, path: "https.headers", otherwise: "surplus", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.Headers["X-B"] = atlas.NewSecret("b") }},
		{kind: v1alpha1.TypeHTTPS, path: "https.headers", otherwise: "removed", edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) { c.Spec.HTTPS.Headers = nil }},
		{kind: v1alpha1.TypeHTTPS, path: "https.headers", otherwise: "lacking, from an unread Secret", edit: func(c *v1alpha1.StreamConnection, f *atlas.Connection) {
			c.Spec.HTTPS.HeadersSecretRef, f.Headers = &v1alpha1.LocalReference{Name: "h"}, nil
		}},

		{kind: v1alpha1.TypeAWSLambda, path: "awsLambda.roleArn", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.AWS.RoleARN = "x" }},
		{kind: v1alpha1.TypeS3, path: "s3.roleArn", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.AWS.RoleARN = "x" }},
		{kind: v1alpha1.TypeS3, path: "s3.testBucket", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.AWS.TestBucket = "x" }},
		{kind: v1alpha1.TypeS3, path: "s3.testBucket", clear: "aws.testBucket", otherwise: "removed", edit: func(c *v1alpha1.StreamConnection, f *atlas.Connection) {
			c.Spec.S3.TestBucket, f.AWS.TestBucket = "", "x"
		}},
		{kind: v1alpha1.TypeAWSKinesisDataStreams, path: "awsKinesisDataStreams.roleArn", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.AWS = nil }},
		{kind: v1alpha1.TypeSchemaRegistry, path: "schemaRegistry.provider", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.SchemaRegistryProvider = "x" }},
		{kind: v1alpha1.TypeSchemaRegistry, path: "schemaRegistry.urls", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.SchemaRegistryURLs = nil }},
		{kind: v1alpha1.TypeSchemaRegistry, path: "schemaRegistry.authentication.type", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) {
			f.SchemaRegistryAuthentication.Type = "SASL_INHERIT"
		}},
		{kind: v1alpha1.TypeSchemaRegistry, path: "schemaRegistry.authentication.username", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) {
			f.SchemaRegistryAuthentication.Username = "x"
		}},
		{kind: v1alpha1.TypeSchemaRegistry, path: "schemaRegistry.authentication.username", clear: "schemaRegistryAuthentication.username", otherwise: "removed",
			edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) {
				c.Spec.SchemaRegistry.Authentication.Username = ""
			}},
		{kind: v1alpha1.TypeAzureBlobStorage, path: "azureBlobStorage.servicePrincipalId", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.Azure.ServicePrincipalID = "x" }},
		{kind: v1alpha1.TypeAzureBlobStorage, path: "azureBlobStorage.storageAccountName", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.Azure.StorageAccountName = "x" }},
		{kind: v1alpha1.TypeGCPPubSub, path: "gcpPubSub.serviceAccountId", edit: func(_ *v1alpha1.StreamConnection, f *atlas.Connection) { f.GCP.ServiceAccountID = "x" }},

		{kind: v1alpha1.TypeKafka, path: "networking.type", fixed: true, edit: func(c *v1alpha1.StreamConnection, _ *atlas.Connection) {
			c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingVPC}
		}},
		{kind: v1alpha1.TypeKafka, path: "networking.connectionId", fixed: true, edit: func(c *v1alpha1.StreamConnection, f *atlas.Connection) {
			c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, ConnectionID: testLink}
			f.Networking = &atlas.Networking{Access: atlas.NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: "bbbbbbbbbbbbbbbbbbbbbbbb"}}
		}},
		{kind: v1alpha1.TypeKafka, path: "networking.privateLinkRef", fixed: true, linkID: testLink, edit: overLink("bbbbbbbbbbbbbbbbbbbbbbbb")},
		{kind: v1alpha1.TypeS3, path: "networking.tgwRouteId", fixed: true, edit: overGateway("r2")},
	}
	for member, set := range map[string]func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string){
		"method": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.Method, have.Method = w, h
		},
		"username": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.Username, have.Username = w, h
		},
		"tokenEndpointUrl": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.TokenEndpointURL, have.TokenEndpointURL = w, h
		},
		"clientId": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.ClientID, have.ClientID = w, h
		},
		"scope": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.Scope, have.Scope = w, h
		},
		"saslOauthbearerExtensions": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.SASLOAuthBearerExtensions, have.SASLOAuthBearerExtensions = w, h
		},
		"awsRoleArn": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.AWSRoleARN, have.AWS.RoleARN = w, h
		},
		"sslCertificate": func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication, w, h string) {
			want.SSLCertificate, have.SSLCertificate = w, h
		},
	} {
		wire := "authentication." + member
		if member == "awsRoleArn" {
			wire = "authentication.aws"
		}
		rows = append(rows,
			row{kind: v1alpha1.TypeKafka, path: "kafka.authentication." + member, edit: auth(func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication) {
				set(want, have, "new", "old")
			})},
			row{kind: v1alpha1.TypeKafka, path: "kafka.authentication." + member, clear: wire, otherwise: "removed",
				edit: auth(func(want *v1alpha1.KafkaAuthentication, have *atlas.KafkaAuthentication) { set(want, have, "", "old") })})
	}
	rows = append(rows, row{kind: v1alpha1.TypeKafka, path: "kafka.authentication.mechanism", edit: auth(func(want *v1alpha1.KafkaAuthentication, _ *atlas.KafkaAuthentication) {
		want.Mechanism = "SCRAM-512"
	})})
	for _, row := range rows {
		t.Run(strings.TrimSuffix(row.path+", "+row.otherwise, ", "), func(t *testing.T) {
			c, found := pairOf(row.kind)
			row.edit(c, &found)
			NewWithT(t).Expect(connectionDifferences(c, row.linkID, row.withValues, found)).To(
				Equal([]decision.Difference{{Path: row.path, Fixed: row.fixed, Clear: row.clear}}))
		})
	}
}

// overLink has the connection refer to a link and Atlas hold it over the link of that id.
func overLink(id string) connectionEdit {
	return func(c *v1alpha1.StreamConnection, f *atlas.Connection) {
		c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: "link"}}
		f.Networking = &atlas.Networking{Access: atlas.NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: id}}
	}
}

func overGateway(route string) connectionEdit {
	return func(c *v1alpha1.StreamConnection, f *atlas.Connection) {
		c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingTransitGateway, TGWRouteID: "r1"}
		f.Networking = &atlas.Networking{Access: atlas.NetworkingAccess{Type: "TRANSIT_GATEWAY", TGWRouteID: route}}
	}
}

func TestConnectionOverItsLink(t *testing.T) {
	g := NewWithT(t)
	c, found := pairOf(v1alpha1.TypeKafka)
	overLink(testLink)(c, &found)
	g.Expect(connectionDifferences(c, testLink, referred{}, found)).To(BeEmpty())
	g.Expect(connectionDifferences(c, "", referred{}, found)).To(BeEmpty(), "while the link has no id, nothing is known to differ")
}

func TestObservedConnectionComparesWhatIsGiven(t *testing.T) {
	for _, kind := range allTypes {
		t.Run(string(kind), func(t *testing.T) {
			g := NewWithT(t)
			c, found := pairOf(kind)
			bare := v1alpha1.StreamConnectionSpec{ManagedSpec: c.Spec.ManagedSpec, WorkspaceName: "w", Type: kind}
			bare.ManagementPolicy = v1alpha1.Observe
			c.Spec = bare
			overGateway("r")(&v1alpha1.StreamConnection{}, &found)
			g.Expect(connectionDifferences(c, "", referred{}, found)).To(BeEmpty())
			found.Type = "Other"
			g.Expect(decision.Paths(connectionDifferences(c, "", referred{}, found))).To(Equal("type"))
		})
	}
}

// No specification has a mechanism for mutual TLS, so which one Atlas shows for it is Atlas's affair.
func TestKafkaWithoutAMechanismTakesTheOneOfAtlas(t *testing.T) {
	g := NewWithT(t)
	for _, mechanism := range []string{"", "SSL", "PLAIN"} {
		c, found := pairOf(v1alpha1.TypeKafka)
		c.Spec.Kafka.Authentication = &v1alpha1.KafkaAuthentication{TLSSecretRef: &v1alpha1.LocalReference{Name: "tls"}}
		found.KafkaAuthentication = &atlas.KafkaAuthentication{Mechanism: mechanism}
		g.Expect(connectionDifferences(c, "", referred{}, found)).To(BeEmpty(), mechanism)
		g.Expect(connectionRequest(c, "", referred{}).KafkaAuthentication.Mechanism).To(BeEmpty())
	}
}

func TestObservedKafkaComparesWhatIsGiven(t *testing.T) {
	g := NewWithT(t)
	c, found := pairOf(v1alpha1.TypeKafka)
	c.Spec.ManagementPolicy = v1alpha1.Observe
	c.Spec.Kafka = &v1alpha1.KafkaConnection{BootstrapServers: c.Spec.Kafka.BootstrapServers}
	g.Expect(connectionDifferences(c, "", referred{}, found)).To(BeEmpty())
	c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingTransitGateway}
	found.Networking = &atlas.Networking{Access: atlas.NetworkingAccess{Type: "TRANSIT_GATEWAY", TGWRouteID: testLink}}
	g.Expect(connectionDifferences(c, "", referred{}, found)).To(BeEmpty())
	c.Spec.Networking.TGWRouteID = testProject
	g.Expect(decision.Paths(connectionDifferences(c, "", referred{}, found))).To(Equal("networking.tgwRouteId"))
	c.Spec.Networking = nil
	c.Spec.Kafka.Authentication = &v1alpha1.KafkaAuthentication{Mechanism: "SCRAM-512"}
	g.Expect(decision.Paths(connectionDifferences(c, "", referred{}, found))).To(Equal("kafka.authentication.mechanism"))
}

func TestDifferencesHoldNoValues(t *testing.T) {
	for _, kind := range allTypes {
		c, found := pairOf(kind)
		if c.Spec.HTTPS != nil {
			c.Spec.HTTPS.Headers["Authorization"], c.Spec.HTTPS.URL = "planted-want", "planted-want"
			found.Headers, found.URL = map[string]atlas.Secret{"X": atlas.NewSecret("planted-have")}, "planted-have"
		}
		if c.Spec.Kafka != nil {
			c.Spec.Kafka.Config["sasl.password"], found.Config["sasl.password"] = "planted-want", "planted-have"
			found.KafkaAuthentication.Username, found.KafkaSecurity.BrokerPublicCertificate = "planted-have", "planted-have"
		}
		text := fmt.Sprintf("%+v", connectionDifferences(c, "", referred{}, found))
		NewWithT(t).Expect(text).NotTo(ContainSubstring("planted"), string(kind))
	}
}

func TestDifferencesAreSorted(t *testing.T) {
	c, _ := pairOf(v1alpha1.TypeKafka)
	d := connectionDifferences(c, "", referred{}, atlas.Connection{})
	NewWithT(t).Expect(len(d)).To(BeNumerically(">", 5))
	for i := 1; i < len(d); i++ {
		NewWithT(t).Expect(d[i-1].Path <= d[i].Path).To(BeTrue(), decision.Paths(d))
	}
}
