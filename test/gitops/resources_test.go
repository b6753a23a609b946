package gitops_test

import (
	"github.com/atlasstreams/operator/api/v1alpha1"
)

func (s *stage) managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
}

// link is a link to a dedicated Confluent cluster on AWS.
func (s *stage) link(name string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: s.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
		DNSDomain:         name + ".us-east-1.aws.confluent.cloud", DNSSubDomain: []string{},
	}}
}

// kafka is a Kafka connection over a link.
func (s *stage) kafka(name, link string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: s.managedSpec(), WorkspaceName: workspace, Type: v1alpha1.TypeKafka,
		Kafka: &v1alpha1.KafkaConnection{
			BootstrapServers: "lkc-1.us-east-1.aws.confluent.cloud:9092",
			Authentication: &v1alpha1.KafkaAuthentication{
				Mechanism: "PLAIN", Username: "orders",
				PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
			},
			Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
		},
		Networking: &v1alpha1.ConnectionNetworking{
			Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: link},
		},
	}}
}

// https is a public connection without any secret.
func (s *stage) https(name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: s.meta(name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: s.managedSpec(), WorkspaceName: workspace, Type: v1alpha1.TypeHTTPS,
		HTTPS: &v1alpha1.HTTPSConnection{URL: "https://example.com/" + name},
	}}
}

// service looks at the clusters' private endpoint service in one region of AWS.
func (s *stage) service(name string) *v1alpha1.PrivateEndpointService {
	return &v1alpha1.PrivateEndpointService{ObjectMeta: s.meta(name), Spec: v1alpha1.PrivateEndpointServiceSpec{
		ProjectID: project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"},
		CloudProvider: v1alpha1.ProviderAWS, RegionName: "us-east-1",
	}}
}
