package charts_test

import (
	"testing"

	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/test/internal/manifest"
)

// leaseOf is the name of the Lease of a release, which the rights have to be for.
func leaseOf(t *testing.T, release, namespace string, args ...string) string {
	t.Helper()
	g := NewWithT(t)
	all := template(t, release, operatorChart, namespace, args...)
	name := flagValue(all.deployment(t).Spec.Template.Spec.Containers[0].Args, "leader-election-id")
	for _, object := range all.ofKind("Role") {
		role := &rbacv1.Role{}
		g.Expect(runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, role)).To(Succeed())
		for _, rule := range role.Rules {
			switch {
			case rule.Resources[0] != "leases":
			case rule.Verbs[0] == "create":
				g.Expect(rule.Verbs).To(HaveLen(1))
				g.Expect(rule.ResourceNames).To(BeEmpty(), "a creation has no name that could be checked")
			default:
				g.Expect(rule.ResourceNames).To(Equal([]string{name}))
			}
		}
	}
	return name
}

// The Lease is that of the release, whatever its values.
func TestLeaseIsNamedByTheRelease(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	for _, set := range []string{
		"replicas=1", "watch.namespaces={a,b}", "watch.labelSelector=shard=a", "nameOverride=x", "fullnameOverride=y",
	} {
		g.Expect(leaseOf(t, "shop", "ops", "--set", set)).To(Equal("shop-atlas-streams-operator"), set)
	}
	g.Expect(leaseOf(t, operatorName, operatorNamespace)).To(Equal(operatorName), "as in the static install")
	shared := []string{"--set", "leaderElection.namespace=leases"}
	g.Expect(leaseOf(t, "shop", "a", shared...)).NotTo(Equal(leaseOf(t, "shop", "b", shared...)))
	g.Expect(leaseOf(t, "shop", "leases", shared...)).To(Equal("shop-atlas-streams-operator"))
}

// While a changed scope rolls out, the pod with the new one waits until the pod with the old one has ended.
func TestChangedScopeHasOneLeader(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	added := s.namespace + "-added"
	s.Create(manifest.Namespace(added), manifest.Credentials(added))
	name := s.release + "-atlas-streams-operator-controller-manager"
	s.mustHelm(t, s.operatorArgs("install", "--set", "watch.namespaces={"+s.namespace+"}")...)
	t.Cleanup(s.uninstallOperator)
	stopOld := s.runManager(s.installed(s.namespace, name))
	holder := func() string {
		leases := &coordinationv1.LeaseList{}
		s.Expect(s.kube.List(t.Context(), leases, client.InNamespace(s.namespace))).To(Succeed())
		s.Expect(len(leases.Items)).To(BeNumerically("<=", 1), "a Lease of its own would make a second leader")
		if len(leases.Items) == 0 || leases.Items[0].Spec.HolderIdentity == nil {
			return ""
		}
		return *leases.Items[0].Spec.HolderIdentity
	}
	s.Eventually(holder).ShouldNot(BeEmpty())
	old := holder()

	s.mustHelm(t, s.operatorArgs("upgrade", "--set", "watch.namespaces={"+s.namespace+","+added+"}")...)
	s.runManager(s.installed(s.namespace, name))
	link := newLink(added, "way")
	s.Create(link)
	s.Consistently(holder).Should(Equal(old))
	stopOld()
	s.AwaitReady(link)
	s.Expect(holder()).NotTo(Equal(old))
	s.Delete(link)
	s.AwaitGone(link)

	account := "--as=system:serviceaccount:" + s.namespace + ":" + name
	out, err := s.kubectl(t.Context(), "auth", "can-i", "update", "leases.coordination.k8s.io/other", "--namespace", s.namespace, account)
	s.Expect(out).To(HavePrefix("no"), "another Lease: %v", err)
}
