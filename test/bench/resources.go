package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
)

const (
	region           = "us-east-1"
	clusterRole      = "readWriteAnyDatabase"
	bootstrapServers = "broker.us-east-1.aws.confluent.cloud:9092"
	secretName       = "atlas"
	kafkaSecretName  = "kafka"
	kafkaSecretKey   = "password"
	privateKeySuffix = "-private"
)

// tenant is a namespace with an Atlas project of its own, whose credential no other tenant has.
type tenant struct {
	namespace, project string
	workspaces         []string
	// apiKey says that the credential is an API key and not a service account.
	apiKey bool
}

func newTenant(i, workspaces int) tenant {
	t := tenant{namespace: fmt.Sprintf("bench-%d", i), project: fmt.Sprintf("%024x", 0xbe0c0000+i)}
	for j := range workspaces {
		t.workspaces = append(t.workspaces, fmt.Sprintf("workspace-%d", j))
	}
	return t
}

// credential is the id and the secret, for this simulator only.
func (t tenant) credential() (id, secret string) {
	id = "credential-" + t.namespace
	return id, id + privateKeySuffix
}

// register makes Atlas know the tenant.
func (t tenant) register(server *atlastest.Server) {
	for _, workspace := range t.workspaces {
		server.AddWorkspace(t.project, workspace)
	}
	server.AddProject(t.project)
	id, secret := t.credential()
	if t.apiKey {
		server.AddAPIKey(id, secret, atlastest.ForProjects(t.project))
	} else {
		server.AddServiceAccount(id, secret, atlastest.ForProjects(t.project))
	}
}

// surroundings are the namespace and the Secrets.
func (t tenant) surroundings() []client.Object {
	id, secret := t.credential()
	keys := map[string]string{"clientId": id, "clientSecret": secret}
	if t.apiKey {
		keys = map[string]string{"publicApiKey": id, "privateApiKey": secret}
	}
	return []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: t.namespace}},
		&corev1.Secret{ObjectMeta: t.meta(secretName), StringData: keys},
		&corev1.Secret{ObjectMeta: t.meta(kafkaSecretName), StringData: map[string]string{kafkaSecretKey: "secret"}},
	}
}

func (t tenant) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: t.namespace, Name: name}
}

func (t tenant) managedSpec() v1alpha1.ManagedSpec {
	return v1alpha1.ManagedSpec{ProjectID: t.project, CredentialsRef: &v1alpha1.LocalReference{Name: secretName}}
}

func linkName(i int) string { return fmt.Sprintf("link-%05d", i) }

// endpointService is a service of the link's own, as each Confluent network has one.
func endpointService(i int) string {
	return fmt.Sprintf("com.amazonaws.vpce.%s.vpce-svc-%017x", region, i)
}

// link is one of many, each to another service.
func (t tenant) link(i int) *v1alpha1.StreamPrivateLink {
	return &v1alpha1.StreamPrivateLink{ObjectMeta: t.meta(linkName(i)), Spec: v1alpha1.StreamPrivateLinkSpec{
		ManagedSpec: t.managedSpec(), Provider: v1alpha1.ProviderAWS, Vendor: v1alpha1.VendorConfluent, Region: region,
		ServiceEndpointID: endpointService(i), DNSDomain: linkName(i) + ".example.com", DNSSubDomain: []string{},
	}}
}

func connectionName(workspace, i int) string { return fmt.Sprintf("connection-%d-%05d", workspace, i) }

// cluster is a connection to an Atlas cluster, for which the POST answers READY.
func (t tenant) cluster(workspace, i int) *v1alpha1.StreamConnection {
	c := t.connection(workspace, i)
	c.Spec.Type, c.Spec.Cluster = v1alpha1.TypeCluster, &v1alpha1.ClusterConnection{
		ClusterName: "orders", DBRoleToExecute: v1alpha1.DBRoleToExecute{Role: clusterRole, Type: "BUILT_IN"},
	}
	return c
}

// mixed is, in turn, two connections to a cluster, one over HTTPS and one to Kafka with a password from a Secret. The
// POST answers READY for each of them.
func (t tenant) mixed(workspace, i int) *v1alpha1.StreamConnection {
	c := t.connection(workspace, i)
	switch i % 4 {
	case 0:
		c.Spec.Type, c.Spec.HTTPS = v1alpha1.TypeHTTPS, &v1alpha1.HTTPSConnection{URL: "https://example.com/" + c.Name}
	case 1:
		c.Spec.Type, c.Spec.Kafka = v1alpha1.TypeKafka, &v1alpha1.KafkaConnection{
			BootstrapServers: bootstrapServers,
			Authentication: &v1alpha1.KafkaAuthentication{
				Mechanism: "PLAIN", Username: "bench",
				PasswordSecretRef: &v1alpha1.SecretKeyReference{Name: kafkaSecretName, Key: kafkaSecretKey},
			},
			Security: &v1alpha1.KafkaSecurity{Protocol: "SASL_SSL"},
		}
	default:
		return t.cluster(workspace, i)
	}
	return c
}

func (t tenant) connection(workspace, i int) *v1alpha1.StreamConnection {
	return &v1alpha1.StreamConnection{ObjectMeta: t.meta(connectionName(workspace, i)), Spec: v1alpha1.StreamConnectionSpec{
		ManagedSpec: t.managedSpec(), WorkspaceName: t.workspaces[workspace],
	}}
}
