package manager

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/controller"
	"github.com/atlasstreams/operator/internal/testenv"
)

// A scrape shows what the cache holds, whether it is one of all namespaces or of some.
func TestAScrapeListsWhatTheCacheHolds(t *testing.T) {
	g := NewWithT(t)
	env := testenv.New(t, testenv.Options{})
	scheme := NewScheme()
	kube, err := client.New(env.Config, client.Options{Scheme: scheme})
	g.Expect(err).NotTo(HaveOccurred())
	for _, namespace := range []string{"default", "kube-public"} {
		g.Expect(kube.Create(t.Context(), &v1alpha1.PrivateEndpointService{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "one"},
			Spec:       v1alpha1.PrivateEndpointServiceSpec{ProjectID: "65f1c0de0000000000000001", CloudProvider: v1alpha1.ProviderAWS, ID: "65f1c0de0000000000000002"},
		})).To(Succeed())
	}
	for scope, want := range map[string][]string{"": {"default", "kube-public"}, "--watch-namespaces=default": {"default"}} {
		options := cacheOf(g, t, scope)
		options.Scheme = scheme
		all, err := cache.New(env.Config, options)
		g.Expect(err).NotTo(HaveOccurred())
		go func() { _ = all.Start(t.Context()) }()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		g.Expect(all.WaitForCacheSync(ctx)).To(BeTrue())
		var namespaces []string
		for _, kind := range controller.Kinds() {
			found, err := cached(ctx, all)(kind)
			g.Expect(err).NotTo(HaveOccurred())
			for _, resource := range found {
				namespaces = append(namespaces, resource.GetNamespace())
			}
		}
		g.Expect(namespaces).To(ConsistOf(want), scope)
	}
}
