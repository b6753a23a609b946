package soak_test

import (
	"fmt"
	"maps"
	"slices"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/kubetest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// intruders is the namespace of another team. It knows the projects of the tenants, has an account that may read them,
// and may use the operator's default credentials. It tries to keep the tenants from their objects, and to get at what is
// nobody's here.
const intruders = "soak-intruders"

// platform is the namespace of the operator's default credentials.
const platform = "soak-platform"

// blocked is how many links and connections of a round have a rival in the namespace of the intruders.
const blocked = 8

// allowIntruders makes the namespaces and accounts.
func (s *stage) allowIntruders() {
	projects := make([]string, 0, len(s.tenants))
	for _, t := range s.tenants {
		projects = append(projects, t.project)
	}
	s.Create(manifest.Namespace(intruders), manifest.Namespace(platform))
	account := func(namespace, name, clientID string, options ...atlastest.CredentialOption) *corev1.Secret {
		secret := planted + "client-secret-" + clientID
		s.atlas.AddServiceAccount(clientID, secret, append(options, atlastest.ForProjects(projects...))...)
		return manifest.Secret(namespace, name, map[string]string{"clientId": clientID, "clientSecret": secret})
	}
	defaults := account(platform, "atlas", "mdb_sa_id_platform")
	defaults.StringData["projectIds"] = fmt.Sprintf("%s,%s,%s,%s", projects[0], projects[1], projects[2], projects[3])
	s.Create(defaults,
		account(intruders, "reader", "mdb_sa_id_reader", atlastest.ReadOnly(true)),
		account(intruders, "refused", "mdb_sa_id_refused", atlastest.Disabled(true)),
		manifest.Password(intruders, planted+"password-intruders"))
}

// defaultCredentials are the flags of the manager.
var defaultCredentials = []string{
	"--default-credentials=" + platform + "/atlas", "--default-credentials-namespaces=" + intruders,
}

// block creates, before the tenants' resources, older ones that mean the same objects and have no working credentials.
func (s *stage) block() {
	for i := range min(blocked, len(s.links)) {
		link, connection := s.links[i].DeepCopy(), s.connections[i].DeepCopy()
		for _, r := range []v1alpha1.Managed{link, connection} {
			r.SetNamespace(intruders)
			r.SetName(fmt.Sprintf("block-%s-%d", r.GetName(), i))
			r.GetManagedSpec().CredentialsRef = &v1alpha1.LocalReference{Name: []string{"missing", "refused"}[i%2]}
		}
		connection.Spec.Name = s.connections[i].Name
		s.Create(link, connection)
	}
}

// take adopts every link that is nobody's here: with an account that may only read, which is then exchanged for the
// default credentials, or with the default credentials themselves and a policy that is then changed. Then it deletes.
func (s *stage) take() {
	var taken []*v1alpha1.StreamPrivateLink
	for i, id := range slices.Sorted(maps.Keys(s.foreignLinks)) {
		link := manifest.Link(intruders, fmt.Sprintf("take-%d", i))
		link.Spec.ProjectID, link.Spec.ImportID = s.foreignLinks[id].project, id
		link.Spec.DNSDomain = s.foreignLinks[id].domain
		link.Spec.CredentialsRef = nil
		link.Spec.DeletionPolicy = v1alpha1.Retain
		if i%2 == 0 {
			link.Spec.CredentialsRef = &v1alpha1.LocalReference{Name: "reader"}
			link.Spec.DeletionPolicy = v1alpha1.Delete
		}
		s.Create(link)
		taken = append(taken, link)
	}
	for _, link := range taken {
		s.Eventually(func() v1alpha1.Ownership { s.Reload(link); return link.Status.Ownership }).
			WithTimeout(patience).WithPolling(polling).Should(Equal(v1alpha1.OwnershipAdopted), "what %s takes", link.Name)
		kubetest.Edit(s.Client, link, func(l *v1alpha1.StreamPrivateLink) {
			l.Spec.CredentialsRef, l.Spec.DeletionPolicy = nil, v1alpha1.Delete
		})
		s.Delete(link)
	}
	for _, link := range taken {
		s.Eventually(s.Gone).WithArguments(link).WithTimeout(patience).WithPolling(polling).Should(BeTrue(), "%s goes", link.Name)
	}
}

// spy names the tenants' links, which must not keep anybody from deleting them.
func (s *stage) spy() {
	for i := range min(blocked, len(s.links)) {
		c := manifest.Kafka(intruders, fmt.Sprintf("spy-%d", i))
		c.Spec.ProjectID, c.Spec.WorkspaceName = s.links[i].Spec.ProjectID, workspaces[0]
		c.Spec.CredentialsRef = &v1alpha1.LocalReference{Name: "reader"}
		c.Spec.ManagementPolicy = v1alpha1.Observe
		c.Spec.Networking = &v1alpha1.ConnectionNetworking{Type: v1alpha1.NetworkingPrivateLink, ConnectionID: s.links[i].Status.ID}
		s.Create(c)
	}
}

// dismiss deletes what the intruders have left, without a word to Atlas.
func (s *stage) dismiss() {
	for _, kind := range []client.Object{&v1alpha1.StreamPrivateLink{}, &v1alpha1.StreamConnection{}} {
		s.Expect(s.Kube.DeleteAllOf(s.t.Context(), kind, client.InNamespace(intruders))).To(Succeed())
	}
	abandon := client.RawPatch(types.MergePatchType, []byte(fmt.Sprintf(`{"metadata":{"annotations":{%q:"true"}}}`, v1alpha1.AnnotationAbandon)))
	s.Eventually(func(g Gomega) {
		var links v1alpha1.StreamPrivateLinkList
		var connections v1alpha1.StreamConnectionList
		g.Expect(s.Kube.List(s.t.Context(), &links, client.InNamespace(intruders))).To(Succeed())
		g.Expect(s.Kube.List(s.t.Context(), &connections, client.InNamespace(intruders))).To(Succeed())
		for i := range links.Items {
			g.Expect(client.IgnoreNotFound(s.Kube.Patch(s.t.Context(), &links.Items[i], abandon))).To(Succeed())
		}
		for i := range connections.Items {
			g.Expect(client.IgnoreNotFound(s.Kube.Patch(s.t.Context(), &connections.Items[i], abandon))).To(Succeed())
		}
		g.Expect(len(links.Items) + len(connections.Items)).To(BeZero())
	}).WithTimeout(patience).WithPolling(polling).Should(Succeed(), "the intruders' resources")
}
