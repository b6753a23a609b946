package connection

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
)

func TestConnectionRequest(t *testing.T) {
	values := loaded(map[string]map[string]string{"Secret/kafka": {"password": "p1", "registry": "p2"}})
	role := &atlas.AWSConfig{RoleARN: "arn:aws:iam::1:role/r"}
	for kind, want := range map[v1alpha1.ConnectionType]atlas.Connection{
		v1alpha1.TypeSample:  {},
		v1alpha1.TypeCluster: {ClusterName: "c0", DBRole: &atlas.DBRole{Role: "readAnyDatabase", Type: "BUILT_IN"}},
		v1alpha1.TypeKafka: {
			BootstrapServers: "b1:9092,b2:9092", Config: map[string]string{"auto.offset.reset": "earliest"},
			KafkaAuthentication: &atlas.KafkaAuthentication{Mechanism: "PLAIN", Username: "orders", Password: atlas.NewSecret("p1")},
			KafkaSecurity:       &atlas.KafkaSecurity{Protocol: "SASL_SSL", BrokerPublicCertificate: "-----BEGIN-----\nx\n-----END-----\n"},
		},
		v1alpha1.TypeHTTPS:                 {URL: "https://example.com", Headers: map[string]atlas.Secret{"X-A": atlas.NewSecret("a")}},
		v1alpha1.TypeAWSLambda:             {AWS: role},
		v1alpha1.TypeS3:                    {AWS: &atlas.AWSConfig{RoleARN: role.RoleARN, TestBucket: "b"}},
		v1alpha1.TypeAWSKinesisDataStreams: {AWS: role},
		v1alpha1.TypeSchemaRegistry: {
			SchemaRegistryProvider: "CONFLUENT", SchemaRegistryURLs: []string{"https://a", "https://b"},
			SchemaRegistryAuthentication: &atlas.SchemaRegistryAuthentication{Type: "USER_INFO", Username: "u", Password: atlas.NewSecret("p2")},
		},
		v1alpha1.TypeAzureBlobStorage: {Azure: &atlas.AzureConfig{ServicePrincipalID: "p", StorageAccountName: "acct"}},
		v1alpha1.TypeGCPPubSub:        {GCP: &atlas.GCPConfig{ServiceAccountID: "s@p.iam"}},
	} {
		t.Run(string(kind), func(t *testing.T) {
			c, _ := pairOf(kind)
			want.Name, want.Type = "orders", string(kind)
			NewWithT(t).Expect(connectionRequest(c, "", values)).To(Equal(want))
		})
	}
}

func TestConnectionRequestNameAndRegion(t *testing.T) {
	g := NewWithT(t)
	c, _ := pairOf(v1alpha1.TypeSample)
	c.Spec.Name, c.Spec.Region = "sample_stream_solar", "US_EAST_1"
	request := connectionRequest(c, "", referred{})
	g.Expect(request.Name).To(Equal("sample_stream_solar"))
	g.Expect(request.Region).To(Equal("US_EAST_1"))
}

func TestConnectionRequestOfTheOwnProject(t *testing.T) {
	g := NewWithT(t)
	c, _ := pairOf(v1alpha1.TypeCluster)
	c.Spec.Cluster.ClusterProjectID = testProject
	g.Expect(connectionRequest(c, "", referred{}).ClusterProjectID).To(BeEmpty())
	c.Spec.Cluster.ClusterProjectID = testLink
	g.Expect(connectionRequest(c, "", referred{}).ClusterProjectID).To(Equal(testLink))
}

func TestConnectionRequestClearsMaps(t *testing.T) {
	g := NewWithT(t)
	kafka, _ := pairOf(v1alpha1.TypeKafka)
	kafka.Spec.Kafka.Config = nil
	g.Expect(connectionRequest(kafka, "", referred{}).Config).To(And(BeEmpty(), Not(BeNil())))
	https, _ := pairOf(v1alpha1.TypeHTTPS)
	https.Spec.HTTPS.Headers = nil
	g.Expect(connectionRequest(https, "", referred{}).Headers).To(And(BeEmpty(), Not(BeNil())))
	for _, kind := range allTypes {
		c, _ := pairOf(kind)
		request := connectionRequest(c, "", referred{})
		g.Expect(request.Config != nil).To(Equal(kind == v1alpha1.TypeKafka), "config of %s", kind)
		g.Expect(request.Headers != nil).To(Equal(kind == v1alpha1.TypeHTTPS), "headers of %s", kind)
	}
}

func TestNetworkingRequest(t *testing.T) {
	for name, c := range map[string]struct {
		networking *v1alpha1.ConnectionNetworking
		want       *atlas.Networking
	}{
		"none":            {nil, nil},
		"PUBLIC":          {&v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPublic}, nil},
		"without type":    {&v1alpha1.ConnectionNetworking{}, nil},
		"VPC":             {&v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingVPC}, &atlas.Networking{Access: atlas.NetworkingAccess{Type: "VPC"}}},
		"a link by id":    {&v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, ConnectionID: "byid"}, &atlas.Networking{Access: atlas.NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: "byid"}}},
		"a link by name":  {&v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: "link"}}, &atlas.Networking{Access: atlas.NetworkingAccess{Type: "PRIVATE_LINK", ConnectionID: testLink}}},
		"transit gateway": {&v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingTransitGateway, TGWRouteID: "r"}, &atlas.Networking{Access: atlas.NetworkingAccess{Type: "TRANSIT_GATEWAY", TGWRouteID: "r"}}},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(networkingRequest(c.networking, testLink)).To(Equal(c.want))
		})
	}
}

func TestKafkaAuthenticationRequest(t *testing.T) {
	values := loaded(map[string]map[string]string{
		"Secret/s":   {"client": "client-secret", "key": "ssl-key", "pass": "key-password"},
		"Secret/tls": {"tls.crt": "cert", "tls.key": "tls-key"},
	})
	for name, c := range map[string]struct {
		spec v1alpha1.KafkaAuthentication
		want atlas.KafkaAuthentication
	}{
		"OAUTHBEARER": {
			v1alpha1.KafkaAuthentication{Mechanism: "OAUTHBEARER", Method: "OIDC", TokenEndpointURL: "https://t", ClientID: "id", ClientSecretRef: key("s", "client"), Scope: "all", SASLOAuthBearerExtensions: "a=b"},
			atlas.KafkaAuthentication{Mechanism: "OAUTHBEARER", Method: "OIDC", TokenEndpointURL: "https://t", ClientID: "id", ClientSecret: atlas.NewSecret("client-secret"), Scope: "all", SASLOAuthBearerExtensions: "a=b"},
		},
		"SSL by parts": {
			v1alpha1.KafkaAuthentication{Mechanism: "SSL", SSLCertificate: "cert", SSLKeySecretRef: key("s", "key"), SSLKeyPasswordSecretRef: key("s", "pass")},
			atlas.KafkaAuthentication{Mechanism: "SSL", SSLCertificate: "cert", SSLKey: atlas.NewSecret("ssl-key"), SSLKeyPassword: atlas.NewSecret("key-password")},
		},
		"SSL by a TLS Secret": {
			v1alpha1.KafkaAuthentication{Mechanism: "SSL", TLSSecretRef: &v1alpha1.LocalReference{Name: "tls"}},
			atlas.KafkaAuthentication{Mechanism: "SSL", SSLCertificate: "cert", SSLKey: atlas.NewSecret("tls-key")},
		},
		"AWS_MSK_IAM": {
			v1alpha1.KafkaAuthentication{Mechanism: "AWS_MSK_IAM", AWSRoleARN: "arn"},
			atlas.KafkaAuthentication{Mechanism: "AWS_MSK_IAM", AWS: atlas.AWSConfig{RoleARN: "arn"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec := v1alpha1.StreamConnectionSpec{Kafka: &v1alpha1.KafkaConnection{Authentication: &c.spec}}
			request := connectionRequest(&v1alpha1.StreamConnection{Spec: spec}, "", values)
			NewWithT(t).Expect(*request.KafkaAuthentication).To(Equal(c.want))
		})
	}
}

func TestKafkaWithoutAuthenticationAndSecurity(t *testing.T) {
	g := NewWithT(t)
	c, _ := pairOf(v1alpha1.TypeKafka)
	c.Spec.Kafka.Authentication, c.Spec.Kafka.Security = nil, nil
	request := connectionRequest(c, "", referred{})
	g.Expect(request.KafkaAuthentication).To(BeNil())
	g.Expect(request.KafkaSecurity).To(BeNil())
}

func TestBrokerCertificateFromAReference(t *testing.T) {
	c, _ := pairOf(v1alpha1.TypeKafka)
	c.Spec.Kafka.Security = &v1alpha1.KafkaSecurity{Protocol: "SSL", BrokerPublicCertificateRef: &v1alpha1.CertificateReference{Kind: credentials.KindConfigMap, Name: "ca", Key: "ca.crt"}}
	// A Secret of the same name and key is not meant.
	values := loaded(map[string]map[string]string{"ConfigMap/ca": {"ca.crt": "pem"}, "Secret/ca": {"ca.crt": "other"}})
	NewWithT(t).Expect(connectionRequest(c, "", values).KafkaSecurity.BrokerPublicCertificate).To(Equal("pem"))
}
