package soak_test

import (
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/test/internal/manifest"
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

func (t tenant) secrets() []client.Object {
	return []client.Object{
		manifest.Secret(t.namespace, "atlas", map[string]string{"clientId": t.clientID, "clientSecret": t.clientSecret()}),
		manifest.Password(t.namespace, t.password()),
		manifest.Secret(t.namespace, "headers", map[string]string{"Authorization": planted + "header-" + t.namespace}),
	}
}

// link is one of many links that differ in nothing but their domain.
func (t tenant) link(i int) *v1alpha1.StreamPrivateLink {
	link := manifest.Link(t.namespace, linkName(i))
	link.Spec.ProjectID = t.project
	return link
}

func linkName(i int) string { return fmt.Sprintf("link-%d", i) }

// connection is, in turn, Kafka over the tenant's link of the same number, Kafka in public, HTTPS with a secret header,
// and HTTPS without secrets.
func (t tenant) connection(i int) *v1alpha1.StreamConnection {
	name, kind := fmt.Sprintf("connection-%d", i), i/len(workspaces)%4
	c := manifest.Kafka(t.namespace, name)
	if kind >= 2 {
		c = manifest.HTTPS(t.namespace, name)
	}
	switch kind {
	case 0:
		manifest.Over(linkName(i), c)
	case 2:
		c.Spec.HTTPS.HeadersSecretRef = &v1alpha1.LocalReference{Name: "headers"}
	}
	c.Spec.ProjectID, c.Spec.WorkspaceName = t.project, workspaces[i%len(workspaces)]
	return c
}
