package manager

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
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
	g.Expect(leaseOf(t, "--watch-namespaces=shop,stock,shop")).To(Equal(shop), "nor does what is named twice")
	g.Expect(leaseOf(t, "--watch-label-selector=tier = x , shard in (b,a)")).To(Equal(leaseOf(t, "--watch-label-selector=shard in (a, b),tier=x")))
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

// A Deployment with a named Lease has one leader while a new scope rolls out.
func TestNamedLeaseStaysWhenTheScopeChanges(t *testing.T) {
	g := NewWithT(t)
	for _, scope := range [][]string{nil, {"--watch-namespaces=shop"}, {"--watch-label-selector=shard=a"}} {
		g.Expect(leaseOf(t, append(scope, "--leader-election-id=release")...)).To(Equal("release"))
	}
}

var guardedHost = Host{MetricsFilter: func(*rest.Config, *http.Client) (metricsserver.Filter, error) { return nil, nil }}

func TestMetricsAreGuarded(t *testing.T) {
	g := NewWithT(t)
	settings := func(host Host, args ...string) (ctrl.Options, error) {
		o, err := parse(t, args...)
		g.Expect(err).NotTo(HaveOccurred())
		return o.manager(host)
	}
	secure, err := settings(guardedHost)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(secure.Metrics.SecureServing).To(BeTrue())
	g.Expect(secure.Metrics.FilterProvider).NotTo(BeNil(), "callers have to be authorized")
	_, err = settings(Host{})
	g.Expect(err).To(MatchError(ContainSubstring("--metrics-secure")), "nothing guards them")
	_, err = settings(Host{}, "--metrics-bind-address=0")
	g.Expect(err).NotTo(HaveOccurred(), "nothing to guard")

	plain, err := settings(guardedHost, "--metrics-secure=false", "--metrics-bind-address=0")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(plain.Metrics.SecureServing).To(BeFalse())
	g.Expect(plain.Metrics.FilterProvider).To(BeNil())
	g.Expect(plain.Metrics.BindAddress).To(Equal("0"))
}
