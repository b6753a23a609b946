package main

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

func leaseOf(t *testing.T, args ...string) string {
	t.Helper()
	o, err := parse(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	return o.leaseName()
}

func TestLeaseNamePerScope(t *testing.T) {
	g := NewWithT(t)
	g.Expect(leaseOf(t)).To(Equal("atlas-streams-operator"))
	g.Expect(leaseOf(t, "--watch-namespaces=,")).To(Equal("atlas-streams-operator"), "no namespace is all")

	shop := leaseOf(t, "--watch-namespaces=shop,stock")
	g.Expect(leaseOf(t, "--watch-namespaces= stock , shop")).To(Equal(shop), "order and spaces do not count")
	different := []string{
		"atlas-streams-operator", shop, leaseOf(t, "--watch-namespaces=shop"), leaseOf(t, "--watch-label-selector=shard=a"),
		leaseOf(t, "--watch-label-selector=shard=b"), leaseOf(t, "--watch-namespaces=shop", "--watch-label-selector=shard=a"),
	}
	seen := map[string]bool{}
	for _, name := range different {
		g.Expect(seen[name]).To(BeFalse(), "%s twice in %v", name, different)
		seen[name] = true
		g.Expect(validation.IsDNS1123Subdomain(name)).To(BeEmpty())
	}
}

func TestCacheScope(t *testing.T) {
	cacheOf := func(g Gomega, args ...string) cache.Options {
		o, err := parse(t, args...)
		g.Expect(err).NotTo(HaveOccurred())
		scope, err := o.cache()
		g.Expect(err).NotTo(HaveOccurred())
		return scope
	}
	t.Run("everything", func(t *testing.T) {
		g := NewWithT(t)
		scope := cacheOf(g)
		g.Expect(scope.DefaultNamespaces).To(BeEmpty())
		g.Expect(scope.ByObject).To(BeEmpty())
	})
	t.Run("namespaces", func(t *testing.T) {
		g := NewWithT(t)
		scope := cacheOf(g, "--watch-namespaces=shop,stock")
		g.Expect(scope.DefaultNamespaces).To(And(HaveLen(2), HaveKey("shop"), HaveKey("stock")))
		g.Expect(scope.ByObject).To(BeEmpty())
	})
	t.Run("the Secret of the default credentials is seen from outside the namespaces", func(t *testing.T) {
		g := NewWithT(t)
		scope := cacheOf(g, "--watch-namespaces=shop", "--default-credentials=ops/atlas")
		g.Expect(scope.DefaultNamespaces).To(And(HaveLen(1), HaveKey("shop")))
		g.Expect(scope.ByObject).To(HaveLen(1))
		for object, by := range scope.ByObject {
			metadata, ok := object.(*metav1.PartialObjectMetadata)
			g.Expect(ok).To(BeTrue())
			g.Expect(metadata.Kind).To(Equal("Secret"))
			g.Expect(by.Namespaces).To(And(HaveLen(2), HaveKey("shop"), HaveKey("ops")))
		}
	})
	t.Run("a selector cuts our kinds only", func(t *testing.T) {
		g := NewWithT(t)
		scope := cacheOf(g, "--watch-label-selector=shard=a")
		g.Expect(scope.DefaultLabelSelector).To(BeNil())
		for object, by := range scope.ByObject {
			_, ours := object.(v1alpha1.Managed)
			g.Expect(ours).To(BeTrue())
			g.Expect(by.Label.String()).To(Equal("shard=a"))
		}
		g.Expect(len(scope.ByObject)).To(BeNumerically(">=", 2))
	})
}

func TestMetricsAreGuarded(t *testing.T) {
	g := NewWithT(t)
	secure, err := parse(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(secure.metrics().SecureServing).To(BeTrue())
	g.Expect(secure.metrics().FilterProvider).NotTo(BeNil(), "callers have to be authorized")
	plain, err := parse(t, "--metrics-secure=false", "--metrics-bind-address=0")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(plain.metrics().SecureServing).To(BeFalse())
	g.Expect(plain.metrics().FilterProvider).To(BeNil())
	g.Expect(plain.metrics().BindAddress).To(Equal("0"))
}
