// Package manifest holds what many tests create: a namespace, Secrets, and resources of every kind in the simulator's
// default project.
package manifest

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv/keypair"
)

// Meta names an object.
func Meta(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name}
}

// Namespace is one without labels.
func Namespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// Secret holds texts.
func Secret(namespace, name string, values map[string]string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: Meta(namespace, name), StringData: values}
}

// Credentials is the Secret that the resources name, with an account that the simulator knows.
func Credentials(namespace string) *corev1.Secret {
	return Secret(namespace, "atlas", map[string]string{
		"clientId": atlastest.DefaultClientID, "clientSecret": atlastest.DefaultClientSecret,
	})
}

// Password is the Secret that Kafka connections name.
func Password(namespace, password string) *corev1.Secret {
	return Secret(namespace, "kafka", map[string]string{"password": password})
}

// Certificate is a new one, valid for a year, for fields in which any does.
func Certificate() string {
	return keypair.New().Certificate(time.Now(), time.Now().AddDate(1, 0, 0))
}

func managed() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{
		ProjectID: atlastest.DefaultProjectID, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"},
	}
}

// Link is a link to a dedicated Confluent cluster on AWS; those of other names have other domains.
func Link(namespace, name string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: Meta(namespace, name), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: managed(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
		DNSDomain:         name + ".us-east-1.aws.confluent.cloud", DNSSubDomain: []string{},
	}}
}

// S3Link is a link to the buckets of a region.
func S3Link(namespace, name, region string) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: Meta(namespace, name), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: managed(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorS3, Region: region,
		ServiceEndpointID: "com.amazonaws." + region + ".s3",
	}}
}

// Kafka is a public connection with a password.
func Kafka(namespace, name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: Meta(namespace, name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: managed(), WorkspaceName: atlastest.DefaultWorkspace, Type: v1alpha1.TypeKafka,
		Kafka: &v1alpha1.KafkaConnection{
			BootstrapServers: "lkc-1.us-east-1.aws.confluent.cloud:9092",
			Authentication: &v1alpha1.KafkaAuthentication{
				Mechanism: "PLAIN", Username: "orders",
				PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
			},
			Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
		},
	}}
}

// HTTPS is a public connection without any secret.
func HTTPS(namespace, name string) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: Meta(namespace, name), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: managed(), WorkspaceName: atlastest.DefaultWorkspace, Type: v1alpha1.TypeHTTPS,
		HTTPS: &v1alpha1.HTTPSConnection{URL: "https://example.com/" + name},
	}}
}

// Over leads a connection over a link, and returns it.
func Over(link string, connection *v1alpha1.StreamConnection) *v1alpha1.StreamConnection {
	connection.Spec.Networking = &v1alpha1.ConnectionNetworking{
		Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: link},
	}
	return connection
}

// Service looks at the clusters' private endpoint service in one region of AWS.
func Service(namespace, name string) *v1alpha1.PrivateEndpointService {
	return &v1alpha1.PrivateEndpointService{ObjectMeta: Meta(namespace, name), Spec: v1alpha1.PrivateEndpointServiceSpec{
		ProjectID: atlastest.DefaultProjectID, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"},
		CloudProvider: v1alpha1.ProviderAWS, RegionName: "us-east-1",
	}}
}
