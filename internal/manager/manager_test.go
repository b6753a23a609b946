package manager

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/validation"
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

// A Deployment that gives its Lease a name has one leader while a new scope rolls out.
func TestNamedLeaseStaysWhenTheScopeChanges(t *testing.T) {
	g := NewWithT(t)
	for _, scope := range [][]string{nil, {"--watch-namespaces=shop"}, {"--watch-label-selector=shard=a"}} {
		g.Expect(leaseOf(t, append(scope, "--leader-election-id=release")...)).To(Equal("release"))
	}
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
