package soak_test

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// planted begins every secret value.
const planted = "planted-"

// tenants are namespaces, each with an Atlas project of its own, two workspaces in it, and an account of its own.
const tenants = 4

var workspaces = []string{"orders", "payments"}

// tenant is one of them.
type tenant struct {
	namespace, project, clientID string
}

func newTenant(i int) tenant {
	return tenant{
		namespace: fmt.Sprintf("soak-%d", i), project: fmt.Sprintf("%024x", 0x50a000+i), clientID: fmt.Sprintf("mdb_sa_id_soak_%d", i),
	}
}

func (t tenant) clientSecret() string { return planted + "client-secret-" + t.namespace }
func (t tenant) password() string     { return planted + "password-" + t.namespace }
func (t tenant) meta(n string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: t.namespace, Name: n}
}

func (t tenant) secrets() []*corev1.Secret {
	return []*corev1.Secret{
		{ObjectMeta: t.meta("atlas"), StringData: map[string]string{"clientId": t.clientID, "clientSecret": t.clientSecret()}},
		{ObjectMeta: t.meta("kafka"), StringData: map[string]string{"password": t.password()}},
		{ObjectMeta: t.meta("headers"), StringData: map[string]string{"Authorization": planted + "header-" + t.namespace}},
	}
}

func (t tenant) managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: t.project, CredentialsRef: &v1alpha1.LocalReference{Name: "atlas"}}
}

// link is one of many links that differ in nothing but their domain.
func (t tenant) link(i int) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta(linkName(i)), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: t.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: "us-east-1",
		ServiceEndpointID: "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
		DNSDomain:         linkName(i) + ".us-east-1.aws.confluent.cloud", DNSSubDomain: []string{},
	}}
}

func linkName(i int) string { return fmt.Sprintf("link-%d", i) }

// connection is, in turn, Kafka over the tenant's link of the same number, Kafka in public, HTTPS with a secret header,
// and HTTPS without secrets.
func (t tenant) connection(i int) *v1alpha1.StreamConnection {
	c := &v1alpha1.StreamConnection{ObjectMeta: t.meta(fmt.Sprintf("connection-%d", i)), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: t.managedSpec(), WorkspaceName: workspaces[i%len(workspaces)],
	}}
	kind := i / len(workspaces) % 4
	if kind < 2 {
		c.Spec.Type, c.Spec.Kafka = v1alpha1.TypeKafka, &v1alpha1.KafkaConnection{
			BootstrapServers: "broker.us-east-1.aws.confluent.cloud:9092",
			Authentication: &v1alpha1.KafkaAuthentication{
				Mechanism: "PLAIN", Username: "soak",
				PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: "kafka", Key: "password"},
			},
			Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
		}
	} else {
		c.Spec.Type, c.Spec.HTTPS = v1alpha1.TypeHTTPS, &v1alpha1.HTTPSConnection{URL: "https://example.com/" + c.Name}
	}
	switch kind {
	case 0:
		c.Spec.Networking = &v1alpha1.ConnectionNetworking{
			Type: v1alpha1.NetworkingPrivateLink, PrivateLinkRef: &v1alpha1.LocalReference{Name: linkName(i)},
		}
	case 2:
		c.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "headers"}
	}
	return c
}
